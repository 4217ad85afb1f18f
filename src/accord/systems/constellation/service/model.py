"""The service of a design, prepared once, and evaluated for members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.physics.grid import region_grid
from accord.systems.constellation.fleet import Satellites
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service.adoption import potential
from accord.systems.constellation.service.certificate import certify
from accord.systems.constellation.service.deployment import (
    filling_order,
    launched_by,
    service_by_launch,
    service_time_month,
)
from accord.systems.constellation.service.economics import accounts
from accord.systems.constellation.service.inputs import medians
from accord.systems.constellation.service.outputs import service_labels
from accord.systems.constellation.service.return_link import evaluate_return, return_tables, uplinks_of
from accord.systems.constellation.service.scene import ground_of, scene_of
from accord.systems.constellation.service.sizing import trade_off
from accord.systems.constellation.service.surface import deployed, look, shift_db, surfaces

FloatArray = NDArray[np.float64]

__all__ = ["evaluate_service", "prepare_service"]


def prepare_service(
    design: Design, satellites: Satellites, folder: Path, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Return the tables of the service and what its figures draw.

    Raises
    ------
    ModelError, FileError, MissingExtraError
        For demand, climate and gateways that cannot be used.
    """
    service = design.service
    middle = {name: np.array([value]) for name, value in medians().items()}
    ground = ground_of(design, service, folder, middle)
    scene = scene_of(design, service, satellites, ground)
    tables = surfaces(service, scene, ground, lambda done: progress(0.9 * done))
    order = filling_order(design)
    uplinks = uplinks_of(service, scene.users, scene.climate, scene.rarity_pct)
    back = return_tables(service, scene, ground, uplinks, lambda done: progress(0.9 + 0.08 * done))
    built = deployed(service, scene, ground, order, np.setdiff1d(np.arange(len(satellites)), order))
    progress(1.0)
    people = ground.people
    living = (people.town + people.rural).sum(axis=1) if people is not None else np.zeros(len(ground.cells))
    return {
        **tables,
        **built,
        **back,
        "gap": certify(service, scene, ground),
        "trade_off": _trade_off(design),
        "reference_mbit_per_s": float(ground.pattern.sum()),
        "homes": ground.homes,
        "cell_latitude_deg": ground.cells.latitude_deg,
        "cell_longitude_deg": ground.cells.longitude_deg,
        "cell_area_km2": ground.cells.area_km2,
        "cell_size_km": ground.cells.size_km,
        "cell_people": living,
        "cell_demand": ground.pattern,
        "gateway_name": [site.name for site in scene.sites],
        "gateway_latitude_deg": np.array([site.latitude_deg for site in scene.sites]),
        "gateway_longitude_deg": np.array([site.longitude_deg for site in scene.sites]),
        "fed_share": scene.fed_share,
        "flux_cut_db": scene.cut_db,
        "fleet": len(satellites),
        "countries": len(service.demand.countries) if service.demand is not None else 1,
        "notes": [*ground.notes, *scene.notes],
    }


def evaluate_service(
    members: Mapping[str, FloatArray],
    prepared: Mapping[str, Any],
    design: Design,
    serving_share: FloatArray,
) -> dict[str, FloatArray]:
    """Return the outputs of the service, shape (n,) + dims.

    Parameters
    ----------
    serving_share : float array, shape (n,)
        Share of the fleet in view of the region, of the coverage model.
    """
    service = design.service
    at = {
        "share": members["operational_share"],
        "arc_deg": members["gso_angle_deg"],
        "obstruction_deg": members["obstruction_deg"],
        "shift_db": shift_db(members, float(prepared["typical_ratio_db"])),
    }
    count = len(at["share"])
    endless = np.full(count, np.inf)
    capacity = look(prepared["served"], prepared, at, endless)
    years = service.deployment.years
    load = _load_mbit_s(members, design.epoch.year, years)
    wanting, taken = _wanting(members, prepared, years)
    demand = (taken * load) / float(prepared["reference_mbit_per_s"])
    demand = np.where(np.isfinite(demand), demand, np.inf)
    served = np.stack([look(prepared["served"], prepared, at, demand[:, y]) for y in range(years)], axis=1)
    launched = launched_by(members, float(prepared["launches"]), years, serving=True)
    level = 0.5 * (launched[:, :-1] + launched[:, 1:])
    ready = np.stack(
        [service_by_launch(prepared, demand[:, y], level[:, [y]])[:, 0] for y in range(years)], axis=1
    )
    served = served * ready
    subscribers = np.minimum(served / load, taken)
    fleet = {
        "satellites": int(prepared["fleet"]),
        "per_launch": service.deployment.satellites_per_launch,
        "gateways": len(prepared["gateway_name"]),
        "countries": int(prepared["countries"]),
        "serving_share": serving_share,
    }
    up = launched_by(members, float(prepared["launches"]), years, serving=False) / float(prepared["launches"])
    return {
        "capacity_gbit_per_s": 1e-3 * capacity,
        **evaluate_return(members, prepared, at, capacity),
        "link_availability": look(prepared["reached"], prepared, at, None).clip(0.0, 1.0),
        "subscribers_by_year": subscribers,
        **_best_year(subscribers, served, load, taken, wanting),
        **_build_up(members, prepared, design, demand[:, -1]),
        **accounts(members, fleet, subscribers, capacity[:, None] * ready, up),
    }


