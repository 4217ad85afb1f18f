"""A local STAC item or catalogue, as plain JSON: assets by their common names, scale and offset from raster:bands."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from accord.errors import FileError
from accord.systems.imaging.scene.integrity import opened
from accord.systems.imaging.scene.model import OPTICAL, RADAR, Band, Scene
from accord.systems.imaging.scene.raster import grid_of, repeat_of
from accord.systems.imaging.scene.stack import band_name
from accord.systems.imaging.scene.units import radar_unit

__all__ = ["document", "items", "read"]

_QUALITY = ("scl", "fmask", "qa_pixel")
_LIMIT = 1000


def document(path: Path) -> dict[str, Any] | None:
    """Return a STAC object, or None where the file is other JSON.

    Raises
    ------
    FileError
        When it is not JSON.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read as JSON: {error}") from error
    return body if isinstance(body, dict) and "stac_version" in body else None


def _local(href: str, beside: Path) -> Path:
    parts = urlsplit(href)
    if parts.scheme not in ("", "file"):
        raise FileError(
            f"{beside}: {href} lies elsewhere: download it first, mapping works with local files only"
        )
    path = Path(unquote(parts.path))
    return path if path.is_absolute() else beside.parent / path


def items(path: Path, body: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield every item below a catalogue, collection, feature collection or item, each once.

    Raises
    ------
    FileError
        For a link that is not local or broken, and beyond 1000 documents.
    """
    queue: list[tuple[Path, Mapping[str, Any]]] = [(path, body)]
    seen: set[Path] = set()
    while queue:
        place, found = queue.pop(0)
        if found.get("type") == "FeatureCollection":
            queue = [(place, feature) for feature in found.get("features", [])] + queue
            continue
        if found.get("type") == "Feature":
            yield place, found
            continue
        if place.resolve() in seen:
            continue
        seen.add(place.resolve())
        if len(seen) > _LIMIT:
            raise FileError(f"{path}: more than {_LIMIT} documents are linked")
        for link in found.get("links", []):
            if link.get("rel") in ("item", "child"):
                target = _local(str(link.get("href", "")), place)
                linked = document(target)
                if linked is None:
                    raise FileError(f"{target}: not a STAC document (no stac_version)")
                queue.append((target, linked))


def _asset_bands(asset: Mapping[str, Any], key: str) -> list[tuple[str, float, float, float | None]]:
    """Return (name, scale, offset, nodata) of each band of an asset; STAC 1.1 bands or 1.0 eo:bands, raster:bands."""
    listed = asset.get("bands") or []
    eo, raster = asset.get("eo:bands") or [], asset.get("raster:bands") or []
    rows = []
    for i in range(max(len(listed), len(eo), len(raster), 1)):
        merged: dict[str, Any] = {}
        for part in (asset, *(group[i] for group in (raster, eo, listed) if i < len(group))):
            merged.update(part)
        label = merged.get("eo:common_name") or merged.get("common_name") or merged.get("name") or key
        name = band_name(str(label)) or (band_name(key) if max(len(listed), len(eo), 1) == 1 else "")
        scale = merged.get("raster:scale", merged.get("scale", 1.0))
        offset = merged.get("raster:offset", merged.get("offset", 0.0))
        nodata = merged.get("nodata")
        rows.append(
            (name, float(scale), float(offset), float(nodata) if isinstance(nodata, (int, float)) else None)
        )
    return rows


def read(path: Path, item: Mapping[str, Any]) -> Scene:
    """Read an item into a scene.

    Raises
    ------
    FileError
        When it has no usable asset, an asset is missing, or a reflectance has no scale.
    """
    found: dict[str, Band] = {}
    for key, asset in (item.get("assets") or {}).items():
        for index, (name, scale, offset, nodata) in enumerate(_asset_bands(asset, key), 1):
            if not name or name in found:
                continue
            file = _local(str(asset.get("href", "")), path)
            if not file.is_file():
                raise FileError(f"{path}: asset {key!r}: {file} is missing")
            with opened(file) as source:
                stored = source.nodata
                if scale == 1.0 and offset == 0.0:
                    scale, offset = float(source.scales[index - 1]), float(source.offsets[index - 1])
            found[name] = Band(
                path=file, index=index, gain=scale, offset=offset, nodata=stored if nodata is None else nodata
            )
    label = f"{path.name} ({item.get('id', 'no id')})"
    radar = {name: band for name, band in found.items() if name in RADAR}
    optical = {name: band for name, band in found.items() if name in OPTICAL}
    chosen = radar or optical
    if not chosen:
        raise FileError(f"{label}: no asset is a band that mapping knows ({', '.join((*RADAR, *OPTICAL))})")
    lead = chosen.get("green") or next(iter(chosen.values()))
    grid = grid_of(lead.path)
    placed = {name: _placed(band, grid) for name, band in chosen.items()}
    quality = {name: _placed(band, grid) for name, band in found.items() if name in _QUALITY and optical}
    if not radar:
        for name, band in placed.items():
            with opened(band.path) as source:
                if band.gain == 1.0 and np.dtype(source.dtypes[band.index - 1]).kind in "iu":
                    raise FileError(f"{label}: {name} holds integers and the item gives no raster:scale")
    unit = "reflectance" if not radar else _radar_unit(lead, str(lead.path))
    return _scene(item, grid, placed, quality, unit)


def _placed(band: Band, grid: Any) -> Band:
    k = repeat_of(band.path, grid)
    return Band(
        path=band.path, index=band.index, gain=band.gain, offset=band.offset, nodata=band.nodata, repeat=k
    )


def _radar_unit(band: Band, label: str) -> str:
    from accord.systems.imaging.scene.stack import sampled

    return radar_unit(sampled(band), label)


def _scene(item: Mapping[str, Any], grid: Any, bands: Any, quality: Any, unit: str) -> Scene:
    about = item.get("properties") or {}
    taken = about.get("datetime") or about.get("start_datetime")
    return Scene(
        id=str(item.get("id", "item")),
        kind="optical" if unit == "reflectance" else "radar",
        unit=unit,  # type: ignore[arg-type]
        grid=grid,
        bands=bands,
        quality=quality,
        platform=str(about.get("platform", "")),
        product=str(item.get("collection", "")),
        taken=dt.datetime.fromisoformat(str(taken).replace("Z", "+00:00")) if taken else None,
        orbit=about.get("sat:relative_orbit"),
        direction=str(about.get("sat:orbit_state", "")),
        sun_azimuth_deg=about.get("view:sun_azimuth"),
        sun_elevation_deg=about.get("view:sun_elevation"),
    )
