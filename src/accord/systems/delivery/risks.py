"""Discrete risks: whether and when each strikes, and what it does to an activity.

A risk happens in a member when its trigger, a uniform draw, falls below its drawn probability. With a
window it strikes at a uniform moment in it and changes only activities that are not finished by then, begun
or not. Without a window its delay, cost and scope always strike; a stop falls at a uniform moment of the
horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.contract import Horizon
from accord.systems.delivery.inputs import Activity, Design, Risk
from accord.systems.delivery.network import Hit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Strike", "applies", "hits_on", "product_of", "stops_on", "strikes"]


@dataclass(frozen=True, slots=True)
class Strike:
    """One risk in every member.

    Attributes
    ----------
    hit_month : float array, shape (n,) [month]
        When its delay, cost and scope strike: infinite where it does not happen, minus infinity where it
        strikes whatever the time.
    stop_month : float array, shape (n,) [month]
        When it stops what it stops; infinite where it does not happen.
    """

    hit_month: FloatArray
    stop_month: FloatArray


def strikes(design: Design, members: Mapping[str, FloatArray], horizon: Horizon) -> dict[str, Strike]:
    """Return when each risk strikes in each member."""
    found: dict[str, Strike] = {}
    for key, risk in design.risks.items():
        happens = members[f"risk_trigger.{key}"] < members[f"risk_probability.{key}"]
        never = np.full(happens.shape, np.inf)
        moment = never
        if f"risk_time.{key}" in members:
            first, last = (0.0, horizon.length_month)
            if risk.window is not None:
                first, last = (horizon.months_to(day) for day in risk.window)
            moment = np.where(happens, first + members[f"risk_time.{key}"] * (last - first), np.inf)
        hit = moment if risk.window is not None else np.where(happens, -np.inf, np.inf)
        found[key] = Strike(hit, moment if risk.stops else never)
    return found


def applies(names: tuple[str, ...], activity: Activity) -> bool:
    """Tell whether a list of activities and systems includes an activity."""
    return activity.id in names or activity.system in names


def hits_on(
    activity: Activity, design: Design, members: Mapping[str, FloatArray], when: Mapping[str, Strike]
) -> list[Hit]:
    """Return the risks that delay an activity."""
    return [
        Hit(when[key].hit_month, np.maximum(members[f"risk_delay_month.{key}"], 0.0))
        for key, risk in design.risks.items()
        if risk.delay_month is not None and applies(risk.hits, activity)
    ]


def stops_on(activity: Activity, design: Design, when: Mapping[str, Strike]) -> list[FloatArray]:
    """Return the moments at which risks stop an activity, one array of shape (n,) for each risk [month]."""
    return [when[key].stop_month for key, risk in design.risks.items() if applies(risk.stops, activity)]


def product_of(
    effect: str,
    activity: Activity,
    design: Design,
    members: Mapping[str, FloatArray],
    when: Mapping[str, Strike],
    end_month: FloatArray,
) -> FloatArray:
    """Multiply one effect (``"cost_factor"`` or ``"scale"``) of all risks that strike an activity before
    its end.

    Parameters
    ----------
    end_month : float array, shape (n,) [month]
        Finish or stop of the activity.

    Returns
    -------
    float array, shape (n,) [1]
    """
    product = np.ones_like(end_month)
    for key, risk in design.risks.items():
        if _has(risk, effect) and applies(risk.hits, activity):
            product *= np.where(when[key].hit_month < end_month, members[f"risk_{effect}.{key}"], 1.0)
    return product


def _has(risk: Risk, effect: str) -> bool:
    return (risk.cost_factor if effect == "cost_factor" else risk.scale) is not None