def _best_year(
    subscribers: FloatArray, served: FloatArray, load: FloatArray, taken: FloatArray, wanting: FloatArray
) -> dict[str, FloatArray]:
    """Return the outputs of the year with most subscribers."""
    row, best = np.arange(len(subscribers)), np.argmax(subscribers, axis=1)
    most, sold, own_load = subscribers[row, best], served[row, best], load[row, best]
    stated = np.isfinite(wanting)
    asked = np.where(stated, np.maximum(taken[row, best], 1e-9), 1.0)
    return {
        "subscribers_served": most,
        "sold_gbit_per_s": 1e-3 * sold,
        "subscribers_wanting": np.where(stated, wanting, most),
        "demand_served_share": np.where(stated, most / asked, 1.0).clip(0.0, 1.0),
        "subscriber_rate_mbit_per_s": np.where(stated, np.minimum(sold / asked, own_load), own_load),
    }


def _build_up(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], design: Design, load: FloatArray
) -> dict[str, FloatArray]:
    """Return what launches add, at the demand of the last year over the reference."""
    labels = service_labels(design.service, _shell_satellites(design), design.epoch.year)
    steps = np.array([float(label) for label in labels["launch"]])
    launches = np.broadcast_to(steps, (len(load), len(steps)))
    first = design.service.deployment.first_share
    return {
        "service_share": service_by_launch(prepared, load, launches),
        "first_service_month": service_time_month(members, prepared, load, first),
        "full_service_month": service_time_month(members, prepared, load, 1.0),
    }


def _trade_off(design: Design) -> dict[str, Any]:
    """Return the trade-off at the orbit of the first shell; empty for sun-synchronous and catalogued fleets."""
    shell = design.shells[0] if design.shells else None
    if shell is None or shell.inclination_deg is None or design.area is None:
        return {}
    grid = region_grid(design.area.polygons, 300.0 / EARTH_MEAN_RADIUS_KM, least=20)
    return trade_off(shell.altitude_km, shell.inclination_deg, shell.total, grid, shell.elevation_mask_deg)


def _shell_satellites(design: Design) -> int:
    return max(1, sum(shell.total for shell in design.shells))


def _load_mbit_s(members: Mapping[str, FloatArray], first_year: int, years: int) -> FloatArray:
    """Return the busy-hour load of a subscriber in each year [Mbit/s], shape (n, years)."""
    age = np.arange(years) + first_year + 0.5 - 2026.0
    grown = (1.0 + members["load_growth_per_yr"][:, None]) ** age[None, :]
    return np.asarray(members["busy_rate_mbit_per_s"][:, None] * grown)


def _wanting(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], years: int
) -> tuple[FloatArray, FloatArray]:
    """Return subscribers who want the service in the end, and in each year; infinite without stated demand."""
    count = len(members["takeup_yr"])
    if not prepared["homes"]:
        return np.full(count, np.inf), np.full((count, years), np.inf)
    wanting = potential(members, prepared["homes"])
    taken = np.clip((np.arange(years)[None, :] + 0.5) / members["takeup_yr"][:, None], 0.0, 1.0)
    return wanting, wanting[:, None] * taken
