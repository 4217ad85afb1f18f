"""When satellites rise, culminate and set over places on the ground."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from accord.contract import Ephemeris, Passes
from accord.physics.geodesy import ecef_from_geodetic, elevation_rad, normal
from accord.physics.sun import sun_elevation_rad

FloatArray = NDArray[np.float64]

__all__ = ["passes", "states_at"]

TOLERANCE_S = 1e-3


def states_at(ephemeris: Ephemeris, satellite: NDArray[np.int64], seconds: FloatArray) -> FloatArray:
    """Return Earth-fixed positions [km], shape (n, 3), by cubic Hermite interpolation between the nodes.

    The cut-off error is ``h^4/384`` of the fourth derivative: below 1 m for nodes 60 s apart in low orbits.

    Parameters
    ----------
    satellite : int array, shape (n,)
    seconds : float array, shape (n,) [s]
        Since the ephemeris' epoch, within its nodes.
    """
    nodes = ephemeris.position_km.shape[1]
    node = np.clip((seconds / ephemeris.step_s).astype(np.int64), 0, nodes - 2)
    x = (seconds / ephemeris.step_s - node)[:, None]
    p, v = ephemeris.position_km, ephemeris.velocity_km_s * ephemeris.step_s
    late = x * x * (3.0 - 2.0 * x)
    value = p[satellite, node] * (1.0 - late) + p[satellite, node + 1] * late
    bend = v[satellite, node] * (1.0 - x) - v[satellite, node + 1] * x
    return np.asarray(value + x * (1.0 - x) * bend)


def passes(
    ephemeris: Ephemeris,
    latitude_deg: FloatArray,
    longitude_deg: FloatArray,
    mask_deg: float,
    *,
    height_km: FloatArray | float = 0.0,
    twilight_deg: float = -6.0,
    threads: int = 0,
) -> Passes:
    """Find all passes above a mask, rise and set to 1 ms, without refraction.

    Parameters
    ----------
    ephemeris : Ephemeris
        At least three nodes.
    latitude_deg, longitude_deg : float array, shape (sites,) [deg]
        Geodetic.
    mask_deg : float [deg]
        Lowest elevation that counts, above the plane normal to the ellipsoid.
    height_km : float array, shape (sites,) [km]
        Of the sites above the ellipsoid.
    twilight_deg : float [deg]
        A pass is dark when the Sun stands lower than this at culmination.
    threads : int
        0 for one a processor.

    Raises
    ------
    ValueError
        For fewer than three nodes.
    """
    if ephemeris.position_km.shape[1] < 3:
        raise ValueError("an ephemeris of at least three nodes is needed")
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    site, up = ecef_from_geodetic(latitude, longitude, height_km), normal(latitude, longitude)
    level = math.sin(math.radians(mask_deg))

    def over(place: int) -> list[FloatArray]:
        return [
            np.column_stack([np.full(len(rows), satellite), np.full(len(rows), place), rows])
            for satellite, rows in enumerate(_of_site(ephemeris, site[place], up[place], level))
        ]

    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        parts = [rows for place in pool.map(over, range(len(site))) for rows in place]
    table = np.concatenate([np.empty((0, 5)), *parts])
    table = table[np.lexsort((table[:, 0], table[:, 1], table[:, 2]))]
    return _as_passes(ephemeris, table, site, up, twilight_deg)


def _of_site(
    ephemeris: Ephemeris, site: FloatArray, up: FloatArray, level: float
) -> list[NDArray[np.float64]]:
    """Return rise, culmination and set in steps of every satellite over one site, shape (passes, 3) each."""
    from accord.physics import kernels

    step = ephemeris.step_s
    room = np.empty((16, 3))
    found = []
    for position, velocity in zip(ephemeris.position_km, ephemeris.velocity_km_s, strict=True):
        arguments = (position, velocity, step, site, up, level, TOLERANCE_S / step)
        count = kernels.find_passes(*arguments, room)
        if count > len(room):
            room = np.empty((2 * count, 3))
            count = kernels.find_passes(*arguments, room)
        found.append(room[:count].copy())
    return found


def _as_passes(
    ephemeris: Ephemeris, table: FloatArray, site: FloatArray, up: FloatArray, twilight_deg: float
) -> Passes:
    satellite, place = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    rise, top, end = (table[:, column] * ephemeris.step_s for column in (2, 3, 4))
    highest = elevation_rad(states_at(ephemeris, satellite, top), site[place], up[place])
    sun = sun_elevation_rad(ephemeris.epoch_jd_utc, top, up[place])
    last = ephemeris.step_s * (ephemeris.position_km.shape[1] - 1)
    return Passes(
        satellite=satellite,
        site=place,
        rise_s=rise,
        culmination_s=top,
        set_s=end,
        max_elevation_deg=np.degrees(highest),
        cut=(rise <= 0.0) | (end >= last),
        dark=np.degrees(sun) < twilight_deg,
    )
