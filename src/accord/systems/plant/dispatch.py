"""The plant's hours as one linear programme: sizing where capacities have a price, dispatch where they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.solver import Programme

FloatArray = NDArray[np.float64]

__all__ = ["CAPACITIES", "FLOWS", "Plant", "build", "unpack"]

FLOWS = ("q", "st", "tc", "td", "es", "pv", "bc", "bd", "eb", "pem", "hts", "eh", "imp", "exp")
CAPACITIES = (
    "pv_capacity",
    "battery_power",
    "battery_energy",
    "tes_power",
    "tes_energy",
    "pem_capacity",
    "hts_capacity",
    "store_energy",
)
_LIMITS = (
    ("bc", 1),
    ("bd", 1),
    ("eb", 2),
    ("tc", 3),
    ("td", 3),
    ("es", 4),
    ("pem", 5),
    ("hts", 6),
    ("eh", 7),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """Numbers of the programme; money in any one unit, powers [MW], energies [MWh].

    `cost` prices capacities over the whole period, `fixed` sets the others. Hydrogen is counted by its lower heating
    value: `demand_mw` is met in every hour, `sale` pays for every MWh beyond (0: none may be sold).
    """

    heat_high_mw: float
    heat_low_mw: float
    heat_cost: float = 0.0
    ramp_mw: float = np.inf
    efficiency: float = 0.33
    turbine_mw: float = np.inf
    extraction_loss: float | None = None
    battery: tuple[float, float, float, float] = (0.95, 0.95, 0.9999, 0.05)
    tes: tuple[float, float, float] = (0.98, 0.98, 0.9995)
    pem_yield: float = 0.0
    hts_yield: float = 0.0
    hts_heat: float = 0.0
    demand_mw: float = 0.0
    sale: float = 0.0
    grid_mw: float = 0.0
    import_factor: float = 1.15
    cost: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)


def build(plant: Plant, pv: FloatArray, price: FloatArray) -> Programme:
    """Write the programme of a number of hours, storages cyclic.

    Parameters
    ----------
    plant : Plant
    pv : float array, shape (hours,) [1]
        Output of the solar field over its capacity.
    price : float array, shape (hours,)
        Of a MWh sold; one bought costs `import_factor` times as much.

    Returns
    -------
    Programme
        Columns: `FLOWS` hour by hour, one block each, then hydrogen sold, then `CAPACITIES`.
    """
    from scipy import sparse as _sparse

    sparse: Any = _sparse  # carries no types

    hours = len(price)
    one = sparse.identity(hours, format="csr")
    order = np.arange(hours)
    back = sparse.csr_matrix((np.ones(hours), (order, np.roll(order, 1))), shape=(hours, hours))
    loss = plant.efficiency if plant.extraction_loss is None else plant.extraction_loss
    gained = (plant.efficiency - loss) * plant.hts_heat  # steam taken has turned the turbine before
    charge, discharge, kept, _ = plant.battery
    heat_in, heat_out, warm = plant.tes
    rows: list[tuple[dict[str, Any], float, float]] = [
        ({"q": one, "td": one, "st": -one, "tc": -one, "hts": -plant.hts_heat * one}, 0.0, 0.0),
        ({"st": plant.efficiency * one, "pv": one, "bd": one, "imp": one, "bc": -one, "pem": -one,
          "hts": (gained - 1.0) * one, "exp": -one}, 0.0, 0.0),
        ({"es": one - warm * back, "tc": -heat_in * one, "td": one / heat_out}, 0.0, 0.0),
        ({"eb": one - kept * back, "bc": -charge * one, "bd": one / discharge}, 0.0, 0.0),
        ({"pem": plant.pem_yield * one, "hts": plant.hts_yield * one, "eh": back - one, "sold": -one},
         plant.demand_mw, plant.demand_mw),
        ({"st": plant.efficiency * one, "hts": gained * one}, -np.inf, plant.turbine_mw),
    ]  # fmt: skip
    rows += [({name: one, CAPACITIES[k]: -np.ones((hours, 1))}, -np.inf, 0.0) for name, k in _LIMITS]
    rows.append(({"pv": one, CAPACITIES[0]: -pv[:, None]}, -np.inf, 0.0))
    if np.isfinite(plant.ramp_mw) and hours > 1:
        rows.append(({"q": (one - back)[1:]}, -plant.ramp_mw, plant.ramp_mw))
    return _assemble(plant, price, rows)


def _assemble(plant: Plant, price: FloatArray, rows: list[tuple[dict[str, Any], float, float]]) -> Programme:
    from scipy import sparse as _sparse

    sparse: Any = _sparse  # carries no types

    hours = len(price)
    hourly = (*FLOWS, "sold")
    blocks = [[part.get(name) for name in (*hourly, *CAPACITIES)] for part, _, _ in rows]
    for k, name in enumerate((*hourly, *CAPACITIES)):
        if blocks[0][k] is None:  # gives every block of columns its width
            blocks[0][k] = sparse.csr_matrix((hours, hours if name in hourly else 1))
    heights = [next(part.shape[0] for part in own.values()) for own, _, _ in rows]
    cost = {n: np.zeros(hours) for n in hourly}
    cost["q"] += plant.heat_cost
    cost["bd"] += plant.battery[3]
    cost["imp"] = plant.import_factor * price
    cost["exp"] = -price
    cost["sold"] -= plant.sale
    low, high = {n: np.zeros(hours) for n in hourly}, {n: np.full(hours, np.inf) for n in hourly}
    low["q"] += plant.heat_low_mw
    high["q"] = np.full(hours, plant.heat_high_mw)
    high["imp"] = high["exp"] = np.full(hours, plant.grid_mw)
    if plant.sale <= 0.0:
        high["sold"] = np.zeros(hours)
    size_cost = np.array([plant.cost.get(n, 0.0) for n in CAPACITIES])
    size_low = np.array([plant.fixed.get(n, 0.0) for n in CAPACITIES])
    size_high = np.array([np.inf if n in plant.cost else plant.fixed.get(n, 0.0) for n in CAPACITIES])
    return Programme(
        cost=np.concatenate([*(cost[n] for n in hourly), size_cost]),
        matrix=sparse.bmat(blocks, format="csc"),
        row_low=np.concatenate([np.full(h, lo) for h, (_, lo, _) in zip(heights, rows, strict=True)]),
        row_high=np.concatenate([np.full(h, hi) for h, (_, _, hi) in zip(heights, rows, strict=True)]),
        low=np.concatenate([*(low[n] for n in hourly), size_low]),
        high=np.concatenate([*(high[n] for n in hourly), size_high]),
    )


def unpack(x: FloatArray, hours: int) -> dict[str, FloatArray]:
    """Return the columns by name: flows of shape (hours,) and capacities of shape ()."""
    found = {n: x[k * hours : (k + 1) * hours] for k, n in enumerate((*FLOWS, "sold"))}
    return found | {n: x[len(x) - len(CAPACITIES) + k] for k, n in enumerate(CAPACITIES)}
