"""A weather file, read, checked and put into whole years of hours at the place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.plant.weather.checks import Judged, hourly, judge, whole_years
from accord.systems.plant.weather.closure import Closure
from accord.systems.plant.weather.formats import Table, read_table
from accord.systems.plant.weather.sky import Sky

FloatArray = NDArray[np.float64]

__all__ = ["Record", "read_record", "turbidity_at"]

_STILL_M_S = 2.0  # wind where a file has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a weather file gives the plant.

    Attributes
    ----------
    form, title : str
    latitude_deg, longitude_deg, altitude_m : float
    years : tuple of int
        Calendar years; one that means nothing for a typical year.
    skies : tuple of Sky
        One for each, 8760 hours from midnight to midnight at the place.
    typical : bool
        One year put together from months of several: it has no spread between years.
    notices : tuple of str
    closure : Closure or None
        None where the file has no beam and diffuse of its own.
    shift_min : float
        By which the stamps were moved.
    """

    form: str
    title: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    years: tuple[int, ...]
    skies: tuple[Sky, ...]
    typical: bool
    notices: tuple[str, ...]
    closure: Closure | None
    shift_min: float

    @property
    def place(self) -> tuple[float, float, float]:
        """Latitude, longitude [deg] and altitude [m]."""
        return self.latitude_deg, self.longitude_deg, self.altitude_m


def turbidity_at(latitude_deg: float, longitude_deg: float) -> FloatArray:
    """Return the Linke turbidity of the months, shape (12,), from the world's grid that pvlib carries.

    Remund, Wald, Lefevre, Ranchin & Page (2003), Worldwide Linke turbidity information, ISES Solar World Congress.
    """
    import pandas as pd
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    times = pd.date_range("2025-01-15", periods=12, freq="MS", tz="UTC")
    longitude = (longitude_deg + 180.0) % 360.0 - 180.0
    found = pvlib.clearsky.lookup_linke_turbidity(times, latitude_deg, longitude, interp_turbidity=False)
    return np.asarray(np.roll(found.to_numpy(dtype=float), 1), dtype=float)  # the first is February's


def read_record(path: Path) -> Record:
    """Read a weather file, check it, move its stamps where the closure test says so, and cut it into years.

    Raises
    ------
    FileError
        When it cannot be read or used, with every reason.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> Record:
    """Read a file; one that has not changed since is not read again."""
    table = read_table(path)
    data, errors, notices = hourly(table.data)
    if errors:
        raise FileError(f"{path}: {'; '.join(errors)}")
    made_split = not {"dni", "dhi"} <= set(data) or bool(data[["dni", "dhi"]].isna().to_numpy().any())
    place = table.latitude_deg, table.longitude_deg, table.altitude_m
    if made_split:
        data = _split(data, place)
        notices.append("beam and diffuse are made from the global irradiance: the stamps could not be tested")
    judged = judge(
        data, place, made_split=made_split, typical=table.typical, turbidity=turbidity_at(*place[:2])
    )
    if judged.errors:
        raise FileError(f"{path}: {'; '.join(judged.errors)}")
    return _record(path, table, data, judged, notices)


def _record(path: Path, table: Table, data: Any, judged: Judged, notices: list[str]) -> Record:
    import pandas as pd

    local_h = round(table.longitude_deg / 15.0) if table.in_utc else 0
    if table.in_utc:
        data = data.tz_convert("UTC")
    parts, said = whole_years(data, table.typical)
    if not parts:
        raise FileError(
            f"{path}: {len(data)} hours from {data.index[0]:%d %b %Y}: at least one whole year expected"
        )
    notices += said
    if local_h:
        notices.append(
            f"hours in UTC: moved by {local_h:+d} h to those of the place, the ends of each year joined"
        )
    if "wind_m_s" not in data or data["wind_m_s"].isna().all():
        notices.append(f"no wind in the file: {_STILL_M_S:g} m/s taken")
    skies = []
    for part in parts:
        moved = part.index + pd.Timedelta(minutes=judged.shift_min)
        times = moved[np.roll(np.arange(len(moved)), local_h)]
        column = {n: np.roll(part[n].to_numpy(float), local_h) for n in part}
        wind = column.get("wind_m_s", np.full(len(times), _STILL_M_S))
        rain = column.get("rain_mm")
        skies.append(
            Sky(
                times=times, ghi=column["ghi"], dni=column["dni"], dhi=column["dhi"], air_degc=column["air_degc"],
                wind_m_s=np.where(np.isfinite(wind), wind, _STILL_M_S),
                rain_mm=None if rain is None or not np.isfinite(rain).any() else np.nan_to_num(rain),
            )
        )  # fmt: skip
    return Record(
        form=table.form, title=table.title, latitude_deg=table.latitude_deg, longitude_deg=table.longitude_deg,
        altitude_m=table.altitude_m, years=tuple(int(p.index[100].year) for p in parts), skies=tuple(skies),
        typical=table.typical, notices=(*notices, *judged.notices), closure=judged.closure, shift_min=judged.shift_min,
    )  # fmt: skip


def _split(data: Any, place: tuple[float, float, float]) -> Any:
    """Return the table with beam and diffuse after Driesse, Jensen & Perez (2024), Solar Energy 267:112093."""
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    zenith = pvlib.solarposition.get_solarposition(data.index, *place[:2], altitude=place[2])[
        "zenith"
    ].to_numpy()
    ghi = np.maximum(data["ghi"].to_numpy(float), 0.0)
    found = pvlib.irradiance.erbs_driesse(ghi, zenith, data.index.day_of_year.to_numpy())
    data["dni"] = np.minimum(np.nan_to_num(np.asarray(found["dni"], dtype=float)), 1100.0)
    data["dhi"] = np.nan_to_num(np.asarray(found["dhi"], dtype=float))
    return data
