"""Passes for daily use: which satellites stand over which sites, when, how high, by day or night, lit or not."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Ephemeris, Passes
from accord.errors import FileError
from accord.physics.catalogue import catalogue_ephemeris
from accord.physics.elements import read_elements
from accord.physics.geodesy import azimuth_rad, ecef_from_geodetic
from accord.physics.passes import passes, states_at
from accord.physics.time import calendar_date, julian_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "COLUMNS",
    "Place",
    "find",
    "parse_moment",
    "parse_place",
    "read_horizon",
    "read_places",
    "sky_of",
    "table",
]

COLUMNS = (
    "satellite",
    "site",
    "rise",
    "culmination",
    "set",
    "duration_s",
    "max_elevation_deg",
    "rise_azimuth_deg",
    "culmination_azimuth_deg",
    "set_azimuth_deg",
    "range_km",
    "sun_elevation_deg",
    "sunlit_share",
    "dark",
    "cut",
)
_PROGRAMMES = {".yaml", ".yml"}
_STEP_S = 60.0
_LONGEST_H = 31.0 * 24.0
_MOST_STATES = 2.0e7  # 1 GB of positions and velocities
_BIN_DEG = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site on the ground; height above the ellipsoid, lowest usable elevation, None for the caller's."""

    name: str
    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0
    mask_deg: float | None = None


def parse_place(text: str) -> Place:
    """Read ``NAME,LATITUDE,LONGITUDE[,HEIGHT_M[,MASK_DEG]]``; longitudes of 0 to 360 count as well.

    Raises
    ------
    FileError
        For anything else; the message says what was expected.
    """
    parts = [part.strip() for part in text.split(",")]
    if not 3 <= len(parts) <= 5 or not parts[0]:
        raise FileError(f"site {text!r}: expected NAME,LATITUDE,LONGITUDE[,HEIGHT_M[,MASK_DEG]]")
    keys = ("latitude", "longitude", "height_m", "mask_deg")
    return _place(parts[0], dict(zip(keys, parts[1:], strict=False)), f"site {text!r}")


def _place(name: str, row: Mapping[str, str], where: str) -> Place:
    latitude = _number(row, "latitude", -90.0, 90.0, where)
    longitude = _number(row, "longitude", -180.0, 360.0, where)
    return Place(
        name=name,
        latitude_deg=latitude,
        longitude_deg=longitude - 360.0 if longitude > 180.0 else longitude,
        height_m=_number(row, "height_m", -500.0, 9000.0, where, "0"),
        mask_deg=_number(row, "mask_deg", 0.0, 89.0, where) if row.get("mask_deg") else None,
    )


def _number(
    row: Mapping[str, str], key: str, low: float, high: float, where: str, default: str = ""
) -> float:
    text = row.get(key) or default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        hint = " (latitude comes before longitude)" if key == "latitude" else ""
        raise FileError(f"{where}: {key} {text!r}: expected a number from {low:g} to {high:g}{hint}")
    return value


def read_places(path: Path) -> list[Place]:
    """Read sites from a CSV file with the columns name, latitude, longitude and, if wanted, height_m and mask_deg.

    Raises
    ------
    FileError
        For a file that cannot be read, missing columns, values out of range, or two sites of one name.
    """
    rows = _rows(path, {"name", "latitude", "longitude"})
    found = [_place(row["name"], row, f"{path.name}: line {line}") for line, row in rows]
    names = [place.name for place in found]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        raise FileError(f"{path.name}: two sites are called {twice!r}")
    return found


