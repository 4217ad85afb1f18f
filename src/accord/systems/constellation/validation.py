"""Published cases, computed by the functions that the model itself uses."""

from __future__ import annotations

import csv
import datetime as dt
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Ephemeris
from accord.physics.constants import DAY_S, EARTH_RADIUS_KM, LIGHT_KM_PER_S
from accord.physics.coverage import coverage
from accord.physics.elements import circular_satellite, sgp4_pef, sgp4_teme
from accord.physics.geodesy import ecef_from_geodetic, geodesic_km, normal
from accord.physics.grid import global_grid
from accord.physics.orbits import (
    circular_teme,
    kozai_mean_motion_rad_per_s,
    mean_motion_rad_per_s,
    node_rate_rad_per_s,
    repeat_sun_synchronous,
    sun_synchronous_inclination_rad,
)
from accord.physics.passes import passes
from accord.physics.sun import sun_equatorial
from accord.physics.time import julian_date
from accord.physics.walker import walker, worst_central_angle_rad
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service import published
from accord.systems.constellation.sphere import mean_in_view

FloatArray = NDArray[np.float64]

__all__ = [
    "attenuation_edition_14",
    "cell_limit",
    "distance",
    "drift_from_sgp4",
    "fleet_throughput",
    "hypatia_pair",
    "learning",
    "mean_in_view_of_star",
    "mean_user_rate",
    "node_rates",
    "rain_edition_13",
    "rain_rates",
    "repeat_orbits",
    "rosettes",
    "sgp4_all_vectors",
    "sgp4_one_satellite",
    "skyfield_events",
    "solar_position",
    "star_worst_elevation",
    "sun_synchronous",
    "total_edition_13",
    "uplink_carriers",
]


def node_rates(altitude_km: list[float], inclination_deg: list[float]) -> dict[str, list[float]]:
    """Return the rate of the node [deg/day] of circular orbits."""
    pairs = zip(altitude_km, inclination_deg, strict=True)
    rates = [node_rate_rad_per_s(EARTH_RADIUS_KM + h, math.radians(i)) for h, i in pairs]
    return {"rate_deg_per_day": [math.degrees(rate) * DAY_S for rate in rates]}


def sun_synchronous(altitude_km: list[float]) -> dict[str, list[float]]:
    """Return sun-synchronous inclinations [deg]."""
    found = [sun_synchronous_inclination_rad(EARTH_RADIUS_KM + h) for h in altitude_km]
    return {"inclination_deg": [math.degrees(i) for i in found]}


def repeat_orbits(revolutions: list[int], days: list[int]) -> dict[str, list[float]]:
    """Return altitude [km] and inclination [deg] of repeating sun-synchronous orbits."""
    found = [repeat_sun_synchronous(r, d) for r, d in zip(revolutions, days, strict=True)]
    return {
        "altitude_km": [axis - EARTH_RADIUS_KM for axis, _ in found],
        "inclination_deg": [math.degrees(i) for _, i in found],
    }


def drift_from_sgp4(altitude_km: list[float], inclination_deg: list[float], days: float) -> dict[str, Any]:
    """Return the largest distance [km] of our J2 orbit from SGP4 without drag, for both mean motions."""
    jd = julian_date(dt.date(2027, 1, 1))
    seconds = np.arange(0.0, days * DAY_S, 300.0)
    start = np.array([0.0])
    found: dict[str, list[float]] = {"kozai_km": [], "naive_km": []}
    for h, degrees in zip(altitude_km, inclination_deg, strict=True):
        axis, inclination = EARTH_RADIUS_KM + h, math.radians(degrees)
        ours, _ = circular_teme(axis, inclination, start, start, seconds)
        kozai = kozai_mean_motion_rad_per_s(axis, inclination)
        for key, motion in (("kozai_km", kozai), ("naive_km", mean_motion_rad_per_s(axis))):
            satellite = circular_satellite(motion, inclination, 0.0, 0.0, jd)
            _, theirs, _ = sgp4_teme([satellite], jd, seconds)
            found[key].append(float(np.linalg.norm(ours - theirs, axis=-1).max()))
    return {**found, "largest_km": max(found["kozai_km"])}


