"""Sun to solar field: a made weather year from a monthly climate, and the pvlib chain from irradiance to output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["HOURS", "Mount", "Sky", "made_year", "output"]

HOURS = 8760
_YEAR = 2025  # any year of 365 days: the sun's path is the same within minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """How the modules stand: fixed at a tilt, or on a single north-south axis with backtracking."""

    tracker: bool = True
    tilt_deg: float = 25.0
    azimuth_deg: float = 180.0
    ground_cover: float = 0.4
    limit_deg: float = 60.0
    dc_ac: float = 1.3
    losses: float = 0.14
    inverter: float = 0.96
    albedo: float = 0.2
    temperature_per_k: float = -0.0035


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Hourly weather; `times` is a pandas DatetimeIndex at mid-hours, irradiances [W/m2], air [degC], wind [m/s]."""

    times: Any
    ghi: FloatArray
    dni: FloatArray
    dhi: FloatArray
    air_degc: FloatArray
    wind_m_s: FloatArray


def made_year(climate: Mapping[str, Any], latitude_deg: float, seed: int) -> Sky:
    """Return a made year: daily clearness with the month's mean, spread and memory, hours after the mean profile.

    Daily clearness is a normal first-order autoregression around the monthly mean, cut to 0.05 to 0.8, with a factor
    a month between years. Hours follow Collares-Pereira & Rabl (1979), Solar Energy 22:155; the split into beam and
    diffuse Erbs, Klein & Duffie (1982), Solar Energy 28:293.

    Parameters
    ----------
    climate : mapping
        An entry of ``data/climates.yaml``.
    latitude_deg : float [deg]
    seed : int
        Of the year; the same seed always gives the same year.
    """
    import pandas as pd
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    irradiance, solarposition = pvlib.irradiance, pvlib.solarposition

    times = pd.date_range(f"{_YEAR}-01-01 00:30", periods=HOURS, freq="h", tz="UTC")
    position = solarposition.get_solarposition(times, latitude_deg, 0.0)
    zenith = position["zenith"].to_numpy()
    month = times.month.to_numpy()[::24] - 1
    rng = np.random.default_rng(seed)
    rho = climate["interannual_correlation"]
    common, own = rng.standard_normal(), rng.standard_normal(12)
    factor = 1.0 + np.array(climate["interannual_sd"]) * (np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own)
    lag = np.maximum(np.array(climate["clearness_lag"]), 0.0)[month]
    noise, z = rng.standard_normal(365), np.zeros(365)
    z[0] = noise[0]
    for day in range(1, 365):
        z[day] = lag[day] * z[day - 1] + np.sqrt(1.0 - lag[day] ** 2) * noise[day]
    mean, sd = np.array(climate["clearness_mean"])[month], np.array(climate["clearness_sd"])[month]
    clearness = np.clip(factor[month] * mean + sd * z, 0.05, 0.8)
    outside = np.asarray(irradiance.get_extra_radiation(times.day_of_year.to_numpy())) * np.maximum(
        np.cos(np.radians(zenith)), 0.0
    )
    ghi = _hours(clearness, outside, latitude_deg)
    split = irradiance.erbs(ghi, zenith, times.day_of_year.to_numpy())
    hour = np.arange(HOURS) % 24 + 0.5
    air = np.array(climate["temperature_degc"])[times.month.to_numpy() - 1] + 5.5 * np.cos(
        (hour - 15.0) * np.pi / 12.0
    )
    return Sky(
        times=times,
        ghi=ghi,
        dni=np.nan_to_num(np.asarray(split["dni"], dtype=float)),
        dhi=np.nan_to_num(np.asarray(split["dhi"], dtype=float)),
        air_degc=air,
        wind_m_s=np.array(climate["wind_m_per_s"])[times.month.to_numpy() - 1],
    )


