"""Dear work on the network, once per design: paths of sample users over a day, for failures and obstructions."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import DAY_S, EARTH_MEAN_RADIUS_KM, LIGHT_KM_PER_S
from accord.physics.cores import cores
from accord.physics.geodesy import ecef_from_geodetic, normal
from accord.physics.routes import Gateways, Ground, Served, Topology, serve, trace
from accord.systems.constellation.fleet import Satellites
from accord.systems.constellation.inputs import MAX_OBSTRUCTION_DEG, Design
from accord.systems.constellation.network.links import topology
from accord.systems.constellation.tables import SHARES, failure_levels, region_of

FloatArray = NDArray[np.float64]

__all__ = [
    "CABLE_INDEX",
    "DETOURS",
    "LEVELS_DEG",
    "NEVER_MS",
    "PROCESSING_MS",
    "QUANTILES",
    "prepare_network",
]

LEVELS_DEG = (0.0, 2.0, 5.0, 10.0, 15.0, MAX_OBSTRUCTION_DEG)
PROCESSING_MS, DETOURS = (0.0, 1.0, 5.0), (1.0, 1.5, 2.5, 4.0)  # between these quantiles are interpolated
QUANTILES = (0.01, *(round(0.05 * k, 2) for k in range(1, 20)), 0.99)
CABLE_INDEX = (
    1.47  # of silica fibre at 1 550 nm: Agrawal (2010), Fiber-Optic Communication Systems, section 2.1
)
NEVER_MS = 1000.0
_ROUTING_DETOUR = 1.5  # with which paths are chosen; the members' own stretches what was chosen
_SAMPLES, _STEP_S = 24, 60.0
_MOST_STATES = 3.0e6
_DRAWN_BINS, _DRAWN_PATHS, _NAMED = 48, 12, 4


@dataclass(frozen=True, slots=True)
class Landings:
    """The gateways that are built: names, and places, shape (gateways,) each [deg]."""

    names: tuple[str, ...]
    latitude_deg: FloatArray
    longitude_deg: FloatArray

    def told(self) -> str:
        """Return the names, some of them where they are many."""
        more = f" and {len(self.names) - _NAMED} more" if len(self.names) > _NAMED else ""
        return ", ".join(self.names[:_NAMED]) + more


@dataclass(frozen=True, slots=True)
class _Users:
    """Sample points of the region first, then its places."""

    latitude: FloatArray
    longitude: FloatArray
    samples: int


def prepare_network(
    design: Design, satellites: Satellites, landings: Landings, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Return what `accord.systems.constellation.network.model.evaluate_network` and the figures need.

    Parameters
    ----------
    landings : Landings
        The gateways of the service.

    Returns
    -------
    dict
        Over shares of working satellites and obstructions, shape (shares, levels): ``connected``, ``handovers_per_h``,
        ``diversity``; with quantiles ``geometric_ms``; with processing, detours and quantiles ``user_ms``;
        ``place_ms``, shape (shares, levels, processing, detours, places, 2) for the 50th and 95th percentile;
        ``busiest``, shape (shares,); ``loss``, ``rise_ms``; ``drawn_*`` for the figures; ``notes``.

    Raises
    ------
    ModelError
        For links that no satellites can have.
    """
    links, notes = topology(design, satellites)
    users = _users(design)
    gates, tails = _gateways(design, landings, notes)
    step_s = max(_STEP_S, design.step_s)
    length_s = min(design.duration_day * DAY_S, DAY_S)
    step_s = max(step_s, length_s * len(satellites) / _MOST_STATES)
    times = np.arange(0.0, length_s, step_s)
    position = np.ascontiguousarray(satellites.states(times)[0])
    level = failure_levels(len(satellites))
    site, up = ecef_from_geodetic(users.latitude, users.longitude), normal(users.latitude, users.longitude)
    raised = satellites.masks_rad[satellites.group][None, :] + np.radians(LEVELS_DEG)[:, None]
    sine = np.sin(np.minimum(raised, math.pi / 2))

    def at(alive: NDArray[np.bool_]) -> Served:
        return serve(links, position, gates, site, up, sine, alive=alive, threads=1)

    count, runs = len(SHARES) - 1, []
    with ThreadPoolExecutor(cores()) as pool:
        for done, found in enumerate(
            pool.map(lambda k: _summary(at(level >= k), users, tails, step_s), range(count)), 1
        ):
            runs.append(found)
            progress(done / (count + 1))
    whole = at(np.ones(len(satellites), np.bool_))
    busiest = int(np.argmax(whole.through))
    without = _summary(at(np.arange(len(satellites)) != busiest), users, tails, step_s)
    first, p95 = runs[0], QUANTILES.index(0.95)
    progress(1.0)
    return {
        **_stacked(runs),
        "loss": float(max(first["connected"][0] - without["connected"][0], 0.0)),
        "rise_ms": _rise(first["geometric_ms"][0, p95], without["geometric_ms"][0, p95]),
        **_drawn(links, whole, users, gates, times, position, sine[0]),
        "step_s": step_s,
        "notes": notes,
    }


