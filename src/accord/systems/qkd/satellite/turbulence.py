"""Turbulence on a downlink: the refractive index's structure, scintillation, averaging by the telescope.

Recommendations ITU-R P.1621-2 (profile, layers) and P.1622-1 (variance of the log of irradiance, averaging).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "aperture_averaging",
    "layers_m",
    "log_irradiance_variance",
    "structure_constant",
    "wind_rms_m_per_s",
]

_LAYERS = 139


def wind_rms_m_per_s(ground_wind_m_per_s: float) -> float:
    """Return the root mean square wind along the vertical path (ITU-R P.1621-2, equation 6)."""
    if not ground_wind_m_per_s >= 0.0:
        raise ModelError(f"wind {ground_wind_m_per_s:g} m/s: expected at least 0")
    return math.sqrt(ground_wind_m_per_s**2 + 30.69 * ground_wind_m_per_s + 348.91)


def layers_m() -> tuple[FloatArray, FloatArray]:
    """Return middle heights and thicknesses of 139 layers that grow by a twentieth each, about 20 km in all."""
    thick = np.exp(np.arange(_LAYERS) / 20.0)
    return np.cumsum(thick) - 0.5 * thick, thick


def structure_constant(height_m: FloatArray, wind_m_per_s: float, ground: float = 1.7e-14) -> FloatArray:
    """Return C_n^2 [m^(-2/3)] at heights above the ground, Hufnagel & Valley's profile (ITU-R P.1621-2, equation 5)."""
    high = 8.148e-56 * wind_m_per_s**2 * height_m**10 * np.exp(-height_m / 1000.0)
    return np.asarray(high + 2.7e-16 * np.exp(-height_m / 1500.0) + ground * np.exp(-height_m / 100.0))


def log_irradiance_variance(
    elevation_deg: FloatArray | float,
    wavelength_nm: float,
    *,
    wind_m_per_s: float = 21.0,
    ground: float = 1.7e-14,
    station_m: float = 0.0,
) -> FloatArray:
    """Return the variance of the log of irradiance at a point (ITU-R P.1622-1, equation 4; weak fluctuations).

    Parameters
    ----------
    elevation_deg : float array [deg]
        Above 45 degrees as the recommendation has it; lower down the variance saturates and this is its upper bound.
    station_m : float [m]
        Height of the station above the ground on which the profile starts.
    """
    height, thick = layers_m()
    above = height > station_m
    cn2 = structure_constant(height, wind_m_per_s, ground)
    column = float((cn2[above] * (height[above] - station_m) ** (5.0 / 6.0) * thick[above]).sum())
    wave = 2.0 * math.pi / (wavelength_nm * 1e-9)
    sine = np.sin(np.radians(elevation_deg))
    return np.asarray(2.25 * wave ** (7.0 / 6.0) * column / sine ** (11.0 / 6.0))


def aperture_averaging(
    elevation_deg: FloatArray | float,
    wavelength_nm: float,
    aperture_m: float,
    *,
    wind_m_per_s: float = 21.0,
    ground: float = 1.7e-14,
) -> FloatArray:
    """Return the variance over a telescope's area over that at a point (ITU-R P.1622-1, equations 6 and 7)."""
    height, thick = layers_m()
    cn2 = structure_constant(height, wind_m_per_s, ground) * thick
    scale = (float((cn2 * height**2).sum()) / float((cn2 * height ** (5.0 / 6.0)).sum())) ** (6.0 / 7.0)
    sine = np.sin(np.radians(elevation_deg))
    ratio = aperture_m**2 * sine / (wavelength_nm * 1e-9 * scale)
    return np.asarray(1.0 / (1.0 + 1.1 * ratio ** (7.0 / 6.0)))
