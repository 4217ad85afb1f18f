"""Harmonised Landsat and Sentinel-2 (HLS v2): one file a band, scale and offset in each file's own tags."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

from accord.errors import FileError
from accord.systems.imaging.scene.integrity import opened
from accord.systems.imaging.scene.model import Band, Scene
from accord.systems.imaging.scene.raster import grid_of, repeat_of

__all__ = ["is_product", "read"]

_FILE = re.compile(r"^(HLS\.([LS])30\.T\w{5}\.\d{7}T\d{6}\.v[\d.]+)\.(\w+)\.tif$")
# HLS v2 user guide (2023), table 6
_BANDS = {
    "L": {"B02": "blue", "B03": "green", "B04": "red", "B05": "nir", "B06": "swir16", "B07": "swir22"},
    "S": {"B02": "blue", "B03": "green", "B04": "red", "B8A": "nir", "B11": "swir16", "B12": "swir22"},
}


def _files(folder: Path) -> dict[str, dict[str, Path]]:
    granules: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("HLS.*.tif")):
        match = _FILE.match(path.name)
        if match:
            granules.setdefault(match[1], {})[match[3]] = path
    return granules


def is_product(folder: Path) -> bool:
    """Return whether a folder holds an HLS granule."""
    return bool(_files(folder))


def _scaled(path: Path, name: str, grid: Any) -> Band:
    with opened(path) as source:
        tags = {**source.tags(), **source.tags(1)}
        scale, offset, nodata = tags.get("scale_factor"), tags.get("add_offset"), source.nodata
        gain = float(scale) if scale is not None else float(source.scales[0])
        shift = float(offset) if offset is not None else float(source.offsets[0])
    if gain == 1.0:
        raise FileError(
            f"{path}: {name} has no scale_factor in its tags: this is not an HLS file as distributed"
        )
    return Band(path=path, gain=gain, offset=shift, nodata=nodata, repeat=repeat_of(path, grid))


def read(folder: Path) -> Scene:
    """Read one granule.

    Raises
    ------
    FileError
        When the folder holds several granules, bands are missing or files carry no scale.
    """
    granules = _files(folder)
    if len(granules) > 1:
        raise FileError(f"{folder}: holds {len(granules)} HLS granules: give a folder of one")
    name, files = next(iter(granules.items()))
    family = name[4]
    known = {band: files[code] for code, band in _BANDS[family].items() if code in files}
    for needed in ("green", "nir"):
        if needed not in known:
            raise FileError(f"{folder}: {name} has no {needed} band")
    grid = grid_of(known["green"])
    with opened(known["green"]) as source:
        tags = source.tags()
    taken = tags.get("SENSING_TIME", "").split(";")[0].strip()[:26].rstrip("Z")
    sun = tags.get("MEAN_SUN_AZIMUTH_ANGLE"), tags.get("MEAN_SUN_ZENITH_ANGLE")
    fmask = files.get("Fmask")
    return Scene(
        id=name,
        kind="optical",
        unit="reflectance",
        grid=grid,
        bands={band: _scaled(path, band, grid) for band, path in known.items()},
        quality={"fmask": Band(path=fmask, nodata=255.0, repeat=repeat_of(fmask, grid))} if fmask else {},
        platform={"L": "Landsat (HLS)", "S": "Sentinel-2 (HLS)"}[family],
        product="HLS v2",
        taken=dt.datetime.fromisoformat(taken).replace(tzinfo=dt.UTC) if taken else None,
        sun_azimuth_deg=float(sun[0]) if sun[0] else None,
        sun_elevation_deg=90.0 - float(sun[1]) if sun[1] else None,
    )