def _hours(clearness: FloatArray, outside: FloatArray, latitude_deg: float) -> FloatArray:
    """Return hourly irradiance with each day's clearness; its profile is flatter than the sun's path outside."""
    day = np.arange(365)
    declination = np.radians(23.45) * np.sin(2.0 * np.pi * (284 + day + 1) / 365.0)
    sunset = np.arccos(np.clip(-np.tan(np.radians(latitude_deg)) * np.tan(declination), -1.0, 1.0))
    a = 0.409 + 0.5016 * np.sin(sunset - np.pi / 3.0)
    b = 0.6609 - 0.4767 * np.sin(sunset - np.pi / 3.0)
    angle = (np.arange(24) + 0.5 - 12.0) * np.pi / 12.0
    shape = np.maximum(a[:, None] + b[:, None] * np.cos(angle)[None, :], 0.0) * outside.reshape(365, 24)
    whole = outside.reshape(365, 24).sum(axis=1)
    share = np.divide(
        shape, shape.sum(axis=1, keepdims=True), out=np.zeros_like(shape), where=whole[:, None] > 0
    )
    found: FloatArray = (share * (clearness * whole)[:, None]).ravel()
    return np.minimum(found, outside * 0.85)


def output(
    sky: Sky, mount: Mount, latitude_deg: float, longitude_deg: float = 0.0, altitude_m: float = 0.0
) -> FloatArray:
    """Return AC output over DC capacity, hour by hour [1].

    Solar position at `sky.times`, transposition after Perez et al. (1990), incidence loss of beam and diffuse light
    (physical model; diffuse after Marion 2017), cell temperature after Faiman (2008), PVWatts power and inverter
    (Dobos 2014, NREL/TP-6A20-62641). All by pvlib.
    """
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    atmosphere, iam, irradiance = pvlib.atmosphere, pvlib.iam, pvlib.irradiance

    position = pvlib.solarposition.get_solarposition(
        sky.times, latitude_deg, longitude_deg, altitude=altitude_m
    )
    zenith, azimuth = position["apparent_zenith"].to_numpy(), position["azimuth"].to_numpy()
    tilt, facing = np.full(len(zenith), mount.tilt_deg), np.full(len(zenith), mount.azimuth_deg)
    if mount.tracker:
        turned = pvlib.tracking.singleaxis(
            zenith, azimuth, 0.0, 180.0, mount.limit_deg, True, mount.ground_cover
        )
        tilt = np.nan_to_num(np.asarray(turned["surface_tilt"], dtype=float))
        facing = np.nan_to_num(np.asarray(turned["surface_azimuth"], dtype=float), nan=180.0)
    plane = irradiance.get_total_irradiance(
        tilt, facing, zenith, azimuth, sky.dni, sky.ghi, sky.dhi,
        dni_extra=np.asarray(irradiance.get_extra_radiation(sky.times.day_of_year.to_numpy())),
        airmass=atmosphere.get_relative_airmass(zenith), albedo=mount.albedo, model="perez",
    )  # fmt: skip
    part = {k: np.nan_to_num(np.asarray(v, dtype=float)) for k, v in plane.items()}
    beam = np.nan_to_num(iam.physical(irradiance.aoi(tilt, facing, zenith, azimuth)))
    grid = np.arange(0.0, 91.0, 5.0)
    diffuse = [iam.marion_diffuse("physical", t) for t in grid]
    sky_loss = np.interp(tilt, grid, np.nan_to_num([float(d["sky"]) for d in diffuse]))
    ground_loss = np.interp(tilt, grid, np.nan_to_num([float(d["ground"]) for d in diffuse]))
    useful = (
        part["poa_direct"] * beam
        + part["poa_sky_diffuse"] * sky_loss
        + part["poa_ground_diffuse"] * ground_loss
    )
    cell = pvlib.temperature.faiman(part["poa_global"], sky.air_degc, sky.wind_m_s)
    dc = np.maximum(
        useful / 1000.0 * (1.0 + mount.temperature_per_k * (cell - 25.0)) * (1.0 - mount.losses), 0.0
    )
    rated = 1.0 / mount.dc_ac / mount.inverter
    ac = pvlib.inverter.pvwatts(dc, rated, eta_inv_nom=mount.inverter)
    found: FloatArray = np.maximum(np.nan_to_num(np.asarray(ac, dtype=float)), 0.0)
    return found
