"""A made weather year from a climate: daily clearness with memory, hours between the days, beam and diffuse, warmth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.plant.weather.sky import HOURS, Sky, clear_sky, extraterrestrial

FloatArray = NDArray[np.float64]

__all__ = ["HOURLY", "made_year"]

HOURLY = {"lag": 0.95, "sd": 0.19, "most": 1.06}  # of the hourly clear-sky index, where a climate has none
_YEAR = 2025  # any year of 365 days: the sun's path is the same within minutes
_DAYS = 365
_DULL = 0.05  # clearness below which no day falls
_UP_DEG = 89.0
_SWING_K = 11.0  # from a clear day's coldest to its warmest hour
_WARMEST_H = 15.0
_WARMING_K = 6.0  # of a day for a unit of clearness above the month's mean
_WASHING_MM = 6.0


def made_year(
    climate: Mapping[str, Any],
    latitude_deg: float,
    seed: int,
    longitude_deg: float = 0.0,
    altitude_m: float = 0.0,
) -> Sky:
    """Return a made year; hours are those of the mean sun at the place.

    A day's clearness has a beta distribution with the month's mean and spread, joined to the day before by a Gaussian
    copula; months share a factor between years. Within a day the clear-sky index is beta distributed around the day's
    mean, joined hour to hour in the same way, and brought to the day's sum (by scaling towards 0 or towards its most).
    Beam and diffuse after Driesse, Jensen & Perez (2024), Solar Energy 267:112093 (Erbs made smooth). The method
    follows Graham & Hollands (1990), Solar Energy 44:333; its details are our own.

    Parameters
    ----------
    climate : mapping
        An entry of ``data/climates.yaml``.
    latitude_deg, longitude_deg : float [deg]
        The longitude serves nothing but to write times in UTC.
    seed : int
        Of the year; the same seed always gives the same year.
    altitude_m : float [m]

    Raises
    ------
    ModelError
        When a month's clearness is more than a clear sky at the place gives, or its spread more than its mean allows.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    solar = pd.date_range(f"{_YEAR}-01-01 00:30", periods=HOURS, freq="h", tz="UTC")
    turbidity = climate.get("turbidity")
    clear = clear_sky(
        solar, latitude_deg, 0.0, altitude_m, None if turbidity is None else np.array(turbidity)
    )
    zenith = clear["zenith_deg"]
    outside = extraterrestrial(solar, zenith)
    hourly = {**HOURLY, **climate.get("hourly", {})}
    bare = np.where(zenith < _UP_DEG, clear["ghi"], 0.0)
    month = solar.month.to_numpy()[::24] - 1
    kt = _days(climate, rng, month, outside, bare, float(hourly["most"]))
    index = _hours(kt * outside.reshape(_DAYS, 24).sum(axis=1), bare.reshape(_DAYS, 24), hourly, rng)
    ghi = (index * bare.reshape(_DAYS, 24)).ravel()
    dni, dhi = _split(ghi, zenith, solar, clear["dni"])
    air = _warmth(climate, kt, month)
    return Sky(
        times=solar - pd.Timedelta(hours=longitude_deg / 15.0),
        ghi=ghi,
        dni=dni,
        dhi=dhi,
        air_degc=air,
        wind_m_s=np.repeat(np.array(climate["wind_m_per_s"], dtype=float)[month], 24),
        rain_mm=_rain(climate, kt, month),
    )


