"""Toeplitz matrices over GF(2) times a vector, exact: the middle words of a product of binary polynomials.

A square of k words by k is split into halves with three products of half the size in place of four (Karatsuba's
identity, transposed): with ``A, B, C`` the three overlapping windows of the diagonals,
``r0 = (A + B) v1 + B (v0 + v1)`` and ``r1 = (B + C) v0 + B (v0 + v1)``.
Fan & Hasan (2007), A new approach to subquadratic space complexity parallel multipliers, IEEE Trans. Comput. 56:224.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint64, void

from accord.systems.qkd.postprocessing.kernels.carryless import dot4

__all__ = ["digest", "middle", "shift_left", "tiles"]


@njit(cache=True)
def middle(t, t0, v, v0, out, o0, k):
    """Set ``out`` to words k to 2k - 1 of the product of 2k words of t and k words of v; k a multiple of four."""
    before = np.uint64(0)
    for j in range(0, k, 4):
        before ^= dot4(t, t0 + k - 1 - j, v, v0 + j)[1]
    for r in range(k):
        low, high = np.uint64(0), np.uint64(0)
        for j in range(0, k, 4):
            a, b = dot4(t, t0 + k + r - j, v, v0 + j)
            low ^= a
            high ^= b
        out[o0 + r] = low ^ before
        before = high


@njit(
    void(uint64[::1], int64, uint64[::1], int64, uint64[::1], int64, int64, int64, uint64[::1], int64),
    cache=True,
)
def _square(t, t0, v, v0, out, o0, k, leaf, scratch, s0):
    if k <= leaf:
        middle(t, t0, v, v0, out, o0, k)
        return
    h = k // 2
    sums, joined, shared, free = s0, s0 + 3 * h, s0 + 4 * h, s0 + 5 * h
    for i in range(3 * h):
        scratch[sums + i] = t[t0 + i] ^ t[t0 + h + i]
    for i in range(h):
        scratch[joined + i] = v[v0 + i] ^ v[v0 + h + i]
    _square(t, t0 + h, scratch, joined, scratch, shared, h, leaf, scratch, free)
    _square(scratch, sums, v, v0 + h, out, o0, h, leaf, scratch, free)
    _square(scratch, sums + h, v, v0, out, o0 + h, h, leaf, scratch, free)
    for i in range(h):
        out[o0 + i] ^= scratch[shared + i]
        out[o0 + h + i] ^= scratch[shared + i]


@njit(cache=True, nogil=True)
def tiles(t, v, out, size, leaf):
    """Add a rectangular Toeplitz matrix times v to ``out``, in squares of ``size`` words.

    The diagonals t have as many words as v and out together; both are multiples of ``size``.
    """
    rows, columns = len(out) // size, len(v) // size
    scratch = np.empty(6 * size + 64, np.uint64)
    part = np.empty(size, np.uint64)
    for a in range(rows):
        for b in range(columns):
            _square(t, (columns + a - b - 1) * size, v, b * size, part, 0, size, leaf, scratch, 0)
            for i in range(size):
                out[a * size + i] ^= part[i]


@njit(cache=True, nogil=True)
def shift_left(words, bits, out):
    """Set ``out`` to the words moved up by so many bits; what leaves ``out`` is dropped."""
    whole, part = bits // 64, np.uint64(bits % 64)
    out[:] = np.uint64(0)
    for i in range(len(words)):
        if i + whole < len(out):
            out[i + whole] |= words[i] << part
        if part and i + whole + 1 < len(out):
            out[i + whole + 1] |= words[i] >> (np.uint64(64) - part)


@njit(cache=True, nogil=True)
def digest(t, frames, out):
    """Set ``out`` to the 64-bit Toeplitz hash of every row; rows and t - 1 a multiple of four words long."""
    width = frames.shape[1]
    for f in range(frames.shape[0]):
        low, high = np.uint64(0), np.uint64(0)
        row = frames[f]
        for j in range(0, width, 4):
            low ^= dot4(t, width - j, row, j)[0]
            high ^= dot4(t, width - 1 - j, row, j)[1]
        out[f] = low ^ high
