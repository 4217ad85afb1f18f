"""Dispatch that sees a week and two days ahead instead of the whole year, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.chain import Chain, Joint
from accord.systems.plant.dispatch import FLOWS, LEVELS, Plant, chain_of, flows_of, has
from accord.systems.plant.solver import solve

FloatArray = NDArray[np.float64]

__all__ = ["Rolling", "roll"]

_CAPACITY = {"battery": "battery_energy", "heat_store": "tes_energy", "hydrogen": "store_energy"}


@dataclass(frozen=True, slots=True)
class Rolling:
    """Dispatch window by window, beside that of one who knew the year.

    Attributes
    ----------
    flows : dict of str to float array, shape (hours,)
        Of the windows.
    cost, perfect : float
        Cost of the windows, and of perfect foresight, both from half-full stores that end no emptier.
    """

    flows: dict[str, FloatArray]
    cost: float
    perfect: float

    @property
    def penalty(self) -> float:
        """What limited foresight costs over the cost (or earnings) of perfect foresight [1]."""
        return (self.cost - self.perfect) / max(abs(self.perfect), 1e-300)


def _alone(chain: Chain) -> Joint:
    nothing = np.zeros(0)
    return Joint(chains=(chain,), names=(), cost=nothing, low=nothing, high=nothing)


def roll(plant: Plant, pv: FloatArray, price: FloatArray, *, step: int = 168, ahead: int = 48) -> Rolling:
    """Dispatch a year of given capacities in windows: each sees ``step + ahead`` hours and is kept for ``step``.

    Parameters
    ----------
    plant : Plant
        With no capacity to choose.
    pv, price : float array, shape (hours,)
        As in `build`; what a window sees is exact, what lies beyond it unknown.
    step, ahead : int [h]

    Raises
    ------
    ModelError
        When a window has no answer.
    """
    hours, there = len(price), has(plant)
    stores = {n: plant.fixed.get(_CAPACITY[n], 0.0) for n, flow in LEVELS.items() if flow in there}
    half = {n: 0.5 * size for n, size in stores.items()}
    whole = _alone(chain_of(plant, pv, price, start=half, end=half))
    perfect = solve(whole, "dispatch of a year with perfect foresight").certificate.primal
    kept: dict[str, list[FloatArray]] = {n: [] for n in FLOWS}
    level: Mapping[str, float] = half
    cost = 0.0
    for first in range(0, hours, step):
        last = min(first + step + ahead, hours)
        own = slice(first, last)
        chain = chain_of(plant, pv[own], price[own], start=level, end=half if last == hours else None)
        joint = _alone(chain)
        answer = solve(joint, f"dispatch from hour {first} to {last}")
        used = min(step, hours - first)
        cost += float(np.sum(chain.cost[:, :used] * answer.flows[0][:, :used]))
        flows = flows_of(answer.named(joint), last - first)
        for n in FLOWS:
            kept[n].append(flows[n][:used])
        level = {n: float(np.clip(flows[LEVELS[n]][used - 1], 0.0, size)) for n, size in stores.items()} | (
            {"ramp": float(flows["q"][used - 1])} if "ramp" in there else {}
        )
    return Rolling({n: np.concatenate(parts) for n, parts in kept.items()}, cost, perfect)
