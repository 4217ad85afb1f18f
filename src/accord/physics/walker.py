"""Walker patterns: satellites spread evenly over evenly spaced circular planes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["cap_angle_rad", "walker", "worst_central_angle_rad"]


def walker(
    total: int, planes: int, phasing: float, plane_spacing_rad: float
) -> tuple[FloatArray, FloatArray]:
    """Return node and argument of latitude of every satellite at time zero, shape (total,) each [rad].

    Walker (1984), Satellite constellations, Journal of the British Interplanetary Society 37:559: the
    satellite in slot s of plane k stands at ``u = 2 pi s/S + 2 pi F k/T`` (S a plane, T in all).

    Parameters
    ----------
    total, planes : int
    phasing : float
        F; a whole number in a delta pattern, where planes close on the first one.
    plane_spacing_rad : float
        Between neighbouring nodes: 2 pi/planes in a delta pattern, pi/planes in a star.

    Raises
    ------
    ValueError
        When the planes do not share the satellites evenly.
    """
    if total < 1 or planes < 1 or total % planes:
        raise ValueError(f"{total} satellites do not fill {planes} planes evenly")
    plane, slot = np.divmod(np.arange(total), total // planes)
    node = plane_spacing_rad * plane
    latitude = 2.0 * math.pi * (slot * planes / total + phasing * plane / total)
    return np.mod(node, 2.0 * math.pi), np.mod(latitude, 2.0 * math.pi)


def cap_angle_rad(
    axis_km: FloatArray | float, elevation_rad: FloatArray | float, radius_km: float
) -> FloatArray:
    """Return the Earth central angle from a satellite to the edge of its cover on a sphere [rad].

    Wertz (1999), Space Mission Analysis and Design, 3rd ed., section 5.2.
    """
    inner = np.asarray(radius_km / axis_km * np.cos(elevation_rad))
    angle: FloatArray = np.arccos(np.minimum(inner, 1.0)) - elevation_rad
    return angle


def worst_central_angle_rad(directions: FloatArray) -> float:
    """Return the largest distance of any point of a sphere from its nearest satellite [rad].

    The farthest points are centres of the circles through three neighbours that hold no fourth satellite
    (Ballard 1980, Rosette constellations of Earth satellites, IEEE Transactions on Aerospace and Electronic
    Systems 16:656); these triangles are the facets of the convex hull.

    Parameters
    ----------
    directions : float array, shape (satellites, 3)
        Unit vectors, at least four, not all in one plane.
    """
    from scipy.spatial import ConvexHull

    hull = ConvexHull(directions)
    # a facet's plane is ``normal . x + offset = 0``: its circle lies acos(-offset) from its centre
    return float(np.max(np.arccos(np.clip(-hull.equations[:, 3], -1.0, 1.0))))
