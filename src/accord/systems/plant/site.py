"""The plant's place over the years: the sky, what the solar field makes of it, and hourly prices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.catalogue import entry
from accord.systems.plant.inputs import Design
from accord.systems.plant.place import beside
from accord.systems.plant.prices import made_prices, read_prices
from accord.systems.plant.solar import Mount, output, soiling
from accord.systems.plant.weather.made import made_year
from accord.systems.plant.weather.records import Record, read_record
from accord.systems.plant.weather.sky import HOURS, Sky, extraterrestrial

FloatArray = NDArray[np.float64]

__all__ = ["Site", "mount_of", "price_series", "site_of", "solar_series"]

SEED = 7_000
_DC_LOSSES = 0.054  # mismatch 2 %, wiring 2 %, connections 0.5 %, nameplate 1 %: Dobos (2014), table 5
_LIGHT_LOSS = 0.0125  # of the first days in the light; 1 to 1.5 % of crystalline cells
_WASHING_MM = 6.0  # of rain in a day that washes; Kimber et al. (2006)
_LEAST_SUN = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The place over its years.

    Attributes
    ----------
    solar : float array, shape (years, 8760) [1]
        Output over AC capacity.
    clearness : float array, shape (12,) [1]
        Mean clearness of the months over all years.
    notices : tuple of str
    """

    solar: FloatArray
    clearness: FloatArray
    notices: tuple[str, ...]


def mount_of(design: Design, latitude_deg: float) -> Mount:
    """Return how the field's modules stand."""
    return Mount(
        tracker=design.tracker,
        tilt_deg=abs(latitude_deg),
        azimuth_deg=180.0 if latitude_deg >= 0.0 else 0.0,
        ground_cover=design.ground_cover,
        dc_ac=design.dc_ac,
        bifaciality=design.bifaciality,
        losses=1.0 - (1.0 - _DC_LOSSES) * (1.0 - _LIGHT_LOSS),
    )


def site_of(design: Design, folder: Path | None = None) -> Site:
    """Return the place's years: those of its weather file, or made ones.

    Parameters
    ----------
    design : Design
    folder : Path, optional
        Of the programme file, for files that the design names.

    Raises
    ------
    FileError, ModelError
        When the weather file cannot be used, or the climate contradicts itself.
    """
    if design.solar_mw <= 0.0 and design.weather is None:
        return Site(solar=np.zeros((design.weather_years, HOURS)), clearness=np.zeros(12), notices=())
    if design.weather is None:
        skies: tuple[Sky, ...] = tuple(_made(design, year) for year in range(design.weather_years))
        place = (design.latitude_deg, design.longitude_deg, design.altitude_m)
        notices: tuple[str, ...] = ()
        factors = np.ones(len(skies))
    else:
        record = read_record(beside(folder or Path(), design.weather.file))
        skies, factors = _years(record, design)
        place, notices = record.place, record.notices
    different = list(
        {id(sky): sky for sky in skies}.values()
    )  # a typical year stands for many at no more cost
    made = {id(sky): _field(sky, design, place) for sky in different}
    return Site(
        solar=np.minimum(np.array([made[id(sky)] for sky in skies]) * factors[:, None], 1.0),
        clearness=np.mean([_clearness(sky, place) for sky in different], axis=0),
        notices=tuple(notices),
    )


def _years(record: Record, design: Design) -> tuple[tuple[Sky, ...], FloatArray]:
    """Return the skies of a file and a factor on each year's output; a typical year stands for several if told how."""
    wanted, sd = design.weather_years, design.weather.interannual_sd if design.weather is not None else 0.0
    if record.typical and sd > 0.0 and wanted > 1:
        from scipy import special

        spread = np.asarray(special.ndtri((np.arange(wanted) + 0.5) / wanted))
        order = np.random.default_rng(SEED).permutation(wanted)
        return record.skies * wanted, np.maximum(1.0 + sd * spread[order], 0.3)
    return record.skies, np.ones(len(record.skies))


def _made(design: Design, year: int) -> Sky:
    climate: Any = (
        entry("climates", design.climate)
        if isinstance(design.climate, str)
        else design.climate.model_dump(exclude_none=True)
    )
    return made_year(climate, design.latitude_deg, SEED + year, design.longitude_deg, design.altitude_m)


def _field(sky: Sky, design: Design, place: tuple[float, float, float]) -> FloatArray:
    if design.solar_mw <= 0.0:
        return np.zeros(HOURS)
    mount = mount_of(design, place[0])
    rain = sky.rain_mm.reshape(-1, 24).sum(axis=1) if sky.rain_mm is not None else np.zeros(HOURS // 24)
    clean = soiling(rain >= _WASHING_MM, design.dust_per_day, design.cleaning_day)
    return output(sky, mount, *place, clean=np.repeat(clean, 24)) * mount.dc_ac


def _clearness(sky: Sky, place: tuple[float, float, float]) -> FloatArray:
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    position = pvlib.solarposition.get_solarposition(sky.times, *place[:2], altitude=place[2])
    outside = extraterrestrial(sky.times, position["zenith"].to_numpy())
    month = np.repeat(np.arange(12), np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 24)
    whole = np.bincount(month, outside, 12)
    return np.asarray(np.bincount(month, sky.ghi, 12) / np.maximum(whole, _LEAST_SUN))


def solar_series(design: Design, year: int, folder: Path | None = None) -> FloatArray:
    """Return one year's output over AC capacity, shape (8760,) [1]; years count from 0."""
    if design.weather is None:
        if design.solar_mw <= 0.0:
            return np.zeros(HOURS)
        place = (design.latitude_deg, design.longitude_deg, design.altitude_m)
        return np.asarray(np.minimum(_field(_made(design, year), design, place), 1.0))
    return np.asarray(site_of(design, folder).solar[year])


def price_series(design: Design, year: int, folder: Path | None = None) -> FloatArray:
    """Return one year's price over its mean, shape (8760,) [1]: of the file, its years in turn, or made."""
    if design.prices is not None:
        table, _ = read_prices(
            beside(folder or Path(), design.prices.file), design.reference_price_usd2025_per_mwh
        )
        return np.asarray(table[year % len(table)])
    shape = entry("prices", design.price_shape)
    return made_prices(shape, SEED + 500 + year, design.solar_price_drop, design.evening_premium)
