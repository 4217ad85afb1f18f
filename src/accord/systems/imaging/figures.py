"""Pictures of the chapter: the way of an event to its map, the chance of a map in time, where who looks how often."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Figure, SystemResult
from accord.contract.maps import land_rows
from accord.contract.quantiles import triple, triples
from accord.systems.imaging.chain import followed
from accord.systems.imaging.claims import overlap_of_accuracy
from accord.systems.imaging.inputs import Design
from accord.systems.imaging.outputs import SENSORS, STAGES
from accord.systems.imaging.previews import preview_figure

FloatArray = NDArray[np.float64]

__all__ = ["figures"]

_DRAWN = 200  # members whose events are followed again for the curves
_CURVE_H = 168
_PERCENT = {"format": "%"}
_COLOURS = ("#1b2733", "#1f77b4", "#e08214", "#b9b9b9")


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on imaging."""
    if len(result.outputs["response_time_h"]) < 2:
        return []
    design = result.design
    assert isinstance(design, Design)
    drawn = min(len(result.outputs["response_time_h"]), _DRAWN)
    seeds = (np.arange(drawn) + 0.5) / drawn
    members = {name: values[:drawn] for name, values in result.members.items()}
    out, where = followed(members, result.prepared, design, seeds)
    found = [
        _timeline(result),
        _curve(out),
        _by_place(design, out, where),
        _revisit_map(result, design),
        _accuracy(result),
    ]
    if design.example is not None:
        found.append(preview_figure(design.example, list(result.prepared["pictures"])))
    return found


def _timeline(result: SystemResult) -> Figure:
    """Draw the stages one after the other at their medians, with the spread of each stage's end."""
    stages = result.outputs["stage_h"]
    ends = triples(np.cumsum(stages, axis=1))
    middle = np.concatenate([[0.0], ends[1]])
    water = triple(result.members["flood_duration_h"])
    rows: list[dict[str, Any]] = [
        {"stage": name, "from": float(middle[k]), "to": float(middle[k + 1]), "p10": float(ends[0, k]),
         "p90": float(ends[2, k])}
        for k, name in enumerate(STAGES)
    ]  # fmt: skip
    rows.append(
        {"stage": "under water", "from": 0.0, "to": water[1], "p10": float(water[0]), "p90": float(water[2])}
    )
    y = {"field": "stage", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240}}
    x = {"type": "quantitative", "title": "hours after the event begins"}
    return Figure(
        id="timeline",
        title="From event to map",
        alt="; ".join(f"{row['stage']}: until {row['to']:.1f} h" for row in rows)
        + f" (P10 {rows[2]['p10']:.1f} h, P90 {rows[2]['p90']:.1f} h for the map)",
        caption="Median of the members for events that were mapped; lines: P10 to P90 of the end. The lowest bar is "
        "how long the ground stays under water: what is not looked at by then is never seen.",
        spec={
            "data": {"values": rows},
            "width": 520,
            "height": {"step": 34},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 18},
                    "encoding": {
                        "y": y,
                        "x": {"field": "from", **x},
                        "x2": {"field": "to"},
                        "color": {
                            "condition": {"test": "datum.stage == 'under water'", "value": "#9ecae1"},
                            "value": "#1f77b4",
                        },
                    },
                },
                {
                    "mark": {"type": "rule", "color": "#1b2733", "strokeWidth": 1.5},
                    "encoding": {"y": y, "x": {"field": "p10", **x}, "x2": {"field": "p90"}},
                },
            ],
        },
        rows=rows,
    )


def _curve(out: FloatArray) -> Figure:
    """Draw the share of events that have a map by each hour, by kind of sensor."""
    hours = np.arange(0, _CURVE_H + 1, 2)
    shares = [(out[:, :, k].ravel()[:, None] <= hours).mean(axis=0) for k in range(4)]
    rows = [
        {"hour": int(hour), "share": round(float(share), 5), "sensor": name}
        for name, values in zip(SENSORS, shares, strict=True)
        if values[-1] > 0.0
        for hour, share in zip(hours, values, strict=True)
    ]
    at_day = [f"{name} {100 * values[12]:.0f} %" for name, values in zip(SENSORS, shares, strict=True)]
    return Figure(
        id="seen_within",
        title="Chance of a map within so many hours",
        alt=f"After 24 h: {', '.join(at_day)}; after a week {100 * shares[0][-1]:.0f} % of the events with all sensors",
        caption=f"Events of {len(out)} members. Each sensor alone, then all together; without clouds the optical ones "
        "would reach the dashed line. The curves end below 100 %: some events are over before anybody looks.",
        spec={
            "data": {"values": rows},
            "width": 520,
            "height": 260,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "hour", "type": "quantitative", "title": "hours after the event begins",
                      "scale": {"domain": [0, _CURVE_H]}, "axis": {"values": list(range(0, _CURVE_H + 1, 24))}},
                "y": {"field": "share", "type": "quantitative", "title": "events with a map", "axis": _PERCENT,
                      "scale": {"domain": [0, 1]}},
                "color": {"field": "sensor", "type": "nominal", "sort": None, "title": None,
                          "legend": {"orient": "top"}, "scale": {"domain": list(SENSORS), "range": list(_COLOURS)}},
                "strokeDash": {"condition": {"test": "datum.sensor == 'optical, no clouds'", "value": [5, 4]},
                               "value": [1, 0]},
            },
        },
        rows=rows,
    )  # fmt: skip


