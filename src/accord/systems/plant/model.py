"""The plant over an ensemble: hours dispatched once a weather year and price level, cost and yield member by member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Context, System
from accord.physics.finance import annuity_factor, capital_recovery_factor, construction_factor
from accord.systems.plant.catalogue import entry, process, reactor
from accord.systems.plant.cells import life_yr
from accord.systems.plant.dispatch import CAPACITIES
from accord.systems.plant.figures import figures
from accord.systems.plant.inputs import INPUTS, Design
from accord.systems.plant.members import Yearly, resized, yearly
from accord.systems.plant.outputs import ENERGIES, OUTPUTS, POWERS, labels
from accord.systems.plant.preparation import prepare
from accord.systems.plant.sizing import HEAT_STORE_USD_PER_KWH, PROCESS_LIFE_YR, yearly_costs
from accord.systems.plant.wear import upkeep_factor
from accord.systems.plant.year import KG_PER_MWH_H2, SUMS, plant_of

FloatArray = NDArray[np.float64]

__all__ = ["EXAMPLE", "SYSTEM", "evaluate", "prepare"]

_SANE_USD_PER_MWH = (5.0, 1000.0)


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Evaluate all members at once.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `prepare`.
    context : Context

    Returns
    -------
    dict of str to float array
        As declared in ``outputs.py``.
    """
    design = context.design
    assert isinstance(design, Design)
    n = len(members["discount_rate_per_yr"])
    year = yearly(members, prepared, context)
    flow = _outages(members, design, year)
    again = resized(members, prepared, context, year)
    made = flow["nuclear"] + flow["solar"]
    kilograms = flow["hydrogen"] * KG_PER_MWH_H2
    parts, capital, power_om, process_om = _costs(members, design, flow, year)
    stages = np.stack(parts, axis=1)
    power = parts[0] + parts[1] + parts[2] + power_om + parts[5]
    lcoe = 1e6 * power / made
    context.fail(
        (lcoe < _SANE_USD_PER_MWH[0]) | (lcoe > _SANE_USD_PER_MWH[1]),
        "model input suspect: the levelised cost of electricity leaves 5 to 1000 USD2025/MWh",
    )
    taken = flow["process"] + flow["heat_as_electricity"]
    price = members["power_price_usd2025_per_mwh"]
    own = 1e6 * (parts[3] + process_om)
    safe = np.where(kilograms > 0.0, kilograms, 1.0)
    revenue = flow["value"] * price / 1e6 + kilograms * design.hydrogen_price_usd2025_per_kg / 1e6
    worth = (revenue - sum(parts)) * annuity_factor(members["discount_rate_per_yr"], design.life_yr)
    lasting = (
        flow["nuclear"] * float(entry("emissions", "life_cycle_nuclear")["value"])
        + flow["solar"] * float(entry("emissions", "life_cycle_solar")["value"])
    ) / 1000.0  # t
    field = design.solar_mw * 8760.0
    return {
        "net_export_gwh_per_yr": flow["net"] / 1000.0,
        "generation_gwh_per_yr": made / 1000.0,
        "solar_capacity_factor": flow["solar"] / field if field > 0.0 else np.zeros(n),
        "hydrogen_t_per_yr": kilograms / 1000.0,
        "hydrogen_feasible": np.full(n, prepared["feasible"]),
        "heat_margin_k": np.tile(prepared["margin"], (n, 1)),
        "lcoe_usd2025_per_mwh": lcoe,
        "lcoh_usd2025_per_kg": np.where(kilograms > 0.0, (own + taken * lcoe) / safe, 0.0),
        "lcoh_market_usd2025_per_kg": np.where(kilograms > 0.0, (own + taken * price) / safe, 0.0),
        "battery_life_yr": _lives(year, members, design),
        "wear_cost_usd2025_per_mwh": year.wear,
        "wear_residual": year.wear_residual,
        "foresight_penalty": np.full(n, float(prepared["foresight"])),
        "capacity_worth": _worth_over_cost(members, design, year),
        "resized": again.done,
        "resized_power_mw": again.capacities[:, POWERS],
        "resized_energy_mwh": again.capacities[:, ENERGIES],
        "resized_saving_musd2025_per_yr": again.saving / 1e6,
        "capital_musd2025": capital,
        "cost_musd2025_per_yr": stages,
        "net_present_value_musd2025": worth,
        "emissions_avoided_kt_per_yr": (flow["net"] * members["grid_emission_t_per_mwh"] - lasting) / 1000.0,
    }


