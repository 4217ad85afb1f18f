"""The public randomness of a batch: orders of the shuffled passes and masks of the random halves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.systems.qkd.postprocessing.bits import expand, low_bits, word_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.systems.qkd.postprocessing.schedule import Schedule

    Words = NDArray[np.uint64]

__all__ = ["Shuffles"]


class Shuffles:
    """What both ends compute from one seed.

    Attributes
    ----------
    origin, place_in : uint32 array, shape (passes, length)
        Natural place of a place in a pass, and the reverse; the first pass is in natural order.
    masks : uint64 array, shape (halvings, words)
    """

    def __init__(self, seed: bytes, length: int, schedule: Schedule) -> None:
        from accord.systems.qkd.postprocessing.kernels.parity import shuffle

        self._seed, self.length = seed, length
        passes = len(schedule.sizes)
        self.origin = np.empty((passes, length), np.uint32)
        self.place_in = np.empty_like(self.origin)
        self.origin[:] = np.arange(length, dtype=np.uint32)
        for p in range(1, passes):
            random = expand(seed, f"order {p}", word_count(32 * length)).view(np.uint32)[:length]
            shuffle(random, self.origin[p])
            self.place_in[p, self.origin[p]] = self.origin[0]
        self.place_in[0] = self.origin[0]
        self.masks = np.empty((0, word_count(length)), np.uint64)
        self.draw(schedule.halvings)

    def draw(self, total: int) -> None:
        """Have so many masks in all."""
        width = word_count(self.length)
        more = [
            low_bits(expand(self._seed, f"half {r}", width), self.length)
            for r in range(len(self.masks), total)
        ]
        if more:
            self.masks = np.vstack([self.masks, *more])

    def permuted(self, rows: Words, number: int) -> Words:
        """Return rows in the order of a pass."""
        from accord.systems.qkd.postprocessing.kernels.parity import permute

        if number == 0:
            return rows.copy()
        out = np.empty_like(rows)
        permute(rows, self.origin[number], out)
        return out
