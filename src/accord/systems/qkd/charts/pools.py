"""The network through a year: key in the pools, what demands get."""

from __future__ import annotations

from typing import Any

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple, triples
from accord.systems.qkd.inputs import Design

__all__ = ["pools"]

_FLOOR_MBIT = 1e-3


def pools(result: SystemResult) -> list[Figure]:
    """Return the pools over time and what demands get; nothing without a network."""
    design = result.design
    assert isinstance(design, Design)
    if design.network is None:
        return []
    return [_levels(result, design), _met(result, design)]


def _levels(result: SystemResult, design: Design) -> Figure:
    names = {link.id: link.name for link in design.links}
    names |= {pair.id: pair.name for pair in (design.satellites.pairs if design.satellites else ())}
    rows: list[dict[str, Any]] = []
    for number, edge in enumerate(result.labels["edge"]):
        for month, values in enumerate(triples(result.outputs["pool_mbit"][:, number]).T, 1):
            low, middle, high = (max(float(v), _FLOOR_MBIT) for v in values)
            rows.append({"link": names[edge], "month": month, "p10": low, "p50": middle, "p90": high})
    x = {"field": "month", "type": "quantitative", "title": "end of month", "axis": {"tickCount": 12}}
    y = {
        "type": "quantitative",
        "title": "key in the pool, Mbit",
        "scale": {"type": "log"},
        "axis": {"tickCount": 5},
    }
    colour = {
        "field": "link",
        "type": "nominal",
        "title": None,
        "legend": {
            "orient": "top",
            "columns": 1,
            "labelLimit": 520,
            "symbolOpacity": 1,
            "symbolType": "stroke",
        },
    }
    last = [r for r in rows if r["month"] == 12]
    assert design.network is not None
    return Figure(
        id="pools",
        title="Key in the pools through a year",
        spec={
            "data": {"values": rows},
            "width": 480,
            "height": 240,
            "layer": [
                {
                    "mark": {"type": "area", "opacity": 0.2},
                    "encoding": {"x": x, "y": {"field": "p10", **y}, "y2": {"field": "p90"}, "color": colour},
                },
                {
                    "mark": {"type": "line", "strokeWidth": 2},
                    "encoding": {"x": x, "y": {"field": "p50", **y}, "color": colour},
                },
            ],
        },
        alt="At the end of the year: "
        + "; ".join(f"{r['link']} median {r['p50']:.3g} Mbit" for r in last)
        + ".",
        caption="Bands from P10 to P90. Pools are empty at the start and hold at most "
        f"{design.network.pool_cap_mbit:g} Mbit; the axis ends at {_FLOOR_MBIT:g}. Key comes in evenly through each "
        "month, demands ask each day.",
        rows=rows,
    )


def _met(result: SystemResult, design: Design) -> Figure:
    assert design.network is not None
    rows = []
    for number, demand in enumerate(design.network.demands):
        low, middle, high = triple(result.outputs["demand_met_share"][:, number])
        bound = triple(result.outputs["network_bound_share"][:, number])[1]
        rows.append({"demand": demand.name, "p10": low, "p50": middle, "p90": high, "bound": bound})
    amount = {
        "type": "quantitative",
        "title": "share of the daily requests that are met",
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    place = {"field": "demand", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 420}}
    layers: list[dict[str, Any]] = [
        {**layer, "encoding": {"y": place, **layer["encoding"]}} for layer in median_bars(amount)
    ]
    layers.append(
        {
            "mark": {"type": "tick", "thickness": 3, "color": "#b03a2e"},
            "encoding": {"y": place, "x": {"field": "bound", **amount}},
        }
    )
    return Figure(
        id="demands",
        title="What demands get from the network",
        spec={"data": {"values": rows}, "width": 420, "height": {"step": 30}, "layer": layers},
        alt="; ".join(
            f"{r['demand']}: {r['p50']:.0%} of its requests are met, bound {r['bound']:.0%}" for r in rows
        )
        + ".",
        caption="Bars: median; lines: P10 to P90; red: the most that any routing could give to all alike over the "
        "year, key that lies idle for a season included.",
        rows=rows,
    )
