"""Rain: how hard it rains, how much a kilometre of it attenuates, and what a slant path loses to it.

Recommendations ITU-R P.837-7 (06/2017), P.838-3 (03/2005), P.839-4 (09/2013), P.618-13 (12/2017). The method for
rain of P.618-14 (08/2023) is the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import ModelError
from accord.physics.troposphere.tables import columns

FloatArray = NDArray[np.float64]

__all__ = [
    "monthly_rain",
    "rain_attenuation_db",
    "rain_height_km",
    "rain_rate_mm_per_h",
    "specific_attenuation_db_per_km",
    "specific_coefficients",
]

_EFFECTIVE_RADIUS_KM = 8500.0
_LOW_LATITUDE_DEG = 36.0


def specific_coefficients(
    frequency_ghz: ArrayLike, elevation_deg: ArrayLike, tilt_deg: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return k and alpha of ``gamma = k R^alpha`` (dB/km, mm/h); P.838-3, equations 2 to 5.

    Parameters
    ----------
    frequency_ghz : float array [GHz]
        1 to 1000.
    elevation_deg, tilt_deg : float array [deg]
        Tilt of the polarisation from the horizontal; 45 for circular. All broadcast together.
    """
    log = np.log10(np.asarray(frequency_ghz, dtype=float))
    curves = {name: _curve(name, log) for name in ("k_h", "k_v", "alpha_h", "alpha_v")}
    k_h, k_v = 10.0 ** curves["k_h"], 10.0 ** curves["k_v"]
    turn = np.cos(np.radians(elevation_deg)) ** 2 * np.cos(2.0 * np.radians(tilt_deg))
    k = 0.5 * (k_h + k_v + (k_h - k_v) * turn)
    first, second = k_h * curves["alpha_h"], k_v * curves["alpha_v"]
    return np.asarray(k), np.asarray(0.5 * (first + second + (first - second) * turn) / k)


def _curve(name: str, log: FloatArray) -> FloatArray:
    terms = columns("p838-3", "quantity", name)
    bells = terms["a"] * np.exp(-(((log[..., None] - terms["b"]) / terms["c"]) ** 2))
    return np.asarray(bells.sum(axis=-1) + terms["slope"][0] * log + terms["intercept"][0])


def specific_attenuation_db_per_km(
    rate_mm_per_h: ArrayLike, frequency_ghz: ArrayLike, elevation_deg: ArrayLike, tilt_deg: ArrayLike
) -> FloatArray:
    """Return the attenuation of a kilometre of rain [dB/km]; P.838-3, equation 1. Arguments broadcast."""
    k, alpha = specific_coefficients(frequency_ghz, elevation_deg, tilt_deg)
    return np.asarray(k * np.asarray(rate_mm_per_h, dtype=float) ** alpha)


def rain_height_km(isotherm_km: ArrayLike) -> FloatArray:
    """Return the mean annual rain height above sea level from that of the 0 deg C isotherm [km]; P.839-4."""
    return np.asarray(np.asarray(isotherm_km, dtype=float) + 0.36)


def rain_attenuation_db(
    frequency_ghz: ArrayLike,
    elevation_deg: ArrayLike,
    exceedance_pct: ArrayLike,
    rate_mm_per_h: ArrayLike,
    rain_height_km: ArrayLike,
    station_height_km: ArrayLike,
    latitude_deg: ArrayLike,
    tilt_deg: ArrayLike = 45.0,
) -> FloatArray:
    """Return rain attenuation exceeded for so much of an average year [dB]; P.618, section 2.2.1.1.

    All arguments broadcast together. Above 5 % of the year, where the method ends, and where the station stands
    above the rain, the attenuation is 0.

    Parameters
    ----------
    frequency_ghz : float array [GHz]
        1 to 55.
    elevation_deg : float array [deg]
    exceedance_pct : float array [%]
        0.001 to 5 of an average year.
    rate_mm_per_h : float array [mm/h]
        Rain rate exceeded for 0.01 % of the year.
    rain_height_km, station_height_km : float array [km]
        Above mean sea level.
    latitude_deg, tilt_deg : float array [deg]

    Raises
    ------
    ModelError
        For frequencies, elevations and exceedances outside the method.
    """
    f, el, p, rate, top, station, latitude = (
        np.asarray(x, dtype=float)
        for x in (
            frequency_ghz,
            elevation_deg,
            exceedance_pct,
            rate_mm_per_h,
            rain_height_km,
            station_height_km,
            latitude_deg,
        )
    )
    _within(f, el, p)
    depth = np.maximum(top - station, 0.0)
    gamma = specific_attenuation_db_per_km(rate, f, el, tilt_deg)
    reference = _reference_db(f, el, depth, gamma, latitude)
    return _at_exceedance(reference, el, p, np.abs(latitude))


