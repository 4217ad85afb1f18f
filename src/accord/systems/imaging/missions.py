"""Missions: whose satellites look, from which orbits, at which strip of ground."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from accord.physics.constants import EARTH_MEAN_RADIUS_KM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from accord.contract import Ephemeris

    FloatArray = NDArray[np.float64]

__all__ = ["EPOCH", "Mission", "mission_names", "open_mission", "own_mission", "ported", "strip_mask_deg"]

EPOCH = dt.date(2027, 1, 1)  # a day like any other: months are looked at one by one
_NODE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """Satellites with one kind of sensor, their states over a period, and the strip that a pass sees.

    Attributes
    ----------
    title, sensor : str
    ephemeris : Ephemeris
    period_day : int
        After which the looks are taken to repeat.
    track_deg : float
        Spacing of the ground tracks at the equator [deg]; 0 where the longitudes are known.
    low_deg, high_deg : float
        Elevations [deg] between which the strip lies, seen from the ground.
    side : {"left", "right", "both"}
    resolution_m : float
    delay_h : (float, float, float) or None
        Least, usual and longest time from look to product [h]; None: the wait for a station is counted.
    tasked, owned : bool
        Whether it must be asked; whether the programme pays for it.
    """

    title: str
    sensor: str
    ephemeris: Ephemeris
    period_day: int
    track_deg: float
    low_deg: float
    high_deg: float
    side: str
    resolution_m: float
    delay_h: tuple[float, float, float] | None
    tasked: bool = False
    owned: bool = False


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    import yaml

    text = (files("accord.systems.imaging") / "data" / "missions.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return found


@cache
def mission_names() -> tuple[str, ...]:
    """Return the open missions of the table."""
    return tuple(_table())


def strip_mask_deg(axis_km: float, swath_km: float, near_incidence_deg: float | None) -> tuple[float, float]:
    """Return the elevations [deg] of the satellite at the outer and the inner edge of its strip.

    On a sphere, Wertz (1999), Space Mission Analysis and Design, 3rd ed., section 5.2. A camera's strip lies below
    the satellite; a radar's begins at an incidence angle to the side.

    Parameters
    ----------
    axis_km, swath_km : float [km]
    near_incidence_deg : float or None [deg]
        None for a camera.

    Raises
    ------
    ValueError
        For a strip that ends beyond the horizon.
    """
    ratio = EARTH_MEAN_RADIUS_KM / axis_km
    if near_incidence_deg is None:
        inner, outer = 0.0, 0.5 * swath_km / EARTH_MEAN_RADIUS_KM
    else:
        incidence = math.radians(near_incidence_deg)
        inner = incidence - math.asin(ratio * math.sin(incidence))
        outer = inner + swath_km / EARTH_MEAN_RADIUS_KM

    def elevation_deg(angle: float) -> float:
        return math.degrees(math.atan2(math.cos(angle) - ratio, math.sin(angle))) if angle > 0.0 else 90.0

    if elevation_deg(outer) < 5.0:
        raise ValueError(f"a strip of {swath_km:g} km ends too near to the horizon")
    return elevation_deg(outer), elevation_deg(inner)


def open_mission(name: str) -> Mission:
    """Return a mission of the table with its states over one repeat of its ground track.

    The longitudes of the real tracks are not in the table: they are unknown, and whoever uses the looks draws them.
    """
    from accord.physics.orbits import repeat_sun_synchronous

    row = _table()[name]
    axis_km, inclination = repeat_sun_synchronous(row["revolutions"], row["days"])
    low, high = strip_mask_deg(axis_km, row["swath_km"], row.get("near_incidence_deg"))
    least, usual, most = row["delay_h"]
    return Mission(
        title=row["title"],
        sensor=row["sensor"],
        ephemeris=_circles(
            row["title"], axis_km, inclination, row["node_time_h"], 1, row["satellites"], row["days"]
        ),
        period_day=row["days"],
        track_deg=360.0 / row["revolutions"],
        low_deg=low,
        high_deg=high,
        side=row.get("side", "both"),
        resolution_m=row["resolution_m"],
        delay_h=(least, usual, most),
    )


def own_mission(own: Any, days: int) -> Mission:
    """Return satellites of the programme's own (`inputs.Own`) over so many days.

    Raises
    ------
    ValueError
        For a strip that ends beyond the horizon.
    """
    from accord.physics.constants import EARTH_RADIUS_KM
    from accord.physics.orbits import draconitic_rate_rad_per_s, sun_synchronous_inclination_rad

    axis_km = EARTH_RADIUS_KM + own.altitude_km
    inclination = (
        sun_synchronous_inclination_rad(axis_km)
        if own.inclination_deg is None
        else math.radians(own.inclination_deg)
    )
    low, high = strip_mask_deg(axis_km, own.swath_km, own.near_incidence_deg)
    a_day = draconitic_rate_rad_per_s(axis_km, inclination) * 86400.0 / (2.0 * math.pi)
    return Mission(
        title=own.id,
        sensor=own.sensor,
        ephemeris=_circles(own.id, axis_km, inclination, own.node_time_h, own.planes, own.satellites, days),
        period_day=days,
        track_deg=360.0 / a_day,
        low_deg=low,
        high_deg=high,
        side=own.side if own.sensor == "radar" else "both",
        resolution_m=own.resolution_m,
        delay_h=None,
        tasked=own.tasked,
        owned=True,
    )


def ported(payload: Any, ephemeris: Ephemeris) -> Mission:
    """Return the satellites of another system with a payload (`inputs.Payload`) on each.

    Their states cover days, not the years in which the tracks wander: places are moved as for tracks that are unknown.

    Raises
    ------
    ValueError
        For a strip that ends beyond the horizon, and for states of less than a day.
    """
    import numpy as np

    from accord.physics.orbits import mean_motion_rad_per_s

    days = int((ephemeris.position_km.shape[1] - 1) * ephemeris.step_s // 86400.0)
    if days < 1:
        raise ValueError("the port `ephemeris` holds less than a day: looks cannot be counted")
    axis_km = float(np.linalg.norm(ephemeris.position_km, axis=2).mean())
    low, high = strip_mask_deg(axis_km, payload.swath_km, payload.near_incidence_deg)
    return Mission(
        title="satellites of the constellation",
        sensor=payload.sensor,
        ephemeris=ephemeris,
        period_day=days,
        track_deg=360.0 / (mean_motion_rad_per_s(axis_km) * 86400.0 / (2.0 * math.pi)),
        low_deg=low,
        high_deg=high,
        side=payload.side if payload.sensor == "radar" else "both",
        resolution_m=payload.resolution_m,
        delay_h=None,
        tasked=payload.tasked,
    )


def _circles(
    name: str, axis_km: float, inclination: float, node_time_h: float, planes: int, satellites: int, days: int
) -> Ephemeris:
    """Return states at nodes a minute apart, the first ascending node at a mean local time."""
    import numpy as np

    from accord.contract import Ephemeris
    from accord.physics.orbits import circular_pef
    from accord.physics.time import gmst_rad, julian_date
    from accord.physics.walker import walker

    jd = julian_date(EPOCH)
    # At the epoch, 0 h UTC, the mean Sun stands at longitude 180 deg: local time there is 12 h.
    first = math.radians(15.0 * (node_time_h - 12.0) + 180.0) + float(gmst_rad(jd))
    node, latitude = walker(satellites, planes, 1 if planes > 1 else 0, 2.0 * math.pi / planes)
    nodes = days * 86400.0 / _NODE_S
    seconds = _NODE_S * np.arange(math.ceil(nodes) + 2, dtype=float)
    position, velocity = circular_pef(
        axis_km, inclination, node + first, latitude, float(gmst_rad(jd)), seconds
    )
    return Ephemeris(
        epoch_jd_utc=jd,
        step_s=_NODE_S,
        position_km=position,
        velocity_km_s=velocity,
        names=tuple(f"{name} {k + 1}" for k in range(satellites)),
        propagator="j2, circular",
    )
