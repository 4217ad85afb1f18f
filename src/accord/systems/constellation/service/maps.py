"""Maps of the service: where people and their demand are, and what the fleet carries there."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.maps import land_rows
from accord.systems.constellation.inputs import Design

__all__ = ["capacity_map", "demand_map", "served_map"]

_KM_PER_DEG = 111.2


def demand_map(result: SystemResult) -> Figure | None:
    """Draw the demand of each cell, with the gateways; None without a region or stated demand."""
    design, prepared = _parts(result)
    if design is None or not prepared["homes"]:
        return None
    people = np.asarray(prepared["cell_people"])
    demand = np.asarray(prepared["cell_demand"])
    cells = _cells(prepared, demand / np.asarray(prepared["cell_area_km2"]) * 1e3, people)
    busiest = int(np.argmax(demand))
    share = float(np.sort(demand)[::-1][: max(1, len(demand) // 10)].sum() / demand.sum())
    at = (np.asarray(prepared[f"cell_{axis}_deg"])[busiest] for axis in ("latitude", "longitude"))
    where = "{:.1f} N {:.1f} E".format(*at)
    return Figure(
        id="demand_map",
        title="Where the demand is",
        spec=_map(design, prepared, cells, "Mbit/s per 1 000 km2", "symlog"),
        alt=(
            f"Map of potential demand in the busy hour: {1e-3 * demand.sum():.0f} Gbit/s in all; a tenth of the "
            f"cells hold {100.0 * share:.0f} % of it, most near {where}."
        ),
        caption=(
            "Demand of 2026 by the median inputs, if nobody were turned away. "
            f"{people.sum() / 1e6:.1f} million people: "
            "settlements and a rural remainder that make the stated totals. Triangles: gateways. "
            f"Coastlines: Natural Earth.{_notes(prepared)}"
        ),
        rows=cells,
    )


def capacity_map(result: SystemResult) -> Figure | None:
    """Draw what the best satellite could give each cell if it alone wanted something; None without a region."""
    design, prepared = _parts(result)
    if design is None:
        return None
    most = np.asarray(prepared["cell_most"]) * 1e-3
    cells = _cells(prepared, most, np.asarray(prepared["cell_served"]))
    payload = design.service.payload
    arc = (
        "clear of the geostationary arc"
        if payload.gso_protection
        else "without regard to the geostationary arc"
    )
    whole = float(np.median(result.outputs["capacity_gbit_per_s"]))
    return Figure(
        id="capacity_map",
        title="The most that one cell could be given",
        spec=_map(design, prepared, cells, "Gbit/s", "linear"),
        alt=(
            f"Map of the most that a cell could be given alone: {most.min():.2f} to {most.max():.2f} Gbit/s, median "
            f"{np.median(most):.2f}. All cells together can be given {whole:.0f} Gbit/s at P50."
        ),
        caption=(
            f"Mean over {design.service.snapshots} moments of the best satellite above the mask and {arc}, weather "
            f"included; cells of {float(prepared['cell_size_km']):.0f} km hold every frequency once. Cells share "
            "satellites: the values do not add up. Triangles: gateways. Coastlines: Natural Earth."
        ),
        rows=cells,
    )


def served_map(result: SystemResult) -> Figure | None:
    """Draw the share of its demand that each cell is given; None without a region or stated demand."""
    design, prepared = _parts(result)
    if design is None or not prepared["homes"]:
        return None
    demand, served = np.asarray(prepared["cell_demand"]), np.asarray(prepared["cell_served"])
    share = np.clip(served / np.maximum(demand, 1e-9), 0.0, 1.0)
    cells = _cells(prepared, share, served)
    gap = np.asarray(prepared["gap"])
    whole = float(served.sum() / demand.sum())
    return Figure(
        id="served_map",
        title="How much of its demand each place is given",
        spec=_map(design, prepared, cells, "share of demand", "linear"),
        alt=(
            f"Map of the share of demand served: {100.0 * whole:.0f} % over the region, {100.0 * share.min():.0f} to "
            f"{100.0 * share.max():.0f} % by cell; {np.count_nonzero(share > 0.95)} of {len(share)} cells get all."
        ),
        caption=(
            f"Mean over {design.service.snapshots} moments at the demand of the map above, all "
            "satellites working. Beams go "
            "where they carry most, so that places at the edge, whose satellites few others want, "
            "fare better. On sample "
            f"moments the assignment is {100.0 * gap.mean():.1f} % (at most {100.0 * gap.max():.1f} "
            "%) below a bound on the best "
            "possible. Triangles: gateways. Coastlines: Natural Earth."
        ),
        rows=cells,
    )


def _parts(result: SystemResult) -> tuple[Design | None, Any]:
    design = result.design
    assert isinstance(design, Design)
    return (design if design.area is not None else None), result.prepared["service"]


def _notes(prepared: Any) -> str:
    return "".join(f" {note[0].upper()}{note[1:]}." for note in prepared["notes"])


def _cells(prepared: Any, value: Any, second: Any) -> list[dict[str, Any]]:
    half = 0.5 * float(prepared["cell_size_km"]) / _KM_PER_DEG
    rows = []
    columns = (prepared["cell_longitude_deg"], prepared["cell_latitude_deg"], value, second)
    for x, y, v, w in zip(*(np.asarray(c) for c in columns), strict=True):
        wide = half / max(float(np.cos(np.radians(y))), 0.02)
        rows.append(
            {
                "west": round(float(x) - wide, 3),
                "east": round(float(x) + wide, 3),
                "south": round(float(y) - half, 3),
                "north": round(float(y) + half, 3),
                "value": float(f"{v:.4g}"),
                "second": float(f"{w:.4g}"),
            }
        )
    return rows


def _map(
    design: Design, prepared: Any, cells: list[dict[str, Any]], title: str, scale: str
) -> dict[str, Any]:
    """Return a map: cells, coastlines, outline of the region, gateways with their names."""
    west, east = min(c["west"] for c in cells), max(c["east"] for c in cells)
    south, north = min(c["south"] for c in cells), max(c["north"] for c in cells)
    margin = 0.05 * max(east - west, north - south)
    box = (
        max(west - margin, -180.0),
        min(east + margin, 180.0),
        max(south - margin, -90.0),
        min(north + margin, 90.0),
    )
    ratio = (box[3] - box[2]) / max((box[1] - box[0]) * np.cos(np.radians(0.5 * (box[2] + box[3]))), 1e-9)
    sites = [
        {"name": name, "lon": float(x), "lat": float(y)}
        for name, x, y in zip(
            prepared["gateway_name"],
            prepared["gateway_longitude_deg"],
            prepared["gateway_latitude_deg"],
            strict=True,
        )
    ]
    at = {
        "x": _axis("lon", "longitude, deg east", *box[:2]),
        "y": _axis("lat", "latitude, deg north", *box[2:]),
    }
    colour = {"type": scale, "scheme": "yellowgreenblue", "zero": False}
    marks = {
        "type": "point",
        "shape": "triangle-up",
        "filled": True,
        "size": 90,
        "color": "#c0392b",
        "clip": True,
    }
    label = {"type": "text", "align": "left", "dx": 7, "dy": -5, "color": "#222222", "clip": True}
    halo = {**label, "color": "#ffffff", "stroke": "#ffffff", "strokeWidth": 3, "strokeOpacity": 0.8}
    named = {**at, "text": {"field": "name", "type": "nominal"}}
    return {
        "width": 560,
        "height": int(min(max(560 * ratio, 160), 620)),
        "layer": [
            {
                "data": {"values": cells},
                "mark": {"type": "rect", "clip": True, "strokeWidth": 0},
                "encoding": {
                    "x": _axis("west", "longitude, deg east", *box[:2]),
                    "x2": {"field": "east"},
                    "y": _axis("south", "latitude, deg north", *box[2:]),
                    "y2": {"field": "north"},
                    "color": {"field": "value", "type": "quantitative", "title": title, "scale": colour},
                },
            },
            _line(land_rows(*box), {"color": "#333333", "strokeWidth": 0.7}, at),
            _line(_outline(design), {"color": "#c0392b", "strokeWidth": 1.5}, at),
            {"data": {"values": sites}, "mark": marks, "encoding": at},
            {"data": {"values": sites}, "mark": halo, "encoding": named},
            {"data": {"values": sites}, "mark": label, "encoding": named},
        ],
    }


def _axis(field: str, title: str, low: float, high: float) -> dict[str, Any]:
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale}


def _line(rows: list[dict[str, Any]], mark: dict[str, Any], at: dict[str, Any]) -> dict[str, Any]:
    order = {
        "detail": {"field": "line", "type": "nominal"},
        "order": {"field": "order", "type": "quantitative"},
    }
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "clip": True, **mark},
        "encoding": {**at, **order},
    }


def _outline(design: Design) -> list[dict[str, Any]]:
    rings = [ring for polygon in (design.area.polygons if design.area else ()) for ring in polygon]
    return [
        {"lon": x, "lat": y, "line": line, "order": order}
        for line, ring in enumerate(rings)
        for order, (x, y) in enumerate(ring)
    ]
