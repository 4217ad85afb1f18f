"""Pictures of hours: two weeks stacked, the year sorted, prices over the day."""

from __future__ import annotations

import calendar
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Figure, SystemResult
from accord.systems.plant.inputs import Design
from accord.systems.plant.prices import DAYS

FloatArray = NDArray[np.float64]

__all__ = ["duration", "prices", "weeks"]

_WEEK = 168
_POINTS = 200  # of a curve that has 8760
# fixed order and colours in every picture of flows
_KINDS = ("reactor", "solar field", "battery", "bought", "into battery", "into hydrogen")
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#7a7a7a", "#66c2a5", "#CC79A7")


def _series(result: SystemResult) -> dict[str, FloatArray]:
    hours = {name: np.asarray(result.prepared[f"hours_{name}"]) for name in
             ("reactor", "solar", "discharge", "buy", "charge", "electrolysis")}  # fmt: skip
    return {
        "reactor": hours["reactor"], "solar field": hours["solar"], "battery": hours["discharge"],
        "bought": hours["buy"], "into battery": -hours["charge"], "into hydrogen": -hours["electrolysis"],
    }  # fmt: skip


def _months(result: SystemResult) -> list[tuple[int, str]]:
    """Return the first day of the middle week of the dullest and of the sunniest month, each with its words."""
    clear = np.asarray(result.prepared["clearness"])
    if not clear.any():
        return [(3 + int(DAYS[:k].sum()) + 7, f"a week of {calendar.month_name[k + 1]}") for k in (0, 6)]
    start = np.concatenate([[0], np.cumsum(DAYS)[:-1]])
    picked = (("dullest", int(np.argmin(clear))), ("sunniest", int(np.argmax(clear))))
    return [
        (int(start[k]) + int(DAYS[k] - 7) // 2, f"{word} month: a week of {calendar.month_name[k + 1]}")
        for word, k in picked
    ]


def weeks(result: SystemResult) -> Figure:
    """Draw two weeks hour by hour, what comes in above the line and what the plant takes itself below it."""
    rows: list[dict[str, Any]] = []
    series = _series(result)
    for day, name in _months(result):
        span = slice(24 * day, 24 * day + _WEEK)
        for order, kind in enumerate(_KINDS):
            values = series[kind][span]
            if np.max(np.abs(series[kind])) < 1e-6:
                continue
            rows += [
                {"week": name, "hour": t, "flow": kind, "order": order, "mw": round(float(v), 3)}
                for t, v in enumerate(values)
            ]
    shown = [kind for kind in _KINDS if any(row["flow"] == kind for row in rows)]
    totals = {kind: float(np.abs(series[kind]).sum()) / 1e3 for kind in shown}
    hour = {
        "field": "hour", "type": "quantitative", "title": "hour of the week",
        "scale": {"domain": [0, _WEEK]}, "axis": {"values": list(range(0, _WEEK + 1, 24)), "grid": True},
    }  # fmt: skip
    colour = {
        "field": "flow", "type": "nominal", "sort": None, "title": None, "legend": {"orient": "top"},
        "scale": {"domain": shown, "range": [_COLOURS[_KINDS.index(kind)] for kind in shown]},
    }  # fmt: skip
    return Figure(
        id="weeks",
        title="The plant hour by hour, in the dullest and in the sunniest month",
        alt="In the whole year: " + ", ".join(f"{kind} {total:.0f} GWh" for kind, total in totals.items()),
        caption="First weather year, reactor without outage, dispatched at the reference price with the price of "
        "battery wear. Above zero: what comes in; below: what the plant takes itself. The difference goes to the grid.",
        spec={
            "data": {"values": rows},
            "facet": {"row": {"field": "week", "type": "nominal", "sort": None, "title": None,
                              "header": {"labelOrient": "top", "labelAnchor": "start"}}},
            "spec": {
                "width": 560,
                "height": 150,
                "mark": {"type": "area", "interpolate": "step-after"},
                "encoding": {
                    "x": hour,
                    "y": {"field": "mw", "type": "quantitative", "title": "power, MW", "stack": "zero"},
                    "order": {"field": "order", "type": "quantitative"},
                    "color": colour,
                },
            },
        },
        rows=rows,
    )  # fmt: skip


def duration(result: SystemResult) -> Figure:
    """Draw the hours of the year from the highest to the lowest, for each flow by itself."""
    series = {**_series(result), "to the grid": np.asarray(result.prepared["hours_sell"]) - np.asarray(
        result.prepared["hours_buy"])}  # fmt: skip
    names = ("to the grid", "reactor", "solar field", "battery", "into hydrogen")
    at = np.linspace(0, 8759, _POINTS).astype(int)
    rows: list[dict[str, Any]] = []
    for name in names:
        values = np.abs(series[name]) if name == "into hydrogen" else series[name]
        if np.max(np.abs(values)) < 1e-6:
            continue
        ordered = np.sort(values)[::-1]
        rows += [
            {"flow": name, "share": round(100.0 * int(k) / 8760, 3), "mw": round(float(ordered[k]), 3)}
            for k in at
        ]
    shown = list(dict.fromkeys(row["flow"] for row in rows))
    colours = {"to the grid": "#1b2733", **dict(zip(_KINDS, _COLOURS, strict=True))}
    grid = np.sort(series["to the grid"])[::-1]
    return Figure(
        id="duration",
        title="How many hours of the year each flow lasts",
        alt=f"To the grid: at least {grid[4380]:.0f} MW in half of the hours, {grid[0]:.0f} MW at most, "
        f"{grid[-1]:.0f} MW at least",
        caption="Each curve is sorted by itself, so that points above one another are not the same hour. Below zero: "
        "bought. First weather year, reactor without outage, at the reference price.",
        spec={
            "data": {"values": rows},
            "width": 560,
            "height": 230,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "share", "type": "quantitative", "title": "share of the year's hours, %",
                      "scale": {"domain": [0, 100]}},
                "y": {"field": "mw", "type": "quantitative", "title": "power, MW"},
                "color": {"field": "flow", "type": "nominal", "sort": None, "title": None, "legend": {"orient": "top"},
                          "scale": {"domain": shown, "range": [colours[name] for name in shown]}},
            },
        },
        rows=rows,
    )  # fmt: skip


