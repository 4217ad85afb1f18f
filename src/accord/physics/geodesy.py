"""Places on the WGS84 ellipsoid: Cartesian and geodetic, areas, distances, elevations."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_RADIUS_KM, FLATTENING

FloatArray = NDArray[np.float64]

__all__ = [
    "azimuth_rad",
    "ecef_from_geodetic",
    "elevation_rad",
    "geodesic_km",
    "geodetic_from_ecef",
    "normal",
    "zone_area_km2",
]

_E2 = FLATTENING * (2.0 - FLATTENING)
_POLAR_KM = EARTH_RADIUS_KM * (1.0 - FLATTENING)


def normal(latitude_rad: FloatArray | float, longitude_rad: FloatArray | float) -> FloatArray:
    """Return the outward unit normal of the ellipsoid, shape (..., 3)."""
    c = np.cos(latitude_rad)
    parts = (c * np.cos(longitude_rad), c * np.sin(longitude_rad), np.sin(latitude_rad))
    return np.stack(np.broadcast_arrays(*parts), axis=-1)


def ecef_from_geodetic(
    latitude_rad: FloatArray | float, longitude_rad: FloatArray | float, height_km: FloatArray | float = 0.0
) -> FloatArray:
    """Return Earth-fixed positions [km], shape (..., 3).

    NIMA TR8350.2 (2000), equations 4-14 and 4-15.

    Parameters
    ----------
    latitude_rad, longitude_rad : float array [rad]
        Geodetic.
    height_km : float array [km]
        Above the ellipsoid.
    """
    up = normal(latitude_rad, longitude_rad)
    prime = EARTH_RADIUS_KM / np.sqrt(1.0 - _E2 * np.sin(latitude_rad) ** 2)
    scale = np.stack(
        np.broadcast_arrays(prime + height_km, prime + height_km, (1.0 - _E2) * prime + height_km), axis=-1
    )
    return np.asarray(up * scale)


def geodetic_from_ecef(position_km: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return geodetic latitude [rad], longitude [rad] and height [km] of Earth-fixed positions, shape (...,
    3).

    Bowring (1985), The accuracy of geodetic latitude and height equations, Survey Review 28:202; two rounds
    leave less than 1e-9 rad up to geostationary height.
    """
    x, y, z = position_km[..., 0], position_km[..., 1], position_km[..., 2]
    axis = np.hypot(x, y)
    second = _E2 / (1.0 - _E2)
    beta = np.arctan2(z * EARTH_RADIUS_KM, axis * _POLAR_KM)
    latitude = beta
    for _ in range(3):
        latitude = np.arctan2(
            z + second * _POLAR_KM * np.sin(beta) ** 3, axis - _E2 * EARTH_RADIUS_KM * np.cos(beta) ** 3
        )
        beta = np.arctan2((1.0 - FLATTENING) * np.sin(latitude), np.cos(latitude))
    sine = np.sin(latitude)
    height = axis * np.cos(latitude) + z * sine - EARTH_RADIUS_KM * np.sqrt(1.0 - _E2 * sine**2)
    return latitude, np.arctan2(y, x), height


def elevation_rad(position_km: FloatArray, site_km: FloatArray, up: FloatArray) -> FloatArray:
    """Return the elevation [rad] of positions above the plane normal to `up` at a site; shapes (..., 3)."""
    line = position_km - site_km
    rise = np.sum(line * up, axis=-1)
    across = np.linalg.norm(line - rise[..., None] * up, axis=-1)
    elevation: FloatArray = np.arctan2(rise, across)
    return elevation


def azimuth_rad(
    position_km: FloatArray,
    site_km: FloatArray,
    latitude_rad: FloatArray | float,
    longitude_rad: FloatArray | float,
) -> FloatArray:
    """Return the azimuth of positions from north over east [rad], 0 to 2 pi; shapes (..., 3) and (...).

    At a pole north is where the meridian of the site's longitude points.
    """
    line = position_km - site_km
    east = line[..., 1] * np.cos(longitude_rad) - line[..., 0] * np.sin(longitude_rad)
    outward = line[..., 0] * np.cos(longitude_rad) + line[..., 1] * np.sin(longitude_rad)
    north = line[..., 2] * np.cos(latitude_rad) - outward * np.sin(latitude_rad)
    return np.asarray(np.mod(np.arctan2(east, north), 2.0 * math.pi))


