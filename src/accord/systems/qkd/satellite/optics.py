"""How much of a beam from a satellite falls into a telescope: divergence, diffraction, pointing.

An angle of a beam is stated with its convention, because mistaking one for another is a factor of up to eight in what
is received.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "CONVENTIONS",
    "Convention",
    "Pointing",
    "far_field_capture",
    "gaussian_capture",
    "half_angle_rad",
    "pointing",
    "top_hat_capture",
]

Convention = Literal["half_1e2", "full_1e2", "half_1e", "full_fwhm"]
CONVENTIONS: dict[Convention, float] = {
    "half_1e2": 1.0,
    "full_1e2": 0.5,
    "half_1e": math.sqrt(2.0),
    "full_fwhm": 1.0 / math.sqrt(2.0 * math.log(2.0)),
}
_WIDEST_RAD = 0.1
_NODES = 400


def half_angle_rad(angle_rad: float, convention: Convention) -> float:
    """Return the half angle at which a Gaussian beam's intensity is 1/e^2 of that on its axis.

    Parameters
    ----------
    angle_rad : float
    convention : {"half_1e2", "full_1e2", "half_1e", "full_fwhm"}
        Half or full angle to 1/e^2, half angle to 1/e, full width at half maximum; all of intensity.

    Raises
    ------
    accord.errors.ModelError
        For an unknown convention, or an angle that no such beam has.
    """
    if convention not in CONVENTIONS:
        raise ModelError(f"convention {convention!r}: expected one of {', '.join(CONVENTIONS)}")
    if not 0.0 < angle_rad <= _WIDEST_RAD:
        raise ModelError(
            f"a divergence of {angle_rad:g} rad: expected above 0 and at most {_WIDEST_RAD:g}; was urad meant?"
        )
    return angle_rad * CONVENTIONS[convention]


def gaussian_capture(beam_radius_m: FloatArray, aperture_radius_m: float) -> FloatArray:
    """Return the share of a Gaussian beam of 1/e^2 radius w within a circle on its axis: 1 - exp(-2 a^2/w^2)."""
    return np.asarray(-np.expm1(-2.0 * (aperture_radius_m / np.asarray(beam_radius_m)) ** 2))


def top_hat_capture(beam_diameter_m: FloatArray, aperture_diameter_m: float) -> FloatArray:
    """Return the ratio of the areas of telescope and beam, at most 1: what "22 dB at 1200 km" of Liao (2017) means."""
    return np.asarray(np.minimum((aperture_diameter_m / np.asarray(beam_diameter_m)) ** 2, 1.0))


def far_field_capture(
    range_m: FloatArray,
    *,
    wavelength_nm: float,
    transmit_radius_m: float,
    waist_m: float,
    receive_radius_m: float,
    obscuration: float = 0.0,
) -> FloatArray:
    """Return the share of the light leaving a telescope that another receives, diffraction of the aperture included.

    A Gaussian beam of 1/e^2 radius `waist_m` cut by a circular aperture, Fraunhofer approximation: the encircled power
    of ``(k/L)^2 |int E(r) J0(k r rho/L) r dr|^2``, Klein & Degnan (1974), Appl. Opt. 13:2134.

    Parameters
    ----------
    range_m : float array, any shape
    obscuration : float
        Diameter of a central shield over that of the aperture.

    Raises
    ------
    accord.errors.ModelError
        For lengths that are not above zero.
    """
    from scipy.special import j0

    lengths = (wavelength_nm, transmit_radius_m, waist_m, receive_radius_m)
    if not all(math.isfinite(v) and v > 0.0 for v in lengths) or not 0.0 <= obscuration < 1.0:
        raise ModelError(
            "apertures, waist and wavelength: expected above 0; an obscuration from 0 to below 1"
        )
    wave = 2.0 * math.pi / (wavelength_nm * 1e-9)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    r = transmit_radius_m * (obscuration + (1.0 - obscuration) * 0.5 * (nodes + 1.0))
    dr = weights * 0.5 * transmit_radius_m * (1.0 - obscuration)
    field = np.exp(-((r / waist_m) ** 2)) * r * dr
    sent = float((np.exp(-2.0 * (r / waist_m) ** 2) * r * dr).sum())
    ranges = np.asarray(range_m, float)
    # the widest angle of all ranges is integrated once; each range cuts it elsewhere
    angles = receive_radius_m / ranges.ravel()
    grid = np.linspace(0.0, float(angles.max()), _NODES)
    amplitude = j0(wave * grid[:, None] * r) @ field
    power = wave**2 * amplitude**2 * grid
    step = grid[1] - grid[0]
    inside = np.concatenate([[0.0], np.cumsum(0.5 * (power[1:] + power[:-1]) * step)])
    shape = np.interp(angles, grid, inside) / sent
    return np.asarray(np.minimum(shape, 1.0).reshape(ranges.shape))


@dataclass(frozen=True, slots=True)
class Pointing:
    """Distribution of what a trembling beam leaves in the telescope.

    Attributes
    ----------
    on_axis : float array
        Share captured without any error.
    exponent : float array
        Gamma squared: the density of the captured share h is ``gamma^2 / A0^(gamma^2) h^(gamma^2 - 1)`` up to A0.
    mean_factor : float array
        Mean of h over its largest value, a static bias included.
    """

    on_axis: FloatArray
    exponent: FloatArray
    mean_factor: FloatArray

    def quantile_factor(self, uniform: FloatArray) -> FloatArray:
        """Return draws of h over its largest value, without bias, from uniforms."""
        return np.asarray(uniform ** (1.0 / self.exponent))


def pointing(
    beam_radius_m: FloatArray | float,
    aperture_radius_m: float,
    jitter_m: FloatArray | float,
    bias_m: FloatArray | float = 0.0,
) -> Pointing:
    """Return the effect of Gaussian pointing errors.

    Farid & Hranilovic (2007), J. Lightwave Technol. 25:1702, equations 9 to 11; the mean with a bias is that of a
    Gaussian of the equivalent width over a Rician distance.

    Parameters
    ----------
    beam_radius_m, jitter_m, bias_m : float array
        At the receiver: 1/e^2 radius, standard deviation along one axis, distance of the mean from the centre.
    """
    beam, jitter = np.asarray(beam_radius_m, float), np.asarray(jitter_m, float)
    if not (np.all(beam > 0.0) and np.all(jitter >= 0.0) and np.all(np.asarray(bias_m) >= 0.0)):
        raise ModelError("pointing: expected a beam radius above 0, jitter and bias of at least 0")
    from scipy.special import erf

    v = math.sqrt(0.5 * math.pi) * aperture_radius_m / beam
    area = erf(v)
    wide2 = beam**2 * math.sqrt(math.pi) * area / (2.0 * v * np.exp(-(v**2)))
    exponent = wide2 / (4.0 * np.maximum(jitter, 1e-12) ** 2)
    softer = 1.0 / (1.0 + 1.0 / exponent)
    bias = np.exp(-2.0 * np.asarray(bias_m) ** 2 / wide2 * softer)
    return Pointing(np.asarray(area**2), np.asarray(exponent), np.asarray(softer * bias))