def _rise(before_ms: float, after_ms: float) -> float:
    return (
        float(max(after_ms - before_ms, 0.0)) if math.isfinite(before_ms) and math.isfinite(after_ms) else 0.0
    )


def _users(design: Design) -> _Users:
    """Return sample points of equal area in the region, and its places [rad]."""
    grid = region_of(design)
    inside = np.flatnonzero(grid.inside)
    weight = np.cumsum(grid.weight[inside])
    wanted = (np.arange(min(_SAMPLES, len(inside))) + 0.5) / min(_SAMPLES, len(inside)) * weight[-1]
    chosen = inside[np.searchsorted(weight, wanted)]
    places = design.area.places if design.area is not None else ()
    return _Users(
        latitude=np.concatenate(
            [grid.latitude_rad[grid.row_of_cell[chosen]], np.radians([p.latitude_deg for p in places])]
        ),
        longitude=np.concatenate([grid.longitude_rad[chosen], np.radians([p.longitude_deg for p in places])]),
        samples=len(chosen),
    )


def _gateways(design: Design, landings: Landings, notes: list[str]) -> tuple[Gateways, FloatArray]:
    """Return the gateways, and the great circle from each to the exchange [km]."""
    network = design.network
    latitude, longitude = np.radians(landings.latitude_deg), np.radians(landings.longitude_deg)
    if not design.service.gateways.sites:
        notes.append(f"No site of a gateway is named: gateways stand at {landings.told()}")
    if network.exchange is None:
        tail = np.zeros(len(latitude))
        notes.append("No exchange is named: the round trip ends at the gateway")
    else:
        end = math.radians(network.exchange.latitude_deg), math.radians(network.exchange.longitude_deg)
        toward = np.sum(normal(latitude, longitude) * normal(*end), axis=1)
        tail = EARTH_MEAN_RADIUS_KM * np.arccos(np.clip(toward, -1.0, 1.0))
    gates = Gateways(
        position_km=ecef_from_geodetic(latitude, longitude),
        up=normal(latitude, longitude),
        sine=np.full(len(latitude), math.sin(math.radians(design.service.feeder.elevation_mask_deg))),
        tail_km=tail * _ROUTING_DETOUR * CABLE_INDEX,
    )
    return gates, tail


def _summary(found: Served, users: _Users, tail_km: FloatArray, step_s: float) -> dict[str, FloatArray]:
    """Return means and quantiles of one fleet over obstructions; NaN where there never is a path."""
    samples = slice(0, users.samples)
    good = np.isfinite(found.km)
    tail = np.where(found.gateway >= 0, tail_km[found.gateway], 0.0)
    changed = (found.held[..., 1:] != found.held[..., :-1]) & good[..., 1:] & good[..., :-1]
    hours = np.maximum(good[:, samples].sum(axis=(1, 2)) * step_s / 3600.0, 1e-9)
    levels = len(good)
    geometric = np.full((levels, len(QUANTILES)), np.nan)
    user = np.full((levels, len(PROCESSING_MS), len(DETOURS), len(QUANTILES)), np.nan)
    places = found.km.shape[1] - users.samples
    place = np.full((levels, len(PROCESSING_MS), len(DETOURS), places, 2), np.nan)
    for k in range(levels):
        parts = (found.km[k], found.hops[k], tail[k], good[k])
        flat = [part[samples][good[k, samples]] for part in parts[:3]]
        if len(flat[0]):
            geometric[k] = np.quantile(2e3 / LIGHT_KM_PER_S * flat[0], QUANTILES)
        of_places = [
            [part[users.samples + n][good[k, users.samples + n]] for part in parts[:3]] for n in range(places)
        ]
        for p, processing in enumerate(PROCESSING_MS):
            for d, detour in enumerate(DETOURS):
                if len(flat[0]):
                    user[k, p, d] = np.quantile(_round_trip_ms(flat, processing, detour), QUANTILES)
                for n, own in enumerate(of_places):
                    if len(own[0]):
                        place[k, p, d, n] = np.quantile(_round_trip_ms(own, processing, detour), (0.5, 0.95))
    return {
        "connected": good[:, samples].mean(axis=(1, 2)),
        "handovers_per_h": changed[:, samples].sum(axis=(1, 2)) / hours,
        "diversity": found.many[:, samples].mean(axis=(1, 2)),
        "geometric_ms": geometric,
        "user_ms": user,
        "place_ms": place,
        "busiest": np.array(found.through.max() / max(int(good[0].sum()), 1)),
    }


