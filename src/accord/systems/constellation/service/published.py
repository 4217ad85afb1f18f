"""Published cases of links, capacity, placement and cost, computed by the functions that the model uses."""

from __future__ import annotations

import csv
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.geodesy import zone_area_km2
from accord.physics.radio.link import (
    BOLTZMANN_DBW_PER_K_HZ,
    combined_ratio_db,
    free_space_loss_db,
    scan_loss_db,
)
from accord.physics.troposphere.rain import rain_attenuation_db, rain_rate_mm_per_h
from accord.physics.troposphere.scintillation import scintillation_db
from accord.physics.troposphere.total import combined_db
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service import budget
from accord.systems.constellation.service.economics import learning_factor
from accord.systems.constellation.service.population import Cells
from accord.systems.constellation.service.return_link import uplink_ratio_db
from accord.systems.constellation.service.scene import Ground, scene_of
from accord.systems.constellation.service.surface import ARCS_DEG, rates_of, run_sweep

FloatArray = NDArray[np.float64]

__all__ = [
    "attenuation_edition_14",
    "cell_limit",
    "fleet_throughput",
    "learning",
    "mean_user_rate",
    "rain_edition_13",
    "rain_rates",
    "total_edition_13",
    "uplink_carriers",
]

_EARTH_KM2 = 510.0656e6


def _columns(path: Path) -> dict[str, FloatArray]:
    """Return the columns of one of ITU-Rpy's test tables."""
    lines = path.read_text(encoding="latin-1").splitlines()
    rows = [[float(x or "nan") for x in line.split(",")] for line in lines[2:] if line.strip()]
    table = np.array(rows)
    return {name: table[:, k] for k, name in enumerate(lines[0].split(","))}


def _worst(own: FloatArray, published: FloatArray) -> float:
    return float(np.max(np.abs(own / published - 1.0)))


def rain_edition_13(data: Path) -> dict[str, float]:
    """Return the number of rows and the largest relative difference of the rain attenuation."""
    t = _columns(data)
    top = t["hs"] + t["Ls"] * np.sin(np.radians(t["el"]))
    own = rain_attenuation_db(t["f"], t["el"], t["p"], t["R001"], top, t["hs"], t["lat"], t["tau"])
    return {"rows": len(own), "worst": _worst(own, t["A_rain"])}


def total_edition_13(data: Path, rows: list[int]) -> dict[str, list[float]]:
    """Return the total attenuation of some rows [dB] from their gas, cloud, rain and scintillation."""
    t = _columns(data)
    own = combined_db(t["A_gas_1"], t["A_clouds_1"], t["A_rain"], t["A_scin"])
    return {"total_db": [float(own[row]) for row in rows]}


