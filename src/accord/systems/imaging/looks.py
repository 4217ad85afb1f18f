"""Looks: when a place lies in the strip of a pass, whether the Sun shines on it then, when the data come down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.contract import Ephemeris
from accord.physics.geodesy import ecef_from_geodetic, normal
from accord.physics.passes import passes, states_at
from accord.physics.sun import sun_elevation_rad
from accord.physics.time import julian_date
from accord.systems.imaging.missions import EPOCH, Mission

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["Looks", "looks", "rates_per_day"]

SHIFTS = 6  # positions of the unknown ground track between two neighbouring ones


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of one mission in one period, by row of (place, shift) and then by time.

    Attributes
    ----------
    begin : int array, shape (places * shifts + 1,)
        Where each row's looks begin.
    time_h : float array, shape (looks,) [h]
        Since the epoch's midnight (UTC).
    sun_deg : float array, shape (looks, 12) [deg]
        Elevation of the Sun in the middle of each month.
    wait_h : float array, shape (looks,) [h]
        Until the satellite next passes a station; 0 where the mission states its own delay.
    shifts : int
    period_h : float [h]
    """

    begin: IntArray
    time_h: FloatArray
    sun_deg: FloatArray
    wait_h: FloatArray
    shifts: int
    period_h: float


def looks(
    mission: Mission,
    latitude_deg: FloatArray,
    longitude_deg: FloatArray,
    stations_deg: Sequence[tuple[float, float]] = (),
    station_mask_deg: float = 5.0,
    *,
    shifts: int = SHIFTS,
    progress: Callable[[float], None] | None = None,
) -> Looks:
    """Return when a mission looks at places.

    A place is looked at when it lies in the strip at culmination; a radar sees one side of its track. Where the
    longitudes of the tracks are unknown the places are moved east by fractions of the spacing instead.

    Parameters
    ----------
    latitude_deg, longitude_deg : float array, shape (places,) [deg]
    stations_deg : sequence of (latitude, longitude) [deg]
        For missions that state no delay.
    shifts : int
        Positions of unknown tracks; 1 is used where they are known.

    Raises
    ------
    ValueError
        As `accord.physics.passes.passes`.
    """
    shifts = shifts if mission.track_deg > 0.0 else 1
    step = mission.track_deg / shifts
    latitude = np.repeat(np.asarray(latitude_deg, float), shifts)
    moved = np.asarray(longitude_deg, float)[:, None] + step * np.arange(shifts)[None, :]
    longitude = np.mod(moved.ravel() + 180.0, 360.0) - 180.0
    ephemeris, period_s = mission.ephemeris, 86400.0 * mission.period_day
    found = passes(ephemeris, latitude, longitude, mission.low_deg, progress=progress)
    time_s = found.culmination_s
    keep = (time_s > 0.0) & (time_s < period_s) & (found.max_elevation_deg <= mission.high_deg)
    places = ecef_from_geodetic(np.radians(latitude), np.radians(longitude), 0.0)
    if mission.side != "both":
        left = _left_of_track(ephemeris, found.satellite, time_s, places[found.site])
        keep &= left if mission.side == "left" else ~left
    site, satellite, time_s = found.site[keep], found.satellite[keep], time_s[keep]
    order = np.lexsort((time_s, site))
    site, satellite, time_s = site[order], satellite[order], time_s[order]
    up = normal(np.radians(latitude), np.radians(longitude))
    return Looks(
        begin=np.searchsorted(site, np.arange(len(latitude) + 1)),
        time_h=time_s / 3600.0,
        sun_deg=_sun_deg(ephemeris, time_s, up[site]),
        wait_h=(
            np.zeros(len(time_s))
            if mission.delay_h is not None
            else _waits_h(ephemeris, period_s, satellite, time_s, stations_deg, station_mask_deg)
        ),
        shifts=shifts,
        period_h=period_s / 3600.0,
    )


def _left_of_track(
    ephemeris: Ephemeris, satellite: IntArray, time_s: FloatArray, site_km: FloatArray
) -> NDArray[np.bool_]:
    """Tell which places lie left of the ground track, looking along the motion over the turning Earth."""
    last = (ephemeris.position_km.shape[1] - 1) * ephemeris.step_s
    before, after = np.clip(time_s - 0.5, 0.0, last), np.clip(time_s + 0.5, 0.0, last)
    here, there = states_at(ephemeris, satellite, before), states_at(ephemeris, satellite, after)
    return np.asarray(np.sum(np.cross(here, there - here) * site_km, axis=1) > 0.0)


def _sun_deg(ephemeris: Ephemeris, time_s: FloatArray, up: FloatArray) -> FloatArray:
    """Return the Sun's elevation at the looks' hours on the 15th of each month, shape (looks, 12)."""
    midnight = np.floor(ephemeris.epoch_jd_utc - 0.5) + 0.5
    hour_s = np.mod(time_s + (ephemeris.epoch_jd_utc - midnight) * 86400.0, 86400.0)
    days = [julian_date(dt.date(EPOCH.year, month, 15)) for month in range(1, 13)]
    return np.stack([np.degrees(sun_elevation_rad(day, hour_s, up)) for day in days], axis=1)


def _waits_h(
    ephemeris: Ephemeris,
    period_s: float,
    satellite: IntArray,
    time_s: FloatArray,
    stations_deg: Sequence[tuple[float, float]],
    mask_deg: float,
) -> FloatArray:
    """Return the time from each look to the same satellite's next pass over any station."""
    latitude, longitude = (np.array([s[k] for s in stations_deg], float) for k in (0, 1))
    contacts = passes(ephemeris, latitude, longitude, mask_deg)
    wait_s = np.full(len(time_s), np.inf)
    for number in np.unique(satellite):
        own = contacts.satellite == number
        rise = np.sort(contacts.rise_s[own])
        if len(rise) == 0:
            continue
        mine = satellite == number
        following = np.append(rise, rise[0] + period_s)
        at = np.searchsorted(rise, time_s[mine])
        wait_s[mine] = following[at] - time_s[mine]
        ends = np.sort(contacts.set_s[own])
        within = np.searchsorted(rise, time_s[mine], side="right") > np.searchsorted(ends, time_s[mine])
        wait_s[mine] = np.where(within, 0.0, wait_s[mine])
    return np.asarray(wait_s / 3600.0)


def rates_per_day(found: Looks, places: int, sun_mask_deg: float | None) -> FloatArray:
    """Return looks a day by place and month, mean over the positions of the tracks, shape (places, 12) [1/day].

    Parameters
    ----------
    sun_mask_deg : float or None [deg]
        Lowest Sun that an optical sensor needs; None for radar.
    """
    lit = (
        np.ones_like(found.sun_deg) if sun_mask_deg is None else (found.sun_deg >= sun_mask_deg).astype(float)
    )
    totals = np.concatenate([np.zeros((1, 12)), np.cumsum(lit, axis=0)])
    rows = totals[found.begin[1:]] - totals[found.begin[:-1]]
    by_place = rows.reshape(places, found.shifts, 12).mean(axis=1)
    return np.asarray(by_place / (found.period_h / 24.0))
