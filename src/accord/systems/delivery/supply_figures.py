"""Pictures of the supply chain: concentration, time to survive against time to recover, what a lost supplier does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord import units
from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triple, triples
from accord.systems.delivery.chain import (
    CONCENTRATED,
    country_hhi,
    hhi,
    lost_suppliers,
    months_lost,
    single_points,
)
from accord.systems.delivery.inputs import Design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["supply_figures"]


def supply_figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the supply chain; none where the programme names no components."""
    assert isinstance(result.design, Design)
    if not result.design.supply.components:
        return []
    return [_concentration(result.design), *_survival(result), *_losses(result)]


def _concentration(design: Design) -> Figure:
    """Draw the index of concentration of each component, over suppliers and over countries."""
    supply, alone = design.supply, single_points(design.supply)
    rows = [
        {"component": component.name, "over": over, "index": value}
        for component in supply.components
        for over, value in (
            ("suppliers", hhi([s.share for s in component.suppliers])),
            ("countries", country_hhi(component)),
        )
    ]
    weak = [(c.name, alone[c.id]) for c in supply.components if alone[c.id]]
    points = "; ".join(f"{name}: {', '.join(labels)}" for name, labels in weak)
    sentence = (
        f"Single points of failure: {points}."
        if weak
        else "No single supplier or country stops a component alone."
    )
    x = {"type": "quantitative", "title": "concentration (Herfindahl-Hirschman index)"}
    layers: list[dict[str, Any]] = [
        _pairs("over", {"field": "index", **x, "scale": {"domain": [0, 10000]}}),
        {
            "data": {"values": [{"edge": CONCENTRATED}]},
            "mark": {"type": "rule", "strokeDash": [4, 3]},
            "encoding": {"x": {"field": "edge", **x}, "y": {"value": 0}, "y2": {"value": "height"}},
        },
    ]
    return Figure(
        id="concentration",
        title="How concentrated each component's supply is",
        spec={"data": {"values": rows}, "height": {"step": 14}, "layer": layers},
        alt=f"Concentration of {len(supply.components)} components over suppliers and countries. {sentence}",
        caption=(
            f"{sentence} The index is the sum of squared shares in percent: 10 000 is a single source. Dashed: 1 800, "
            "above which a market counts as highly concentrated (US Merger Guidelines 2023). Each component stands by "
            "itself: indices of different components must not be added."
        ),
        rows=rows,
    )


def _pairs(by: str, x: dict[str, Any]) -> dict[str, Any]:
    """Return two bars for each component, told apart by a field."""
    return {
        "mark": {"type": "bar", "height": 9},
        "encoding": {
            "y": {
                "field": "component",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"labelLimit": 260},
            },
            "yOffset": {"field": by, "type": "nominal"},
            "color": {"field": by, "type": "nominal", "title": None, "legend": {"orient": "bottom"}},
            "x": x,
        },
    }


def _survival(result: SystemResult) -> list[Figure]:
    """Draw how long the stock bridges the loss of the worst single supplier, and how long recovery takes."""
    assert isinstance(result.design, Design)
    supply = result.design.supply
    rows: list[dict[str, Any]] = []
    told = []
    for component in supply.components:
        recovery = np.maximum(result.members[f"recovery_month.{component.id}"], 0.0)
        low, middle, high = triple(recovery)
        worst, survive = _worst(result.design, component.id, recovery)
        if not np.isfinite(survive):
            told.append(f"{component.name} bears the loss of any one supplier")
            continue
        row = {"component": component.name, "p10": low, "p90": high}
        rows.append({**row, "measure": "time to survive", "month": survive, "supplier": worst})
        rows.append({**row, "measure": "time to recover, P50", "month": middle, "supplier": worst})
        late = float(np.mean(recovery > survive))
        told.append(f"{component.name} without {worst}: short in {100 * late:.0f} % of the members")
    sentence = "; ".join(told) + "."
    x = {"type": "quantitative", "title": "months after the loss"}
    bar = _pairs("measure", {"field": "month", **x})
    kept = {name: part for name, part in bar["encoding"].items() if name in {"y", "yOffset"}}
    layers: list[dict[str, Any]] = [
        bar,
        {
            "transform": [{"filter": "datum.measure != 'time to survive'"}],
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {**kept, "x": {"field": "p10", **x}, "x2": {"field": "p90"}},
        },
    ]
    figure = Figure(
        id="survival",
        title="Time to survive a lost supplier against time to recover",
        spec={"data": {"values": rows}, "height": {"step": 14}, "layer": layers},
        alt=f"Time to survive and to recover for each component when its worst supplier is lost. {sentence}",
        caption=(
            f"{sentence[0].upper()}{sentence[1:]} Time to survive: the stock divided by what the others cannot "
            "make up; time to recover: until somebody else delivers, P50 with P10 to P90. Where recovery takes "
            "longer, deliveries are missing."
        ),
        rows=rows,
    )
    return [figure] if rows else []


