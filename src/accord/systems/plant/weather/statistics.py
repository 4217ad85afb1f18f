"""Statistics of made years, to be held against the years that a climate was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from accord.systems.plant.weather.made import made_year
from accord.systems.plant.weather.sky import clear_sky

__all__ = ["statistics"]


def statistics(
    climate: Mapping[str, Any], latitude_deg: float, altitude_m: float, years: int
) -> dict[str, Any]:
    """Return sums a year [kWh/m2], monthly means a day [kWh/m2] and how the hours of made years scatter.

    Parameters
    ----------
    climate : mapping
        With ``turbidity``.
    latitude_deg : float [deg]
    altitude_m : float [m]
    years : int

    Returns
    -------
    dict
        ``ghi_kwh_per_m2``, ``dni_kwh_per_m2``, ``dhi_kwh_per_m2``, ``monthly_ghi`` and, of the hourly clear-sky index,
        ``hourly_index_sd``, ``hourly_index_lag`` and ``hourly_index_most``.
    """
    skies = [made_year(climate, latitude_deg, 90_000 + k, 0.0, altitude_m) for k in range(years)]
    month = skies[0].times.month.to_numpy()
    clear = clear_sky(skies[0].times, latitude_deg, 0.0, altitude_m, np.array(climate["turbidity"]))
    high = clear["zenith_deg"] < 85.0
    index = np.array([np.where(high, sky.ghi / np.maximum(clear["ghi"], 1.0), np.nan) for sky in skies])
    pairs = np.isfinite(index[:, 1:]) & np.isfinite(index[:, :-1])
    found: dict[str, Any] = {
        f"{name}_kwh_per_m2": float(np.mean([getattr(sky, name).sum() for sky in skies])) / 1000.0
        for name in ("ghi", "dni", "dhi")
    }
    found["monthly_ghi"] = [
        float(np.mean([sky.ghi[month == m].mean() for sky in skies])) * 0.024 for m in range(1, 13)
    ]
    found["hourly_index_sd"] = float(np.nanstd(index))
    found["hourly_index_lag"] = float(np.corrcoef(index[:, :-1][pairs], index[:, 1:][pairs])[0, 1])
    found["hourly_index_most"] = float(np.nanmax(index))
    return found
