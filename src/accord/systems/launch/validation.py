"""Published cases: games whose solutions are in print, the drift of planes, one real manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from accord.physics.games import core_is_empty, nucleolus, shapley
from accord.systems.launch.inputs import Orbit, Payload, Vehicle
from accord.systems.launch.manifest import capacity, covers, drift_deg_per_day

__all__ = ["airport", "bankruptcy", "cost_game", "drift", "manifest"]


def cost_game(costs: Sequence[float]) -> dict[str, Any]:
    """Return Shapley value and nucleolus of a game, costs by coalition in the order of its bits."""
    game = np.array([0.0, *costs])
    return {
        "shapley": shapley(game).tolist(),
        "nucleolus": nucleolus(game).tolist(),
        "core_is_empty": bool(core_is_empty(game)),
    }


def airport(needs: Sequence[float]) -> dict[str, Any]:
    """Return the Shapley value where a coalition pays for its largest need."""
    count = len(needs)
    game = np.array(
        [max((needs[i] for i in range(count) if s >> i & 1), default=0.0) for s in range(1 << count)]
    )
    return {"shapley": shapley(game).tolist()}


def bankruptcy(claims: Sequence[float], estate: float) -> dict[str, Any]:
    """Return the nucleolus of a bankruptcy game, in which a coalition is worth what the others leave."""
    count = len(claims)
    worth = [
        max(0.0, estate - sum(claims[i] for i in range(count) if not s >> i & 1)) if s else 0.0
        for s in range(1 << count)
    ]
    return {"nucleolus": (-nucleolus(-np.array(worth))).tolist()}


def drift(orbits: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the relative drift of the node and the days that 20 degrees take."""
    rates = [
        drift_deg_per_day(Orbit.model_validate({"id": "o", "plane_spacing": "20 deg", **o})) for o in orbits
    ]
    return {"drift_deg_per_day": rates, "days_for_20_deg": [20.0 / rate for rate in rates]}


def manifest(lift: str, satellite_mass: str, planes: int, satellites_per_plane: int) -> dict[str, Any]:
    """Return the satellites a launch carries and the launches that a fleet takes with one plane a launch."""
    vehicle = Vehicle.model_validate(
        {"id": "v", "name": "V", "lift": lift, "slots": 36, "price": "1 MUSD2025", "cadence": "1 /yr"}
    )
    payload = Payload.model_validate(
        {"id": "p", "owner": "a", "orbit": "o", "planes": planes, "satellites_per_plane": satellites_per_plane,
         "satellite_mass": satellite_mass}
    )  # fmt: skip
    carried = capacity(vehicle, payload)
    (best,) = covers(satellites_per_plane, [carried])
    return {"satellites": carried, "launches": planes * best[0]}
