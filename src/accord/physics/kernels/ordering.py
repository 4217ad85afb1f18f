"""Compiled ordering of a long list of passes by time; Python reaches it through `accord.physics.passes`."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["by_rise", "lay_out"]

_CROWD = 64  # more than this in one bucket are left to a general sort


@njit(cache=True, nogil=True)
def by_rise(rise, ids, last):
    """Return the order of passes by rise, then site, then satellite, and the crowded stretches left unsorted.

    Rises fall evenly over the period, so that buckets of about eight are nearly sorted and cheap to finish.

    Parameters
    ----------
    rise : float array, shape (passes,)
        From 0 to last.
    ids : int32 array, shape (passes, 2)
        Satellite and site.
    last : float

    Returns
    -------
    order : int array, shape (passes,)
    crowds : int array, shape (stretches, 2)
        First and one past the last place of stretches that a general sort must finish.
    """
    count = len(rise)
    buckets = count // 8 + 1
    scale = buckets / last
    start = np.zeros(buckets + 1, np.int64)
    for i in range(count):
        start[min(int(rise[i] * scale), buckets - 1) + 1] += 1
    crowded = 0
    for b in range(buckets):
        crowded += start[b + 1] > _CROWD
        start[b + 1] += start[b]
    order, keys, fill = np.empty(count, np.int64), np.empty(count), start[:-1].copy()
    for i in range(count):
        b = min(int(rise[i] * scale), buckets - 1)
        order[fill[b]], keys[fill[b]] = i, rise[i]
        fill[b] += 1
    crowds, found = np.empty((crowded, 2), np.int64), 0
    for b in range(buckets):
        if start[b + 1] - start[b] > _CROWD:
            crowds[found, 0], crowds[found, 1] = start[b], start[b + 1]
            found += 1
            continue
        for i in range(start[b] + 1, start[b + 1]):
            key, row, j = keys[i], order[i], i - 1
            while j >= start[b]:
                other = order[j]
                if keys[j] < key or (
                    keys[j] == key
                    and (
                        ids[other, 1] < ids[row, 1]
                        or (ids[other, 1] == ids[row, 1] and ids[other, 0] < ids[row, 0])
                    )
                ):
                    break
                keys[j + 1], order[j + 1] = keys[j], other
                j -= 1
            keys[j + 1], order[j + 1] = key, row
    return order, crowds


@njit(cache=True, nogil=True)
def lay_out(order, ids, rows, step, last, twilight, whole, real, flags):
    """Fill the columns of a part of the list: whole (2, n), real (6, n) and flags (2, n), angles in degrees."""
    degree = 180.0 / np.pi
    for i in range(len(order)):
        j = order[i]
        whole[0, i], whole[1, i] = ids[j, 0], ids[j, 1]
        real[0, i], real[1, i], real[2, i] = rows[j, 0] * step, rows[j, 1] * step, rows[j, 2] * step
        real[3, i], real[4, i], real[5, i] = rows[j, 3] * degree, rows[j, 4] * degree, rows[j, 5]
        flags[0, i] = rows[j, 0] <= 0.0 or rows[j, 2] >= last
        flags[1, i] = rows[j, 4] < twilight
