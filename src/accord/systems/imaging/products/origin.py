"""Where a map comes from: a STAC 1.1 item and W3C PROV-JSON, both plain JSON."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from accord.systems.imaging.products.vectors import geographic
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.model import Scene

__all__ = ["digest", "footprint", "provenance", "stac_item", "write_json"]

_WHOLE_BYTES, _PART_BYTES = 64_000_000, 1_048_576
_TYPES = {
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    ".geojson": "application/geo+json",
    ".fgb": "application/vnd.flatgeobuf",
    ".png": "image/png",
    ".xml": "application/cap+xml",
    ".json": "application/json",
    ".txt": "text/plain",
}


def digest(path: Path) -> dict[str, str | int]:
    """Return size and SHA-256 of a file; of its ends only where it is larger than 64 MB, and saying so."""
    size = path.stat().st_size
    total = hashlib.sha256()
    with path.open("rb") as stream:
        if size <= _WHOLE_BYTES:
            total.update(stream.read())
            return {"bytes": size, "sha256": total.hexdigest()}
        total.update(stream.read(_PART_BYTES))
        stream.seek(-_PART_BYTES, 2)
        total.update(stream.read(_PART_BYTES))
    return {"bytes": size, "sha256_of_first_and_last_MiB": total.hexdigest()}


def footprint(grid: Grid) -> Any:
    """Return the outline of a grid in longitude and latitude, cut at the antimeridian."""
    import shapely

    ring = []
    for (x0, y0), (x1, y1) in (((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0))):
        for t in np.linspace(0.0, 1.0, 9)[:-1]:
            ring.append(((x0 + t * (x1 - x0)) * grid.width, (y0 + t * (y1 - y0)) * grid.height))
    return geographic(np.array([shapely.polygons(ring)], object), grid)[0]


def stac_item(
    scene: Scene,
    grid: Grid,
    files: Mapping[str, tuple[Path, str]],
    about: Mapping[str, Any],
    now: dt.datetime,
) -> dict[str, Any]:
    """Return a STAC 1.1 item of a map.

    Parameters
    ----------
    files : mapping of str to (Path, title)
        Assets by key.
    about : mapping
        Further properties.
    now : datetime
        When the map was made.
    """
    import shapely

    shape = footprint(grid)
    taken = scene.taken or now
    code = _epsg(grid)
    properties: dict[str, Any] = {
        "datetime": taken.isoformat().replace("+00:00", "Z"),
        "created": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "platform": scene.platform.lower() or "unknown",
        "proj:code": code,
        "proj:shape": [grid.height, grid.width],
        "proj:transform": list(grid.transform),
        **about,
    }
    if scene.taken is None:
        properties["accord:datetime"] = "unknown: the time of mapping stands in for that of the scene"
    if code is None:
        properties["proj:wkt2"] = grid.crs
    if scene.orbit:
        properties["sat:relative_orbit"] = scene.orbit
    if scene.direction:
        properties["sat:orbit_state"] = scene.direction
    extensions = ["projection/v2.0.0", "processing/v1.2.0"] + (
        ["sat/v1.1.0"] if scene.orbit or scene.direction else []
    )
    west, south, east, north = (float(v) for v in shapely.bounds(shape))
    if (
        shape.geom_type == "MultiPolygon"
    ):  # across the antimeridian the box begins in the east, RFC 7946 section 5.2
        parts = [shapely.bounds(part) for part in shapely.get_parts(shape)]
        west, east = float(max(p[0] for p in parts)), float(min(p[2] for p in parts))
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [f"https://stac-extensions.github.io/{name}/schema.json" for name in extensions],
        "id": f"{scene.id}-map",
        "geometry": json.loads(shapely.to_geojson(shape)),
        "bbox": [west, south, east, north],
        "properties": properties,
        "links": [],
        "assets": {
            key: {"href": f"./{path.name}", "title": title, "type": _TYPES[path.suffix], "roles": [_role(path)]}
            for key, (path, title) in files.items()
        },
    }  # fmt: skip


def _role(path: Path) -> str:
    return {".png": "thumbnail", ".txt": "metadata", ".json": "metadata"}.get(path.suffix, "data")


def _epsg(grid: Grid) -> str | None:
    from rasterio.crs import CRS

    code = CRS.from_wkt(grid.crs).to_epsg()
    return f"EPSG:{code}" if code else None


def provenance(
    inputs: Sequence[Path],
    outputs: Sequence[Path],
    settings: Mapping[str, Any],
    version: str,
    begun: dt.datetime,
    ended: dt.datetime,
) -> dict[str, Any]:  # fmt: skip
    """Return W3C PROV-JSON (member submission of 24 April 2013): what was used, what came out, by what and when."""
    used = {f"accord:input/{k}": {"prov:label": path.name, **digest(path)} for k, path in enumerate(inputs)}
    made = {f"accord:output/{path.name}": {"prov:label": path.name, **digest(path)} for path in outputs}
    run, agent, label = "accord:run", "accord:software", f"accord {version}"
    return {
        "prefix": {"accord": "urn:accord:", "prov": "http://www.w3.org/ns/prov#"},
        "entity": {**used, **made},
        "activity": {
            run: {
                "prov:startTime": begun.isoformat(timespec="seconds"),
                "prov:endTime": ended.isoformat(timespec="seconds"),
                **{f"accord:{key}": value for key, value in settings.items()},
            }
        },
        "agent": {agent: {"prov:type": {"$": "prov:SoftwareAgent", "type": "xsd:QName"}, "prov:label": label}},
        "used": {f"_:u{k}": {"prov:activity": run, "prov:entity": name} for k, name in enumerate(used)},
        "wasGeneratedBy": {f"_:g{k}": {"prov:entity": name, "prov:activity": run} for k, name in enumerate(made)},
        "wasAssociatedWith": {"_:a": {"prov:activity": run, "prov:agent": agent}},
    }  # fmt: skip


def write_json(path: Path, body: Mapping[str, Any]) -> None:
    """Write JSON beside and rename."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(
        json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n", encoding="utf-8"
    )
    part.replace(path)
