"""Members through the passes of a year over one station, compiled: cloud, success, counts, blocks of key."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from accord.physics.kernels.draws import normal, uniform
from accord.systems.qkd.kernels.proofs import block_length

__all__ = ["each_pass", "pass_counts", "run_year"]


@njit(cache=True)
def pass_counts(
    sums, weight, node, gain, seconds, noise, pulse_hz, sender, misalignment, afterpulse, dead_s, counts
):
    """Fill `counts`, shape (4, 3), of one pass.

    Detections ``f sum of dt (1 - (1 - 2 d) exp(-m eta))`` by the first three powers of ``m eta``, which a satellite's
    losses keep far below one; noise d of a detector in a gate.
    """
    basis, mu, p = sender
    empty = 2.0 * noise * seconds
    one = gain * (sums[node, 0] * (1.0 - weight) + sums[node + 1, 0] * weight)
    two = gain**2 * (sums[node, 1] * (1.0 - weight) + sums[node + 1, 1] * weight)
    three = gain**3 * (sums[node, 2] * (1.0 - weight) + sums[node + 1, 2] * weight)
    mean = 0.0
    for i in range(3):
        signal = (1.0 - 2.0 * noise) * mu[i] * (one - 0.5 * mu[i] * two + mu[i] ** 2 * three / 6.0)
        seen = empty + signal
        wrong = noise * seconds + misalignment * signal + 0.5 * afterpulse * seen
        counts[0, i] = seen * (1.0 + afterpulse) * pulse_hz * p[i]
        counts[1, i] = wrong * pulse_hz * p[i]
        mean += counts[0, i] / seconds
    live = 1.0 / (1.0 + 0.5 * mean * dead_s)  # two detectors of a basis share what is seen
    for i in range(3):
        for row in range(2):
            value = counts[row, i] * live
            counts[row, i] = basis**2 * value
            counts[row + 2, i] = (1.0 - basis) ** 2 * value


@njit(cache=True)
def _one_year(passes, sums, place, device, clear, seed, sender, source, terms, bounds, flags, pool, key, row):
    """Fill the key of one member and its row; `place` is the node of the grid and the weight of the next."""
    node, weight = place
    gain, dark_hz, share, misalignment, availability, memory_s = device
    counts, year_s = np.empty((4, 3)), 365.0 * 86400.0
    held, holding = np.zeros((len(key), 4, 3)), np.zeros(len(key), np.int64)
    state, cloud = normal(seed)
    before, first, latest, longest = -1.0, -1.0, -1.0, 0.0
    for k in range(len(passes)):
        when, month, satellite = passes[k, 0], int(passes[k, 1]), int(passes[k, 2])
        if before >= 0.0:
            keep = math.exp(-(when - before) / memory_s)
            state, fresh = normal(state)
            cloud = keep * cloud + math.sqrt(max(1.0 - keep * keep, 0.0)) * fresh
        before = when
        state, luck = uniform(state)
        if cloud >= clear[month] or luck >= availability:
            continue
        row[0] += 1.0
        noise = 0.5 * -math.expm1(-2.0 * source[1] * (dark_hz + share * passes[k, 4]))
        pass_counts(
            sums[k], weight, node, gain, passes[k, 3], noise, source[0], sender, misalignment, source[2], source[3],
            counts,
        )  # fmt: skip
        held[satellite] += counts
        holding[satellite] += 1
        if holding[satellite] < pool:
            continue
        block = held[satellite]
        length = block_length(
            block[0], block[1], block[2], block[3], sender[1], sender[2], terms[0], terms[1], terms[2], bounds, 2,
            flags[0], flags[1],
        )[0]  # fmt: skip
        held[satellite] = 0.0
        holding[satellite] = 0
        if length < 1.0:
            row[3] += 1.0
            continue
        key[satellite, month] += length
        row[1] = max(row[1], length)
        if latest >= 0.0:
            longest = max(longest, when - latest)
        else:
            first = when
        latest = when
    around = year_s if latest < 0.0 else first + year_s - latest  # the year closes on itself
    row[2] = max(longest, around)


@njit(cache=True)
def _place(grid, log_tau):
    """Return the node of the grid below a member's air, and the weight of the next."""
    node = min(max(np.searchsorted(grid, log_tau) - 1, 0), len(grid) - 2)
    return node, min(max((log_tau - grid[node]) / (grid[node + 1] - grid[node]), 0.0), 1.0)


@njit(cache=True)
def each_pass(passes, sums, grid, members, sender, source, terms, bounds, flags, out):
    """Fill `out`, shape (n, passes): the key of every pass as a block of its own; arguments as of `run_year`."""
    counts = np.empty((4, 3))
    for m in range(len(members)):
        node, weight = _place(grid, members[m, 0])
        for k in range(len(passes)):
            noise = 0.5 * -math.expm1(-2.0 * source[1] * (members[m, 2] + members[m, 3] * passes[k, 4]))
            pass_counts(
                sums[k], weight, node, members[m, 1], passes[k, 3], noise, source[0], sender, members[m, 4], source[2],
                source[3], counts,
            )  # fmt: skip
            out[m, k] = block_length(
                counts[0], counts[1], counts[2], counts[3], sender[1], sender[2], terms[0], terms[1], terms[2], bounds,
                2, flags[0], flags[1],
            )[0]  # fmt: skip


@njit(cache=True)
def run_year(
    passes, sums, grid, members, clear, seeds, sender, source, terms, bounds, flags, pool, key, rows
):
    """Fill the key of each member by month and by satellite, and what is told of its passes.

    Parameters
    ----------
    passes : float array, shape (passes, 5)
        Time [s], month, satellite, seconds in view, photons of the sky a second in the telescope.
    sums : float array, shape (passes, nodes, 3)
    members : float array, shape (n, 7)
        Log of the zenith's transmittance, gain of signal, dark counts a second, share of the sky's photons that a
        detector counts, misalignment, availability, persistence of cloud [s].
    clear : float array, shape (n, 12)
        Normal score below which a month is clear.
    seeds : uint64 array, shape (n,)
    sender : tuple of (basis, intensities, probabilities)
    source : float array
        Pulses a second, gate [s], after-pulses, dead time [s].
    key : float array, shape (n, satellites, 12)
    rows : float array, shape (n, 4)
        Passes used, largest key of a block [bit], longest time between passes with key [s], blocks that gave none.
    """
    for m in range(len(members)):
        place = _place(grid, members[m, 0])
        device = (members[m, 1], members[m, 2], members[m, 3], members[m, 4], members[m, 5], members[m, 6])
        _one_year(
            passes, sums, place, device, clear[m], seeds[m], sender, source, terms, bounds, flags, pool,
            key[m], rows[m],
        )  # fmt: skip
