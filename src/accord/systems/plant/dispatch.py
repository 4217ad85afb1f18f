"""The plant's hours as one linear programme: sizing where capacities have a price, dispatch where they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.plant.certificate import Answer
from accord.systems.plant.chain import Chain, Joint

FloatArray = NDArray[np.float64]

__all__ = [
    "CAPACITIES",
    "FLOWS",
    "LEVELS",
    "LIMITED",
    "Plant",
    "build",
    "chain_of",
    "flows_of",
    "has",
    "worth_of",
]

FLOWS = (
    "q", "ramp", "st", "spare", "tc", "td", "es", "pv", "bc", "bd", "eb", "pem", "hts", "eh", "sold", "imp", "exp",
)  # fmt: skip
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
LIMITED = {
    "pv": "pv_capacity",
    "bc": "battery_power",
    "bd": "battery_power",
    "eb": "battery_energy",
    "tc": "tes_power",
    "td": "tes_power",
    "es": "tes_energy",
    "pem": "pem_capacity",
    "hts": "hts_capacity",
    "eh": "store_energy",
}
LEVELS = {"heat_store": "es", "battery": "eb", "hydrogen": "eh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """Numbers of the programme; money in any one unit, powers [MW], energies [MWh].

    `cost` prices capacities over the whole period, no higher than `most`; `fixed` sets the others, and one that is in
    neither is absent. Hydrogen is counted by its lower heating value: `demand_mw` is met in every hour, `sale` pays for
    every MWh beyond (0: none may be sold). `least` is what a flow never falls below while the reactor runs [MW],
    such as a process that must stay hot. `battery` is (charging, discharging efficiency, share kept over an hour,
    cost of a MWh discharged), `tes` the same without cost.
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
    most: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)

    @property
    def steam_gain(self) -> float:
        """Electricity that steam for the process has made before it left the turbine [MWe/MWe of the process]."""
        loss = self.efficiency if self.extraction_loss is None else self.extraction_loss
        return (self.efficiency - loss) * self.hts_heat


def has(plant: Plant) -> frozenset[str]:
    """Return the flows that the plant has; an absent component has none."""
    there = {n for n in CAPACITIES if n in plant.cost or plant.fixed.get(n, 0.0) > 0.0}
    found = {flow for flow, capacity in LIMITED.items() if capacity in there}
    if plant.heat_high_mw > 0.0:
        found |= {"q", "st"}
        if np.isfinite(plant.turbine_mw):
            found.add("spare")
        if plant.ramp_mw < plant.heat_high_mw - plant.heat_low_mw:
            found.add("ramp")
    heated = "q" in found
    if not (heated and {"tes_power", "tes_energy"} <= there):
        found -= {"tc", "td", "es"}
    if not {"battery_power", "battery_energy"} <= there:
        found -= {"bc", "bd", "eb"}
    if plant.pem_yield <= 0.0:
        found.discard("pem")
    if plant.hts_yield <= 0.0 or (plant.hts_heat > 0.0 and not heated):
        found.discard("hts")
    if not found & {"pem", "hts"}:
        found.discard("eh")
    elif plant.sale > 0.0:
        found.add("sold")
    if plant.grid_mw > 0.0:
        found |= {"imp", "exp"}
    return frozenset(found)


def _balances(plant: Plant, there: frozenset[str]) -> list[tuple[str, dict[str, float], dict[str, float]]]:
    """Return the balances of an hour: name, coefficients of the hour and of the hour before."""
    gained = plant.steam_gain
    charge, discharge, kept, _ = plant.battery
    heat_in, heat_out, warm = plant.tes
    own: list[tuple[str, dict[str, float], dict[str, float]]] = [
        ("heat", {"q": 1.0, "td": 1.0, "st": -1.0, "tc": -1.0, "hts": -plant.hts_heat}, {}),
        ("power", {"st": plant.efficiency, "pv": 1.0, "bd": 1.0, "imp": 1.0, "bc": -1.0, "pem": -1.0,
                   "hts": gained - 1.0, "exp": -1.0}, {}),
        ("turbine", {"st": plant.efficiency, "hts": gained, "spare": 1.0}, {}),
        ("ramp", {"q": 1.0, "ramp": -1.0}, {"q": -1.0}),
        ("heat_store", {"es": 1.0, "tc": -heat_in, "td": 1.0 / heat_out}, {"es": -warm}),
        ("battery", {"eb": 1.0, "bc": -charge, "bd": 1.0 / discharge}, {"eb": -kept}),
        ("hydrogen", {"pem": plant.pem_yield, "hts": plant.hts_yield, "eh": -1.0, "sold": -1.0}, {"eh": 1.0}),
    ]  # fmt: skip
    wanted = {"heat": "q" in there, "power": True, "turbine": "spare" in there, "ramp": "ramp" in there,
              "heat_store": "es" in there, "battery": "eb" in there,
              "hydrogen": bool(there & {"pem", "hts"}) or plant.demand_mw > 0.0}  # fmt: skip
    found = [
        (name, {k: v for k, v in now.items() if k in there}, {k: v for k, v in past.items() if k in there})
        for name, now, past in own
        if wanted[name]
    ]
    return sorted(found, key=lambda row: bool(row[2]))  # those that look back stand last


