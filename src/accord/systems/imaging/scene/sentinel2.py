"""Sentinel-2 products: scale, offset, sun and bands from the product's own metadata."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from accord.errors import FileError
from accord.systems.imaging.scene.model import Band, Note, Scene
from accord.systems.imaging.scene.raster import grid_of, repeat_of
from accord.systems.imaging.scene.xml import number, parse, text

__all__ = ["is_product", "read"]

# Sentinel-2 Products Specification Document 14.9 (2021): band names, and band_id in the lists of offsets
_BANDS = {
    "blue": ("B02", 1),
    "green": ("B03", 2),
    "red": ("B04", 3),
    "nir": ("B08", 7),
    "swir16": ("B11", 11),
    "swir22": ("B12", 12),
}


def _metadata(folder: Path) -> Path | None:
    return next((p for level in ("L2A", "L1C") if (p := folder / f"MTD_MSI{level}.xml").is_file()), None)


def is_product(folder: Path) -> bool:
    """Return whether a folder is a Sentinel-2 product."""
    return _metadata(folder) is not None


def read(folder: Path) -> Scene:
    """Read a product's metadata into a scene of 10 m, its 20 m bands repeated.

    Raises
    ------
    FileError
        When metadata or bands are missing or contradict each other.
    """
    path = _metadata(folder)
    assert path is not None
    root, label = parse(path), path.name
    surface = label == "MTD_MSIL2A.xml"
    quantity = "BOA_QUANTIFICATION_VALUE" if surface else "QUANTIFICATION_VALUE"
    scale = number(root, f".//{quantity}", label)
    offsets = _offsets(root, "BOA_ADD_OFFSET" if surface else "RADIO_ADD_OFFSET", label)
    files = [element.text.strip() for element in root.iter("IMAGE_FILE") if element.text]
    chosen = {name: _file(folder, files, code) for name, (code, _) in _BANDS.items()}
    grid = grid_of(_required(chosen, "green", folder))
    bands = {
        name: Band(
            path=found,
            gain=1.0 / scale,
            offset=offsets.get(_BANDS[name][1], 0.0) / scale,
            nodata=0.0,
            repeat=repeat_of(found, grid),
        )
        for name, found in chosen.items()
        if found is not None
    }
    for name in ("green", "nir"):
        _required(chosen, name, folder)
    quality, notes = _quality(folder, files, grid)
    if not surface:
        notes.append(
            Note(
                level="warning",
                code="top-of-atmosphere",
                text="Level-1C: reflectance above the atmosphere, not of the surface; thresholds are made for Level-2A",
            )
        )
    azimuth, elevation = _sun(folder)
    taken = text(root, ".//PRODUCT_START_TIME", label)
    return Scene(
        id=folder.name.removesuffix(".SAFE"),
        kind="optical",
        unit="reflectance",
        grid=grid,
        bands=bands,
        quality=quality,
        platform=text(root, ".//SPACECRAFT_NAME", label, "Sentinel-2"),
        product="Level-2A" if surface else "Level-1C",
        taken=dt.datetime.fromisoformat(taken.replace("Z", "+00:00")),
        orbit=int(number(root, ".//SENSING_ORBIT_NUMBER", label, 0.0)) or None,
        direction=text(root, ".//SENSING_ORBIT_DIRECTION", label, "").lower(),
        sun_azimuth_deg=azimuth,
        sun_elevation_deg=elevation,
        notes=tuple(notes),
    )


def _offsets(root: Any, tag: str, label: str) -> dict[int, float]:
    """Return the offset of each band_id; products before baseline 04.00 have none, later ones must."""
    found = {}
    for element in root.iter(tag):
        try:
            found[int(element.get("band_id"))] = float(element.text)
        except (TypeError, ValueError):
            raise FileError(f"{label}: {tag}: expected a number with a band_id") from None
    baseline = number(root, ".//PROCESSING_BASELINE", label)
    if baseline >= 4.0 and not found:
        raise FileError(
            f"{label}: processing baseline {baseline:05.2f} adds an offset to every band, yet no {tag} is listed: "
            "the metadata are incomplete"
        )
    return found


def _file(folder: Path, files: list[str], code: str) -> Path | None:
    """Return the finest file of a band: as the metadata list it, or as it lies in the granule."""
    named = [folder / (name + ".jp2") for name in files if f"_{code}" in name.rpartition("/")[2]]
    named += sorted(folder.glob(f"GRANULE/*/IMG_DATA/**/*_{code}*.*"))
    there = [p for p in named if p.is_file() and p.suffix.lower() in (".jp2", ".tif", ".tiff")]
    return min(there, key=lambda p: (grid_of(p).transform[0], str(p))) if there else None


def _required(chosen: dict[str, Path | None], name: str, folder: Path) -> Path:
    found = chosen[name]
    if found is None:
        raise FileError(f"{folder}: band {_BANDS[name][0]} ({name}) is missing")
    return found


def _quality(folder: Path, files: list[str], grid: Any) -> tuple[dict[str, Band], list[Note]]:
    found = _file(folder, files, "SCL")
    if found is None:
        return {}, []
    return {"scl": Band(path=found, repeat=repeat_of(found, grid))}, []


def _sun(folder: Path) -> tuple[float | None, float | None]:
    path = next(iter(sorted(folder.glob("GRANULE/*/MTD_TL.xml"))), None)
    if path is None:
        return None, None
    root = parse(path)
    zenith = text(root, ".//Mean_Sun_Angle/ZENITH_ANGLE", path.name, "")
    azimuth = text(root, ".//Mean_Sun_Angle/AZIMUTH_ANGLE", path.name, "")
    return (float(azimuth), 90.0 - float(zenith)) if zenith and azimuth else (None, None)
