"""Pictures of money: what the plant costs a year, and what its electricity and hydrogen cost, with the convention."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple
from accord.systems.plant.outputs import ALLOCATIONS, PARTS

__all__ = ["costs", "levelised"]


def _bars(rows: list[dict[str, Any]], name: str, title: str, height: int = 26) -> dict[str, Any]:
    """Return a specification of medians as bars with lines from P10 to P90."""
    amount = {"type": "quantitative", "title": title}
    return {
        "data": {"values": rows},
        "width": 440,
        "height": {"step": height},
        "encoding": {
            "y": {"field": name, "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}}
        },
        "layer": median_bars(amount),
    }


def _quantiles(values: Any) -> dict[str, float]:
    return dict(zip(("p10", "p50", "p90"), triple(values), strict=True))


def costs(result: SystemResult) -> Figure:
    """Draw the parts of the yearly cost."""
    values = result.outputs["cost_musd2025_per_yr"]
    rows = [{"part": part, **_quantiles(values[:, k])} for k, part in enumerate(PARTS)]
    return Figure(
        id="costs",
        title="What the plant costs a year",
        alt=", ".join(f"{row['part']}: median {row['p50']:.1f}" for row in rows),
        caption="Capital as annuities at the member's discount rate. Bar: median; line: P10 to P90.",
        spec=_bars(rows, "part", "cost, MUSD2025 a year"),
        rows=rows,
    )


def levelised(result: SystemResult) -> Figure:
    """Draw the cost of electricity, and of hydrogen by every way of sharing what is made together."""
    power: list[dict[str, Any]] = [
        {"cost of": "electricity", **_quantiles(result.outputs["lcoe_usd2025_per_mwh"])}
    ]
    money, rate = str(result.prepared["currency"]), float(result.prepared["per_usd2025"])
    said = f"electricity {power[0]['p50']:.0f} USD2025/MWh"
    if money != "USD2025":
        said += f" ({power[0]['p50'] * rate / 1000.0:.2f} {money}/kWh)"
    panels = [_bars(power, "cost of", "USD2025 a MWh")]
    rows = list(power)
    if np.any(result.outputs["hydrogen_t_per_yr"] > 0.0):
        shared = result.outputs["lcoh_allocated_usd2025_per_kg"]
        hydrogen: list[dict[str, Any]] = [
            {"cost of": "hydrogen, heat as electricity lost", **_quantiles(result.outputs["lcoh_usd2025_per_kg"])},
            {"cost of": "hydrogen, electricity at the market's price",
             **_quantiles(result.outputs["lcoh_market_usd2025_per_kg"])},
            *({"cost of": f"hydrogen, shared by {name}", **_quantiles(shared[:, k])}
              for k, name in enumerate(ALLOCATIONS)),
        ]  # fmt: skip
        panels.append(_bars(hydrogen, "cost of", "USD2025 a kg"))
        rows += hydrogen
        said += f", hydrogen {hydrogen[0]['p50']:.1f} USD2025/kg"
        if money != "USD2025":
            said += f" ({hydrogen[0]['p50'] * rate:.0f} {money}/kg)"
    return Figure(
        id="levelised",
        title="What electricity and hydrogen cost",
        alt=f"Medians: {said}",
        caption="Levelised over the life: real money of 2025 at the ends of years, before tax, capital with interest "
        "while building at the member's discount rate, later years of the field's fading output counted for less. "
        "Revenue credit: hydrogen bears whatever the electricity sold does not bring in. For what is after tax: "
        f"{result.prepared['convention']}.",
        spec={"vconcat": panels, "resolve": {"scale": {"x": "independent"}}}
        if len(panels) > 1
        else panels[0],
        rows=rows,
    )