def attenuation_edition_14() -> dict[str, float]:
    """Return the number of rows and the largest relative differences of rain, scintillation and total."""
    text = (files("accord.systems.constellation.service") / "data" / "p618-14.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    t = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    path = (t["frequency_ghz"], t["elevation_deg"], t["exceedance_pct"])
    top = t["station_km"] + t["slant_km"] * np.sin(np.radians(t["elevation_deg"]))
    rain = rain_attenuation_db(
        *path, t["rate_mm_per_h"], top, t["station_km"], t["latitude_deg"], t["tilt_deg"]
    )
    fade = scintillation_db(*path, t["wet_refractivity"], 1.0, 0.65)
    return {
        "rows": len(rows),
        "rain_worst": _worst(rain, t["rain_db"]),
        "scintillation_worst": _worst(fade, t["scintillation_db"]),
        "total_worst": _worst(combined_db(t["gas_db"], t["cloud_db"], rain, fade), t["total_db"]),
    }


def rain_rates() -> dict[str, list[float]]:
    """Return the rain rate exceeded for 0.01 % of the year [mm/h] from monthly means at ITU's validation sites."""
    text = (files("accord.systems.constellation.service") / "data" / "p837-7.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    months = [f"{k:02d}" for k in range(1, 13)]
    warm = [[float(row[f"temperature_{k}_degc"]) for k in months] for row in rows]
    rain = [[float(row[f"rainfall_{k}_mm"]) for k in months] for row in rows]
    return {"rate_mm_per_h": [float(x) for x in rain_rate_mm_per_h(0.01, np.array(warm), np.array(rain))]}


def uplink_carriers(
    eirp_dbw: list[float],
    bandwidth_mhz: list[float],
    free_space_db: list[float],
    atmosphere_db: list[float],
    g_over_t_db_per_k: list[float],
    interference_db: list[float],
) -> dict[str, list[float]]:
    """Return carrier over noise, and over noise and interference, of uplink carriers at the satellite [dB]."""
    loss = np.array(free_space_db) + np.array(atmosphere_db)
    noise = uplink_ratio_db(eirp_dbw, bandwidth_mhz, loss, g_over_t_db_per_k)
    both = combined_ratio_db(noise, interference_db)
    return {"noise_db": [float(x) for x in noise], "with_interference_db": [float(x) for x in both]}


def learning(units: int, ratio: list[float]) -> dict[str, list[float]]:
    """Return the mean cost of a series over that of its first unit."""
    return {"mean": [float(x) for x in learning_factor(units, np.array(ratio))]}


def _satellite_mbit_s(
    altitude_km: float,
    mask_deg: float,
    frequency_ghz: float,
    beam_eirp_dbw: float,
    beams: int,
    bandwidth_mhz: float,
) -> float:
    """Return what the beams of one satellite carry in clear sky [Mbit/s], mean over its footprint by area."""
    angle = math.acos(EARTH_RADIUS_KM / (EARTH_RADIUS_KM + altitude_km) * math.cos(math.radians(mask_deg)))
    angle -= math.radians(mask_deg)
    share = (np.arange(200) + 0.5) / 200
    centre = np.arccos(1.0 - share * (1.0 - math.cos(angle)))  # even in area
    radius = EARTH_RADIUS_KM + altitude_km
    distance = np.sqrt(EARTH_RADIUS_KM**2 + radius**2 - 2.0 * EARTH_RADIUS_KM * radius * np.cos(centre))
    elevation = np.degrees(np.arcsin((radius * np.cos(centre) - EARTH_RADIUS_KM) / distance))
    ratio = (
        beam_eirp_dbw - 10.0 * math.log10(1e6 * bandwidth_mhz) - free_space_loss_db(distance, frequency_ghz)
    )
    ratio = ratio + 9.0 - scan_loss_db(90.0 - elevation, 1.3) - BOLTZMANN_DBW_PER_K_HZ
    payload = Design.model_validate(_walker(12, 3, altitude_km, 53.0, mask_deg)).service.payload
    rate = (
        budget.beam_mbit_per_s(budget.symbol_ratio_db(ratio), payload)
        * bandwidth_mhz
        / payload.beam_bandwidth_mhz
    )
    return float(beams * rate.mean())


def mean_user_rate(
    satellites: int,
    altitude_km: float,
    mask_deg: float,
    frequency_ghz: float,
    beam_eirp_dbw: float,
    beams: int,
    bandwidth_mhz: float,
    density_per_km2: list[float],
    overbooking: float,
    published_mbit_s: list[float],
) -> dict[str, Any]:
    """Return a user's mean rate [Mbit/s] where users are even over the Earth, and its logarithm over the published."""
    capacity = _satellite_mbit_s(altitude_km, mask_deg, frequency_ghz, beam_eirp_dbw, beams, bandwidth_mhz)
    users = [density * _EARTH_KM2 / satellites / overbooking for density in density_per_km2]
    rates = [capacity / count for count in users]
    return {
        "rate_mbit_s": rates,
        "log_ratio": [math.log(own / other) for own, other in zip(rates, published_mbit_s, strict=True)],
        "scaling": rates[0] / rates[-1],
    }


def cell_limit(
    altitude_km: float,
    mask_deg: float,
    beam_eirp_dbw: float,
    cell_km2: float,
    promised_mbit_s: float,
    overbooking: float,
) -> dict[str, float]:
    """Return the subscribers a square mile that one cell of 2 GHz, every frequency once, can serve as promised."""
    carried = _satellite_mbit_s(altitude_km, mask_deg, 11.7, beam_eirp_dbw, 8, 250.0)
    subscribers = carried / (promised_mbit_s / overbooking)
    each = subscribers / (cell_km2 / 2.589988)
    return {"subscribers_per_sq_mile": each, "log_ratio": math.log(each / 6.0)}


def _walker(
    total: int, planes: int, altitude_km: float, inclination_deg: float, mask_deg: float
) -> dict[str, Any]:
    shell = {
        "altitude": f"{altitude_km} km",
        "inclination": f"{inclination_deg} deg",
        "planes": planes,
        "satellites": total,
        "phasing": 1 if planes > 1 else 0,
        "pattern": "star" if inclination_deg > 80.0 else "delta",
        "elevation_mask": f"{mask_deg} deg",
    }
    return {"shells": [shell]}


def fleet_throughput(
    total: int,
    planes: int,
    altitude_km: float,
    inclination_deg: float,
    mask_deg: float,
    payload: dict[str, Any],
    feeder: dict[str, Any],
    stations: list[int],
    antennas: int,
    demand_mbit_s_per_person: float,
    moments: int,
) -> dict[str, Any]:
    """Return x."""
    ground = _world(demand_mbit_s_per_person)
    found, per_satellite = [], 0.0
    for count in stations:
        service = {
            "payload": payload,
            "feeder": feeder,
            "gateways": {"sites": _largest(ground, 160), "count": count, "antennas": antennas},
            "snapshots": moments,
        }
        design = Design.model_validate(
            {**_walker(total, planes, altitude_km, inclination_deg, mask_deg), "service": service}
        )
        scene = scene_of(design, design.service, assemble(design, Path()), ground)
        served, _, _ = run_sweep(
            design.service,
            scene,
            ground,
            working=np.ones(total, dtype=bool),
            arc_deg=ARCS_DEG[0],
            obstruction_deg=0.0,
            rate=rates_of(design.service, scene, 0.0),
            outage=scene.outage(0.0),
            loads=(1.0,),
        )
        found.append(1e-6 * float(served[0]))
        per_satellite = 1e3 * found[0] / total
    return {"throughput_tbit_s": found, "per_satellite_gbit_s": per_satellite}


def _world(demand_mbit_s_per_person: float) -> Ground:
    """Return cells of two degrees with the people of their settlements, scaled to eight thousand million."""
    text = (files("accord.systems.constellation.service") / "data" / "settled_world.csv").read_text("utf-8")
    rows = np.array([[float(x) for x in line.split(",")] for line in text.splitlines()[1:]])
    north, east, people = rows.T
    zone = zone_area_km2(np.radians(north - 1.0), np.radians(north + 1.0))
    cells = Cells(north, east, zone * 2.0 / 360.0, 200.0)
    share = people / people.sum()
    return Ground(cells, 8e9 * share * demand_mbit_s_per_person, share, None, {}, ())


def _largest(ground: Ground, count: int) -> list[dict[str, str]]:
    order = np.argsort(-ground.weight, kind="stable")[:count]
    return [
        {
            "name": f"site {n}",
            "latitude": f"{ground.cells.latitude_deg[n]} deg",
            "longitude": f"{ground.cells.longitude_deg[n]} deg",
        }
        for n in order
    ]
