"""Compiled loops of the learned map: trees on bit vectors, exact window sums, histograms of gradients."""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

__all__ = ["box_sums", "forest_scores", "level_histogram"]

NODES_A_STEP = 5  # nodes taken together, so that the bit vectors are loaded and stored once for all of them
_BLOCK_PX = 256  # pixels carried through a tree together
_PADDED_PX = _BLOCK_PX + 16  # rows a power of two apart would share their places in the cache


@intrinsic
def _lowest(typing, word):
    """Return the place of the lowest bit that is set; there always is one: every tree has a leaf for every pixel."""

    def build(context, builder, signature, arguments):
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 1))

    return types.uint32(types.uint32), build


@njit(cache=True, nogil=True)
def _load_block(features, by_feature, source, fill, begin, count, values):
    """Write a block of pixels feature by feature, missing values replaced."""
    if by_feature:
        for k in range(len(source)):
            for i in range(count):
                value = features[source[k], begin + i]
                values[k, i] = fill[k] if np.isnan(value) else value
    else:
        for i in range(count):
            for k in range(len(source)):
                value = features[begin + i, source[k]]
                values[k, i] = fill[k] if np.isnan(value) else value


@njit(cache=True, nogil=True)
def forest_scores(
    features,
    by_feature,
    source,
    fill,
    tree_start,
    node_row,
    node_threshold,
    node_keep,
    leaf_start,
    leaves,
    out,
):
    """Add the leaves that each pixel reaches, tree after tree in order, in double precision.

    ``features`` has shape (n, features), or (features, n) where ``by_feature``. Every node that a pixel fails
    clears the leaves of its left branch from a 32-bit vector; the lowest bit left is the pixel's leaf (Lucchese et
    al. 2015, SIGIR, QuickScorer), here for 256 pixels side by side, without a branch that depends on data.
    """
    values = np.zeros((len(source), _PADDED_PX), dtype=np.float32)
    alive = np.empty(_BLOCK_PX, dtype=np.uint32)
    total = np.empty(_BLOCK_PX, dtype=np.float64)
    every = np.uint32(0xFFFFFFFF)
    for begin in range(0, len(out), _BLOCK_PX):
        count = min(_BLOCK_PX, len(out) - begin)
        _load_block(features, by_feature, source, fill, begin, count, values)
        total[:] = 0.0
        for tree in range(len(tree_start) - 1):
            alive[:] = every
            for n in range(tree_start[tree], tree_start[tree + 1], NODES_A_STEP):
                a, b, c, d, e = (
                    node_row[n],
                    node_row[n + 1],
                    node_row[n + 2],
                    node_row[n + 3],
                    node_row[n + 4],
                )
                ta, tb, tc = node_threshold[n], node_threshold[n + 1], node_threshold[n + 2]
                td, te = node_threshold[n + 3], node_threshold[n + 4]
                ka, kb, kc, kd, ke = (
                    node_keep[n],
                    node_keep[n + 1],
                    node_keep[n + 2],
                    node_keep[n + 3],
                    node_keep[n + 4],
                )
                for i in range(_BLOCK_PX):
                    alive[i] &= (
                        (ka if values[a, i] > ta else every)
                        & (kb if values[b, i] > tb else every)
                        & (kc if values[c, i] > tc else every)
                        & (kd if values[d, i] > td else every)
                        & (ke if values[e, i] > te else every)
                    )
            base = leaf_start[tree]
            for i in range(_BLOCK_PX):
                total[i] += leaves[base + _lowest(alive[i])]  # type: ignore[call-arg]
        for i in range(count):
            out[begin + i] = total[i]


@njit(cache=True, nogil=True)
def _sums_across(values, radius, out):
    """Write the sum of each row's window."""
    rows, cols = values.shape
    for r in range(rows):
        total = np.int64(0)
        for c in range(min(radius, cols)):
            total += values[r, c]
        for c in range(cols):
            if c + radius < cols:
                total += values[r, c + radius]
            if c - radius - 1 >= 0:
                total -= values[r, c - radius - 1]
            out[r, c] = total


@njit(cache=True, nogil=True)
def box_sums(values, radius, out):
    """Write the sum of a square window, cut at the rim of the array, around each element; integers, exact."""
    rows, cols = values.shape
    across = np.empty((rows, cols), dtype=np.int64)
    _sums_across(values, radius, across)
    column = np.zeros(cols, dtype=np.int64)
    for r in range(min(radius, rows)):
        for c in range(cols):
            column[c] += across[r, c]
    for r in range(rows):
        if r + radius < rows:
            for c in range(cols):
                column[c] += across[r + radius, c]
        if r - radius - 1 >= 0:
            for c in range(cols):
                column[c] -= across[r - radius - 1, c]
        for c in range(cols):
            out[r, c] = column[c]


@njit(cache=True, nogil=True)
def level_histogram(bins, node, sums, out):
    """Add gradient and hessian of every row to its node's histograms, shape (nodes, features, bins, 2); integers."""
    for k in range(len(node)):
        for f in range(bins.shape[1]):
            cell = out[node[k], f, bins[k, f]]
            cell[0] += sums[k, 0]
            cell[1] += sums[k, 1]
