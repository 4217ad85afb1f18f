"""The drawn columns of a run as the analyses of its claims read them: ranks and slices, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.evidence.sensitivity.target import equal_slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.engine.records import Run

    FloatArray = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["Columns", "ranks", "standard"]


def ranks(values: FloatArray) -> FloatArray:
    """Return mid-ranks (ties share their average rank), shape (n,)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2.0)[inverse]


def standard(values: FloatArray) -> FloatArray | None:
    """Return values with mean 0 and standard deviation 1; None where all are equal."""
    spread = values.std()
    return None if spread == 0 else (values - values.mean()) / spread


class Columns:
    """Columns of one run over the usable members of a claim.

    Claims of one run rest on much the same columns and members; what they share is kept.
    """

    def __init__(self, run: Run) -> None:
        self._columns = run.draws.columns
        self._scores: dict[tuple[str, bytes], FloatArray | None] = {}
        self._inverses: dict[tuple[tuple[str, ...], bytes], tuple[FloatArray, FloatArray]] = {}
        self._slices: dict[tuple[str, bytes], tuple[NDArray[np.int64], int]] = {}

    def scores(self, name: str, usable: Mask) -> FloatArray | None:
        """Return standardised ranks of a column, shape (usable members,); None for a constant."""
        key = name, _key(usable)
        if key not in self._scores:
            self._scores[key] = standard(ranks(self._columns[name][usable]))
        return self._scores[key]

    def ranked(self, names: Sequence[str], usable: Mask) -> tuple[FloatArray, FloatArray]:
        """Return the standardised ranks of columns, shape (n, k), and the inverse of their correlation matrix."""
        key = tuple(names), _key(usable)
        if key not in self._inverses:
            found = [self.scores(name, usable) for name in names]
            matrix = np.stack([score for score in found if score is not None], axis=1)
            inverse = np.linalg.pinv(matrix.T @ matrix / len(matrix), hermitian=True)
            self._inverses[key] = matrix, np.asarray(inverse, dtype=float)
        return self._inverses[key]

    def slices(self, name: str, usable: Mask, count: int) -> tuple[NDArray[np.int64], int]:
        """Return each usable member's slice along a column, and their number."""
        key = name, _key(usable)
        if key not in self._slices:
            self._slices[key] = equal_slices(self._columns[name][usable], count)
        return self._slices[key]


def _key(usable: Mask) -> bytes:
    return b"" if usable.all() else np.packbits(usable).tobytes()
