"""Connected regions of a scene that is read strip by strip: nothing but one row and one table is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.products import kernels

__all__ = ["Regions"]


class Regions:
    """Labels regions of equal value (0 or 1) of a picture walked from top to bottom.

    Parameters
    ----------
    width : int
    """

    def __init__(self, width: int) -> None:
        self.used = 0
        self.parent = np.zeros(1, np.int32)
        self.over = np.zeros(1, np.int32)
        self.rim = np.zeros(1, np.uint8)
        self.size = np.zeros(1, np.int32)
        self.starts: list[tuple[int, NDArray[np.uint8], NDArray[np.int32]]] = []
        self._above = np.full(width, 255, np.uint8)
        self._above_label = np.zeros(width, np.int32)

    def add(self, values: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Label the next rows; the labels are joined later by `roots`."""
        self.starts.append((self.used, self._above, self._above_label))
        tables = (self.parent, self.over, self.rim, self.size)
        self.parent, self.over, self.rim, self.size = (self._room(t, values.size) for t in tables)
        out = np.empty(values.shape, np.int32)
        self.used = kernels.label(
            values,
            self._above,
            self._above_label,
            self.parent,
            self.used,
            True,
            out,
            self.over,
            self.rim,
            self.size,
        )
        self._above, self._above_label = values[-1].copy(), out[-1].copy()
        return out

    def again(self, number: int, values: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Return the labels of strip `number` once more, in any order and from any thread."""
        used, above, above_label = self.starts[number]
        out = np.empty(values.shape, np.int32)
        kernels.label(
            values, above, above_label, self.parent, used, False, out, self.over, self.rim, self.size
        )
        return out

    def roots(self) -> NDArray[np.int32]:
        """Return, for every label, the label of its region, and close the table."""
        self.rim[np.unique(self._above_label)] = 1  # the foot of the scene
        root = self.parent[: self.used + 1].copy()
        while True:
            further = root[root]
            if np.array_equal(further, root):
                return root
            root = further

    def folded(self, root: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return pixels of each region and whether it touches the unseen or the edge, by root label."""
        size = np.bincount(root, self.size[: len(root)], len(root)).astype(np.int64)
        rim = np.bincount(root, self.rim[: len(root)], len(root)) > 0
        return size, rim

    def _room(self, table: NDArray, size: int) -> NDArray:  # type: ignore[type-arg]
        need = self.used + size + 2  # a chequerboard: every pixel its own region
        if len(table) >= need:
            return table
        grown = np.zeros(max(need, len(table) + len(table) // 2), table.dtype)
        grown[: len(table)] = table
        return grown
