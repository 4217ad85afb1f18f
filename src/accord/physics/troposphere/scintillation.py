"""Scintillation: fading by turbulence of moist air, P.618-13, section 2.4.1; refractivity after P.453-14."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = ["scintillation_db", "wet_refractivity"]

_LAYER_M = 1000.0


def wet_refractivity(temperature_k: ArrayLike, vapour_pressure_hpa: ArrayLike) -> FloatArray:
    """Return the wet term of the radio refractivity [N-units]; P.453-14, equation 4."""
    warm, e = np.asarray(temperature_k, dtype=float), np.asarray(vapour_pressure_hpa, dtype=float)
    return np.asarray(72.0 * e / warm + 3.75e5 * e / warm**2)


def scintillation_db(
    frequency_ghz: ArrayLike,
    elevation_deg: ArrayLike,
    exceedance_pct: ArrayLike,
    wet_refractivity: ArrayLike,
    diameter_m: ArrayLike,
    efficiency: ArrayLike = 0.5,
) -> FloatArray:
    """Return the fade depth by scintillation exceeded for so much of the time [dB]; P.618-13, section 2.4.1.

    Arguments broadcast together. Below 5 deg the method ends: elevations are taken as 5 deg there.

    Parameters
    ----------
    frequency_ghz : float array [GHz]
        4 to 55.
    elevation_deg : float array [deg]
    exceedance_pct : float array [%]
        0.01 to 50; smaller ones follow the same polynomial, larger ones are taken as 50.
    wet_refractivity : float array [N-units]
        Median over the year.
    diameter_m, efficiency : float array [m], [1]
        Of the antenna.
    """
    f = np.asarray(frequency_ghz, dtype=float)
    sine = np.sin(np.radians(np.maximum(elevation_deg, 5.0)))
    sigma = 3.6e-3 + 1e-4 * np.asarray(wet_refractivity, dtype=float)
    length_m = 2.0 * _LAYER_M / (np.sqrt(sine**2 + 2.35e-4) + sine)
    aperture = np.asarray(efficiency, dtype=float) * np.asarray(diameter_m, dtype=float) ** 2
    x = 1.22 * aperture * f / length_m
    averaged = 3.86 * (x**2 + 1.0) ** (11.0 / 12.0) * np.sin(11.0 / 6.0 * np.arctan2(1.0, x))
    gain = np.sqrt(np.maximum(averaged - 7.08 * x ** (5.0 / 6.0), 0.0))
    log = np.log10(np.minimum(np.asarray(exceedance_pct, dtype=float), 50.0))
    factor = -0.061 * log**3 + 0.072 * log**2 - 1.71 * log + 3.0
    return np.asarray(factor * sigma * f ** (7.0 / 12.0) * gain / sine**1.2)
