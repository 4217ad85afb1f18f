"""What cycling costs the battery: the loop between dispatch and life, and ways to keep a plant's battery up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.physics.finance import capital_recovery_factor
from accord.systems.plant.cells import AGES_YR, END_OF_LIFE, LONGEST_YR, Duty, curve, life_yr

FloatArray = NDArray[np.float64]

__all__ = ["UPKEEP", "Wear", "marginal_usd_per_mwh", "settle", "upkeep_factor"]

UPKEEP = ("replace", "augment", "oversize")
_MORE = 0.01  # by which cycling is raised for the marginal cost


@dataclass(frozen=True, slots=True)
class Wear:
    """Where dispatch and life agree.

    Attributes
    ----------
    cost_usd_per_mwh : float
        Of a MWh discharged, as the dispatch reckons with it.
    residual : float [1]
        Distance to what the life at that dispatch says, over the larger of the two (0: they agree).
    evaluations : int
        Dispatches it took.
    """

    cost_usd_per_mwh: float
    residual: float
    evaluations: int


def marginal_usd_per_mwh(
    cells: str, duty: Duty, discharged_mwh: float, capital_usd: float, rate_per_yr: float
) -> float:
    """Return by how much one more MWh discharged, in cycles like the year's, raises the yearly cost of replacement.

    Parameters
    ----------
    cells : str
    duty : Duty
    discharged_mwh : float [MWh/yr]
    capital_usd : float
        Of replacing all cells.
    rate_per_yr : float
    """
    if discharged_mwh <= 0.0:
        return 0.0
    costs = []
    for cycles in (1.0, 1.0 + _MORE):
        life = life_yr(curve(cells, replace(duty, cycles=duty.cycles * cycles)))
        costs.append(capital_usd * float(capital_recovery_factor(rate_per_yr, life)))
    return (costs[1] - costs[0]) / (_MORE * discharged_mwh)


def settle(
    implied: Callable[[float], float], *, start: float | None = None, most: int = 5, close: float = 0.03
) -> Wear:
    """Find the cost of wear that the dispatch made with it implies.

    Dearer wear means less cycling and so cheaper wear: the difference falls and has one root. Half steps until it is
    bracketed, then regula falsi.

    Parameters
    ----------
    implied : callable
        Cost of a MWh discharged [USD/MWh] that the dispatch at a given cost implies; dear.
    start : float, optional
        A cost that may be near.
    most : int
        Dispatches to spend.
    close : float [1]
        Residual to stop at.
    """
    cost = 0.0 if start is None else start
    low: tuple[float, float] | None = None  # a cost and by how much what it implies lies above it
    high: tuple[float, float] | None = None
    best, count = (np.inf, cost), 0
    while count < most:
        value = implied(cost)
        count += 1
        apart = value - cost
        residual = abs(apart) / max(value, cost) if max(value, cost) > 0.0 else 0.0
        best = min(best, (residual, cost))
        if residual <= close:
            break
        low, high = ((cost, apart), high) if apart > 0.0 else (low, (cost, apart))
        if low is not None and high is not None:
            cost = low[0] + (high[0] - low[0]) * low[1] / (low[1] - high[1])
        else:
            cost += 0.5 * apart
    return Wear(best[1], best[0], count)


def upkeep_factor(
    remaining: ArrayLike, rate_per_yr: ArrayLike, years: float, upkeep: str, factor: ArrayLike = 1.0
) -> FloatArray:
    """Return the yearly cost of keeping a battery up over its first cost [1/yr].

    Parameters
    ----------
    remaining : float array, shape (n, ages) or (ages,) [1]
        What remains of the capacity at `AGES_YR`.
    rate_per_yr : float array, shape (n,)
    years : float [yr]
        Life of the plant, for augmentation.
    upkeep : str
        ``"replace"``: all cells at 70 % of the capacity, 25 years at the latest. ``"oversize"``: as much more at
        first that 70 % is enough. ``"augment"``: every year as many cells as have been lost, retired at 70 %.
    factor : float array, shape (n,) [1]
        By which the cells live longer than the curve.

    Returns
    -------
    float array, shape (n,)
    """
    rate, scale = np.atleast_1d(np.asarray(rate_per_yr, dtype=float)), np.asarray(factor, dtype=float)
    n = len(rate)
    table = np.broadcast_to(np.asarray(remaining, dtype=float), (n, len(AGES_YR)))
    scale = np.broadcast_to(scale, (n,))
    if upkeep in ("replace", "oversize"):
        life = np.array([life_yr(row) for row in table]) * scale
        found: FloatArray = np.asarray(capital_recovery_factor(rate, life))
        return found / END_OF_LIFE if upkeep == "oversize" else found
    whole = int(np.ceil(years))
    ages = np.arange(whole + 1)
    position = np.minimum(ages[None, :] / scale[:, None], AGES_YR[-1])
    below = np.minimum(position.astype(int), len(AGES_YR) - 2)
    share = position - below
    rows = np.arange(n)[:, None]
    left = table[rows, below] * (1.0 - share) + table[rows, below + 1] * share
    left = np.where((left < END_OF_LIFE) | (ages[None, :] > LONGEST_YR * scale[:, None]), 0.0, left)
    added = np.zeros((n, whole))
    worth = np.zeros(n)
    for year in range(whole):
        there = sum((added[:, k] * left[:, year - k] for k in range(year)), np.zeros(n))
        added[:, year] = np.maximum(1.0 - there, 0.0)
        worth += added[:, year] / (1.0 + rate) ** year
    spread: FloatArray = worth * np.asarray(capital_recovery_factor(rate, float(whole)))
    return spread
