"""Weather files of five kinds, each read into one table: hours as labelled, irradiance, air, wind, rain.

EPW, TMY3 and PVGIS are read by pvlib. For SAM CSV (of which NSRDB is a dialect) and NASA POWER pvlib has no reader of
files that takes every one of them, so that those two are ours.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from accord.errors import FileError

__all__ = ["FORMATS", "Table", "format_of", "read_table"]

COLUMNS = ("ghi", "dni", "dhi", "air_degc", "wind_m_s", "rain_mm")
_ANY_YEAR = 2025  # 365 days: the year that months of different years are put into
_NAMES = {
    "temp_air": "air_degc", "wind_speed": "wind_m_s", "liquid_precipitation_depth": "rain_mm",
    "Lprecip depth (mm)": "rain_mm",
}  # fmt: skip
_MISSING: Mapping[str, Mapping[str, float]] = {  # what the formats write for "not measured"
    "epw": {"ghi": 9999, "dni": 9999, "dhi": 9999, "air_degc": 99.9, "wind_m_s": 999, "rain_mm": 999},
    "tmy3": {
        "rain_mm": -9900,
        "air_degc": -9900,
        "wind_m_s": -9900,
        "ghi": -9900,
        "dni": -9900,
        "dhi": -9900,
    },
    "power": dict.fromkeys(COLUMNS, -999.0),
    "sam": dict.fromkeys(COLUMNS, -999.0),
    "pvgis": dict.fromkeys(COLUMNS, -9999.0),
}
_SAM = {
    "ghi": "ghi", "gh": "ghi", "global": "ghi", "global horizontal": "ghi",
    "dni": "dni", "dn": "dni", "beam": "dni", "direct normal": "dni",
    "dhi": "dhi", "df": "dhi", "diffuse": "dhi", "diffuse horizontal": "dhi",
    "temperature": "air_degc", "tdry": "air_degc", "dry bulb": "air_degc", "dry-bulb": "air_degc",
    "wind speed": "wind_m_s", "wspd": "wind_m_s", "wind": "wind_m_s",
    "precipitation": "rain_mm", "rain": "rain_mm",
}  # fmt: skip
_POWER = {
    "ALLSKY_SFC_SW_DWN": "ghi", "ALLSKY_SFC_SW_DNI": "dni", "ALLSKY_SFC_SW_DIFF": "dhi", "T2M": "air_degc",
    "WS10M": "wind_m_s", "WS2M": "wind_m_s", "PRECTOTCORR": "rain_mm",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a file says.

    Attributes
    ----------
    form, title : str
    latitude_deg, longitude_deg, altitude_m : float
    data : pandas.DataFrame
        Columns of `COLUMNS` as far as the file has them; index with zone, moved to the middles of the hours as the
        format labels them (PVGIS: the instants that it states).
    typical : bool
        Months of different years, put into one.
    in_utc : bool
        Hours are those of UTC and not of the place.
    """

    form: str
    title: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    data: Any
    typical: bool
    in_utc: bool


