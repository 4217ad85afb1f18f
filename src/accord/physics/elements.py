"""Catalogued satellites: two-line elements and orbit mean-elements messages, propagated by SGP4."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import FileError
from accord.physics.frames import teme_to_pef_velocity
from accord.physics.time import gmst_rad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["circular_satellite", "epoch_jd", "read_elements", "sgp4_pef", "sgp4_teme"]

_LINE = 69  # characters that carry data and checksum


def read_elements(path: Path) -> list[tuple[str, Any]]:
    """Return (name, satellite) of every entry of a TLE file (two or three lines each) or an OMM (XML, CSV,
    JSON).

    Raises
    ------
    FileError
        For a file that cannot be read, a wrong checksum, or lines that are no element sets.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path.name}: cannot be read: {error}") from error
    read = {".xml": _from_xml, ".csv": _from_csv, ".json": _from_json}.get(path.suffix.lower(), _from_lines)
    try:
        found = list(read(text))
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise FileError(f"{path.name}: not an element set: {error}") from error
    if not found:
        raise FileError(f"{path.name}: holds no satellite")
    return found


def _from_lines(text: str) -> Iterator[tuple[str, Any]]:
    from sgp4.api import Satrec

    rows = enumerate(text.splitlines(), 1)
    lines = [(at, line.rstrip()) for at, line in rows if line.strip() and not line.startswith("#")]
    name = ""
    for index, (at, line) in enumerate(lines):
        after = lines[index + 1][1] if index + 1 < len(lines) else ""
        if line.startswith("1 ") and after.startswith("2 "):
            _check(line, at)
            _check(after, lines[index + 1][0])
            if line[2:7] != after[2:7]:
                raise ValueError(
                    f"line {at}: satellite {line[2:7]!r}, but {after[2:7]!r} on the line after it"
                )
            satellite = Satrec.twoline2rv(line, after)
            yield name or str(satellite.satnum), satellite
            name = ""
        elif line.startswith("1 "):
            raise ValueError(f"line {at}: line 1 without line 2: {line[:30]!r}")
        elif not line.startswith("2 "):
            name = line.removeprefix("0 ").strip()
        elif index == 0 or not lines[index - 1][1].startswith("1 "):
            raise ValueError(f"line {at}: line 2 without line 1: {line[:30]!r}")


def _check(line: str, at: int) -> None:
    from sgp4.io import compute_checksum

    if len(line) < _LINE:
        raise ValueError(f"line {at} has {len(line)} characters, expected {_LINE}: {line[:20]!r}")
    expected = compute_checksum(line)  # type: ignore[no-untyped-call]
    if line[_LINE - 1] != str(expected):
        raise ValueError(f"line {at}: wrong checksum {line[_LINE - 1]!r}, expected {expected}: {line[:30]!r}")


def _from_omm(rows: Iterator[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    from sgp4 import omm
    from sgp4.api import Satrec

    for row in rows:
        satellite = Satrec()
        omm.initialize(satellite, row)  # type: ignore[no-untyped-call]
        yield str(row.get("OBJECT_NAME") or satellite.satnum), satellite


def _from_xml(text: str) -> Iterator[tuple[str, Any]]:
    from sgp4 import omm

    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("document types and entities are not accepted")
    rows = omm.parse_xml(io.StringIO(text))  # type: ignore[no-untyped-call]
    yield from _from_omm(rows)


def _from_csv(text: str) -> Iterator[tuple[str, Any]]:
    from sgp4 import omm

    rows = omm.parse_csv(io.StringIO(text))  # type: ignore[no-untyped-call]
    yield from _from_omm(rows)


def _from_json(text: str) -> Iterator[tuple[str, Any]]:
    rows = json.loads(text)
    yield from _from_omm(iter(rows if isinstance(rows, list) else [rows]))


def circular_satellite(
    mean_motion_rad_per_s: float, inclination_rad: float, node_rad: float, latitude_rad: float, jd: float
) -> Any:
    """Return an SGP4 satellite on a nearly circular orbit without drag.

    Parameters
    ----------
    mean_motion_rad_per_s : float [rad/s]
        Kozai's (`accord.physics.orbits.kozai_mean_motion_rad_per_s`): SGP4 takes its elements that way.
    jd : float
        Epoch, Julian date (UTC).
    """
    from sgp4.api import WGS84, Satrec

    satellite = Satrec()
    epoch = jd - 2433281.5  # SGP4 counts days from 1949 December 31
    angles = (inclination_rad, latitude_rad, mean_motion_rad_per_s * 60.0, node_rad)
    satellite.sgp4init(WGS84, "i", 1, epoch, 0.0, 0.0, 0.0, 0.0, 0.0, *angles)
    return satellite


def epoch_jd(satellite: Any) -> float:
    """Return the epoch of an element set as Julian date (UTC)."""
    return float(satellite.jdsatepoch + satellite.jdsatepochF)


def sgp4_teme(
    satellites: Sequence[Any], jd: float, seconds: FloatArray
) -> tuple[Any, FloatArray, FloatArray]:
    """Return SGP4's error codes, inertial positions [km] and velocities [km/s].

    Vallado, Crawford, Hujsak & Kelso (2006), Revisiting Spacetrack Report #3, AIAA 2006-6753.

    Parameters
    ----------
    satellites : sequence of n sgp4 satellites
    jd : float
        Julian date (UTC) of time zero.
    seconds : float array, shape (times,) [s]

    Returns
    -------
    error : int array, shape (n, times)
        0 where the state is good.
    position_km, velocity_km_s : float array, shape (n, times, 3)
    """
    from sgp4.api import SatrecArray

    whole = np.full(len(seconds), np.floor(jd))
    array: Any = SatrecArray(list(satellites))
    error, position, velocity = array.sgp4(whole, (jd - whole) + seconds / 86400.0)
    return error, position, velocity


def sgp4_pef(satellites: Sequence[Any], jd: float, seconds: FloatArray) -> tuple[Any, FloatArray, FloatArray]:
    """Return as `sgp4_teme`, in the Earth-fixed frame."""
    error, position, velocity = sgp4_teme(satellites, jd, seconds)
    return error, *teme_to_pef_velocity(position, velocity, gmst_rad(jd, seconds)[None, :])
