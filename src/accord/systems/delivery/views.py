"""Inside, outside and combined view of the same schedule.

Inside: the durations and risks as the programme states them. Outside: where an activity names a reference
class, its announced duration times the ratio that finished projects of the class had, at the same rank as
the inside draw. Combined: the geometric mean of the two quantile functions, with the weight ``w = gates /
(gates + k)`` on the inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Horizon, Ref, Spread
from accord.systems.delivery import risks
from accord.systems.delivery.columns import cost_classes, has_own_rank, schedule_classes
from accord.systems.delivery.inputs import Activity, Design
from accord.systems.delivery.network import NEVER_MONTH, Dates, Hit, forward
from accord.systems.delivery.reference import ReferenceClass
from accord.systems.delivery.risks import Strike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "RANKS",
    "Case",
    "announced_cost",
    "announced_duration",
    "costs",
    "inside_view",
    "inside_weight",
    "look",
]

RANKS = (np.arange(4096) + 0.5) / 4096  # ranks at which the quantile function of a duration is tabulated


@dataclass(frozen=True, slots=True)
class Case:
    """What every view of one batch of members needs."""

    design: Design
    prepared: Mapping[str, Any]
    members: Mapping[str, FloatArray]
    horizon: Horizon
    strikes: Mapping[str, Strike]
    shortages: Sequence[Sequence[Hit]]  # one list for each activity


def _median(value: Spread | Ref) -> float:
    return value.quantile(0.5) if isinstance(value, Spread) else 0.0  # a Ref is refused where it would matter


def announced_duration(activity: Activity) -> float:
    """Return the duration that the outside view scales: as announced, else the median of the inside view
    [month]."""
    return (
        activity.estimate_month if activity.estimate_month is not None else _median(activity.duration_month)
    )


def announced_cost(activity: Activity) -> float:
    """Return the cost that the outside view scales: as announced, else medians put together [MUSD2025]."""
    if activity.cost_estimate_musd2025 is not None:
        return activity.cost_estimate_musd2025
    if activity.cost is None:
        return 0.0
    burn = _median(activity.cost.per_month_musd2025_per_month) * _median(activity.duration_month)
    return _median(activity.cost.fixed_musd2025) + burn


def inside_weight(activity: Activity, design: Design) -> float:
    """Return the weight of the inside view of one activity [1]: gates / (gates + k)."""
    return activity.gates / (activity.gates + design.gates_for_half)


def inside_view(case: Case) -> Dates:
    """Date every activity in the inside view alone."""
    return _pass(case, _durations(case), _hits(case))


def _hits(case: Case) -> list[list[Hit]]:
    """Return what risks and shortages do to each activity."""
    return [
        [*risks.hits_on(a, case.design, case.members, case.strikes), *short]
        for a, short in zip(case.design.schedule, case.shortages, strict=True)
    ]


def _durations(case: Case) -> list[FloatArray]:
    return [np.maximum(case.members[f"duration_month.{a.id}"], 0.0) for a in case.design.schedule]


def look(case: Case) -> tuple[Dates, Dates, Dates]:
    """Date every activity in the three views.

    Returns
    -------
    inside, outside, combined : Dates
        The same object three times when no activity has a reference class with a record of durations.
    """
    design, schedule = case.design, case.design.schedule
    base, hits = _durations(case), _hits(case)
    inside = _pass(case, base, hits)
    classed = [index for index, a in enumerate(schedule) if schedule_classes(a)]
    if not classed:
        return inside, inside, inside
    outer, mixed = list(base), list(base)
    outer_hits = [[] if index in classed else struck for index, struck in enumerate(hits)]
    for index in classed:
        activity = schedule[index]
        outer[index] = _outside_duration(activity, case)
        weight = inside_weight(activity, design)
        mixed[index] = inside.duration_month[index] ** weight * outer[index] ** (1.0 - weight)
    return inside, _pass(case, outer, outer_hits), _pass(case, mixed, outer_hits)


def _pass(case: Case, durations: Sequence[FloatArray], hits: Sequence[Sequence[Hit]]) -> Dates:
    schedule = case.design.schedule
    earliest = [0.0 if a.start is None else max(0.0, case.horizon.months_to(a.start)) for a in schedule]
    stops = [risks.stops_on(a, case.design, case.strikes) for a in schedule]
    return forward(case.prepared["after"], durations, earliest, hits, stops)


def _outside_duration(activity: Activity, case: Case) -> FloatArray:
    if has_own_rank(activity):
        grid = case.prepared[f"duration_quantiles.{activity.id}"]
        rank = np.interp(case.members[f"duration_month.{activity.id}"], grid, RANKS)
    else:
        rank = case.members[f"outside_rank.{activity.id}"]
    return announced_duration(activity) * pooled(schedule_classes(activity), rank)


def pooled(records: Sequence[ReferenceClass], rank: FloatArray) -> FloatArray:
    """Return quantiles of actual over estimate by one or several records: the geometric mean of their quantile
    functions, as a technology and the country that it is built in both tell.

    Parameters
    ----------
    records : sequence of ReferenceClass
        At least one.
    rank : float array, shape (n,) [1]
    """
    logs = [np.log(record.ppf(rank)) for record in records]
    total = sum(logs[1:], logs[0])
    ratio: FloatArray = np.exp(total / len(logs)) if len(logs) > 1 else records[0].ppf(rank)
    return ratio


def costs(case: Case, dates: Dates, outside: bool) -> FloatArray:
    """Return the cost of every activity.

    Parameters
    ----------
    dates : Dates
        Of the same view.
    outside : bool
        True to scale announced costs by the record of the reference class where there is one.

    Returns
    -------
    float array, shape (activities, n) [MUSD2025]
        Fixed cost, spent evenly over the activity, and cost of each month worked, times the risks' factors,
        the shared factor and real escalation to the middle of the work. Of a stopped activity only what was
        spent by then.
    """
    members = case.members
    found = np.zeros_like(dates.start_month)
    growth = np.log1p(members["real_escalation_per_yr"]) / 12.0
    for index, activity in enumerate(case.design.schedule):
        if activity.cost is None:
            continue
        worked, full = dates.worked_month[index], dates.duration_month[index]
        begun = dates.start_month[index] < NEVER_MONTH
        done = np.where(full > 0.0, worked / np.where(full > 0.0, full, 1.0), begun)
        records = cost_classes(activity) if outside else ()
        if records:
            ratio = pooled(records, members[f"outside_cost_rank.{activity.id}"])
            found[index] = announced_cost(activity) * ratio * done
            continue
        fixed = np.maximum(members[f"fixed_musd2025.{activity.id}"], 0.0)
        burn = np.maximum(members[f"per_month_musd2025_per_month.{activity.id}"], 0.0)
        end = dates.end_month[index]
        factor = risks.product_of("cost_factor", activity, case.design, members, case.strikes, end)
        middle = dates.start_month[index] + 0.5 * worked
        price = members["shared_cost_factor"] * np.exp(growth * middle)
        found[index] = (fixed * done + burn * worked) * factor * price
    return found
