"""Outlines of regions: corners gathered while strips pass, joined into polygons at the end.

A rectilinear outline is given by its corners alone: along each row and along each column they pair up into edges.
Corners of a strip need only the row above, so there is no seam to mend and no whole picture in memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.products import kernels

__all__ = ["Outlines"]


class Outlines:
    """Gathers the outline of a mask that is walked from top to bottom.

    Parameters
    ----------
    width, height : int
    """

    def __init__(self, width: int, height: int) -> None:
        self.height = height
        self._mask = np.zeros(width, np.uint8)
        self._label = np.zeros(width, np.int32)
        self._row = 0
        self._parts: list[
            tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8], NDArray[np.int32]]
        ] = []

    def add(self, mask: NDArray[np.uint8], labels: NDArray[np.int32]) -> None:
        """Take the next rows: a mask, 1 inside, and the region of each pixel, shape (rows, width)."""
        self._gather(mask, labels)
        self._mask, self._label = mask[-1].copy(), labels[-1].copy()
        self._row += len(mask)
        if self._row == self.height:
            self._gather(np.zeros_like(self._mask)[None], np.zeros_like(self._label)[None])

    def _gather(self, mask: NDArray[np.uint8], labels: NDArray[np.int32]) -> None:
        count = kernels.count_corners(self._mask, mask)
        xs, ys = np.empty(count, np.int32), np.empty(count, np.int32)
        bits, owner = np.empty(count, np.uint8), np.empty(count, np.int32)
        kernels.strip_corners(self._mask, self._label, mask, labels, self._row, xs, ys, bits, owner)
        self._parts.append((xs, ys, bits, owner))

    def polygons(self, root: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[np.int32]]:
        """Return polygons in pixel coordinates (x right, y down) with holes, and the region of each.

        Parameters
        ----------
        root : int array
            Region of each label, from `Regions.roots`.
        """
        import shapely

        xs, ys, bits, owner = (
            np.concatenate([p[k] for p in self._parts]) if self._parts else np.empty(0, np.int32)
            for k in range(4)
        )
        self._parts.clear()
        n = len(xs)
        if n == 0:
            return np.empty(0, object), np.empty(0, np.int32)
        twin = np.flatnonzero((xs[1:] == xs[:-1]) & (ys[1:] == ys[:-1]))
        twin = twin[root[owner[twin]] == root[owner[twin + 1]]]
        bits[twin], bits[twin + 1] = (
            bits[twin] ^ 1,
            bits[twin + 1] ^ 1,
        )  # one region touching itself: part the loops
        order = np.argsort(
            (xs.astype(np.int64) << 33) | (ys.astype(np.int64) << 1) | (bits & 1), kind="stable"
        )
        partner = np.empty(n, np.int64)
        partner[order[::2]], partner[order[1::2]] = order[1::2], order[::2]
        x, y = np.empty(n, np.int32), np.empty(n, np.int32)
        start, first = np.empty(n // 4 + 2, np.int64), np.empty(n // 4 + 1, np.int64)
        count = kernels.rings(xs, ys, bits, partner, x, y, start, first)
        start, first = start[: count + 1], first[:count]
        outer = (bits[first] & 2) > 0
        region = root[owner[first]]
        index = np.repeat(np.arange(count), np.diff(start))
        coordinates = np.stack([x, y], axis=1).astype(np.float64)
        ring = shapely.linearrings(coordinates, indices=index)
        by_region = np.lexsort((~outer, region))
        ring, outer, region = ring[by_region], outer[by_region], region[by_region]
        shell = np.flatnonzero(outer)
        polygon = np.cumsum(outer) - 1  # each region has one outer ring, first of its rings
        found = (
            shapely.polygons(ring[shell])
            if not (~outer).any()
            else _with_holes(ring, outer, polygon, len(shell))
        )
        return np.atleast_1d(found), region[shell]


def _with_holes(
    ring: NDArray[Any], outer: NDArray[np.bool_], polygon: NDArray[np.integer], count: int
) -> NDArray[Any]:
    import shapely

    out = np.empty(count, object)
    shells = ring[outer]
    holes = np.flatnonzero(~outer)
    of = polygon[holes]
    out[:] = shapely.polygons(shells)
    for k, members in zip(*_grouped(of, holes), strict=True):
        out[k] = shapely.polygons(shells[k], ring[members])
    return out


def _grouped(
    key: NDArray[np.integer], value: NDArray[np.integer]
) -> tuple[NDArray[np.integer], list[NDArray[np.integer]]]:
    unique, begin = np.unique(key, return_index=True)
    return unique, np.split(value, begin[1:])
