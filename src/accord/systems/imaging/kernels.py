"""Events one by one: from onset to the first map, clouds carried along from look to look."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from accord.physics.kernels.draws import GOLDEN, mixed, normal, unit

COLUMNS = 6  # first map of any, radar, optical, cloudless optical sensor; its look; its mission


@njit(cache=True)
def _uniform(seed, counter):
    """Return a uniform in (0, 1), number `counter` of the stream of `seed`."""
    return unit(mixed(seed + GOLDEN * np.uint64(counter + 1)))


@njit(cache=True)
def _normal(seed, counter):
    """Return a standard normal from uniforms `2 counter` and the next."""
    return normal(seed + GOLDEN * np.uint64(2 * counter))[1]


@njit(cache=True)
def _probit(p):
    """Return the standard normal quantile by bisection and Newton's step on erfc, to 1e-12."""
    if p <= 1e-12:
        return -40.0
    if p >= 1.0 - 1e-12:
        return 40.0
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if 0.5 * math.erfc(-middle / math.sqrt(2.0)) < p:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@njit(cache=True)
def _pick(cumulative, u):
    """Return the first index whose cumulative weight reaches `u`."""
    for k in range(len(cumulative) - 1):
        if u <= cumulative[k]:
            return k
    return len(cumulative) - 1


@njit(cache=True)
def _triangular(u, low, mode, high):
    if high <= low:
        return low
    turn = (mode - low) / (high - low)
    if u < turn:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


@njit(cache=True)
def _onset_sky(seed, counter, overcast, cloud):
    """Return the latent state of the sky at the onset: below the median of its cloudy part, or of its clear one.

    A standard normal, split where the climatology's share of cloud lies and put together again with another weight.
    """
    u = _uniform(seed, counter)
    within = _uniform(seed, counter + 1)
    cloud = min(max(cloud, 1e-9), 1.0 - 1e-9)
    if u < overcast:
        return _probit(within * cloud)
    return _probit(cloud + within * (1.0 - cloud))


@njit(cache=True)
def _begin(seed, place, hour, begin, shifts, time_h, period_h, pointers, due, phase):
    """Set each mission before its first look after the onset; pointers: look, first and last of the row, periods."""
    for k in range(len(shifts)):
        shift = min(int(_uniform(seed, 10 + 2 * k) * shifts[k]), shifts[k] - 1)
        first, last = begin[k, place * shifts[k] + shift], begin[k, place * shifts[k] + shift + 1]
        phase[k] = hour + 24.0 * math.floor(_uniform(seed, 11 + 2 * k) * period_h[k] / 24.0)
        look, periods = first, 0
        while look < last and time_h[look] < phase[k]:
            look += 1
        if look == last:
            look, periods = first, 1
        pointers[k, 0], pointers[k, 1], pointers[k, 2], pointers[k, 3] = look, first, last, periods
        due[k] = time_h[look] + periods * period_h[k] - phase[k] if last > first else np.inf


@njit(cache=True)
def _advance(k, time_h, period_h, pointers, due, phase):
    """Move a mission to its next look."""
    pointers[k, 0] += 1
    if pointers[k, 0] == pointers[k, 2]:
        pointers[k, 0] = pointers[k, 1]
        pointers[k, 3] += 1
    due[k] = time_h[pointers[k, 0]] + pointers[k, 3] * period_h[k] - phase[k]


@njit(cache=True)
def _note(first, kind, ready, now, k, lit, clear):
    """Keep the earliest maps of a look that was taken: any, radar, optical, optical without clouds."""
    if kind == 1:
        if not lit:
            return
        first[3] = min(first[3], ready)
        if not clear:
            return
    first[1 + kind] = min(first[1 + kind], ready)
    if ready < first[0]:
        first[0], first[4], first[5] = ready, now, k


@njit(cache=True)
def follow(seeds, events, numbers, places, seasons, clouds, begin, shifts, time_h, lit, wait_h, period_h, kind, delay_h,
           tasked, patience_h, out, where):  # fmt: skip
    """Follow every event of every member to its first map.

    Parameters
    ----------
    seeds : uint64 array, shape (n,)
    events : int
    numbers : float array, shape (n, 11)
        Median duration [h], its log-sd, persistence of cloud, offset of cloud, overcast at onset, share taken, factor
        of the delay, tasking, mapping, median review [h], log-sd of the review.
    places : float array, shape (places,)
        Cumulative weights.
    seasons, clouds : float array, shape (places, 12)
        Cumulative weights of the months; shares of cloud.
    begin : int array, shape (missions, places * shifts + 1), padded
    shifts, kind, tasked : int array, shape (missions,)
        Kind 0 is radar, 1 optical.
    time_h, wait_h, lit : arrays, shape (looks,), (looks,), (looks, 12)
        Of all missions, one after the other.
    period_h : float array, shape (missions,); delay_h : float array, shape (missions, 3), negative: the wait counts.
    patience_h : float
        No look later than this counts.
    out : float array, shape (n, events, COLUMNS), filled; infinite where there is no map
    where : float array, shape (n, events, 2), filled: place, duration
    """
    missions = len(shifts)
    pointers, due, phase = np.empty((missions, 4), np.int64), np.empty(missions), np.empty(missions)
    for member in range(len(seeds)):
        m = numbers[member]
        for event in range(events):
            seed = mixed(seeds[member] + GOLDEN * np.uint64(event + 1))
            place = _pick(places, _uniform(seed, 0))
            month = _pick(seasons[place], _uniform(seed, 1))
            duration = m[0] * math.exp(m[1] * _normal(seed, 2))  # uniforms 4 and 5
            after = m[8] + m[9] * math.exp(m[10] * _normal(seed, 3))  # uniforms 6 and 7
            cloud = min(max(clouds[place, month] + m[3], 0.0), 1.0)
            level, sky, sky_at = _probit(cloud), _onset_sky(seed, 8, m[4], cloud), 0.0
            where[member, event, 0], where[member, event, 1] = place, duration
            first = out[member, event]
            first[:] = np.inf
            _begin(
                seed, place, 24.0 * _uniform(seed, 2), begin, shifts, time_h, period_h, pointers, due, phase
            )
            counter = 5 + missions  # uniforms from here on lie beyond those used above
            while True:
                k = np.argmin(due)
                now, look = due[k], pointers[k, 0]
                if not now <= min(duration, patience_h):
                    break
                counter += 3
                delay = wait_h[look]
                if delay_h[k, 0] >= 0.0:
                    u = _uniform(seed, 2 * counter + 3)
                    delay = m[6] * _triangular(u, delay_h[k, 0], delay_h[k, 1], delay_h[k, 2])
                if kind[k] == 1:
                    keep = m[2] ** ((now - sky_at) / 24.0)
                    sky = keep * sky + math.sqrt(max(1.0 - keep * keep, 0.0)) * _normal(seed, counter)
                    sky_at = now
                if _uniform(seed, 2 * counter + 2) < m[5] and (tasked[k] == 0 or now >= m[7]):
                    _note(first, kind[k], now + delay + after, now, k, lit[look, month] > 0, sky >= level)
                _advance(k, time_h, period_h, pointers, due, phase)
