"""A link budget: spreading, gain off boresight, noise, interference."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = [
    "BOLTZMANN_DBW_PER_K_HZ",
    "combined_ratio_db",
    "free_space_loss_db",
    "noise_rise_db",
    "scan_loss_db",
    "spreading_db",
]

BOLTZMANN_DBW_PER_K_HZ = 10.0 * math.log10(1.380649e-23)  # BIPM SI Brochure, 9th edition (2019)
_LIGHT_KM_PER_S = 299792.458


def free_space_loss_db(range_km: ArrayLike, frequency_ghz: ArrayLike) -> FloatArray:
    """Return the basic transmission loss in free space [dB]; ITU-R P.525-4, equation 4. Arguments broadcast."""
    turns = 4e9 * math.pi * np.asarray(range_km, dtype=float) * np.asarray(frequency_ghz, dtype=float)
    return np.asarray(20.0 * np.log10(turns / _LIGHT_KM_PER_S))


def spreading_db(range_km: ArrayLike) -> FloatArray:
    """Return ``10 log10(4 pi d^2)`` with d in metres [dB m2]: from radiated power to flux density."""
    return np.asarray(10.0 * np.log10(4e6 * math.pi * np.asarray(range_km, dtype=float) ** 2))


def scan_loss_db(angle_deg: ArrayLike, exponent: ArrayLike) -> FloatArray:
    """Return what a flat array loses when it looks off its boresight [dB]: the gain falls as ``cos^n``.

    Mailloux (2017), Phased Array Antenna Handbook, 3rd ed., section 1.3; n is 1 for the projected area and 1.2 to 1.5
    for arrays as built. At 89 deg and beyond the loss stays.

    Parameters
    ----------
    angle_deg : float array [deg]
    exponent : float array [1]
        n; 0 for an antenna that turns with the satellite.
    """
    cosine = np.cos(np.radians(np.minimum(np.abs(np.asarray(angle_deg, dtype=float)), 89.0)))
    return np.asarray(-10.0 * np.asarray(exponent, dtype=float) * np.log10(cosine))


def noise_rise_db(
    attenuation_db: ArrayLike, clear_db: ArrayLike, system_k: ArrayLike, radiating_k: float = 275.0
) -> FloatArray:
    """Return how much a lossy sky raises the noise of a receiver over its clear-sky noise [dB]; P.618-13, section 3.

    Parameters
    ----------
    attenuation_db, clear_db : float array [dB]
        Attenuation without scintillation now, and in the clear sky for which the system noise is stated.
    system_k : float array [K]
        Noise temperature in clear sky.
    """
    passed, clear = (10.0 ** (-0.1 * np.asarray(a, dtype=float)) for a in (attenuation_db, clear_db))
    added = (radiating_k - 2.7) * np.maximum(clear - passed, 0.0)
    return np.asarray(10.0 * np.log10(1.0 + added / np.asarray(system_k, dtype=float)))


def combined_ratio_db(*ratios_db: ArrayLike) -> FloatArray:
    """Return the ratio of a carrier to several disturbances together [dB]: powers of noise and interference add.

    Maral & Bousquet (2020), Satellite Communications Systems, 6th ed., section 5.9. Arguments broadcast.
    """
    total = sum(10.0 ** (-0.1 * np.asarray(ratio, dtype=float)) for ratio in ratios_db)
    return np.asarray(-10.0 * np.log10(total))
