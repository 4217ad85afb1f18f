"""Schedules of Cascade: block sizes of the shuffled passes, and how many halvings by random subsets follow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from accord.errors import AccordError

__all__ = ["Schedule", "best", "brassard_salvail", "yan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One way through Cascade.

    Attributes
    ----------
    sizes : tuple of int
        Bits of a block in the first, unshuffled pass and in every shuffled one after it.
    halvings : int
        Passes of two blocks, a random half of the frame and the rest, searched in the order of the last pass. A last
        pass of one block a frame costs no bit and gives an order of its own: errors that share their blocks so far
        then lie apart, and a search for another finds them more often.
    reuse : bool
        Whether parities of parts of a block, known from an earlier search, narrow the later ones.
    """

    sizes: tuple[int, ...]
    halvings: int = 0
    reuse: bool = True


def _usable(error_rate: float, length: int) -> float:
    if not 0.0 <= error_rate < 0.5:
        raise AccordError(f"Cascade: error rate {error_rate:g}, expected at least 0 and below 0.5")
    if length < 1:
        raise AccordError(f"Cascade: a frame of {length} bits, expected at least 1")
    return max(error_rate, 1.0 / max(length, 2), 1e-7)


def brassard_salvail(error_rate: float, length: int) -> Schedule:
    """Return the first published schedule: 0.73 / Q, doubled three times.

    Brassard & Salvail (1994), EUROCRYPT '93, 410.
    """
    first = max(1, math.ceil(0.73 / _usable(error_rate, length)))
    return Schedule(sizes=tuple(min(first << i, length) for i in range(4)), reuse=False)


def yan(error_rate: float, length: int) -> Schedule:
    """Return 0.80 / Q, five times that, then eight passes of two halves.

    Yan, Ren, Peng, Lin, Jiang, Liu & Guo (2008), ICNC '08, 637.
    """
    first = max(1, math.ceil(0.80 / _usable(error_rate, length)))
    return Schedule(sizes=(min(first, length), min(5 * first, length), length), halvings=8, reuse=False)


def best(error_rate: float, length: int) -> Schedule:
    """Return the schedule of Yan et al. with reuse of sub-blocks and with twice as many halvings.

    Each halving costs one bit a frame and misses half of what is left.
    """
    first = max(1, math.ceil(0.80 / _usable(error_rate, length)))
    return Schedule(sizes=(min(first, length), min(5 * first, length)), halvings=16, reuse=True)