def prices(result: SystemResult) -> Figure:
    """Draw prices over the hours of the day as a fan, members' levels and the year's hours together."""
    design = result.design
    assert isinstance(design, Design)
    shape = np.asarray(result.prepared["price"]).reshape(-1, 24)
    levels = np.quantile(
        result.members["power_price_usd2025_per_mwh"], (np.arange(24) + 0.5) / 24
    )  # the members, evenly
    table = (shape[:, :, None] * levels[None, None, :]).transpose(1, 0, 2).reshape(24, -1)
    low, lower, middle, upper, high = np.quantile(table, [0.1, 0.25, 0.5, 0.75, 0.9], axis=1)
    solar = np.asarray(result.prepared["solar"]).reshape(-1, 24).mean(axis=0)
    rows = [
        {"hour": h, "p10": float(low[h]), "p25": float(lower[h]), "p50": float(middle[h]), "p75": float(upper[h]),
         "p90": float(high[h]), "solar": float(solar[h])}
        for h in range(24)
    ]  # fmt: skip
    total = float(np.sum(np.asarray(result.prepared["solar"])))
    sells = (
        float(np.sum(np.asarray(result.prepared["solar"]) * np.asarray(result.prepared["price"]))) / total
        if total > 0.0
        else None
    )
    said = f"; the field's output sells at {sells:.2f} of the mean price" if sells is not None else ""
    price = {"type": "quantitative", "title": "price, USD2025 a MWh"}
    x = {"field": "hour", "type": "quantitative", "title": "hour of the day", "scale": {"domain": [0, 23]},
         "axis": {"values": list(range(0, 24, 3))}}  # fmt: skip
    return Figure(
        id="prices",
        title="What electricity sells at over the day",
        alt=f"Median from {middle.min():.0f} USD2025/MWh at {int(np.argmin(middle))} h to {middle.max():.0f} "
        f"at {int(np.argmax(middle))} h{said}",
        caption="Dark band: middle half; light band: P10 to P90 of all hours of the years and all members' mean "
        "prices; line: median.",
        spec={
            "data": {"values": rows},
            "width": 560,
            "height": 220,
            "encoding": {"x": x},
            "layer": [
                {"mark": {"type": "area", "opacity": 0.22, "color": "#0072B2"},
                 "encoding": {"y": {"field": "p10", **price}, "y2": {"field": "p90"}}},
                {"mark": {"type": "area", "opacity": 0.35, "color": "#0072B2"},
                 "encoding": {"y": {"field": "p25", **price}, "y2": {"field": "p75"}}},
                {"mark": {"type": "line", "color": "#1b2733", "strokeWidth": 2},
                 "encoding": {"y": {"field": "p50", **price}}},
            ],
        },
        rows=rows,
    )  # fmt: skip
