"""Privacy amplification: the final key as a random Toeplitz matrix times the reconciled one, exact over GF(2).

Krawczyk (1994), CRYPTO '94, 129 (Toeplitz hashing); Hayashi & Tsurumaru (2016), IEEE Trans. Inf. Theory 62:2213,
(the form (I | T), with n - 1 random bits): universal of the second kind, so that the leftover hash lemma holds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.bits import low_bits, word_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

__all__ = ["amplify", "seed_bits"]

_LEAVES = (16, 20, 24, 28)
_LINEAR = 12.0  # words moved cost about as much as this many carry-less products a split


def seed_bits(length: int, final: int) -> int:
    """Return how many random bits the matrix takes: n - 1, none where nothing is hashed."""
    return max(length - 1, 0) if final < length else 0


def amplify(key: Words, length: int, seed: Words, final: int) -> Words:
    """Return ``x_1 + T x_2`` for a key ``(x_1, x_2)`` whose first part has the length of the result.

    Row i, column j of T is bit ``i - j + (length - final) - 1`` of the seed.

    Parameters
    ----------
    key : uint64 array, shape (at least length / 64,)
        Bits with the lowest of each word first.
    length, final : int
        Bits of the key and of the result, ``0 <= final <= length``.
    seed : uint64 array
        At least ``seed_bits(length, final)`` bits.

    Returns
    -------
    uint64 array, shape (ceil(final / 64),)
        With zeros above the last bit.

    Raises
    ------
    accord.errors.AccordError
        When the result is to be longer than the key, or an array too short.
    """
    from accord.systems.qkd.postprocessing.kernels.toeplitz import shift_left, tiles

    if not 0 <= final <= length:
        raise AccordError(f"privacy amplification: cannot make {final} bits from {length}")
    if 64 * len(key) < length or 64 * len(seed) < seed_bits(length, final):
        raise AccordError(
            f"privacy amplification: {length} bits need {word_count(length)} words of key and "
            f"{word_count(seed_bits(length, final))} of seed, given {len(key)} and {len(seed)}"
        )
    head = low_bits(key, final)
    hashed = length - final
    if final == 0 or hashed == 0:
        return head
    size, leaf = _tile(word_count(final), word_count(hashed))
    rows, columns = (-(-word_count(n) // size) * size for n in (final, hashed))
    vector = np.zeros(columns, np.uint64)
    _cut(low_bits(key, length), final, vector)
    diagonals = np.empty(rows + columns, np.uint64)
    shift_left(low_bits(seed, length - 1), 64 * columns - hashed + 1, diagonals)
    out = np.zeros(rows, np.uint64)
    tiles(diagonals, vector, out, size, leaf)
    return low_bits(out[: len(head)] ^ head, final)


def _cut(words: Words, start: int, out: Words) -> None:
    """Set ``out`` to the bits from ``start`` on."""
    whole, part = divmod(start, 64)
    tail = words[whole:]
    moved = tail >> np.uint64(part)
    if part:
        moved[:-1] |= tail[1:] << np.uint64(64 - part)
    count = min(len(moved), len(out))  # what is left out holds no bit of the key
    out[:count] = moved[:count]


@lru_cache(maxsize=64)
def _tile(rows: int, columns: int) -> tuple[int, int]:
    """Return the side of the squares and of the leaves [words] with the fewest products."""
    best = (float("inf"), 0, 0)
    for leaf in (4, 8, 12, *_LEAVES):
        size, cost = leaf, float(leaf * (leaf + 1))
        while True:
            total = -(-rows // size) * -(-columns // size) * cost
            best = min(best, (total, size, leaf))
            if size >= max(rows, columns):
                break
            size, cost = 2 * size, 3.0 * cost + _LINEAR * size
    return best[1], best[2]
