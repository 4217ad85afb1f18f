"""Pictures of a schedule: finish dates, joint confidence, critical path, cost inside and outside."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord import units
from accord.contract import Figure, SystemResult
from accord.systems.delivery.confidence import frontier, joint_confidence, marginal_for_joint
from accord.systems.delivery.driver_table import drivers
from accord.systems.delivery.inputs import Design
from accord.systems.delivery.network import NEVER_MONTH
from accord.systems.delivery.supply_figures import supply_figures

FloatArray = NDArray[np.float64]

__all__ = ["figures"]

LEVELS = (0.5, 0.7, 0.8)  # joint confidence levels drawn
VIEWS = {
    "inside view": "finish_month",
    "outside view": "outside_finish_month",
    "combined": "combined_finish_month",
}
DOTS = 500  # members shown in the scatter: more would only blacken it
JOINT_WARNING = (
    "70 % confidence in the budget and 70 % in the date are together only about 53 to 57 %: "
    "read the joint number."
)


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on delivery."""
    if len(result.outputs["programme_finish_month"]) < 2:
        return []
    found = [_dates(result)]
    if float(np.max(result.outputs["total_cost_musd2025"])) > 0.0:
        found += [_joint(result), _budget(result)]
    return [*found, _criticality(result), *drivers(result), *supply_figures(result)]


def _year(month: Any, start: date) -> Any:
    """Return the calendar year of a model time, as a decimal number."""
    return start.year + (start.timetuple().tm_yday - 1) / 365.25 + np.asarray(month) / 12.0


def _names(result: SystemResult) -> list[str]:
    design = result.design
    assert isinstance(design, Design)
    names = [activity.name for activity in design.schedule]
    return [f"{n} ({a.id})" if names.count(n) > 1 else n for n, a in zip(names, design.schedule, strict=True)]


def _percent(share: float, count: int) -> str:
    """Format a share of `count` members; none seen is a bound, not a zero."""
    if share == 0.0:
        return f"below {100.0 * max(3.0 / count, 1e-3):.1f} %"
    return f"{100.0 * share:.0f} %" if 0.01 <= share <= 0.99 else f"{100.0 * share:.1f} %"


def _year_axis(title: str) -> dict[str, Any]:
    return {
        "type": "quantitative",
        "title": title,
        "axis": {"format": "d", "tickMinStep": 1, "labelOverlap": True},
        "scale": {"zero": False},
    }


def _date_rows(result: SystemResult) -> list[dict[str, Any]]:
    """Return P10, P50, P80 and P90 of each finish as calendar years in the three views."""
    start, count = result.horizon.start, len(result.outputs["programme_finish_month"])
    rows: list[dict[str, Any]] = []
    for column, name in enumerate(_names(result)):
        for view, output in VIEWS.items():
            finish = result.outputs[output][:, column]
            ended = finish[finish < NEVER_MONTH]
            never = 1.0 - len(ended) / count
            note = f"never {_percent(never, count)}" if never > 0.0 else ""
            row: dict[str, Any] = {"activity": name, "view": view, "never": never, "note": note}
            for key, level in (("p10", 0.1), ("p50", 0.5), ("p80", 0.8), ("p90", 0.9)):
                row[key] = float(_year(np.quantile(ended, level), start)) if len(ended) else None
            rows.append(row)
    return rows


