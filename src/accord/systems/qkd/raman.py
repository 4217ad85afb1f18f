"""Light of other channels in the same fibre that Raman scattering puts into the quantum channel.

Spontaneous scattering is in proportion to the power at each place, to the length and to the width of the filter. With
the same loss ``a`` for both kinds of light and power ``P`` launched, what leaves the fibre in a filter is

    with the quantum signal:     ``P b w L exp(-a L)``
    against it:                  ``P b w (1 - exp(-2 a L))/(2 a)``

with the coefficient ``b`` in power a kilometre and nanometre (Eraerds, Walenta, Legré, Gisin & Zbinden 2010, New J.
Phys. 12:063027; Kumar, Qin & Alléaume 2015, New J. Phys. 17:043027, equation 6).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from accord.contract import DesignModel, Quantity
from accord.physics.constants import LIGHT_KM_PER_S, PLANCK_J_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Classical", "noise_in_gate", "photons_in_mode", "raman_km", "raman_photons_hz"]

_LIGHT_M_S = 1e3 * LIGHT_KM_PER_S


class Classical(DesignModel):
    """Channels of data in the fibre of a quantum channel."""

    along: int = Field(0, ge=0, le=400, description="channels in the direction of the quantum signal")
    against: int = Field(0, ge=0, le=400, description="channels in the other direction")
    launch_power_mw: Annotated[float, Quantity("mW", low=1e-9, high=1e3)] = Field(
        alias="launch_power", description="of each channel into each span"
    )
    filter_nm: Annotated[float, Quantity("nm", low=1e-4, high=50)] = Field(
        0.1, alias="filter", description="width of the filter before the detectors"
    )
    gate_ns: Annotated[float, Quantity("ns", low=1e-3, high=1e3)] = Field(
        0.5, alias="gate", description="time after each pulse in which detections count"
    )
    wavelength_nm: Annotated[float, Quantity("nm", low=1200, high=1700)] = Field(
        1550.0, alias="wavelength", description="of the quantum channel"
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.along + self.against == 0:
            raise ValueError("classical: neither channels along nor against are stated")
        return self


def raman_km(
    length_km: FloatArray | float, attenuation_db_per_km: FloatArray | float, *, against: bool
) -> FloatArray:
    """Return the length of fibre whose scattering is seen at the far end, loss included.

    Parameters
    ----------
    length_km, attenuation_db_per_km : float or float array, shape (...)
    against : bool
        Whether the other light goes against the quantum signal.

    Returns
    -------
    float array, shape (...)
        ``L exp(-a L)`` or ``(1 - exp(-2 a L))/(2 a)`` [km].
    """
    loss = np.asarray(attenuation_db_per_km, float) * (0.1 * math.log(10.0))
    length = np.asarray(length_km, float)
    if against:
        return np.asarray(-np.expm1(-2.0 * loss * length) / (2.0 * loss))
    return np.asarray(length * np.exp(-loss * length))


def raman_photons_hz(
    classical: Classical,
    length_km: FloatArray | float,
    attenuation_db_per_km: FloatArray | float,
    coefficient_per_km_nm: FloatArray | float,
) -> tuple[FloatArray, FloatArray]:
    """Return the photons a second of both polarisations that leave a fibre within the filter.

    Parameters
    ----------
    coefficient_per_km_nm : float or float array, shape (...)
        Share of the power that a kilometre scatters into a nanometre at the quantum wavelength.

    Returns
    -------
    along, against : float array, shape (...)
        Of the channels in either direction.
    """
    joule = PLANCK_J_S * _LIGHT_M_S / (classical.wavelength_nm * 1e-9)
    each = 1e-3 * classical.launch_power_mw * np.asarray(coefficient_per_km_nm) * classical.filter_nm / joule
    along, against = (raman_km(length_km, attenuation_db_per_km, against=way) for way in (False, True))
    return np.asarray(classical.along * each * along), np.asarray(classical.against * each * against)


def noise_in_gate(
    dark_probability: FloatArray, photons_hz: FloatArray, gate_ns: float, efficiency: FloatArray
) -> FloatArray:
    """Return the probability that one of two detectors counts noise in a gate, dark counts included.

    The light is not polarised: each detector of a basis gets half. Counts of both kinds are independent, and a gate
    with both is as good as a coin: ``1 - 2 d`` is the product of the two.
    """
    mean = 0.5 * photons_hz * gate_ns * 1e-9 * efficiency
    return np.asarray(dark_probability * np.exp(-2.0 * mean) - 0.5 * np.expm1(-2.0 * mean))


def photons_in_mode(
    launch_mw: float,
    length_km: float,
    attenuation_db_per_km: float,
    coefficient_per_km_nm: float,
    wavelength_nm: float,
    *,
    against: bool,
) -> float:
    """Return the mean photons in one mode of time, frequency and polarisation at the end of a fibre.

    Kumar, Qin & Alléaume (2015), equation 6: half of the power in the width of a mode, over the energy of a photon.
    """
    seen = float(raman_km(length_km, attenuation_db_per_km, against=against))
    wave_m = wavelength_nm * 1e-9
    watt_per_m = 1e-3 * launch_mw * coefficient_per_km_nm * 1e9 * seen
    per_hz = watt_per_m * wave_m**2 / _LIGHT_M_S
    return 0.5 * per_hz * wave_m / (PLANCK_J_S * _LIGHT_M_S)
