"""Clouds: what their liquid water takes from a slant path, P.840-8 (08/2019)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = ["cloud_attenuation_db", "liquid_coefficient"]


def liquid_coefficient(frequency_ghz: ArrayLike, temperature_k: ArrayLike = 273.15) -> FloatArray:
    """Return the mass absorption coefficient of liquid water [dB/km per g/m3]; P.840-8, equations 2 to 11.

    The double-Debye model of the permittivity of water. Arguments broadcast.
    """
    f = np.asarray(frequency_ghz, dtype=float)
    theta = 300.0 / np.asarray(temperature_k, dtype=float)
    static = 77.66 + 103.3 * (theta - 1.0)
    middle, optical = 0.0671 * static, 3.52
    principal = 20.20 - 146.0 * (theta - 1.0) + 316.0 * (theta - 1.0) ** 2
    secondary = 39.8 * principal
    first, second = 1.0 + (f / principal) ** 2, 1.0 + (f / secondary) ** 2
    real = (static - middle) / first + (middle - optical) / second + optical
    loss = f * (static - middle) / (principal * first) + f * (middle - optical) / (secondary * second)
    eta = (2.0 + real) / loss
    return np.asarray(0.819 * f / (loss * (1.0 + eta**2)))


def cloud_attenuation_db(
    frequency_ghz: ArrayLike, elevation_deg: ArrayLike, liquid_kg_m2: ArrayLike
) -> FloatArray:
    """Return the attenuation by clouds on a slant path [dB]; P.840-8, section 3.

    Parameters
    ----------
    liquid_kg_m2 : float array [kg/m2]
        Columnar content of liquid water reduced to 273.15 K, at the exceedance that is asked for.
    """
    return np.asarray(
        np.asarray(liquid_kg_m2, dtype=float)
        * liquid_coefficient(frequency_ghz)
        / np.sin(np.radians(elevation_deg))
    )
