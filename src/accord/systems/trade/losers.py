"""Who gains and who loses when two partners trade more, and where the value of the new goods is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord import units
from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triples
from accord.systems.trade.bars import bars
from accord.systems.trade.inputs import Design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["losers", "value_added"]

SALES, INCOME = "partner_sales_change_gusd2025_per_yr", "real_income_change"


def losers(result: SystemResult) -> list[Figure]:
    """Return what the programme does to the sales of every region; none without a table of flows."""
    assert isinstance(result.design, Design)
    design, regions = result.design, result.labels["region"]
    if not regions:
        return []
    measures = {
        "sales to the partners": 1000.0 * result.outputs[SALES],
        "all exports": 1000.0 * result.outputs["export_change_gusd2025_per_yr"],
    }
    rows: list[dict[str, Any]] = []
    for measure, values in measures.items():
        low, middle, high = triples(values)
        for i, region in enumerate(regions):
            side = "partner" if region in design.between else "others"
            bounds = {"p10": float(low[i]), "p50": float(middle[i]), "p90": float(high[i])}
            rows.append({"region": region.replace("_", " "), "measure": measure, "side": side, **bounds})
    order = [
        regions[i] for i in np.argsort(-np.median(measures["sales to the partners"], axis=0), kind="stable")
    ]
    y = {"field": "region", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 220}}
    title = "change, MUSD2025/yr"
    colour = {"field": "side", "type": "nominal", "title": None, "legend": {"orient": "bottom"}}
    x = {"type": "quantitative", "title": title, "axis": {"tickCount": 5}}
    panel: dict[str, Any] = {
        "width": 230,
        "height": {"step": 22},
        "layer": [
            {
                "mark": {"type": "bar", "height": 12},
                "encoding": {"x": {"field": "p50", **x}, "y": y, "color": colour},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.5},
                "encoding": {"x": {"field": "p10", **x}, "x2": {"field": "p90"}, "y": y},
            },
        ],
    }
    sentence = _who(result, regions, design)
    return [
        Figure(
            id="losers",
            title="Who sells more, and who loses",
            spec={
                "data": {"values": rows},
                "facet": {
                    "column": {"field": "measure", "type": "nominal", "sort": list(measures), "title": None}
                },
                "spec": panel,
                "resolve": {"scale": {"x": "independent"}},
            },
            alt=f"Change of sales by region in general equilibrium. {sentence}",
            caption=(
                f"{sentence} Bars: medians at the date of the claim and at today's flows; lines: P10 to P90. Exact hat "
                "algebra with one good a region; prices are told in a numeraire that holds the income of the world, so "
                "that a region may export more in money and be no better off. Mind that the two scales differ."
            ),
            rows=rows,
        )
    ]


def _who(result: SystemResult, regions: tuple[str, ...], design: Design) -> str:
    sales, income = np.median(result.outputs[SALES], axis=0), np.median(result.outputs[INCOME], axis=0)
    outside = [i for i, name in enumerate(regions) if name not in design.between]
    partners = ", ".join(
        f"{name} {100 * income[i]:+.3f} %" for i, name in enumerate(regions) if name in design.between
    )
    if not outside:
        return f"Real income: {partners}."
    told = [name.replace("_", " ") for name in regions]
    first = min(outside, key=lambda i: float(sales[i]))
    lost = float(-np.sum(sales[outside]))
    worst = min(outside, key=lambda i: float(income[i]))
    show = "GUSD2025/yr"
    gone, most = units.show(max(lost, 0.0), show), units.show(float(-sales[first]), show)
    return (
        f"Others lose {gone} of sales to the partners, most of it {told[first]} ({most}). "
        f"Real income: {partners}; worst off is {told[worst]} with {100 * income[worst]:+.4f} %."
    )


def value_added(result: SystemResult) -> list[Figure]:
    """Return where value is added by making the goods of the uplift; none without an input-output table."""
    origins = result.labels["origin"]
    if not origins:
        return []
    values = np.asarray(result.prepared["value_added"], dtype=float)
    rows = [
        {"region": name.replace("_", " "), "share": float(v)} for name, v in zip(origins, values, strict=True)
    ]
    multiplier = float(result.prepared["multiplier"])
    middle = float(np.median(result.outputs["uplift_then_gusd2025_per_yr"]))
    parts = ", ".join(f"{row['region']} ({100 * float(str(row['share'])):.0f} %)" for row in rows)
    sentence = (
        f"The value of the uplift is added in {parts}; a unit of it takes {multiplier:.2f} units of output."
    )
    return [
        Figure(
            id="value_added",
            title="Where the value of the uplift is added",
            spec=bars(
                rows,
                "share",
                "region",
                "share of the uplift's value",
                {"axis": {"format": "%"}, "scale": {"domain": [0, 1]}},
            ),
            alt=f"Value added by region. {sentence}",
            caption=(
                f"{sentence} Type I: households do not spend what they earn. The median uplift at the date of the "
                f"claim is {units.show(middle, 'GUSD2025/yr')}; a figure of trade counts every border crossing, value "
                "added counts once."
            ),
            rows=rows,
        )
    ]
