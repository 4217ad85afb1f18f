"""Climate of cells and gateways, and the weather of each moment: correlated over distance, even over the year."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from accord.contract.streams import generator
from accord.physics.troposphere.climate import Climate, from_maps, standard_pressure_hpa
from accord.physics.troposphere.rain import rain_rate_mm_per_h
from accord.systems.constellation.service.design import ClimateSite, Weather
from accord.systems.constellation.service.population import chord_km

FloatArray = NDArray[np.float64]

__all__ = ["climate_of", "exceedances_pct"]

CORRELATION_KM = 60.0  # of rain: the scale of site diversity, P.618-13, section 2.2.4.1


def climate_of(weather: Weather, latitude_deg: FloatArray, longitude_deg: FloatArray) -> tuple[Climate, str]:
    """Return the climate of places and a note on where it comes from.

    Raises
    ------
    MissingExtraError
        When ITU's maps are asked for and itur is absent.
    """
    if weather.maps:
        return from_maps(
            latitude_deg, longitude_deg
        ), "climate from ITU's maps (P.453, 836, 837, 839, 840, 1510, 1511)"
    sites = weather.sites
    if sites:
        note = (
            f"climate between {len(sites)} stated sites" if len(sites) > 1 else "climate of one stated site"
        )
    else:
        sites, note = (_default_site(),), "no climate is stated: a rainy mid-latitude one is taken everywhere"
    north, east = (np.array([getattr(s, f"{axis}_deg") for s in sites]) for axis in ("latitude", "longitude"))
    distance = np.maximum(chord_km(latitude_deg, longitude_deg, north, east), 1.0)
    weight = distance**-2.0
    stated = _stated(sites, north)
    return stated.mixed(weight / weight.sum(axis=1, keepdims=True), latitude_deg), note


def _stated(sites: tuple[ClimateSite, ...], north: FloatArray) -> Climate:
    rates = [
        site.rain_rate_mm_per_h
        if site.rain_rate_mm_per_h is not None
        else float(rain_rate_mm_per_h(0.01, site.month_temperatures_degc, site.month_rainfall_mm))
        for site in sites
    ]
    height = np.array([max(site.height_km, 0.0) for site in sites])
    return Climate(
        latitude_deg=north,
        height_km=height,
        rate_mm_per_h=np.array(rates),
        isotherm_km=np.array([site.isotherm_km for site in sites]),
        wet_refractivity=np.array([site.wet_refractivity for site in sites]),
        temperature_k=np.array([site.temperature_k for site in sites]),
        pressure_hpa=standard_pressure_hpa(height),
        density_g_m3=np.array([site.vapour_density_g_per_m3 for site in sites]),
        content_kg_m2=np.array([site.vapour_content_kg_per_m2 for site in sites]),
        liquid_kg_m2=np.array([site.cloud_liquid_kg_per_m2 for site in sites]),
    )


def _default_site() -> ClimateSite:
    text = (files("accord.systems.constellation.service") / "data" / "default_climate.csv").read_text("utf-8")
    row = {r["key"]: r["value"].split(";") for r in csv.DictReader(text.splitlines())}
    return ClimateSite.model_validate(
        {key: value[0] if len(value) == 1 else value for key, value in row.items()}
    )


def exceedances_pct(latitude_deg: FloatArray, longitude_deg: FloatArray, moments: int) -> FloatArray:
    """Return how rare the weather of each place is at each moment, as the exceedance it belongs to [%].

    Every place sees each of so many equal parts of the year once; places near one another share their weather, with a
    Gaussian copula whose correlation falls by ``exp(-d / 60 km)``.

    Returns
    -------
    float array, shape (places, moments)
    """
    places = len(latitude_deg)
    distance = chord_km(latitude_deg, longitude_deg, latitude_deg, longitude_deg)
    correlation = np.exp(-distance / CORRELATION_KM)
    correlation[np.diag_indices(places)] += 1e-6  # two places may be one
    root = np.linalg.cholesky(correlation)
    random = generator("constellation", "weather")
    field = root @ random.standard_normal((places, moments))
    rank = np.argsort(np.argsort(field, axis=1), axis=1)
    jitter = random.random(moments)
    return np.asarray(100.0 * (rank + jitter[None, :]) / moments)