def _days(
    climate: Mapping[str, Any],
    rng: np.random.Generator,
    month: NDArray[np.int64],
    outside: FloatArray,
    bare: FloatArray,
    most: float,
) -> FloatArray:
    """Return the clearness of each day, shape (365,)."""
    from scipy import special

    rho, together = float(climate.get("interannual_correlation", 0.5)), climate.get("interannual_together")
    common, own = rng.standard_normal(), rng.standard_normal(12)
    shared = np.full(12, rho) if together is None else np.where(np.array(together, dtype=bool), rho, 0.0)
    sd = np.array(climate["interannual_sd"], dtype=float)
    factor = 1.0 + sd * (np.sqrt(shared) * common + np.sqrt(1.0 - shared) * own)
    whole = [np.bincount(month, x.reshape(_DAYS, 24).sum(axis=1), 12) for x in (most * bare, outside)]
    ceiling = np.minimum(whole[0] / np.maximum(whole[1], 1e-9), 1.0)
    mean, spread = _fitting(climate, factor, ceiling)
    width = ceiling - _DULL
    m = (mean - _DULL) / width
    strength = m * (1.0 - m) * width**2 / spread**2 - 1.0
    lag = np.maximum(np.array(climate["clearness_lag"], dtype=float), 0.0)[month]
    noise, z = rng.standard_normal(_DAYS), np.zeros(_DAYS)
    z[0] = noise[0]
    for day in range(1, _DAYS):
        z[day] = lag[day] * z[day - 1] + np.sqrt(1.0 - lag[day] ** 2) * noise[day]
    a, b = (m * strength)[month], ((1.0 - m) * strength)[month]
    drawn = _DULL + width[month] * special.betaincinv(a, b, special.ndtr(z))
    # a month's ceiling is its mean: at its ends a day may allow a little less
    limit = (
        most * bare.reshape(_DAYS, 24).sum(axis=1) / np.maximum(outside.reshape(_DAYS, 24).sum(axis=1), 1e-9)
    )
    return np.asarray(np.minimum(drawn, limit))