def chain_of(
    plant: Plant,
    pv: FloatArray,
    price: FloatArray,
    *,
    weight: float = 1.0,
    start: Mapping[str, float] | None = None,
    end: Mapping[str, float] | None = None,
    available: FloatArray | None = None,
) -> Chain:
    """Write the hours of one weather year, or of a window of it.

    Parameters
    ----------
    plant : Plant
    pv : float array, shape (hours,) [1]
        Output of the solar field over its capacity.
    price : float array, shape (hours,)
        Of a MWh sold; one bought costs `import_factor` times as much, as far above it where the price is negative.
    weight : float [1]
        Of the year among several.
    start : mapping, optional
        What the storages hold before the first hour (``"battery"``, ``"heat_store"``, ``"hydrogen"`` [MWh]) and the
        heat made then (``"ramp"`` [MW]). Without it storages end as they began.
    end : mapping, optional
        What the storages hold at least after the last hour [MWh].
    available : float array, shape (hours,), optional
        Share of the reactor that runs [1]; left out: all of it, always.
    """
    hours, there = len(price), has(plant)
    columns = tuple(n for n in FLOWS if n in there)
    running = np.ones(hours) if available is None else available
    names, now, before, rhs = _rows(plant, columns, hours, start, running)
    high = {n: np.full(hours, np.inf) for n in columns}
    low = {n: np.zeros(hours) for n in columns}
    _bound(plant, there, start, low, high, running)
    for name, level in (end or {}).items():
        if LEVELS[name] in there:
            low[LEVELS[name]][-1] = level
    sized = [n for n in CAPACITIES if n in plant.cost]
    share = np.array([pv if n == "pv" else np.ones(hours) for n in columns])
    for n, own in zip(columns, share, strict=True):
        capacity = LIMITED.get(n)
        if capacity is not None and capacity not in plant.cost:
            high[n] = plant.fixed[capacity] * own
    return Chain(
        columns=columns, rows=names, now=now, before=before,
        cyclic=np.array([name != "ramp" and start is None for name in names]), rhs=rhs,
        cost=_cost(plant, columns, price) * weight, low=np.array([low[n] for n in columns]),
        high=np.array([high[n] for n in columns]),
        capacity=np.array([sized.index(LIMITED[n]) if LIMITED.get(n) in sized else -1 for n in columns]),
        share=share,
    )  # fmt: skip


def _rows(
    plant: Plant,
    columns: tuple[str, ...],
    hours: int,
    start: Mapping[str, float] | None,
    running: FloatArray,
) -> tuple[tuple[str, ...], FloatArray, FloatArray, FloatArray]:
    """Return names, coefficients of the hour and of the hour before, and right sides of the balances."""
    at = {n: j for j, n in enumerate(columns)}
    balances = _balances(plant, frozenset(columns))
    now, before = np.zeros((len(balances), len(columns))), np.zeros((len(balances), len(columns)))
    rhs = np.zeros((len(balances), hours))
    for r, (name, own, past) in enumerate(balances):
        for n, value in own.items():
            now[r, at[n]] = value
        for n, value in past.items():
            before[r, at[n]] = value
        if name == "hydrogen":  # nobody asks for hydrogen while the heat that makes it is away
            rhs[r] = plant.demand_mw * (running if "hts" in columns else 1.0)
        elif name == "turbine":
            rhs[r] = plant.turbine_mw
        if start is not None and name in start and past:
            rhs[r, 0] -= next(iter(past.values())) * start[name]
    return tuple(name for name, _, _ in balances), now, before, rhs


