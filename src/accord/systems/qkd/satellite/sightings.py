"""The passes of a year over stations, as arrays: when, how dark, and sums of transmittance along each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from accord.contract import Ephemeris
from accord.errors import ModelError
from accord.physics.constants import DAY_S, EARTH_MU_KM3_PER_S2, EARTH_RADIUS_KM, EARTH_ROTATION_RAD_PER_S
from accord.physics.geodesy import ecef_from_geodetic, elevation_rad, normal
from accord.physics.moon import moon_pef_km, phase_angle_rad
from accord.physics.orbits import circular_pef, node_rate_rad_per_s, sun_synchronous_inclination_rad
from accord.physics.passes import passes, states_at
from accord.physics.sun import sun_elevation_rad, sun_equatorial
from accord.physics.time import gmst_rad, julian_date
from accord.systems.qkd.satellite.air import relative_depth
from accord.systems.qkd.satellite.design import Orbit, Satellites, Station
from accord.systems.qkd.satellite.optics import far_field_capture, gaussian_capture, half_angle_rad
from accord.systems.qkd.satellite.sky import counts_per_s, radiance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = [
    "YEAR_DAY",
    "Sky",
    "capture",
    "common_view",
    "log_tau_grid",
    "no_night_days",
    "sightings",
    "sky_of",
    "trace",
]

YEAR_DAY = 365
SAMPLES = 24
_STEP_S = 60.0
_CHECK_S = 600.0


def log_tau_grid() -> FloatArray:
    """Return the nodes in the log of the zenith's transmittance, from 1 % to none lost, dense near the top."""
    return -(np.linspace(0.0, math.sqrt(-math.log(0.009)), 40)[::-1] ** 2)


@dataclass(frozen=True, slots=True)
class Sky:
    """Where the satellites are over a stretch of the year.

    Attributes
    ----------
    ephemeris : Ephemeris
    repeat_s : float
        Time after which the whole stretch comes again over the same ground; 0 where it lasts the year.
    repeats : int
        So many that the year is full; passes after its end are left out.
    start_jd : float
        Julian date at which the year starts.
    """

    ephemeris: Ephemeris
    repeat_s: float
    repeats: int
    start_jd: float


def sky_of(orbit: Orbit, start: date) -> Sky:
    """Return the orbit's own satellites for a year, J2 alone."""
    axis = EARTH_RADIUS_KM + orbit.altitude_km
    if orbit.inclination_deg is None:
        try:
            inclination = sun_synchronous_inclination_rad(axis)
        except ValueError as error:
            raise ModelError(f"satellites.orbit: {error}; state an inclination") from None
    else:
        inclination = math.radians(orbit.inclination_deg)
    jd = julian_date(start)
    sun = float(sun_equatorial(jd)[0])
    node = np.full(orbit.satellites, sun + math.radians(15.0 * (orbit.node_time_h - 12.0)))
    argument = 2.0 * math.pi * np.arange(orbit.satellites) / orbit.satellites
    seconds = _STEP_S * np.arange(int(YEAR_DAY * DAY_S / _STEP_S) + 1, dtype=float)
    place, speed = circular_pef(axis, inclination, node, argument, float(gmst_rad(jd)), seconds)
    names = tuple(f"satellite {n + 1}" for n in range(orbit.satellites))
    found = Ephemeris(
        epoch_jd_utc=jd,
        step_s=_STEP_S,
        position_km=place,
        velocity_km_s=speed,
        names=names,
        propagator="j2, own orbit",
    )
    return Sky(found, 0.0, 1, jd)


