"""Delivery: a cost-loaded schedule network with discrete risks, beside the record of finished projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Spread, System
from accord.systems.delivery.columns import columns, dependence, has_own_rank, schedule_class
from accord.systems.delivery.figures import figures
from accord.systems.delivery.inputs import INPUTS, Design
from accord.systems.delivery.network import NEVER_MONTH, critical
from accord.systems.delivery.outputs import OUTPUTS, YEARS, labels
from accord.systems.delivery.risks import product_of, strikes
from accord.systems.delivery.views import RANKS, Case, costs, look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate", "prepare"]


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the network by index, and quantile tables of the durations that have a reference class.

    Returns
    -------
    dict
        ``after``: for each activity the indices it waits for; ``deliverables``: indices of the activities
        that count as deliverables (those that name a system; where none does, those that nothing waits
        for); ``duration_quantiles.<id>``: quantiles [month] at `RANKS`.
    """
    place = {name: index for index, name in enumerate(design.ids)}
    after = [[place[before] for before in dict.fromkeys(activity.after)] for activity in design.schedule]
    awaited = {index for before in after for index in before}
    last = [index for index in range(len(after)) if index not in awaited]
    built = [index for index, activity in enumerate(design.schedule) if activity.system is not None]
    prepared: dict[str, Any] = {"after": after, "deliverables": built or last}
    for activity in design.schedule:
        if schedule_class(activity) is not None and has_own_rank(activity):
            assert isinstance(activity.duration_month, Spread)
            prepared[f"duration_quantiles.{activity.id}"] = activity.duration_month.ppf(RANKS)
    return prepared


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Run the schedule in every member.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
        The system's inputs and the columns of its design.
    prepared : mapping
        From `prepare`.

    Returns
    -------
    dict of str to float array, shape (n,) or (n, activities)
        As declared in ``outputs.py``.
    """
    design = context.design
    assert isinstance(design, Design)
    horizon = context.horizon
    case = Case(design, prepared, members, horizon, strikes(design, members, horizon))
    inside, outside, combined = look(case)
    cost, outside_cost = costs(case, inside, False), costs(case, outside, True)
    finish, total = _latest(inside.finish_month), _sum(cost)
    delivered = ((inside.finish_month <= horizon.length_month) & (inside.finish_month < NEVER_MONTH)).astype(
        float
    )
    scope = np.stack(
        [
            product_of("scale", activity, design, members, case.strikes, inside.end_month[index])
            for index, activity in enumerate(design.schedule)
        ]
    )
    chosen = list(prepared["deliverables"])
    by_event = {
        "finish_month": inside.finish_month,
        "start_month": inside.start_month,
        "delivered": delivered,
        "scope": scope,
        "cost_musd2025": cost,
        "criticality": critical(prepared["after"], inside),
        "outside_finish_month": outside.finish_month,
        "combined_finish_month": combined.finish_month,
        "outside_cost_musd2025": outside_cost,
    }
    return {
        "programme_finish_month": finish,
        "total_cost_musd2025": total,
        "on_target": _on_target(design, finish, total, context),
        "delivered_share": _sum(delivered[chosen] * scope[chosen]) / len(chosen),
        "delivered_share_by_year": _by_year(inside.finish_month[chosen], scope[chosen]),
        "outside_programme_finish_month": _latest(outside.finish_month),
        "outside_total_cost_musd2025": _sum(outside_cost),
        **{name: values.T for name, values in by_event.items()},
    }


def _on_target(design: Design, finish: FloatArray, total: FloatArray, context: Context) -> FloatArray:
    targets, horizon = design.targets, context.horizon
    date = horizon.length_month if targets.finish is None else horizon.months_to(targets.finish)
    kept = (finish <= date) & (finish < NEVER_MONTH)
    if targets.cost_musd2025 is not None:
        kept &= total <= targets.cost_musd2025
    return kept.astype(float)


def _by_year(finish_month: FloatArray, scope: FloatArray) -> FloatArray:
    """Return the share of the deliverables that is there by the end of each year, shape (n, years) [1]."""
    there = [_sum((finish_month <= 12.0 * year) * scope) / len(scope) for year in YEARS]
    return np.stack(there, axis=1)


def _latest(finish: FloatArray) -> FloatArray:
    latest: FloatArray = np.maximum.reduce(finish, axis=0)
    return latest


def _sum(rows: FloatArray) -> FloatArray:
    """Add activities one after the other, so that a member's sum does not depend on its neighbours."""
    total = np.zeros(rows.shape[1])
    for row in rows:
        total += row
    return total


EXAMPLE = {
    "schedule": [
        {
            "id": "treaty",
            "name": "Treaty in force",
            "duration": {"dist": "lognormal", "p10": "9 month", "p90": "40 month"},
        },
        {
            "id": "plant",
            "name": "Plant operating",
            "duration": {"dist": "triangular", "p10": "72 month", "mode": "96 month", "p90": "168 month"},
            "after": ["treaty"],
            "system": "plant",
            "cost": {
                "fixed": {"dist": "lognormal", "p10": "900 MUSD2025", "p90": "3200 MUSD2025"},
                "per_month": "6 MUSD2025/month",
            },
            "reference_class": "nuclear_power",
            "gates": 1,
        },
        {
            "id": "centre",
            "name": "Centre open",
            "duration": {"dist": "pert", "low": "12 month", "mode": "24 month", "high": "60 month"},
            "after": ["treaty"],
            "start": "2027-01-01",
            "cost": {"fixed": "30 MUSD2025"},
            "reference_class": "it",
        },
    ],
    "risks": {
        "withdrawal": {
            "probability": {"dist": "beta", "alpha": 2, "beta": 18},
            "stops": ["plant"],
            "window": ["2026-01-01", "2031-12-31"],
            "factor": "politics",
        },
        "payments": {
            "probability": 0.3,
            "delay": {"dist": "lognormal", "p10": "3 month", "p90": "24 month"},
            "cost_factor": 1.1,
            "hits": ["plant", "centre"],
            "factor": "politics",
        },
    },
    "targets": {"cost": "3000 MUSD2025", "finish": "2035-12-31"},
}

SYSTEM = System(
    name="delivery",
    title="Schedule, cost and risk",
    version=2,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    figures=figures,
    columns=columns,
    dependence=dependence,
    labels=labels,
    sections=("schedule", "risks", "targets"),
    events="finish_month",
    monotone={("shared_cost_factor", "total_cost_musd2025"): 1},
    example=EXAMPLE,
)