def _dates(result: SystemResult) -> Figure:
    """Draw P10, P50 and P90 of each finish: inside, outside and combined view."""
    rows = _date_rows(result)
    end = float(_year(result.horizon.length_month, result.horizon.start))
    y = {"field": "activity", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}}
    x = _year_axis("finish, calendar year")
    by_view = {
        "y": y,
        "yOffset": {"field": "view", "type": "nominal", "sort": list(VIEWS)},
        "color": {"field": "view", "type": "nominal", "sort": list(VIEWS)},
    }
    bar = {"type": "bar", "height": 6, "opacity": 0.55}
    note = {"field": "note", "type": "nominal"}
    line = {"x": {"field": "end", **x}, "y": {"value": 0}, "y2": {"value": "height"}}
    layers: list[dict[str, Any]] = [
        {"mark": bar, "encoding": {**by_view, "x": {"field": "p10", **x}, "x2": {"field": "p90"}}},
        {
            "mark": {"type": "tick", "thickness": 3, "size": 9},
            "encoding": {**by_view, "x": {"field": "p50", **x}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 10},
            "encoding": {**by_view, "x": {"field": "p90", **x}, "text": note},
        },
        {
            "data": {"values": [{"end": end}]},
            "mark": {"type": "rule", "strokeDash": [4, 3]},
            "encoding": line,
        },
    ]
    inside = [row for row in rows if row["view"] == "inside view" and row["p50"] is not None]
    alt = f"Ranges of finish for {len(rows) // 3} activities. None ever finishes."
    if inside:
        last = max(inside, key=lambda row: float(row["p50"]))
        alt = (
            f"Ranges of finish for {len(rows) // 3} activities. The latest, {last['activity']}, finishes in "
            f"{last['p50']:.1f} at P50 (P10 {last['p10']:.1f}, P90 {last['p90']:.1f}) by the inside view."
        )
    return Figure(
        id="finish_dates",
        title="When each activity finishes",
        spec={"data": {"values": rows}, "height": {"step": 16}, "layer": layers},
        alt=alt,
        caption=(
            "Bars run from P10 to P90 among the members in which the activity finishes, the mark is P50; the "
            "share in which it never does is written beside. Inside view: durations and risks as stated. "
            "Outside view: the announced duration times the overruns of finished projects of the same class; "
            "the same as inside where no class is named. Combined: geometric mean of the two quantile functions, "
            "the inside weighted by the design reviews passed. Dashed: end of the horizon."
        ),
        rows=rows,
    )


def _confidence_lines(result: SystemResult) -> list[dict[str, Any]]:
    """Return the points of the lines of equal joint confidence."""
    finish, cost = result.outputs["programme_finish_month"], result.outputs["total_cost_musd2025"]
    lines: list[dict[str, Any]] = []
    for level in LEVELS:
        name = f"{100 * level:.0f} %"
        dates, budgets = frontier(cost, finish, level, finish_limit=NEVER_MONTH)
        for step, (day, budget) in enumerate(zip(dates, budgets, strict=True)):
            year = float(_year(day, result.horizon.start))
            lines.append({"finish": year, "cost": float(budget), "joint confidence": name, "step": step})
    return lines


