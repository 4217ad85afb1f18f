"""The self-contained reference programme that independent tools have solved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.dispatch import Plant

FloatArray = NDArray[np.float64]

__all__ = ["reference_plant", "reference_series"]


def _scatter(x: FloatArray) -> FloatArray:
    """Return numbers in 0..1 that look random and can be made anywhere."""
    value = 43758.5453 * np.sin(12.9898 * x + 78.233)
    found: FloatArray = value - np.floor(value)
    return found


def reference_series(hours: int, *, noisy: bool = False) -> tuple[FloatArray, FloatArray]:
    """Return solar output [1] and price [kINR/MWh] of the reference programme, shape (hours,) each.

    ``noisy`` multiplies days of sun and hours of price by scattered numbers: harder for a solver, as real years are.
    """
    t = np.arange(hours)
    h, d = t % 24, t // 24
    sun = np.maximum(0.0, np.sin(np.pi * (h + 0.5 - 6.0) / 12.0))
    cloud = np.where((d % 365 >= 165) & (d % 365 <= 265) & (d % 3 == 0), 0.45, 1.0)
    season = 0.88 + 0.10 * np.cos(2.0 * np.pi * (d - 105) / 365.0)
    pv = np.minimum(1.0, 1.15 * sun**1.2 * season * cloud)
    price = 3.3 + 2.4 * np.exp(-(((h - 19) / 2.2) ** 2)) + 0.9 * np.exp(-(((h - 7) / 1.8) ** 2))
    price = price - 1.3 * np.exp(-(((h - 12.5) / 3.2) ** 2)) + 0.4 * np.sin(2.0 * np.pi * (d - 60) / 365.0)
    price = price + 0.15 * np.sin(0.7 * t) + 0.10 * np.sin(1.3 * t)
    if noisy:
        return pv * (0.72 + 0.28 * _scatter(d.astype(float) + 0.5)), price * (
            0.75 + 0.5 * _scatter(t.astype(float))
        )
    return pv, price


def reference_plant(hours: int) -> Plant:
    """Return the reference plant: a 700 MW reactor, eight capacities to choose [kINR]."""
    yearly = {
        "pv_capacity": 4672.250021,
        "battery_power": 1206.529944,
        "battery_energy": 1608.706592,
        "tes_power": 536.681757,
        "tes_energy": 171.738162,
        "pem_capacity": 9768.253251,
        "hts_capacity": 14359.182751,
        "store_energy": 28.980815,
    }
    return Plant(
        heat_high_mw=2166.0, heat_low_mw=1299.6, heat_cost=0.09, ramp_mw=108.3, efficiency=0.323,
        turbine_mw=700.0, pem_yield=33.33 / 53.0, hts_yield=33.33 / 36.8, hts_heat=6.4 / 36.8, demand_mw=200.0,
        grid_mw=900.0, cost={name: value * hours / 8760.0 for name, value in yearly.items()},
    )  # fmt: skip
