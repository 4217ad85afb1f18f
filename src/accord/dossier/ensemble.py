"""Pictures of the ensemble as a whole: scenarios beside the file, and how probabilities settle as members are added."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from accord.contract import Figure

if TYPE_CHECKING:
    from accord.evidence.ledger import Ledger, ScenarioEffect

__all__ = ["convergence_figure", "scenario_figure", "scenario_rows", "unmoved"]

_AS_IT_STANDS = "the file as it stands"
_INK = "#1b2733"
_ACROSS = 4


def moved(effect: ScenarioEffect) -> bool:
    """Tell whether a scenario moves a claim by more than the sampling noise."""
    low, high = effect.difference_low, effect.difference_high
    return low is not None and high is not None and not low <= 0.0 <= high


def scenario_rows(ledger: Ledger) -> list[dict[str, Any]]:
    """Return one row a claim and scenario that moves it, for the page."""
    before = {row.id: row for row in ledger.rows}
    return [
        {
            "claim": effect.claim,
            "text": before[effect.claim].text,
            "scenario": effect.title,
            "before": before[effect.claim].probability_text,
            "after": effect.shown,
            "difference": effect.difference,
            "low": effect.difference_low,
            "high": effect.difference_high,
            "changed": effect.changed,
        }
        for effect in ledger.scenarios
        if moved(effect)
    ]


def unmoved(ledger: Ledger) -> list[tuple[str, int, int]]:
    """Return for each scenario how many claims it does not move noticeably, and how many it leaves unassessed."""
    found: dict[str, list[int]] = {}
    for effect in ledger.scenarios:
        tally = found.setdefault(effect.title, [0, 0])
        if effect.difference is None:
            tally[1] += 1
        elif not moved(effect):
            tally[0] += 1
    return [(title, *counts) for title, counts in found.items()]  # type: ignore[misc]


def scenario_figure(ledger: Ledger) -> Figure | None:
    """Draw the probability of each claim that some scenario moves: as the file stands and in every scenario."""
    shown = {effect.claim for effect in ledger.scenarios if moved(effect)}
    if not shown:
        return None
    rows: list[dict[str, Any]] = []
    for row in ledger.rows:
        if row.id in shown:
            rows.append(
                _point(row.id, _AS_IT_STANDS, row.probability, row.probability_low, row.probability_high)
            )
    rows += [
        _point(e.claim, e.title, e.probability, e.low, e.high) for e in ledger.scenarios if e.claim in shown
    ]
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    y = {
        "y": {"field": "claim", "type": "nominal", "sort": None, "title": None, "axis": {"grid": True}},
        "yOffset": {"field": "scenario", "sort": names},
        "color": {"field": "scenario", "type": "nominal", "sort": names, "title": None,
                  "legend": {"orient": "top", "columns": 2, "labelLimit": 420}},
    }  # fmt: skip
    highest = max(row["high"] for row in rows if row["high"] is not None)
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, 1 if highest > 0.5 else math.ceil(highest * 10) / 10]},
    }
    largest = max(
        (e for e in ledger.scenarios if moved(e)), key=lambda e: (abs(e.difference or 0.0), e.claim)
    )
    return Figure(
        id="scenarios",
        title="What each scenario does to the probability of a claim",
        alt=f"the largest change is that of {largest.claim} under “{largest.title}”: {largest.difference:+.3f}",
        caption="Only claims that some scenario moves by more than the sampling noise. Line: 95 % interval. All were "
        "drawn with the same numbers, so that a difference is known better than either probability.",
        spec={
            "data": {"values": rows},
            "width": 620,
            "height": {"step": 14},
            "encoding": y,
            "layer": [
                {
                    "mark": {"type": "rule", "strokeWidth": 2},
                    "encoding": {"x": {"field": "low", **x, "title": "P(claim)"}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1},
                    "encoding": {"x": {"field": "probability", **x}},
                },
            ],
        },
        rows=rows,
    )


def _point(
    claim: str, scenario: str, probability: float | None, low: float | None, high: float | None
) -> dict[str, Any]:
    return {"claim": claim, "scenario": scenario, "probability": probability, "low": low, "high": high}


def convergence_figure(ledger: Ledger) -> Figure | None:
    """Draw P of every tested claim over the first members of each replicate, one small plot a claim."""
    rows: Sequence[Mapping[str, Any]] = [
        {
            "claim": point.claim,
            "members": point.members,
            "probability": point.probability,
            "low": point.low,
            "high": point.high,
        }
        for point in ledger.convergence
    ]
    if not rows:
        return None
    last = ledger.growth[-1]
    x = {
        "field": "members",
        "type": "quantitative",
        "scale": {"type": "log"},
        "title": "members",
        "axis": {"tickCount": 3, "format": "~s", "grid": False, "titleFontSize": 10},
    }
    y = {
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": {"tickCount": 3, "format": "~f"},
        "title": None,
    }
    return Figure(
        id="convergence",
        title="How each probability settles as members are added",
        alt=f"with all {last.members} members the widest interval of a probability or median is within "
        f"±{last.half:.2g} ({last.claim})",
        caption="Line: P(claim) over the first members of each of the independent replicates; band: 95 % interval from "
        "the spread of the replicates. Each plot has its own vertical scale.",
        spec={
            "data": {"values": rows},
            "facet": {"field": "claim", "type": "nominal", "sort": None, "title": None,
                      "header": {"labelFontWeight": 600, "labelAnchor": "start", "labelPadding": 2}},
            "columns": _ACROSS,
            "spacing": {"row": 14, "column": 24},
            "resolve": {"scale": {"y": "independent"}},
            "spec": {
                "width": 190,
                "height": 70,
                "encoding": {"x": x},
                "layer": [
                    {
                        "mark": {"type": "area", "opacity": 0.25},
                        "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}},
                    },
                    {
                        "mark": {"type": "line", "color": _INK, "strokeWidth": 1.5},
                        "encoding": {"y": {"field": "probability", **y}},
                    },
                ],
            },
        },
        rows=rows,
    )  # fmt: skip
