"""Circular orbits about an oblate Earth: secular rates by J2, sun-synchronous and repeating orbits,
positions.

Altitude means the mean semi-major axis less the equatorial radius. Two mean motions belong to it: ``n`` of
Kepler's third law, and Kozai's, which is the mean rate of the anomaly under J2 and what two-line elements
carry. Mistaking one for the other puts a satellite on the wrong side of the Earth within a month.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from accord.physics.constants import (
    DAY_S,
    EARTH_J2,
    EARTH_MU_KM3_PER_S2,
    EARTH_RADIUS_KM,
    EARTH_ROTATION_RAD_PER_S,
    TROPICAL_YEAR_DAY,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "circular_pef",
    "circular_teme",
    "draconitic_rate_rad_per_s",
    "kozai_mean_motion_rad_per_s",
    "mean_motion_rad_per_s",
    "node_rate_rad_per_s",
    "repeat_sun_synchronous",
    "sun_synchronous_inclination_rad",
]

_SUN_RATE_RAD_PER_S = 2.0 * math.pi / (TROPICAL_YEAR_DAY * DAY_S)


def mean_motion_rad_per_s(axis_km: float) -> float:
    """Return Kepler's mean motion [rad/s] of a semi-major axis [km]."""
    return math.sqrt(EARTH_MU_KM3_PER_S2 / axis_km**3)


def _oblateness(axis_km: float) -> float:
    return 1.5 * EARTH_J2 * (EARTH_RADIUS_KM / axis_km) ** 2


def kozai_mean_motion_rad_per_s(axis_km: float, inclination_rad: float) -> float:
    """Return the mean rate of the anomaly under J2 [rad/s].

    Kozai (1959), The motion of a close Earth satellite, Astronomical Journal 64:367, equation 14, for a
    circle.
    """
    factor = 1.0 + _oblateness(axis_km) * (1.0 - 1.5 * math.sin(inclination_rad) ** 2)
    return mean_motion_rad_per_s(axis_km) * factor


def node_rate_rad_per_s(axis_km: float, inclination_rad: float) -> float:
    """Return the secular rate of the ascending node [rad/s], eastward positive.

    Vallado (2013), Fundamentals of Astrodynamics and Applications, 4th ed., equation 9-37.
    """
    return -_oblateness(axis_km) * mean_motion_rad_per_s(axis_km) * math.cos(inclination_rad)


def draconitic_rate_rad_per_s(axis_km: float, inclination_rad: float) -> float:
    """Return the secular rate of the argument of latitude [rad/s]: node to node.

    Kozai's mean motion plus the rate of the perigee, Vallado (2013), equations 9-39 and 9-41.
    """
    perigee = _oblateness(axis_km) * (2.0 - 2.5 * math.sin(inclination_rad) ** 2)
    return kozai_mean_motion_rad_per_s(axis_km, inclination_rad) + perigee * mean_motion_rad_per_s(axis_km)


def sun_synchronous_inclination_rad(axis_km: float) -> float:
    """Return the inclination at which the node follows the mean Sun [rad].

    Vallado (2013), section 11.4.1.

    Raises
    ------
    ValueError
        Above about 5 970 km altitude, where no inclination is steep enough.
    """
    cosine = -_SUN_RATE_RAD_PER_S / (_oblateness(axis_km) * mean_motion_rad_per_s(axis_km))
    if cosine < -1.0:
        raise ValueError(f"no sun-synchronous orbit at a semi-major axis of {axis_km:.0f} km: too high")
    return math.acos(cosine)


def repeat_sun_synchronous(revolutions: int, days: int) -> tuple[float, float]:
    """Return semi-major axis [km] and inclination [rad] of a sun-synchronous circle that repeats its ground
    track.

    The node passes the same meridian after `revolutions` draconitic periods and `days` solar days, Vallado
    (2013), section 11.4.2.

    Raises
    ------
    ValueError
        For a ratio that asks for an orbit outside 160 to 5 900 km altitude.
    """
    wanted = revolutions / days * 2.0 * math.pi / DAY_S  # the node keeps pace with the mean Sun

    def excess(axis_km: float) -> float:
        return draconitic_rate_rad_per_s(axis_km, sun_synchronous_inclination_rad(axis_km)) - wanted

    low, high = EARTH_RADIUS_KM + 160.0, EARTH_RADIUS_KM + 5900.0
    if not excess(low) > 0.0 > excess(high):
        raise ValueError(f"{revolutions} revolutions in {days} days are no low sun-synchronous orbit")
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
    axis_km = 0.5 * (low + high)
    return axis_km, sun_synchronous_inclination_rad(axis_km)


def circular_teme(
    axis_km: float,
    inclination_rad: float,
    node_rad: FloatArray,
    latitude_rad: FloatArray,
    seconds: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return inertial positions [km] and velocities [km/s] of circular orbits with secular J2 rates.

    Parameters
    ----------
    axis_km, inclination_rad : float
    node_rad, latitude_rad : float array, shape (satellites,) [rad]
        Right ascension of the node and argument of latitude at time zero.
    seconds : float array, shape (times,) [s]

    Returns
    -------
    position_km, velocity_km_s : float array, shape (satellites, times, 3)
        The velocity is the derivative of the position, the motion of the node included.
    """
    rate = draconitic_rate_rad_per_s(axis_km, inclination_rad)
    drift = node_rate_rad_per_s(axis_km, inclination_rad)
    return _circle(axis_km, inclination_rad, (node_rad, drift), (latitude_rad, rate), seconds)


def circular_pef(
    axis_km: float,
    inclination_rad: float,
    node_rad: FloatArray,
    latitude_rad: FloatArray,
    gmst_rad: float,
    seconds: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return Earth-fixed positions [km] and velocities [km/s]; as `circular_teme`, with sidereal time at
    time zero."""
    rate = draconitic_rate_rad_per_s(axis_km, inclination_rad)
    drift = node_rate_rad_per_s(axis_km, inclination_rad) - EARTH_ROTATION_RAD_PER_S
    return _circle(axis_km, inclination_rad, (node_rad - gmst_rad, drift), (latitude_rad, rate), seconds)


def _circle(
    axis_km: float,
    inclination_rad: float,
    node: tuple[FloatArray, float],
    latitude: tuple[FloatArray, float],
    seconds: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the motion on a circle whose node turns at a steady rate; angles as (at time zero, rate)."""
    raan = node[0][:, None] + node[1] * seconds[None, :]
    u = latitude[0][:, None] + latitude[1] * seconds[None, :]
    ci, si = math.cos(inclination_rad), math.sin(inclination_rad)
    cn, sn, cu, su = np.cos(raan), np.sin(raan), np.cos(u), np.sin(u)
    position = np.empty((*raan.shape, 3))
    velocity = np.empty_like(position)
    position[..., 0] = axis_km * (cn * cu - sn * su * ci)
    position[..., 1] = axis_km * (sn * cu + cn * su * ci)
    position[..., 2] = axis_km * su * si
    speed = axis_km * latitude[1]
    velocity[..., 0] = -speed * (cn * su + sn * cu * ci) - node[1] * position[..., 1]
    velocity[..., 1] = -speed * (sn * su - cn * cu * ci) + node[1] * position[..., 0]
    velocity[..., 2] = speed * cu * si
    return position, velocity
