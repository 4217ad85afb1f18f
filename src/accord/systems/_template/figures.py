"""Results to figures."""

from __future__ import annotations

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triples

__all__ = ["figures"]


def figures(result: SystemResult) -> list[Figure]:
    """Return the level over the days without inflow, as a median with its 80 % band."""
    low, mid, high = triples(result.outputs["level_share"])
    rows = [
        {"day": i + 1, "p10": float(a), "p50": float(b), "p90": float(c)}
        for i, (a, b, c) in enumerate(zip(low, mid, high, strict=True))
    ]
    axis = {"field": "day", "type": "quantitative", "title": "Days without inflow"}
    spec = {
        "data": {"values": rows},
        "width": 560,
        "height": 240,
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.25},
                "encoding": {
                    "x": axis,
                    "y": {"field": "p10", "type": "quantitative", "title": "Usable volume left (share)"},
                    "y2": {"field": "p90"},
                },
            },
            {
                "mark": {"type": "line"},
                "encoding": {"x": axis, "y": {"field": "p50", "type": "quantitative"}},
            },
        ],
    }
    return [
        Figure(
            id="level",
            title="Reservoir level without inflow",
            spec=spec,
            alt=f"After {len(rows)} days without inflow the median level is {mid[-1]:.0%} of the usable volume.",
            caption="Line: median. Band: 80 % of members.",
            rows=rows,
        )
    ]
