"""Outlines as files: GeoJSON (RFC 7946) and FlatGeobuf, in longitude and latitude."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.scene.grid import Grid

__all__ = ["LIMIT", "geographic", "simplified", "write_flatgeobuf", "write_geojson"]

LIMIT = 50_000  # polygons in one GeoJSON file; beyond it the file is cut into tiles
_POLYGON = 3  # number of the type in shapely
_DIGITS = 7  # about a centimetre


def simplified(polygons: NDArray[Any], tolerance_px: float = 1.0) -> NDArray[Any]:
    """Return polygons in pixel coordinates without the stairs of their pixels, no more than a pixel off and valid."""
    import shapely

    out = shapely.simplify(polygons, tolerance_px, preserve_topology=True)
    bad = ~shapely.is_valid(out) | shapely.is_empty(out)
    out[bad] = polygons[bad]
    return np.asarray(out)


def geographic(polygons: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Return polygons in longitude and latitude, outer rings counter-clockwise, cut at the antimeridian.

    Pixel coordinates in. RFC 7946, sections 3.1.6 and 3.1.9.
    """
    import shapely

    if len(polygons) == 0:
        return polygons
    points = shapely.get_coordinates(polygons)
    lon, lat = grid.lonlat(points[:, 0], points[:, 1])
    shape = shapely.set_coordinates(polygons.copy(), np.stack([lon, lat], axis=1))
    bounds = shapely.bounds(shape)
    jumps = (bounds[:, 2] - bounds[:, 0] > 180.0) | (bounds[:, 2] > 180.0) | (bounds[:, 0] < -180.0)
    for k in np.flatnonzero(jumps):
        shape[k] = _cut(shape[k])
    bad = ~shapely.is_valid(shape)
    shape[bad] = shapely.make_valid(shape[bad])
    plain = shapely.get_type_id(shape) == _POLYGON
    shape[plain] = shapely.orient_polygons(shape[plain], exterior_cw=False)
    for k in np.flatnonzero(~plain):
        shape[k] = _oriented(shape[k])
    return np.asarray(shape)


def _cut(shape: Any) -> Any:
    """Cut a polygon that crosses 180 degrees into parts on both sides of it."""
    import shapely

    points = shapely.get_coordinates(shape)
    points[:, 0] %= 360.0
    whole = shapely.set_coordinates(shape, points)
    if not shapely.is_valid(whole):
        whole = shapely.make_valid(whole)
    west = shapely.intersection(whole, shapely.box(0.0, -90.0, 180.0, 90.0))
    east = shapely.intersection(whole, shapely.box(180.0, -90.0, 360.0, 90.0))
    moved = shapely.transform(east, lambda p: p - np.array([360.0, 0.0]))
    return shapely.multipolygons(
        [p for part in (west, moved) for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
    )


def _oriented(shape: Any) -> Any:
    """Return the polygons of a shape of several parts; lines, points and empty parts are left out."""
    import shapely

    parts = shapely.get_parts(shape)
    parts = parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)]
    parts = shapely.orient_polygons(parts, exterior_cw=False)
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def write_geojson(
    path: Path,
    shapes: NDArray[Any],
    fields: Mapping[str, Sequence[Any] | NDArray[Any]],
    about: Mapping[str, Any],
) -> None:
    """Write a feature collection; `about` goes beside the features.

    Parameters
    ----------
    shapes : array of shapely geometries, (n,)
        Longitude, latitude.
    fields : mapping of str to (n,)
    """
    import shapely

    part = path.with_suffix(path.suffix + ".part")
    texts = (
        shapely.to_geojson(shapely.set_precision(shapes, 10.0**-_DIGITS, mode="pointwise"))
        if len(shapes)
        else []
    )
    names = list(fields)
    with part.open("w", encoding="utf-8") as stream:
        stream.write('{"type": "FeatureCollection",\n')
        for key, value in about.items():
            stream.write(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, default=str)},\n")
        stream.write('"features": [\n')
        for k, text in enumerate(texts):
            row = json.dumps(
                {name: _plain(fields[name][k]) for name in names}, ensure_ascii=False, allow_nan=False
            )
            comma = ",\n" if k + 1 < len(texts) else "\n"
            stream.write(f'{{"type": "Feature", "properties": {row}, "geometry": {text}}}{comma}')
        stream.write("]}\n")
    part.replace(path)


def write_flatgeobuf(
    path: Path, shapes: NDArray[Any], fields: Mapping[str, Sequence[Any] | NDArray[Any]]
) -> None:
    """Write the same as FlatGeobuf, with its spatial index."""
    import pyogrio.raw
    import shapely

    part = path.with_name("part-" + path.name)
    multi = np.array(shapes, object)
    single = np.flatnonzero(shapely.get_type_id(multi) == _POLYGON) if len(multi) else np.empty(0, int)
    multi[single] = shapely.multipolygons(multi[single], indices=np.arange(len(single)))
    pyogrio.raw.write(
        part,
        shapely.to_wkb(multi) if len(multi) else np.empty(0, object),
        [np.asarray(values) for values in fields.values()],
        list(fields),
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        driver="FlatGeobuf",
        layer=path.stem,
    )
    part.replace(path)
