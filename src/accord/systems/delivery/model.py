"""Delivery: a cost-loaded schedule network with discrete risks, beside the record of finished projects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Spread, System
from accord.systems.delivery.chain import country_hhi, hhi, lost_suppliers, smallest_cut
from accord.systems.delivery.columns import columns, dependence, has_own_rank, schedule_classes
from accord.systems.delivery.example import EXAMPLE
from accord.systems.delivery.figures import figures
from accord.systems.delivery.inputs import INPUTS, Design
from accord.systems.delivery.network import NEVER_MONTH, Dates, critical
from accord.systems.delivery.outputs import OUTPUTS, YEARS, labels
from accord.systems.delivery.risks import product_of, strikes
from accord.systems.delivery.shortages import component_months, loss_moments, shortage_hits
from accord.systems.delivery.views import RANKS, Case, costs, inside_view, look

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
        for); ``duration_quantiles.<id>``: quantiles [month] at `RANKS`; ``supplier_hhi``, ``country_hhi``,
        ``smallest_cut``, ``country_cut``: one number for each component of the supply chain.
    """
    place = {name: index for index, name in enumerate(design.ids)}
    after = [[place[before] for before in dict.fromkeys(activity.after)] for activity in design.schedule]
    awaited = {index for before in after for index in before}
    last = [index for index in range(len(after)) if index not in awaited]
    built = [index for index, activity in enumerate(design.schedule) if activity.system is not None]
    prepared: dict[str, Any] = {"after": after, "deliverables": built or last}
    supply = design.supply
    prepared["supplier_hhi"] = [hhi([s.share for s in c.suppliers]) for c in supply.components]
    prepared["country_hhi"] = [country_hhi(c) for c in supply.components]
    prepared["smallest_cut"] = [smallest_cut(supply, c.id) for c in supply.components]
    prepared["country_cut"] = [smallest_cut(supply, c.id, "country") for c in supply.components]
    for activity in design.schedule:
        if schedule_classes(activity) and has_own_rank(activity):
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
    moments = loss_moments(design, members, horizon)
    shortages = shortage_hits(design, members, moments)
    case = Case(design, prepared, members, horizon, strikes(design, members, horizon), shortages)
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
        **_supply(case, prepared, moments, inside, total),
    }


def _supply(
    case: Case,
    prepared: Mapping[str, Any],
    moments: Mapping[str, FloatArray],
    inside: Dates,
    total: FloatArray,
) -> dict[str, FloatArray]:
    """Return concentration, shortages, and what every single loss does to date and cost."""
    n, supply = len(total), case.design.supply
    months = component_months(case.design, case.members, moments)
    late, dear = [], []
    for label in supply.losses_looked_at:
        hits = shortage_hits(case.design, case.members, moments, lost_suppliers(supply, label))
        then = replace(case, shortages=hits)
        dates = inside_view(then)
        ended = (dates.finish_month < NEVER_MONTH) & (inside.finish_month < NEVER_MONTH)
        late.append(np.max(np.where(ended, dates.finish_month - inside.finish_month, 0.0), axis=0))
        dear.append(_sum(costs(then, dates, False)) - total)
    tables = ("supplier_hhi", "country_hhi", "smallest_cut", "country_cut")

    def side_by_side(rows: list[FloatArray]) -> FloatArray:
        return np.stack(rows, axis=1) if rows else np.zeros((n, 0))

    return {
        **{key: np.tile(np.array(prepared[key], dtype=float), (n, 1)) for key in tables},
        "shortage_month": side_by_side([months[component.id] for component in supply.components]),
        "loss_delay_month": side_by_side(late),
        "loss_cost_musd2025": side_by_side(dear),
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
    count, n = finish_month.shape
    added = np.zeros((n, len(YEARS) + 1))  # the last column takes what comes later, or never
    year = np.minimum(np.ceil(finish_month / 12.0), len(YEARS)).astype(int)
    members = np.arange(n)
    for there, what in zip(year, scope, strict=True):
        added[members, there] += what
    share: FloatArray = np.cumsum(added[:, :-1], axis=1) / count
    return share


def _latest(finish: FloatArray) -> FloatArray:
    latest: FloatArray = np.maximum.reduce(finish, axis=0)
    return latest


def _sum(rows: FloatArray) -> FloatArray:
    """Add activities one after the other, so that a member's sum does not depend on its neighbours."""
    total = np.zeros(rows.shape[1])
    for row in rows:
        total += row
    return total


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
