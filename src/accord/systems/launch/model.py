"""What launches cost apart and together: every coalition's cheapest manifest, and how the cost may be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Column, Context, Spread, System
from accord.physics.games import core_is_empty, shapley, subadditive
from accord.systems.launch.figures import figures
from accord.systems.launch.inputs import INPUTS, Design, Payload
from accord.systems.launch.manifest import blocks, capacity, covers
from accord.systems.launch.outputs import OUTPUTS, labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "columns", "evaluate", "prepare"]


@dataclass(frozen=True, slots=True)
class _Rates:
    """Price [MUSD2025] and success of each vehicle (n, vehicles), value of a satellite [MUSD2025] (n,)."""

    price: FloatArray
    success: FloatArray
    value: FloatArray


def columns(design: Design) -> dict[str, Column]:
    """Return price and reliability of each vehicle as member inputs."""
    found: dict[str, Column] = {}
    for vehicle in design.vehicles:
        found[f"price_musd2025.{vehicle.id}"] = Column(
            unit="MUSD2025", doc=f"Price of a launch: {vehicle.name}", value=vehicle.price_musd2025
        )
        found[f"reliability.{vehicle.id}"] = Column(
            unit="1",
            doc=f"Probability that a launch succeeds: {vehicle.name}",
            value=Spread.of("beta", alpha=vehicle.successes + 1.0, beta=vehicle.failures + 1.0),
        )
    return found


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return what every coalition may do: for each orbit it serves, the ways to pack, each a list of blocks."""
    coalitions: list[list[list[list[dict[str, Any]]]]] = []
    for coalition in range(1 << len(design.partners)):
        members = {p.id for i, p in enumerate(design.partners) if coalition >> i & 1}
        orbits = []
        for orbit in design.orbits:
            own = [p for p in design.payloads if p.orbit == orbit.id and p.owner in members]
            owners = list(dict.fromkeys(p.owner for p in own))
            if not own:
                continue
            ways = [_blocks(design, own, members)]
            if len(owners) > 1:  # or each its own satellites, with the vehicles of all
                apart = [_blocks(design, [p for p in own if p.owner == owner], members) for owner in owners]
                ways.append([block for blocks_ in apart for block in blocks_])
            orbits.append(ways)
        coalitions.append(orbits)
        context.progress(coalition + 1, 1 << len(design.partners))
    return {"coalitions": coalitions}


def _blocks(design: Design, own: list[Payload], members: set[str]) -> list[dict[str, Any]]:
    usable = [v.owner is None or v.owner in members for v in design.vehicles]
    carried = [capacity(v, own[0]) if ok else 0 for v, ok in zip(design.vehicles, usable, strict=True)]
    found = []
    for satellites, times in blocks(design, own[0], sum(p.planes for p in own)):
        limited = [min(c, satellites) for c in carried]
        counts = np.array(covers(satellites, limited), dtype=float)
        filled = satellites / (counts * limited).sum(axis=1)  # launches of a cover are filled alike
        aboard = filled[:, None] * np.array(limited, dtype=float)
        found.append({"times": times, "counts": counts, "aboard": aboard})
    return found


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
    n = len(members["sharing_cost_musd2025"])
    price = np.stack([members[f"price_musd2025.{v.id}"] for v in design.vehicles], axis=1)
    success = np.stack([members[f"reliability.{v.id}"] for v in design.vehicles], axis=1)
    size = len(prepared["coalitions"])
    costs = np.zeros((n, size))
    launches = np.zeros((n, size, len(design.vehicles)))
    rates = _Rates(price, success, members["satellite_value_musd2025"])
    for coalition, orbits in enumerate(prepared["coalitions"]):
        for ways in orbits:
            cost, number = _cheapest(rates, ways)
            costs[:, coalition] += cost
            launches[:, coalition] += number
        if coalition.bit_count() > 1:
            costs[:, coalition] += members["sharing_cost_musd2025"]
    singles = [1 << i for i in range(len(design.partners))]
    alone = costs[:, singles]
    total = sum((alone[:, i] for i in range(1, len(singles))), alone[:, 0])
    shares = shapley(costs)
    paying = [i for i, s in enumerate(singles) if prepared["coalitions"][s]]
    cadence = np.array([v.cadence_per_yr for v in design.vehicles])
    return {
        "cost_ratio": costs[:, -1] / total,
        "worst_cost_ratio": np.max(np.stack([shares[:, i] / alone[:, i] for i in paying], axis=1), axis=1),
        "saving_musd2025": total - costs[:, -1],
        "pooled_cost_musd2025": costs[:, -1].copy(),
        "alone_cost_musd2025": alone,
        "shapley_cost_musd2025": shares,
        "stable": (~core_is_empty(costs)).astype(float),
        "subadditive": subadditive(costs).astype(float),
        "coalition_cost_musd2025": costs[:, 1:].copy(),
        "alone_launches": np.sum(launches[:, singles], axis=(1, 2)),
        "pooled_launches": np.sum(launches[:, -1], axis=1),
        "campaign_yr": np.max(launches[:, -1] / cadence, axis=1),
    }