def _cost(plant: Plant, columns: tuple[str, ...], price: FloatArray) -> FloatArray:
    """Return what a MWh of each column costs in each hour."""
    prices: dict[str, Any] = {
        "q": plant.heat_cost,
        "bd": plant.battery[3],
        "sold": -plant.sale,
        "imp": price + (plant.import_factor - 1.0) * np.abs(price),
        "exp": -price,
    }
    return np.array([np.broadcast_to(prices.get(n, 0.0), (len(price),)) for n in columns])


def _bound(
    plant: Plant,
    there: frozenset[str],
    start: Mapping[str, float] | None,
    low: dict[str, FloatArray],
    high: dict[str, FloatArray],
    running: FloatArray,
) -> None:
    """Set the limits that no capacity sets."""
    if "q" in there:
        low["q"][:], high["q"][:] = plant.heat_low_mw * running, plant.heat_high_mw * running
    for n, least in plant.least.items():
        if n in there:
            low[n][:] = least * running
    if "ramp" in there:
        # a trip is faster than any ramp, and so is the way back that the operator was waiting for
        jump = plant.heat_high_mw * np.abs(np.diff(running, prepend=running[0]))
        low["ramp"][:], high["ramp"][:] = -plant.ramp_mw - jump, plant.ramp_mw + jump
        if (
            start is None or "ramp" not in start
        ):  # the first hour follows none: the column is then the heat itself
            low["ramp"][0], high["ramp"][0] = 0.0, plant.heat_high_mw
    if "spare" in there:
        high["spare"][:] = plant.turbine_mw
    for n in ("imp", "exp"):
        if n in there:
            high[n][:] = plant.grid_mw


def build(
    plant: Plant,
    pv: FloatArray | Sequence[FloatArray],
    price: FloatArray | Sequence[FloatArray],
    available: FloatArray | None = None,
) -> Joint:
    """Write the programme of one weather year, or of several equally likely ones that share the capacities.

    Parameters
    ----------
    plant : Plant
    pv, price : float array of shape (hours,), or a sequence of such, one a year
    available : float array, shape (hours,), optional
        As in `chain_of`, the same in every year.
    """
    years = [(pv, price)] if isinstance(pv, np.ndarray) else list(zip(pv, price, strict=True))
    sized = tuple(n for n in CAPACITIES if n in plant.cost)
    most = np.array([plant.most.get(n, np.inf) for n in sized])
    if np.any(most < 0.0):
        raise ModelError("the most that a capacity may be is below zero")
    return Joint(
        chains=tuple(
            chain_of(plant, np.asarray(sun), np.asarray(level), weight=1.0 / len(years), available=available)
            for sun, level in years
        ),
        names=sized,
        cost=np.array([plant.cost[n] for n in sized], dtype=float),
        low=np.array([plant.fixed.get(n, 0.0) for n in sized], dtype=float),
        high=most,
    )


def flows_of(named: Mapping[str, FloatArray], hours: int) -> dict[str, FloatArray]:
    """Return every flow of `FLOWS` by name, shape (hours,); those that the plant lacks are zero."""
    return {n: np.asarray(named[n]) if n in named else np.zeros(hours) for n in FLOWS}


def worth_of(plant: Plant, joint: Joint, answer: Answer) -> FloatArray:
    """Return what one unit more of each capacity would save over the period, its own cost not taken off.

    Parameters
    ----------
    plant : Plant
    joint, answer : Joint, Answer
        Built from it, and its optimum.

    Returns
    -------
    float array, shape (len(CAPACITIES),)
        In the order of `CAPACITIES`, whether chosen or given; 0 where the plant has no such component.
    """
    worth = dict.fromkeys(CAPACITIES, 0.0)
    for chain, reduced in zip(joint.chains, answer.reduced, strict=True):
        for j, n in enumerate(chain.columns):
            if n in LIMITED:
                worth[LIMITED[n]] += float(np.sum(chain.share[j] * np.maximum(-reduced[j], 0.0)))
    return np.array([worth[n] for n in CAPACITIES])
