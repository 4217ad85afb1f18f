"""Where the Sun stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import AU_KM, DAY_S, J2000_JD
from accord.physics.frames import teme_to_pef
from accord.physics.time import gmst_rad

FloatArray = NDArray[np.float64]

__all__ = ["sun_elevation_rad", "sun_equatorial", "sun_pef_km"]


def sun_equatorial(jd: float | FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return right ascension [rad], declination [rad] and distance [au] of the Sun, apparent place of date.

    Meeus (1998), Astronomical Algorithms, chapter 25, low accuracy: 0.01 degree from 1900 to 2100. UTC is
    taken for dynamical time, which moves the Sun by less than 0.001 degree.

    Parameters
    ----------
    jd : float array, any shape
        Julian date.
    """
    t = (np.asarray(jd, dtype=float) - J2000_JD) / 36525.0
    mean_longitude = np.radians(280.46646 + t * (36000.76983 + 0.0003032 * t))
    anomaly = np.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = np.radians(
        (1.914602 - t * (0.004817 + 0.000014 * t)) * np.sin(anomaly)
        + (0.019993 - 0.000101 * t) * np.sin(2.0 * anomaly)
        + 0.000289 * np.sin(3.0 * anomaly)
    )
    distance = 1.000001018 * (1.0 - eccentricity**2) / (1.0 + eccentricity * np.cos(anomaly + centre))
    node = np.radians(125.04 - 1934.136 * t)
    longitude = mean_longitude + centre - np.radians(0.00569 + 0.00478 * np.sin(node))
    obliquity = np.radians(23.43929111 - 0.0130042 * t + 0.00256 * np.cos(node))
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    return np.mod(right_ascension, 2.0 * np.pi), declination, distance


def sun_pef_km(jd: float, seconds: FloatArray) -> FloatArray:
    """Return the Sun's Earth-fixed position [km], shape (n, 3), at times counted from a Julian date (UTC)."""
    ra, dec, distance = sun_equatorial(jd + np.asarray(seconds) / DAY_S)
    inertial = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)
    return teme_to_pef(inertial * (distance * AU_KM)[..., None], gmst_rad(jd, np.asarray(seconds)))


def sun_elevation_rad(jd: float, seconds: FloatArray, up: FloatArray) -> FloatArray:
    """Return the Sun's elevation [rad] without refraction at a place with the ellipsoid normal `up`.

    Parameters
    ----------
    jd, seconds : float, float array, shape (n,) [s]
    up : float array, shape (3,) or (n, 3)
        The Sun is so far that the place itself does not matter (parallax below 0.003 degree).
    """
    sun = sun_pef_km(jd, seconds)
    sine = np.sum(sun * up, axis=-1) / np.linalg.norm(sun, axis=-1)
    elevation: FloatArray = np.arcsin(np.clip(sine, -1.0, 1.0))
    return elevation
