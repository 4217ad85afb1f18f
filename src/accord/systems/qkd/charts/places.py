"""Where the sites lie and what joins them."""

from __future__ import annotations

from typing import Any

from accord.contract import Figure, SystemResult
from accord.contract.maps import land_rows
from accord.contract.quantiles import triple
from accord.systems.qkd.inputs import Design

__all__ = ["places"]

_MARGIN_DEG, _LEAST_DEG = 8.0, 30.0


def places(result: SystemResult) -> list[Figure]:
    """Return the map of sites, stations and links; nothing where no place is stated."""
    design = result.design
    assert isinstance(design, Design)
    stations = design.satellites.stations if design.satellites else ()
    where = {s.id: (s.name, s.longitude_deg, s.latitude_deg, "site") for s in design.sites}
    where |= {s.id: (s.name, s.longitude_deg, s.latitude_deg, "station") for s in stations}
    if not where:
        return []
    west, east, south, north = _window([(lon, lat) for _, lon, lat, _ in where.values()])
    sites = [{"name": name, "lon": lon, "lat": lat, "kind": kind} for name, lon, lat, kind in where.values()]
    lines = _lines(design, where)
    x = {
        "field": "lon",
        "type": "quantitative",
        "title": "longitude, deg east",
        "scale": {"domain": [west, east], "nice": False},
    }
    y = {
        "field": "lat",
        "type": "quantitative",
        "title": "latitude, deg north",
        "scale": {"domain": [south, north], "nice": False},
    }
    path = {
        "order": {"field": "order", "type": "quantitative"},
        "detail": {"field": "line", "type": "nominal"},
    }
    colour = {"field": "over", "type": "nominal", "title": "joined by", "sort": None}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": land_rows(west, east, south, north, tolerance_deg=0.5)},
            "mark": {"type": "line", "color": "#aaaaaa", "strokeWidth": 0.7, "clip": True},
            "encoding": {"x": x, "y": y, **path},
        },
        {
            "data": {"values": lines},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "color": colour, "strokeDash": colour, **path},
        },
        {
            "data": {"values": sites},
            "mark": {"type": "point", "filled": True, "size": 80, "color": "#1b2733", "opacity": 1},
            "encoding": {"x": x, "y": y, "shape": {"field": "kind", "type": "nominal", "title": "place"}},
        },
        {
            "data": {"values": _labels(sites, 0.03 * (east - west))},
            "mark": {"type": "text", "align": "left", "dx": 8, "dy": -8, "fontWeight": "bold"},
            "encoding": {"x": x, "y": y, "text": {"field": "name"}},
        },
    ]
    width = 560
    height = max(220, min(460, round(width * (north - south) / (east - west) * 1.3)))
    told = "; ".join(_told(result, design))
    return [
        Figure(
            id="places",
            title="Sites and what joins them",
            spec={"width": width, "height": height, "layer": layers},
            alt=f"Map of {len(sites)} places. {told or 'No link is stated to end at them'}.",
            caption="Straight lines on the map, not routes. Fibres over trusted nodes and pairs served by a trusted "
            "satellite are known to those in between. Coastlines: Natural Earth.",
            rows=[*sites, *lines],
        )
    ]


def _labels(sites: list[dict[str, Any]], near_deg: float) -> list[dict[str, Any]]:
    """Return one label for places that lie so near that their names would cover one another."""
    labels: list[dict[str, Any]] = []
    for site in sites:
        for label in labels:
            if abs(site["lon"] - label["lon"]) + abs(site["lat"] - label["lat"]) < near_deg:
                label["name"] += f", {site['name']}"
                break
        else:
            labels.append(dict(site))
    return labels


def _window(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    sides = []
    for values, lowest, highest in (
        (([p[0] for p in points]), -180.0, 180.0),
        ([p[1] for p in points], -90.0, 90.0),
    ):
        middle, half = 0.5 * (min(values) + max(values)), 0.5 * (max(values) - min(values))
        half = max(half + _MARGIN_DEG, 0.5 * _LEAST_DEG)
        sides += [max(middle - half, lowest), min(middle + half, highest)]
    return sides[0], sides[1], sides[2], sides[3]


def _lines(design: Design, where: dict[str, tuple[str, float, float, str]]) -> list[dict[str, Any]]:
    joins = []
    for link in design.links:
        if link.between is not None:
            nodes = link.spans - 1
            joins.append((link.id, link.between, f"fibre, {nodes} trusted nodes" if nodes else "fibre"))
    for pair in design.satellites.pairs if design.satellites else ():
        joins.append((pair.id, pair.between, "satellite"))
    return [
        {"line": name, "order": order, "lon": where[end][1], "lat": where[end][2], "over": over}
        for name, ends, over in joins
        for order, end in enumerate(ends)
    ]


def _told(result: SystemResult, design: Design) -> list[str]:
    found = []
    for number, link in enumerate(design.links):
        if link.between is not None:
            _, middle, _ = triple(result.outputs["key_per_year_gbit"][:, number])
            found.append(f"{link.name}: median {middle:.3g} Gbit a year over fibre")
    for number, pair in enumerate(design.satellites.pairs if design.satellites else ()):
        _, middle, _ = triple(result.outputs["satellite_key_per_year_mbit"][:, number])
        found.append(f"{pair.name}: median {middle:.3g} Mbit a year")
    return found
