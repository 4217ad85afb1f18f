"""Parities and searches in random subsets of a frame: its bits under a mask, and those left out."""

from __future__ import annotations

import numpy as np
from numba import njit

from accord.systems.qkd.postprocessing.kernels.carryless import parity, population

__all__ = ["subset_answer", "subset_begin", "subset_last", "subset_narrow", "subset_parities"]

_ONE, _ALL = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True, nogil=True)
def subset_parities(rows, mask, out):
    """Set ``out`` to the parity of every row under the mask."""
    for f in range(rows.shape[0]):
        total = np.uint64(0)
        for w in range(rows.shape[1]):
            total ^= rows[f, w] & mask[w]
        out[f] = parity(total)


@njit(cache=True, inline="always")
def _chosen(mask, word, side, length):
    """Return a word of the mask, or of what it leaves out, within the frame."""
    chosen = mask[word] if side == 0 else ~mask[word]
    short = (word + 1) * 64 - length
    if short > 0:
        chosen &= _ALL >> np.uint64(short)
    return chosen


@njit(cache=True, inline="always")
def _within(chosen, word, low, high):
    """Return the bits of a chosen word that lie in places low to high - 1."""
    if (word << 6) < low:
        chosen &= _ALL << np.uint64(low - (word << 6))
    if ((word + 1) << 6) > high:
        chosen &= _ALL >> np.uint64(((word + 1) << 6) - high)
    return chosen


@njit(cache=True, nogil=True)
def subset_begin(mask, length, side, low, high, number):
    """Set up a search over the whole of each subset; side 0 is the mask, 1 what it leaves out."""
    inside = np.int64(0)
    for w in range(len(mask)):
        inside += np.int64(population(_chosen(mask, w, 0, length)))
    for i in range(len(side)):
        low[i], high[i] = 0, length
        number[i] = inside if side[i] == 0 else length - inside


@njit(cache=True)
def _left_half(row, mask, side, length, low, high, wanted):
    """Return the place after the ``wanted``-th chosen bit from low on, and the parity of those before it."""
    total, seen = np.uint64(0), np.int64(0)
    for w in range(low >> 6, ((high - 1) >> 6) + 1):
        chosen = _within(_chosen(mask, w, side, length), w, low, high)
        more = np.int64(population(chosen))
        if seen + more < wanted:
            seen += more
            total ^= row[w] & chosen
            continue
        rest = chosen
        for _ in range(wanted - seen):
            lowest = rest & (~rest + _ONE)
            rest ^= lowest
        total ^= row[w] & (chosen ^ rest)
        return (w << 6) + np.int64(population(lowest - _ONE)) + 1, parity(total)
    return high, parity(total)


@njit(cache=True, nogil=True)
def subset_answer(rows, mask, length, frame, side, low, high, number, middle, out):
    """Set ``out`` to the parities of the left halves of all subsets larger than one; return how many."""
    count = 0
    for i in range(len(frame)):
        if number[i] > 1:
            wanted = (number[i] + 1) >> 1
            middle[i], out[count] = _left_half(rows[frame[i]], mask, side[i], length, low[i], high[i], wanted)
            count += 1
    return count


@njit(cache=True, nogil=True)
def subset_narrow(low, high, number, middle, left):
    """Keep the odd half of all subsets larger than one; return how many still are."""
    count, rest = 0, 0
    for i in range(len(low)):
        if number[i] > 1:
            half = (number[i] + 1) >> 1
            if left[count]:
                high[i], number[i] = middle[i], half
            else:
                low[i], number[i] = middle[i], number[i] - half
            count += 1
            if number[i] > 1:
                rest += 1
    return rest


@njit(cache=True, nogil=True)
def subset_last(mask, length, side, low, high, out):
    """Set ``out`` to the place of the one chosen bit left in each subset."""
    for i in range(len(side)):
        for w in range(low[i] >> 6, ((high[i] - 1) >> 6) + 1):
            chosen = _within(_chosen(mask, w, side[i], length), w, low[i], high[i])
            if chosen:
                out[i] = (w << 6) + np.int64(population((chosen & (~chosen + _ONE)) - _ONE))
                break
