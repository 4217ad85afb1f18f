"""Bit strings as 64-bit words, the lowest bit first, and as bytes on the wire in the same order."""

from __future__ import annotations

from hashlib import shake_256
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import AccordError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

__all__ = [
    "expand",
    "from_bytes",
    "join",
    "low_bits",
    "pack",
    "pack_flags",
    "to_bytes",
    "unpack",
    "unpack_flags",
    "word_count",
]


def word_count(bits: int) -> int:
    """Return how many words hold so many bits."""
    return -(-bits // 64)


def pack(bits: NDArray[Any]) -> Words:
    """Return zeros and ones, shape (..., n), as words, shape (..., ceil(n / 64))."""
    short = -bits.shape[-1] % 64
    padded = np.pad(np.asarray(bits, dtype=np.uint8), [(0, 0)] * (bits.ndim - 1) + [(0, short)])
    return np.ascontiguousarray(np.packbits(padded, axis=-1, bitorder="little")).view("<u8").astype(np.uint64)


def unpack(words: Words, bits: int) -> NDArray[np.uint8]:
    """Return the first bits of words, shape (..., w), as zeros and ones, shape (..., bits)."""
    raw = np.ascontiguousarray(words.astype("<u8")).view(np.uint8)
    return np.unpackbits(raw, axis=-1, count=bits, bitorder="little")


def low_bits(words: Words, bits: int) -> Words:
    """Return a copy of the first bits, with zeros above the last."""
    out = words[: word_count(bits)].copy()
    if bits % 64 and len(out):
        out[-1] &= np.uint64((1 << bits % 64) - 1)
    return out


def join(rows: Words, bits: int) -> Words:
    """Return rows, shape (f, w), with so many bits each as one string of f x bits."""
    if bits % 64 == 0:
        return rows.reshape(-1).copy()
    return pack(unpack(rows, bits).reshape(-1))


def to_bytes(words: Words, bits: int) -> bytes:
    """Return the first bits as bytes, the lowest bit of the first byte first."""
    return low_bits(words, bits).astype("<u8").tobytes()[: -(-bits // 8)]


def from_bytes(raw: bytes, bits: int) -> Words:
    """Return words of so many bits.

    Raises
    ------
    accord.errors.AccordError
        When there are not exactly as many bytes as the bits take, or bits are set above the last.
    """
    if len(raw) != -(-bits // 8):
        raise AccordError(f"expected {-(-bits // 8)} bytes for {bits} bits, got {len(raw)}")
    words = np.frombuffer(raw + bytes(-len(raw) % 8), dtype="<u8").astype(np.uint64)
    if bits % 64 and len(words) and int(words[-1]) >> (bits % 64):
        raise AccordError(f"bits are set above the last of {bits}")
    return words


def pack_flags(flags: NDArray[np.uint8]) -> bytes:
    """Return zeros and ones as bytes, eight each."""
    return np.packbits(flags, bitorder="little").tobytes()


def unpack_flags(raw: bytes, count: int) -> NDArray[np.uint8]:
    """Return so many zeros and ones.

    Raises
    ------
    accord.errors.AccordError
        When there are not exactly as many bytes as that takes.
    """
    if len(raw) != -(-count // 8):
        raise AccordError(f"expected {-(-count // 8)} bytes for {count} flags, got {len(raw)}")
    return np.unpackbits(np.frombuffer(raw, dtype=np.uint8), count=count, bitorder="little")


def expand(seed: bytes, purpose: str, words: int) -> Words:
    """Return public pseudo-random words that both ends compute alike, whatever the version of their libraries.

    For shuffles only: they hide nothing, they must only be unknown while the photons travel.
    """
    raw = shake_256(purpose.encode() + b"\0" + seed).digest(8 * words)
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64)
