"""Search for the sender's settings, compiled: counts of a channel from its moments, and Nelder & Mead's simplex.

A channel of many samples enters by ``sum of pulses (1 - 2 noise) transmittance^k / k!``: detections of any intensity
are then a polynomial in it, exact to 1e-10 where intensity times transmittance is at most one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from accord.systems.qkd.kernels.proofs import block_length

__all__ = ["MOMENTS", "best", "channel_moments", "fill_counts", "length_at"]

MOMENTS = 14
_FAR = 1e6


@njit(cache=True)
def channel_moments(through, noise, pulses, out):
    """Fill `out`, shape (MOMENTS + 1,): empty detections, then the moments from order 0 (pulses not counted there)."""
    out[:] = 0.0
    for i in range(len(through)):
        weight = pulses[i] * (1.0 - 2.0 * noise[i])
        out[0] += 2.0 * noise[i] * pulses[i]
        for k in range(1, MOMENTS):
            weight *= through[i] / k
            out[k] += weight
        out[MOMENTS] += pulses[i]


@njit(cache=True)
def fill_counts(moments, basis, mu, p, afterpulse, misalignment, noise_errors, counts):
    """Fill `counts`, shape (4, 3): key, its errors, test, its errors, by intensity.

    Detections ``1 - (1 - 2 d) exp(-t m)`` with after-pulses; errors ``d + e (1 - exp(-t m)) + a D/2`` (Lim et al.
    2014).
    """
    for i in range(3):
        power, signal = 1.0, 0.0
        for k in range(1, MOMENTS):
            power *= -mu[i]
            signal -= power * moments[k]
        seen = moments[0] + signal
        wrong = noise_errors + misalignment * signal + 0.5 * afterpulse * seen
        seen *= 1.0 + afterpulse
        counts[0, i], counts[1, i] = basis**2 * p[i] * seen, basis**2 * p[i] * wrong
        other = (1.0 - basis) ** 2
        counts[2, i], counts[3, i] = other * p[i] * seen, other * p[i] * wrong


@njit(cache=True)
def _settings(free, low, high, mu3, decoys, found):
    """Set basis, p1, p2, mu1, mu2 in their ranges for any real numbers; mu1 > mu2 + mu3, p1 + p2 < 1."""
    for i in range(5):
        top = high[i]
        if i == 2:
            top = min(top, 1.0 - found[1] - 1e-6)
        if i == 4:
            top = min(top, found[3] - mu3 - 1e-6)
        if top <= low[i]:
            return False
        found[i] = low[i] + (top - low[i]) / (1.0 + math.exp(-min(max(free[i], -30.0), 30.0)))
    if decoys == 1:
        found[2] = 1.0 - found[1]
    return True


@njit(cache=True)
def length_at(settings, given):
    """Return the length and the pulses at (basis, p1, p2, mu1, mu2).

    `given` holds the least intensity, the moments, after-pulses, misalignment, the block, the terms (efficiency,
    secrecy, correctness), bounds, decoys, and flags (finite leak, capped errors). With a block above zero the pulses
    are as many as fill it; a negative secrecy is one a bit of a key of a quarter of the block.
    """
    mu3, moments, afterpulse, misalignment, block, terms, bounds, decoys, flags = given
    mu, p, counts = np.empty(3), np.empty(3), np.empty((4, 3))
    mu[0], mu[1], mu[2] = settings[3], settings[4], mu3
    p[0], p[1], p[2] = settings[1], settings[2], max(1.0 - settings[1] - settings[2], 0.0)
    fill_counts(moments, settings[0], mu, p, afterpulse, misalignment, 0.5 * moments[0], counts)
    pulses = moments[MOMENTS]
    if block > 0.0:
        scale = block / counts[0].sum()
        counts *= scale
        pulses *= scale
    secrecy = terms[1] if terms[1] > 0.0 else -terms[1] * block / 4.0
    found = block_length(
        counts[0], counts[1], counts[2], counts[3], mu, p, terms[0], secrecy, terms[2], bounds, decoys,
        flags[0], flags[1],
    )  # fmt: skip
    return found[0], pulses


@njit(cache=True)
def _loss(free, ranges, given, found):
    if not _settings(free, ranges[0], ranges[1], given[0], given[7], found):
        return _FAR
    length, pulses = length_at(found, given)
    if length != length:
        return _FAR
    if length > 1.0:
        return -math.log(length / pulses)
    return 100.0 + math.asinh(1.0 - length)  # not cut at zero: a search on the cut length sees only a plain


@njit(cache=True)
def _simplex(begin, stride, ranges, given, rounds, tolerance, found):
    """Run Nelder & Mead (1965) from `begin`, which becomes the best point; return its loss."""
    n = len(begin)
    points, values = np.empty((n + 1, n)), np.empty(n + 1)
    middle, trial = np.empty(n), np.empty(n)
    for i in range(n + 1):
        points[i] = begin
        if i:
            points[i, i - 1] += stride
        values[i] = _loss(points[i], ranges, given, found)
    for _ in range(rounds):
        order = np.argsort(values)
        first, second, last = order[0], order[n - 1], order[n]
        if values[last] - values[first] < tolerance:
            break
        for j in range(n):
            middle[j] = (points[:, j].sum() - points[last, j]) / n
        # reflect; then reach twice as far, or half as far on the better side
        trial[:] = 2.0 * middle - points[last]
        value = _loss(trial, ranges, given, found)
        better = value < values[first]
        reach = 2.0 if better else 0.5 if value < values[last] else -0.5
        if better or value >= values[second]:
            other = middle + reach * (middle - points[last])
            moved = _loss(other, ranges, given, found)
            if moved < value:
                trial[:], value = other, moved
        if value < values[last]:
            points[last], values[last] = trial, value
            continue
        for i in range(n + 1):
            if i != first:
                points[i] = 0.5 * (points[i] + points[first])
                values[i] = _loss(points[i], ranges, given, found)
    top = np.argmin(values)
    begin[:] = points[top]
    return values[top]


@njit(cache=True)
def best(starts, ranges, given, rounds, tolerance):
    """Return the best settings from several starts, shape (5,); each simplex is restarted twice."""
    top, top_loss, found = starts[0].copy(), math.inf, np.empty(5)
    for start in range(len(starts)):
        point, loss = starts[start].copy(), math.inf
        for again in range(3):
            stride = 0.5 if again == 0 else 0.15
            loss = _simplex(point, stride, ranges, given, rounds, tolerance, found)
        if loss < top_loss:
            top_loss = loss
            top[:] = point
    _settings(top, ranges[0], ranges[1], given[0], given[7], found)
    return found
