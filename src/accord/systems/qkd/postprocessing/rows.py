"""Frames of a block as rows of words, as the compiled loops want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.systems.qkd.postprocessing.bits import pack, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

__all__ = ["joined", "rows_of"]


def rows_of(bits: NDArray[np.uint8], frames: int, length: int) -> Words:
    """Return the first frames x length bits as rows, each a multiple of four words wide."""
    packed = pack(bits[: frames * length].reshape(frames, length))
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, -packed.shape[1] % 4))))


def joined(rows: Words, length: int) -> Words:
    """Return rows of so many bits as one string of words."""
    return pack(unpack(rows, length).reshape(-1))
