"""When does a claim fail? A box in the uncertain inputs where failures are dense, in words.

The patient rule induction method of Friedman & Fisher (1999), Bump hunting in high-dimensional data, Statistics and
Computing 9:123, as used for scenario discovery by Bryant & Lempert (2010), Technological Forecasting and Social Change
77:34: peel a small share of the box off the side that raises the density most, over and over; then paste back what
does not lower it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["Box", "Side", "find_box"]

PEEL = 0.05  # share of the box that one step takes off
LEAST_MASS = 0.05  # share of all members that a box must keep
SIGNIFICANT = 0.05  # a restriction that chance explains better is dropped


@dataclass(frozen=True, slots=True)
class Side:
    """One restriction: an input (its index) below or above a value; `chance` is its quasi-p-value."""

    index: int
    low: float | None
    high: float | None
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where failures are dense.

    Attributes
    ----------
    density : float
        Share of the members in the box that fail.
    coverage : float
        Share of all failures that lie in it.
    mass : float
        Share of all members that lie in it.
    """

    sides: tuple[Side, ...]
    density: float
    coverage: float
    mass: float


def find_box(inputs: FloatArray, fails: Mask) -> Box | None:
    """Return the box on the peeling trajectory with the best harmonic mean of density and coverage.

    Parameters
    ----------
    inputs : float array, shape (n, k)
    fails : bool array, shape (n,)

    Returns
    -------
    Box or None
        None where nothing or everything fails, or no restriction survives its test against chance.
    """
    n, k = inputs.shape
    total = int(fails.sum())
    if total in {0, n} or k == 0:
        return None
    limits = np.stack([np.full(k, -np.inf), np.full(k, np.inf)])
    best, best_score = limits.copy(), _score(fails, np.ones(n, dtype=bool), total)
    inside = np.ones(n, dtype=bool)
    while True:
        peeled = _peel(inputs, fails, inside, limits)
        if peeled is None or peeled[1].sum() < LEAST_MASS * n:
            break
        limits, inside = peeled
        score = _score(fails, inside, total)
        if score > best_score:
            best, best_score = limits.copy(), score
    limits = _paste(inputs, fails, best, total)
    limits = _significant(inputs, fails, limits)
    inside = _within(inputs, limits)
    sides = tuple(
        Side(
            index=i,
            low=None if np.isinf(limits[0, i]) else float(limits[0, i]),
            high=None if np.isinf(limits[1, i]) else float(limits[1, i]),
            chance=_chance(inputs, fails, limits, i),
        )
        for i in range(k)
        if not np.isinf(limits[:, i]).all()
    )
    if not sides:
        return None
    hits = int((fails & inside).sum())
    return Box(
        sides=sides, density=hits / int(inside.sum()), coverage=hits / total, mass=float(inside.mean())
    )


def _within(inputs: FloatArray, limits: FloatArray) -> Mask:
    return np.asarray(((inputs >= limits[0]) & (inputs <= limits[1])).all(axis=1))


def _score(fails: Mask, inside: Mask, total: int) -> float:
    hits = float((fails & inside).sum())
    return 2.0 * hits / (float(inside.sum()) + total)  # harmonic mean of density and coverage


def _peel(
    inputs: FloatArray, fails: Mask, inside: Mask, limits: FloatArray
) -> tuple[FloatArray, Mask] | None:
    """Take the 5 % off that side whose loss leaves the densest box."""
    rows = np.flatnonzero(inside)
    values, failing = inputs[rows], fails[rows].astype(float)
    size, hits = len(rows), failing.sum()
    best: tuple[float, int, int, float, Mask] | None = None
    for column in range(inputs.shape[1]):
        low, high = np.quantile(values[:, column], [PEEL, 1.0 - PEEL])
        for end, edge, gone in ((0, low, values[:, column] < low), (1, high, values[:, column] > high)):
            taken = int(gone.sum())
            if not 0 < taken < size:
                continue
            density = (hits - failing[gone].sum()) / (size - taken)
            if best is None or density > best[0] + 1e-12:
                best = (density, column, end, float(edge), gone)
    if best is None:
        return None
    _, column, end, edge, gone = best
    limits = limits.copy()
    limits[end, column] = edge
    inside = inside.copy()
    inside[rows[gone]] = False
    return limits, inside


def _paste(inputs: FloatArray, fails: Mask, limits: FloatArray, total: int) -> FloatArray:
    """Give restrictions back, the least useful first, while the score does not fall."""
    current = _score(fails, _within(inputs, limits), total)
    while True:
        found = None
        for end, column in zip(*np.nonzero(np.isfinite(limits)), strict=True):
            wider = limits.copy()
            wider[end, column] = -np.inf if end == 0 else np.inf
            score = _score(fails, _within(inputs, wider), total)
            if score >= current and (found is None or score > found[0]):
                found = (score, wider)
        if found is None:
            return limits
        current, limits = found


def _chance(inputs: FloatArray, fails: Mask, limits: FloatArray, column: int) -> float:
    """Return how likely chance makes a box without this restriction as dense: Bryant & Lempert's quasi-p-value."""
    from scipy.special import bdtrc

    wider = limits.copy()
    wider[:, column] = (-np.inf, np.inf)
    loose, tight = _within(inputs, wider), _within(inputs, limits)
    hits, size = int((fails & tight).sum()), int(tight.sum())
    return float(bdtrc(hits - 1, size, float(fails[loose].mean()))) if hits else 1.0


def _significant(inputs: FloatArray, fails: Mask, limits: FloatArray) -> FloatArray:
    """Drop restrictions that chance explains, the weakest first."""
    limits = limits.copy()
    while True:
        used = [i for i in range(inputs.shape[1]) if not np.isinf(limits[:, i]).all()]
        weak = [(p, i) for p, i in ((_chance(inputs, fails, limits, i), i) for i in used) if p > SIGNIFICANT]
        if not weak:
            return limits
        limits[:, max(weak)[1]] = (-np.inf, np.inf)
