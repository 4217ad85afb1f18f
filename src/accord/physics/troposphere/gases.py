"""Oxygen and water vapour: lines of P.676-12 (08/2019), annex 1, and the slant path of annex 2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.physics.troposphere.tables import columns

FloatArray = NDArray[np.float64]

__all__ = [
    "dry_air_db_per_km",
    "dry_air_height_km",
    "gas_attenuation_db",
    "vapour_zenith_db",
    "water_vapour_db_per_km",
]


def _spread(*values: ArrayLike) -> list[FloatArray]:
    """Broadcast arguments together and add an axis for the lines."""
    return [np.asarray(v)[..., None] for v in np.broadcast_arrays(*(np.asarray(v, float) for v in values))]


def dry_air_db_per_km(
    frequency_ghz: ArrayLike, pressure_hpa: ArrayLike, density_g_m3: ArrayLike, temperature_k: ArrayLike
) -> FloatArray:
    """Return the attenuation of oxygen and of the dry continuum [dB/km]; P.676-12, equations 1 to 9.

    Parameters
    ----------
    frequency_ghz, pressure_hpa, density_g_m3, temperature_k : float array
        Broadcast together; pressure of dry air, density of water vapour.
    """
    f, p, rho, warm = _spread(frequency_ghz, pressure_hpa, density_g_m3, temperature_k)
    line = columns("p676-12_oxygen")
    theta = 300.0 / warm
    e = rho * warm / 216.7
    width = line["a3"] * 1e-4 * (p * theta ** (0.8 - line["a4"]) + 1.1 * e * theta)
    width = np.sqrt(width**2 + 2.25e-6)
    delta = (line["a5"] + line["a6"] * theta) * 1e-4 * (p + e) * theta**0.8
    strength = line["a1"] * 1e-7 * p * theta**3 * np.exp(line["a2"] * (1.0 - theta))
    shape = _shape(f, line["frequency_ghz"], width, delta)
    debye = 5.6e-4 * (p + e) * theta**0.8
    nitrogen = 1.4e-12 * p * theta**1.5 / (1.0 + 1.9e-5 * f**1.5)
    continuum = f * p * theta**2 * (6.14e-5 / (debye * (1.0 + (f / debye) ** 2)) + nitrogen)
    return np.asarray(0.182 * f[..., 0] * (np.sum(strength * shape, axis=-1) + continuum[..., 0]))


def water_vapour_db_per_km(
    frequency_ghz: ArrayLike, pressure_hpa: ArrayLike, density_g_m3: ArrayLike, temperature_k: ArrayLike
) -> FloatArray:
    """Return the attenuation of water vapour [dB/km]; P.676-12, equations 1 to 7. As `dry_air_db_per_km`."""
    f, p, rho, warm = _spread(frequency_ghz, pressure_hpa, density_g_m3, temperature_k)
    line = columns("p676-12_water")
    theta = 300.0 / warm
    e = rho * warm / 216.7
    centre = line["frequency_ghz"]
    width = line["b3"] * 1e-4 * (p * theta ** line["b4"] + line["b5"] * e * theta ** line["b6"])
    width = 0.535 * width + np.sqrt(0.217 * width**2 + 2.1316e-12 * centre**2 / theta)
    strength = line["b1"] * 0.1 * e * theta**3.5 * np.exp(line["b2"] * (1.0 - theta))
    return np.asarray(0.182 * f[..., 0] * np.sum(strength * _shape(f, centre, width, 0.0), axis=-1))


def _shape(f: FloatArray, centre: FloatArray, width: FloatArray, delta: FloatArray | float) -> FloatArray:
    below = (width - delta * (centre - f)) / ((centre - f) ** 2 + width**2)
    above = (width - delta * (centre + f)) / ((centre + f) ** 2 + width**2)
    return np.asarray(f / centre * (below + above))


def dry_air_height_km(
    frequency_ghz: ArrayLike, pressure_hpa: ArrayLike, density_g_m3: ArrayLike, temperature_k: ArrayLike
) -> FloatArray:
    """Return the equivalent height of dry air [km]; P.676-12, equations 30 to 34. As `dry_air_db_per_km`."""
    spread = _spread(frequency_ghz, pressure_hpa, density_g_m3, temperature_k)
    f, p, rho, warm = (v[..., 0] for v in spread)
    ratio = (p + rho * warm / 216.7) / 1013.25
    bell = np.exp(-(((f - 59.7) / (2.87 + 12.4 * np.exp(-7.9 * ratio))) ** 2))
    first = 5.1040 / (1.0 + 0.066 * ratio**-2.3) * bell
    line = columns("p676-12_heights", "part", "oxygen")
    grown, wide = np.exp(2.12 * ratio)[..., None], np.exp(2.2 * ratio)[..., None]
    terms = line["a"] * grown / ((spread[0] - line["frequency_ghz"]) ** 2 + 0.025 * wide)
    second = terms.sum(axis=-1)
    third = 0.0114 * f / (1.0 + 0.14 * ratio**-2.6) * (15.02 * f**2 - 1353.0 * f + 5.333e4)
    third = third / (f**3 - 151.3 * f**2 + 9629.0 * f - 6803.0)
    scale = 0.7832 + 0.00709 * (warm - 273.15)
    height = 6.1 * scale / (1.0 + 0.17 * ratio**-1.1) * (1.0 + first + second + third)
    return np.asarray(np.where(f < 70.0, np.minimum(height, 10.7 * ratio**0.3), height))


def vapour_zenith_db(
    frequency_ghz: ArrayLike, content_kg_m2: ArrayLike, station_height_km: ArrayLike
) -> FloatArray:
    """Return the attenuation of the whole column of vapour towards the zenith [dB]; P.676-12, annex 2, section 2.3.

    Parameters
    ----------
    frequency_ghz, content_kg_m2, station_height_km : float array
        Broadcast together; integrated content of water vapour, and height above sea level, 0 to 4 km.
    """
    f, content, height = np.broadcast_arrays(
        *(np.asarray(v, float) for v in (frequency_ghz, content_kg_m2, station_height_km))
    )
    content = np.maximum(content, 0.1)  # below that the reference temperature leaves the scale
    density = content / 2.38
    warm = 14.0 * np.log(0.22 * density) + 3.0 + 273.15
    ratio = water_vapour_db_per_km(f, 845.0, density, warm) / water_vapour_db_per_km(
        20.6, 845.0, density, warm
    )
    bells = 0.2048 * np.exp(-(((f - 22.43) / 3.097) ** 2)) + 0.2326 * np.exp(-(((f - 183.5) / 4.096) ** 2))
    a = bells + 0.2073 * np.exp(-(((f - 325.0) / 3.651) ** 2)) - 0.1113
    b = 8.741e4 * np.exp(-0.587 * f) + 312.2 * f**-2.38 + 0.723
    lift = np.where(f < 20.0, 1.0, a * np.clip(height, 0.0, 4.0) ** b + 1.0)
    return np.asarray(0.0176 * content * ratio * lift)


def gas_attenuation_db(
    frequency_ghz: ArrayLike,
    elevation_deg: ArrayLike,
    pressure_hpa: ArrayLike,
    temperature_k: ArrayLike,
    density_g_m3: ArrayLike,
    content_kg_m2: ArrayLike,
    station_height_km: ArrayLike,
) -> FloatArray:
    """Return the attenuation by gases on a slant path [dB]; P.676-12, annex 2, sections 2.1 and 2.3.

    Arguments broadcast together. The state of the air is that at the station; the vapour enters by its integrated
    content at the exceedance that is asked for.
    """
    air = (frequency_ghz, pressure_hpa, density_g_m3, temperature_k)
    dry = dry_air_db_per_km(*air) * dry_air_height_km(*air)
    wet = vapour_zenith_db(frequency_ghz, content_kg_m2, station_height_km)
    return np.asarray((dry + wet) / np.sin(np.radians(elevation_deg)))
