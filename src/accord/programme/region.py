"""Regions of the map: a GeoJSON file beside the programme, or a ring of corners, and the places inside."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from accord.contract.design import read_quantity
from accord.errors import FileError, UnitError
from accord.programme.document import read_bytes
from accord.programme.draft import Draft
from accord.programme.resolved import Area, Site
from accord.programme.schema import Region

__all__ = ["check_regions"]

Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]
_MAX_CORNERS = 100_000


def check_regions(draft: Draft) -> None:
    """Read every region, whether a system uses it or not."""
    for name, region in draft.regions.items():
        polygons = _polygons(draft, name, region)
        sites = _sites(draft, name, region, polygons or ())
        if polygons:
            draft.areas[name] = Area(region.title, polygons, sites, region.source)


def _polygons(draft: Draft, name: str, region: Region) -> tuple[Polygon, ...] | None:
    path: tuple[str | int, ...] = ("regions", name)
    if (region.file is None) == (region.polygon is None):
        draft.error("region", f"{name}: expected either 'file' or 'polygon'", path, key=True)
        return None
    try:
        if region.file is not None:
            path = (*path, "file")
            return read_geojson(_beside(draft.folder, region.file))
        path = (*path, "polygon")
        return (_polygon([region.polygon]),)
    except (FileError, ValueError) as error:
        where = f"{region.file}: " if region.file is not None else ""
        hint = "corners are [longitude, latitude]" if "latitude" in str(error) else ""
        draft.error("region", f"{name}: {where}{error}", path, hint=hint)
    return None


def _beside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FileError("expected a file beside the programme or in a folder below it")
    return path


def read_geojson(path: Path) -> tuple[Polygon, ...]:
    """Return the polygons of a GeoJSON file (RFC 7946): longitude and latitude in degrees, WGS 84.

    Raises
    ------
    FileError
        For a file that cannot be read.
    ValueError
        For what is not GeoJSON, holds no polygon, or has corners outside the globe.
    """
    try:
        content = json.loads(read_bytes(path))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("is not JSON in UTF-8") from None
    polygons: list[Polygon] = []
    _collect(content, polygons)
    if not polygons:
        raise ValueError("holds no Polygon or MultiPolygon")
    if sum(len(ring) for polygon in polygons for ring in polygon) > _MAX_CORNERS:
        raise ValueError(f"has more than {_MAX_CORNERS} corners: simplify it")
    return tuple(polygons)


def _collect(node: Any, polygons: list[Polygon], depth: int = 0) -> None:
    if not isinstance(node, dict) or depth > 8:
        raise ValueError("is not GeoJSON: expected an object with a 'type'")
    match node.get("type"):
        case "FeatureCollection" if isinstance(node.get("features"), list):
            for feature in node["features"]:
                _collect(feature, polygons, depth + 1)
        case "GeometryCollection" if isinstance(node.get("geometries"), list):
            for geometry in node["geometries"]:
                _collect(geometry, polygons, depth + 1)
        case "Feature":
            if node.get("geometry") is not None:
                _collect(node["geometry"], polygons, depth + 1)
        case "Polygon":
            polygons.append(_polygon(node.get("coordinates")))
        case "MultiPolygon" if isinstance(node.get("coordinates"), list):
            polygons.extend(_polygon(rings) for rings in node["coordinates"])
        case "Point" | "MultiPoint" | "LineString" | "MultiLineString":
            return
        case other:
            raise ValueError(f"is not GeoJSON: type {str(other)[:30]!r} has no polygons")


def _polygon(rings: Any) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise ValueError("a polygon without rings")
    return tuple(_ring(ring) for ring in rings)


def _ring(corners: Any) -> Ring:
    if not isinstance(corners, list) or len(corners) < 3:
        raise ValueError("a ring needs at least three corners")
    ring: list[tuple[float, float]] = []
    for corner in corners:
        numbers: Any = corner if isinstance(corner, (list, tuple)) and len(corner) >= 2 else [None, None]
        if not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in numbers[:2]):
            raise ValueError("a corner must be [longitude, latitude] in degrees")
        longitude, latitude = float(numbers[0]), float(numbers[1])
        if not -90 <= latitude <= 90:
            raise ValueError(f"latitude {latitude:g} is outside -90 to 90: is the order swapped?")
        if not -180 <= longitude <= 180:
            raise ValueError(f"longitude {longitude:g} is outside -180 to 180")
        ring.append((longitude, latitude))
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(set(ring)) < 3:
        raise ValueError("a ring needs at least three different corners")
    return tuple(ring)


def _sites(draft: Draft, name: str, region: Region, polygons: tuple[Polygon, ...]) -> tuple[Site, ...]:
    sites = []
    for index, place in enumerate(region.places):
        path = ("regions", name, "places", index)
        read: dict[str, float] = {}
        limits = (("latitude", 90.0), ("longitude", 180.0))
        for key, limit in limits:
            try:
                read[key] = _degrees(getattr(place, key), limit)
            except UnitError as error:
                swapped = key == "latitude" and "outside" in str(error)
                hint = "are latitude and longitude swapped?" if swapped else ""
                draft.error("place", f"{place.name}: {key}: {error}", (*path, key), hint=hint)
        people = None
        if place.people is not None:
            try:
                people = read_quantity(place.people, "person", 0.0, 1e10)
            except UnitError as error:
                draft.error("place", f"{place.name}: people: {error}", (*path, "people"))
        if len(read) < len(limits):
            continue
        latitude, longitude = read["latitude"], read["longitude"]
        if polygons and not _inside(polygons, longitude, latitude) and _inside(polygons, latitude, longitude):
            message = f"{place.name} lies outside the region, and inside it with the numbers swapped"
            draft.error("place", message, path, hint="are latitude and longitude swapped?")
            continue
        sites.append(Site(place.name, latitude, longitude, people))
    return tuple(sites)


def _degrees(value: str | int | float, limit: float) -> float:
    """Read an angle; a bare number is in degrees, as on every map."""
    if isinstance(value, (int, float)):
        value = f"{value!r} deg"
    return read_quantity(value, "deg", -limit, limit)


def _inside(polygons: tuple[Polygon, ...], x: float, y: float) -> bool:
    """Tell whether a point lies in any polygon, by the even-odd rule on longitude and latitude."""
    return any(sum(_crossings(ring, x, y) for ring in polygon) % 2 == 1 for polygon in polygons)


def _crossings(ring: Ring, x: float, y: float) -> int:
    count = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            count += 1
    return count