def _by_place(design: Design, out: FloatArray, where: FloatArray) -> Figure:
    """Draw the share of events mapped within a day and at all, place by place."""
    assert design.area is not None
    place = where[:, :, 0].astype(np.int64).ravel()
    time_h = out[:, :, 0].ravel()
    rows: list[dict[str, Any]] = []
    for number, entry in enumerate(design.area.places):
        own = time_h[place == number]
        if len(own) == 0:
            continue
        for name, limit in (("within a day", 24.0), ("while it lasts", design.patience_h)):
            rows.append({"place": entry.name, "map": name, "share": round(float(np.mean(own <= limit)), 4)})
    worst = min((row for row in rows if row["map"] == "within a day"), key=lambda row: float(row["share"]))
    best = max((row for row in rows if row["map"] == "within a day"), key=lambda row: float(row["share"]))
    return Figure(
        id="by_place",
        title="Events with a map, place by place",
        alt=f"Within a day: from {100 * worst['share']:.0f} % at {worst['place']} to {100 * best['share']:.0f} % at "
        f"{best['place']}",
        caption="Places near the poles are passed more often; cloud and the dark months of each place count.",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": {"step": 14},
            "mark": {"type": "bar"},
            "encoding": {
                "y": {"field": "place", "type": "nominal", "sort": None, "title": None},
                "yOffset": {"field": "map", "type": "nominal", "sort": None},
                "x": {"field": "share", "type": "quantitative", "title": "share of the events", "axis": _PERCENT,
                      "scale": {"domain": [0, 1]}},
                "color": {"field": "map", "type": "nominal", "sort": None, "title": None, "legend": {"orient": "top"},
                          "scale": {"range": ["#1f77b4", "#c6dbef"]}},
            },
        },
        rows=rows,
    )  # fmt: skip


def _revisit_map(result: SystemResult, design: Design) -> Figure:
    """Draw the mean time between possible looks over the region, with its places."""
    assert design.area is not None
    prepared = result.prepared
    half = 0.5 * float(prepared["cell_height_deg"])
    columns = [
        np.asarray(prepared[f"cell_{name}"])
        for name in ("longitude_deg", "latitude_deg", "width_deg", "radar_per_day", "optical_per_day")
    ]
    cells = []
    for x, y, w, radar, optical in zip(*columns, strict=True):
        total = float(radar + optical)
        hours = 24.0 / total if total > 0.0 else design.patience_h
        cells.append(
            {"west": round(float(x - 0.5 * w), 4), "east": round(float(x + 0.5 * w), 4),
             "south": round(float(y) - half, 4), "north": round(float(y) + half, 4),
             "hours": round(min(hours, design.patience_h), 2), "radar": round(float(radar), 4),
             "optical": round(float(optical), 4)}
        )  # fmt: skip
    margin = 3.0
    west, east = min(c["west"] for c in cells) - margin, max(c["east"] for c in cells) + margin
    south, north = min(c["south"] for c in cells) - margin, max(c["north"] for c in cells) + margin
    x = {
        "type": "quantitative",
        "title": "longitude, deg east",
        "scale": {"domain": [west, east], "nice": False},
    }
    y = {
        "type": "quantitative",
        "title": "latitude, deg north",
        "scale": {"domain": [south, north], "nice": False},
    }
    at = {"x": {"field": "lon", **x}, "y": {"field": "lat", **y}}
    layers = [
        {"data": {"values": cells}, "mark": {"type": "rect", "clip": True, "strokeWidth": 0},
         "encoding": {"x": {"field": "west", **x}, "x2": {"field": "east"}, "y": {"field": "south", **y},
                      "y2": {"field": "north"},
                      "color": {"field": "hours", "type": "quantitative", "title": "hours between looks",
                                "scale": {"scheme": "viridis"}}}},
        {"data": {"values": land_rows(west, east, south, north)},
         "mark": {"type": "line", "color": "#333333", "strokeWidth": 0.7, "clip": True},
         "encoding": {**at, "detail": {"field": "line", "type": "nominal"},
                      "order": {"field": "order", "type": "quantitative"}}},
        *_named(design, at, east - 0.25 * (east - west)),
    ]  # fmt: skip
    middle = np.cos(np.radians(0.5 * (south + north)))
    ratio = (north - south) / max((east - west) * float(middle), 1e-9)
    every = [float(c["hours"]) for c in cells]
    return Figure(
        id="revisit_map",
        title=f"How often somebody can look at {design.area.title}",
        alt=f"Map of {len(cells)} cells: mean time between possible looks from {min(every):.0f} to {max(every):.0f} h",
        caption=f"All missions of the design ({', '.join(prepared['titles'])}); daylight counted for optical ones, "
        "mean over the year; clouds and passes not used left out of account. Coastlines: Natural Earth.",
        spec={"width": 560, "height": int(min(max(560 * ratio, 160), 620)), "layer": layers},
        rows=cells,
    )


