"""Compiled loops of the coverage and pass computations; Python reaches them through `coverage` and `passes`.

For a row of places on one geodetic latitude the mask test is ``A + B c >= s sqrt(C - D c)`` in ``c``, the cosine of
the longitude difference to the satellite, with ``s`` the sine of the mask. Elevation rises with ``c``, so one root of
a quadratic bounds the longitudes in view: each satellite adds one interval to each row, exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["count_rows", "half_width", "sky"]

_TURN = 2.0 * math.pi


@njit(cache=True, nogil=True)
def sky(position, lon, axis, z, r2, sine):
    """Turn positions (satellites, times, 3) into longitude, distance from the axis, z, r^2 and sine of latitude.

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
    inside : bool array, shape (cells,)
    ranks : int array, shape (cells + rows,)
        For each row the number of inside cells before each cell, one more entry than cells.
    windows : float array, shape (rows, groups, 2)
        Sines of latitude between which a satellite of the group can be in view at all.
    level : int array, shape (satellites,)
        Satellite s belongs to the fleets ``0..level[s]``.
    seen : uint8 array, shape (times, satellites)
    histogram : int array, shape (rows, satellites + 1)
    total, covered : int array, shape (cells,)
    run, max_gap : int array, shape (levels, cells)
        Length in steps of the present gap, and of the longest.
    gap_lengths : int array, shape (rows, levels, longest + 1)
        Number of finished gaps by length in steps.
    """
    levels = run.shape[0]
    widest = 0
    for row in range(first, last):
        widest = max(widest, int(rows[row, 6]))
    change = np.zeros((widest + 1, levels), dtype=np.int32)
    sums = np.zeros(levels, dtype=np.int32)
    for row in range(first, last):
        site_axis, site_z, cos_lat, sin_lat = rows[row, 0], rows[row, 1], rows[row, 2], rows[row, 3]
        west, spacing, cells, start = rows[row, 4], rows[row, 5], int(rows[row, 6]), int(rows[row, 7])
        for t in range(lon.shape[0]):
            change[: cells + 1] = 0
            for s in range(lon.shape[1]):
                g = group[s]
                if sine[t, s] < windows[row, g, 0] or sine[t, s] > windows[row, g, 1]:
                    continue
                half = half_width(
                    site_axis, site_z, cos_lat, sin_lat, axis[t, s], z[t, s], r2[t, s], sin_mask[g]
                )
                if half < 0.0:
                    continue
                if half >= math.pi:
                    j0, j1, wrap = 0, cells - 1, -1
                else:
                    begin = lon[t, s] - half - west
                    begin -= _TURN * math.floor(begin / _TURN)
                    end = begin + 2.0 * half
                    j0 = math.ceil(begin / spacing)
                    j1 = min(math.floor(end / spacing), cells - 1)
                    wrap = min(math.floor((end - _TURN) / spacing), j0 - 1, cells - 1)
                k = level[s]
                if j0 <= j1:
                    change[j0, k] += 1
                    change[j1 + 1, k] -= 1
                    if ranks[start + row + j1 + 1] > ranks[start + row + j0]:
                        seen[t, s] = 1
                if wrap >= 0:
                    change[0, k] += 1
                    change[wrap + 1, k] -= 1
                    if ranks[start + row + wrap + 1] > 0:
                        seen[t, s] = 1
            sums[:] = 0
            for j in range(cells):
                cell = start + j
                for k in range(levels):
                    sums[k] += change[j, k]
                if not inside[cell]:
                    continue
                count = 0
                for k in range(levels - 1, -1, -1):
                    count += sums[k]
                    if count < threshold:
                        run[k, cell] += 1
                    elif run[k, cell] > 0:
                        gap_lengths[row, k, run[k, cell]] += 1
                        max_gap[k, cell] = max(max_gap[k, cell], run[k, cell])
                        run[k, cell] = 0
                histogram[row, count] += 1
                total[cell] += count
                if count >= threshold:
                    covered[cell] += 1
