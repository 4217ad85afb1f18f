"""Which launches it takes: satellites a vehicle carries, planes a launch serves, and all covers worth pricing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from accord.errors import ModelError
from accord.physics.constants import DAY_S, EARTH_RADIUS_KM
from accord.physics.orbits import node_rate_rad_per_s
from accord.systems.launch.inputs import Design, Orbit, Payload, Vehicle

__all__ = ["blocks", "capacity", "covers", "drift_deg_per_day", "planes_per_launch"]

_MOST_COVERS = 20_000


def drift_deg_per_day(orbit: Orbit) -> float:
    """Return how fast the node at the deployment altitude moves against the one at the final altitude [deg/day]."""
    inclination = math.radians(orbit.inclination_deg)
    rates = [
        node_rate_rad_per_s(EARTH_RADIUS_KM + altitude, inclination)
        for altitude in (orbit.deployment_altitude_km, orbit.altitude_km)
    ]
    return abs(math.degrees(rates[0] - rates[1]) * DAY_S)


def planes_per_launch(orbit: Orbit, max_phasing_day: float) -> int:
    """Return how many planes the satellites of one launch can fill within the longest wait."""
    reach = drift_deg_per_day(orbit) * max_phasing_day
    return 1 + math.floor(reach / orbit.plane_spacing_deg + 1e-9)


def capacity(vehicle: Vehicle, payload: Payload) -> int:
    """Return the satellites that one vehicle carries: by its slots and by its lift."""
    each = payload.satellite_mass_kg + payload.dispenser_mass_kg
    return min(vehicle.slots, math.floor(vehicle.lift_kg / each + 1e-9))


def blocks(design: Design, payload: Payload, planes: int) -> list[tuple[int, int]]:
    """Return (satellites, how often) of the blocks of planes that one launch may serve together."""
    orbit = next(o for o in design.orbits if o.id == payload.orbit)
    together = min(planes, planes_per_launch(orbit, design.max_phasing_day))
    full, rest = divmod(planes, together)
    found = [(together * payload.satellites_per_plane, full)]
    return [*found, (rest * payload.satellites_per_plane, 1)] if rest else found


def covers(satellites: int, capacities: Sequence[int]) -> list[tuple[int, ...]]:
    """Return every choice of launches that carries the satellites and from which none can be left out.

    Parameters
    ----------
    satellites : int
    capacities : sequence of int
        Satellites a launch of each vehicle carries; 0 where it cannot.

    Returns
    -------
    list of tuple of int
        Launches of each vehicle. The cheapest way is among them, whatever the (positive) prices.

    Raises
    ------
    ModelError
        When there are more than 20 000, or none.
    """
    found: list[tuple[int, ...]] = []
    for cover in _covers(satellites, list(capacities), []):
        spare = sum(n * c for n, c in zip(cover, capacities, strict=True)) - satellites
        if all(n == 0 or c > spare for n, c in zip(cover, capacities, strict=True)):
            found.append(cover)
        if len(found) > _MOST_COVERS:
            raise ModelError(
                f"more than {_MOST_COVERS} ways to launch {satellites} satellites with {len(capacities)} vehicles: "
                "state fewer vehicles, or smaller blocks by a shorter max_phasing"
            )
    if not found:
        raise ModelError(f"no vehicle carries any of the {satellites} satellites")
    return found


def _covers(left: int, capacities: list[int], chosen: list[int]) -> Iterator[tuple[int, ...]]:
    if len(chosen) == len(capacities):
        if left <= 0:
            yield tuple(chosen)
        return
    own = capacities[len(chosen)]
    most = max(0, -(-left // own)) if own else 0
    for count in range(most + 1):
        yield from _covers(left - count * own, capacities, [*chosen, count])
