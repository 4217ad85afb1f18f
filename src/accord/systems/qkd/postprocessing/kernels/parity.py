"""Loops of Cascade over many frames at once.

A frame is a row of words; places are counted over all rows. Bob knows, for every pass, the cuts between which
Alice's parity is known, and which of those intervals hold an odd number of errors: that is all Cascade needs to
remember, and a cut that a search leaves behind is a sub-block that the next search need not ask about again.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from accord.systems.qkd.postprocessing.kernels.carryless import parity, population, trailing_zeros

__all__ = [
    "answer",
    "block_parities",
    "correct",
    "cut_blocks",
    "mark_odd",
    "narrow",
    "odd_intervals",
    "permute",
    "shuffle",
]

_ONE, _ALL, _SIX = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(6)


@njit(cache=True, nogil=True)
def shuffle(random, order):
    """Put ``order`` into random order with one 32-bit number a place (Fisher & Yates)."""
    for i in range(len(order) - 1, 0, -1):
        j = (np.uint64(random[i]) * np.uint64(i + 1)) >> np.uint64(32)
        order[i], order[j] = order[j], order[i]


@njit(cache=True, nogil=True)
def permute(rows, order, out):
    """Set bit i of every row of ``out`` to bit ``order[i]`` of the same row."""
    for f in range(rows.shape[0]):
        row = rows[f]
        for w in range(rows.shape[1]):
            word = np.uint64(0)
            for b in range(min(64, len(order) - 64 * w)):
                place = order[64 * w + b]
                word |= ((row[place >> 6] >> np.uint64(place & 63)) & _ONE) << np.uint64(b)
            out[f, w] = word


@njit(cache=True, inline="always")
def _range_parity(words, low, high):
    """Return the parity of bits low to high - 1; low < high."""
    first, last = low >> 6, (high - 1) >> 6
    head = _ALL << np.uint64(low & 63)
    tail = _ALL >> np.uint64(63 - ((high - 1) & 63))
    if first == last:
        return parity(words[first] & head & tail)
    total = words[first] & head
    for i in range(first + 1, last):
        total ^= words[i]
    return parity(total ^ (words[last] & tail))


@njit(cache=True, nogil=True)
def block_parities(words, frames, width, length, size, out):
    """Set ``out`` (frames, blocks) to the parities of consecutive blocks of every frame."""
    for f in range(frames):
        start = 64 * width * f
        for b in range(out.shape[1]):
            out[f, b] = _range_parity(words, start + b * size, start + min((b + 1) * size, length))


@njit(cache=True, nogil=True)
def cut_blocks(cuts, frames, width, length, size):
    """Mark where blocks begin, and where each frame ends."""
    for f in range(frames):
        start = 64 * width * f
        for low in range(0, length, size):
            cuts[(start + low) >> 6] |= _ONE << np.uint64((start + low) & 63)
        end = start + length
        cuts[end >> 6] |= _ONE << np.uint64(end & 63)


@njit(cache=True, nogil=True)
def mark_odd(differs, odd, width, size):
    """Mark the blocks whose parities differ; return how many there are."""
    count = 0
    for f in range(differs.shape[0]):
        for b in range(differs.shape[1]):
            if differs[f, b]:
                place = 64 * width * f + b * size
                odd[place >> 6] |= _ONE << np.uint64(place & 63)
                count += 1
    return count


@njit(cache=True, inline="always")
def _next_cut(cuts, place):
    """Return the first cut above a place; there always is one."""
    i = (place + 1) >> 6
    word = cuts[i] & (_ALL << np.uint64((place + 1) & 63))
    while word == 0:
        i += 1
        word = cuts[i]
    return (i << 6) + np.int64(trailing_zeros(word))


@njit(cache=True, inline="always")
def _cut_before(cuts, place):
    """Return the last cut at or below a place; there always is one."""
    i = place >> 6
    word = cuts[i] & (_ALL >> np.uint64(63 - (place & 63)))
    while word == 0:
        i -= 1
        word = cuts[i]
    word |= word >> np.uint64(1)
    word |= word >> np.uint64(2)
    word |= word >> np.uint64(4)
    word |= word >> np.uint64(8)
    word |= word >> np.uint64(16)
    word |= word >> np.uint64(32)
    return (i << 6) + np.int64(population(word)) - 1


@njit(cache=True, nogil=True)
def odd_intervals(odd, cuts, low, high):
    """List the odd intervals, forget them, and return how many there are."""
    count = 0
    for i in range(len(odd)):
        word = odd[i]
        while word:
            place = (i << 6) + np.int64(trailing_zeros(word))
            word &= word - _ONE
            low[count] = place
            high[count] = _next_cut(cuts, place)
            count += 1
        odd[i] = np.uint64(0)
    return count


@njit(cache=True, nogil=True)
def answer(words, low, high, out):
    """Set ``out`` to the parities of the left halves of all intervals longer than one; return how many."""
    count = 0
    for i in range(len(low)):
        if high[i] - low[i] > 1:
            out[count] = _range_parity(
                words, np.int64(low[i]), (np.int64(low[i]) + np.int64(high[i]) + 1) >> 1
            )
            count += 1
    return count


@njit(cache=True, nogil=True)
def narrow(low, high, left, words, cuts, compare, keep):
    """Keep the odd half of all intervals longer than one; return how many still are.

    With ``compare``, ``left`` holds Alice's parities and leaves holding whether the left half is odd; without,
    it says just that. With ``keep``, the middle stays known as a cut.
    """
    count, rest = 0, 0
    for i in range(len(low)):
        if high[i] - low[i] > 1:
            begin, end = np.int64(low[i]), np.int64(high[i])
            middle = (begin + end + 1) >> 1
            if compare:
                left[count] ^= np.uint8(_range_parity(words, begin, middle))
                if keep:
                    cuts[middle >> 6] |= _ONE << np.uint64(middle & 63)
            if left[count]:
                high[i] = middle
                end = middle
            else:
                low[i] = middle
                begin = middle
            count += 1
            if end - begin > 1:
                rest += 1
    return rest


@njit(cache=True, nogil=True)
def correct(
    found, own, settled, started, width, origin, place_in, raw, keys, cuts, odd, subsets, drawn, subset_odd
):
    """Flip the bits found in the order of pass ``own`` in every pass begun, and the parities of what they lie in.

    The intervals of pass ``settled`` are left alone (-1 for none). ``origin[p]`` gives the natural place of a place
    in pass p, ``place_in[p]`` the reverse; subsets are of the order of the last pass. Return False when a bit is to
    be flipped back to what it was in ``raw``: with true parities every flip is right, and none is ever undone.
    """
    span, last = 64 * width, origin.shape[0] - 1
    for i in range(len(found)):
        frame = np.int64(found[i]) // span
        natural = np.int64(origin[own, np.int64(found[i]) - frame * span])
        first = frame * width + (natural >> 6)
        if ((keys[0, first] ^ raw[first]) >> np.uint64(natural & 63)) & _ONE:
            return False
        for p in range(started):
            place = frame * span + np.int64(place_in[p, natural])
            keys[p, place >> 6] ^= _ONE << np.uint64(place & 63)
            if p != settled:
                start = _cut_before(cuts[p], place)
                odd[p, start >> 6] ^= _ONE << np.uint64(start & 63)
        if drawn:
            place = np.int64(place_in[last, natural])
            for r in range(drawn):
                inside = (subsets[r, place >> 6] >> np.uint64(place & 63)) & _ONE
                subset_odd[r, frame, 1 - inside] ^= np.uint8(1)
    return True
