"""Photons of a link one detection at a time: empty gates are jumped over, what is left is drawn in order."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from accord.physics.kernels.draws import uniform

__all__ = ["detect"]

_NEVER = np.int64(0x7FFFFFFFFFFFFFFF)


@njit(cache=True)
def _rates(through, noise, misalignment, mu, p, clicks, wrong):
    """Fill the share of pulses that click, cumulative over intensities, and of clicks that are wrong; return all."""
    total = 0.0
    for i in range(3):
        signal = -math.expm1(-through * mu[i])
        click = signal + 2.0 * noise * (1.0 - signal)
        wrong[i] = (noise * (1.0 - signal) + misalignment * signal) / click if click > 0.0 else 0.0
        total += p[i] * click
        clicks[i] = total
    return total


@njit(cache=True)
def _pick(cumulative, total, draw):
    if draw * total < cumulative[0]:
        return 0
    return 1 if draw * total < cumulative[1] else 2


@njit(cache=True)
def _settle(
    state,
    pulse,
    intensity,
    forced,
    wrong,
    basis,
    dead,
    afterpulse,
    blind,
    waiting,
    keep,
    at,
    counts,
    numbers,
    marks,
):
    """Draw bases and bits of a click, and book it unless its detector is blind; return the state and rows kept."""
    state, a = uniform(state)
    state, b = uniform(state)
    state, c = uniform(state)
    state, d = uniform(state)
    alice, bob, sent = int(a >= basis), int(b >= basis), int(c < 0.5)
    if forced >= 0:
        seen = forced
    elif alice == bob:
        seen = sent ^ int(d < wrong)
    else:
        seen = int(d < 0.5)
    if pulse < blind[seen]:
        return state, at
    blind[seen] = pulse + 1 + dead
    state, again = uniform(state)
    if again < afterpulse:
        waiting[seen] = pulse + 1 + dead
    if alice == bob:
        row = 2 * alice
        counts[row, intensity] += 1.0
        counts[row + 1, intensity] += 1.0 if seen != sent else 0.0
    if keep:
        numbers[at] = pulse
        marks[at, 0], marks[at, 1], marks[at, 2], marks[at, 3], marks[at, 4] = (
            alice,
            sent,
            intensity,
            bob,
            seen,
        )
    return state, at + 1


@njit(cache=True)
def detect(
    through, noise, pulses, mu, p, basis, misalignment, afterpulse, dead, seed, keep, counts, numbers, marks
):
    """Fill `counts`, shape (4, 3), and with `keep` `numbers` and `marks`; return how many detections there were.

    Parameters
    ----------
    through, noise : float array, shape (steps,)
        Transmittance with the receiver in it, noise of a detector in a gate.
    pulses : int array, shape (steps,)
    dead : int
        Pulses for which a detector is blind after a click.
    numbers : uint64 array, shape (n,)
    marks : uint8 array, shape (n, 5)
        Of the sender basis, bit and intensity, and basis and bit of the receiver.
    """
    state, at, last = np.uint64(seed), 0, np.int64(-1)
    clicks, wrong = np.empty(3), np.empty(3)
    shares = np.array([p[0], p[0] + p[1], 1.0])
    blind, waiting = np.zeros(2, np.int64), np.full(2, _NEVER)
    start = np.int64(0)
    for step in range(len(through)):
        end = start + pulses[step]
        total = _rates(through[step], noise[step], misalignment, mu, p, clicks, wrong)
        pulse, log_none = start - 1, math.log1p(-min(total, 1.0 - 1e-12))
        while True:
            if log_none < 0.0:
                state, draw = uniform(state)
                gap = math.log(draw) / log_none
                pulse = pulse + 1 + np.int64(gap) if gap < end - pulse else end
            else:
                pulse = end
            # what comes after a click comes first where it is due first
            while min(waiting[0], waiting[1]) < min(pulse, end):
                which = 0 if waiting[0] <= waiting[1] else 1
                when = waiting[which]
                waiting[which] = _NEVER
                if when == last:
                    continue
                state, draw = uniform(state)
                intensity = _pick(shares, 1.0, draw)
                before = at
                state, at = _settle(
                    state, when, intensity, which, 0.0, basis, dead, afterpulse, blind, waiting, keep, at, counts,
                    numbers, marks,
                )  # fmt: skip
                last = when if at > before else last
            if pulse >= end:
                break
            if pulse == last:
                continue
            state, draw = uniform(state)
            intensity, before = _pick(clicks, total, draw), at
            state, at = _settle(
                state, pulse, intensity, -1, wrong[intensity], basis, dead, afterpulse, blind, waiting, keep, at,
                counts, numbers, marks,
            )  # fmt: skip
            last = pulse if at > before else last
        start = end
    return at
