"""Noise that data on other wavelengths of a fibre scatter into the quantum channel (spontaneous Raman scattering).

Chapuran et al. (2009), New J. Phys. 11:105001; Eraerds et al. (2010), New J. Phys. 12:063027. Every stretch of fibre
scatters a share of the light that passes it, evenly over wavelengths near by and alike in both directions, and what is
scattered is lost on its way as the data are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.physics.constants import PLANCK_LIGHT_J_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["gate_noise", "scattered_mw"]

_PHOTON_J = PLANCK_LIGHT_J_M / 1550e-9
_NEPER_PER_DB = np.log(10.0) / 10.0


def scattered_mw(
    launch_mw: float,
    attenuation_db_per_km: FloatArray,
    length_km: float,
    coefficient_per_km_nm: FloatArray,
    filter_nm: float,
    *,
    backward: bool,
) -> FloatArray:
    """Return the scattered power at the receiver's end of a fibre, one channel of data [mW].

    With data the way of the photons ``P L exp(-a L) r w``; against them ``P (1 - exp(-2 a L))/(2 a) r w``, launched at
    the receiver's end.

    Parameters
    ----------
    launch_mw : float
        Power of the channel where it enters the fibre.
    attenuation_db_per_km, coefficient_per_km_nm : float array, shape (...)
        Loss, taken alike at both wavelengths; share scattered a kilometre and nanometre.
    length_km, filter_nm : float
        Fibre, and width of what the receiver lets in.
    """
    loss = _NEPER_PER_DB * attenuation_db_per_km
    if backward:
        long = -np.expm1(-2.0 * loss * length_km) / (2.0 * loss)
    else:
        long = length_km * np.exp(-loss * length_km)
    return np.asarray(launch_mw * coefficient_per_km_nm * filter_nm * long)


def gate_noise(power_mw: FloatArray, efficiency: FloatArray, gate_ns: float) -> FloatArray:
    """Return the probability that scattered light clicks one of a basis's two detectors in a gate."""
    photons_hz = 1e-3 * power_mw / _PHOTON_J
    return np.asarray(-0.5 * np.expm1(-photons_hz * efficiency * gate_ns * 1e-9))
