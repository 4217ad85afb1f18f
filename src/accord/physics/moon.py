"""Where the Moon stands and how much of it is lit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import AU_KM, DAY_S, J2000_JD
from accord.physics.frames import teme_to_pef
from accord.physics.sun import sun_equatorial
from accord.physics.time import gmst_rad

FloatArray = NDArray[np.float64]

__all__ = ["moon_ecliptic", "moon_pef_km", "phase_angle_rad"]


def moon_ecliptic(jd: float | FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ecliptic longitude and latitude of date [rad] and distance [km] of the Moon's centre.

    Astronomical Almanac, section D, low-precision formulae: 0.3 degree in longitude, 0.2 in latitude, 0.2 % in
    distance from 1950 to 2050.

    Parameters
    ----------
    jd : float array, any shape
        Julian date; UTC is taken for dynamical time (0.01 degree).
    """
    t = (np.asarray(jd, dtype=float) - J2000_JD) / 36525.0

    def angle(base: float, rate: float) -> FloatArray:
        return np.asarray(np.radians(base + rate * t))

    longitude = 218.32 + 481267.881 * t
    for size, base, rate in (
        (6.29, 135.0, 477198.87),
        (-1.27, 259.3, -413335.36),
        (0.66, 235.7, 890534.22),
        (0.21, 269.9, 954397.74),
        (-0.19, 357.5, 35999.05),
        (-0.11, 186.5, 966404.03),
    ):
        longitude = longitude + size * np.sin(angle(base, rate))
    latitude = np.zeros_like(t)
    for size, base, rate in (
        (5.13, 93.3, 483202.02),
        (0.28, 228.2, 960400.89),
        (-0.28, 318.3, 6003.15),
        (-0.17, 217.6, -407332.21),
    ):
        latitude = latitude + size * np.sin(angle(base, rate))
    parallax = 0.9508 + np.zeros_like(t)
    for size, base, rate in (
        (0.0518, 135.0, 477198.87),
        (0.0095, 259.3, -413335.36),
        (0.0078, 235.7, 890534.22),
        (0.0028, 269.9, 954397.74),
    ):
        parallax = parallax + size * np.cos(angle(base, rate))
    distance = 6378.14 / np.sin(np.radians(parallax))
    return np.mod(np.radians(longitude), 2.0 * np.pi), np.radians(latitude), distance


def _inertial_km(jd: FloatArray) -> FloatArray:
    longitude, latitude, distance = moon_ecliptic(jd)
    tilt = np.radians(23.43929111 - 0.0130042 * (jd - J2000_JD) / 36525.0)
    x = np.cos(latitude) * np.cos(longitude)
    y = np.cos(latitude) * np.sin(longitude)
    z = np.sin(latitude)
    turned = np.stack([x, np.cos(tilt) * y - np.sin(tilt) * z, np.sin(tilt) * y + np.cos(tilt) * z], axis=-1)
    return np.asarray(turned * distance[..., None])


def moon_pef_km(jd: float, seconds: FloatArray) -> FloatArray:
    """Return the Moon's Earth-fixed position [km], shape (n, 3), at times counted from a Julian date (UTC)."""
    when = jd + np.asarray(seconds) / DAY_S
    return teme_to_pef(_inertial_km(when), gmst_rad(jd, np.asarray(seconds)))


def phase_angle_rad(jd: float | FloatArray) -> FloatArray:
    """Return the angle Sun, Moon, Earth [rad]: 0 at full Moon; Meeus (1998), chapter 48."""
    when = np.asarray(jd, dtype=float)
    moon = _inertial_km(when)
    ra, dec, distance = sun_equatorial(when)
    sun = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)
    sun = sun * (distance * AU_KM)[..., None]
    to_sun = sun - moon
    cosine = -np.sum(to_sun * moon, axis=-1)
    cosine = cosine / np.linalg.norm(to_sun, axis=-1) / np.linalg.norm(moon, axis=-1)
    return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))
