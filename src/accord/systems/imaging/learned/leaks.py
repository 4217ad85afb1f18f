"""What one chip gives away about another: shared pixels, the same place on another day, and the groups these make.

A score from a split that puts such chips on both sides measures memory. Chips carry no coordinates, so the finder
looks at content: runs of 24 pixels of a row, equal in two chips at any offset. In a spectral band 24 equal
integers in a row are the same acquisition; in a terrain model, checked over the whole overlap, the same place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import AccordError
from accord.systems.imaging.learned.chips import Chips

__all__ = ["LeakError", "Leaks", "Pair", "find_leaks", "matches", "refuse_leaky", "united"]

SEGMENT_PX = 24
_MOST_ALIKE = 40  # a run found in more places than this is a pattern of the ground model, not a place
_SPECTRAL_CHANGES, _SPECTRAL_VOTES = 8, 2
_TERRAIN_CHANGES, _TERRAIN_VOTES, _TERRAIN_EQUAL = 6, 8, 0.9


class LeakError(AccordError):
    """A split that puts the same pixels or the same place on both sides."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two chips that overlap.

    Attributes
    ----------
    first, second : int
        Indices of the chips, first < second.
    row_offset, col_offset : int
        What to subtract from a position in the first to get that in the second [px].
    segments : int
        Equal runs at that offset.
    overlap_px : int
    equal : float [1]
        Share of the overlap with equal values.
    """

    first: int
    second: int
    row_offset: int
    col_offset: int
    segments: int
    overlap_px: int
    equal: float


@dataclass(frozen=True, slots=True)
class Leaks:
    """What `find_leaks` found.

    Attributes
    ----------
    pixels, places : tuple of Pair
        Same acquisition; same ground.
    group : int array, shape (chips,)
        Group of each chip, numbered by first appearance: chips in different groups share nothing found.
    """

    pixels: tuple[Pair, ...]
    places: tuple[Pair, ...]
    group: NDArray[np.int64]

    @property
    def groups(self) -> int:
        """Return how many independent groups there are."""
        return int(self.group.max(initial=-1)) + 1


def find_leaks(
    chips: Chips, also: Iterable[tuple[int, int]] = (), *, band: str = "nir", terrain: str = "elevation"
) -> Leaks:
    """Find the pairs of chips that are not independent and unite them into groups.

    Parameters
    ----------
    chips : Chips
    also : iterable of (int, int)
        Pairs known from elsewhere: overlapping footprints, the same event.
    band, terrain : str
        The spectral and the ground layer to compare; without the latter only shared pixels are found.
    """
    pixels = _distinct(matches(chips.band(band), changes=_SPECTRAL_CHANGES, votes=_SPECTRAL_VOTES))
    places: tuple[Pair, ...] = ()
    if terrain in chips.bands:
        found = matches(chips.band(terrain), changes=_TERRAIN_CHANGES, votes=_TERRAIN_VOTES)
        places = _distinct([pair for pair in found if pair.equal >= _TERRAIN_EQUAL])
    joined = [(p.first, p.second) for p in (*pixels, *places)]
    return Leaks(pixels, places, united(len(chips), [*joined, *also]))


def _distinct(pairs: list[Pair]) -> tuple[Pair, ...]:
    """Keep the best offset of every two chips, in the order of the chips."""
    best: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        key = (pair.first, pair.second)
        if key not in best or pair.segments > best[key].segments:
            best[key] = pair
    return tuple(best[key] for key in sorted(best))


def matches(layer: NDArray[np.int16], *, changes: int, votes: int) -> list[Pair]:
    """Return overlaps of images, found by equal runs of `SEGMENT_PX` pixels of a row.

    Parameters
    ----------
    layer : int16 array, shape (n, rows, cols)
    changes : int
        A run counts when it changes value at least this often: flat ground and fill tell nothing.
    votes : int
        Equal runs that must agree on the offset.
    """
    if layer.shape[2] < SEGMENT_PX:
        return []
    ok = _changes(layer) >= changes
    image, row, col = np.nonzero(ok)
    value = _hashes(layer)[ok]
    order = np.argsort(value, kind="stable")
    image, row, col, value = image[order], row[order], col[order], value[order]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(value) != 0) + 1]).astype(np.int64)
    lengths = np.diff(np.concatenate([starts, [len(value)]]))
    found = []
    for length in range(2, _MOST_ALIKE + 1):
        runs = starts[lengths == length]
        for lag in range(1, length):
            a = (runs[:, None] + np.arange(length - lag)).ravel()
            b = a + lag
            other = image[a] != image[b]
            a, b = a[other], b[other]
            swap = image[a] > image[b]
            a, b = np.where(swap, b, a), np.where(swap, a, b)
            found.append(np.stack([image[a], image[b], row[a] - row[b], col[a] - col[b]], axis=1))
    table = np.concatenate(found) if found else np.empty((0, 4), dtype=np.int64)
    unique, count = np.unique(table, axis=0, return_counts=True)
    keep = count >= votes
    return [
        _pair(layer, [int(x) for x in line], int(n))
        for line, n in zip(unique[keep], count[keep], strict=True)
    ]


def _hashes(layer: NDArray[np.int16]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of the run that starts at each pixel, shape (n, rows, cols - SEGMENT_PX + 1)."""
    mixed = (layer.astype(np.int64).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(
        0xBF58476D1CE4E5B9
    )
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(29)
    wide = layer.shape[2] - SEGMENT_PX + 1
    total = np.zeros((*layer.shape[:2], wide), dtype=np.uint64)
    for step in range(SEGMENT_PX):
        total = total * np.uint64(0x100000001B3) + mixed[:, :, step : step + wide]
    return total


def _changes(layer: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return how often the value changes along the run that starts at each pixel."""
    steps = np.cumsum(np.diff(layer, axis=2) != 0, axis=2, dtype=np.int64)
    before = np.pad(steps, ((0, 0), (0, 0), (1, 0)))
    found: NDArray[np.int64] = (
        before[:, :, SEGMENT_PX - 1 :] - before[:, :, : before.shape[2] - SEGMENT_PX + 1]
    )
    return found


def _pair(layer: NDArray[np.int16], line: list[int], segments: int) -> Pair:
    first, second, down, right = line
    rows, cols = layer.shape[1:]
    r0, r1, c0, c1 = max(0, down), min(rows, rows + down), max(0, right), min(cols, cols + right)
    a = layer[first, r0:r1, c0:c1]
    b = layer[second, r0 - down : r1 - down, c0 - right : c1 - right]
    return Pair(first, second, down, right, segments, a.size, float(np.mean(a == b)))


def united(n: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Return the group of each of n things after uniting pairs, numbered by first appearance, shape (n,)."""
    above = list(range(n))

    def top(i: int) -> int:
        while above[i] != i:
            above[i] = above[above[i]]
            i = above[i]
        return i

    for a, b in pairs:
        above[max(top(a), top(b))] = min(top(a), top(b))
    number: dict[int, int] = {}
    return np.array([number.setdefault(top(i), len(number)) for i in range(n)], dtype=np.int64)


def refuse_leaky(fold: NDArray[np.int64], group: NDArray[np.int64], *, allow_leaky: bool = False) -> bool:
    """Return whether a split puts one group into several folds, and refuse that unless told otherwise.

    Parameters
    ----------
    fold, group : int array, shape (chips,)
    allow_leaky : bool
        Let it pass; whoever reports a score from it must call it leaky.

    Raises
    ------
    LeakError
        When the split is leaky and that was not allowed.
    """
    torn = [g for g in np.unique(group).tolist() if len(np.unique(fold[group == g])) > 1]
    if torn and not allow_leaky:
        raise LeakError(
            f"the split tears {len(torn)} of {len(np.unique(group))} groups of chips that share pixels or "
            "place; split by group, or set allow_leaky to have the score reported as leaky"
        )
    return bool(torn)
