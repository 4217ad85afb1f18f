"""Pictures of trade: the routes over the years, what the verdict hinges on, who loses, whether anybody could tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from accord import units
from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triple, triples
from accord.systems.trade.attribution import YEARS, no_programme_log_sd
from accord.systems.trade.hinges import hinge_map, hinges
from accord.systems.trade.inputs import Design
from accord.systems.trade.losers import losers, value_added

FloatArray = NDArray[np.float64]

__all__ = ["figures"]

UNIT = "GUSD2025/yr"
THEN = "uplift_then_gusd2025_per_yr"
ROUTES = {
    "attributable_uplift_gusd2025_per_yr": "attribution",
    "attributable_uplift_globalisation_gusd2025_per_yr": "attribution, globalisation controls",
    "equilibrium_uplift_gusd2025_per_yr": "general equilibrium",
    "accounting_rise_gusd2025_per_yr": "accounting: the whole rise",
}
COLOURS = ("#1f77b4", "#17a2a2", "#9467bd", "#8c8c8c")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on trade."""
    if len(result.outputs[THEN]) < 2:
        return []
    found = [_routes(result), *hinge_map(result), *hinges(result), *losers(result), *value_added(result)]
    return [*found, _noise(result)]


def claim_of(result: SystemResult) -> tuple[float, float] | None:
    """Return the announced range [GUSD2025/yr]."""
    assert isinstance(result.design, Design)
    return result.design.claimed


def time_of(result: SystemResult) -> FloatArray:
    """Return the time of the claim since the start of the horizon, shape (n,) [yr]."""
    assert isinstance(result.design, Design)
    day = result.design.claimed_by
    asked: FloatArray = result.members["time_in_force_yr"]
    return asked if day is None else np.full_like(asked, result.horizon.months_to(day) / 12.0)


def _route_rows(result: SystemResult, start: float) -> list[dict[str, Any]]:
    """Return P10, P50 and P90 of each route by calendar year."""
    assert isinstance(result.design, Design)
    rows: list[dict[str, Any]] = []
    for output, name in ROUTES.items():
        if output.startswith("equilibrium") and result.design.flows is None:
            continue
        low, middle, high = triples(result.outputs[output])
        for i, year in enumerate(YEARS):
            bounds = {"p10": float(low[i]), "p50": float(middle[i]), "p90": float(high[i])}
            rows.append({"year": start + year, "route": name, **bounds})
    return rows


def _route_layers(rows: list[dict[str, Any]], y_title: str) -> list[dict[str, Any]]:
    """Return bands and lines, each route with its own colour and dash."""
    shown = list(dict.fromkeys(row["route"] for row in rows))
    kinds = [list(ROUTES.values()).index(name) for name in shown]
    x: dict[str, Any] = {
        "field": "year",
        "type": "quantitative",
        "title": "calendar year",
        "axis": {"format": "d", "tickMinStep": 1, "labelOverlap": True},
        "scale": {"zero": False, "nice": False},
    }
    legend = {"columns": 1, "orient": "bottom", "title": None, "labelLimit": 400, "symbolType": "stroke"}
    legend |= {"symbolSize": 500, "symbolStrokeWidth": 2.5}

    def told(values: list[Any]) -> dict[str, Any]:
        scale = {"domain": shown, "range": values}
        return {"field": "route", "type": "nominal", "scale": scale, "legend": legend}

    colour = told([COLOURS[k] for k in kinds])
    y = {name: {"field": name, "type": "quantitative", "title": y_title} for name in ("p10", "p50")}
    bands = [
        {
            "data": {"values": [row for row in rows if row["route"] == name]},
            "mark": {"type": "area", "opacity": 0.15, "color": COLOURS[list(ROUTES.values()).index(name)]},
            "encoding": {"x": x, "y": y["p10"], "y2": {"field": "p90"}},
        }
        for name in (shown[0], shown[-1])
    ]
    return [
        *bands,
        {
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 2.5},
            "encoding": {
                "x": x,
                "color": colour,
                "strokeDash": told([DASHES[k] for k in kinds]),
                "y": y["p50"],
            },
        },
    ]


def _routes(result: SystemResult) -> Figure:
    """Draw what each route credits the programme with, year by year, with the claimed range and its date."""
    assert isinstance(result.design, Design)
    start = result.horizon.start.year + (result.horizon.start.timetuple().tm_yday - 1) / 365.25
    rows, y_title = _route_rows(result, start), f"added to yearly trade, {UNIT}"
    layers = _route_layers(rows, y_title)
    claim, sentence = claim_of(result), _odds(result)
    if claim is not None:
        when = start + float(np.median(time_of(result)))
        layers.insert(0, _claimed(claim, when, float(start), y_title))
    missing = (
        ""
        if result.design.flows
        else " General equilibrium is not assessed: the programme lays no table of flows beside its file."
    )
    return Figure(
        id="routes",
        title="What the programme can be credited with, by three routes",
        spec={"layer": layers},
        alt=f"Uplift of trade over the years by each route, P10, P50 and P90. {sentence}",
        caption=(
            f"{sentence} Lines: medians; bands: P10 to P90 of attribution and of accounting. Attribution lets the "
            "effect of a trade agreement build up from the day each part of the programme is delivered, by two "
            "published ways to estimate it, neither preferred; general equilibrium adds what prices and everybody "
            "else answer; accounting counts the whole rise of the trade reached, whatever caused it."
            f"{missing} Grey: the announced range at its date."
        ),
        rows=rows,
    )