def _sgp4_file(name: str) -> list[str]:
    return (files("sgp4") / name).read_text(encoding="ascii").splitlines()


def _verification_satellites() -> dict[int, Any]:
    from sgp4.api import WGS72, Satrec

    lines = [line for line in _sgp4_file("SGP4-VER.TLE") if line[:2] in {"1 ", "2 "}]
    return {
        int(one[2:7]): Satrec.twoline2rv(one[:69], two[:69], WGS72)
        for one, two in zip(lines[::2], lines[1::2], strict=True)
    }


def sgp4_all_vectors() -> dict[str, float]:
    """Return the largest difference [km] from the verification run, and how many states SGP4 calls good."""
    satellites = _verification_satellites()
    worst, rows, current = 0.0, 0, 0
    for line in _sgp4_file("tcppver.out"):
        parts = line.split()
        if len(parts) == 2 and parts[1] == "xx":
            current = int(parts[0])
            continue
        error, position, _ = satellites[current].sgp4_tsince(float(parts[0]))
        if error == 0:
            rows += 1
            worst = max(worst, max(abs(a - float(b)) for a, b in zip(position, parts[1:4], strict=True)))
    return {"worst_km": worst, "rows": rows}


def sgp4_one_satellite(number: int, minutes: list[float]) -> dict[str, list[float]]:
    """Return positions [km] and velocities [km/s] of one verification satellite, times after another."""
    position, velocity = [], []
    for minute in minutes:
        _, r, v = _verification_satellites()[number].sgp4_tsince(minute)
        position += list(r)
        velocity += list(v)
    return {"position_km": position, "velocity_km_s": velocity}


def rosettes(
    satellites: list[int], planes: list[int], phasing: list[int], inclination_deg: list[float]
) -> dict[str, list[float]]:
    """Return the worst central angle [deg] of rosettes over a revolution, from exact circumcircles."""
    found = []
    for total, count, f, degrees in zip(satellites, planes, phasing, inclination_deg, strict=True):
        node, latitude = walker(total, count, f, 2.0 * math.pi / count)
        found.append(math.degrees(_worst(node, latitude, math.radians(degrees), 2.0 * math.pi)))
    return {"worst_deg": found}


def _worst(node: FloatArray, latitude: FloatArray, inclination_rad: float, turn_rad: float) -> float:
    """Return the worst central angle [rad] over a turn of the pattern, sampled finely and then refined."""

    def at(x: float) -> float:
        u = latitude + x
        rise = np.sin(u) * math.cos(inclination_rad)
        x_part = np.cos(node) * np.cos(u) - np.sin(node) * rise
        y_part = np.sin(node) * np.cos(u) + np.cos(node) * rise
        directions = np.column_stack([x_part, y_part, np.sin(u) * math.sin(inclination_rad)])
        return worst_central_angle_rad(directions)

    turns = np.linspace(0.0, turn_rad, 721)
    best = turns[int(np.argmax([at(x) for x in turns]))]
    near = best + np.linspace(-1.0, 1.0, 201) * (turns[1] - turns[0])
    return max(at(x) for x in near)


def star_worst_elevation(
    planes: int, per_plane: int, altitude_km: float, inclination_deg: float, spacing_deg: float
) -> dict[str, float]:
    """Return the lowest elevation [deg] of the best satellite anywhere, alternate planes shifted."""
    node, latitude = walker(planes * per_plane, planes, 0.5 * planes, math.radians(spacing_deg))
    turn = 2.0 * math.pi / per_plane
    worst = _worst(node, latitude, math.radians(inclination_deg), turn)
    ratio = EARTH_RADIUS_KM / (EARTH_RADIUS_KM + altitude_km)
    return {"elevation_deg": math.degrees(math.atan2(math.cos(worst) - ratio, math.sin(worst)))}


def _star(total: int, planes: int, altitude_km: float, inclination_deg: float, mask_deg: float) -> Design:
    shell = {
        "altitude": f"{altitude_km} km",
        "inclination": f"{inclination_deg} deg",
        "planes": planes,
        "satellites": total,
        "phasing": 1,
        "pattern": "star",
        "elevation_mask": f"{mask_deg} deg",
    }
    return Design.model_validate({"shells": [shell]})


