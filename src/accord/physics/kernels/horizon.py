"""Compiled search for passes over a horizon that differs by azimuth; reached through `accord.physics.passes`.

Passes above the plain mask are known; within each, elevation less the horizon under it is sampled every second and its
changes of sign are halved down. What shows for less than a second between two features of the horizon can be missed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["clip", "clip_all"]

_TURN = 2.0 * math.pi


@njit(cache=True, nogil=True, inline="always")
def _clearance(position, velocity, when, step, site, frame, horizon):
    """Return elevation less the horizon's [rad] at a time in steps; frame is east, north, up, shape (3, 3)."""
    node = min(max(int(when), 0), position.shape[0] - 2)
    x = when - node
    late = x * x * (3.0 - 2.0 * x)
    east, north, rise = 0.0, 0.0, 0.0
    for axis in range(3):
        bend = velocity[node, axis] * (1.0 - x) - velocity[node + 1, axis] * x
        d = position[node, axis] * (1.0 - late) + position[node + 1, axis] * late
        d += x * (1.0 - x) * step * bend - site[axis]
        east += d * frame[0, axis]
        north += d * frame[1, axis]
        rise += d * frame[2, axis]
    place = math.atan2(east, north) / _TURN
    place = (place - math.floor(place)) * len(horizon)
    k = int(place) % len(horizon)
    share = place - math.floor(place)
    bar = horizon[k] * (1.0 - share) + horizon[(k + 1) % len(horizon)] * share
    return math.atan2(rise, math.hypot(east, north)) - bar


@njit(cache=True, nogil=True)
def clip(position, velocity, step, site, frame, horizon, rise, end, tolerance, ends):
    """Fill ends, shape (room, 2), with the parts of one pass that clear the horizon; return their number.

    Parameters
    ----------
    position, velocity : float array, shape (nodes, 3)
    frame : float array, shape (3, 3)
        East, north and up at the site.
    horizon : float array, shape (bins,) [rad]
        Lowest elevation at evenly spaced azimuths from north over east, linear in between.
    rise, end, tolerance : float [steps]
    """
    samples = max(math.ceil((end - rise) * step), 16)
    count, start = 0, -1.0
    before = _clearance(position, velocity, rise, step, site, frame, horizon)
    if before >= 0.0:
        start = rise
    for k in range(1, samples + 1):
        now = rise + (end - rise) * k / samples
        here = _clearance(position, velocity, now, step, site, frame, horizon)
        if (before >= 0.0) != (here >= 0.0):
            low, high = rise + (end - rise) * (k - 1) / samples, now
            while high - low > tolerance:
                middle = 0.5 * (low + high)
                clear = _clearance(position, velocity, middle, step, site, frame, horizon) >= 0.0
                if clear == (here >= 0.0):
                    high = middle
                else:
                    low = middle
            if here >= 0.0:
                start = 0.5 * (low + high)
            else:
                if count < len(ends):
                    ends[count, 0], ends[count, 1] = start, 0.5 * (low + high)
                count += 1
                start = -1.0
        before = here
    if start >= 0.0:
        if count < len(ends):
            ends[count, 0], ends[count, 1] = start, end
        count += 1
    return count


@njit(cache=True, nogil=True)
def clip_all(position, velocity, step, site, frame, horizon, ids, spans, tolerance):
    """Clip many passes; return the number of the pass each part comes from, and its ends, shape (parts, 2)."""
    origin, parts, found = np.empty(len(ids), np.int64), np.empty((len(ids), 2)), 0
    ends = np.empty((64, 2))
    for row in range(len(ids)):
        s, k = ids[row, 0], ids[row, 1]
        where = (site[k], frame[k], horizon[k], spans[row, 0], spans[row, 1], tolerance)
        many = clip(position[s], velocity[s], step, *where, ends)
        if many > len(ends):
            ends = np.empty((2 * many, 2))
            many = clip(position[s], velocity[s], step, *where, ends)
        for j in range(many):
            if found == len(origin):
                more, wider = np.empty(2 * found, np.int64), np.empty((2 * found, 2))
                more[:found], wider[:found] = origin, parts
                origin, parts = more, wider
            origin[found], parts[found] = row, ends[j]
            found += 1
    return origin[:found], parts[:found]