def _fitting(
    climate: Mapping[str, Any], factor: FloatArray, ceiling: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each month's clearness in the drawn year, as a beta can have them."""
    stated = np.array(climate["clearness_mean"], dtype=float)
    spread = np.maximum(np.array(climate["clearness_sd"], dtype=float), 1e-3)
    dark = ceiling <= _DULL  # the polar night has no clearness
    for k in range(12):
        if dark[k]:
            continue
        if stated[k] >= ceiling[k]:
            raise ModelError(
                f"climate: clearness {stated[k]:g} of month {k + 1} is more than a clear sky gives there "
                f"({ceiling[k]:.3f}): expected less, or another turbidity"
            )
        room = (stated[k] - _DULL) * (ceiling[k] - stated[k])
        if stated[k] <= _DULL or spread[k] ** 2 >= room:
            raise ModelError(
                f"climate: month {k + 1} cannot have mean clearness {stated[k]:g} with a standard deviation of "
                f"{spread[k]:g} between {_DULL:g} and {ceiling[k]:.3f}"
            )
    low, high = _DULL + 0.02, np.maximum(ceiling - 0.005, _DULL + 0.03)
    mean = np.clip(np.where(dark, _DULL + 0.02, stated) * factor, low, high)
    room = (mean - _DULL) * (np.maximum(ceiling, high + 0.005) - mean)
    return mean, np.minimum(spread, 0.9 * np.sqrt(np.maximum(room, 1e-8)))


def _hours(
    wanted: FloatArray, bare: FloatArray, hourly: Mapping[str, float], rng: np.random.Generator
) -> FloatArray:
    """Return the clear-sky index of every hour, shape (365, 24), so that each day has the wanted sum.

    Over the year the index has the stated standard deviation and correlation from hour to hour: what the days bring
    is taken off, the rest is spread within them as far as their means allow.
    """
    from scipy import special

    most, up = float(hourly["most"]), bare > 0.0
    clear = bare.sum(axis=1)
    day = np.clip(np.divide(wanted, most * clear, out=np.full(_DAYS, 0.5), where=clear > 0.0), 0.002, 0.998)
    lit = up.sum(axis=1)
    weight = lit / max(lit.sum(), 1)
    between = float(np.sum(weight * day**2) - np.sum(weight * day) ** 2) * most**2
    within = max(float(hourly["sd"]) ** 2 - between, 0.0)
    room = float(np.sum(weight * day * (1.0 - day))) * most**2
    share = float(np.clip(within / max(room, 1e-9), 1e-3, 0.6))
    total = max(float(hourly["sd"]) ** 2, 1e-9)
    lag = float(np.clip((float(hourly["lag"]) * total - between) / max(within, 1e-9), 0.0, 0.98))
    noise = rng.standard_normal((_DAYS, 24))
    z = noise.copy()
    for hour in range(1, 24):
        z[:, hour] = lag * z[:, hour - 1] + np.sqrt(1.0 - lag**2) * noise[:, hour]
    strength = 1.0 / share - 1.0
    index = np.zeros((_DAYS, 24))
    mean = np.broadcast_to(day[:, None], up.shape)[up]
    index[up] = most * special.betaincinv(mean * strength, (1.0 - mean) * strength, special.ndtr(z[up]))
    sums = (index * bare).sum(axis=1)
    over = sums > wanted
    down = np.divide(wanted, sums, out=np.ones(_DAYS), where=over & (sums > 0.0))
    left = most * clear - sums
    gap = np.divide(most * clear - wanted, left, out=np.ones(_DAYS), where=~over & (left > 0.0))
    scaled: FloatArray = np.where(
        over[:, None], index * down[:, None], most - (most - index) * np.clip(gap, 0.0, 1.0)[:, None]
    )
    return np.where(up, scaled, 0.0)


def _split(
    ghi: FloatArray, zenith: FloatArray, times: Any, clear_dni: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return beam normal and diffuse horizontal irradiance [W/m2] that add up to the global one."""
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    found = pvlib.irradiance.erbs_driesse(ghi, zenith, times.day_of_year.to_numpy())
    dni = np.nan_to_num(np.asarray(found["dni"], dtype=float))
    cosine = np.maximum(np.cos(np.radians(zenith)), 0.0)
    dni = np.minimum(np.maximum(dni, 0.0), np.maximum(1.1 * clear_dni, 0.0))
    return dni, np.maximum(ghi - dni * cosine, 0.0)


def _warmth(climate: Mapping[str, Any], kt: FloatArray, month: NDArray[np.int64]) -> FloatArray:
    """Return air temperature [degC]: months joined by straight lines, clear days warmer and with a wider swing."""
    monthly = np.array(climate["temperature_degc"], dtype=float)
    middles = np.array([np.flatnonzero(month == k).mean() for k in range(12)])
    days = np.arange(_DAYS)
    smooth = np.interp(days, middles, monthly, period=float(_DAYS))
    smooth += (monthly - np.bincount(month, smooth, 12) / np.bincount(month))[month]  # a month keeps its mean
    typical = np.array(climate["clearness_mean"], dtype=float)[month]
    apart = kt - np.array([kt[month == k].mean() for k in range(12)])[month]
    swing = float(climate.get("temperature_swing_k", _SWING_K)) * np.clip(
        kt / np.maximum(typical, 0.1), 0.3, 1.3
    )
    hour = np.arange(24) + 0.5
    course = np.cos((hour - _WARMEST_H) * np.pi / 12.0)
    table = (smooth + _WARMING_K * apart)[:, None] + 0.5 * swing[:, None] * course[None, :]
    return np.asarray(table.ravel())


def _rain(climate: Mapping[str, Any], kt: FloatArray, month: NDArray[np.int64]) -> FloatArray:
    """Return rain [mm] in one hour of the days that wash: the dullest of each month, as many as the climate has."""
    rain = np.zeros((_DAYS, 24))
    stated = climate.get("rain_days")
    for k in range(12):
        days = np.flatnonzero(month == k)
        count = round(float(stated[k])) if stated is not None else int(np.sum(kt[days] < 0.4))
        rain[days[np.argsort(kt[days], kind="stable")[:count]], 12] = _WASHING_MM
    return rain.ravel()