def _within(f: FloatArray, el: FloatArray, p: FloatArray) -> None:
    for name, values, low, high in (
        ("frequency in GHz", f, 1.0, 55.0),
        ("elevation in deg", el, 0.1, 90.0),
        ("exceedance in %", p, 0.001, 100.0),
    ):
        bad = values[~((values >= low) & (values <= high))]
        if bad.size:
            raise ModelError(f"attenuation: {name} is {bad.flat[0]:g}, expected {low:g} to {high:g}")


def _reference_db(f: Any, el: Any, depth: Any, gamma: Any, latitude: Any) -> FloatArray:
    """Return the attenuation exceeded for 0.01 % of the year: steps 2 to 9."""
    sine, cosine = np.sin(np.radians(el)), np.cos(np.radians(el))
    low = 2.0 * depth / (np.sqrt(sine**2 + 2.0 * depth / _EFFECTIVE_RADIUS_KM) + sine)
    slant = np.where(el >= 5.0, depth / sine, low)
    ground = slant * cosine
    horizontal = 1.0 / (1.0 + 0.78 * np.sqrt(ground * gamma / f) - 0.38 * (1.0 - np.exp(-2.0 * ground)))
    steep = np.degrees(np.arctan2(depth, ground * horizontal)) > el
    flat = np.where(cosine > 1e-9, ground * horizontal / np.maximum(cosine, 1e-9), slant)
    path = np.where(steep, flat, depth / sine)
    chi = np.maximum(_LOW_LATITUDE_DEG - np.abs(latitude), 0.0)
    pull = 31.0 * (1.0 - np.exp(-el / (1.0 + chi))) * np.sqrt(path * gamma) / f**2
    vertical = 1.0 / (1.0 + np.sqrt(sine) * (pull - 0.45))
    return np.asarray(gamma * path * vertical)


def _at_exceedance(reference: Any, el: Any, p: Any, latitude: Any) -> FloatArray:
    """Return the attenuation at other exceedances: step 10."""
    sine = np.sin(np.radians(el))
    tilt = -0.005 * (latitude - _LOW_LATITUDE_DEG)
    beta = np.where(el >= 25.0, tilt, tilt + 1.8 - 4.25 * sine)
    beta = np.where((p >= 1.0) | (latitude >= _LOW_LATITUDE_DEG), 0.0, beta)
    wet = np.maximum(reference, 1e-12)
    power = 0.655 + 0.033 * np.log(p) - 0.045 * np.log(wet) - beta * (1.0 - p) * sine
    value = wet * (p / 0.01) ** -power
    return np.asarray(np.where((reference > 0.0) & (p <= 5.0), value, 0.0))


def monthly_rain(
    temperature_c: ArrayLike, rainfall_mm: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return days, rate of rain [mm/h] and share of time with rain [%] of each month; P.837-7, annex 1, steps 2 to 6.

    Parameters
    ----------
    temperature_c, rainfall_mm : float array, shape (..., 12) [deg C], [mm]
        Monthly means near the ground, January first.
    """
    days = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    warm = np.asarray(temperature_c, dtype=float)
    total = np.asarray(rainfall_mm, dtype=float)
    if warm.shape[-1:] != (12,) or total.shape[-1:] != (12,):
        raise ModelError("monthly climate: expected twelve temperatures and twelve amounts of rain")
    if (total < 0.0).any():
        raise ModelError(f"monthly climate: {total.min():g} mm of rain, expected 0 or more")
    rate = 0.5874 * np.exp(0.0883 * np.maximum(warm, 0.0))
    share = 100.0 * total / (24.0 * days * rate)
    rate = np.where(share > 70.0, 100.0 / 70.0 * total / (24.0 * days), rate)
    return days, rate, np.minimum(share, 70.0)


def rain_rate_mm_per_h(exceedance_pct: float, temperature_c: ArrayLike, rainfall_mm: ArrayLike) -> FloatArray:
    """Return the rain rate exceeded for so much of an average year from monthly means [mm/h]; P.837-7, annex 1.

    Parameters
    ----------
    exceedance_pct : float [%]
    temperature_c, rainfall_mm : float array, shape (..., 12)
        As for `monthly_rain`.

    Returns
    -------
    float array, shape (...)
        0 where it rains for less than that share of the year.
    """
    from scipy.special import ndtr

    days, rate, share = monthly_rain(temperature_c, rainfall_mm)
    weight = days / 365.25

    def exceeded(guess: FloatArray) -> FloatArray:
        z = (np.log(guess)[..., None] + 0.7938 - np.log(rate)) / 1.26
        return np.asarray(np.sum(weight * share * ndtr(-z), axis=-1))

    shape = np.broadcast_shapes(rate.shape, share.shape)[:-1]
    low, high = np.full(shape, 1e-10), np.full(shape, 1000.0)
    for _ in range(80):  # bisection in the logarithm: to the last digits
        middle = np.sqrt(low * high)
        above = exceeded(middle) > exceedance_pct
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    ever = np.sum(weight * share, axis=-1) > exceedance_pct
    return np.asarray(np.where(ever, np.sqrt(low * high), 0.0))
