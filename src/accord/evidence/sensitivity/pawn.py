"""PAWN: how far an output's distribution moves when an input is known, by its distribution function.

Pianosi & Wagener (2018), Environmental Modelling & Software 108:197: the input's range is cut into slices of equal
probability and the Kolmogorov-Smirnov distance between the output within a slice and the output at large is taken. It
needs no design of its own, no independence of the inputs, and no mean of the output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Pawn", "pawn"]

_KOLMOGOROV95 = math.sqrt(-0.5 * math.log(0.05 / 2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pawn:
    """Distances [1] over the slices of d inputs.

    Attributes
    ----------
    distance : float array, shape (d, slices)
        Not a number for slices without members.
    noise : float
        Distance that a slice of an input without any influence exceeds in one case of twenty.
    """

    distance: FloatArray
    noise: float

    @property
    def median(self) -> FloatArray:
        """Median over the slices, shape (d,)."""
        return np.asarray(np.nanmedian(self.distance, axis=1))

    @property
    def largest(self) -> FloatArray:
        """Largest over the slices, shape (d,)."""
        return np.asarray(np.nanmax(self.distance, axis=1))


def pawn(x: FloatArray, y: FloatArray, slices: int = 10) -> Pawn:
    """Return the distances between the output within each slice and at large.

    Parameters
    ----------
    x : float array, shape (n, d)
    y : float array, shape (n,)
    slices : int
        Of equal probability, edges at the sample's quantiles; an input with no more than this many values has one
        slice a value.

    Raises
    ------
    ValueError
        When shapes do not fit or a number is not finite.

    Notes
    -----
    In the order of the output, the members of a slice are the steps of its distribution function; the largest
    distance is found at a step or just before one, so that one pass over the members gives all slices.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.shape != (len(x),) or slices < 2:
        raise ValueError(
            f"expected inputs (n, d), outputs (n,) and at least 2 slices, got {x.shape}, {y.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("expected finite numbers")
    n, d = x.shape
    order = np.argsort(y, kind="stable")
    ordered = y[order]
    below = np.searchsorted(ordered, ordered, side="left") / n  # the distribution just before each value
    upto = np.searchsorted(ordered, ordered, side="right") / n  # and at it
    distance = np.full((d, slices), np.nan)
    for column in range(d):
        part = _slice_of(x[:, column], slices)[order]
        grouped = np.argsort(part, kind="stable")  # slice by slice, within a slice in the order of the output
        size = np.bincount(part, minlength=slices + 1)
        first = np.cumsum(size) - size
        for s in range(slices):
            if size[s]:
                at = grouped[first[s] : first[s] + size[s]]
                steps = np.arange(size[s] + 1) / size[s]
                distance[column, s] = max((steps[1:] - upto[at]).max(), (below[at] - steps[:-1]).max())
    share = 1.0 / slices
    return Pawn(distance=distance, noise=_KOLMOGOROV95 * math.sqrt((1.0 + share) / (share * n)))


def _slice_of(values: FloatArray, slices: int) -> NDArray[np.int16]:
    """Return each member's slice; the number `slices` marks the largest value, which no half-open slice holds."""
    found = np.unique(values)
    if len(found) <= slices:
        return np.searchsorted(found, values).astype(np.int16)
    step = 1.0 / slices
    edges = np.quantile(values, np.minimum(np.arange(slices + 1) * step, 1.0))
    return (np.searchsorted(edges, values, side="right") - 1).clip(0, slices).astype(np.int16)
