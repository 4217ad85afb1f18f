"""The field of 2^128 elements, modulo x^128 + x^7 + x^2 + x + 1, and the polynomial hash over it."""

from __future__ import annotations

import numpy as np
from numba import njit

from accord.systems.qkd.postprocessing.kernels.carryless import multiply

__all__ = ["polynomial_hash", "product"]


@njit(cache=True)
def product(a0, a1, b0, b1):
    """Return the product of two elements, low word first."""
    low0, low1 = multiply(a0, b0)
    high0, high1 = multiply(a1, b1)
    mid0, mid1 = multiply(a0 ^ a1, b0 ^ b1)
    mid0 ^= low0 ^ high0
    mid1 ^= low1 ^ high1
    low1 ^= mid0
    high0 ^= mid1
    # fold the upper 128 bits twice: the modulus is x^128 + r with r of degree 7
    fold = np.uint64(0x87)
    top0, top1 = multiply(high1, fold)
    end0, _ = multiply(high0 ^ top1, fold)
    _, carry = multiply(high0 ^ top1, fold)
    return low0 ^ end0, low1 ^ top0 ^ carry


@njit(cache=True, nogil=True)
def polynomial_hash(words, r0, r1, state):
    """Go on with Horner's rule over an even number of words: ``state = (state + block) r`` for each pair."""
    s0, s1 = state[0], state[1]
    for i in range(0, len(words), 2):
        s0, s1 = product(s0 ^ words[i], s1 ^ words[i + 1], r0, r1)
    state[0], state[1] = s0, s1
