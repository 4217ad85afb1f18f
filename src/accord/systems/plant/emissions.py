"""Carbon dioxide: what the plant displaces, what its hydrogen carries, which standards that meets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.catalogue import entry, names
from accord.systems.plant.inputs import Design
from accord.systems.plant.yields import Yields

FloatArray = NDArray[np.float64]
Members = Mapping[str, FloatArray]

__all__ = ["avoided_kt_per_yr", "of_hydrogen_kg_per_kg", "renewable_share", "within_standards"]

_RENEWABLE = 0.999  # share of the power from which a claim of renewable power holds


def _made_t(year: Yields) -> FloatArray:
    """Return the life-cycle emissions of a year's electricity [t]."""
    nuclear, solar = (float(entry("emissions", f"life_cycle_{n}")["value"]) for n in ("nuclear", "solar"))
    return np.asarray((year.nuclear * nuclear + year.solar * solar) / 1000.0)


def avoided_kt_per_yr(members: Members, year: Yields) -> FloatArray:
    """Return what the net export displaces, less the life-cycle emissions of what was made [kt/yr]."""
    return np.asarray((year.net * members["grid_emission_t_per_mwh"] - _made_t(year)) / 1000.0)


def of_hydrogen_kg_per_kg(members: Members, design: Design, year: Yields) -> FloatArray:
    """Return carbon dioxide equivalent of a kilogram of hydrogen [kg/kg]; 0 where none is made.

    Its electricity carries what the plant's own and the bought electricity carry on average over the year, its heat
    what the reactor's does: the life-cycle emissions of nuclear power times the electricity that the heat no longer
    makes are in them already, because that electricity was not counted as made.

    Parameters
    ----------
    members : mapping
    design : Design
    year : Yields
    """
    supply = year.made + year.bought
    total_t = _made_t(year) + year.bought * members["grid_emission_t_per_mwh"]
    intensity = np.divide(total_t, supply, out=np.zeros_like(supply), where=supply > 0.0)
    made = year.hydrogen_kg > 0.0
    return np.where(made, 1000.0 * intensity * year.process / np.where(made, year.hydrogen_kg, 1.0), 0.0)


def renewable_share(year: Yields) -> FloatArray:
    """Return the share of the plant's and the bought electricity that is solar [1]."""
    supply = year.made + year.bought
    return np.divide(year.solar, supply, out=np.zeros_like(supply), where=supply > 0.0)


def within_standards(design: Design, emissions: FloatArray, year: Yields) -> FloatArray:
    """Return 1 where the hydrogen meets each standard of the table, shape (n, standards); 0 where none is made."""
    share, found = renewable_share(year), []
    for name in names("standards"):
        row = entry("standards", name)
        good = (year.hydrogen_kg > 0.0) & (emissions <= float(row["most_kg_per_kg"]))
        if row["renewable_only"]:
            good = good & (share >= _RENEWABLE)
        found.append(good.astype(float))
    return np.stack(found, axis=1)