def _worst(design: Design, component: str, recovery: FloatArray) -> tuple[str, float]:
    """Return the own supplier of a component whose loss leaves the least time, and that time [month]."""
    supply = design.supply
    own = next(c for c in supply.components if c.id == component)
    times = {}
    for supplier in own.suppliers:
        lost = {name: np.full(1, name == supplier.id) for name in supply.suppliers}
        months = {c.id: np.full(1, float(np.median(recovery))) for c in supply.components}
        times[supplier.name or supplier.id] = float(
            months_lost(supply, lost, months)[component].survive_month[0]
        )
    name = min(times, key=lambda key: times[key])
    return name, times[name]


def _losses(result: SystemResult) -> list[Figure]:
    """Draw what every single loss adds to date and cost."""
    assert isinstance(result.design, Design)
    supply, labels = result.design.supply, result.labels["loss"]
    names = {s.id: s.name or s.id for c in supply.components for s in c.suppliers}
    measures = {
        "delay, month": result.outputs["loss_delay_month"],
        "cost, MUSD2025": result.outputs["loss_cost_musd2025"],
    }
    rows: list[dict[str, Any]] = []
    for measure, values in measures.items():
        low, middle, high = triples(values)
        for i, label in enumerate(labels):
            kind, _, key = label.partition(" ")
            shown = names.get(key, key) if kind == "supplier" else key
            bounds = {"p10": float(low[i]), "p50": float(middle[i]), "p90": float(high[i])}
            rows.append({"lost": shown.replace("_", " "), "kind": kind, "measure": measure, **bounds})
    delay = np.median(measures["delay, month"], axis=0)
    worst = int(np.argmax(delay))
    many = len(lost_suppliers(supply, labels[worst]))
    dear = units.show(float(np.median(measures["cost, MUSD2025"][:, worst])), "MUSD2025")
    sentence = (
        f"Worst is the loss of {labels[worst].replace('_', ' ')} ({many} of {len(supply.suppliers)} suppliers): "
        f"{delay[worst]:.0f} months and {dear} at P50."
    )
    y = {"field": "lost", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 200}}
    x = {"type": "quantitative", "title": None}
    colour = {"field": "kind", "type": "nominal", "title": "lost", "legend": {"orient": "bottom"}}
    bar = {
        "mark": {"type": "bar", "height": 11},
        "encoding": {"x": {"field": "p50", **x}, "y": y, "color": colour},
    }
    rule = {
        "mark": {"type": "rule", "strokeWidth": 1.5},
        "encoding": {"x": {"field": "p10", **x}, "x2": {"field": "p90"}, "y": y},
    }
    return [
        Figure(
            id="losses",
            title="What a lost supplier or country does to date and cost",
            spec={
                "data": {"values": rows},
                "facet": {
                    "column": {"field": "measure", "type": "nominal", "sort": list(measures), "title": None}
                },
                "spec": {"width": 220, "height": {"step": 18}, "layer": [bar, rule]},
                "resolve": {"scale": {"x": "independent"}},
            },
            alt=f"Delay and added cost of each single loss, P10, P50 and P90. {sentence}",
            caption=(
                f"{sentence} Each loss is there from the beginning, one at a time, with the same draws with and "
                "without it: the delay of the activity that suffers most, through the whole network, and what the "
                "longer work costs. Bars: P50; lines: P10 to P90. Dearer substitutes are not modelled."
            ),
            rows=rows,
        )
    ]