def _round_trip_ms(parts: list[FloatArray], processing_ms: float, detour: float) -> FloatArray:
    """Return round trips without access delay [ms]: space, processing in every satellite, cable."""
    km, hops, tail_km = parts
    one_way_km = km + tail_km * (detour * CABLE_INDEX)
    return np.asarray(2e3 / LIGHT_KM_PER_S * one_way_km + 2.0 * processing_ms * hops)


def _stacked(runs: list[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    """Stack over the shares of working satellites, the empty fleet last."""
    found = {key: np.stack([run[key] for run in runs]) for key in runs[0]}
    for key in ("connected", "handovers_per_h", "diversity", "busiest"):
        found[key] = np.concatenate([found[key], np.zeros((1, *found[key].shape[1:]))])
    for key in ("geometric_ms", "user_ms", "place_ms"):
        table = np.concatenate([found[key], found[key][-1:]])
        for share in range(
            len(table)
        ):  # a fleet or obstruction without any path borrows from the next better one
            for level in range(table.shape[1]):
                missing = np.isnan(table[share, level])
                better = table[share, level - 1] if level else table[share - 1, level] if share else None
                table[share, level][missing] = NEVER_MS if better is None else better[missing]
        found[key] = table
    return found


def _drawn(
    links: Topology,
    whole: Served,
    users: _Users,
    gates: Gateways,
    times: FloatArray,
    position: FloatArray,
    lowest: FloatArray,
) -> dict[str, Any]:
    """Return what the figures draw: satellites with a path over the day, and the places' paths at its beginning."""
    many = whole.many[0, : users.samples]
    bins = np.array_split(np.arange(len(times)), min(_DRAWN_BINS, len(times)))
    used = whole.hops[0][whole.hops[0] > 0]
    return {
        "drawn_hour": np.array([times[part[0]] for part in bins]) / 3600.0,
        "drawn_many": np.array([many[:, part].mean() for part in bins]),
        "drawn_fewest": np.array([float(many[:, part].min()) for part in bins]),
        "drawn_most": np.array([float(many[:, part].max()) for part in bins]),
        "drawn_path": _paths(links, whole, users, gates, position, lowest),
        "hops": float(used.mean()) if len(used) else 0.0,
    }


def _paths(
    links: Topology, whole: Served, users: _Users, gates: Gateways, position: FloatArray, lowest: FloatArray
) -> FloatArray:
    """Return line, order, longitude and latitude [deg] of the places' paths at time zero, shape (points, 4)."""
    site, up = ecef_from_geodetic(users.latitude, users.longitude), normal(users.latitude, users.longitude)
    rows: list[tuple[float, float, float, float]] = []
    for line, user in enumerate(range(users.samples, min(len(site), users.samples + _DRAWN_PATHS))):
        gate = int(whole.gateway[0, user, 0])
        if gate < 0:
            continue
        ends = Ground(
            np.stack([site[user], gates.position_km[gate]]),
            np.stack([up[user], gates.up[gate]]),
            np.stack([lowest, np.full(len(lowest), gates.sine[gate])]),
        )
        _, path = trace(links, np.ascontiguousarray(position[:, 0]), ends)
        points = np.concatenate([[site[user]], position[path, 0], [gates.position_km[gate]]])
        longitude = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
        latitude = np.degrees(np.arcsin(points[:, 2] / np.linalg.norm(points, axis=1)))
        rows += [
            (float(line), float(n), float(x), float(y))
            for n, (x, y) in enumerate(zip(longitude, latitude, strict=True))
        ]
    return np.array(rows).reshape(-1, 4)