def _cheapest(rates: _Rates, ways: list[list[dict[str, Any]]]) -> tuple[FloatArray, FloatArray]:
    """Return cost (n,) and launches (n, vehicles) of the cheapest way to pack, member by member."""
    best, chosen = np.full(len(rates.value), np.inf), np.zeros_like(rates.price)
    for way in ways:
        cost, number = np.zeros(len(best)), np.zeros_like(chosen)
        for block in way:
            own, launched = _cover(rates, block)
            cost = cost + block["times"] * own
            number = number + block["times"] * launched
        better = cost < best
        best = np.where(better, cost, best)
        chosen = np.where(better[:, None], number, chosen)
    return best, chosen


def _cover(rates: _Rates, block: Mapping[str, Any]) -> tuple[FloatArray, FloatArray]:
    """Return cost (n,) and launches (n, vehicles) of the cheapest cover of one block, member by member."""
    best, chosen = np.full(len(rates.value), np.inf), np.zeros_like(rates.price)
    for counts, aboard in zip(block["counts"], block["aboard"], strict=True):
        cost = np.zeros(len(best))
        for vehicle, number in enumerate(counts):
            if number:
                fails = (1.0 - rates.success[:, vehicle]) / rates.success[:, vehicle]
                paid = rates.price[:, vehicle] / rates.success[:, vehicle]
                cost = cost + number * (paid + fails * aboard[vehicle] * rates.value)
        better = cost < best
        best = np.where(better, cost, best)
        chosen = np.where(better[:, None], counts, chosen)
    return best, chosen


EXAMPLE = {
    "partners": [{"id": "north", "name": "North"}, {"id": "south", "name": "South"}],
    "vehicles": [
        {
            "id": "heavy", "name": "Heavy", "owner": "north", "lift": "5796 kg", "slots": 36,
            "price": {"dist": "triangular", "low": "55 MUSD2025", "mode": "65 MUSD2025", "high": "80 MUSD2025"},
            "successes": 7, "failures": 0, "cadence": "3 /yr",
        },
        {
            "id": "light", "name": "Light", "owner": "south", "lift": "1900 kg", "slots": 12,
            "price": {"dist": "triangular", "low": "18 MUSD2025", "mode": "22 MUSD2025", "high": "28 MUSD2025"},
            "successes": 55, "failures": 3, "cadence": "6 /yr",
        },
    ],
    "orbits": [
        {
            "id": "fleet", "deployment_altitude": "600 km", "altitude": "1100 km", "inclination": "63 deg",
            "plane_spacing": "15 deg",
        }
    ],
    "payloads": [
        {
            "id": "a", "owner": "north", "orbit": "fleet", "planes": 3, "satellites_per_plane": 10,
            "satellite_mass": "150 kg",
        },
        {
            "id": "b", "owner": "south", "orbit": "fleet", "planes": 2, "satellites_per_plane": 10,
            "satellite_mass": "150 kg",
        },
    ],
}  # fmt: skip

SYSTEM = System(
    name="launch",
    title="Launch campaign and cost sharing",
    version=2,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    columns=columns,
    labels=labels,
    figures=figures,
    monotone={
        ("sharing_cost_musd2025", "cost_ratio"): 1,
        ("sharing_cost_musd2025", "saving_musd2025"): -1,
        ("satellite_value_musd2025", "pooled_cost_musd2025"): 1,
    },
    example=EXAMPLE,
)