def _named(design: Design, at: dict[str, Any], right_of: float) -> list[dict[str, Any]]:
    """Return layers of the places: dots, and names away from the nearest neighbour and from the right edge."""
    assert design.area is not None
    places = design.area.places
    spot = np.array([[p.longitude_deg, p.latitude_deg] for p in places])
    apart = np.hypot(*(spot[:, None, :] - spot[None, :, :]).transpose(2, 0, 1)) + np.diag(
        np.full(len(spot), np.inf)
    )
    north = spot[np.argmin(apart, axis=1), 1] > spot[:, 1]
    rows = [{"name": p.name, "lon": p.longitude_deg, "lat": p.latitude_deg} for p in places]
    dot = {"type": "point", "filled": True, "size": 30, "color": "#c0392b"}
    layers: list[dict[str, Any]] = [{"data": {"values": rows}, "mark": dot, "encoding": at}]
    for left in (False, True):
        for below in (False, True):
            chosen = ((spot[:, 0] > right_of) == left) & (north == below)
            own = [row for row, kept in zip(rows, chosen, strict=True) if kept]
            place = {"align": "right" if left else "left", "dx": -6 if left else 6, "dy": 9 if below else -7}
            for colour in ({"stroke": "white", "strokeWidth": 3, "color": "white"}, {"color": "#111111"}):
                mark = {"type": "text", "fontSize": 10, **place, **colour}
                layers.append(
                    {"data": {"values": own}, "mark": mark,
                     "encoding": {**at, "text": {"field": "name", "type": "nominal"}}}
                )  # fmt: skip
    return layers


def _accuracy(result: SystemResult) -> Figure:
    """Draw what overlap an accuracy stands for, by the share of ground under water."""
    accuracy = np.linspace(0.8, 1.0, 101)
    rows = [
        {"accuracy": round(float(a), 4), "overlap": round(float(v), 4), "water": f"{share} %"}
        for share in (2, 5, 10, 20)
        for a, v in zip(accuracy, overlap_of_accuracy(accuracy, np.full(101, share / 100.0)), strict=True)
        if v > 0.0
    ]
    claimed = float(np.median(result.members["claimed_accuracy"]))
    low, mid, high = triple(result.outputs["claimed_iou"])
    return Figure(
        id="accuracy",
        title="What an accuracy says of the water found",
        alt=f"{100 * claimed:g} % accuracy stands for an overlap of {mid:.2f} (P10 {low:.2f}, P90 {high:.2f}) with the "
        "members' shares of water; below each curve's left end a map without any water is as accurate",
        caption="Overlap (IoU) of mapped and true water by accuracy, with as many false alarms as misses. Where a "
        "curve begins, an empty map is as accurate. Dashed: the accuracy that is claimed.",
        spec={
            "width": 460,
            "height": 240,
            "layer": [
                {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 2},
                 "encoding": {
                     "x": {"field": "accuracy", "type": "quantitative", "title": "pixels mapped right",
                           "axis": _PERCENT, "scale": {"domain": [0.8, 1.0]}},
                     "y": {"field": "overlap", "type": "quantitative", "title": "overlap with the true water",
                           "scale": {"domain": [0, 1]}},
                     "color": {"field": "water", "type": "nominal", "sort": None, "title": "ground under water"}}},
                {"data": {"values": [{"claimed": claimed}]},
                 "mark": {"type": "rule", "strokeDash": [5, 4], "color": "#1b2733"},
                 "encoding": {"x": {"field": "claimed", "type": "quantitative", "title": "pixels mapped right"}}},
            ],
        },
        rows=rows,
    )  # fmt: skip
