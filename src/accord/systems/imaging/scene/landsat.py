"""Landsat Collection 2 surface reflectance, from its MTL text. USGS LSDS-1619 (2022)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from accord.errors import FileError
from accord.systems.imaging.scene.model import Band, Scene
from accord.systems.imaging.scene.raster import grid_of, repeat_of

__all__ = ["is_product", "metadata", "read"]

_OLI = {"blue": 2, "green": 3, "red": 4, "nir": 5, "swir16": 6, "swir22": 7}
_TM = {"blue": 1, "green": 2, "red": 3, "nir": 4, "swir16": 5, "swir22": 7}


def _mtl(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("*_MTL.txt"))), None)


def is_product(folder: Path) -> bool:
    """Return whether a folder is a Landsat product."""
    return _mtl(folder) is not None


def metadata(path: Path) -> dict[str, str]:
    """Return ``GROUP/KEY`` to value of an MTL file; the innermost group names the key.

    Raises
    ------
    FileError
        When it cannot be read or a group does not end.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read as MTL text: {error}") from error
    groups: list[str] = []
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        key, mark, value = (part.strip() for part in line.partition("="))
        if not mark:
            continue
        if key == "GROUP":
            groups.append(value)
        elif key == "END_GROUP":
            if not groups or groups.pop() != value:
                raise FileError(f"{path}:{number}: END_GROUP {value} closes no group of that name")
        else:
            found[f"{groups[-1] if groups else ''}/{key}"] = value.strip('"')
    if groups:
        raise FileError(f"{path}: the group {groups[-1]} does not end: the file is cut short")
    return found


def read(folder: Path) -> Scene:
    """Read a Level-2 product into a scene.

    Raises
    ------
    FileError
        For a Level-1 product, missing keys or missing bands.
    """
    path = _mtl(folder)
    assert path is not None
    known = metadata(path)

    def value(group: str, key: str) -> str:
        if f"{group}/{key}" not in known:
            raise FileError(f"{path}: {key} is missing in {group}")
        return known[f"{group}/{key}"]

    contents, reflectance = "PRODUCT_CONTENTS", "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS"
    level = value(contents, "PROCESSING_LEVEL")
    if not level.startswith("L2"):
        raise FileError(f"{path}: processing level {level}: expected Level 2 (surface reflectance)")
    spacecraft = value("IMAGE_ATTRIBUTES", "SPACECRAFT_ID")
    table = _OLI if spacecraft in ("LANDSAT_8", "LANDSAT_9") else _TM
    green = folder / value(contents, f"FILE_NAME_BAND_{table['green']}")
    grid = grid_of(green)
    bands = {}
    for name, number in table.items():
        file = folder / value(contents, f"FILE_NAME_BAND_{number}")
        if not file.is_file():
            if name in ("green", "nir"):
                raise FileError(f"{file}: band {number} ({name}) is missing")
            continue
        bands[name] = Band(
            path=file,
            gain=float(value(reflectance, f"REFLECTANCE_MULT_BAND_{number}")),
            offset=float(value(reflectance, f"REFLECTANCE_ADD_BAND_{number}")),
            nodata=0.0,
            repeat=repeat_of(file, grid),
        )
    quality = folder / value(contents, "FILE_NAME_QUALITY_L1_PIXEL")
    image = "IMAGE_ATTRIBUTES"
    clock = value(image, "SCENE_CENTER_TIME")[:15].rstrip("Z")
    return Scene(
        id=value(contents, "LANDSAT_PRODUCT_ID"),
        kind="optical",
        unit="reflectance",
        grid=grid,
        bands=bands,
        quality={"qa_pixel": Band(path=quality, repeat=repeat_of(quality, grid))}
        if quality.is_file()
        else {},
        platform=spacecraft.replace("_", " ").title(),
        product=level,
        taken=dt.datetime.fromisoformat(f"{value(image, 'DATE_ACQUIRED')}T{clock}").replace(tzinfo=dt.UTC),
        orbit=int(value(image, "WRS_PATH")),
        sun_azimuth_deg=float(value(image, "SUN_AZIMUTH")),
        sun_elevation_deg=float(value(image, "SUN_ELEVATION")),
    )
