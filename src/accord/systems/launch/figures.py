"""Pictures of a launch campaign: what each partner pays apart and together, and how sure the saving is."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple
from accord.physics.games import nucleolus
from accord.systems.launch.inputs import Design

__all__ = ["figures"]

_BINS = 40


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on launches."""
    if len(result.outputs["cost_ratio"]) < 2:
        return []
    return [_shares(result), _saving(result)]


def _quantiles(values: Any) -> dict[str, float]:
    low, mid, high = triple(values)
    return {"p10": low, "p50": mid, "p90": high}


def _shares(result: SystemResult) -> Figure:
    design = result.design
    assert isinstance(design, Design)
    rows: list[dict[str, Any]] = []
    for index, partner in enumerate(design.partners):
        for way, output in (("alone", "alone_cost_musd2025"), ("together", "shapley_cost_musd2025")):
            rows.append({"partner": partner.name, "way": way, **_quantiles(result.outputs[output][:, index])})
    game = np.concatenate([[0.0], np.median(result.outputs["coalition_cost_musd2025"], axis=0)])
    for partner, share in zip(design.partners, nucleolus(game), strict=True):
        one = float(share)
        rows.append({"partner": partner.name, "way": "nucleolus", "p10": one, "p50": one, "p90": one})
    encoding: dict[str, Any] = {
        "y": {"field": "partner", "type": "nominal", "sort": None, "title": None},
        "yOffset": {"field": "way", "type": "nominal", "sort": None},
        "color": {
            "field": "way",
            "type": "nominal",
            "sort": None,
            "title": None,
            "legend": {"orient": "top"},
        },
    }
    amount = {"type": "quantitative", "title": "cost of launches, MUSD2025"}
    return Figure(
        id="shares",
        title="What each partner pays, alone and together",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": {"step": 26},
            "encoding": encoding,
            "layer": median_bars(amount, color={"value": "#1b2733"}),
        },
        alt="; ".join(f"{r['partner']} {r['way']}: {r['p50']:.0f} MUSD2025" for r in rows) + ".",
        caption=(
            "Bars: median; lines: P10 to P90. Together: Shapley share of the cheapest common manifest, what sharing "
            "itself costs included; failed launches are flown again and their satellites replaced. Nucleolus: the "
            "division of the median costs whose smallest savings are as large as they can be. "
            f"{_stability(result)}"
        ),
        rows=rows,
    )


def _stability(result: SystemResult) -> str:
    """Say in how many members no division holds, and where joining costs more than it saves."""
    empty = float(np.mean(result.outputs["stable"] < 0.5))
    dear = float(np.mean(result.outputs["subadditive"] < 0.5))
    if empty == 0.0 and dear == 0.0:
        return "In every member some division leaves nobody better off alone."
    return (
        f"In {100 * empty:.0f} % of the members the core is empty: no division keeps all from doing better in a "
        f"smaller group. In {100 * dear:.0f} % some partners pay more together than apart (the game is not "
        "subadditive)."
    )


def _saving(result: SystemResult) -> Figure:
    ratio = result.outputs["cost_ratio"]
    low, high = (
        float(q) for q in np.quantile(ratio, [0.005, 0.995])
    )  # the last half per cent would only stretch it
    edges = np.linspace(low, high if high > low else low + 0.01, _BINS + 1)
    counts, _ = np.histogram(ratio, edges)
    rows = [
        {"from": float(a), "to": float(b), "share": float(c) / len(ratio)}
        for a, b, c in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    gains = float(np.mean(ratio < 1.0))
    axis = {"type": "quantitative", "title": "cost together / cost apart", "scale": {"zero": False}}
    return Figure(
        id="saving",
        title="How sure the saving is",
        spec={
            "width": 460,
            "height": 220,
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": {"type": "bar", "binSpacing": 0},
                    "encoding": {
                        "x": {"field": "from", "bin": {"binned": True}, **axis},
                        "x2": {"field": "to"},
                        "y": {
                            "field": "share",
                            "type": "quantitative",
                            "title": "share of members",
                            "axis": {"format": ".2~%"},
                        },
                    },
                },
                {
                    "data": {"values": [{"x": 1.0}]},
                    "mark": {"type": "rule", "strokeDash": [4, 3], "color": "#1b2733"},
                    "encoding": {"x": {"field": "x", **axis}},
                },
            ],
        },
        alt=f"Sharing is cheaper in {100 * gains:.0f} % of the members; the median ratio is {np.median(ratio):.2f}.",
        caption="Left of the dashed line launching together is cheaper. Half a per cent at either end left out.",
        rows=rows,
    )
