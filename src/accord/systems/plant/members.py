"""A year of each member: between dispatched price levels, dispatched for itself, or with capacities chosen again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Context
from accord.errors import ModelError
from accord.systems.plant.catalogue import reactor
from accord.systems.plant.cells import life_yr
from accord.systems.plant.dispatch import CAPACITIES, build
from accord.systems.plant.inputs import Design
from accord.systems.plant.outages import WIDTH, calendars
from accord.systems.plant.sizing import open_plant, yearly_costs
from accord.systems.plant.solver import solve
from accord.systems.plant.threads import side_by_side
from accord.systems.plant.weather.sky import HOURS
from accord.systems.plant.year import LEVELS, dispatch_year, plant_of

FloatArray = NDArray[np.float64]
Members = Mapping[str, FloatArray]

__all__ = ["Resized", "Yearly", "resized", "yearly"]

_BLOCK = 256  # members whose hours are in memory at a time


@dataclass(frozen=True, slots=True)
class Yearly:
    """What a year gives each member.

    Attributes
    ----------
    year : int array, shape (n,)
        Weather year of each.
    sums : float array, shape (n, len(SUMS))
    remaining : float array, shape (n, ages)
    worth : float array, shape (n, len(CAPACITIES))
    wear, wear_residual : float array, shape (n,)
    running, outage_price : float array, shape (n,)
        Share of the year that the reactor runs, and the price over the mean in the hours that it does not.
    dispatched_running, dispatched_factor : float array, shape (n,) [1]
        With what share of the reactor, and of the field's output, the sums were dispatched.
    """

    year: NDArray[np.int64]
    sums: FloatArray
    remaining: FloatArray
    worth: FloatArray
    wear: FloatArray
    wear_residual: FloatArray
    running: FloatArray
    outage_price: FloatArray
    dispatched_running: FloatArray
    dispatched_factor: FloatArray


@dataclass(frozen=True, slots=True)
class Resized:
    """Capacities chosen again, where a member was drawn for it (``done`` is 1); elsewhere zeros.

    Attributes
    ----------
    done, saving : float array, shape (n,) [1], [USD/yr]
    capacities : float array, shape (n, len(CAPACITIES)) [MW, MWh]
    """

    done: FloatArray
    saving: FloatArray
    capacities: FloatArray


def yearly(members: Members, prepared: Mapping[str, Any], context: Context) -> Yearly:
    """Return the year of each member.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `preparation.prepare`.
    context : Context
    """
    design = context.design
    assert isinstance(design, Design)
    levels, years = np.array(LEVELS), prepared["energy"].shape[0]
    year = np.minimum((context.uniform("weather")[:, 0] * years).astype(np.int64), years - 1)
    ratio = members["power_price_usd2025_per_mwh"] / design.reference_price_usd2025_per_mwh
    level = np.clip(ratio, levels[0], levels[-1])
    below = np.clip(np.searchsorted(levels, level, side="right") - 1, 0, len(levels) - 2)
    weight = (level - levels[below]) / (levels[below + 1] - levels[below])

    def mixed(name: str) -> FloatArray:
        table = np.asarray(prepared[name])
        low, high = (
            (table[year, below], table[year, below + 1])
            if table.ndim > 1
            else (table[below], table[below + 1])
        )
        w = weight[:, None] if low.ndim > 1 else weight
        found: FloatArray = low * (1.0 - w) + high * w
        return found

    n = len(year)
    running, outage_price = np.ones(n), np.ones(n)
    for first, block in _calendars(members, prepared, context):
        own = slice(first, first + len(block))
        running[own] = block.mean(axis=1)
        lost = 1.0 - block
        worth = (lost * prepared["price"][year[own]]).sum(axis=1)
        hours = lost.sum(axis=1)
        outage_price[own] = np.divide(worth, hours, out=np.ones(len(block)), where=hours > 0.0)
    between = Yearly(
        year=year,
        sums=mixed("energy"),
        remaining=mixed("remaining"),
        worth=mixed("worth"),
        wear=mixed("wear_cost"),
        wear_residual=mixed("wear_residual"),
        running=running,
        outage_price=outage_price,
        dispatched_running=np.ones(n),
        dispatched_factor=np.ones(n),
    )
    return _dispatched(members, prepared, context, between) if design.ensemble == "years" else between


def _dispatched(members: Members, prepared: Mapping[str, Any], context: Context, between: Yearly) -> Yearly:
    """Dispatch the year of every member at its own price, solar losses and outages."""
    design = context.design
    assert isinstance(design, Design)
    price, factor = members["power_price_usd2025_per_mwh"], members["solar_factor"]
    rows: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for first, block in _calendars(members, prepared, context):

        def one(
            i: int, first: int = first, block: FloatArray = block
        ) -> tuple[FloatArray, FloatArray, FloatArray]:
            t = between.year[i]
            plant = plant_of(design, float(between.wear[i]))
            found = dispatch_year(
                plant, prepared["solar"][t] * factor[i], prepared["price"][t], float(price[i]), design.cells,
                design.cell_temperature_degc, block[i - first] if design.reactor is not None else None,
            )  # fmt: skip
            return found.sums, found.remaining, found.worth

        rows += side_by_side(one, range(first, first + len(block)))
    return replace(
        between,
        sums=np.array([row[0] for row in rows]),
        remaining=np.array([row[1] for row in rows]),
        worth=np.array([row[2] for row in rows]),
        dispatched_running=between.running,
        dispatched_factor=factor,
    )


def _calendars(
    members: Members, prepared: Mapping[str, Any], context: Context
) -> Iterator[tuple[int, FloatArray]]:
    """Yield, block by block of members, the first of them and which share of the reactor runs in each hour."""
    design = context.design
    assert isinstance(design, Design)
    n = len(members["discount_rate_per_yr"])
    if design.reactor is None:
        for first in range(0, n, _BLOCK):
            yield first, np.ones((min(_BLOCK, n - first), HOURS))
        return
    source, units = reactor(design.reactor), design.reactor_units
    uniforms = context.uniform("outages", units * WIDTH)
    for first in range(0, n, _BLOCK):
        own = slice(first, min(first + _BLOCK, n))
        drawn = calendars(
            source, units, members["nuclear_availability"][own], uniforms[own], int(prepared["quiet_hour"])
        )
        yield first, drawn.available


def resized(members: Members, prepared: Mapping[str, Any], context: Context, year: Yearly) -> Resized:
    """Choose the capacities of some members again, knowing their costs, price, weather year and battery life.

    The reactor is kept and has no outage here, in neither of the two plants compared.
    """
    design = context.design
    assert isinstance(design, Design)
    n = len(year.wear)
    drawn = context.uniform("resized")[:, 0] < design.resized_share

    def one(i: int) -> tuple[float, FloatArray] | ModelError:
        member = {name: float(values[i]) for name, values in members.items()}
        life = life_yr(year.remaining[i]) * member["battery_life_factor"]
        costs = yearly_costs(member, design, life)
        given, chosen = open_plant(design, costs, float(year.wear[i]))
        t = year.year[i]
        solar = prepared["solar"][t] * member["solar_factor"]
        price = prepared["price"][t] * member["power_price_usd2025_per_mwh"]
        joint = build(chosen, solar, price)
        try:
            best = solve(joint, "capacities chosen again")
            hours = solve(build(given, solar, price), "capacities as announced").certificate.primal
        except ModelError as error:  # of this member alone: the others have their answers
            return error
        announced = hours + sum(costs[k] * v for k, v in given.fixed.items())
        sizes = dict(zip(joint.names, best.capacities, strict=True))
        return announced - best.certificate.primal, np.array([sizes.get(k, 0.0) for k in CAPACITIES])

    saving, sizes = np.zeros(n), np.zeros((n, len(CAPACITIES)))
    picked = np.flatnonzero(drawn)
    for i, found in zip(picked, side_by_side(one, picked.tolist()), strict=True):
        if isinstance(found, ModelError):
            context.fail(np.arange(n) == i, str(found))
            continue
        gained, capacities = found
        saving[i], sizes[i] = max(gained, 0.0), np.where(capacities < 1e-4, 0.0, capacities)
    return Resized(drawn.astype(float), saving, sizes)
