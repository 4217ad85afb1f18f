"""Compiled loops of the coverage counts; Python reaches them through `accord.physics.coverage`.

For a row of places on one geodetic latitude the mask test is ``A + B c >= s sqrt(C - D c)`` in ``c``, the
cosine of the longitude difference to the satellite, with ``s`` the sine of the mask. Elevation rises with
``c``, so one root of a quadratic bounds the longitudes in view: each satellite adds one interval to each
row, exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["count_rows", "half_width", "sky"]

_TURN = 2.0 * math.pi


@njit(cache=True, nogil=True)
def sky(position, lon, axis, z, r2, sine):
    """Turn positions (satellites, times, 3) into longitude, distance from the axis, z, r^2 and sine of
    latitude.

    The results, shape (times, satellites), are filled in place.
    """
    for s in range(position.shape[0]):
        for t in range(position.shape[1]):
            x, y, up = position[s, t, 0], position[s, t, 1], position[s, t, 2]
            square = x * x + y * y
            lon[t, s] = math.atan2(y, x)
            axis[t, s] = math.sqrt(square)
            z[t, s] = up
            r2[t, s] = square + up * up
            sine[t, s] = up / math.sqrt(r2[t, s])


@njit(cache=True, nogil=True, inline="always")
def half_width(site_axis, site_z, cos_lat, sin_lat, sat_axis, sat_z, sat_r2, sin_mask):
    """Return half the width of the longitudes in view [rad]: -1 when none is, pi when all are."""
    a = sin_lat * sat_z - (cos_lat * site_axis + sin_lat * site_z)
    b = cos_lat * sat_axis
    c = sat_r2 + site_axis * site_axis + site_z * site_z - 2.0 * sat_z * site_z
    d = 2.0 * site_axis * sat_axis
    if b <= 1e-9 * (abs(a) + 1.0):  # place or satellite at a pole: the longitude does not matter
        return math.pi if a >= sin_mask * math.sqrt(c) else -1.0
    s2 = sin_mask * sin_mask
    root = sin_mask * math.sqrt(max(s2 * d * d + 4.0 * b * (a * d + b * c), 0.0))
    edge = (root - 2.0 * a * b - s2 * d) / (2.0 * b * b)
    if edge > 1.0:
        return -1.0
    return math.pi if edge <= -1.0 else math.acos(edge)


@njit(cache=True, nogil=True)
def _mark_intervals(site, cells, ranks, window, sin_mask, group, level, states, change, seen):
    """Add the interval of every satellite in view to one row's table of changes, at one moment."""
    site_axis, site_z, cos_lat, sin_lat, west, spacing = site[0], site[1], site[2], site[3], site[4], site[5]
    lon, axis, z, r2, sine = states
    for s in range(len(lon)):
        g = group[s]
        if sine[s] < window[g, 0] or sine[s] > window[g, 1]:
            continue
        half = half_width(site_axis, site_z, cos_lat, sin_lat, axis[s], z[s], r2[s], sin_mask[g])
        if half < 0.0:
            continue
        if half >= math.pi:
            j0, j1, wrap = 0, cells - 1, -1
        else:
            begin = lon[s] - half - west
            begin -= _TURN * math.floor(begin / _TURN)
            end = begin + 2.0 * half
            j0 = math.ceil(begin / spacing)
            j1 = min(math.floor(end / spacing), cells - 1)
            wrap = min(math.floor((end - _TURN) / spacing), j0 - 1, cells - 1)
        k = level[s]
        if j0 <= j1:
            change[j0, k] += 1
            change[j1 + 1, k] -= 1
            if ranks[j1 + 1] > ranks[j0]:
                seen[s] = 1
        if wrap >= 0:
            change[0, k] += 1
            change[wrap + 1, k] -= 1
            if ranks[wrap + 1] > 0:
                seen[s] = 1


@njit(cache=True, nogil=True)
def _tally(
    start, cells, inside, change, threshold, sums, histogram, total, covered, run, max_gap, gap_lengths
):
    """Add up one row's changes along its cells and enter the counts, at one moment."""
    levels = len(sums)
    sums[:] = 0
    for j in range(cells):
        cell = start + j
        for k in range(levels):
            sums[k] += change[j, k]
            change[j, k] = 0
        if not inside[cell]:
            continue
        count = 0
        for k in range(levels - 1, -1, -1):  # the smallest sub-fleet first: each holds the next
            count += sums[k]
            if count < threshold:
                run[k, cell] += 1
            elif run[k, cell] > 0:
                gap_lengths[k, run[k, cell]] += 1
                max_gap[k, cell] = max(max_gap[k, cell], run[k, cell])
                run[k, cell] = 0
        histogram[count] += 1
        total[cell] += count
        if count >= threshold:
            covered[cell] += 1
    change[cells, :] = 0


@njit(cache=True, nogil=True)
def count_rows(
    first,
    last,
    rows,
    inside,
    ranks,
    windows,
    sin_mask,
    group,
    level,
    lon,
    axis,
    z,
    r2,
    sine,
    threshold,
    seen,
    histogram,
    total,
    covered,
    run,
    max_gap,
    gap_lengths,
):
    """Count satellites in view of rows ``first..last`` over a block of times, all tables updated in place.

    Parameters
    ----------
    rows : float array, shape (rows, 8)
        site axis, site z, cos and sin of latitude, first longitude, spacing, cells, first cell.
    ranks : int array, shape (cells + rows,)
        For each row the number of inside cells before each cell, one more entry than cells.
    windows : float array, shape (rows, groups, 2)
        Sines of latitude between which a satellite of the group can be in view at all.
    level : int array, shape (satellites,)
        Satellite s belongs to the fleets ``0..level[s]``.
    lon, axis, z, r2, sine : float array, shape (times, satellites)
    seen : uint8 array, shape (times, satellites)
    histogram, total, covered, run, max_gap, gap_lengths : int arrays
        As in `accord.physics.coverage.Coverage`; ``run`` is the length of the present gap.
    """
    widest = 0
    for row in range(first, last):
        widest = max(widest, int(rows[row, 6]))
    change = np.zeros((widest + 1, run.shape[0]), dtype=np.int32)
    sums = np.zeros(run.shape[0], dtype=np.int32)
    for row in range(first, last):
        cells, start = int(rows[row, 6]), int(rows[row, 7])
        rank = ranks[start + row : start + row + cells + 1]
        for t in range(lon.shape[0]):
            states = (lon[t], axis[t], z[t], r2[t], sine[t])
            _mark_intervals(
                rows[row], cells, rank, windows[row], sin_mask, group, level, states, change, seen[t]
            )
            _tally(
                start,
                cells,
                inside,
                change,
                threshold,
                sums,
                histogram[row],
                total,
                covered,
                run,
                max_gap,
                gap_lengths[row],
            )
