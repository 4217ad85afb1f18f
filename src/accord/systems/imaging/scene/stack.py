"""Plain rasters as scenes: bands by their description, by a sidecar or by what the user says.

The sidecar of ``scene.tif`` is ``scene.accord.yaml`` with any of: bands, unit, scale, offset, nodata, taken, orbit,
direction, platform, product, sun_azimuth_deg, sun_elevation_deg, filtered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.integrity import opened, rasterio
from accord.systems.imaging.scene.model import OPTICAL, RADAR, Band, Note, Scene
from accord.systems.imaging.scene.raster import grid_of
from accord.systems.imaging.scene.units import radar_unit, reflectance_scale, reflectance_suspect

__all__ = ["Hints", "band_name", "read", "sampled"]

_SENTINEL2 = {"b2": "blue", "b3": "green", "b4": "red", "b8": "nir", "b11": "swir16", "b12": "swir22"}
_QUALITY = ("scl", "fmask", "qa_pixel")
_WORDS = {"swir1": "swir16", "swir2": "swir22", "nir08": "nir"}
# common names of the STAC extension "eo" 2.0 that no method reads
_UNUSED = {
    "coastal", "aerosol", "yellow", "pan", "rededge", "rededge071", "rededge075", "rededge078", "nir09", "cirrus",
    "lwir", "lwir11", "lwir12", "tir", "tir1", "tir2", "thermal",
}  # fmt: skip
_KEYS = {
    "bands",
    "unit",
    "scale",
    "offset",
    "nodata",
    "taken",
    "orbit",
    "direction",
    "platform",
    "product",
    "sun_azimuth_deg",
    "sun_elevation_deg",
    "filtered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the user says about plain rasters; None leaves it to the file.

    Attributes
    ----------
    bands : tuple of str
        Names in the order of the file's bands; "-" skips one.
    unit : {"db", "linear"} or None
    scale, offset, nodata : float or None
        Reflectance = scale x number + offset.
    """

    bands: tuple[str, ...] = ()
    unit: str | None = None
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def band_name(text: str | None) -> str:
    """Return the common name that a band's description or file name ends in, or ""."""
    if "qa_pixel" in (text or "").lower():
        return "qa_pixel"
    for word in reversed(re.split(r"[^0-9a-z]+", (text or "").lower())):
        plain = re.sub(r"^b0(\d)$", r"b\1", word)
        found = _WORDS.get(plain, _SENTINEL2.get(plain, plain))
        if found in OPTICAL or found in RADAR or found in _QUALITY:
            return found
    return ""


def _told(text: str, names: Sequence[str]) -> str:
    """Return the common name that a user's word stands for, "-" for one that no method reads, or "?" and the word."""
    words = set(re.split(r"[^0-9a-z]+", text))
    if text == "-" or (words & _UNUSED and not band_name(text)):
        return "-"
    if (
        text in ("nir08", "b8a")
        and band_name("".join(n for n in names if n in ("nir", "b8", "b08"))) == "nir"
    ):
        return "-"  # the narrow near infrared beside the wide one
    return band_name(text) or "?" + text


