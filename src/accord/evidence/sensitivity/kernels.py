"""Compiled sums of Gaussian bumps over an even grid, and the distances between densities made of them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["bumps_on_grid", "class_distances", "density"]

_NEGLIGIBLE = 1e-22
_REACH = 10.1  # widths from its centre at which a bump has fallen below that
_STRIDE = 10  # points of the grid from one power of the large ratio to the next
_EXPONENT = 500.0  # the largest exponent that factors may take apart: well inside the range of numbers


@njit(cache=True)
def _followed(values, weights, start, step, points, width, total):
    """Add bumps by following each outwards from its nearest point: for bumps that reach few of the points.

    The ratio from one point to the next itself falls by a constant factor: three exponentials a value instead of one
    for each pair.
    """
    scale = 1.0 / (2.0 * width * width)
    fall = math.exp(-2.0 * step * step * scale)
    for i in range(len(values)):
        near = math.floor((values[i] - start) / step + 0.5)
        near = min(max(near, 0), points - 1)
        gap = start + near * step - values[i]
        top = weights[i] * math.exp(-gap * gap * scale)
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


@njit(cache=True)
def _factored(values, weights, start, step, blocks, width, total):
    """Add bumps at blocks * _STRIDE points from `start`, as one product of matrices.

    With the distance of a value from the middle point d, and k the number of a point from there, a bump is
    exp(-(k step)^2 s) exp(-d^2 s) r^k with r = exp(2 step d s) and s = 1 / (2 width^2); k = _STRIDE a + b takes r^k
    apart into a factor of a and one of b, so that the sum over values is a product of two thin matrices.
    """
    scale = 1.0 / (2.0 * width * width)
    half = blocks // 2
    middle = start + half * _STRIDE * step
    n = len(values)
    coarse, fine = np.empty((blocks, n)), np.empty((_STRIDE, n))
    large = np.empty(n)
    for i in range(n):
        d = values[i] - middle
        coarse[half, i] = weights[i] * math.exp(-d * d * scale)
        large[i] = math.exp(2.0 * step * _STRIDE * d * scale)
        fine[0, i] = 1.0
        fine[1, i] = math.exp(2.0 * step * d * scale)
    for b in range(2, _STRIDE):
        for i in range(n):
            fine[b, i] = fine[b - 1, i] * fine[1, i]
    for a in range(half + 1, blocks):
        for i in range(n):
            coarse[a, i] = coarse[a - 1, i] * large[i]
    for i in range(n):
        large[i] = 1.0 / large[i]
    for a in range(half - 1, -1, -1):
        for i in range(n):
            coarse[a, i] = coarse[a + 1, i] * large[i]
    sums = np.dot(coarse, fine.T)
    for a in range(blocks):
        for b in range(_STRIDE):
            offset = ((a - half) * _STRIDE + b) * step
            total[a * _STRIDE + b] += sums[a, b] * math.exp(-offset * offset * scale)


@njit(cache=True)
def bumps_on_grid(values, weights, start, step, points, width):
    """Return the sum of weight * exp(-(grid - value)^2 / (2 width^2)) over values at each grid point, shape (points,).

    Bumps much narrower than the spread of the values are followed one by one; others are summed as a product of
    matrices over the points that they reach.
    """
    low, high = values.min(), values.max()
    first = max(0, math.floor((low - _REACH * width - start) / step))
    last = min(points - 1, math.ceil((high + _REACH * width - start) / step))
    blocks = (last - first) // _STRIDE + 1
    # twice the farthest that a value or a point may lie from the middle one
    middle = start + (first + blocks // 2 * _STRIDE) * step
    reach = max((blocks + 1) * _STRIDE * step, 2.0 * max(high - middle, middle - low))
    padded = np.zeros(points + _STRIDE)
    if last >= first and reach * reach < 8.0 * _EXPONENT * width * width:
        _factored(values, weights, start + first * step, step, blocks, width, padded[first:])
        padded[last + 1 :] = 0.0
    else:
        _followed(values, weights, start, step, points, width, padded)
    return padded[:points]


@njit(cache=True)
def density(values, weights, start, step, points):
    """Return a kernel density estimate, Silverman's width, shape (points,); minus one throughout where there is none.

    Parameters: distinct rows of a sample, how often each was taken, and the grid.
    """
    count, mean, square = 0.0, 0.0, 0.0
    for i in range(len(values)):
        count += weights[i]
        mean += weights[i] * values[i]
    if count < 2 or values.max() == values.min():
        return np.full(points, -1.0)
    mean /= count
    for i in range(len(values)):
        square += weights[i] * (values[i] - mean) ** 2
    width = math.sqrt(square / (count - 1.0)) * (0.75 * count) ** -0.2
    return bumps_on_grid(values, weights, start, step, points, width) / (
        count * width * math.sqrt(2.0 * math.pi)
    )


@njit(cache=True)
def class_distances(y, taken, order, edges, whole, start, step):
    """Return half the mean area between the density of the output within classes and at large, shape (samples,).

    Parameters: outputs, shape (n,); how often each row is in a sample, shape (samples, n); the rows in the order of
    the input, shape (n,); class edges as row numbers of a sample in that order; densities at large, shape
    (samples, points); first point and step of the grid.
    """
    samples, points = whole.shape
    result = np.zeros(samples)
    values, weights = np.empty(len(y)), np.empty(len(y))
    for s in range(samples):
        row, left, total = 0, taken[s, order[0]], 0.0
        for j in range(len(edges) - 1):
            wanted, size = edges[j + 1] - edges[j], 0
            while wanted > 0:
                while left == 0:
                    row += 1
                    left = taken[s, order[row]]
                part = min(left, wanted)  # a row taken more than once may lie on both sides of an edge
                values[size], weights[size] = y[order[row]], part
                size += 1
                left -= part
                wanted -= part
            if size == 0:
                continue
            within = density(values[:size], weights[:size], start, step, points)
            if within[0] < 0.0:
                continue
            area = 0.0
            for k in range(points - 1):
                area += 0.5 * (abs(whole[s, k] - within[k]) + abs(whole[s, k + 1] - within[k + 1])) * step
            total += (edges[j + 1] - edges[j]) / (2.0 * edges[-1]) * area
        result[s] = total
    return result