def borrowed(ephemeris: Ephemeris, carriers: int, start: date) -> Sky:
    """Return some satellites of a constellation, whose stretch is repeated through the year.

    After a whole number of nodal days the orbital plane stands over the same ground; the Sun then stands elsewhere, as
    the plane has turned. Where in its orbit a satellite is does not repeat: the passes are a sample.

    Raises
    ------
    accord.errors.ModelError
        When it lasts less than a day.
    """
    total = len(ephemeris.names)
    chosen = np.unique(np.linspace(0, total, min(carriers, total), endpoint=False).astype(int))
    place, speed = ephemeris.position_km[chosen], ephemeris.velocity_km_s[chosen]
    turning = speed[0, 0] + np.cross([0.0, 0.0, EARTH_ROTATION_RAD_PER_S], place[0, 0])
    momentum = np.cross(place[0, 0], turning)
    radius = float(np.linalg.norm(place[0, 0]))
    axis = 1.0 / (2.0 / radius - float(turning @ turning) / EARTH_MU_KM3_PER_S2)
    inclination = math.acos(float(momentum[2] / np.linalg.norm(momentum)))
    day = 2.0 * math.pi / (EARTH_ROTATION_RAD_PER_S - node_rate_rad_per_s(axis, inclination))
    last = (place.shape[1] - 1) * ephemeris.step_s
    days = min(int(last // day), int(YEAR_DAY * DAY_S // day))
    if days < 1:
        raise ModelError(
            f"the connected ephemeris lasts {last / 3600:.1f} h: at least {day / 3600:.1f} h are needed "
            "for the passes of a day"
        )
    nodes = min(place.shape[1], math.ceil(days * day / ephemeris.step_s) + 2)
    part = Ephemeris(
        epoch_jd_utc=ephemeris.epoch_jd_utc,
        step_s=ephemeris.step_s,
        position_km=np.ascontiguousarray(place[:, :nodes]),
        velocity_km_s=np.ascontiguousarray(speed[:, :nodes]),
        names=tuple(ephemeris.names[i] for i in chosen),
        propagator=ephemeris.propagator,
    )
    return Sky(part, days * day, math.ceil(YEAR_DAY * DAY_S / (days * day)), ephemeris.epoch_jd_utc)


def capture(design: Satellites, station: Station, range_km: FloatArray) -> FloatArray:
    """Return the share of the beam that the station's telescope receives without pointing errors or air."""
    sender = design.sender
    if sender.aperture_m is not None:
        radius = 0.5 * sender.aperture_m
        return far_field_capture(
            range_km * 1e3,
            wavelength_nm=sender.wavelength_nm,
            transmit_radius_m=radius,
            waist_m=radius,
            receive_radius_m=0.5 * station.aperture_m,
        )
    angle = half_angle_rad(sender.divergence_urad * 1e-6, sender.convention)
    return gaussian_capture(angle * range_km * 1e3, 0.5 * station.aperture_m)


@dataclass(frozen=True, slots=True)
class Trace:
    """Samples along stretches of time over a station, shape (stretches, samples) each."""

    range_km: FloatArray
    elevation_deg: FloatArray
    capture: FloatArray
    depth: FloatArray


def trace(
    design: Satellites, station: Station, sky: Ephemeris, satellite: IntArray, seconds: FloatArray
) -> Trace:
    """Return range, elevation, captured share and relative depth of air at times [s], shape (n, samples)."""
    north, east = math.radians(station.latitude_deg), math.radians(station.longitude_deg)
    site = ecef_from_geodetic(north, east, station.height_m * 1e-3)
    wide = np.repeat(satellite, seconds.shape[1])
    place = states_at(sky, wide, seconds.ravel())
    distance = np.linalg.norm(place - site, axis=1).reshape(seconds.shape)
    elevation = np.degrees(elevation_rad(place, site, normal(north, east))).reshape(seconds.shape)
    elevation = np.clip(elevation, 0.5, 90.0)
    depth = relative_depth(design.sender.wavelength_nm, elevation)
    return Trace(distance, elevation, capture(design, station, distance), depth)


def sightings(
    design: Satellites, station: Station, sky: Sky, progress: Callable[[float], None] = lambda _: None
) -> dict[str, FloatArray]:
    """Return the passes of a year over a station, those with too high a Sun left out.

    Returns
    -------
    dict of str to float array, shape (passes,) + ...
        ``time_s`` of culmination since the start of the year, ``rise_s``, ``set_s``, ``month`` (0 to 11),
        ``satellite``, ``top_deg``, ``sun_deg``, ``sky_hz`` (photons a second of the sky in the telescope, factor 1),
        ``sums`` of shape (passes, nodes, 3): ``sum of dt (D tau^X)^k`` for k = 1, 2, 3 at the nodes of `log_tau_grid`.
    """
    seen = passes(
        sky.ephemeris,
        np.array([station.latitude_deg]),
        np.array([station.longitude_deg]),
        design.lowest_elevation_deg,
        height_km=station.height_m * 1e-3,
        threads=2,
    )
    satellite, rise, top, fall = seen.satellite, seen.rise_s, seen.culmination_s, seen.set_s
    progress(0.4)
    share = (np.arange(SAMPLES) + 0.5) / SAMPLES
    seconds = rise[:, None] + (fall - rise)[:, None] * share
    along = trace(design, station, sky.ephemeris, satellite, seconds)
    grid = log_tau_grid()
    step = (fall - rise) / SAMPLES
    sums = np.empty((len(rise), len(grid), 3))
    for node, log_tau in enumerate(grid):
        eta = along.capture * np.exp(log_tau * along.depth)
        for k in range(3):
            sums[:, node, k] = (eta ** (k + 1)).sum(axis=1) * step
    progress(0.7)
    of = np.tile(np.arange(len(rise)), sky.repeats)
    shift = np.repeat(sky.repeat_s * np.arange(sky.repeats), len(rise))
    when = top[of] + shift
    north, east = math.radians(station.latitude_deg), math.radians(station.longitude_deg)
    up = normal(north, east)
    sun = np.degrees(sun_elevation_rad(sky.start_jd, when, up))
    keep = np.flatnonzero((sun < design.sun_limit_deg) & (when < YEAR_DAY * DAY_S))
    keep = keep[np.argsort(when[keep], kind="stable")]
    of, when, shift, sun = of[keep], when[keep], shift[keep], sun[keep]
    moon = moon_pef_km(sky.start_jd, when)
    moon_up = np.degrees(np.arcsin(np.clip((moon @ up) / np.linalg.norm(moon, axis=1), -1.0, 1.0)))
    light = radiance(sun, phase_angle_rad(sky.start_jd + when / DAY_S), moon_up)
    photons = counts_per_s(
        light,
        field_of_view_rad=design.field_of_view_urad * 1e-6,
        aperture_m=station.aperture_m,
        bandwidth_nm=design.bandwidth_nm,
        wavelength_nm=design.sender.wavelength_nm,
    )
    return {
        "time_s": when,
        "rise_s": rise[of] + shift,
        "set_s": fall[of] + shift,
        "month": _months(sky.start_jd, when),
        "satellite": satellite[of].astype(float),
        "top_deg": seen.max_elevation_deg[of],
        "sun_deg": sun,
        "moon_deg": moon_up,
        "sky_hz": photons,
        "sums": sums[of],
    }


def _months(jd: float, seconds: FloatArray) -> FloatArray:
    """Return months 0 to 11; of a year of twelve months of equal length from the first of January on."""
    days = jd - 2451544.5 + seconds / DAY_S  # since the start of the year 2000
    return np.asarray(np.floor(np.mod(days, 365.2425) / 365.2425 * 12.0).clip(0, 11))


def no_night_days(station: Station, sun_limit_deg: float, jd: float) -> int:
    """Return on how many days of a year the Sun never goes below a limit at a station."""
    up = normal(math.radians(station.latitude_deg), math.radians(station.longitude_deg))
    seconds = np.arange(0.0, YEAR_DAY * DAY_S, _CHECK_S)
    # days are counted from local noon to noon, so that each holds one night
    noon = DAY_S * (0.5 - station.longitude_deg / 360.0)
    sun = np.degrees(sun_elevation_rad(jd, seconds + noon, up)).reshape(YEAR_DAY, -1)
    return int((sun.min(axis=1) >= sun_limit_deg).sum())


def _by_month(month: IntArray, value: FloatArray) -> FloatArray:
    return np.asarray(np.bincount(month, value, 12), float)


def common_view(
    design: Satellites,
    one: Station,
    other: Station,
    sky: Sky,
    found: tuple[dict[str, FloatArray], dict[str, FloatArray]],
) -> dict[str, FloatArray]:
    """Return sums over the stretches in which one satellite sees both stations, both dark: twelve months each.

    Returns
    -------
    dict of str to float array
        ``seconds`` (12,), ``both`` and ``first``, ``second`` (12, nodes): ``sum of dt D_a D_b tau^(X_a + X_b)`` and of
        each alone; ``sky_first``, ``sky_second`` (12,): sums of dt times photons a second of the sky.
    """
    grid = log_tau_grid()
    result: dict[str, FloatArray] = {name: np.zeros((12, len(grid))) for name in ("both", "first", "second")}
    result |= {name: np.zeros(12) for name in ("seconds", "sky_first", "sky_second")}
    a, b = found
    pairs = [
        (i, j)
        for i in range(len(a["rise_s"]))
        for j in np.flatnonzero(
            (b["satellite"] == a["satellite"][i])
            & (b["rise_s"] < a["set_s"][i])
            & (b["set_s"] > a["rise_s"][i])
        )
    ]
    if not pairs:
        return result
    i, j = np.array(pairs).T
    start = np.maximum(a["rise_s"][i], b["rise_s"][j])
    stop = np.minimum(a["set_s"][i], b["set_s"][j])
    shift = sky.repeat_s * np.floor(start / sky.repeat_s) if sky.repeat_s else np.zeros(len(i))
    share = (np.arange(SAMPLES) + 0.5) / SAMPLES
    seconds = (start - shift)[:, None] + (stop - start)[:, None] * share
    satellite, step = a["satellite"][i].astype(np.int64), (stop - start) / SAMPLES
    along = [trace(design, s, sky.ephemeris, satellite, seconds) for s in (one, other)]
    month = a["month"][i].astype(int)
    for node, log_tau in enumerate(grid):
        eta = [t.capture * np.exp(log_tau * t.depth) for t in along]
        for name, value in (("both", eta[0] * eta[1]), ("first", eta[0]), ("second", eta[1])):
            result[name][:, node] = _by_month(month, value.sum(axis=1) * step)
    result["seconds"] = _by_month(month, stop - start)
    result["sky_first"] = _by_month(month, (stop - start) * a["sky_hz"][i])
    result["sky_second"] = _by_month(month, (stop - start) * b["sky_hz"][j])
    return result
