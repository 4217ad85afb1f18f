"""The geostationary arc as the ground sees it: how far a direction lies from it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from accord.physics.geodesy import ecef_from_geodetic

FloatArray = NDArray[np.float64]

__all__ = ["ARC_RADIUS_KM", "arc_separation_deg"]

ARC_RADIUS_KM = 42164.2
_STEP_DEG = 0.5
NEVER_DEG = 180.0


def _arc(latitude_rad: float) -> FloatArray:
    """Return the visible arc as unit vectors east, north, up at a site, shape (points, 3)."""
    offset = np.radians(np.arange(-82.0, 82.0 + _STEP_DEG, _STEP_DEG))
    points = ARC_RADIUS_KM * np.stack([np.cos(offset), np.sin(offset), np.zeros_like(offset)], axis=-1)
    sight = points - ecef_from_geodetic(latitude_rad, 0.0)
    sine, cosine = math.sin(latitude_rad), math.cos(latitude_rad)
    up = sight[:, 0] * cosine + sight[:, 2] * sine
    north = -sight[:, 0] * sine + sight[:, 2] * cosine
    local = np.stack([sight[:, 1], north, up], axis=-1)
    local /= np.linalg.norm(local, axis=-1, keepdims=True)
    return np.asarray(local[local[:, 2] >= 0.0])


def arc_separation_deg(latitude_rad: float, direction: FloatArray) -> FloatArray:
    """Return the smallest angle between directions and the geostationary arc above the horizon [deg].

    The angle alpha of ITU-R S.1503-4, section D6.4.4, at the Earth station; 180 where no part of the arc is above the
    horizon. The arc is sampled every half degree, which is exact to 0.01 deg beyond 5 deg.

    Parameters
    ----------
    latitude_rad : float [rad]
        Geodetic latitude of the site.
    direction : float array, shape (n, 3)
        Unit vectors east, north, up.
    """
    arc = _arc(latitude_rad)
    if not len(arc):
        return np.full(len(direction), NEVER_DEG)
    found = np.full(len(direction), -1.0)
    for begin in range(0, len(direction), 20_000):  # bounds the table of products to 50 MB
        part = direction[begin : begin + 20_000]
        found[begin : begin + 20_000] = np.max(part @ arc.T, axis=1)
    return np.asarray(np.degrees(np.arccos(np.clip(found, -1.0, 1.0))))