def _joint(result: SystemResult) -> Figure:
    """Draw cost against finish with the lines of equal joint confidence."""
    design = result.design
    assert isinstance(design, Design)
    finish, cost = result.outputs["programme_finish_month"], result.outputs["total_cost_musd2025"]
    ended = finish < NEVER_MONTH
    stride = max(1, int(np.count_nonzero(ended)) // DOTS)
    dots = [
        {"finish": float(_year(f, result.horizon.start)), "cost": float(c)}
        for f, c in zip(finish[ended][::stride], cost[ended][::stride], strict=True)
    ]
    lines = _confidence_lines(result)
    target, sentence = _target(design, result)
    x = {"field": "finish", **_year_axis("finish of the programme, calendar year")}
    y = {"field": "cost", "type": "quantitative", "title": "cost of the programme, MUSD2025"}
    layers: list[dict[str, Any]] = [
        {"data": {"values": dots}, "mark": {"type": "point", "filled": True, "size": 10, "opacity": 0.25}},
    ]
    if lines:
        layers.append(
            {
                "data": {"values": lines},
                "mark": {"type": "line", "strokeWidth": 2.5, "interpolate": "step-after"},
                "encoding": {
                    "color": {"field": "joint confidence", "type": "nominal"},
                    "order": {"field": "step", "type": "quantitative"},
                },
            }
        )
    if target is not None:
        mark = {"type": "point", "shape": "cross", "size": 160, "filled": True}
        layers.append({"data": {"values": [target]}, "mark": mark})
    sentence = f"{sentence} {_wanted(design, result)}"
    along = "Along a line every pair of date and budget has the same joint confidence."
    if not lines:
        along = f"No pair of date and budget has a joint confidence of {100 * min(LEVELS):.0f} %."
    return Figure(
        id="joint_confidence",
        title="Cost and date together",
        spec={"encoding": {"x": x, "y": y}, "layer": layers},
        alt=f"Cost against finish{', with lines of equal joint confidence' if lines else ''}. {sentence}",
        caption=(
            f"{sentence} {JOINT_WARNING} Each dot is a member that finishes; "
            f"{_percent(float(np.mean(~ended)), len(finish))} of the members never do and lie outside the "
            f"picture. {along} Cross: the stated target."
        ),
        rows=lines,
    )


def _wanted(design: Design, result: SystemResult) -> str:
    """Say what each axis needs for the joint confidence that the programme wants."""
    finish, cost = result.outputs["programme_finish_month"], result.outputs["total_cost_musd2025"]
    ended = finish < NEVER_MONTH
    wanted, reach = design.targets.joint_confidence, float(np.mean(ended))
    if reach < wanted:
        return (
            f"No budget and no date reach {100 * wanted:.0f} %: "
            f"only {_percent(reach, len(finish))} of the members ever finish."
        )
    needed = marginal_for_joint(cost, np.where(ended, finish, np.inf), wanted)
    return f"For {100 * wanted:.0f} % joint confidence each axis alone needs {100 * needed:.0f} %."


def _target(design: Design, result: SystemResult) -> tuple[dict[str, float] | None, str]:
    finish, cost = result.outputs["programme_finish_month"], result.outputs["total_cost_musd2025"]
    day = design.targets.finish or result.horizon.end
    month = min(result.horizon.months_to(day), NEVER_MONTH - 1e-6)
    limit = design.targets.cost_musd2025
    if limit is None:
        share = joint_confidence(cost, finish, np.inf, month)
        return None, f"Confidence to finish by {day}: {_percent(share, len(finish))} (no budget stated)."
    joint = joint_confidence(cost, finish, limit, month)
    alone = (joint_confidence(cost, finish, limit, np.inf), joint_confidence(cost, finish, np.inf, month))
    sentence = (
        f"Joint confidence of {units.show(limit, 'MUSD2025')} and {day}: {_percent(joint, len(finish))} "
        f"(budget alone {_percent(alone[0], len(cost))}, date alone {_percent(alone[1], len(cost))})."
    )
    return {"finish": float(_year(month, result.horizon.start)), "cost": limit}, sentence


def _budget(result: SystemResult) -> Figure:
    """Draw the distribution functions of programme cost, inside and outside view."""
    levels = np.linspace(0.01, 0.95, 95)
    rows: list[dict[str, Any]] = []
    marks: dict[str, tuple[float, float]] = {}
    for view, output in (
        ("inside view", "total_cost_musd2025"),
        ("outside view", "outside_total_cost_musd2025"),
    ):
        values = np.quantile(result.outputs[output], levels)
        rows += [
            {"cost": float(v), "confidence": float(p), "view": view}
            for p, v in zip(levels, values, strict=True)
        ]
        marks[view] = (float(values[49]), float(values[79]))
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "cost", "type": "quantitative", "title": "cost of the programme, MUSD2025"},
            "y": {
                "field": "confidence",
                "type": "quantitative",
                "title": "confidence that it is enough",
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "color": {"field": "view", "type": "nominal"},
        },
    }
    text = ". ".join(
        f"{view.capitalize()}: P50 {units.show(p50, 'MUSD2025')}, P80 {units.show(p80, 'MUSD2025')}"
        for view, (p50, p80) in marks.items()
    )
    return Figure(
        id="cost_curve",
        title="What the programme costs, inside and outside view",
        spec=spec,
        alt=f"Two cumulative curves of programme cost. {text}.",
        caption=(
            f"{text}. Members in which risks stop activities are included with what was spent by then, which "
            "pulls both curves to the left: a cheap programme may be one that was not delivered. The tail of "
            "the outside view is fat, so read its quantiles and never its mean."
        ),
        rows=rows,
    )


def _criticality(result: SystemResult) -> Figure:
    """Draw how often each activity decides the finish."""
    index = np.mean(result.outputs["criticality"], axis=0)
    rows = [
        {"activity": name, "criticality": float(value)}
        for name, value in zip(_names(result), index, strict=True)
    ]
    leader = int(np.argmax(index))
    return Figure(
        id="criticality",
        title="Which activities decide the finish",
        spec={
            "data": {"values": rows},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "criticality",
                    "type": "quantitative",
                    "title": "share of members in which it is critical",
                    "axis": {"format": "%"},
                    "scale": {"domain": [0, 1]},
                },
                "y": {
                    "field": "activity",
                    "type": "nominal",
                    "sort": "-x",
                    "title": None,
                    "axis": {"labelLimit": 260},
                },
            },
        },
        alt=f"Criticality index. {_names(result)[leader]} leads with {100 * index[leader]:.0f} %.",
        caption=(
            "Share of members in which an activity lies on the critical path of the inside view; where risks "
            "end the programme, the activities they stop count as critical. Shares need not add to 100 %."
        ),
        rows=rows,
    )
