"""A year of weather in the one form that the plant uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["HOURS", "Sky", "clear_sky", "extraterrestrial"]

HOURS = 8760
_MIDDLES = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]) + 15.5  # days of the months' middles
_MIDDLE = 3.5  # turbidity of a middling sky, where nothing better is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Hourly weather.

    Attributes
    ----------
    times : pandas.DatetimeIndex, shape (hours,)
        With its zone; the instant that stands for each hour, its middle unless the source gives another.
    ghi, dni, dhi : float array, shape (hours,) [W/m2]
        Global horizontal, beam normal, diffuse horizontal.
    air_degc : float array, shape (hours,)
    wind_m_s : float array, shape (hours,)
    rain_mm : float array, shape (hours,) or None
        None where the source has no rain.
    """

    times: Any
    ghi: FloatArray
    dni: FloatArray
    dhi: FloatArray
    air_degc: FloatArray
    wind_m_s: FloatArray
    rain_mm: FloatArray | None = None


def extraterrestrial(times: Any, zenith_deg: FloatArray) -> FloatArray:
    """Return horizontal irradiance outside the atmosphere [W/m2]; 0 with the sun down.

    Parameters
    ----------
    times : pandas.DatetimeIndex
    zenith_deg : float array [deg]
    """
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    normal = np.asarray(pvlib.irradiance.get_extra_radiation(times.day_of_year.to_numpy()), dtype=float)
    found: FloatArray = normal * np.maximum(np.cos(np.radians(zenith_deg)), 0.0)
    return found


def clear_sky(
    times: Any,
    latitude_deg: float,
    longitude_deg: float,
    altitude_m: float = 0.0,
    turbidity: FloatArray | None = None,
) -> dict[str, FloatArray]:
    """Return the sky without clouds after Ineichen & Perez (2002), Solar Energy 73:151.

    Parameters
    ----------
    times : pandas.DatetimeIndex, shape (hours,)
    latitude_deg, longitude_deg : float [deg]
    altitude_m : float [m]
    turbidity : float array, shape (12,), optional
        Linke turbidity of the months' middles at air mass 2, straight lines between them; left out, 3.5.

    Returns
    -------
    dict of str to float array, shape (hours,)
        ``ghi``, ``dni``, ``dhi`` [W/m2] and ``zenith_deg`` (apparent).
    """
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    position = pvlib.solarposition.get_solarposition(times, latitude_deg, longitude_deg, altitude=altitude_m)
    zenith = position["apparent_zenith"].to_numpy()
    pressure = pvlib.atmosphere.alt2pres(altitude_m)
    mass = pvlib.atmosphere.get_absolute_airmass(pvlib.atmosphere.get_relative_airmass(zenith), pressure)
    monthly = np.full(12, _MIDDLE) if turbidity is None else np.asarray(turbidity, dtype=float)
    day = times.day_of_year.to_numpy()
    outside = np.asarray(pvlib.irradiance.get_extra_radiation(day))
    hazy = np.interp(day, _MIDDLES, monthly, period=365.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # at night the formula divides by zero, unused
        found = pvlib.clearsky.ineichen(zenith, mass, hazy, altitude_m, outside)
    clear = {name: np.nan_to_num(np.asarray(found[name], dtype=float)) for name in ("ghi", "dni", "dhi")}
    return {**clear, "zenith_deg": zenith}
