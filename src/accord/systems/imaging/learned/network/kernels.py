"""Compiled loop from bands to the channels that the network reads."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["fill_channels"]


@njit(cache=True, nogil=True, error_model="numpy")
def fill_channels(stack, seen, logarithm, out):
    """Fill `out` (11, rows, columns) from integers of 1e-4 (6, rows, columns); 0 where a pixel was not seen.

    Logarithms of the six bands, the normalised differences green-swir1, nir-red, nir-swir1 and green-nir, and 1 where
    seen. `logarithm` holds the scaled logarithm of every integer.
    """
    half = np.float32(1.5)
    for i in range(stack.shape[1]):
        for j in range(stack.shape[2]):
            if not seen[i, j]:
                for k in range(11):
                    out[k, i, j] = np.float32(0.0)
                continue
            for k in range(6):
                out[k, i, j] = logarithm[stack[k, i, j]]
            g, r, n, s = stack[1, i, j], stack[2, i, j], stack[3, i, j], stack[4, i, j]
            out[6, i, j] = half * np.float32(g - s) / np.float32(g + s)
            out[7, i, j] = half * np.float32(n - r) / np.float32(n + r)
            out[8, i, j] = half * np.float32(n - s) / np.float32(n + s)
            out[9, i, j] = half * np.float32(g - n) / np.float32(g + n)
            out[10, i, j] = np.float32(1.0)
