"""Ways to hydrogen side by side: what each would cost beside this reactor, or why its heat cannot drive it."""

from __future__ import annotations

from typing import Any

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import median_bars, triple
from accord.systems.plant.catalogue import names, process, reactor
from accord.systems.plant.electrolysis import need_of
from accord.systems.plant.gate import pairing
from accord.systems.plant.inputs import Design

__all__ = ["routes"]


def routes(result: SystemResult) -> Figure:
    """Draw every process of the table: P10 to P90 of a kilogram, or the words of the gate."""
    design = result.design
    assert isinstance(design, Design)
    source = reactor(design.reactor) if design.reactor is not None else None
    supply = source.heat_degc - design.approach_k if source is not None else None
    values = result.outputs["lcoh_route_usd2025_per_kg"]
    rows: list[dict[str, Any]] = []
    for k, name in enumerate(names("processes")):
        way = process(name)
        gate = pairing(source, way, design.approach_k)
        need = need_of(way, design.hydrogen_pressure_bar)
        row: dict[str, Any] = {
            "process": way.title, "maturity": way.maturity, "needs_degc": way.heat_degc,
            "electricity_kwh_per_kg": round(need.electricity_kwh_per_kg, 2), "heat_kwh_per_kg": need.heat_kwh_per_kg,
            "gate": "open" if gate.feasible else "closed", "reason": gate.reason, "p10": None, "p50": None, "p90": None,
            "said": "",
        }  # fmt: skip
        if gate.feasible:
            low, mid, high = triple(values[:, k])
            row |= {"p10": low, "p50": mid, "p90": high}
        elif way.heat_degc is not None:
            has = f"the reactor gives {supply:.0f}" if supply is not None else "there is no reactor"
            row["said"] = f"closed: needs {way.heat_degc:.0f} °C, {has}"
        rows.append(row)
    rows.sort(key=lambda row: (row["p50"] is None, row["p50"] or 0.0))
    amount = {"type": "quantitative", "title": "cost, USD2025 a kg of hydrogen", "scale": {"domainMin": 0}}
    bar, line = median_bars(amount)
    bar["encoding"]["color"] = {
        "field": "maturity", "type": "nominal", "title": None, "sort": None, "legend": {"orient": "top"},
        "scale": {"domain": ["commercial", "demonstrated", "laboratory"], "range": ["#0072B2", "#56B4E9", "#b9c4cc"]},
    }  # fmt: skip
    opened = [row for row in rows if row["p50"] is not None]
    closed = [row["process"] for row in rows if row["p50"] is None]
    return Figure(
        id="routes",
        title="Ways to hydrogen at this plant, and which of them its heat cannot drive",
        alt=", ".join(f"{row['process']}: median {row['p50']:.1f} USD2025/kg" for row in opened)
        + (f"; closed: {', '.join(closed)}" if closed else ""),
        caption="All run as many hours as the reactor, on electricity at the market's mean price, with stacks of "
        f"middle age and hydrogen at {design.hydrogen_pressure_bar:g} bar; heat counts as the electricity that it no "
        "longer makes. Bar: median; line: P10 to P90. " + _reasons(rows),
        spec={
            "data": {"values": rows},
            "width": 420,
            "height": {"step": 34},
            "encoding": {
                "y": {"field": "process", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 280}}
            },
            "layer": [
                bar,
                line,
                {"mark": {"type": "text", "align": "left", "dx": 6, "color": "#b3431a", "fontSize": 12},
                 "encoding": {"x": {"datum": 0, **amount}, "text": {"field": "said"}}},
            ],
        },
        rows=rows,
    )  # fmt: skip


def _reasons(rows: list[dict[str, Any]]) -> str:
    return " ".join(f"{row['reason'][:1].upper()}{row['reason'][1:]}." for row in rows if row["reason"])