def format_of(path: Path) -> str:
    """Return which of `FORMATS` a file is, from its first lines.

    Raises
    ------
    FileError
        When it cannot be read or is none of them.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            head = [stream.readline(100_000) for _ in range(3)]
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    first, second = head[0].lstrip("\ufeff").strip(), head[1]
    if first.startswith("LOCATION,"):
        return "epw"
    if second.startswith("Date (MM/DD/YYYY)"):
        return "tmy3"
    if first.startswith("Latitude (decimal degrees)"):
        return "pvgis"
    if first.startswith("-BEGIN HEADER-"):
        return "power"
    if first.startswith("{"):
        text = "".join(head)
        return "power" if '"header"' in text or '"Feature"' in text or _is_power(path) else "pvgis"
    if re.search(r"\blat(itude)?\b", first, re.IGNORECASE) and "," in first:
        return "sam"
    raise FileError(
        f"{path}: no weather file that is known here: expected EPW, TMY3, SAM CSV (NSRDB), PVGIS or NASA POWER"
    )


def _is_power(path: Path) -> bool:
    return "parameter" in _json(path).get("properties", {})


def read_table(path: Path) -> Table:
    """Read a weather file of any of `FORMATS`.

    Raises
    ------
    FileError
        When it cannot be read, is damaged, or lacks what a solar field needs.
    """
    form = format_of(path)
    try:
        table = FORMATS[form](path)
    except FileError:
        raise
    except (KeyError, ValueError, IndexError, TypeError, UnicodeDecodeError) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise FileError(f"{path}: reads like {form.upper()} but is damaged ({said})") from error
    data = table.data
    for column, code in _MISSING[form].items():
        if column in data:
            value = data[column].astype(float)
            data[column] = value.where(~((value >= code) if code > 0 else (value <= code)))
    lacking = [name for name in ("ghi", "air_degc") if name not in data or data[name].isna().all()]
    if lacking:
        words = {"ghi": "global horizontal irradiance", "air_degc": "air temperature"}
        raise FileError(f"{path}: the file has no {' and no '.join(words[name] for name in lacking)}")
    if not (-90.0 <= table.latitude_deg <= 90.0 and -180.0 <= table.longitude_deg <= 360.0):
        raise FileError(f"{path}: place {table.latitude_deg:g}, {table.longitude_deg:g} is not on Earth")
    return table


def _picked(data: Any) -> Any:
    """Return the columns that are used here, under their names here, as numbers."""
    import pandas as pd

    data = data.rename(columns=_NAMES)
    kept = data[[c for c in COLUMNS if c in data]]
    return kept.apply(pd.to_numeric, errors="raise")


def _epw(path: Path) -> Table:
    import pandas as pd
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    data, meta = pvlib.iotools.read_epw(path)
    typical = data["year"].nunique() > 1
    if typical:
        data, meta = pvlib.iotools.read_epw(path, coerce_year=_ANY_YEAR)
    data.index = data.index + pd.Timedelta(minutes=30)  # pvlib labels the start of the hour
    return Table(
        form="epw", title=f"{meta['city']}, {meta['data_type']}".strip(", "), latitude_deg=meta["latitude"],
        longitude_deg=meta["longitude"], altitude_m=meta["altitude"], data=_picked(data), typical=typical,
        in_utc=False,
    )  # fmt: skip


def _tmy3(path: Path) -> Table:
    import warnings

    import pandas as pd
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas on columns that are not used here
        data, meta = pvlib.iotools.read_tmy3(path, coerce_year=_ANY_YEAR, map_variables=True)
    data.index = data.index - pd.Timedelta(minutes=30)  # the file labels the end of the hour
    return Table(
        form="tmy3", title=str(meta["Name"]).strip('"').title(), latitude_deg=meta["latitude"],
        longitude_deg=meta["longitude"], altitude_m=meta["altitude"], data=_picked(data), typical=True, in_utc=False,
    )  # fmt: skip


def _pvgis(path: Path) -> Table:
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    if path.suffix.lower() == ".json":
        outputs, kind = _json(path).get("outputs", {}), "json"
        typical = "tmy_hourly" in outputs
        if not typical and "hourly" not in outputs:
            raise FileError(f"{path}: PVGIS file without hours: expected an hourly or a TMY file")
    else:
        kind = "csv"
        typical = "time(UTC)" in path.read_text(encoding="utf-8", errors="replace")[:4000]
    if typical:
        data, meta = pvlib.iotools.read_pvgis_tmy(path, pvgis_format=kind)
        data.index = data.index.map(lambda t: t.replace(year=_ANY_YEAR))
        data = data.sort_index()
    else:
        data, meta = pvlib.iotools.read_pvgis_hourly(path, pvgis_format=kind)
        data = _level(path, data, meta)
    inputs = meta["inputs"]
    place = inputs.get("location", inputs)
    return Table(
        form="pvgis", title=f"PVGIS, {_database(inputs)}", latitude_deg=float(place["latitude"]),
        longitude_deg=float(place["longitude"]), altitude_m=float(place.get("elevation", 0.0)),
        data=_picked(data), typical=typical, in_utc=True,
    )  # fmt: skip


def _database(inputs: Mapping[str, Any]) -> str:
    found = inputs.get("radiation_database") or inputs.get("meteo_data", {}).get("radiation_db", "satellite")
    return str(found)


def _level(path: Path, data: Any, meta: Mapping[str, Any]) -> Any:
    """Return an hourly PVGIS table with horizontal irradiances; it states them on the plane that was asked for."""
    inputs = meta["inputs"]
    mounting = inputs.get("mounting_system", {})
    slope = mounting.get("fixed", {}).get("slope", {}).get("value") if mounting else inputs.get("Slope", "0")
    tilt = float(re.split(r"[^\d.+-]", str(slope if slope is not None else "0").strip())[0] or 0.0)
    if tilt != 0.0 or "two_axis" in mounting or "vertical_axis" in mounting or "inclined_axis" in mounting:
        raise FileError(f"{path}: irradiance on tilted modules ({tilt:g} deg): download it with slope 0")
    if "poa_direct" not in data:
        if "poa_global" not in data:
            raise FileError(f"{path}: the file has no irradiance")
        return data.rename(columns={"poa_global": "ghi"})
    from accord.systems.plant.weather.sky import extraterrestrial

    place = inputs.get("location", inputs)
    zenith = _zenith(data.index, float(place["latitude"]), float(place["longitude"]))
    cosine = np.cos(np.radians(zenith))
    beam = data["poa_direct"].to_numpy(float)
    data["dhi"] = data["poa_sky_diffuse"].to_numpy(float)
    data["ghi"] = beam + data["dhi"]
    sun = extraterrestrial(data.index, zenith) > 20.0
    data["dni"] = np.where(sun, beam / np.maximum(cosine, 0.01), 0.0)
    return data


def _zenith(times: Any, latitude_deg: float, longitude_deg: float) -> Any:
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    return pvlib.solarposition.get_solarposition(times, latitude_deg, longitude_deg)[
        "apparent_zenith"
    ].to_numpy()


def _sam(path: Path) -> Table:
    import pandas as pd

    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = list(csv.reader(stream))
    head = {key.strip().lower(): value.strip() for key, value in zip(rows[0], rows[1], strict=False)}
    # the third line names the columns; NSRDB puts its units into the second
    names = [name.strip() for name in rows[2]]
    width = len([name for name in names if name])
    data = pd.DataFrame(
        [row[:width] for row in rows[3:] if any(cell.strip() for cell in row)], columns=names[:width]
    )
    lower = {name: name.lower() for name in data.columns}
    data = data.rename(columns=lower)
    minute = data["minute"].astype(float) if "minute" in data else 30.0
    stamps = pd.DataFrame({k: data[k].astype(int) for k in ("year", "month", "day", "hour")})
    typical = stamps["year"].nunique() > 1 and len(stamps) <= 8784
    if typical:
        stamps["year"] = _ANY_YEAR
    times = pd.DatetimeIndex(pd.to_datetime(stamps) + pd.to_timedelta(minute, unit="min"))
    offset_h = float(head.get("time zone") or head.get("tz") or 0.0)
    data.index = times.tz_localize(_zone(offset_h))
    named = {name: _SAM[name.split(" (")[0]] for name in data.columns if name.split(" (")[0] in _SAM}
    data = data.rename(columns=named)
    latitude, longitude = (head.get(k) or head[k[:3]] for k in ("latitude", "longitude"))
    return Table(
        form="sam", title=head.get("source", "") or head.get("location", "SAM"), latitude_deg=float(latitude),
        longitude_deg=float(longitude), altitude_m=float(head.get("elevation") or head.get("elev") or 0.0),
        data=_picked(data), typical=typical, in_utc=offset_h == 0.0 and abs(float(longitude)) > 15.0,
    )  # fmt: skip


def _zone(offset_h: float) -> Any:
    import datetime as dt

    return dt.timezone(dt.timedelta(hours=offset_h))


def _power(path: Path) -> Table:
    data, place, units, zone = (_power_json if path.suffix.lower() == ".json" else _power_csv)(path)
    for name, unit in units.items():
        if name in data and _POWER.get(name) in ("ghi", "dni", "dhi"):
            if re.search(r"MJ/h", unit):
                data[name] = data[name].where(data[name] <= -900.0, data[name] / 0.0036)
            elif not re.search(r"W", unit):
                raise FileError(f"{path}: {name} in {unit}: expected hourly Wh/m^2, W/m^2 or MJ/hr")
    if "WS10M" in data and "WS2M" in data:
        data = data.drop(columns="WS10M")
    data = data.rename(columns=_POWER)
    import pandas as pd

    longitude = float(place[0])
    shift_h = 0.0 if zone == "UTC" else round(longitude / 15.0)
    data.index = data.index.tz_localize(_zone(shift_h)) + pd.Timedelta(
        minutes=30
    )  # labels are the hours' starts
    return Table(
        form="power", title="NASA POWER", latitude_deg=float(place[1]), longitude_deg=longitude,
        altitude_m=float(place[2]), data=_picked(data), typical=False, in_utc=zone == "UTC",
    )  # fmt: skip


def _json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(body, dict):
        raise FileError(f"{path}: expected a JSON object")
    return body


def _power_json(path: Path) -> tuple[Any, list[float], dict[str, str], str]:
    import pandas as pd

    body = _json(path)
    table = body["properties"]["parameter"]
    data = pd.DataFrame(table)
    if len(str(data.index[0])) != 10:
        raise FileError(f"{path}: expected an hourly NASA POWER file, its dates look like {data.index[0]}")
    data.index = pd.to_datetime(data.index, format="%Y%m%d%H")
    units = {name: str(about.get("units", "W")) for name, about in body.get("parameters", {}).items()}
    zone = str(body.get("header", {}).get("time_standard", "UTC")).upper()
    return data, [*body["geometry"]["coordinates"], 0.0][:3], units, zone


def _power_csv(path: Path) -> tuple[Any, list[float], dict[str, str], str]:
    import io

    import pandas as pd

    head, _, body = path.read_text(encoding="utf-8", errors="replace").partition("-END HEADER-")
    place = re.search(r"latitude\s+(-?[\d.]+)\s+longitude\s+(-?[\d.]+)", head, re.IGNORECASE)
    if place is None or not body:
        raise FileError(f"{path}: NASA POWER file without a place or without its end of header")
    high = re.search(r"=\s*(-?[\d.]+)\s*meters", head)
    data = pd.read_csv(io.StringIO(body.lstrip()))
    if "HR" not in data:
        raise FileError(f"{path}: expected an hourly NASA POWER file (columns YEAR, MO, DY, HR)")
    data.index = pd.to_datetime(
        data[["YEAR", "MO", "DY", "HR"]].set_axis(["year", "month", "day", "hour"], axis=1)
    )
    units = {name: found[1] for name in _POWER if (found := re.search(rf"{name}\s.*\(([^)]*)\)", head))}
    zone = "LST" if re.search(r"\bLST\b|local solar", head, re.IGNORECASE) else "UTC"
    longitude, latitude = float(place[2]), float(place[1])
    return data, [longitude, latitude, float(high[1]) if high else 0.0], units, zone


FORMATS: Mapping[str, Callable[[Path], Table]] = {
    "epw": _epw, "tmy3": _tmy3, "sam": _sam, "pvgis": _pvgis, "power": _power,
}  # fmt: skip
