"""On which assumption the verdict on an uplift hinges: the technology share and the depth, and everything else."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from accord import units
from accord.contract import Figure, SystemResult
from accord.systems.trade.bars import bars
from accord.systems.trade.inputs import Design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["chance", "hinge_map", "hinges", "needed_share"]

THEN = "uplift_then_gusd2025_per_yr"
SHARES, DEPTHS = 24, 20  # cells of the map
DRIVERS = {
    "base_trade_gusd2025_per_yr": "base trade",
    "technology_share": "technology share",
    "depth": "depth of the agreement",
    "growth_per_yr": "growth without programme",
    "phase_in_factor": "statistical error",
}


def chance(grown: FloatArray, effect: FloatArray, share: float, depth: float, wanted: float) -> float:
    """Return P(uplift at least `wanted`) with technology share and depth held, the rest as drawn [1].

    Parameters
    ----------
    grown : float array, shape (n,)
        Total trade at the date, without the programme.
    effect : float array, shape (n,) [log points]
        Effect at a depth of 1 of what is delivered by then.
    """
    return float(np.mean(share * grown * np.expm1(depth * effect) >= wanted))


def needed_share(
    grown: FloatArray, effect: FloatArray, depth: float, wanted: float, level: float = 0.5
) -> float:
    """Return the technology share at which the chance reaches a level, depth held, the rest as drawn [1].

    The chance rises with the share, so the share needed by each member is sorted; above 1 no share is enough, and
    infinite where too few members gain anything.
    """
    gain = grown * np.expm1(depth * effect)
    own = np.sort(np.where(gain > 0.0, wanted / np.where(gain > 0.0, gain, 1.0), np.inf))
    return float(own[min(len(own) - 1, max(0, int(np.ceil(level * len(own))) - 1))])


def _basis(result: SystemResult) -> tuple[FloatArray, FloatArray]:
    """Return trade at the date, and the effect at a depth of 1, of the members that tell it."""
    grown, depth = result.outputs["baseline_trade_gusd2025_per_yr"], result.members["depth"]
    share, then = result.members["technology_share"], result.outputs[THEN]
    tells = depth > 1e-9
    effect = np.log1p(then[tells] / (grown[tells] * share[tells])) / depth[tells]
    return grown[tells], effect


def hinge_map(result: SystemResult) -> list[Figure]:
    """Return a map of the chance to reach the claim over technology share and depth; none where nothing is claimed."""
    assert isinstance(result.design, Design)
    claim = result.design.claimed
    grown, effect = _basis(result)
    if claim is None or len(grown) < 2:
        return []
    share, depth = result.members["technology_share"], result.members["depth"]
    bottom = min(0.01, float(np.quantile(share, 0.05)))
    edges, levels = np.geomspace(bottom, 1.0, SHARES + 1), np.linspace(0.0, 1.0, DEPTHS + 1)
    rows = [
        {
            "share": float(left), "share to": float(right), "depth": float(low), "depth to": float(high),
            "chance": chance(grown, effect, float(np.sqrt(left * right)), float(0.5 * (low + high)), claim[0]),
        }
        for left, right in itertools.pairwise(edges)
        for low, high in itertools.pairwise(levels)
    ]  # fmt: skip
    box = _box(share, depth)
    sentence = _hinge_sentence(result, grown, effect, claim[0])
    x = {
        "field": "share",
        "type": "quantitative",
        "title": "technology share of the trade",
        "scale": {"type": "log", "domain": [float(bottom), 1.0]},
        "axis": {"format": "~%", "tickCount": 5},
    }
    y = {
        "field": "depth",
        "type": "quantitative",
        "title": "depth against a full trade agreement",
        "scale": {"domain": [0.0, 1.0]},
        "axis": {"format": ".1f"},
    }
    colour = {
        "field": "chance",
        "type": "quantitative",
        "title": "chance",
        "scale": {"domain": [0.0, 1.0], "scheme": "blues"},
        "legend": {"format": "%"},
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": rows},
            "mark": {"type": "rect"},
            "encoding": {
                "x": x, "x2": {"field": "share to"}, "y": y, "y2": {"field": "depth to"}, "color": colour,
            },
        },
        {
            "data": {"values": [box]},
            "mark": {"type": "rect", "fillOpacity": 0.0, "stroke": "#d62728", "strokeWidth": 2.5},
            "encoding": {"x": x, "x2": {"field": "share to"}, "y": y, "y2": {"field": "depth to"}},
        },
    ]  # fmt: skip
    return [
        Figure(
            id="hinge_map",
            title="What the verdict hinges on: technology share and depth",
            spec={"layer": layers},
            alt=f"Map of the chance to reach the claim over technology share and depth. {sentence}",
            caption=(
                f"{sentence} Colour: chance to reach {units.show(claim[0], 'GUSD2025/yr')} with share and depth held "
                "and everything else as drawn. Red: the middle 80 % of what this programme file assumes for the two."
            ),
            rows=rows,
        )
    ]


def _box(share: FloatArray, depth: FloatArray) -> dict[str, float]:
    left, right = (float(v) for v in np.quantile(share, [0.1, 0.9]))
    low, high = (float(v) for v in np.quantile(depth, [0.1, 0.9]))
    pad = 1.02 if right <= left else 1.0  # a constant is drawn as a thin box
    thick = 0.01 if high <= low else 0.0
    return {"share": left / pad, "share to": right * pad, "depth": low - thick, "depth to": high + thick}


def _hinge_sentence(result: SystemResult, grown: FloatArray, effect: FloatArray, wanted: float) -> str:
    middle = float(np.median(result.members["depth"]))
    told = []
    for depth, words in (
        (middle, f"the median depth of {middle:.2f}"),
        (1.0, "the depth of a full agreement"),
    ):
        share = needed_share(grown, effect, depth, wanted)
        if share <= 1.0:
            told.append(f"at {words} the chance is even at a technology share of {100 * share:.0f} %")
        else:
            told.append(f"at {words} it stays below even at any technology share")
    drawn = float(np.median(result.members["technology_share"]))
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}. The median share assumed is {100 * drawn:.1f} %."


def _ranks(values: FloatArray) -> FloatArray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)


def hinges(result: SystemResult) -> list[Figure]:
    """Return the rank correlations of the uplift with what it depends on."""
    target = _ranks(result.outputs[THEN])
    columns = {DRIVERS[k]: v for k, v in result.members.items() if k in DRIVERS}
    columns["share delivered by then"] = result.outputs["delivered_then"]
    rows = [
        {"assumption": name, "rank correlation": float(np.corrcoef(_ranks(values), target)[0, 1])}
        for name, values in columns.items()
        if np.ptp(values) > 0.0 and np.ptp(target) > 0.0
    ]
    rows.sort(key=lambda row: -abs(float(str(row["rank correlation"]))))
    top = ", ".join(f"{row['assumption']} ({row['rank correlation']:.2f})" for row in rows[:3])
    return [
        Figure(
            id="hinges",
            title="Where the spread of the uplift comes from",
            spec=bars(
                rows,
                "rank correlation",
                "assumption",
                "rank correlation with the attributable uplift",
                {"scale": {"domain": [-1, 1]}},
            ),
            alt=f"Rank correlations with the attributable uplift. Strongest: {top or 'none, nothing varies'}.",
            caption=(
                "Spearman rank correlation over all members. It tells how much of the spread comes from the "
                "spread of each assumption: a number that is well known explains little, however important it is."
            ),
            rows=rows,
        )
    ]