def _claimed(claim: tuple[float, float], when: float, start: float, title: str) -> dict[str, Any]:
    """Return the announced range as a bar at its date, or as a mark where it is one number."""
    data = {"values": [{"from": max(start, when - 0.5), "to": when + 0.5, "low": claim[0], "high": claim[1]}]}
    both = {
        "x": {"field": "from", "type": "quantitative"},
        "x2": {"field": "to"},
        "y": {"field": "low", "type": "quantitative", "title": title},
    }
    if claim[0] < claim[1]:
        encoding = {**both, "y2": {"field": "high"}}
        return {
            "data": data,
            "mark": {"type": "rect", "opacity": 0.45, "color": "#888"},
            "encoding": encoding,
        }
    return {"data": data, "mark": {"type": "rule", "strokeWidth": 3, "color": "#888"}, "encoding": both}


def _odds(result: SystemResult) -> str:
    values = result.outputs[THEN]
    low, middle, high = (units.show(v, UNIT) for v in triple(values))
    text = f"At the date of the claim the attributable uplift is {middle} (P10 {low}, P90 {high})."
    claim = claim_of(result)
    if claim is None:
        return text + " No uplift is announced."
    share, count = float(np.mean(values >= claim[0])), len(values)
    odds = f"{100 * share:.1f} %" if share > 0 else f"below {100 * max(3.0 / count, 1e-3):.1f} %"
    return f"{text} The chance to reach {units.show(claim[0], UNIT)} is {odds}."


def _noise(result: SystemResult) -> Figure:
    """Draw what total trade does with no programme, with the claimed change."""
    base, time = result.members["base_trade_gusd2025_per_yr"], time_of(result)
    spread = result.outputs["detectable_uplift_gusd2025_per_yr"] / base
    log_sd = np.log1p(spread) / 1.6448536269514722
    log_sd = np.where(log_sd > 0.0, log_sd, no_programme_log_sd(result.members["annual_log_sd"], time))
    ends = np.quantile(base, 0.5) * np.expm1(np.quantile(log_sd, 0.5) * np.array([-2.5, 2.5]))
    edges = np.linspace(float(ends[0]), float(ends[1]), 41)
    below = [float(np.mean(ndtr(np.log(np.maximum(1.0 + edge / base, 1e-300)) / log_sd))) for edge in edges]
    rows = [
        {"from": float(low), "to": float(high), "probability": after - before}
        for low, high, before, after in zip(edges[:-1], edges[1:], below[:-1], below[1:], strict=True)
    ]
    x_title = f"change of total trade with no programme, {UNIT}"
    bars: dict[str, Any] = {
        "mark": {"type": "bar", "opacity": 0.6},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "bin": "binned", "title": x_title},
            "x2": {"field": "to"},
            "y": {
                "field": "probability",
                "type": "quantitative",
                "title": "probability",
                "axis": {"format": "%"},
            },
        },
    }
    layers = [bars]
    claim = claim_of(result)
    if claim is not None:
        marks = [{"edge": edge} for edge in dict.fromkeys(claim)]
        rule = {"x": {"field": "edge", "type": "quantitative", "title": x_title}}
        layers.append(
            {"data": {"values": marks}, "mark": {"type": "rule", "strokeWidth": 2.5}, "encoding": rule}
        )
    sentence = _could_tell(result, claim is not None)
    return Figure(
        id="detectability",
        title="Could anybody tell?",
        spec={"data": {"values": rows}, "layer": layers},
        alt=f"Histogram of the change of total trade with no programme. {sentence}",
        caption=(
            f"{sentence} Vertical lines: the announced uplift. Total trade cannot confirm or refute a claim "
            "that drowns in it: ask for the series of the goods and services meant. The picture ends at 2.5 "
            "standard deviations."
        ),
        rows=rows,
    )


def _could_tell(result: SystemResult, claimed: bool) -> str:
    chance = float(np.median(result.outputs["chance_without_programme"]))
    needed = units.show(float(np.median(result.outputs["detectable_uplift_gusd2025_per_yr"])), UNIT)
    power = float(np.median(result.outputs["detection_power"]))
    narrow = float(np.median(result.outputs["technology_detection_power"]))
    what = "the middle of the announced range" if claimed else "the attributable uplift"
    return (
        f"With no programme, total trade changes by more than {what}, up or down, with a probability of "
        f"{100 * chance:.0f} % (median over members); only a rise above {needed} would stand out at 5 %. The "
        f"attributable uplift would stand out of total trade with {100 * power:.0f} %, of the technology trade alone "
        f"with {100 * narrow:.0f} % (5 % is pure chance)."
    )
