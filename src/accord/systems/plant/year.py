"""A plant of given capacities through the hours of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.catalogue import process, reactor
from accord.systems.plant.cells import AGES_YR, Duty, curve, duty_of
from accord.systems.plant.certificate import Certificate
from accord.systems.plant.dispatch import Plant, build, flows_of, has, worth_of
from accord.systems.plant.electrolysis import need_of
from accord.systems.plant.gate import pairing
from accord.systems.plant.inputs import Design
from accord.systems.plant.solver import solve

FloatArray = NDArray[np.float64]

__all__ = [
    "KG_PER_MWH_H2",
    "LEVELS",
    "LHV_KWH_PER_KG",
    "SUMS",
    "WEEK",
    "Year",
    "dispatch",
    "dispatch_year",
    "plant_of",
    "sums_of",
]

WEEK = 168
LEVELS = (0.6, 0.8, 1.0, 1.25, 1.6)  # mean prices dispatched for, over the reference price
SUMS = (
    "nuclear", "solar", "export", "import", "hydrogen", "process", "export_value", "import_value", "solar_value",
)  # fmt: skip
LHV_KWH_PER_KG = 33.3215  # of hydrogen, the lower heating value
KG_PER_MWH_H2 = 1000.0 / LHV_KWH_PER_KG
_BATTERY = (0.95, 0.95, 0.9999)  # charging, discharging, kept over an hour
_LEAST_WEAR = 0.05  # USD/MWh: keeps the battery from charging and discharging at once for nothing


def plant_of(design: Design, wear_usd_per_mwh: float = 0.0) -> Plant:
    """Return the plant's numbers for the hourly programme, in USD; a process that is too hot is left out.

    ``wear_usd_per_mwh`` is what a MWh discharged costs in battery life.
    """
    source = reactor(design.reactor) if design.reactor is not None else None
    heat = source.thermal_mw * design.reactor_units if source is not None else 0.0
    way = process(design.hydrogen) if design.hydrogen is not None else None
    hot = way is not None and way.heat_degc is not None
    if way is not None and not pairing(source, way, design.approach_k).feasible:
        way = None
    need = need_of(way, design.hydrogen_pressure_bar) if way is not None else None
    per_mwh = 0.0 if need is None else need.kg_per_mwh / KG_PER_MWH_H2
    steady = way is not None and not way.stops
    least = 1.0 if design.reactor_policy == "baseload" or source is None else source.min_load
    return Plant(
        heat_high_mw=heat,
        heat_low_mw=heat * least,
        ramp_mw=heat * source.ramp_per_h if source is not None else np.inf,
        heat_cost=0.5,  # a small price keeps the reactor from venting heat for nothing
        efficiency=source.net_mw / source.thermal_mw if source is not None else 0.33,
        extraction_loss=source.extraction_loss if source is not None else None,
        pem_yield=0.0 if hot else per_mwh,
        hts_yield=per_mwh if hot else 0.0,
        hts_heat=need.heat_per_electricity if need is not None and hot else 0.0,
        demand_mw=design.hydrogen_demand_kg_per_h / KG_PER_MWH_H2 if way is not None else 0.0,
        least={"hts": design.hydrogen_power_mw * way.turn_down} if way is not None and steady and hot else {},
        sale=design.hydrogen_price_usd2025_per_kg * KG_PER_MWH_H2 if way is not None else 0.0,
        grid_mw=design.grid_mw,
        battery=(*_BATTERY, max(wear_usd_per_mwh, _LEAST_WEAR)),
        fixed={
            "pv_capacity": design.solar_mw,
            "battery_power": design.battery_power_mw,
            "battery_energy": design.battery_energy_mwh,
            "tes_power": design.heat_store_power_mw,
            "tes_energy": design.heat_store_energy_mwh,
            "pem_capacity": 0.0 if hot or way is None else design.hydrogen_power_mw,
            "hts_capacity": design.hydrogen_power_mw if hot and way is not None else 0.0,
            "store_energy": 1000.0 * design.hydrogen_store_t / KG_PER_MWH_H2 if way is not None else 0.0,
        },
    )


@dataclass(frozen=True, slots=True)
class Year:
    """A dispatched year.

    Attributes
    ----------
    sums : float array, shape (len(SUMS),) [MWh; values: MWh times relative price]
    remaining : float array, shape of `AGES_YR` [1]
        What remains of the battery's capacity if every year is like this one.
    discharged_mwh : float
    worth : float array, shape (len(CAPACITIES),) [USD/MW, USD/MWh]
        What one unit more of each capacity would have saved or earned in the year.
    duty : Duty or None
        None without a battery.
    certificate : Certificate
    flow : dict of str to float array, shape (8760,) [MW, MWh]
    """

    sums: FloatArray
    remaining: FloatArray
    discharged_mwh: float
    worth: FloatArray
    duty: Duty | None
    certificate: Certificate
    flow: dict[str, FloatArray]


def dispatch(plant: Plant, solar: FloatArray, price: FloatArray, what: str) -> dict[str, FloatArray]:
    """Return the cheapest way to run through some hours, by flow; storages end as they began."""
    joint = build(plant, solar, price)
    return flows_of(solve(joint, what).named(joint), len(price))


def sums_of(plant: Plant, flow: Mapping[str, FloatArray], price: FloatArray) -> FloatArray:
    """Return the sums of some hours in the order of `SUMS` [MWh; values: MWh times relative price]."""
    dear = price + (plant.import_factor - 1.0) * np.abs(price)
    parts = (
        plant.efficiency * flow["st"] + plant.steam_gain * flow["hts"],
        flow["pv"],
        flow["exp"],
        flow["imp"],
        flow["sold"] + (plant.demand_mw if has(plant) & {"pem", "hts"} else 0.0),
        flow["pem"] + flow["hts"],
        flow["exp"] * price,
        flow["imp"] * dear,
        flow["pv"] * price,
    )
    return np.array([float(np.sum(part)) for part in parts])


def dispatch_year(
    plant: Plant,
    solar: FloatArray,
    price: FloatArray,
    level_usd: float,
    cells: str = "lmo",
    temperature_degc: float = 25.0,
    available: FloatArray | None = None,
) -> Year:
    """Dispatch a year of given capacities.

    Parameters
    ----------
    plant : Plant
    solar, price : float array, shape (8760,) [1]
        Output over capacity; price over its mean.
    level_usd : float [USD/MWh]
        Mean price.
    cells : str
        An entry of the table of cells.
    temperature_degc : float
        Of the cells.
    available : float array, shape (8760,), optional
        Share of the reactor that runs [1].
    """
    joint = build(plant, solar, price * level_usd, available)
    answer = solve(joint, "dispatch of a year")
    flow = flows_of(answer.named(joint), len(price))
    energy = plant.fixed.get("battery_energy", 0.0)
    duty = duty_of(flow["eb"] / energy, temperature_degc) if energy > 0.0 else None
    remaining = np.ones_like(AGES_YR) if duty is None else curve(cells, duty)
    return Year(
        sums=sums_of(plant, flow, price),
        remaining=remaining,
        discharged_mwh=float(np.sum(flow["bd"])),
        worth=worth_of(plant, joint, answer),
        duty=duty,
        certificate=answer.certificate,
        flow=flow,
    )
