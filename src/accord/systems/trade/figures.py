"""Pictures of trade: the uplift over the years, what the verdict hinges on, and whether anybody could
tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from accord import units
from accord.contract import Figure, SystemResult
from accord.systems.trade.attribution import no_programme_log_sd, uplift
from accord.systems.trade.inputs import Design
from accord.systems.trade.phase_in import SPECIFICATIONS

FloatArray = NDArray[np.float64]

__all__ = ["figures"]

UNIT = "GUSD2025/yr"
UPLIFT = "attributable_uplift_gusd2025_per_yr"
LABELS = {"plain": "without controls", "globalisation": "globalisation controls"}
DRIVERS = {
    "base_trade_gusd2025_per_yr": "base trade",
    "technology_share": "technology share",
    "depth": "depth of the agreement",
    "delivered_share": "share delivered",
    "growth_per_yr": "growth without programme",
    "phase_in_factor": "statistical error",
    "time_in_force_yr": "years in force",
}


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on trade."""
    if len(result.outputs[UPLIFT]) < 2:
        return []
    return [_fan(result), _hinges(result), _noise(result)]


def _claim(result: SystemResult) -> tuple[float, float] | None:
    assert isinstance(result.design, Design)
    return result.design.claimed


def _strength(result: SystemResult) -> FloatArray:
    """Return depth x share delivered x statistical factor of each member, as the model used it."""
    m, reached = result.members, result.outputs["technology_trade_gusd2025_per_yr"]
    full, real = result.outputs["full_depth_uplift_gusd2025_per_yr"], result.outputs[UPLIFT]
    grown = reached * (1.0 + m["growth_per_yr"]) ** m["time_in_force_yr"]
    share: FloatArray = np.log1p(real / grown) / np.log1p(full / grown)
    return share * m["phase_in_factor"]


def _fan(result: SystemResult) -> Figure:
    """Draw the attributable uplift over the years under both specifications, with the claimed range."""
    m, reached = result.members, result.outputs["technology_trade_gusd2025_per_yr"]
    strength = _strength(result)
    last = max(12.0, float(np.max(m["time_in_force_yr"])))
    rows: list[dict[str, Any]] = []
    for name in SPECIFICATIONS:
        for year in np.linspace(0.0, last, 25):
            values = uplift(reached, m["growth_per_yr"], np.full_like(reached, year), strength, name)
            low, middle, high = (float(v) for v in np.quantile(values, [0.1, 0.5, 0.9]))
            ceiling = uplift(
                reached, m["growth_per_yr"], np.full_like(reached, year), m["phase_in_factor"], name
            )
            row = {"year": float(year), "phase-in": LABELS[name], "p10": low, "p50": middle, "p90": high}
            rows.append({**row, "full": float(np.median(ceiling))})
    x = {"field": "year", "type": "quantitative", "title": "years in force"}
    y_title = f"attributable uplift, {UNIT}"
    colour = {"field": "phase-in", "type": "nominal"}
    plain = {"x": x, "color": colour}
    parts = {
        name: {"field": name, "type": "quantitative", "title": y_title} for name in ("p10", "p50", "full")
    }
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "opacity": 0.2},
            "encoding": {**plain, "y": parts["p10"], "y2": {"field": "p90"}},
        },
        {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": {**plain, "y": parts["p50"]}},
        {"mark": {"type": "line", "strokeDash": [5, 4]}, "encoding": {**plain, "y": parts["full"]}},
    ]
    claim, sentence = _claim(result), _odds(result)
    if claim is not None:
        band = {"low": claim[0], "high": claim[1]}
        both = {"y": {"field": "low", "type": "quantitative", "title": y_title}, "y2": {"field": "high"}}
        mark = {"type": "rect", "opacity": 0.3, "color": "#888"} if claim[0] < claim[1] else {"type": "rule"}
        layers.insert(0, {"data": {"values": [band]}, "mark": mark, "encoding": both})
    return Figure(
        id="uplift_fan",
        title="What the programme can be credited with",
        spec={"data": {"values": rows}, "layer": layers},
        alt=f"Uplift of trade over the years in force, P10 to P90. {sentence}",
        caption=(
            f"{sentence} Lines: median; bands: P10 to P90; two published ways to estimate how a trade "
            "agreement phases in, neither preferred. Dashed: median if the programme were a full trade "
            "agreement, delivered in full. Grey: the announced range."
        ),
        rows=rows,
    )


