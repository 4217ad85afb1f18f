"""The closure test: global = beam on the horizontal + diffuse holds only where the time stamps are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["Closure", "closure", "noon_shift_h"]

_STEP_MIN = 10
_LOW_SUN_DEG = 78.0  # nearer the horizon the middle of an hour does not stand for it
_MOST = 3000  # hours looked at, evenly over what there is


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """How well a file's three irradiances fit together when its stamps are moved.

    Attributes
    ----------
    shift_min : float
        To be added to the stamps so that they fit best.
    best_w_m2, as_is_w_m2 : float
        Root mean square of ``GHI - (DNI cos Z + DHI)`` there, and with the stamps as they are.
    shifts_min, rmse_w_m2 : float array, shape (shifts,)
    hours : int
        Looked at; below 100 the test says nothing.
    """

    shift_min: float
    best_w_m2: float
    as_is_w_m2: float
    shifts_min: FloatArray
    rmse_w_m2: FloatArray
    hours: int

    @property
    def tells(self) -> bool:
        """Whether the file has enough sun in three independent parts."""
        return self.hours >= 100

    @property
    def at_edge(self) -> bool:
        """Whether the best shift lies at the end of the range looked at."""
        return bool(abs(self.shift_min) >= self.shifts_min[-1] - 0.5 * _STEP_MIN)


def closure(
    times: Any,
    ghi: FloatArray,
    dni: FloatArray,
    dhi: FloatArray,
    latitude_deg: float,
    longitude_deg: float,
    altitude_m: float = 0.0,
    within_min: int = 60,
) -> Closure:
    """Move the stamps and see where the irradiances close.

    The square of the residual is a parabola in the shift near its foot, which the three lowest points give.

    Parameters
    ----------
    times : pandas.DatetimeIndex, shape (hours,)
    ghi, dni, dhi : float array, shape (hours,) [W/m2]
    latitude_deg, longitude_deg : float [deg]
    altitude_m : float [m]
    within_min : int
        To look at, either way.
    """
    shifts = np.arange(-within_min, within_min + 1, _STEP_MIN, dtype=float)
    used = np.flatnonzero((ghi > 50.0) & (dni > 50.0) & (dhi > 0.0))
    if len(used) > _MOST:
        used = used[np.linspace(0, len(used) - 1, _MOST).astype(int)]
    zenith = np.array([_zenith(times[used], s, latitude_deg, longitude_deg, altitude_m) for s in shifts])
    high = (zenith < _LOW_SUN_DEG).all(axis=0) if len(used) else np.zeros(0, dtype=bool)
    used, zenith = used[high], zenith[:, high]
    if len(used) < 100:
        nothing = np.zeros_like(shifts)
        return Closure(
            shift_min=0.0,
            best_w_m2=0.0,
            as_is_w_m2=0.0,
            shifts_min=shifts,
            rmse_w_m2=nothing,
            hours=len(used),
        )
    residual = ghi[used] - (dni[used] * np.cos(np.radians(zenith)) + dhi[used])
    square = np.mean(residual**2, axis=1)
    k = int(np.argmin(square))
    shift, best = float(shifts[k]), float(square[k])
    if 0 < k < len(shifts) - 1:
        a, b, c = square[k - 1 : k + 2]
        bend = a - 2.0 * b + c
        if bend > 0.0:
            shift += 0.5 * (a - c) / bend * _STEP_MIN
            best = max(b - (a - c) ** 2 / (8.0 * bend), 0.0)
    rmse = np.sqrt(square)
    return Closure(
        shift_min=shift, best_w_m2=float(np.sqrt(best)), as_is_w_m2=float(rmse[len(shifts) // 2]),
        shifts_min=shifts, rmse_w_m2=rmse, hours=len(used),
    )  # fmt: skip


def _zenith(times: Any, shift_min: float, latitude: float, longitude: float, altitude: float) -> FloatArray:
    import pandas as pd
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    moved = times + pd.Timedelta(minutes=shift_min)
    found = pvlib.solarposition.get_solarposition(moved, latitude, longitude, altitude=altitude)
    return np.asarray(found["apparent_zenith"].to_numpy(), dtype=float)


def noon_shift_h(times: Any, ghi: FloatArray, longitude_deg: float) -> float:
    """Return by how many hours the sun's noon in the file is late against the sun's noon at the place (-12 to 12).

    Parameters
    ----------
    times : pandas.DatetimeIndex, shape (hours,)
    ghi : float array, shape (hours,) [W/m2]
    longitude_deg : float [deg]
    """
    utc = times.tz_convert("UTC")
    hour = (utc.hour + utc.minute / 60.0 + utc.second / 3600.0).to_numpy() + longitude_deg / 15.0
    turn = np.sum(ghi * np.exp(1j * (hour - 12.0) * np.pi / 12.0))
    return float(np.angle(turn) * 12.0 / np.pi)
