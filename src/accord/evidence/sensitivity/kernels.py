"""Compiled sums of Gaussian bumps over an even grid."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["bumps_on_grid", "class_distance"]

_NEGLIGIBLE = 1e-22


@njit(cache=True)
def bumps_on_grid(values, start, step, points, width):
    """Return the sum of exp(-(grid - value)^2 / (2 width^2)) over values at each grid point, shape (points,).

    From the grid point nearest to a value the bump is followed outwards by its ratio from one point to the next,
    which itself falls by a constant factor: two exponentials a value instead of one for each pair.
    """
    total = np.zeros(points)
    scale = 1.0 / (2.0 * width * width)
    fall = math.exp(-2.0 * step * step * scale)
    for i in range(len(values)):
        near = math.floor((values[i] - start) / step + 0.5)
        near = min(max(near, 0), points - 1)
        gap = start + near * step - values[i]
        top = math.exp(-gap * gap * scale)
        total[near] += top
        bump, ratio = top, math.exp(-(2.0 * gap * step + step * step) * scale)
        for k in range(near + 1, points):
            bump *= ratio
            ratio *= fall
            if bump < _NEGLIGIBLE:
                break
            total[k] += bump
        bump, ratio = top, math.exp(-(step * step - 2.0 * gap * step) * scale)
        for k in range(near - 1, -1, -1):
            bump *= ratio
            ratio *= fall
            if bump < _NEGLIGIBLE:
                break
            total[k] += bump
    return total


@njit(cache=True)
def _density(values, start, step, points):
    """Return a kernel density estimate, Silverman's width; a negative first entry where there is none."""
    n = len(values)
    result = np.full(points, -1.0)
    if n < 2 or values.max() == values.min():
        return result
    mean = 0.0
    for i in range(n):
        mean += values[i]
    mean /= n
    square = 0.0
    for i in range(n):
        square += (values[i] - mean) ** 2
    width = math.sqrt(square / (n - 1)) * (0.75 * n) ** -0.2
    return bumps_on_grid(values, start, step, points, width) / (n * width * math.sqrt(2.0 * math.pi))


@njit(cache=True)
def class_distance(y, edges, start, step, points):
    """Return half the mean area between the density of the output within classes and at large.

    Parameters: outputs in the order of the input, shape (n,); class edges as row numbers; the grid.
    """
    whole = _density(y, start, step, points)
    total = 0.0
    for j in range(len(edges) - 1):
        low, high = edges[j], edges[j + 1]
        if high == low:
            continue
        within = _density(y[low:high], start, step, points)
        if within[0] < 0.0:
            continue
        area = 0.0
        for k in range(points - 1):
            area += 0.5 * (abs(whole[k] - within[k]) + abs(whole[k + 1] - within[k + 1])) * step
        total += (high - low) / (2.0 * len(y)) * area
    return total
