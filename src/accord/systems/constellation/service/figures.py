"""Pictures of the service: build-up, subscribers, cost, prices, and the size of fleet that would do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Figure, SystemResult
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service.maps import capacity_map, demand_map, served_map
from accord.systems.constellation.service.return_figures import return_figure

FloatArray = NDArray[np.float64]

__all__ = ["service_figures"]

_PERCENT = {"format": "%"}
_BLUE, _RED = "#2c6fbb", "#c0392b"


def service_figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter from radio link to price."""
    if len(result.outputs["capacity_gbit_per_s"]) < 2:
        return []
    found = [
        demand_map(result),
        served_map(result),
        capacity_map(result),
        return_figure(result),
        _build_up(result),
        _subscribers(result),
    ]
    found += [_costs(result), _prices(result), _trade_off(result)]
    return [figure for figure in found if figure is not None]


def _band(values: FloatArray) -> FloatArray:
    return np.asarray(np.quantile(values, [0.1, 0.5, 0.9], axis=0))


def _ribbon(
    rows: list[dict[str, Any]], x: dict[str, Any], title: str, axis: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return a median line in its band from P10 to P90."""
    y = {"field": "p50", "type": "quantitative", "title": title, "axis": axis}
    low = {**y, "field": "p10"}
    return [
        {
            "mark": {"type": "area", "opacity": 0.25, "color": _BLUE},
            "encoding": {"x": x, "y": low, "y2": {"field": "p90"}},
        },
        {"mark": {"type": "line", "color": _BLUE, "point": True}, "encoding": {"x": x, "y": y}},
    ]


def _build_up(result: SystemResult) -> Figure:
    """Draw the share of the full service after each launch."""
    low, middle, high = _band(result.outputs["service_share"])
    labels = result.labels["launch"]
    rows = [{"launch": 0, "p10": 0.0, "p50": 0.0, "p90": 0.0}] + [
        {"launch": int(label), "p10": float(a), "p50": float(b), "p90": float(c)}
        for label, a, b, c in zip(labels, low, middle, high, strict=True)
    ]
    first, full = (np.median(result.outputs[name]) for name in ("first_service_month", "full_service_month"))
    half = next((row["launch"] for row in rows if row["p50"] >= 0.5), rows[-1]["launch"])
    x = {
        "field": "launch",
        "type": "quantitative",
        "title": "launches",
        "axis": {"tickMinStep": 1, "format": "d"},
    }
    design = result.design
    assert isinstance(design, Design)
    return Figure(
        id="build_up",
        title="What each launch adds to the service",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 240,
            "layer": _ribbon(rows, x, "share of the full service", _PERCENT),
        },
        alt=(
            f"Share of the full service over {labels[-1]} launches: half of it after launch {half}. "
            f"{100.0 * design.service.deployment.first_share:.0f} % is there {first:.0f} months after "
            "the first launch, all "
            f"of it after {full:.0f} (medians)."
        ),
        caption=(
            "Traffic served over that of the whole fleet at the demand of the last counted year; line: median, band: "
            f"P10 to P90. Each launch brings {design.service.deployment.satellites_per_launch} "
            "satellites; planes are "
            "filled one by one, spread evenly around."
        ),
        rows=rows,
    )


def _subscribers(result: SystemResult) -> Figure:
    """Draw subscribers served in each year."""
    low, middle, high = _band(result.outputs["subscribers_by_year"])
    rows: list[dict[str, Any]] = [
        {"year": label, "p10": float(a), "p50": float(b), "p90": float(c)}
        for label, a, b, c in zip(result.labels["service_year"], low, middle, high, strict=True)
    ]
    best = max(rows, key=lambda row: float(row["p50"]))
    x = {"field": "year", "type": "ordinal", "title": "year", "axis": {"labelAngle": 0, "labelOverlap": True}}
    wanting = float(np.median(result.outputs["subscribers_wanting"]))
    return Figure(
        id="subscribers_by_year",
        title="How many subscribers are served",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 240,
            "layer": _ribbon(rows, x, "subscribers", {"format": "~s"}),
        },
        alt=(
            f"Subscribers by year: most in {best['year']}, {float(best['p50']):,.0f} at P50 "
            f"(P10 {float(best['p10']):,.0f}, P90 {float(best['p90']):,.0f}); {wanting:,.0f} would "
            "subscribe in the end."
        ),
        caption=(
            "Line: median, band: P10 to P90. Years count from the first launch. The load of a "
            "subscriber grows every year: "
            "where capacity is the limit, fewer can be served later by the same fleet."
        ),
        rows=rows,
    )


def _costs(result: SystemResult) -> Figure:
    """Draw the parts of cost one on another."""
    parts = np.asarray(result.outputs["cost_musd2025"])
    mean = parts.mean(axis=0)
    rows: list[dict[str, Any]] = []
    level = 0.0
    for name, value in zip(result.labels["cost_part"], mean, strict=True):
        rows.append(
            {"part": name, "from": level, "to": level + float(value), "musd": float(value), "kind": "part"}
        )
        level += float(value)
    rows.append({"part": "all", "from": 0.0, "to": level, "musd": level, "kind": "sum"})
    low, middle, high = _band(parts.sum(axis=1))
    largest = max(rows[:-1], key=lambda row: float(row["musd"]))
    x = {
        "field": "part",
        "type": "nominal",
        "sort": None,
        "title": "part of the cost",
        "axis": {"labelAngle": -35},
    }
    y = {"field": "from", "type": "quantitative", "title": "present value, million USD of 2025"}
    colour = {"field": "kind", "type": "nominal", "legend": None, "scale": {"range": [_BLUE, "#555555"]}}
    text = {"field": "musd", "type": "quantitative", "format": ",.0f"}
    return Figure(
        id="cost_waterfall",
        title="What the fleet costs, part by part",
        spec={
            "data": {"values": rows},
            "width": 520,
            "height": 260,
            "layer": [
                {
                    "mark": {"type": "bar"},
                    "encoding": {"x": x, "y": y, "y2": {"field": "to"}, "color": colour},
                },
                {
                    "mark": {"type": "text", "dy": -7, "color": "#222222"},
                    "encoding": {"x": x, "y": {**y, "field": "to"}, "text": text},
                },
            ],
        },
        alt=(
            f"Cost by part, present value: {level:,.0f} million in the mean (P10 {low:,.0f}, P50 {middle:,.0f}, "
            f"P90 {high:,.0f}); most is {largest['part']}, {float(largest['musd']):,.0f} million."
        ),
        caption=(
            f"Means of the members over {len(result.labels['service_year'])} years from the first "
            "launch, discounted at "
            "each member's cost of capital, if the region bears all. Replacement: satellites and their launches."
        ),
        rows=rows,
    )


def _prices(result: SystemResult) -> Figure:
    """Draw the price that is stated and those that would be needed."""
    series = (
        ("stated", np.asarray(result.members["subscription_usd2025_per_month"])),
        ("needed: the rest is sold elsewhere", np.asarray(result.outputs["shared_price_usd2025_per_month"])),
        ("needed: the region bears all", np.asarray(result.outputs["required_price_usd2025_per_month"])),
    )
    rows = []
    for name, values in series:
        low, middle, high = _band(values)
        rows.append({"price": name, "p10": float(low), "p50": float(middle), "p90": float(high)})
    x = {
        "field": "p10",
        "type": "quantitative",
        "title": "USD of 2025 a month for one subscriber",
        "scale": {"type": "log"},
        "axis": {"format": "~s"},
    }
    y = {"field": "price", "type": "nominal", "sort": None, "title": "price", "axis": {"labelLimit": 260}}
    text = {"field": "p50", "type": "quantitative", "format": ",.0f"}
    share = float(np.mean(series[1][1] <= series[0][1]))
    return Figure(
        id="prices",
        title="The price that is stated, and the prices at which it would pay",
        spec={
            "data": {"values": rows},
            "width": 420,
            "height": 120,
            "layer": [
                {"mark": {"type": "rule", "strokeWidth": 6, "opacity": 0.4, "color": _BLUE},
                 "encoding": {"x": x, "x2": {"field": "p90"}, "y": y}},
                {"mark": {"type": "tick", "thickness": 3, "size": 22, "color": _RED},
                 "encoding": {"x": {**x, "field": "p50"}, "y": y}},
                {"mark": {"type": "text", "dy": -17}, "encoding": {"x": {**x, "field": "p50"}, "y": y, "text": text}},
            ],
        },
        alt=(
            f"Monthly prices at P50: stated {rows[0]['p50']:,.0f}, needed {rows[1]['p50']:,.0f} when "
            "the rest of the fleet "
            f"is sold and {rows[2]['p50']:,.0f} when the region bears all. The stated price suffices in "
            f"{100.0 * share:.0f} % of the members when the rest is sold."
        ),
        caption=(
            "Bars: P10 to P90; ticks: median. What would have to be true: the stated price reaches "
            "the needed one, by more "
            "subscribers on the same fleet or a fleet that costs less. 1 000 000 stands for nobody served."
        ),
        rows=rows,
    )  # fmt: skip


def _trade_off(result: SystemResult) -> Figure | None:
    """Draw the best cover by size of fleet at the orbit of the first shell."""
    table = result.prepared["service"]["trade_off"]
    if not table:
        return None
    size, one, two = (np.asarray(table[name]) for name in ("size", "one", "two"))
    rows = [
        {"satellites": int(n), "share": float(value), "needed": name}
        for name, values in (("one in view", one), ("two in view", two))
        for n, value in zip(size, values, strict=True)
    ]
    design = result.design
    assert isinstance(design, Design)
    shell = design.shells[0]
    enough = next((int(n) for n, value in zip(size, one, strict=True) if value >= 0.95), 0)
    told = f"95 % with one in view needs about {enough} satellites" if enough else "none of them reaches 95 %"
    marks = [{"satellites": shell.total, "label": "this fleet"}]
    x = {"field": "satellites", "type": "quantitative", "title": "satellites", "axis": {"format": "d"}}
    y = {"field": "share", "type": "quantitative", "title": "share of area and time", "axis": _PERCENT}
    colour = {"field": "needed", "type": "nominal", "sort": None, "title": None, "legend": {"orient": "top"}}
    return Figure(
        id="fleet_trade_off",
        title="How small a fleet would cover the region",
        spec={
            "width": 460,
            "height": 240,
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": {"type": "line", "point": True},
                    "encoding": {"x": x, "y": {**y, "scale": {"domain": [0, 1]}}, "color": colour},
                },
                {
                    "data": {"values": marks},
                    "mark": {"type": "rule", "strokeDash": [4, 3]},
                    "encoding": {"x": x},
                },
                {
                    "data": {"values": marks},
                    "mark": {"type": "text", "align": "right", "dx": -5, "baseline": "bottom"},
                    "encoding": {"x": x, "y": {"value": 236}, "text": {"field": "label", "type": "nominal"}},
                },
            ],
        },
        alt=(
            f"Best cover of Walker fleets at {shell.altitude_km:g} km and {shell.inclination_deg:g} "
            f"deg by size: {told}; "
            f"this fleet has {shell.total}."
        ),
        caption=(
            "The best of a few numbers of planes and phasings of each size, mask "
            f"{shell.elevation_mask_deg:g} deg, all "
            "working, counted every half hour on cells of 300 km: a lower bound. Cover is not "
            "capacity: see the other "
            "figures. `accord fleet` searches orbits as well."
        ),
        rows=rows,
    )
