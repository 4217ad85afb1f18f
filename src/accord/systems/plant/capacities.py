"""Pictures of the capacities: what one more unit is worth, what others would be chosen, how far each may move."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple
from accord.systems.plant.dispatch import CAPACITIES
from accord.systems.plant.inputs import Design
from accord.systems.plant.outputs import ENERGIES, POWERS, WORDS
from accord.systems.plant.year import plant_of

__all__ = ["pictures"]


def pictures(result: SystemResult) -> list[Figure]:
    """Return those for which the result has numbers."""
    found = [_worth(result), _resized(result), _ranges(result)]
    return [figure for figure in found if figure is not None]


def _worth(result: SystemResult) -> Figure | None:
    values = result.outputs["capacity_worth"]
    rows = []
    for k, name in enumerate(CAPACITIES):
        if np.any(values[:, k] > 0.0):
            low, mid, high = triple(values[:, k])
            rows.append({"capacity": WORDS[name], "p10": low, "p50": mid, "p90": high})
    if not rows:
        return None
    ratio = {"type": "quantitative", "title": "earnings of one more unit over its cost"}
    return Figure(
        id="worth",
        title="Why these capacities: what one more unit would earn over its cost",
        alt=", ".join(f"{row['capacity']}: median {row['p50']:.2f}" for row in rows),
        caption="From the shadow prices of the dispatched hours, against the yearly cost of a unit. Above 1 more of it "
        "would pay, below 1 less would do. Bar: median; line: P10 to P90.",
        spec={
            "data": {"values": rows},
            "width": 440,
            "height": {"step": 26},
            "encoding": {"y": {"field": "capacity", "type": "nominal", "sort": None, "title": None}},
            "layer": [
                *median_bars(ratio),
                {
                    "mark": {"type": "rule", "color": "#b3431a", "strokeDash": [4, 3]},
                    "encoding": {"x": {"datum": 1, **ratio}, "y": None},
                },
            ],
        },
        rows=rows,
    )


def _resized(result: SystemResult) -> Figure | None:
    done = result.outputs["resized"] > 0.0
    design = result.design
    assert isinstance(design, Design)
    if not done.any():
        return None
    given = plant_of(design).fixed
    rows: list[dict[str, Any]] = []
    for kind, unit, places, name in (
        ("power", "MW", POWERS, "resized_power_mw"),
        ("store", "MWh", ENERGIES, "resized_energy_mwh"),
    ):
        table = result.outputs[name][done]
        for column, k in enumerate(places):
            announced = float(given.get(CAPACITIES[k], 0.0))
            if not (announced > 0.0 or np.any(table[:, column] > 0.0)):
                continue
            label = {"capacity": WORDS[CAPACITIES[k]], "kind": f"{kind}, {unit}"}
            rows += [{**label, "size": round(float(v), 3), "what": "chosen again"} for v in table[:, column]]
            rows.append({**label, "size": announced, "what": "announced"})
    count = int(done.sum())
    saving = result.outputs["resized_saving_musd2025_per_yr"][done]
    low, mid, high = triple(saving)
    size = {"field": "size", "type": "quantitative", "title": "capacity"}
    return Figure(
        id="resized",
        title="Capacities announced, and chosen again by those who know their costs",
        alt=f"{count} members chose again and would save {mid:.1f} MUSD2025 a year (P10 {low:.1f}, P90 {high:.1f})",
        caption=f"{count} members; each knows its own costs, prices and weather year, the reactor as announced. "
        f"Against the announced capacities it saves {mid:.1f} MUSD2025 a year (P10 {low:.1f}, P90 {high:.1f}).",
        spec={
            "data": {"values": rows},
            "facet": {"row": {"field": "kind", "type": "nominal", "title": None, "sort": None}},
            "resolve": {"scale": {"x": "independent", "y": "independent"}},
            "spec": {
                "width": 440,
                "height": {"step": 26},
                "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.8},
                "encoding": {
                    "y": {"field": "capacity", "type": "nominal", "sort": None, "title": None},
                    "x": size,
                    "color": {"field": "what", "type": "nominal", "title": None, "legend": {"orient": "top"},
                              "scale": {"domain": ["chosen again", "announced"], "range": ["#4c78a8", "#b3431a"]}},
                    "shape": {"field": "what", "type": "nominal", "title": None,
                              "scale": {"domain": ["chosen again", "announced"], "range": ["circle", "diamond"]}},
                },
            },
        },
        rows=rows,
    )  # fmt: skip


def _ranges(result: SystemResult) -> Figure | None:
    table = np.asarray(result.prepared["ranges"])
    if not len(table):
        return None
    rows: list[dict[str, Any]] = []
    for index, slack, low, high in table:
        name = CAPACITIES[int(index)]
        unit = "MWh" if name.endswith("energy") else "MW"
        rows.append(
            {"capacity": f"{WORDS[name]}, {unit}", "kind": "store, MWh" if unit == "MWh" else "power, MW",
             "within": f"+{100 * slack:g} %" if slack > 0.0 else "optimum", "low": round(float(low), 2),
             "high": round(float(high), 2)}
        )  # fmt: skip
    size = {"type": "quantitative", "title": "capacity"}
    layers = [
        {
            "transform": [{"filter": f"datum.within == '{within}'"}],
            "mark": {"type": "bar", "height": height},
            "encoding": {"x": {"field": "low", **size}, "x2": {"field": "high"}},
        }
        for within, height in (("+1 %", 9), ("+0.5 %", 15))
    ]
    layers.append(
        {
            "transform": [{"filter": "datum.within == 'optimum'"}],
            "mark": {"type": "tick", "thickness": 2.5, "size": 20},
            "encoding": {"x": {"field": "low", **size}},
        }
    )
    colour = {"field": "within", "type": "nominal", "title": "cost of the plant",
              "legend": {"orient": "top"},
              "scale": {"domain": ["optimum", "+0.5 %", "+1 %"], "range": ["#1b2733", "#4c78a8", "#a9c4e0"]},
              }  # fmt: skip
    ends = {row["capacity"]: row for row in rows if row["within"] == "+1 %"}
    return Figure(
        id="ranges",
        title="How far each capacity may move for a little more cost",
        alt="; ".join(
            f"{name} {row['low']:.0f} to {row['high']:.0f} within 1 %" for name, row in ends.items()
        ),
        caption="At central costs, price and the first weather year, one capacity moved and all others chosen anew. "
        "Dark line: the cheapest plant.",
        spec={
            "data": {"values": rows},
            "facet": {"row": {"field": "kind", "type": "nominal", "title": None, "sort": None}},
            "resolve": {"scale": {"x": "independent", "y": "independent"}},
            "spec": {
                "width": 440,
                "height": {"step": 28},
                "encoding": {
                    "y": {"field": "capacity", "type": "nominal", "sort": None, "title": None},
                    "color": colour,
                },
                "layer": layers,
            },
        },
        rows=rows,
    )
