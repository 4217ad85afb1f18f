"""Maps of the coverage: the world with the fleet at one moment, and the region with its places."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.maps import land_rows
from accord.systems.constellation.inputs import Design

__all__ = ["region_map", "world_map"]

_LAND = {"type": "line", "color": "#333333", "strokeWidth": 0.7}
_OUTLINE = {"type": "line", "color": "#c0392b", "strokeWidth": 2}


def _x(field: str, low: float, high: float) -> dict[str, Any]:
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "title": "longitude, deg east", "scale": scale}


def _y(field: str, low: float, high: float) -> dict[str, Any]:
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "title": "latitude, deg north", "scale": scale}


def _lines(rows: list[dict[str, Any]], mark: dict[str, Any], box: tuple[float, ...]) -> dict[str, Any]:
    return {
        "data": {"values": rows},
        "mark": {**mark, "clip": True},
        "encoding": {
            "x": _x("lon", box[0], box[1]),
            "y": _y("lat", box[2], box[3]),
            "detail": {"field": "line", "type": "nominal"},
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _cells(rows: list[dict[str, Any]], title: str, box: tuple[float, ...]) -> dict[str, Any]:
    colour = {"scheme": "blues", "type": "sqrt"}  # poles see many more than the rest
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", "clip": True, "strokeWidth": 0},
        "encoding": {
            "x": _x("west", box[0], box[1]),
            "x2": {"field": "east"},
            "y": _y("south", box[2], box[3]),
            "y2": {"field": "north"},
            "color": {"field": "in_view", "type": "quantitative", "title": title, "scale": colour},
        },
    }


def _outline(design: Design) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    rings = [ring for polygon in (design.area.polygons if design.area else ()) for ring in polygon]
    for line, ring in enumerate(rings):
        rows += [{"lon": x, "lat": y, "line": line, "order": order} for order, (x, y) in enumerate(ring)]
    return rows


def world_map(result: SystemResult) -> Figure:
    """Draw the mean number in view over the world, the region, and the fleet at time zero."""
    design, prepared = result.design, result.prepared
    assert isinstance(design, Design)
    table = np.asarray(prepared["map_in_view"])
    height, width = 180.0 / table.shape[0], 360.0 / table.shape[1]
    cells = [
        {
            "x": round(-180.0 + (column + 0.5) * width, 2),
            "y": round(-90.0 + (row + 0.5) * height, 2),
            "in_view": round(float(table[row, column]), 2),
        }
        for row in range(table.shape[0])
        for column in range(table.shape[1])
    ]
    places = zip(prepared["start_longitude_deg"], prepared["start_latitude_deg"], strict=True)
    dots = [{"lon": round(float(x), 2), "lat": round(float(y), 2)} for x, y in places]
    box = (-180.0, 180.0, -90.0, 90.0)
    sides = (("west", "x", -width), ("east", "x", width), ("south", "y", -height), ("north", "y", height))
    edges = [{"calculate": f"datum.{axis} + {0.5 * size}", "as": side} for side, axis, size in sides]
    layers: list[dict[str, Any]] = [
        {**_cells(cells, "in view", box), "transform": edges},
        _lines(land_rows(tolerance_deg=1.2), _LAND, box),
        {
            "data": {"values": dots},
            "mark": {"type": "point", "filled": True, "size": 9, "color": "#e67e22", "opacity": 0.9},
            "encoding": {"x": _x("lon", *box[:2]), "y": _y("lat", *box[2:])},
        },
    ]
    outline = _outline(design)
    if outline:
        layers.append(_lines(outline, _OUTLINE, box))
    by_row = table.mean(axis=1)
    best = float(np.asarray(prepared["map_latitude_deg"])[int(np.argmax(by_row))])
    share = float(np.median(result.outputs["serving_share"]))
    title = design.area.title if design.area is not None else "the whole Earth"
    notes = "".join(f" {note}." for note in prepared["notes"])
    return Figure(
        id="world_coverage",
        title="Where the fleet is seen, and how much of it serves the region at a time",
        spec={"width": 640, "height": 320, "layer": layers},
        alt=(
            f"World map of {prepared['total']} satellites. Most are in view near {abs(best):.0f} degrees of "
            f"latitude ({by_row.max():.1f} on average), fewest {by_row.min():.1f}. At a time "
            f"{100.0 * share:.1f} % of the fleet serves {title}."
        ),
        caption=(
            f"Colour: satellites above the mask, mean over {design.duration_day:g} d, all of them working, "
            f"no obstruction. Dots: the fleet on {design.epoch} at 00:00 UTC. Red: {title}. "
            f"Coastlines: Natural Earth.{notes}"
        ),
        rows=cells,
    )


def region_map(result: SystemResult) -> Figure | None:
    """Draw the mean number in view over the region, with its places; None where the region is the Earth."""
    design, prepared = result.design, result.prepared
    assert isinstance(design, Design)
    if design.area is None:
        return None
    columns = ("cell_longitude_deg", "cell_latitude_deg", "cell_width_deg", "cell_in_view", "cell_cover")
    half = 0.5 * float(prepared["cell_height_deg"])
    cells = [
        {
            "west": round(float(x - 0.5 * w), 4),
            "east": round(float(x + 0.5 * w), 4),
            "south": round(float(y - half), 4),
            "north": round(float(y + half), 4),
            "in_view": round(float(n), 3),
            "cover": round(float(c), 5),
        }
        for x, y, w, n, c in zip(*(prepared[name] for name in columns), strict=True)
    ]
    box = _window(cells)
    names = [{"name": p.name, "lon": p.longitude_deg, "lat": p.latitude_deg} for p in design.area.places]
    at = {"x": _x("lon", *box[:2]), "y": _y("lat", *box[2:])}
    text = {"field": "name", "type": "nominal"}
    label = {"type": "text", "align": "left", "dx": 6, "dy": -6, "color": "#222222", "clip": True}
    halo = {**label, "color": "#ffffff", "stroke": "#ffffff", "strokeWidth": 3, "strokeOpacity": 0.8}
    point = {"type": "point", "filled": True, "size": 40, "color": "#222222", "clip": True}
    layers = [
        _cells(cells, "in view", box),
        _lines(land_rows(*box), _LAND, box),
        _lines(_outline(design), _OUTLINE, box),
        {"data": {"values": names}, "mark": point, "encoding": at},
        {"data": {"values": names}, "mark": halo, "encoding": {**at, "text": text}},
        {"data": {"values": names}, "mark": label, "encoding": {**at, "text": text}},
    ]
    seen, cover = np.asarray(prepared["cell_in_view"]), np.asarray(prepared["cell_cover"])
    middle = np.radians(0.5 * (box[2] + box[3]))
    ratio = (box[3] - box[2]) / max((box[1] - box[0]) * float(np.cos(middle)), 1e-9)
    return Figure(
        id="region_coverage",
        title=f"Satellites in view over {design.area.title}",
        spec={"width": 560, "height": int(min(max(560 * ratio, 160), 620)), "layer": layers},
        alt=(
            f"Map of {design.area.title}: between {seen.min():.1f} and {seen.max():.1f} satellites in view "
            f"on average; the worst cell has one for {100.0 * cover.min():.1f} % of the time."
        ),
        caption=(
            "Each cell is one place on which the count is exact. All satellites working, no obstruction: the "
            "members of the ensemble see less. Coastlines: Natural Earth."
        ),
        rows=cells,
    )


def _window(cells: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    """Return west, east, south and north of the region with a margin."""
    west, east = min(c["west"] for c in cells), max(c["east"] for c in cells)
    south, north = min(c["south"] for c in cells), max(c["north"] for c in cells)
    margin = 0.08 * max(east - west, north - south)
    return (
        max(west - margin, -180.0),
        min(east + margin, 180.0),
        max(south - margin, -90.0),
        min(north + margin, 90.0),
    )