def mean_in_view_of_star(
    total: int,
    planes: int,
    altitude_km: float,
    inclination_deg: float,
    mask_deg: float,
    rows: int,
) -> dict[str, float]:
    """Return the mean number in view over the Earth and a day: exact on the ellipsoid, and on a sphere."""
    design = _star(total, planes, altitude_km, inclination_deg, mask_deg)
    grid = global_grid(rows)
    seen = coverage(assemble(design, Path()).fleet(), grid, design.step_s, design.steps)
    return {
        "cells": len(grid.inside),
        "in_view": float(np.sum(seen.total * grid.weight) / np.sum(grid.weight)) / seen.steps,
        "in_view_sphere": mean_in_view(total, EARTH_RADIUS_KM + altitude_km, mask_deg, EARTH_RADIUS_KM),
    }


def skyfield_events(
    total: int, planes: int, altitude_km: float, inclination_deg: float, mask_deg: float
) -> dict[str, float]:
    """Return how many rises and sets agree with Skyfield's, and by how much the times differ [s]."""
    text = (files("accord.systems.constellation") / "data" / "skyfield_events.csv").read_text(
        encoding="utf-8"
    )
    rows = list(csv.DictReader(text.splitlines()))
    jd = julian_date(dt.date(2027, 1, 1))
    inclination = math.radians(inclination_deg)
    motion = kozai_mean_motion_rad_per_s(EARTH_RADIUS_KM + altitude_km, inclination)
    node, latitude = walker(total, planes, 1, math.pi / planes)
    seconds = np.arange(0.0, DAY_S + 1.0, 60.0)
    differences: list[float] = []
    events = 0
    for pair in dict.fromkeys(row["pair"] for row in rows):
        theirs = [row for row in rows if row["pair"] == pair]
        number = int(theirs[0]["satellite"])
        satellite = circular_satellite(motion, inclination, node[number], latitude[number], jd)
        _, position, velocity = sgp4_pef([satellite], jd, seconds)
        path = Ephemeris(
            epoch_jd_utc=jd,
            step_s=60.0,
            position_km=position,
            velocity_km_s=velocity,
            names=(pair,),
            propagator="sgp4",
        )
        north, east = (np.array([float(theirs[0][key])]) for key in ("latitude_deg", "longitude_deg"))
        ours = passes(path, north, east, mask_deg)
        times = np.sort(np.concatenate([ours.rise_s[ours.rise_s > 0.0], ours.set_s[ours.set_s < DAY_S]]))
        events += len(times)
        if len(times) == len(theirs):
            expected = np.array([float(row["seconds"]) for row in theirs])
            differences += np.abs(times - expected).tolist()
    return {
        "events": events,
        "compared": len(differences),
        "median_s": float(np.median(differences)),
        "worst_s": max(differences),
    }


def solar_position(year: int, month: int, day: int) -> dict[str, float]:
    """Return the Sun's apparent right ascension and declination [deg] at midnight."""
    right_ascension, declination, distance = sun_equatorial(julian_date(dt.date(year, month, day)))
    return {
        "right_ascension_deg": math.degrees(float(right_ascension)),
        "declination_deg": math.degrees(float(declination)),
        "distance_au": float(distance),
    }


def distance(start_deg: list[float], end_deg: list[float]) -> dict[str, float]:
    """Return the geodesic between two places, (latitude, longitude) each [m]."""
    angles = [math.radians(value) for value in (*start_deg, *end_deg)]
    return {"distance_m": 1000.0 * geodesic_km(angles[0], angles[1], angles[2], angles[3])}


# the service: links, capacity, cost


def rain_edition_13(**inputs: Any) -> dict[str, Any]:
    """Return as `published.rain_edition_13`."""
    return published.rain_edition_13(**inputs)


def rain_rates() -> dict[str, Any]:
    """Return as `published.rain_rates`."""
    return published.rain_rates()


def total_edition_13(**inputs: Any) -> dict[str, Any]:
    """Return as `published.total_edition_13`."""
    return published.total_edition_13(**inputs)


def attenuation_edition_14() -> dict[str, Any]:
    """Return as `published.attenuation_edition_14`."""
    return published.attenuation_edition_14()


def uplink_carriers(**inputs: Any) -> dict[str, Any]:
    """Return as `published.uplink_carriers`."""
    return published.uplink_carriers(**inputs)