def _odds(result: SystemResult) -> str:
    values = result.outputs[UPLIFT]
    low, middle, high = (units.show(float(v), UNIT) for v in np.quantile(values, [0.1, 0.5, 0.9]))
    text = f"In the year of the claim the uplift is {middle} (P10 {low}, P90 {high})."
    claim = _claim(result)
    if claim is None:
        return text + " No uplift is announced."
    share, count = float(np.mean(values >= claim[0])), len(values)
    odds = f"{100 * share:.1f} %" if share > 0 else f"below {100 * max(3.0 / count, 1e-3):.1f} %"
    return f"{text} The chance to reach {units.show(claim[0], UNIT)} is {odds}."


def _ranks(values: FloatArray) -> FloatArray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)


def _hinges(result: SystemResult) -> Figure:
    """Draw rank correlations of the uplift with what it depends on."""
    target = _ranks(result.outputs[UPLIFT])
    columns = {DRIVERS[k]: v for k, v in result.members.items() if k in DRIVERS}
    if not np.allclose(_strength(result), _drawn_strength(result)):
        # a schedule is connected: what it delivered is not a member input, but follows from the uplift
        depth = np.maximum(result.members["depth"] * result.members["phase_in_factor"], 1e-12)
        columns["share delivered"] = _strength(result) / depth
    rows = [
        {"assumption": name, "rank correlation": float(np.corrcoef(_ranks(values), target)[0, 1])}
        for name, values in columns.items()
        if np.ptp(values) > 0.0 and np.ptp(target) > 0.0
    ]
    rows.sort(key=lambda row: -abs(float(str(row["rank correlation"]))))
    top = ", ".join(f"{row['assumption']} ({row['rank correlation']:.2f})" for row in rows[:3])
    return Figure(
        id="hinges",
        title="What the uplift hinges on",
        spec={
            "data": {"values": rows},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "rank correlation",
                    "type": "quantitative",
                    "title": "rank correlation with the attributable uplift",
                    "scale": {"domain": [-1, 1]},
                },
                "y": {"field": "assumption", "type": "nominal", "sort": None, "title": None},
            },
        },
        alt=f"Rank correlations with the attributable uplift. Strongest: {top or 'none, nothing varies'}.",
        caption=(
            "Spearman rank correlation over all members. It tells how much of the spread comes from the "
            "spread of each assumption: a number that is well known explains little, however important it is."
        ),
        rows=rows,
    )


def _drawn_strength(result: SystemResult) -> FloatArray:
    m = result.members
    return m["depth"] * m["delivered_share"] * m["phase_in_factor"]


def _noise(result: SystemResult) -> Figure:
    """Draw what total trade does with no programme, with the claimed change."""
    m = result.members
    base, time = m["base_trade_gusd2025_per_yr"], m["time_in_force_yr"]
    log_sd = no_programme_log_sd(m["annual_log_sd"], time)
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
    claim = _claim(result)
    if claim is not None:
        marks = [{"edge": edge} for edge in dict.fromkeys(claim)]
        rule = {"x": {"field": "edge", "type": "quantitative", "title": x_title}}
        layers.append(
            {"data": {"values": marks}, "mark": {"type": "rule", "strokeWidth": 2.5}, "encoding": rule}
        )
    chance = float(np.median(result.outputs["chance_without_programme"]))
    needed = units.show(float(np.median(result.outputs["detectable_uplift_gusd2025_per_yr"])), UNIT)
    what = "the middle of the announced range" if claim is not None else "the attributable uplift"
    sentence = (
        f"With no programme, total trade changes by more than {what}, up or down, with a probability of "
        f"{100 * chance:.0f} % (median over members); only a rise above {needed} would stand out at 5 %."
    )
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