def _rows(path: Path, needed: set[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path.name}: cannot be read: {error}") from error
    reader = csv.DictReader(text.splitlines())
    missing = needed - {(name or "").strip() for name in reader.fieldnames or ()}
    if missing:
        raise FileError(f"{path.name}: line 1: no column {', '.join(sorted(missing))}")
    found = [
        (
            reader.line_num,
            {(k or "").strip(): (v or "").strip() for k, v in row.items() if isinstance(v, str)},
        )
        for row in reader
    ]
    if not found:
        raise FileError(f"{path.name}: holds no row")
    return found


def read_horizon(path: Path, places: Sequence[Place]) -> FloatArray:
    """Read horizons from a CSV file with the columns name, azimuth and elevation [deg]; linear in between.

    Returns
    -------
    float array, shape (places, 360) [deg]
        At whole degrees of azimuth from north over east; -90 for sites that the file does not name.

    Raises
    ------
    FileError
        For a file that cannot be read, values out of range, or a site that is not among the places.
    """
    bins = np.arange(0.0, 360.0, _BIN_DEG)
    found = np.full((len(places), len(bins)), -90.0)
    numbers = {place.name: index for index, place in enumerate(places)}
    points: dict[str, list[tuple[float, float]]] = {}
    for line, row in _rows(path, {"name", "azimuth", "elevation"}):
        where = f"{path.name}: line {line}"
        if row["name"] not in numbers:
            raise FileError(f"{where}: no site {row['name']!r}: expected one of {', '.join(numbers)}")
        azimuth = _number(row, "azimuth", 0.0, 360.0, where)
        points.setdefault(row["name"], []).append((azimuth, _number(row, "elevation", -10.0, 89.0, where)))
    for name, pairs in points.items():
        azimuths, elevations = np.array(sorted(pairs)).T
        found[numbers[name]] = np.interp(bins, azimuths, elevations, period=360.0)
    return found


def parse_moment(text: str) -> datetime:
    """Read a moment in ISO 8601, UTC where no zone is given; a date is its midnight.

    Raises
    ------
    FileError
        For anything else.
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise FileError(f"{text!r}: expected a moment such as 2027-03-20T18:00 (UTC)") from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def sky_of(
    source: Path, begin: datetime, hours: float, system: str = ""
) -> tuple[Ephemeris, list[str], list[Place]]:
    """Return where satellites are over a window, remarks on those left out, and the places that the source names.

    Parameters
    ----------
    source : Path
        A TLE or OMM file, or a programme file with a constellation: its shells by J2, its catalogues by SGP4.
    begin : datetime
        In UTC.
    hours : float [h]
    system : str
        Which constellation of the programme file, where it has several.

    Raises
    ------
    FileError, ModelError
        For what cannot be read or propagated, and for windows too long or fleets too large.
    """
    if not 0.0 < hours <= _LONGEST_H:
        raise FileError(f"a window of {hours:g} h: expected more than 0 and at most {_LONGEST_H:g}")
    jd = julian_date(begin)
    if source.suffix.lower() in _PROGRAMMES:
        return _of_programme(source, jd, hours, system)
    entries = read_elements(source)
    _within_memory(len(entries), hours)
    sky, remarks = catalogue_ephemeris(entries, jd, hours * 3600.0, source.name, step_s=_STEP_S)
    return sky, remarks, []


def _within_memory(satellites: int, hours: float) -> None:
    if satellites * (hours * 3600.0 / _STEP_S + 2.0) > _MOST_STATES:
        raise FileError(
            f"{satellites} satellites over {hours:g} h are too many at once: choose a shorter window"
        )


def _of_programme(
    source: Path, jd: float, hours: float, wanted: str
) -> tuple[Ephemeris, list[str], list[Place]]:
    from accord.programme.loader import load
    from accord.systems.constellation.fleet import assemble
    from accord.systems.constellation.inputs import Design

    loaded = load(source)
    designs = {k: s.design for k, s in loaded.resolved.systems.items() if isinstance(s.design, Design)}
    if not designs:
        raise FileError(f"{source.name}: has no constellation")
    if wanted not in designs and (wanted or len(designs) > 1):
        raise FileError(f"{source.name}: system {wanted!r}: expected one of {', '.join(designs)}")
    design = designs[wanted or next(iter(designs))]
    start = calendar_date(jd)
    moved = design.model_copy(
        update={"epoch": date(start.year, start.month, start.day), "duration_day": hours / 24.0}
    )
    # a shell is defined by its own epoch, catalogued satellites are judged by the age of their elements
    fleet = assemble(moved, loaded.folder)
    _within_memory(len(fleet), hours)
    since = (jd - julian_date(design.epoch)) * 86400.0
    fleet = replace(fleet, jd=julian_date(design.epoch))
    nodes = max(3, math.ceil(hours * 3600.0 / _STEP_S) + 1)
    position, velocity = fleet.states(since + _STEP_S * np.arange(nodes, dtype=float))
    makers = [text for used, text in ((design.shells, "j2"), (design.catalogues, "sgp4")) if used]
    sky = Ephemeris(
        epoch_jd_utc=jd,
        step_s=_STEP_S,
        position_km=position,
        velocity_km_s=velocity,
        names=fleet.names,
        propagator=f"{' and '.join(makers)}, epoch {design.epoch}",
    )
    area = design.area.places if design.area is not None else ()
    places = [Place(name=p.name, latitude_deg=p.latitude_deg, longitude_deg=p.longitude_deg) for p in area]
    return sky, list(fleet.notes), places


def find(
    sky: Ephemeris,
    places: Sequence[Place],
    mask_deg: float,
    horizon_deg: FloatArray | None = None,
    *,
    progress: Callable[[float], None] | None = None,
) -> Passes:
    """Return the passes of every satellite over every place, as `accord.physics.passes.passes`."""
    masks = [place.mask_deg if place.mask_deg is not None else mask_deg for place in places]
    return passes(
        sky,
        np.array([place.latitude_deg for place in places]),
        np.array([place.longitude_deg for place in places]),
        np.array(masks),
        height_km=np.array([place.height_m for place in places]) * 1e-3,
        horizon_deg=horizon_deg,
        progress=progress,
    )


def table(
    sky: Ephemeris, places: Sequence[Place], found: Passes, *, dark: bool, lit: bool
) -> list[dict[str, Any]]:
    """Return one row a pass, for printing: times in UTC to a millisecond, angles in degrees, range in km.

    Parameters
    ----------
    dark, lit : bool
        Keep only passes with the Sun below -6 degrees at the site, and only those with the satellite in sunlight, both
        at culmination.
    """
    keep = np.ones(len(found), dtype=bool)
    if dark:
        keep &= found.dark
    if lit:
        keep &= found.sunlit_share > 0.0
    rows = np.flatnonzero(keep)
    satellite, site = found.satellite[rows], found.site[rows]
    latitude = np.radians([place.latitude_deg for place in places])[site]
    longitude = np.radians([place.longitude_deg for place in places])[site]
    ground = ecef_from_geodetic(
        latitude, longitude, np.array([place.height_m for place in places])[site] * 1e-3
    )
    moments = (found.rise_s[rows], found.culmination_s[rows], found.set_s[rows])
    positions = [states_at(sky, satellite, seconds) for seconds in moments]
    azimuths = [np.degrees(azimuth_rad(p, ground, latitude, longitude)) for p in positions]
    distance = np.linalg.norm(positions[1] - ground, axis=1)
    begin = calendar_date(sky.epoch_jd_utc).replace(microsecond=0)
    begin += timedelta(seconds=round((sky.epoch_jd_utc - julian_date(begin)) * 86400.0))
    return [
        {
            "satellite": sky.names[satellite[n]],
            "site": places[site[n]].name,
            "rise": _stamp(begin, moments[0][n]),
            "culmination": _stamp(begin, moments[1][n]),
            "set": _stamp(begin, moments[2][n]),
            "duration_s": round(float(moments[2][n] - moments[0][n]), 3),
            "max_elevation_deg": round(float(found.max_elevation_deg[row]), 3),
            "rise_azimuth_deg": round(float(azimuths[0][n]), 2),
            "culmination_azimuth_deg": round(float(azimuths[1][n]), 2),
            "set_azimuth_deg": round(float(azimuths[2][n]), 2),
            "range_km": round(float(distance[n]), 2),
            "sun_elevation_deg": round(float(found.sun_elevation_deg[row]), 2),
            "sunlit_share": round(float(found.sunlit_share[row]), 3),
            "dark": bool(found.dark[row]),
            "cut": bool(found.cut[row]),
        }
        for n, row in enumerate(rows)
    ]


def _stamp(begin: datetime, seconds: float) -> str:
    moment = begin + timedelta(milliseconds=round(float(seconds) * 1000.0))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
