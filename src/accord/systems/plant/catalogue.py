"""The tables beside this module: reactors, ways to hydrogen, climates, price shapes, emission factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from accord.errors import ModelError

__all__ = ["Process", "Reactor", "entry", "names", "process", "reactor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactor:
    """One reactor: powers [MW], heat that may leave it [degC, share] and what taking it costs the turbine [MWe/MWth].

    Ramp and least load are over its rating [1/h, 1]; outages: a planned one [day] every so many months, and the mean
    time of a forced one [h].
    """

    title: str
    thermal_mw: float
    gross_mw: float
    net_mw: float
    heat_degc: float
    efficiency: float
    extraction_loss: float
    min_load: float
    ramp_per_h: float
    extraction_most: float
    planned_day: float
    planned_every_month: float
    repair_h: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One way to hydrogen; `heat_degc` is None where it takes no heat.

    Energies are a kilogram's with fresh stacks; `ageing_per_kh` is the rise in a thousand hours, `stack_kh` how many
    thousand hours they stand, `replaced_share` what they cost of the whole. `turn_down` is the least load while it
    runs, `stops` whether it may be off for hours, `outlet_bar` the pressure at which it gives its hydrogen.
    """

    title: str
    electricity_kwh_per_kg: float
    heat_kwh_per_kg: float
    capex_usd_per_kw: float
    stack_kh: float
    replaced_share: float
    ageing_per_kh: float
    turn_down: float
    stops: bool
    outlet_bar: float
    maturity: str
    source: str
    heat_degc: float | None = None

    @property
    def kg_per_mwh(self) -> float:
        """Hydrogen [kg] made with one MWh of electricity, stacks fresh."""
        return 1000.0 / self.electricity_kwh_per_kg

    @property
    def heat_per_electricity(self) -> float:
        """Heat taken with each unit of electricity [MWth/MWe]."""
        return self.heat_kwh_per_kg / self.electricity_kwh_per_kg


@cache
def _table(name: str) -> Mapping[str, Any]:
    import yaml

    text = (files("accord.systems.plant") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    body: Mapping[str, Any] = yaml.safe_load(text)
    return body


def names(table: str) -> list[str]:
    """Return the entries of a table, such as ``"reactors"``, ``"processes"``, ``"prices"`` or ``"cells"``."""
    return sorted(_table(table))


def entry(table: str, name: str) -> Mapping[str, Any]:
    """Return one entry of a table.

    Raises
    ------
    ModelError
        When the table has no such entry.
    """
    body = _table(table)
    if name not in body:
        raise ModelError(f"there is no {name!r} among the {table}: {', '.join(sorted(body))}")
    found: Mapping[str, Any] = body[name]
    return found


def reactor(name: str) -> Reactor:
    """Return a reactor of the table."""
    return Reactor(**entry("reactors", name))


def process(name: str) -> Process:
    """Return a way to hydrogen of the table."""
    return Process(**entry("processes", name))