def _sidecar(path: Path) -> dict[str, Any]:
    side = path.with_suffix(".accord.yaml")
    if not side.is_file():
        return {}
    import yaml

    try:
        body = yaml.safe_load(side.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise FileError(f"{side}: cannot be read: {error}") from error
    if not isinstance(body, dict) or set(body) - _KEYS:
        unknown = sorted(set(body) - _KEYS) if isinstance(body, dict) else ["(not a mapping)"]
        raise FileError(
            f"{side}: unknown {', '.join(map(str, unknown))}: expected {', '.join(sorted(_KEYS))}"
        )
    return body


def read(paths: Sequence[Path], hints: Hints | None = None) -> Scene:
    """Read rasters of one grid into one scene: a stack, or one file a band.

    Raises
    ------
    FileError
        When bands cannot be named, units cannot be told, or grids differ.
    """
    hints = hints or Hints()
    side: dict[str, Any] = {}
    for path in paths:
        side.update(_sidecar(path))
    names = hints.bands or tuple(side.get("bands", ()))
    grid = grid_of(paths[0])
    found = _found(paths, names, grid)
    radar = {name: band for name, band in found.items() if name in RADAR}
    optical = {name: band for name, band in found.items() if name in OPTICAL}
    quality = {name: band for name, band in found.items() if name in _QUALITY}
    if radar and optical:
        raise FileError(f"{paths[0]}: radar and optical bands in one scene: give them as two scenes")
    if not radar and not optical:
        listed = ", ".join(p.name for p in paths)
        raise FileError(
            f"{listed}: no band could be named: describe the bands in the file, or say --bands vv,vh or "
            f"--bands {','.join(OPTICAL)} in their order"
        )
    common = {**_common(paths[0], side), "id": _label(paths)}
    if radar:
        return _radar(radar, grid, hints, side, common)
    return _optical(optical, quality, grid, hints, side, common)


def _label(paths: Sequence[Path]) -> str:
    """Return what the names of the files share, without the band."""
    stems = [path.stem for path in paths]
    if len(stems) == 1:
        return stems[0]
    shared = "".join(
        letters[0] for letters in takewhile(lambda one: len(set(one)) == 1, zip(*stems, strict=False))
    )
    return shared.rstrip("-_. vV") or stems[0]


def _found(paths: Sequence[Path], names: tuple[str, ...], grid: Grid) -> dict[str, Band]:
    """Return every band that can be named, refusing two of one name and a second grid."""
    found: dict[str, Band] = {}
    number = 0
    for path in paths:
        other = grid_of(path)
        if (other.width, other.height) != (grid.width, grid.height) or not np.allclose(
            other.transform, grid.transform
        ):
            raise FileError(f"{path}: another grid than {paths[0].name}: bands of one scene share one grid")
        with opened(path) as source:
            nodata, described, count = source.nodata, source.descriptions, source.count
        for index in range(1, count + 1):
            if names:
                lower = [name.lower() for name in names]
                name = _told(lower[number], lower) if number < len(names) else "-"
            else:
                name = band_name(described[index - 1]) or (band_name(path.stem) if count == 1 else "")
            number += 1
            if name.startswith("?"):
                used = ", ".join((*RADAR, *OPTICAL, *_QUALITY))
                raise FileError(
                    f"band {name[1:]!r}: expected one of {used}, or one that is not read: "
                    f"{', '.join(sorted(_UNUSED))} or -"
                )
            if name in ("", "-"):
                continue
            if name in found:
                raise FileError(f"{path}: a second band {name!r}; the first is in {found[name].path.name}")
            found[name] = Band(path=path, index=index, nodata=nodata)
    if names and number != len(names):
        raise FileError(f"{len(names)} bands were named, the files hold {number}")
    return found


def _common(path: Path, side: Mapping[str, Any]) -> dict[str, Any]:
    taken = side.get("taken")
    if isinstance(taken, str):
        try:
            taken = dt.datetime.fromisoformat(taken.replace("Z", "+00:00"))
        except ValueError:
            raise FileError(
                f"{path.with_suffix('.accord.yaml')}: taken {taken!r}: expected ISO 8601"
            ) from None
    if isinstance(taken, dt.date) and not isinstance(taken, dt.datetime):
        taken = dt.datetime(taken.year, taken.month, taken.day, tzinfo=dt.UTC)
    if isinstance(taken, dt.datetime) and taken.tzinfo is None:
        taken = taken.replace(tzinfo=dt.UTC)
    words = {
        "platform": str(side.get("platform", "")),
        "product": str(side.get("product", "")),
        "direction": str(side.get("direction", "")),
    }
    return {"id": path.stem, "taken": taken, "orbit": side.get("orbit"), **words}


def sampled(band: Band) -> NDArray[np.float64]:
    """Return finite values, without nodata, of about a quarter of a million pixels in whole blocks of the file."""
    with opened(band.path) as source:
        high = min(source.height, 1024)
        rows = np.unique(np.linspace(0, max(source.height - 32, 0), max(high // 32, 1)).astype(int))
        parts = []
        for row in rows:
            window = rasterio().windows.Window(0, int(row), source.width, min(32, source.height - int(row)))
            try:
                parts.append(
                    source.read(band.index, window=window)[:, :: max(source.width // 512, 1)].ravel()
                )
            except rasterio().errors.RasterioError:
                continue  # the damaged block is told when its strip is read
    value = np.concatenate(parts).astype(np.float64) if parts else np.empty(0)
    value = value[np.isfinite(value)]
    return value[value != band.nodata] if band.nodata is not None else value


def _with(band: Band, gain: float, offset: float, nodata: float | None) -> Band:
    return Band(
        path=band.path,
        index=band.index,
        gain=gain,
        offset=offset,
        nodata=band.nodata if nodata is None else nodata,
    )


def _radar(
    bands: Mapping[str, Band], grid: Grid, hints: Hints, side: Mapping[str, Any], common: Mapping[str, Any]
) -> Scene:
    nodata = hints.nodata if hints.nodata is not None else side.get("nodata")
    known = {name: _with(band, 1.0, 0.0, nodata) for name, band in bands.items()}
    first = next(iter(known.values()))
    unit = hints.unit or side.get("unit") or radar_unit(sampled(first), str(first.path))
    if unit not in ("db", "linear"):
        raise FileError(f"{first.path}: unit {unit!r}: expected db or linear")
    told = hints.unit or side.get("unit")
    guessed = Note(level="info", code="unit-from-range", text=f"unit read from the range of values: {unit}")
    notes = [] if told else [guessed]
    return Scene(
        kind="radar",
        unit=unit,  # type: ignore[arg-type]
        grid=grid,
        bands=known,
        filtered=bool(side.get("filtered", False)),
        notes=tuple(notes),
        **common,
    )


def _optical(
    bands: Mapping[str, Band],
    quality: Mapping[str, Band],
    grid: Grid,
    hints: Hints,
    side: Mapping[str, Any],
    common: Mapping[str, Any],
) -> Scene:
    scale = hints.scale if hints.scale is not None else side.get("scale")
    offset = hints.offset if hints.offset is not None else side.get("offset")
    nodata = hints.nodata if hints.nodata is not None else side.get("nodata")
    known, median, darkest, notes = {}, {}, {}, []
    for name, band in bands.items():
        band = _with(band, 1.0, 0.0, nodata)
        sample = sampled(band)
        gain = float(scale) if scale is not None else reflectance_scale(sample, str(band.path))
        known[name] = _with(band, gain, float(offset or 0.0), nodata)
        if sample.size:
            low, middle = (float(v) for v in np.quantile(sample, [0.01, 0.5]))
            median[name], darkest[name] = (v * gain + float(offset or 0.0) for v in (middle, low))
    if scale is None:
        gains = {band.gain for band in known.values()}
        if len(gains) > 1:
            raise FileError(f"{common['id']}: bands of different scale: say --scale and --offset")
        notes.append(
            Note(
                level="info",
                code="scale-from-range",
                text=f"scale {gains.pop():g} read from the range of values",
            )
        )
    wrong = reflectance_suspect(median, darkest if offset is None else None)
    if wrong:
        raise FileError(f"{common['id']}: {wrong}")
    return Scene(
        kind="optical", unit="reflectance", grid=grid, bands=known, quality=dict(quality),
        sun_azimuth_deg=side.get("sun_azimuth_deg"), sun_elevation_deg=side.get("sun_elevation_deg"),
        notes=tuple(notes), **common,
    )  # fmt: skip
