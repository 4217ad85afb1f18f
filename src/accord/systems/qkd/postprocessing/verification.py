"""Do the two ends hold the same frames? A 64-bit hash of each under a fresh Toeplitz matrix.

Two frames that differ collide with probability 2^-64 over the choice of the matrix (Krawczyk 1994).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

__all__ = ["HASH_BITS", "frame_hashes", "fresh_matrix"]

HASH_BITS = 64


def fresh_matrix(width: int) -> Words:
    """Return the diagonals of a matrix for frames of so many words, from the operating system's generator."""
    return np.frombuffer(secrets.token_bytes(8 * (width + 1)), dtype="<u8").astype(np.uint64)


def frame_hashes(matrix: Words, rows: Words) -> Words:
    """Return the hash of every row, shape (frames, words) to (frames,).

    Bit i of a hash is the sum of bits j of the row times bit ``64 width + i - j`` of the matrix.
    """
    from accord.systems.qkd.postprocessing.kernels.toeplitz import digest

    out = np.empty(len(rows), np.uint64)
    digest(matrix, rows, out)
    return out
