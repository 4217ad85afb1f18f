"""Rotation between the inertial frame of the orbits and the frame that turns with the Earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_ROTATION_RAD_PER_S

FloatArray = NDArray[np.float64]

__all__ = ["teme_to_pef", "teme_to_pef_velocity"]


def teme_to_pef(vector: FloatArray, gmst_rad: FloatArray | float) -> FloatArray:
    """Turn true-equator mean-equinox vectors into the pseudo-Earth-fixed frame.

    Vallado et al. (2006), Revisiting Spacetrack Report #3, AIAA 2006-6753, appendix C. Polar motion (0.01
    km at the ground) and UT1-UTC (below 0.42 km) are left out.

    Parameters
    ----------
    vector : float array, shape (..., 3)
    gmst_rad : float array [rad]
        Of a shape that broadcasts against ``vector[..., 0]``.
    """
    c, s = np.cos(gmst_rad), np.sin(gmst_rad)
    x, y = vector[..., 0], vector[..., 1]
    return np.stack([c * x + s * y, c * y - s * x, np.broadcast_to(vector[..., 2], x.shape)], axis=-1)


def teme_to_pef_velocity(
    position_km: FloatArray, velocity_km_s: FloatArray, gmst_rad: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """Turn positions [km] and velocities [km/s] into the Earth-fixed frame; velocities lose the Earth's
    rotation.

    Parameters
    ----------
    position_km, velocity_km_s : float array, shape (..., 3)
    gmst_rad : float array [rad]
    """
    position = teme_to_pef(position_km, gmst_rad)
    velocity = teme_to_pef(velocity_km_s, gmst_rad)
    velocity[..., 0] += EARTH_ROTATION_RAD_PER_S * position[..., 1]
    velocity[..., 1] -= EARTH_ROTATION_RAD_PER_S * position[..., 0]
    return position, velocity
