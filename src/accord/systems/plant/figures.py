"""Pictures of the plant: two weeks hour by hour, what it costs a year, which heat drives what."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple
from accord.systems.plant.capacities import pictures
from accord.systems.plant.catalogue import names, process, reactor
from accord.systems.plant.gate import pairing
from accord.systems.plant.inputs import Design
from accord.systems.plant.outputs import PARTS
from accord.systems.plant.site import price_series, solar_series
from accord.systems.plant.year import WEEK, dispatch, plant_of

__all__ = ["figures"]

_WEEKS = ((2, "a week of January"), (29, "a week of July"))


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on the plant."""
    if len(result.outputs["lcoe_usd2025_per_mwh"]) < 2:
        return []
    design = result.design
    assert isinstance(design, Design)
    found = [_weeks(design, float(result.prepared["wear_cost"][1])), _costs(result), *pictures(result)]
    return [*found, _gate(design)] if design.reactor is not None else found


def _weeks(design: Design, wear_usd_per_mwh: float) -> Figure:
    plant = plant_of(design, wear_usd_per_mwh)
    solar, price = solar_series(design, 0), price_series(design, 0)
    rows: list[dict[str, Any]] = []
    for week, name in _WEEKS:
        span = slice(week * WEEK, (week + 1) * WEEK)
        level = design.reference_price_usd2025_per_mwh
        flow = dispatch(plant, solar[span], price[span] * level, "dispatch of a week")
        series = {
            "reactor": plant.efficiency * flow["st"] + plant.steam_gain * flow["hts"],
            "solar field": flow["pv"],
            "battery": flow["bd"],
            "bought": flow["imp"],
            "into battery": -flow["bc"],
            "into hydrogen": -(flow["pem"] + flow["hts"]),
        }
        for order, (kind, values) in enumerate(series.items()):
            if np.max(np.abs(values)) < 1e-6:
                continue
            rows += [
                {"week": name, "hour": t, "flow": kind, "order": order, "mw": round(float(v), 3)}
                for t, v in enumerate(values)
            ]
    hour = {
        "field": "hour",
        "type": "quantitative",
        "title": "hour of the week",
        "scale": {"domain": [0, WEEK]},
    }
    return Figure(
        id="weeks",
        title="The plant hour by hour in two weeks",
        alt="Stacked power of reactor, solar field and battery above the line, storage and hydrogen below it",
        caption="First made weather year, reactor without outage, dispatched at the reference price. Above zero: what "
        "comes in; below: what the plant takes itself. The difference goes to the grid.",
        spec={
            "data": {"values": rows},
            "facet": {"row": {"field": "week", "type": "nominal", "sort": None, "title": None}},
            "spec": {
                "width": 520,
                "height": 150,
                "mark": {"type": "area", "interpolate": "step-after"},
                "encoding": {
                    "x": hour,
                    "y": {"field": "mw", "type": "quantitative", "title": "power, MW", "stack": "zero"},
                    "order": {"field": "order", "type": "quantitative"},
                    "color": {"field": "flow", "type": "nominal", "sort": None, "title": None,
                              "legend": {"orient": "top"}},
                },
            },
        },
        rows=rows,
    )  # fmt: skip


def _costs(result: SystemResult) -> Figure:
    values = result.outputs["cost_musd2025_per_yr"]
    rows = []
    for index, part in enumerate(PARTS):
        low, mid, high = triple(values[:, index])
        rows.append({"part": part, "p10": low, "p50": mid, "p90": high})
    amount = {"type": "quantitative", "title": "cost, MUSD2025 a year"}
    return Figure(
        id="costs",
        title="What the plant costs a year",
        alt=", ".join(f"{row['part']}: median {row['p50']:.1f}" for row in rows),
        caption="Capital as annuities at the member's discount rate. Bar: median; line: P10 to P90.",
        spec={
            "data": {"values": rows},
            "width": 440,
            "height": {"step": 26},
            "encoding": {"y": {"field": "part", "type": "nominal", "sort": None, "title": None}},
            "layer": median_bars(amount),
        },
        rows=rows,
    )


def _gate(design: Design) -> Figure:
    assert design.reactor is not None
    source = reactor(design.reactor)
    supply = source.heat_degc - design.approach_k
    rows = []
    for name in names("processes"):
        way = process(name)
        if way.heat_degc is not None:
            fits = "warm enough" if pairing(source, way, design.approach_k).feasible else "too cold"
            rows.append({"process": way.title, "needs": way.heat_degc, "heat": fits})
    need = {"type": "quantitative", "title": "temperature of the heat, °C"}
    return Figure(
        id="gate",
        title="Heat that each way to hydrogen needs, against what the reactor gives",
        alt=f"{source.title} gives {supply:.0f} °C after the heat exchangers; "
        + ", ".join(f"{row['process']} needs {row['needs']:.0f} °C: {row['heat']}" for row in rows),
        caption="Dashed: the reactor's heat, less the heat exchangers. Electrolysis of water takes "
        "no heat and is not shown.",
        spec={
            "width": 420,
            "height": {"step": 30},
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": {"type": "bar"},
                    "encoding": {
                        "y": {"field": "process", "type": "nominal", "sort": None, "title": None,
                              "axis": {"labelLimit": 260}},
                        "x": {"field": "needs", **need},
                        "color": {"field": "heat", "type": "nominal", "title": None, "legend": {"orient": "top"},
                                  "scale": {"domain": ["warm enough", "too cold"], "range": ["#1a6b3c", "#b3431a"]}},
                    },
                },
                {
                    "data": {"values": [{"supply": supply}]},
                    "mark": {"type": "rule", "strokeDash": [5, 4], "color": "#1b2733", "strokeWidth": 1.5},
                    "encoding": {"x": {"field": "supply", **need}},
                },
            ],
        },
        rows=rows,
    )  # fmt: skip
