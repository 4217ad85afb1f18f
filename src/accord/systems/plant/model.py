"""The plant over an ensemble: hours dispatched once a weather year and price level, cost and yield member by member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Context, System
from accord.errors import ModelError
from accord.physics.finance import annuity_factor
from accord.systems.plant.cashflow import statement
from accord.systems.plant.cells import life_yr
from accord.systems.plant.dispatch import CAPACITIES
from accord.systems.plant.economy import costs_of, hydrogen_costs, route_costs
from accord.systems.plant.emissions import avoided_kt_per_yr, of_hydrogen_kg_per_kg, within_standards
from accord.systems.plant.figures import figures
from accord.systems.plant.gates import suspects
from accord.systems.plant.inputs import INPUTS, Design
from accord.systems.plant.members import Yearly, resized, yearly
from accord.systems.plant.norms import norms_of
from accord.systems.plant.outputs import ENERGIES, OUTPUTS, POWERS, labels
from accord.systems.plant.preparation import prepare
from accord.systems.plant.remarks import remarks
from accord.systems.plant.sizing import yearly_costs
from accord.systems.plant.year import plant_of
from accord.systems.plant.yields import FIELD_YR, Yields, kept, mean_over_life, of_a_year

FloatArray = NDArray[np.float64]
Members = Mapping[str, FloatArray]

__all__ = ["EXAMPLE", "SYSTEM", "evaluate", "prepare"]


def evaluate(members: Members, prepared: Mapping[str, Any], context: Context) -> dict[str, FloatArray]:
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

    Raises
    ------
    ModelError
        When the norms of finance cannot be read.
    """
    design = context.design
    assert isinstance(design, Design)
    n = len(members["discount_rate_per_yr"])
    year = yearly(members, prepared, context)
    any_year, life = of_a_year(members, design, year), mean_over_life(members, design, year)
    again = resized(members, prepared, context, year)
    costs = costs_of(members, design, year, life)
    price = members["power_price_usd2025_per_mwh"]
    lcoe = 1e6 * costs.power / life.made
    lcoh, market, allocated = hydrogen_costs(costs, life, design, price)
    revenue = life.value * price / 1e6 + life.hydrogen_kg * design.hydrogen_price_usd2025_per_kg / 1e6
    worth = (revenue - sum(costs.parts)) * annuity_factor(members["discount_rate_per_yr"], design.life_yr)
    field = design.solar_mw * 8760.0
    found = {
        "net_export_gwh_per_yr": any_year.net / 1000.0,
        "generation_gwh_per_yr": any_year.made / 1000.0,
        "reactor_availability": year.running if design.reactor is not None else np.zeros(n),
        "solar_capacity_factor": any_year.solar / field if field > 0.0 else np.zeros(n),
        "hydrogen_t_per_yr": any_year.hydrogen_kg / 1000.0,
        "hydrogen_feasible": np.full(n, prepared["feasible"]),
        "heat_margin_k": np.tile(prepared["margin"], (n, 1)),
        "lcoe_usd2025_per_mwh": lcoe,
        "lcoh_usd2025_per_kg": lcoh,
        "lcoh_market_usd2025_per_kg": market,
        "lcoh_allocated_usd2025_per_kg": allocated,
        "lcoh_route_usd2025_per_kg": route_costs(members, design),
        "battery_life_yr": _lives(year, members, design),
        "wear_cost_usd2025_per_mwh": year.wear,
        "wear_residual": year.wear_residual,
        "foresight_penalty": np.full(n, float(prepared["foresight"])),
        "capacity_worth": _worth_over_cost(members, design, year),
        "resized": again.done,
        "resized_power_mw": again.capacities[:, POWERS],
        "resized_energy_mwh": again.capacities[:, ENERGIES],
        "resized_saving_musd2025_per_yr": again.saving / 1e6,
        "capital_musd2025": costs.capital,
        "cost_musd2025_per_yr": np.stack(costs.parts, axis=1),
        "net_present_value_musd2025": worth,
        **_after_tax(members, design, context, costs, life, revenue),
        "emissions_avoided_kt_per_yr": avoided_kt_per_yr(members, any_year),
        "hydrogen_emissions": of_hydrogen_kg_per_kg(members, design, any_year),
    }
    found["hydrogen_standard"] = within_standards(design, found["hydrogen_emissions"], any_year)
    for name, bad, reason in suspects(found):
        context.fail(bad, f"model input suspect: {reason} ({name})")
    return found


def _after_tax(
    members: Members, design: Design, context: Context, costs: Any, life: Yields, revenue: FloatArray
) -> dict[str, FloatArray]:
    """Return what owners and lenders see; a field's losses grow with its years, as money counts them."""
    try:
        norms = norms_of(design.norms, context.folder, design.life_yr)
    except ValueError as error:
        raise ModelError(str(error)) from None
    years = max(1, int(np.ceil(design.life_yr)))
    price = members["power_price_usd2025_per_mwh"]
    age = np.arange(years) % int(FIELD_YR)
    rate = members["solar_degradation_per_yr"]
    mean = kept(rate, min(FIELD_YR, design.life_yr), members["discount_rate_per_yr"])
    course = (1.0 - rate[:, None]) ** (age[None, :] + 0.5) / mean[:, None] - 1.0
    solar = (
        life.solar * price / 1e6
    )  # at the mean price: what the field sells at is in the first year's revenue
    flow = (revenue - costs.running)[:, None] + solar[:, None] * course
    found = statement(
        costs.prompt, costs.reactor, flow, members["construction_yr"], members["discount_rate_per_yr"], norms
    )
    return {
        "after_tax_value_musd2025": found.value,
        "internal_rate_per_yr": found.rate,
        "internal_rate_count": found.rate_count,
        "equity_rate_per_yr": found.equity_rate,
        "least_debt_cover": found.least_cover,
        "tax_musd2025_per_yr": found.tax,
        "construction_interest_musd2025": found.interest_while_building,
    }


def _lives(year: Yearly, members: Members, design: Design) -> FloatArray:
    if design.battery_energy_mwh <= 0.0:
        return np.zeros(len(year.wear))
    return np.array([life_yr(row) for row in year.remaining]) * members["battery_life_factor"]


def _worth_over_cost(members: Members, design: Design, year: Yearly) -> FloatArray:
    """Return what one unit more of each capacity earns a year over what it costs; 0 where there is none of it."""
    given = plant_of(design).fixed
    there = np.array([given.get(name, 0.0) > 0.0 for name in CAPACITIES])
    costs = yearly_costs(members, design, np.maximum(_lives(year, members, design), 1.0))
    found = [
        year.worth[:, k] / costs[name] if there[k] and np.all(costs[name] > 0.0) else np.zeros(len(year.wear))
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
    version=6,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    labels=labels,
    figures=figures,
    remarks=remarks,
    monotone={
        ("nuclear_capex_usd2025_per_kw", "lcoe_usd2025_per_mwh"): 1,
        ("discount_rate_per_yr", "lcoe_usd2025_per_mwh"): 1,
        ("fuel_usd2025_per_mwh", "lcoe_usd2025_per_mwh"): 1,
        ("nuclear_availability", "net_export_gwh_per_yr"): 1,
        ("solar_factor", "lcoe_usd2025_per_mwh"): -1,
        ("solar_degradation_per_yr", "lcoe_usd2025_per_mwh"): 1,
    },
    example=EXAMPLE,
)