def learning(**inputs: Any) -> dict[str, Any]:
    """Return as `published.learning`."""
    return published.learning(**inputs)


def mean_user_rate(**inputs: Any) -> dict[str, Any]:
    """Return as `published.mean_user_rate`."""
    return published.mean_user_rate(**inputs)


def cell_limit(**inputs: Any) -> dict[str, Any]:
    """Return as `published.cell_limit`."""
    return published.cell_limit(**inputs)


def fleet_throughput(**inputs: Any) -> dict[str, Any]:
    """Return as `published.fleet_throughput`."""
    return published.fleet_throughput(**inputs)


def hypatia_pair(
    data: Path,
    start: int,
    end: int,
    planes: int,
    per_plane: int,
    inclination_deg: float,
    revolutions_per_day: float,
    reach_km: float,
    moments_s: list[float],
) -> dict[str, Any]:
    """Return the share of steps with Hypatia's path and, on these, the largest difference of the round trip [us]."""
    from accord.physics.routes import Topology, plus_grid, trace

    times, round_trips = np.loadtxt(
        data / f"hypatia_kuiper630_networkx_rtt_{start}_to_{end}.txt", delimiter=","
    ).T
    changes = [
        row.split(",")
        for row in (data / f"hypatia_kuiper630_networkx_path_{start}_to_{end}.txt").read_text().split()
    ]
    ground = _hypatia_ground(
        data, (start - planes * per_plane, end - planes * per_plane), planes * per_plane, reach_km
    )
    position = _hypatia_states(planes, per_plane, inclination_deg, revolutions_per_day, times * 1e-9)
    topology = Topology(planes * per_plane, plus_grid(planes, per_plane))
    same, errors, dark, mine = 0, [], [], []
    for step, moment in enumerate(times):
        km, path = trace(topology, position[:, step], ground)
        theirs = [row[1] for row in changes if float(row[0]) <= moment][-1]
        ours = "-".join(map(str, [start, *path, end])) if len(path) else "Unreachable"
        same += ours == theirs
        mine.append(2.0 * km / LIGHT_KM_PER_S if len(path) else 0.0)
        if not len(path):
            dark.append(moment * 1e-9)
        elif ours == theirs:
            errors.append(abs(mine[-1] - round_trips[step] * 1e-9))
    at = [int(np.argmin(np.abs(times * 1e-9 - moment))) for moment in moments_s]
    edges = (
        {"outage_from_s": float(dark[0]), "outage_to_s": float(dark[-1] + 1e-9 * times[1])} if dark else {}
    )
    rtt_ms = [1e3 * float(mine[i]) for i in at]
    return {"same_share": same / len(times), "worst_us": 1e6 * float(max(errors)), "rtt_ms": rtt_ms, **edges}


def _hypatia_ground(data: Path, rows: tuple[int, int], satellites: int, reach_km: float) -> Any:
    from accord.physics.routes import Ground

    text = (data / "hypatia_ground_stations_top_100.txt").read_text(encoding="utf-8").splitlines()
    places = np.radians([[float(part) for part in text[row].split(",")[2:4]] for row in rows])
    site = ecef_from_geodetic(places[:, 0], places[:, 1])
    return Ground(site, normal(places[:, 0], places[:, 1]), np.full((2, satellites), -1.0), reach_km)


def _hypatia_states(
    planes: int, per_plane: int, inclination_deg: float, revolutions_per_day: float, seconds: FloatArray
) -> FloatArray:
    """Return the positions of a fleet whose angles have four decimals, as in two-line elements."""
    motion, jd = revolutions_per_day * 2.0 * math.pi / DAY_S, julian_date(dt.date(2000, 1, 1))
    plane, slot = np.divmod(np.arange(planes * per_plane), per_plane)
    node = np.round(plane * 360.0 / planes, 4)
    anomaly = np.round((plane % 2) * 180.0 / per_plane + slot * 360.0 / per_plane, 4)
    angles = zip(np.radians(node), np.radians(anomaly), strict=True)
    fleet = [circular_satellite(motion, math.radians(inclination_deg), w, u, jd) for w, u in angles]
    return sgp4_pef(fleet, jd, seconds)[1]
