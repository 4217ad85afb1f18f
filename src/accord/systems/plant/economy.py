"""What the plant costs and what its products cost: annuities, levelised costs, co-products shared three ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.physics.finance import capital_recovery_factor, construction_factor
from accord.systems.plant.catalogue import Process, Reactor, names, process, reactor
from accord.systems.plant.electrolysis import need_of, stack_life_yr
from accord.systems.plant.gate import pairing
from accord.systems.plant.inputs import Design
from accord.systems.plant.members import Yearly
from accord.systems.plant.outputs import ALLOCATIONS
from accord.systems.plant.sizing import HEAT_STORE_USD_PER_KWH, PROCESS_LIFE_YR, heat_store_power_usd_per_kw
from accord.systems.plant.wear import upkeep_factor
from accord.systems.plant.yields import FIELD_YR, Yields

FloatArray = NDArray[np.float64]
Members = Mapping[str, FloatArray]

__all__ = ["ALLOCATIONS", "Costs", "carnot", "costs_of", "hydrogen_costs", "route_costs"]

TANK_USD_PER_KG = (
    500.0  # steel tanks with their compressor; 450 EUR/kg in the Danish technology catalogue for 2030
)
_AMBIENT_K = 298.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Costs of each member [MUSD, MUSD/yr], each of shape (n,).

    Attributes
    ----------
    parts : list of float array
        A year, in the order of the outputs' parts, capital as annuities.
    reactor, prompt : float array
        Overnight capital spent while the reactor is built; and that spent at commissioning.
    capital : float array
        At commissioning, with interest while building.
    running : float array
        What a year costs in cash: upkeep, fuel, stacks, and a reserve for what is replaced within the life.
    power, own : float array
        Yearly cost of the power side, and of the hydrogen process by itself.
    """

    parts: list[FloatArray]
    reactor: FloatArray
    prompt: FloatArray
    capital: FloatArray
    running: FloatArray
    power: FloatArray
    own: FloatArray


def costs_of(members: Members, design: Design, year: Yearly, life: Yields) -> Costs:
    """Return what the plant costs; ``life`` is the year that stands for its life."""
    rate, years = members["discount_rate_per_yr"], design.life_yr
    source = reactor(design.reactor) if design.reactor is not None else None
    gross = source.gross_mw * design.reactor_units if source is not None else 0.0
    overnight = members["nuclear_capex_usd2025_per_kw"] * gross / 1e3
    nuclear = overnight * construction_factor(rate, members["construction_yr"], "s_curve")
    field = members["solar_capex_usd2025_per_kw"] * design.solar_mw / 1e3
    battery = members["battery_capex_usd2025_per_kwh"] * design.battery_energy_mwh / 1e3
    salt = HEAT_STORE_USD_PER_KWH * design.heat_store_energy_mwh
    turbine = heat_store_power_usd_per_kw(design) * design.heat_store_power_mw
    store = np.full_like(rate, (salt + turbine) / 1e3)
    tanks = np.full_like(rate, TANK_USD_PER_KG * design.hydrogen_store_t / 1e3)
    way = process(design.hydrogen) if design.hydrogen is not None else None
    plant = members["electrolyser_cost_factor"] * (
        way.capex_usd_per_kw * design.hydrogen_power_mw / 1e3 if way is not None else 0.0
    )
    stacks = _stacks(way, plant, life.process, design.hydrogen_power_mw)
    share = members["om_share_per_yr"]
    power_upkeep, own_upkeep = share * (overnight + field + battery + store), share * (plant + tanks)
    whole = np.asarray(capital_recovery_factor(rate, years))
    renewed = {
        "field": field * capital_recovery_factor(rate, np.minimum(FIELD_YR, years)),
        "battery": battery
        * upkeep_factor(year.remaining, rate, years, design.upkeep, members["battery_life_factor"]),
        "plant": plant * capital_recovery_factor(rate, np.minimum(PROCESS_LIFE_YR, years)),
    }
    parts = [
        nuclear * whole,
        renewed["field"],
        renewed["battery"] + store * whole,
        renewed["plant"] + tanks * whole + stacks,
        power_upkeep + own_upkeep,
        members["fuel_usd2025_per_mwh"] * life.nuclear / 1e6,
    ]
    reserve = sum(renewed.values()) - (field + battery + plant) * whole
    prompt = field + battery + store + plant + tanks
    return Costs(
        parts=[np.asarray(part) for part in parts],
        reactor=overnight,
        prompt=prompt,
        capital=nuclear + prompt,
        running=power_upkeep + own_upkeep + stacks + parts[5] + np.maximum(reserve, 0.0),
        power=np.asarray(parts[0] + parts[1] + parts[2] + power_upkeep + parts[5]),
        own=np.asarray(parts[3] + own_upkeep),
    )


