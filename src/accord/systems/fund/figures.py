"""Pictures of a fund: money out over the years, and what is started in each field."""

from __future__ import annotations

from typing import Any

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple
from accord.systems.fund.inputs import Design
from accord.systems.fund.precedents import ladder

__all__ = ["figures"]


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on the fund."""
    if len(result.outputs["disbursed_share"]) < 2:
        return []
    return [_curve(result), _projects(result), *ladder(result)]


def _curve(result: SystemResult) -> Figure:
    design = result.design
    assert isinstance(design, Design)
    values = result.outputs["disbursed_by_year_musd2025"]
    rows: list[dict[str, Any]] = [{"year": 0, "p10": 0.0, "p50": 0.0, "p90": 0.0}]
    for index in range(values.shape[1]):
        low, mid, high = triple(values[:, index])
        rows.append({"year": index + 1, "p10": low, "p50": mid, "p90": high})
    year = {
        "field": "year",
        "type": "quantitative",
        "title": "years from the agreement",
        "axis": {"tickMinStep": 1},
    }
    amount = {"type": "quantitative", "title": "disbursed, MUSD2025"}
    size = {"data": {"values": [{"size": design.size_musd2025}]}}
    return Figure(
        id="spending",
        title="Money paid out since the agreement",
        alt=f"Median {rows[-1]['p50']:.0f} MUSD2025 of {design.size_musd2025:.0f} announced after "
        f"{rows[-1]['year']} years",
        caption="Line: median; band: P10 to P90; dashed: the announced size.",
        spec={
            "width": 480,
            "height": 240,
            "layer": [
                {
                    "data": {"values": rows},
                    "encoding": {"x": year},
                    "layer": [
                        {
                            "mark": {"type": "area", "opacity": 0.25},
                            "encoding": {"y": {"field": "p10", **amount}, "y2": {"field": "p90"}},
                        },
                        {"mark": {"type": "line"}, "encoding": {"y": {"field": "p50", **amount}}},
                    ],
                },
                {
                    **size,
                    "mark": {"type": "rule", "strokeDash": [5, 4], "color": "#a3201a"},
                    "encoding": {"y": {"field": "size", **amount}},
                },
            ],
        },
        rows=rows,
    )


def _projects(result: SystemResult) -> Figure:
    design = result.design
    assert isinstance(design, Design)
    rows = []
    for index, field in enumerate(design.fields):
        values = result.outputs["projects_started"][:, index]
        low, mid, high = triple(values)
        rows.append({"field": field.name, "p10": low, "p50": mid, "p90": high})
    amount = {"type": "quantitative", "title": "projects started"}
    return Figure(
        id="projects",
        title="Projects started in each field",
        alt=", ".join(f"{row['field']}: median {row['p50']:.0f}" for row in rows),
        caption="Bar: median; line: P10 to P90. The plan is made for the announced size; what is not paid in is not "
        "started.",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": {"step": 34},
            "encoding": {
                "y": {
                    "field": "field",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "axis": {"labelLimit": 260},
                }
            },
            "layer": median_bars(amount),
        },
        rows=rows,
    )
