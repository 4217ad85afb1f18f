"""What the model returns; the dim ``part`` names parts of the yearly cost, ``process`` the ways to hydrogen."""

from __future__ import annotations

from accord.contract import Output
from accord.systems.plant.catalogue import entry, names
from accord.systems.plant.dispatch import CAPACITIES
from accord.systems.plant.inputs import Design

__all__ = ["ALLOCATIONS", "ENERGIES", "OUTPUTS", "PARTS", "POWERS", "WORDS", "labels"]

WORDS = {
    "pv_capacity": "solar field", "battery_power": "battery, power", "battery_energy": "battery, energy",
    "tes_power": "heat store, power", "tes_energy": "heat store, energy", "pem_capacity": "electrolysis of water",
    "hts_capacity": "process with heat", "store_energy": "hydrogen store",
}  # fmt: skip
POWERS = [k for k, name in enumerate(CAPACITIES) if not name.endswith("energy")]
ENERGIES = [k for k, name in enumerate(CAPACITIES) if name.endswith("energy")]

ALLOCATIONS = ("revenue credit", "energy", "exergy")
PARTS = ("reactor", "solar field", "storage", "hydrogen process", "upkeep", "fuel")

OUTPUTS = {
    "net_export_gwh_per_yr": Output(
        unit="GWh/yr", doc="Electricity to the grid less what is bought.", better="high", headline=True
    ),
    "generation_gwh_per_yr": Output(
        unit="GWh/yr", doc="Electricity made by reactor and solar field, net of the reactor's own use.", better="high",
    ),
    "reactor_availability": Output(
        unit="1", doc="Share of the drawn year that the reactor runs, its outages taken off; 0 without one.",
        better="high",
    ),
    "solar_capacity_factor": Output(unit="1", doc="Of the solar field's AC capacity; 0 without one.", better="high"),
    "hydrogen_t_per_yr": Output(unit="t/yr", doc="Hydrogen made.", better="high", headline=True, limit=True),
    "hydrogen_feasible": Output(
        unit="1", doc="1 where the heat is warm enough for the process (or it takes none), else 0: then none is made."
    ),
    "heat_margin_k": Output(
        unit="K", doc="How much warmer the reactor's heat is than each process needs; 0 where it takes no heat.",
        dims=("process",), better="high",
    ),
    "lcoe_usd2025_per_mwh": Output(
        unit="USD2025/MWh", doc="Levelised cost of the electricity made, storage and construction interest included.",
        better="low", headline=True,
    ),
    "lcoh_usd2025_per_kg": Output(
        unit="USD2025/kg", doc="Levelised cost of hydrogen, electricity at its cost in the plant; 0 if none is made.",
        better="low", headline=True,
    ),
    "lcoh_market_usd2025_per_kg": Output(
        unit="USD2025/kg", doc="The same with electricity at what the grid would have paid on average.", better="low"
    ),
    "lcoh_allocated_usd2025_per_kg": Output(
        unit="USD2025/kg",
        doc="The same with the power side's cost shared between its products in three ways; under revenue credit it "
        "may be below zero.",
        dims=("allocation",), better="low",
    ),
    "lcoh_route_usd2025_per_kg": Output(
        unit="USD2025/kg",
        doc="What a kilogram would cost by each process beside this reactor, electricity at the market's mean price; "
        "0: the heat is too cold for it.",
        dims=("process",), better="low",
    ),
    "battery_life_yr": Output(
        unit="yr", doc="Life of the batteries at the dispatched cycles, to 70 % of their capacity; 0 without any.",
        better="high",
    ),
    "wear_cost_usd2025_per_mwh": Output(
        unit="USD2025/MWh", doc="Battery life that a MWh discharged uses up, as the dispatch has it.", better="low"
    ),
    "wear_residual": Output(
        unit="1", doc="How far that cost is from what the life at that dispatch says; 0: they agree.", better="low"
    ),
    "foresight_penalty": Output(
        unit="1", doc="What seeing nine days ahead instead of the whole year costs, over the year's earnings or cost.",
        better="low",
    ),
    "capacity_worth": Output(
        unit="1", doc="What a unit more of each capacity would earn over its cost: above 1, more would pay; 0: none.",
        dims=("capacity",),
    ),
    "resized": Output(unit="1", doc="1 where the capacities were chosen again for the member's costs, else 0."),
    "resized_power_mw": Output(
        unit="MW", doc="Powers chosen again; 0 where they were not.", dims=("power",)
    ),
    "resized_energy_mwh": Output(
        unit="MWh", doc="Stores chosen again; 0 where they were not.", dims=("store",)
    ),
    "resized_saving_musd2025_per_yr": Output(
        unit="MUSD2025/yr", doc="What the capacities chosen again save against those announced; 0 where they were not.",
    ),
    "capital_musd2025": Output(
        unit="MUSD2025", doc="Capital cost at commissioning, with interest while building.", better="low", headline=True
    ),
    "cost_musd2025_per_yr": Output(
        unit="MUSD2025/yr", doc="Yearly cost, capital as annuities.", dims=("part",), better="low"
    ),
    "net_present_value_musd2025": Output(
        unit="MUSD2025", doc="Worth at commissioning of revenue less cost over the life, before tax.", better="high",
        headline=True,
    ),
    "after_tax_value_musd2025": Output(
        unit="MUSD2025", doc="The same after tax, by the norms of finance.", better="high"
    ),
    "internal_rate_per_yr": Output(
        unit="1/yr", doc="Real internal rate of the project after tax, spending while building included.", better="high"
    ),
    "internal_rate_count": Output(unit="1", doc="How many internal rates the project has; only where 1 it ranks."),
    "equity_rate_per_yr": Output(unit="1/yr", doc="Real internal rate of the owners' money.", better="high"),
    "least_debt_cover": Output(
        unit="1", doc="Least yearly cash over the debt service of that year.", better="high"
    ),
    "tax_musd2025_per_yr": Output(unit="MUSD2025/yr", doc="Tax in the mean of the years.", better="low"),
    "construction_interest_musd2025": Output(
        unit="MUSD2025", doc="Interest while the reactor is built, at the norms' rates.", better="low"
    ),
    "hydrogen_emissions": Output(
        unit="1", doc="Carbon dioxide equivalent over hydrogen by mass, life cycle of the electricity; 0: none made.",
        better="low",
    ),
    "hydrogen_standard": Output(
        unit="1", doc="1 where the hydrogen meets the standard's bound and kind of power, else 0.", dims=("standard",),
        better="high",
    ),
    "emissions_avoided_kt_per_yr": Output(
        unit="kt/yr", doc="Carbon dioxide displaced by the net export, less the life-cycle emissions of what was made.",
        better="high", headline=True,
    ),
}  # fmt: skip


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the parts of the cost, the processes of the table and the capacities."""
    words = [WORDS[name] for name in CAPACITIES]
    return {
        "part": PARTS,
        "process": tuple(names("processes")),
        "allocation": ALLOCATIONS,
        "standard": tuple(str(entry("standards", name)["title"]) for name in names("standards")),
        "capacity": tuple(words),
        "power": tuple(words[k] for k in POWERS),
        "store": tuple(words[k] for k in ENERGIES),
    }
