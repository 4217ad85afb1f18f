"""Joint confidence of cost and date, and what goes wrong when the two are read apart.

Pure functions on arrays of cost and finish over ensemble members; after the practice of joint cost and
schedule confidence levels (NASA Cost Estimating Handbook, version 4, appendix J, 2015).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["frontier", "joint_confidence", "marginal_for_joint", "merge_bias", "wilks_sample_size"]


def joint_confidence(cost: FloatArray, finish: FloatArray, cost_limit: float, finish_limit: float) -> float:
    """Return the share of members within both limits [1].

    Parameters
    ----------
    cost, finish : float array, shape (n,)
        In any unit, the limits in the same.
    """
    return float(np.mean((cost <= cost_limit) & (finish <= finish_limit)))


def frontier(
    cost: FloatArray, finish: FloatArray, level: float, points: int = 33, finish_limit: float = math.inf
) -> tuple[FloatArray, FloatArray]:
    """Return the pairs of date and budget that have a stated joint confidence.

    Parameters
    ----------
    cost, finish : float array, shape (n,)
    level : float [1]
        Joint confidence, between 0 and 1.
    points : int
        Number of pairs.
    finish_limit : float
        Dates at or beyond it do not count as finishing (an activity that never ends).

    Returns
    -------
    finish_limits, cost_limits : float array, shape (m,)
        For each date the smallest budget with P(cost <= budget and finish <= date) >= level; empty when no
        date reaches the level.
    """
    by_date = np.sort(finish)
    count = len(by_date)
    needed = max(1, math.ceil(level * count - 1e-9))
    possible = int(np.searchsorted(by_date, finish_limit, side="left"))
    if possible < needed:
        return np.empty(0), np.empty(0)
    picks = np.unique(np.linspace(needed - 1, possible - 1, points).astype(int))
    dates = np.unique(by_date[picks])
    costs = np.array([np.partition(cost[finish <= date], needed - 1)[needed - 1] for date in dates])
    return dates, costs


def marginal_for_joint(cost: FloatArray, finish: FloatArray, joint: float) -> float:
    """Return the confidence needed on each axis alone for a joint confidence [1].

    The same quantile level p is used for the budget and for the date; p is bisected until the share of
    members within both reaches `joint`. Members that never finish have an infinite `finish`. Where no date
    is late enough the answer is 1.
    """
    by_cost, by_date = np.sort(cost), np.sort(finish)
    count, ended = len(cost), int(np.count_nonzero(np.isfinite(finish)))
    if ended == 0:
        return 1.0

    def reached(p: float) -> float:
        index = min(count - 1, max(0, math.ceil(p * count - 1e-9) - 1))
        return joint_confidence(cost, finish, by_cost[index], by_date[min(index, ended - 1)])

    return _bisect(lambda p: reached(p) - joint, 0.0, 1.0)


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = 0.5 * (low + high)
        if function(middle) < 0.0:
            low = middle
        else:
            high = middle
    return high


def merge_bias(finishes: FloatArray) -> float:
    """Return how much later the last of several parallel paths finishes than the latest of their means.

    Parameters
    ----------
    finishes : float array, shape (paths, n)

    Returns
    -------
    float
        Mean of the maximum minus the maximum of the means: what a plan built on means leaves out.
    """
    return float(np.mean(np.max(finishes, axis=0)) - np.max(np.mean(finishes, axis=1)))


def wilks_sample_size(coverage: float, confidence: float, sides: int = 1) -> int:
    """Return the smallest sample whose extremes bound a share of the population (Wilks 1941).

    Parameters
    ----------
    coverage : float [1]
        Share of the population to lie within the bound.
    confidence : float [1]
        Probability that it does.
    sides : {1, 2}
        1: the largest value is an upper bound (1 - p^n >= b). 2: smallest and largest enclose the share
        (1 - p^n - n (1 - p) p^(n-1) >= b).
    """
    if not (0.0 < coverage < 1.0 and 0.0 < confidence < 1.0 and sides in {1, 2}):
        raise ValueError("coverage and confidence must lie between 0 and 1, sides must be 1 or 2")
    n = sides
    while True:
        missed = coverage**n
        if sides == 2:
            missed += n * (1.0 - coverage) * coverage ** (n - 1)
        if 1.0 - missed >= confidence:
            return n
        n += 1
