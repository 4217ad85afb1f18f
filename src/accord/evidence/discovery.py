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

from accord.contract.streams import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["Box", "Side", "bumped_box", "find_box"]

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
    best, best_score = limits.copy(), 2.0 * total / (n + total)
    order = np.argsort(inputs, axis=0, kind="stable").T  # rows in the box, sorted along each input
    while True:
        peeled = _peel(inputs, fails, order)
        if peeled is None:
            break
        column, end, edge, order = peeled
        if order.shape[1] < LEAST_MASS * n:
            break
        limits[end, column] = edge
        hits = float(np.count_nonzero(fails[order[0]]))
        score = 2.0 * hits / (order.shape[1] + total)  # harmonic mean of density and coverage
        if score > best_score:
            best, best_score = limits.copy(), score
    return _box(inputs, fails, _significant(inputs, fails, _paste(inputs, fails, best, total)))


def bumped_box(inputs: FloatArray, fails: Mask, *, times: int = 50, seed: int = 0) -> Box | None:
    """Return the best of the boxes that resampled members give, judged on the members themselves.

    Bumping (Tibshirani & Knight 1999, Journal of Computational and Graphical Statistics 8:671; for scenario discovery
    Kwakkel & Cunningham 2016, Technological Forecasting and Social Change 111:124): a greedy search that a few
    members led astray finds its way when others are drawn.

    Parameters
    ----------
    inputs, fails : as for `find_box`
    times : int
        Bootstrap samples; the members themselves are tried first.
    """
    rng, n = generator(seed, "bumping"), len(fails)
    best = find_box(inputs, fails)
    if best is None:
        return None
    for _ in range(times):
        rows = rng.integers(0, n, size=n)
        found = find_box(inputs[rows], fails[rows])
        if found is None:
            continue
        limits = np.stack([np.full(inputs.shape[1], -np.inf), np.full(inputs.shape[1], np.inf)])
        for side in found.sides:
            limits[0, side.index] = -np.inf if side.low is None else side.low
            limits[1, side.index] = np.inf if side.high is None else side.high
        limits = _significant(inputs, fails, limits)
        if _within(inputs, limits).mean() < LEAST_MASS:
            continue
        own = _box(inputs, fails, limits)
        if own is not None and _merit(own) > _merit(best) + 1e-12:
            best = own
    return best


def _merit(box: Box) -> float:
    """Return the harmonic mean of density and coverage."""
    return 0.0 if box.density == 0.0 else 2.0 / (1.0 / box.density + 1.0 / box.coverage)


def _box(inputs: FloatArray, fails: Mask, limits: FloatArray) -> Box | None:
    k, total = inputs.shape[1], int(fails.sum())
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
    inputs: FloatArray, fails: Mask, order: NDArray[np.intp]
) -> tuple[int, int, float, NDArray[np.intp]] | None:
    """Take 5 % off that side whose loss leaves the densest box: (input, end, new limit, rows left, sorted)."""
    count, size = order.shape
    step = int(PEEL * size)
    if step == 0:
        return None
    hits = np.count_nonzero(fails[order[0]])
    best: tuple[float, int, int, float, NDArray[np.intp]] | None = None
    for column in range(count):
        rows, values = order[column], inputs[:, column]
        for end in (0, 1):
            edge = values[rows[step]] if end == 0 else values[rows[size - 1 - step]]
            gone = rows[:step] if end == 0 else rows[size - step :]
            gone = gone[values[gone] != edge]  # equal values stay together, on the inside
            if not len(gone):
                continue
            density = (hits - np.count_nonzero(fails[gone])) / (size - len(gone))
            if best is None or density > best[0] + 1e-12:
                best = (density, column, end, float(edge), gone)
    if best is None:
        return None
    _, column, end, edge, gone = best
    stays = np.ones(len(fails), dtype=bool)
    stays[gone] = False
    return column, end, edge, order[stays[order]].reshape(count, -1)


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
