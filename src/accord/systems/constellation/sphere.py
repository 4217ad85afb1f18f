"""What a spherical Earth gives in closed form, to compare the exact counts with."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.physics.walker import cap_angle_rad

FloatArray = NDArray[np.float64]

__all__ = ["in_view_by_latitude", "mean_in_view"]


def mean_in_view(
    total: int, axis_km: float, mask_deg: float, radius_km: float = EARTH_MEAN_RADIUS_KM
) -> float:
    """Return the mean number in view over a whole sphere: ``T (1 - cos lambda)/2``, the share of each cap."""
    angle = float(cap_angle_rad(axis_km, math.radians(mask_deg), radius_km))
    return 0.5 * total * (1.0 - math.cos(angle))


def in_view_by_latitude(
    total: int,
    axis_km: float,
    inclination_rad: float,
    mask_deg: float,
    latitude_deg: FloatArray,
    radius_km: float = EARTH_MEAN_RADIUS_KM,
) -> FloatArray:
    """Return the mean number in view of circular orbits by latitude, on a sphere.

    The argument of latitude u is uniform in time and, over a day, so is the longitude: the mean over u of the
    share of longitudes within the cap, ``acos((cos l - sin p sin q)/(cos p cos q))/pi`` with
    ``sin q = sin i sin u``.

    Parameters
    ----------
    latitude_deg : float array, shape (n,) [deg]
    """
    angle = float(cap_angle_rad(axis_km, math.radians(mask_deg), radius_km))
    u = (np.arange(20_000) + 0.5) * (2.0 * math.pi / 20_000)
    sine = math.sin(inclination_rad) * np.sin(u)
    cosine = np.sqrt(1.0 - sine**2)
    found = []
    for latitude in np.radians(latitude_deg):
        edge = (math.cos(angle) - math.sin(latitude) * sine) / (math.cos(latitude) * cosine)
        found.append(total * float(np.mean(np.arccos(np.clip(edge, -1.0, 1.0)))) / math.pi)
    return np.array(found)