def _stacks(way: Process | None, plant: FloatArray, taken_mwh: FloatArray, power_mw: float) -> FloatArray:
    """Return the yearly cost of new stacks, at the hours that they are loaded."""
    if way is None or power_mw <= 0.0:
        return np.zeros_like(plant)
    return np.asarray(plant * way.replaced_share / stack_life_yr(way, taken_mwh / power_mw))


def carnot(source: Reactor | None) -> float:
    """Return the exergy of a unit of the reactor's heat [1]: ``1 - T0 / T``, ambient 25 degC."""
    return 0.0 if source is None else 1.0 - _AMBIENT_K / (source.heat_degc + 273.15)


def hydrogen_costs(
    costs: Costs, life: Yields, design: Design, power_price: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what a kilogram costs: at the plant's cost, at the market's price, and with co-products shared three ways.

    At the plant's cost and the market's price heat counts as the electricity that it no longer makes. Shared by
    ``energy`` a MWh of heat bears as much of the power side's cost as one of electricity, by ``exergy`` its Carnot
    share of that; under ``revenue credit`` hydrogen bears whatever the electricity sold does not bring in (it may be
    negative). IAEA (2018), Examining the technoeconomics of nuclear hydrogen production, IAEA-TECDOC-1859, for the
    methods.

    Returns
    -------
    own, market : float array, shape (n,) [USD/kg]
    allocated : float array, shape (n, 3)
        In the order of `ALLOCATIONS`; all 0 where no hydrogen is made.
    """
    made = life.hydrogen_kg > 0.0
    kilograms = np.where(made, life.hydrogen_kg, 1.0)
    source = reactor(design.reactor) if design.reactor is not None else None
    loss = source.extraction_loss if source is not None else 0.0
    electricity, heat = life.process, life.heat
    lcoe = 1e6 * costs.power / life.made
    taken = electricity + loss * heat

    def shared(weight: float) -> FloatArray:
        unit = costs.power / (life.made + weight * heat)
        return np.asarray(costs.own + unit * (electricity + weight * heat))

    credit = costs.power + costs.own - life.value * power_price / 1e6
    allocated = np.stack([credit, shared(1.0), shared(carnot(source))], axis=1)
    return (
        np.where(made, (1e6 * costs.own + taken * lcoe) / kilograms, 0.0),
        np.where(made, (1e6 * costs.own + taken * power_price) / kilograms, 0.0),
        np.where(made[:, None], 1e6 * allocated / kilograms[:, None], 0.0),
    )


def route_costs(members: Members, design: Design) -> FloatArray:
    """Return what a kilogram would cost by every process of the table beside this reactor, shape (n, processes).

    All run as many hours as the reactor does, on electricity at the market's mean price; heat counts as the electricity
    that it no longer makes. 0 where the gate is closed: no cost, because there is no hydrogen.
    """
    source = reactor(design.reactor) if design.reactor is not None else None
    rate, price = members["discount_rate_per_yr"], members["power_price_usd2025_per_mwh"]
    hours = 8760.0 * (members["nuclear_availability"] if source is not None else np.full_like(rate, 0.9))
    found = np.zeros((len(rate), len(names("processes"))))
    for k, name in enumerate(names("processes")):
        way = process(name)
        if not pairing(source, way, design.approach_k).feasible:
            continue
        need = need_of(way, design.hydrogen_pressure_bar)
        capital = members["electrolyser_cost_factor"] * way.capex_usd_per_kw
        yearly = capital * (
            capital_recovery_factor(rate, PROCESS_LIFE_YR)
            + members["om_share_per_yr"]
            + way.replaced_share / stack_life_yr(way, hours)
        )
        kilograms = hours / need.electricity_kwh_per_kg
        loss = source.extraction_loss if source is not None else 0.0
        energy = (need.electricity_kwh_per_kg + loss * need.heat_kwh_per_kg) * price / 1e3
        found[:, k] = yearly / kilograms + energy
    return found