def _outages(members: Mapping[str, FloatArray], design: Design, year: Yearly) -> dict[str, FloatArray]:
    """Return a year's energies [MWh] of each member, outages and the solar field's losses taken off."""
    full = {name: year.sums[:, k] for k, name in enumerate(SUMS)}
    running = members["nuclear_availability"]
    way = process(design.hydrogen) if design.hydrogen is not None else None
    heated = way is not None and way.heat_degc is not None
    making = running if heated else np.ones_like(running)  # a process with heat stands still with the reactor
    factor = 1.0 if year.with_losses else members["solar_factor"]
    lost = (1.0 - running) * full["nuclear"] + (1.0 - factor) * full["solar"]
    saved = (1.0 - making) * full["process"]
    hydrogen = making * full["hydrogen"]
    loss = reactor(design.reactor).extraction_loss if heated and design.reactor is not None else 0.0
    heat = hydrogen * KG_PER_MWH_H2 * (way.heat_kwh_per_kg if way is not None else 0.0) / 1000.0
    return {
        "nuclear": running * full["nuclear"],
        "solar": factor * full["solar"],
        "net": full["export"] - full["import"] - lost + saved,
        "value": full["export_value"] - full["import_value"] - lost + saved,
        "hydrogen": hydrogen,
        "process": making * full["process"],
        "heat_as_electricity": heat * loss,
    }


def _costs(
    members: Mapping[str, FloatArray], design: Design, flow: Mapping[str, FloatArray], year: Yearly
) -> tuple[list[FloatArray], FloatArray, FloatArray, FloatArray]:
    """Return the parts of the yearly cost, capital at commissioning, and upkeep of power side and process [MUSD]."""
    rate, life = members["discount_rate_per_yr"], design.life_yr
    gross = reactor(design.reactor).gross_mw * design.reactor_units if design.reactor is not None else 0.0
    overnight = members["nuclear_capex_usd2025_per_kw"] * gross / 1e3
    nuclear = overnight * construction_factor(rate, members["construction_yr"])
    field = members["solar_capex_usd2025_per_kw"] * design.solar_mw / 1e3
    battery = members["battery_capex_usd2025_per_kwh"] * design.battery_energy_mwh / 1e3
    store = np.full_like(rate, HEAT_STORE_USD_PER_KWH * design.heat_store_energy_mwh / 1e3)
    way = process(design.hydrogen) if design.hydrogen is not None else None
    unit = way.capex_usd_per_kw * design.hydrogen_power_mw / 1e3 if way is not None else 0.0
    plant = members["electrolyser_cost_factor"] * unit
    stacks = plant * (way.replaced_share / way.life_yr if way is not None else 0.0)
    share = members["om_share_per_yr"]
    power_om = share * (overnight + field + battery + store)
    process_om = share * plant
    parts = [
        nuclear * capital_recovery_factor(rate, life),
        field * capital_recovery_factor(rate, np.minimum(30.0, life)),
        battery * upkeep_factor(year.remaining, rate, life, design.upkeep, members["battery_life_factor"])
        + store * capital_recovery_factor(rate, life),
        plant * capital_recovery_factor(rate, PROCESS_LIFE_YR) + stacks,
        power_om + process_om,
        members["fuel_usd2025_per_mwh"] * flow["nuclear"] / 1e6,
    ]
    return parts, nuclear + field + battery + store + plant, power_om, process_om


def _lives(year: Yearly, members: Mapping[str, FloatArray], design: Design) -> FloatArray:
    if design.battery_energy_mwh <= 0.0:
        return np.zeros(len(year.wear))
    return np.array([life_yr(row) for row in year.remaining]) * members["battery_life_factor"]


def _worth_over_cost(members: Mapping[str, FloatArray], design: Design, year: Yearly) -> FloatArray:
    """Return what one unit more of each capacity earns a year over what it costs; 0 where there is none of it."""
    given = plant_of(design).fixed
    there = np.array([given.get(name, 0.0) > 0.0 for name in CAPACITIES])
    costs = yearly_costs(members, design, np.maximum(_lives(year, members, design), 1.0))
    found = [
        year.worth[:, k] / costs[name] if there[k] else np.zeros(len(year.wear))
        for k, name in enumerate(CAPACITIES)
    ]
    return np.stack(found, axis=1)


EXAMPLE: dict[str, Any] = {
    "reactor": "smr_pwr",
    "solar": "60 MW",
    "battery_power": "20 MW",
    "battery_energy": "80 MWh",
    "hydrogen": "htse",
    "hydrogen_power": "10 MW",
    "grid": "200 MW",
}

SYSTEM = System(
    name="plant",
    title="Solar-nuclear plant with batteries and hydrogen",
    version=3,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    labels=labels,
    figures=figures,
    monotone={
        ("nuclear_capex_usd2025_per_kw", "lcoe_usd2025_per_mwh"): 1,
        ("discount_rate_per_yr", "lcoe_usd2025_per_mwh"): 1,
        ("fuel_usd2025_per_mwh", "lcoe_usd2025_per_mwh"): 1,
        ("nuclear_availability", "net_export_gwh_per_yr"): 1,
        ("solar_factor", "lcoe_usd2025_per_mwh"): -1,
    },
    example=EXAMPLE,
)
