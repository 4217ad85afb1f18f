"""Where clouds may cast shadow: their mask pushed along the sun's azimuth, for every height they may have.

A dark pixel in there may be shadow, not water. Zhu & Woodcock (2012), RSE 118:83, section 3.2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["HEIGHTS_M", "cast"]

HEIGHTS_M = (200.0, 6_000.0)  # below and above it thick cloud with a hard shadow is rare


def cast(
    cloud: NDArray[np.bool_], cell_m: float, sun_azimuth_deg: float, sun_elevation_deg: float
) -> NDArray[np.bool_]:
    """Return where shadow of clouds may fall, shape (rows, columns), clouds themselves left out.

    Parameters
    ----------
    cloud : bool array, (rows, columns)
        North up, coarse cells that hold any cloud.
    cell_m : float [m]
    sun_azimuth_deg : float [deg]
        From north, clockwise.
    sun_elevation_deg : float [deg]
    """
    out = np.zeros_like(cloud)
    if not cloud.any() or sun_elevation_deg <= 0.0:
        return out
    reach = [height / math.tan(math.radians(sun_elevation_deg)) / cell_m for height in HEIGHTS_M]
    azimuth = math.radians(sun_azimuth_deg)
    steps = max(math.ceil(min(reach[1], 2.0 * max(cloud.shape)) - reach[0]) + 1, 1)
    for k in range(steps):
        distance = reach[0] + k
        rows, columns = round(distance * math.cos(azimuth)), round(-distance * math.sin(azimuth))
        if abs(rows) >= cloud.shape[0] or abs(columns) >= cloud.shape[1]:
            break
        to_r = slice(max(rows, 0), cloud.shape[0] + min(rows, 0))
        to_c = slice(max(columns, 0), cloud.shape[1] + min(columns, 0))
        from_r = slice(max(-rows, 0), cloud.shape[0] + min(-rows, 0))
        from_c = slice(max(-columns, 0), cloud.shape[1] + min(-columns, 0))
        out[to_r, to_c] |= cloud[from_r, from_c]
    return out & ~cloud
