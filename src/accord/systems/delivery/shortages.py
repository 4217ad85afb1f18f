"""From lost suppliers to late activities: when losses strike, and what each loss alone would do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from accord.contract import Horizon
from accord.systems.delivery.chain import in_order, lost_suppliers, months_lost
from accord.systems.delivery.inputs import Activity, Design
from accord.systems.delivery.network import Hit
from accord.systems.delivery.risks import applies
from accord.systems.delivery.supply import Supply

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["component_months", "loss_moments", "shortage_hits"]


def loss_moments(
    design: Design, members: Mapping[str, FloatArray], horizon: Horizon
) -> dict[str, FloatArray]:
    """Return when each supplier is lost, shape (n,) [month]: infinite where it is not.

    A loss happens where its uniform trigger falls below its drawn probability, at a uniform moment of its window (of
    the horizon without one); a country takes all its suppliers with it.
    """
    n = len(next(iter(members.values())))
    moments = {name: np.full(n, np.inf) for name in design.supply.suppliers}
    for key, loss in design.supply.losses.items():
        first, last = (0.0, horizon.length_month)
        if loss.window is not None:
            first, last = (horizon.months_to(day) for day in loss.window)
        happens = members[f"loss_trigger.{key}"] < members[f"loss_probability.{key}"]
        moment = np.where(happens, first + members[f"loss_time.{key}"] * (last - first), np.inf)
        label = f"supplier {loss.supplier}" if loss.supplier is not None else f"country {loss.country}"
        for name in lost_suppliers(design.supply, label):
            moments[name] = np.minimum(moments[name], moment)
    return moments


def component_months(
    design: Design,
    members: Mapping[str, FloatArray],
    moments: Mapping[str, FloatArray],
    forced: Collection[str] = (),
) -> dict[str, FloatArray]:
    """Return the months of deliveries that each component loses, shape (n,) [month].

    Parameters
    ----------
    forced : collection of str
        Suppliers that are lost in every member.
    """
    lost = {
        name: np.ones(moment.shape, dtype=bool) if name in forced else np.isfinite(moment)
        for name, moment in moments.items()
    }
    recovery = {c.id: np.maximum(members[f"recovery_month.{c.id}"], 0.0) for c in design.supply.components}
    return {name: found.lost_month for name, found in months_lost(design.supply, lost, recovery).items()}


def shortage_hits(
    design: Design,
    members: Mapping[str, FloatArray],
    moments: Mapping[str, FloatArray],
    forced: Collection[str] = (),
) -> list[list[Hit]]:
    """Return what shortages do to each activity: no hit, or one with the longest shortage it meets.

    It is felt by an activity that is not finished when the first of the suppliers behind its components is lost;
    forced losses are there from the beginning.
    """
    months = component_months(design, members, moments, forced)
    behind = _behind(design.supply)
    found: list[list[Hit]] = []
    for activity in design.schedule:
        used = _used_by(activity, design.supply)
        if not used:
            found.append([])
            continue
        names = sorted({name for component in used for name in behind[component]})
        when = np.minimum.reduce(
            [np.full_like(moments[n], -np.inf) if n in forced else moments[n] for n in names]
        )
        found.append([Hit(when, np.maximum.reduce([months[component] for component in used]))])
    return found


def _used_by(activity: Activity, supply: Supply) -> list[str]:
    return [component.id for component in supply.components if applies(component.used_by, activity)]


def _behind(supply: Supply) -> dict[str, set[str]]:
    """Return every supplier behind each component, those of what it needs included."""
    found: dict[str, set[str]] = {}
    for component in in_order(supply):
        own = {supplier.id for supplier in component.suppliers}
        found[component.id] = own.union(*(found[need] for need in component.needs))
    return found
