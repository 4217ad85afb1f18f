"""Light of the sky in a telescope: night, twilight, Moon and day, as counts of a detector.

Radiances are of the zenith near 800 nm: dark night and twilight after Patat (2003, 2006), moonlight after Krisciunas &
Schaefer (1991) with the Sun's colour; day is our own assumption. Towns are a factor that the member draws.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError
from accord.physics.constants import LIGHT_KM_PER_S, PLANCK_J_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["counts_per_s", "moon_nanolambert", "radiance", "radiance_of_magnitude"]

_ZERO_I = 1.126e-8  # W m-2 um-1 of magnitude 0 in I: Bessell, Castelli & Plez (1998), A&A 333:231
_SQUARE_ARCSEC_SR = (math.pi / 180.0 / 3600.0) ** 2
_DARK_MAG = 19.7  # Patat (2003), A&A 400:1183: I, dark time
_TWILIGHT = (10.93, 1.470, -0.062)  # Patat, Ugolnikov & Postylyakov (2006), A&A 455:385, table 1: I
_SUN_V_I = 0.81  # the Sun's colour as quoted there
_SUN_ALT_DEG, _DAY = (-5.0, 0.0, 10.0), (3.0, 10.0)  # W m-2 sr-1 um-1 at sunrise and by day: own assumption
_PLANCK_LIGHT = PLANCK_J_S * (1e3 * LIGHT_KM_PER_S)


def radiance_of_magnitude(magnitude: FloatArray | float) -> FloatArray:
    """Return the radiance [W m-2 sr-1 um-1] of a surface brightness in I [mag per square arc second]."""
    return np.asarray(_ZERO_I * 10.0 ** (-0.4 * np.asarray(magnitude)) / _SQUARE_ARCSEC_SR)


def moon_nanolambert(
    phase_rad: FloatArray,
    moon_elevation_deg: FloatArray,
    separation_deg: FloatArray | float = 60.0,
    elevation_deg: FloatArray | float = 60.0,
    extinction_mag: float = 0.172,
) -> FloatArray:
    """Return the brightness of moonlight in V [nL].

    Krisciunas & Schaefer (1991), PASP 103:1033, equations 3, 15, 20 and 21.

    Parameters
    ----------
    phase_rad : float array
        0 at full Moon.
    separation_deg, elevation_deg : float array
        From the Moon to where one looks, and the height of that.
    extinction_mag : float
        A unit of air mass; the default is theirs.
    """
    phase = np.degrees(phase_rad)
    lunar = 10.0 ** (-0.4 * (3.84 + 0.026 * phase + 4e-9 * phase**4))
    scatter = 10.0**5.36 * (1.06 + np.cos(np.radians(separation_deg)) ** 2)
    scatter = scatter + 10.0 ** (6.15 - np.asarray(separation_deg) / 40.0)

    def path(elevation: FloatArray | float) -> FloatArray:
        return np.asarray((1.0 - 0.96 * np.cos(np.radians(elevation)) ** 2) ** -0.5)

    through = 10.0 ** (-0.4 * extinction_mag * path(np.maximum(moon_elevation_deg, 0.0)))
    found = scatter * lunar * through * (1.0 - 10.0 ** (-0.4 * extinction_mag * path(elevation_deg)))
    return np.asarray(np.where(np.asarray(moon_elevation_deg) > 0.0, found, 0.0))


def radiance(
    sun_elevation_deg: FloatArray, phase_rad: FloatArray, moon_elevation_deg: FloatArray
) -> FloatArray:
    """Return the radiance of the sky [W m-2 sr-1 um-1]: night and Moon, and the Sun's part down to 15 degrees below.

    Parameters
    ----------
    sun_elevation_deg, phase_rad, moon_elevation_deg : float array, shape (n,)
    """
    sun = np.asarray(sun_elevation_deg, float)
    a0, a1, a2 = _TWILIGHT
    past = np.clip(-sun - 5.0, 0.0, 10.0)
    scattered = np.log(radiance_of_magnitude(a0 + a1 * past + a2 * past**2))
    edge = float(np.log(radiance_of_magnitude(a0)))
    by_day = np.interp(sun, _SUN_ALT_DEG, [edge, *np.log(_DAY)])
    with_sun = np.where(sun > -5.0, np.exp(by_day), np.exp(scattered))
    with_sun = np.where(sun < -15.0, 0.0, with_sun)  # the fit holds to 15 degrees, where night is reached
    moon = moon_nanolambert(phase_rad, moon_elevation_deg)
    # V of a brightness in nL: Garstang (1989), PASP 101:306, equation 27
    magnitude = (20.7233 - np.log(np.maximum(moon, 1e-12) / 34.08)) / 0.92104 - _SUN_V_I
    moonlight = np.where(moon > 0.0, radiance_of_magnitude(magnitude), 0.0)
    return np.asarray(np.maximum(radiance_of_magnitude(_DARK_MAG), with_sun) + moonlight)


def counts_per_s(
    radiance_w: FloatArray | float,
    *,
    field_of_view_rad: float,
    aperture_m: float,
    bandwidth_nm: float,
    wavelength_nm: float,
) -> FloatArray:
    """Return photons a second of the sky that enter a telescope within its field of view and filter.

    Miao et al. (2005), New J. Phys. 7:215, equation 2; efficiencies are left to the caller.

    Parameters
    ----------
    radiance_w : float array [W m-2 sr-1 um-1]
    field_of_view_rad : float
        Full angle.
    aperture_m : float
        Diameter.

    Raises
    ------
    accord.errors.ModelError
        For a field of view, aperture or band that cannot be.
    """
    if not 0.0 < field_of_view_rad < 0.1:
        raise ModelError(f"field of view {field_of_view_rad:g} rad: expected the full angle, 0 to 0.1; urad?")
    if not (aperture_m > 0.0 and bandwidth_nm > 0.0 and 200.0 < wavelength_nm < 20_000.0):
        raise ModelError("aperture and bandwidth: expected above 0; wavelength: in nm")
    solid = 0.25 * math.pi * field_of_view_rad**2
    area = 0.25 * math.pi * aperture_m**2
    watt = np.asarray(radiance_w) * solid * area * bandwidth_nm * 1e-3
    return np.asarray(watt * wavelength_nm * 1e-9 / _PLANCK_LIGHT)