def zone_area_km2(south_rad: FloatArray | float, north_rad: FloatArray | float) -> FloatArray:
    """Return the area of the ellipsoid between two geodetic latitudes, all longitudes [km2].

    Snyder (1987), Map projections: a working manual, USGS Professional Paper 1395, equation 3-12.
    """
    e = math.sqrt(_E2)

    def below(latitude: FloatArray | float) -> FloatArray:
        s = np.sin(latitude)
        return np.asarray(s / (1.0 - _E2 * s**2) + np.arctanh(e * s) / e)

    return math.pi * _POLAR_KM**2 * (below(north_rad) - below(south_rad))


def geodesic_km(
    latitude1_rad: float, longitude1_rad: float, latitude2_rad: float, longitude2_rad: float
) -> float:
    """Return the length of the shortest line on the ellipsoid between two places [km].

    Vincenty (1975), Direct and inverse solutions of geodesics on the ellipsoid, Survey Review 23:88. Good to
    0.1 mm except between nearly opposite places, where the iteration does not settle.

    Raises
    ------
    ArithmeticError
        For nearly antipodal places.
    """
    u1 = math.atan((1.0 - FLATTENING) * math.tan(latitude1_rad))
    u2 = math.atan((1.0 - FLATTENING) * math.tan(latitude2_rad))
    wide = math.remainder(longitude2_rad - longitude1_rad, 2.0 * math.pi)
    lam = wide
    for _ in range(200):
        sin_s, cos_s, cos2a, cos_m, sin_a = _auxiliary(u1, u2, lam)
        if sin_s == 0.0:
            return 0.0
        sigma = math.atan2(sin_s, cos_s)
        c = FLATTENING / 16.0 * cos2a * (4.0 + FLATTENING * (4.0 - 3.0 * cos2a))
        inner = cos_m + c * cos_s * (2.0 * cos_m**2 - 1.0)
        new = wide + (1.0 - c) * FLATTENING * sin_a * (sigma + c * sin_s * inner)
        if abs(new - lam) < 1e-14:
            return _arc_km(sin_s, cos_s, cos2a, cos_m, sigma)
        lam = new
    raise ArithmeticError("nearly antipodal places: the length of the geodesic does not settle")


def _auxiliary(u1: float, u2: float, lam: float) -> tuple[float, float, float, float, float]:
    """Return sin and cos of the arc on the auxiliary sphere, cos^2 of its azimuth, cos 2 sigma_m, sin
    azimuth."""
    a = math.cos(u2) * math.sin(lam)
    b = math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam)
    sin_s = math.hypot(a, b)
    cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
    sin_a = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_s if sin_s > 0.0 else 0.0
    cos2a = 1.0 - sin_a**2
    cos_m = cos_s - 2.0 * math.sin(u1) * math.sin(u2) / cos2a if cos2a > 1e-15 else 0.0
    return sin_s, cos_s, cos2a, cos_m, sin_a


def _arc_km(sin_s: float, cos_s: float, cos2a: float, cos_m: float, sigma: float) -> float:
    u = cos2a * _E2 / (1.0 - _E2)
    big_a = 1.0 + u / 16384.0 * (4096.0 + u * (-768.0 + u * (320.0 - 175.0 * u)))
    big_b = u / 1024.0 * (256.0 + u * (-128.0 + u * (74.0 - 47.0 * u)))
    third = big_b / 6.0 * cos_m * (4.0 * sin_s**2 - 3.0) * (4.0 * cos_m**2 - 3.0)
    delta = big_b * sin_s * (cos_m + big_b / 4.0 * (cos_s * (2.0 * cos_m**2 - 1.0) - third))
    return _POLAR_KM * big_a * (sigma - delta)
