"""Which inputs drive date and cost: Pearson and rank correlations of every drawn number with both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.systems.delivery.columns import columns
from accord.systems.delivery.inputs import INPUTS, Design
from accord.systems.delivery.network import NEVER_MONTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["driver_rows", "drivers"]

SHOWN = 12
TARGETS = {
    "finish of the programme": "programme_finish_month",
    "cost of the programme": "total_cost_musd2025",
}


def _ranks(values: FloatArray) -> FloatArray:
    """Return ranks, equal values sharing the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    middle: FloatArray = (last - 0.5 * (count - 1.0) - 1.0)[place]
    return middle


def driver_rows(members: Mapping[str, FloatArray], target: FloatArray) -> list[dict[str, Any]]:
    """Return each member input with its two correlations with a target, strongest rank correlation first.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    target : float array, shape (n,)

    Returns
    -------
    list of dict
        ``column``, ``pearson``, ``spearman``; columns that do not vary are left out, and so is everything when the
        target does not.
    """
    if len(target) < 3 or np.ptp(target) == 0.0:
        return []
    ranked = _ranks(target)
    rows: list[dict[str, Any]] = [
        {
            "column": name,
            "pearson": float(np.corrcoef(values, target)[0, 1]),
            "spearman": float(np.corrcoef(_ranks(values), ranked)[0, 1]),
        }
        for name, values in members.items()
        if np.ptp(values) > 0.0
    ]
    return sorted(rows, key=lambda row: -abs(row["spearman"]))


def drivers(result: SystemResult) -> list[Figure]:
    """Return the table of drivers as a figure: the strongest for date and for cost; none where neither varies."""
    assert isinstance(result.design, Design)
    titles = {name: column.doc for name, column in columns(result.design).items()}
    titles |= {name: declared.doc.split(":")[0].rstrip(".") for name, declared in INPUTS.items()}
    ended = result.outputs["programme_finish_month"] < NEVER_MONTH
    rows: list[dict[str, Any]] = []
    for what, output in TARGETS.items():
        kept = ended if output.startswith("programme") else np.ones_like(ended)
        members = {name: values[kept] for name, values in result.members.items()}
        for row in driver_rows(members, result.outputs[output][kept])[:SHOWN]:
            name = titles.get(row["column"], row["column"])
            for measure in ("spearman", "pearson"):
                rows.append({"of": what, "input": name, "measure": measure, "correlation": row[measure]})
    if not rows:
        return []
    first = {what: next((r["input"] for r in rows if r["of"] == what), "") for what in TARGETS}
    told = "; ".join(f"{what}: {name}" for what, name in first.items() if name)
    y = {"field": "input", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 420}}
    x = {
        "field": "correlation",
        "type": "quantitative",
        "scale": {"domain": [-1, 1]},
        "axis": {"values": [-1, -0.5, 0, 0.5, 1]},
    }
    shape = {"field": "measure", "type": "nominal", "title": None, "legend": {"orient": "bottom"}}
    mark = {"type": "point", "filled": True, "size": 55, "opacity": 0.9}
    panels = [
        {
            "title": what,
            "width": 260,
            "height": {"step": 16},
            "data": {"values": [row for row in rows if row["of"] == what]},
            "mark": mark,
            "encoding": {"x": {**x, "title": "correlation"}, "y": y, "color": shape, "shape": shape},
        }
        for what in TARGETS
        if first[what]
    ]
    return [
        Figure(
            id="drivers",
            title="What drives date and cost",
            spec={"vconcat": panels},
            alt=f"Correlations of the inputs with finish and cost of the programme. Strongest: {told}.",
            caption=(
                f"Strongest: {told}. Rank (Spearman) and linear (Pearson) correlation of each drawn number with the "
                "result, inside view; members that never finish are left out of the date. A risk strikes where "
                "its draw is low, hence the minus sign of what then comes later. Inputs that move together "
                "share their correlation: it does not tell cause."
            ),
            rows=rows,
        )
    ]
