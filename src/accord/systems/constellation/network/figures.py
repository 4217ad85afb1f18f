"""Pictures of the network: round trips, satellites with a path over a day, and the paths themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.maps import land_rows
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.network.model import axes_of, blend
from accord.systems.constellation.network.tables import QUANTILES

__all__ = ["network_figures"]

_PERCENT = {"format": "%"}


def network_figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the network that the design gives occasion to."""
    found = [_round_trips(result), _day(result), _paths(result)]
    return [figure for figure in found if figure is not None]


def _notes(result: SystemResult) -> str:
    return "".join(f" {note}." for note in result.prepared["network"]["notes"])


def _round_trips(result: SystemResult) -> Figure:
    """Draw the distribution of the round trip over region and day for a member with median inputs."""
    prepared = result.prepared["network"]
    members = {name: np.array([float(np.median(values))]) for name, values in result.members.items()}
    axes = axes_of(members)
    geometric = blend(np.asarray(prepared["geometric_ms"]), axes[:2])[0]
    user = blend(np.asarray(prepared["user_ms"]), axes)[0] + members["access_delay_ms"][0]
    curves = (("speed of light, terminal to gateway", geometric), ("expected by a user", user))
    rows = [
        {"rtt": round(float(x), 3), "share": q, "round trip": name}
        for name, values in curves
        for q, x in zip(QUANTILES, values, strict=True)
    ]
    middle = QUANTILES.index(0.5)
    connected = float(np.median(result.outputs["connected_share"]))
    return Figure(
        id="round_trips",
        title="How long a round trip takes",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 240,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {
                    "field": "rtt",
                    "type": "quantitative",
                    "title": "round trip, ms",
                    "scale": {"zero": True},
                },
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "share of region and connected time below",
                    "axis": _PERCENT,
                    "scale": {"domain": [0, 1]},
                },
                "color": {
                    "field": "round trip",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "legend": {"orient": "top", "labelLimit": 400},
                },
            },
        },
        alt=(
            f"Round trips over region and day: median {geometric[middle]:.1f} ms at the speed of light, "
            f"{user[middle]:.1f} ms expected by a user; connected for {100 * connected:.1f} % of area and time."
        ),
        caption=(
            "A member with median inputs, while a path exists. The expected round trip adds processing in every "
            f"satellite, access to the shared link, and the cable to the exchange.{_notes(result)}"
        ),
        rows=rows,
    )


def _day(result: SystemResult) -> Figure:
    """Draw the number of satellites in view that have a path over the day."""
    prepared = result.prepared["network"]
    columns = [np.asarray(prepared[f"drawn_{name}"]) for name in ("hour", "many", "fewest", "most")]
    rows = [
        {"hour": round(float(h), 3), "mean": round(float(m), 3), "fewest": float(a), "most": float(b)}
        for h, m, a, b in zip(*columns, strict=True)
    ]
    x = {"field": "hour", "type": "quantitative", "title": "hours since the epoch", "scale": {"nice": False}}
    title = "satellites in view with a path"
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "opacity": 0.25, "interpolate": "step-after"},
            "encoding": {
                "x": x,
                "y": {"field": "fewest", "type": "quantitative", "title": title},
                "y2": {"field": "most"},
            },
        },
        {
            "mark": {"type": "line", "strokeWidth": 2, "interpolate": "step-after"},
            "encoding": {"x": x, "y": {"field": "mean", "type": "quantitative", "title": title}},
        },
    ]
    return Figure(
        id="paths_over_day",
        title="Satellites through which a terminal is connected, over a day",
        spec={"data": {"values": rows}, "width": 560, "height": 220, "layer": layers},
        alt=(
            f"Over the day a terminal has between {columns[2].min():.0f} and {columns[3].max():.0f} satellites with a "
            f"path to a gateway, {columns[1].mean():.2f} on average."
        ),
        caption=(
            "Half-hours; line: mean over the sample points of the region, band: from the worst moment of the worst "
            f"point to the best. All satellites working, no obstruction.{_notes(result)}"
        ),
        rows=rows,
    )


def _paths(result: SystemResult) -> Figure | None:
    """Draw the paths of the places at the epoch; None where none runs over links between satellites."""
    points = np.asarray(result.prepared["network"]["drawn_path"])
    design = result.design
    assert isinstance(design, Design)
    if design.area is None or not len(points) or np.bincount(points[:, 0].astype(int)).max() <= 3:
        return None
    names = [place.name for place in design.area.places]
    rows: list[dict[str, Any]] = []
    part, before = 0, None
    for line, order, longitude, latitude in points:
        if before is None or before[0] != line or abs(longitude - before[1]) > 180.0:
            part += 1  # a new path, or one that goes on at the other edge of the map
        before = (line, longitude)
        rows.append(
            {
                "lon": round(float(longitude), 3),
                "lat": round(float(latitude), 3),
                "place": names[int(line)],
                "line": part,
                "order": float(order),
            }
        )
    x = {
        "field": "lon",
        "type": "quantitative",
        "title": "longitude, deg east",
        "scale": {"domain": [-180, 180]},
    }
    y = {
        "field": "lat",
        "type": "quantitative",
        "title": "latitude, deg north",
        "scale": {"domain": [-90, 90]},
    }
    colour = {"field": "place", "type": "nominal", "sort": None, "title": "from"}
    land = {
        "mark": {"type": "line", "color": "#999999", "strokeWidth": 0.6},
        "data": {"values": land_rows(tolerance_deg=1.2)},
    }
    order = {"field": "order", "type": "quantitative"}
    detail = {"field": "line", "type": "nominal"}
    layers: list[dict[str, Any]] = [
        {**land, "encoding": {"x": x, "y": y, "order": order, "detail": detail}},
        {
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 1.5, "point": {"size": 14}},
            "encoding": {"x": x, "y": y, "color": colour, "order": order, "detail": detail},
        },
    ]
    longest = int(np.bincount(points[:, 0].astype(int)).max()) - 2
    return Figure(
        id="path_map",
        title="Paths from the places to their gateways at one moment",
        spec={"width": 640, "height": 320, "layer": layers},
        alt=f"World map of the shortest paths at the epoch; the longest runs over {longest} satellites.",
        caption=f"At {design.epoch} 00:00 UTC, all satellites working. Coastlines: Natural Earth.{_notes(result)}",
        rows=rows,
    )
