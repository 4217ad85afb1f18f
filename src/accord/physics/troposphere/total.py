"""All losses together: P.618-13 (12/2017) and P.618-14 (08/2023), section 2.5, over places, elevations, exceedances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import ModelError
from accord.physics.troposphere.climate import Climate
from accord.physics.troposphere.clouds import cloud_attenuation_db
from accord.physics.troposphere.gases import dry_air_db_per_km, dry_air_height_km, vapour_zenith_db
from accord.physics.troposphere.rain import rain_attenuation_db, rain_height_km
from accord.physics.troposphere.scintillation import scintillation_db

FloatArray = NDArray[np.float64]

__all__ = ["EDITIONS", "Attenuation", "Station", "attenuation", "combined_db", "sky_noise_k"]

EDITIONS = {
    13: 1.0,
    14: 5.0,
}  # of P.618: rain already counts gas and cloud of rarer exceedances than this [%]
_COLD_SKY_K = 2.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The antenna on the ground: diameter [m], efficiency, tilt of the polarisation [deg] (45 for circular)."""

    diameter_m: float = 0.5
    efficiency: float = 0.6
    tilt_deg: float = 45.0


@dataclass(frozen=True, slots=True)
class Attenuation:
    """Losses [dB], shape (places, elevations, exceedances) each; `notes` say what was clamped."""

    rain_db: FloatArray
    gas_db: FloatArray
    cloud_db: FloatArray
    scintillation_db: FloatArray
    total_db: FloatArray
    notes: tuple[str, ...]


def combined_db(gas_db: ArrayLike, cloud_db: ArrayLike, rain_db: ArrayLike, fade_db: ArrayLike) -> FloatArray:
    """Return the total attenuation [dB] at one exceedance; P.618, section 2.5.

    ``A_G + sqrt((A_R + A_C)^2 + A_S^2)``; gas and cloud at the exceedance that the edition caps (`EDITIONS`).
    """
    wet = np.asarray(rain_db, dtype=float) + np.asarray(cloud_db, dtype=float)
    return np.asarray(np.asarray(gas_db, dtype=float) + np.hypot(wet, fade_db))


def sky_noise_k(attenuation_db: ArrayLike, radiating_k: ArrayLike = 275.0) -> FloatArray:
    """Return the noise temperature of the sky at a ground antenna [K]; P.618, section 3.

    Parameters
    ----------
    attenuation_db : float array [dB]
        Total attenuation without scintillation.
    radiating_k : float array [K]
        Mean radiating temperature of the atmosphere.
    """
    passed = 10.0 ** (-0.1 * np.asarray(attenuation_db, dtype=float))
    return np.asarray(np.asarray(radiating_k) * (1.0 - passed) + _COLD_SKY_K * passed)


def attenuation(
    climate: Climate,
    frequency_ghz: float,
    elevation_deg: FloatArray,
    exceedance_pct: FloatArray,
    station: Station | None = None,
    edition: int = 13,
) -> Attenuation:
    """Return every loss over places x elevations x exceedances of an average year.

    Parameters
    ----------
    climate : Climate
        Of the places.
    frequency_ghz : float [GHz]
        4 to 55.
    elevation_deg : float array, shape (elevations,) [deg]
        Below 5 deg the loss at 5 deg is taken, with a note.
    exceedance_pct : float array, shape (exceedances,) [%]
        Clamped to 0.001 to 50 %, with a note.
    station : Station, optional
    edition : {13, 14}
        Of P.618: they differ in the exceedance below which gas and cloud are part of the rain term.

    Raises
    ------
    ModelError
        For a frequency or an edition that the method does not know.
    """
    if edition not in EDITIONS:
        raise ModelError(f"P.618-{edition} is not known, expected edition {' or '.join(map(str, EDITIONS))}")
    if not 4.0 <= frequency_ghz <= 55.0:
        raise ModelError(f"{frequency_ghz:g} GHz: P.618 holds from 4 to 55 GHz")
    station = station or Station()
    el, p, notes = _clamped(elevation_deg, exceedance_pct)
    capped = np.maximum(p, EDITIONS[edition])
    rows = slice(None), None, None
    sine = np.sin(np.radians(el))[None, :, None]
    rain = rain_attenuation_db(
        frequency_ghz,
        el[None, :, None],
        p[None, None, :],
        climate.rate_mm_per_h[rows],
        rain_height_km(climate.isotherm_km)[rows],
        climate.height_km[rows],
        climate.latitude_deg[rows],
        station.tilt_deg,
    )
    gas = _zenith_gas_db(climate, frequency_ghz, capped)[:, None, :] / sine
    liquid = climate.at("liquid_kg_m2", capped)
    cloud = cloud_attenuation_db(frequency_ghz, 90.0, liquid)[:, None, :] / sine
    fade = scintillation_db(
        frequency_ghz,
        el[None, :, None],
        p[None, None, :],
        climate.wet_refractivity[rows],
        station.diameter_m,
        station.efficiency,
    )
    fade = np.broadcast_to(fade, rain.shape)
    gas, cloud = np.broadcast_to(gas, rain.shape), np.broadcast_to(cloud, rain.shape)
    return Attenuation(rain, gas, cloud, fade, combined_db(gas, cloud, rain, fade), notes)


def _zenith_gas_db(climate: Climate, frequency_ghz: float, capped_pct: FloatArray) -> FloatArray:
    """Return the attenuation by gases towards the zenith, shape (places, exceedances).

    The lines are summed at the stated exceedances only; between them the loss, nearly linear in the contents,
    follows the contents.
    """
    pressure, warm = climate.pressure_hpa[:, None], climate.temperature_k[:, None]
    air = (frequency_ghz, pressure, climate.density_g_m3, warm)
    dry = dry_air_db_per_km(*air) * dry_air_height_km(*air)
    wet = vapour_zenith_db(frequency_ghz, climate.content_kg_m2, climate.height_km[:, None])
    stated = Climate(**{**_members(climate), "content_kg_m2": dry + wet})
    return stated.at("content_kg_m2", capped_pct)


def _members(climate: Climate) -> dict[str, FloatArray]:
    from dataclasses import fields

    return {field.name: getattr(climate, field.name) for field in fields(climate)}


def _clamped(
    elevation_deg: FloatArray, exceedance_pct: FloatArray
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    el = np.atleast_1d(np.asarray(elevation_deg, dtype=float))
    p = np.atleast_1d(np.asarray(exceedance_pct, dtype=float))
    if not (np.isfinite(el).all() and (el > 0.0).all() and (el <= 90.0).all()):
        raise ModelError("attenuation: expected elevations above 0 and up to 90 deg")
    if not (np.isfinite(p).all() and (p > 0.0).all() and (p <= 100.0).all()):
        raise ModelError("attenuation: expected exceedances above 0 and up to 100 %")
    notes = []
    if (el < 5.0).any():
        notes.append(f"elevations down to {el.min():g} deg: P.618 ends at 5 deg, whose loss is taken")
    if (p < 0.001).any() or (p > 50.0).any():
        notes.append("exceedances outside 0.001 to 50 % of the year are taken as the nearest of them")
    return np.maximum(el, 5.0), np.clip(p, 0.001, 50.0), tuple(notes)
