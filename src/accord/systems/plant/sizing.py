"""Capacities chosen again: by a member's own costs, and how far each may move for a little more cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics.finance import capital_recovery_factor
from accord.systems.plant.catalogue import process, reactor
from accord.systems.plant.certificate import Answer
from accord.systems.plant.chain import Joint
from accord.systems.plant.dispatch import CAPACITIES, Plant, build
from accord.systems.plant.electrolysis import stack_life_yr
from accord.systems.plant.inputs import INPUTS, Design
from accord.systems.plant.solver import solve
from accord.systems.plant.threads import side_by_side
from accord.systems.plant.year import plant_of

FloatArray = NDArray[np.float64]

__all__ = [
    "HEAT_STORE_USD_PER_KWH", "PROCESS_LIFE_YR", "RANGES", "Frontier", "central", "frontier",
    "heat_store_power_usd_per_kw", "open_plant", "ranges_of", "yearly_costs",
]  # fmt: skip

HEAT_STORE_USD_PER_KWH = 30.0  # two-tank molten salt, installed; own assumption in the middle of 20 to 40
EXCHANGER_USD_PER_KW = 50.0  # of heat; own assumption in the middle of 30 to 80
STEAM_CYCLE_USD_PER_KW = (
    1330.0  # of electricity: cycle 1040, its balance of plant 290, as in SAM's salt tower; recalled
)
PROCESS_LIFE_YR = 20.0
_LOAD_H = 7000.0  # of a process in a year, for what its stacks cost before the hours are known
POWER_PART_H = 0.8  # a kW of a battery costs as much as 0.8 kWh of one that has 4 kWh a kW; own assumption
RANGES = ("capacity", "slack", "low", "high")
_SLACKS = (0.005, 0.01)
_NONE = 1e-7  # of the largest limit: a smaller capacity is none
_FIRST = 0.1  # first bonus or charge tried on a capacity, over its own cost
_CLOSE = 0.05  # share of the slack that an end of a range may be off
_ROOM = 5.0  # capacities are chosen up to so many times the connection, and so many days of it


@dataclass(frozen=True, slots=True)
class Frontier:
    """A capacity against the cost of the whole plant, from the least to the most that is worth looking at.

    Attributes
    ----------
    capacity, cost : float array, shape (points,)
        By rising capacity; each point an optimum of the plant, straight lines between them can be reached by mixing.
    """

    capacity: FloatArray
    cost: FloatArray

    def within(self, slack: float) -> tuple[float, float]:
        """Return the least and the most of the capacity for a cost at most ``slack`` (of its size) above the best."""
        best = int(np.argmin(self.cost))
        limit = self.cost[best] + slack * abs(self.cost[best])
        ends = []
        for side in (np.arange(best, -1, -1), np.arange(best, len(self.cost))):
            cost, capacity = self.cost[side], self.capacity[side]
            ends.append(float(np.interp(limit, np.maximum.accumulate(cost), capacity)))
        return ends[0], ends[1]


def central() -> dict[str, float]:
    """Return every input at its default."""
    return {name: float(i.default if i.default is not None else i.low) for name, i in INPUTS.items()}


def heat_store_power_usd_per_kw(design: Design) -> float:
    """Return what a kW of heat taken from the store costs at once [USD/kW]: exchangers, and the turbine that it drives.

    The reactor's own turbine is sized for the reactor, which seldom makes room: what the store adds, it adds on top.
    """
    if design.reactor is None:
        return EXCHANGER_USD_PER_KW
    source = reactor(design.reactor)
    return EXCHANGER_USD_PER_KW + STEAM_CYCLE_USD_PER_KW * source.net_mw / source.thermal_mw


def yearly_costs(
    member: Mapping[str, Any], design: Design, battery_life_yr: FloatArray | float
) -> dict[str, Any]:
    """Return what a MW or a MWh of each capacity costs a year, upkeep included [USD/MW/yr, USD/MWh/yr].

    Parameters
    ----------
    member : mapping of str to float or float array, shape (n,)
        By the names of `INPUTS`.
    design : Design
    battery_life_yr : float [yr]
    """
    rate, om = member["discount_rate_per_yr"], member["om_share_per_yr"]

    def a_year(usd_per_mw: Any, life: Any) -> Any:
        return usd_per_mw * (capital_recovery_factor(rate, life) + om)

    battery = 1e3 * member["battery_capex_usd2025_per_kwh"]
    share = 4.0 / (4.0 + POWER_PART_H)  # a battery of four hours costs what the input says
    way = process(design.hydrogen) if design.hydrogen is not None else None
    unit = 1e3 * member["electrolyser_cost_factor"] * way.capex_usd_per_kw if way is not None else 0.0
    stacks = unit * way.replaced_share / float(stack_life_yr(way, _LOAD_H)) if way is not None else 0.0
    hydrogen = a_year(unit, PROCESS_LIFE_YR) + stacks
    return {
        "pv_capacity": a_year(1e3 * member["solar_capex_usd2025_per_kw"], min(30.0, design.life_yr)),
        "battery_power": a_year(battery * POWER_PART_H * share, battery_life_yr),
        "battery_energy": a_year(battery * share, battery_life_yr),
        "tes_power": a_year(1e3 * heat_store_power_usd_per_kw(design), design.life_yr),
        "tes_energy": a_year(1e3 * HEAT_STORE_USD_PER_KWH, design.life_yr),
        "pem_capacity": hydrogen,
        "hts_capacity": hydrogen,
        "store_energy": 0.0,
    }


def open_plant(design: Design, costs: Mapping[str, float], wear_usd_per_mwh: float) -> tuple[Plant, Plant]:
    """Return the plant as announced, and the same with its capacities to choose; the reactor stays.

    A heat store is offered wherever there is a reactor, hydrogen only in the way that the design names and only where
    the temperature gate lets it.
    """
    # a least load over a capacity yet to choose is no linear limit: neither plant has one
    given = replace(plant_of(design, wear_usd_per_mwh), least={})
    offered = ["pv_capacity", "battery_power", "battery_energy"]
    if given.heat_high_mw > 0.0:
        offered += ["tes_power", "tes_energy"]
    offered += [
        n for n, made in (("pem_capacity", given.pem_yield), ("hts_capacity", given.hts_yield)) if made > 0.0
    ]
    size = max(design.grid_mw, 1.0)
    most = {n: _ROOM * size * (24.0 if n.endswith("energy") else 1.0) for n in offered}
    chosen = replace(
        given,
        cost={n: float(costs[n]) for n in CAPACITIES if n in offered},
        fixed={"store_energy": given.fixed.get("store_energy", 0.0)},
        most={n: max(most[n], given.fixed.get(n, 0.0)) for n in offered},
    )
    return given, chosen


def frontier(joint: Joint, capacity: str, *, slack: float = 0.01, most: int = 8) -> Frontier:
    """Trace the least cost of the plant over one capacity, on both sides of the optimum.

    The optimum with a bonus or a charge on the capacity is a point of the frontier for every bonus; the next one tried
    is the slope between two known points, until the cost has risen by more than ``slack``: chord by chord, as in
    Aneja & Nair (1979), Management Science 25:73.

    Parameters
    ----------
    joint : Joint
    capacity : str
        Name in ``joint.names``.
    slack : float [1]
        Of the cost, to go up to.
    most : int
        Programmes to solve on each side.
    """
    k = joint.names.index(capacity)

    def point(bonus: float) -> tuple[float, float]:
        shifted = joint.cost.copy()
        shifted[k] += bonus
        answer = solve(replace(joint, cost=shifted), f"frontier of {capacity}")
        return float(answer.capacities[k]), answer.certificate.primal - bonus * float(answer.capacities[k])

    best = point(0.0)
    largest = 1.0 + max(float(c.high[np.isfinite(c.high)].max(initial=0.0)) for c in joint.chains)
    close = _CLOSE * slack * abs(best[1])
    points = [best]
    limit = best[1] + slack * abs(best[1])
    for sign in (1.0, -1.0) if best[0] > _NONE * largest else (-1.0,):
        bonus, inner, outer = sign * _FIRST * max(abs(joint.cost[k]), 1e-9), best, best
        for spent in range(most):
            found = point(bonus)
            points.append(found)
            chord = outer[1] + bonus * outer[0]
            if outer is not best and chord - (found[1] + bonus * found[0]) < close:
                break  # nothing to speak of lies below the chord
            inner, outer = (inner, found) if found[1] > limit else (found, outer)
            if outer is best:
                if sign > 0.0 and found[0] <= 1e-6 * (1.0 + best[0]):
                    break  # none of it is left
                bonus *= 3.0
            elif abs(outer[0] - inner[0]) <= 1e-4 * (1.0 + best[0]) or spent == most - 1:
                break
            else:
                bonus = (outer[1] - inner[1]) / (inner[0] - outer[0])
    table = np.array(sorted(points))
    return Frontier(table[:, 0], table[:, 1])


def ranges_of(design: Design, solar: FloatArray, price: FloatArray, wear_usd_per_mwh: float) -> FloatArray:
    """Return how far each capacity may move at central costs, rows in the order of `RANGES`.

    Parameters
    ----------
    design : Design
    solar, price : float array, shape (hours,) [1]
    wear_usd_per_mwh : float

    Returns
    -------
    float array, shape (rows, 4)
        Index in `CAPACITIES`, slack [1], least and most [MW, MWh]. Slack 0 is the optimum itself.
    """
    level = price * design.reference_price_usd2025_per_mwh
    _, plant = open_plant(design, yearly_costs(central(), design, 15.0), wear_usd_per_mwh)
    joint = build(plant, solar, level)
    answer: Answer = solve(joint, "capacities at central costs")
    traced = side_by_side(lambda name: frontier(joint, name, slack=max(_SLACKS)), joint.names)
    rows = []
    for name, size, found in zip(joint.names, answer.capacities, traced, strict=True):
        index = CAPACITIES.index(name)
        rows.append((index, 0.0, size, size))
        rows += [(index, slack, *found.within(slack)) for slack in _SLACKS]
    return np.array(rows, dtype=float)
