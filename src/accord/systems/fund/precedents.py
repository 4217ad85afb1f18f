"""Earlier funds beside this one: what was announced, what was paid in, and whether the members hope for more."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, Finding, SystemResult
from accord.contract.quantiles import triple
from accord.systems.fund.inputs import Design

__all__ = ["ladder", "remarks"]

_PARTS = ("paid in", "announced, not paid in", "announced; what was paid in was not found")
_COLOURS = ("#0b4f7d", "#a9c3d6", "#d9d2c3")


def remarks(result: SystemResult) -> list[Finding]:
    """Say what the precedents tell of the members' contributions."""
    design = result.design
    assert isinstance(design, Design)
    if not design.precedents:
        return [
            Finding(
                level="info", code="fund-no-precedents", about="contributed_musd2025",
                message="no earlier fund is named (precedents): nothing but the input's own range says what is paid in",
            )
        ]  # fmt: skip
    known = [one.paid_in_share for one in design.precedents if one.paid_in_share is not None]
    count = len(design.precedents)
    if not known:
        return [
            Finding(
                level="warning", code="fund-precedents-unknown", about="contributed_musd2025",
                message=f"what {count} earlier fund{'s' if count > 1 else ''} paid in was not found: the share paid in "
                "is an assumption without a precedent",
            )
        ]  # fmt: skip
    share = result.outputs["contributed_musd2025"] / design.size_musd2025
    above = float(np.mean(share > max(known)))
    return [
        Finding(
            level="warning" if above > 0.5 else "info", code="fund-precedents", about="contributed_musd2025",
            message=f"earlier funds paid in {min(known):.0%} to {max(known):.0%} ({len(known)} of {count} known); "
            f"{above:.0%} of the members pay in more than the best of them",
        )
    ]  # fmt: skip


def ladder(result: SystemResult) -> list[Figure]:
    """Return the picture of earlier funds and this one; none without precedents."""
    design = result.design
    assert isinstance(design, Design)
    if not design.precedents:
        return []
    rows: list[dict[str, Any]] = []
    for one in sorted(design.precedents, key=lambda p: p.announced):
        fund, size = f"{one.name} ({one.announced})", one.size_musd2025
        if one.paid_in_share is None:
            rows.append({"fund": fund, "part": _PARTS[2], "from": 0.0, "to": size})
        else:
            paid = size * one.paid_in_share
            rows.append({"fund": fund, "part": _PARTS[0], "from": 0.0, "to": paid})
            rows.append({"fund": fund, "part": _PARTS[1], "from": paid, "to": size})
    low, middle, high = triple(result.outputs["contributed_musd2025"])
    own = "This fund, modelled: median, P10 to P90"
    rows.append({"fund": own, "part": _PARTS[0], "from": 0.0, "to": middle})
    rows.append({"fund": own, "part": _PARTS[1], "from": middle, "to": design.size_musd2025})
    amount = {"type": "quantitative", "title": "MUSD2025"}
    place = {"field": "fund", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 320}}
    used = [part for part in _PARTS if any(row["part"] == part for row in rows)]
    colour = {
        "field": "part",
        "type": "nominal",
        "title": None,
        "scale": {"domain": used, "range": [_COLOURS[_PARTS.index(part)] for part in used]},
        "legend": {"orient": "bottom", "direction": "vertical", "labelLimit": 400},
    }
    unknown = sum(one.paid_in_share is None for one in design.precedents)
    return [
        Figure(
            id="precedents",
            title="Earlier funds of the kind, and this one",
            alt="; ".join(f"{row['fund']}: {row['part']} {row['to'] - row['from']:.0f}" for row in rows),
            caption=f"Amounts announced, in prices of 2025; of {unknown} of {len(design.precedents)} earlier funds it "
            "was not found what was paid in. No number of the model follows from them.",
            spec={
                "data": {"values": rows},
                "width": 420,
                "height": {"step": 34},
                "encoding": {"y": place},
                "layer": [
                    {
                        "mark": {"type": "bar", "height": 16},
                        "encoding": {
                            "x": {"field": "from", **amount},
                            "x2": {"field": "to"},
                            "color": colour,
                        },
                    },
                    {
                        "data": {"values": [{"fund": own, "p10": low, "p90": high}]},
                        "mark": {"type": "rule", "color": "#1b2733", "strokeWidth": 1.5},
                        "encoding": {"x": {"field": "p10", **amount}, "x2": {"field": "p90"}},
                    },
                ],
            },
            rows=rows,
        )
    ]
