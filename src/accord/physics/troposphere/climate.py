"""Climate of places as the attenuation methods need it: the user's own values, or read from ITU's maps by itur."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import MissingExtraError

FloatArray = NDArray[np.float64]

__all__ = ["EXCEEDANCES_PCT", "Climate", "from_maps", "standard_pressure_hpa"]

EXCEEDANCES_PCT = (1.0, 5.0, 20.0, 50.0)  # at which contents of vapour and liquid water are stated


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """Climate of places.

    Attributes
    ----------
    latitude_deg : float array, shape (places,) [deg]
    height_km : float array, shape (places,) [km]
        Of the ground above mean sea level.
    rate_mm_per_h : float array, shape (places,) [mm/h]
        Rain rate exceeded for 0.01 % of the average year.
    isotherm_km : float array, shape (places,) [km]
        Mean annual height of 0 deg C above sea level.
    wet_refractivity : float array, shape (places,) [N-units]
        Median over the year.
    temperature_k, pressure_hpa : float array, shape (places,) [K], [hPa]
        Annual means at the ground.
    density_g_m3, content_kg_m2, liquid_kg_m2 : float array, shape (places, 4)
        Density of water vapour at the ground, its integrated content, and columnar liquid water reduced to 273.15 K,
        exceeded for 1, 5, 20 and 50 % of the year.
    """

    latitude_deg: FloatArray
    height_km: FloatArray
    rate_mm_per_h: FloatArray
    isotherm_km: FloatArray
    wet_refractivity: FloatArray
    temperature_k: FloatArray
    pressure_hpa: FloatArray
    density_g_m3: FloatArray
    content_kg_m2: FloatArray
    liquid_kg_m2: FloatArray

    def __len__(self) -> int:
        return len(self.latitude_deg)

    def mixed(self, weight: FloatArray, latitude_deg: FloatArray) -> Climate:
        """Return the climate of other places as weighted means of these.

        Parameters
        ----------
        weight : float array, shape (others, places)
            Rows add up to 1.
        latitude_deg : float array, shape (others,) [deg]
        """
        parts = {f.name: weight @ getattr(self, f.name) for f in fields(self) if f.name != "latitude_deg"}
        return Climate(latitude_deg=np.asarray(latitude_deg, dtype=float), **parts)

    def at(self, name: str, exceedance_pct: FloatArray) -> FloatArray:
        """Return a content at exceedances, shape (places, ...) + those of the exceedances.

        Between the stated ones the value is linear in the logarithm of the exceedance, as in P.836-6 and P.840-8;
        beyond them it stays.
        """
        table = getattr(self, name)
        p = np.clip(np.asarray(exceedance_pct, dtype=float), EXCEEDANCES_PCT[0], EXCEEDANCES_PCT[-1])
        knots = np.log(EXCEEDANCES_PCT)
        node = np.clip(np.searchsorted(knots, np.log(p), side="right") - 1, 0, len(knots) - 2)
        share = (np.log(p) - knots[node]) / (knots[node + 1] - knots[node])
        if p.ndim and p.shape[0] == len(self):  # own exceedances for each place
            row = np.arange(len(self)).reshape(-1, *([1] * (p.ndim - 1)))
            low, high = table[row, node], table[row, node + 1]
        else:
            low, high = table[:, node], table[:, node + 1]
        return np.asarray(low + (high - low) * share)


def standard_pressure_hpa(height_km: FloatArray) -> FloatArray:
    """Return the pressure of the standard atmosphere below 11 km [hPa]; P.835-6, equation 3."""
    geopotential = 6356.766 * height_km / (6356.766 + height_km)
    return np.asarray(1013.25 * (288.15 / (288.15 - 6.5 * geopotential)) ** (-34.1632 / 6.5))


def from_maps(latitude_deg: FloatArray, longitude_deg: FloatArray) -> Climate:
    """Return the climate of places from ITU's digital maps (P.453, 836, 837, 839, 840, 1510, 1511) as itur reads them.

    Parameters
    ----------
    latitude_deg, longitude_deg : float array, shape (places,) [deg]
        Longitudes from -180 to 180 or from 0 to 360.

    Raises
    ------
    MissingExtraError
        Without itur, which is large and optional.
    """
    try:
        from itur.models import itu453, itu836, itu837, itu839, itu840, itu1510, itu1511
    except ImportError as error:
        raise MissingExtraError(
            "climate from ITU's maps needs itur 0.4.0: install it with python -m pip install 'accord[itu]', "
            "or state the climate in the programme file"
        ) from error
    import warnings

    north = np.asarray(latitude_deg, dtype=float)
    east = np.mod(np.asarray(longitude_deg, dtype=float) + 180.0, 360.0) - 180.0

    def value(found: Any) -> FloatArray:
        return np.asarray(getattr(found, "value", found), dtype=float).reshape(len(north))

    itu840.change_version(8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # itur divides by zero at the coast and says so
        height = np.maximum(value(itu1511.topographic_altitude(north, east)), 0.0)

        def over(function: Any, *more: Any) -> FloatArray:
            return np.stack([value(function(north, east, p, *more)) for p in EXCEEDANCES_PCT], axis=-1)

        return Climate(
            latitude_deg=north,
            height_km=height,
            rate_mm_per_h=value(itu837.rainfall_rate(north, east, 0.01)),
            isotherm_km=value(itu839.isoterm_0(north, east)),
            wet_refractivity=value(itu453.map_wet_term_radio_refractivity(north, east, 50)),
            temperature_k=value(itu1510.surface_mean_temperature(north, east)),
            pressure_hpa=standard_pressure_hpa(height),
            density_g_m3=over(itu836.surface_water_vapour_density, height),
            content_kg_m2=over(itu836.total_water_vapour_content, height),
            liquid_kg_m2=over(itu840.columnar_content_reduced_liquid),
        )
