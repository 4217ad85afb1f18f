"""The year's energy as ribbons from what comes in to what goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from accord import units
from accord.contract import Figure, SystemResult

__all__ = ["energy"]

_GAP = 0.05  # between boxes of a column, over the height of the tallest
_BOX = 0.06
_SMALL = 0.003  # of the whole: what is less is left out
_STEPS = 24
# columns from left to right, boxes from top to bottom: no ribbon then crosses one that is wide
_COLUMN = {
    "sun": 0, "bought": 0, "reactor heat": 0, "turbine": 1, "electricity": 2, "grid": 3, "hydrogen": 3,
    "battery loss": 3, "heat to the air": 3,
}  # fmt: skip
_COLOURS = {
    "reactor heat": "#D55E00", "sun": "#E69F00", "bought": "#7a7a7a", "turbine": "#D55E00", "electricity": "#0072B2",
}  # fmt: skip


def energy(result: SystemResult) -> Figure:
    """Draw what the plant takes in and gives out in the first weather year [GWh]."""
    gwh = {
        name: float(np.sum(result.prepared[f"hours_{name}"])) / 1e3
        for name in (
            "reactor",
            "heat",
            "to_process",
            "solar",
            "charge",
            "discharge",
            "sell",
            "buy",
            "electrolysis",
        )
    }
    steam = max(gwh["heat"] - gwh["to_process"], gwh["reactor"])
    # steam to the process has made some electricity on its way: the turbine's balance takes it in
    links = [
        ("reactor heat", "turbine", steam),
        ("reactor heat", "hydrogen", gwh["to_process"]),
        ("turbine", "electricity", gwh["reactor"]),
        ("turbine", "heat to the air", steam - gwh["reactor"]),
        ("sun", "electricity", gwh["solar"]),
        ("bought", "electricity", gwh["buy"]),
        ("electricity", "grid", gwh["sell"]),
        ("electricity", "hydrogen", gwh["electrolysis"]),
        ("electricity", "battery loss", gwh["charge"] - gwh["discharge"]),
    ]
    whole = gwh["heat"] + gwh["solar"] + gwh["buy"]
    links = [link for link in links if link[2] > _SMALL * whole]
    ribbons, boxes = _laid_out(links)
    rows = [{"from": a, "to": b, "gwh": round(v, 3)} for a, b, v in links]
    return Figure(
        id="energy",
        title="Where the year's energy comes from and where it goes",
        alt=", ".join(f"{a} to {b} {v:.0f} GWh" for a, b, v in links),
        caption="First weather year, reactor without outage, at the reference price; heat and electricity both in GWh. "
        f"Flows below {_SMALL:.1%} of the whole are left out.",
        spec=_spec(ribbons, boxes),
        rows=rows,
    )


def _laid_out(links: Sequence[tuple[str, str, float]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return points of the ribbons and boxes of the nodes, x in columns and y from 0 at the top."""
    size: dict[str, float] = {}
    for name in _COLUMN:
        given = sum(v for a, _, v in links if a == name)
        taken = sum(v for _, b, v in links if b == name)
        if max(given, taken) > 0.0:
            size[name] = max(given, taken)
    gap = _GAP * max(sum(size[n] for n in size if _COLUMN[n] == k) for k in range(4))
    top: dict[str, float] = {}
    for k in range(4):
        at = 0.0
        for name in (n for n in size if _COLUMN[n] == k):
            top[name] = at
            at += size[name] + gap
    if "turbine" in top:  # beside the heat it takes; what it cannot use leaves along the bottom
        top["turbine"] = top["reactor heat"]
        if "heat to the air" in top:
            lowest = top["turbine"] + size["turbine"] - size["heat to the air"]
            top["heat to the air"] = max(top["heat to the air"], lowest)
    out, into = dict(top), dict(top)
    ribbons = []
    steps = np.linspace(0.0, 1.0, _STEPS)
    bend = steps**2 * (3.0 - 2.0 * steps)
    order = sorted(links, key=lambda link: (top[link[0]], top[link[1]]))
    for number, (a, b, v) in enumerate(order):
        left, right = _COLUMN[a] + _BOX, float(_COLUMN[b])
        for x, part in zip(left + (right - left) * steps, bend, strict=True):
            y = out[a] + (into[b] - out[a]) * part
            ribbons.append(
                {
                    "ribbon": number,
                    "from": a,
                    "x": round(float(x), 4),
                    "y": round(y, 4),
                    "y2": round(y + v, 4),
                }
            )
        out[a] += v
        into[b] += v
    boxes = [
        {"name": name, "x": float(_COLUMN[name]), "x2": _COLUMN[name] + _BOX, "y": top[name],
         "y2": top[name] + size[name], "label": _label(name, size[name]),
         "middle": top[name] + size[name] / 2.0}
        for name in size
    ]  # fmt: skip
    return ribbons, boxes


def _label(name: str, gwh: float) -> str:
    return f"{name}: {units.show(gwh, 'GWh')}"


def _spec(ribbons: list[dict[str, Any]], boxes: list[dict[str, Any]]) -> Mapping[str, Any]:
    names = [name for name in _COLOURS if any(row["from"] == name for row in ribbons)]
    colour = {"field": "from", "type": "nominal", "legend": None,
              "scale": {"domain": names, "range": [_COLOURS[n] for n in names]}}  # fmt: skip
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 3.75]}}
    y = {"type": "quantitative", "axis": None, "scale": {"reverse": True, "zero": False, "nice": False}}
    text = {"type": "text", "fontSize": 12, "color": "#1b2733", "baseline": "middle"}
    return {
        "width": 620,
        "height": 280,
        "layer": [
            {"data": {"values": ribbons}, "mark": {"type": "area", "opacity": 0.45},
             "encoding": {"x": {"field": "x", **x}, "y": {"field": "y", **y}, "y2": {"field": "y2"}, "color": colour,
                          "detail": {"field": "ribbon"}}},
            {"data": {"values": boxes}, "mark": {"type": "rect", "color": "#1b2733"},
             "encoding": {"x": {"field": "x", **x}, "x2": {"field": "x2"}, "y": {"field": "y", **y},
                          "y2": {"field": "y2"}}},
            {"data": {"values": boxes}, "mark": {**text, "align": "left", "dx": 6},
             "encoding": {"x": {"field": "x2", **x}, "y": {"field": "middle", **y}, "text": {"field": "label"}}},
        ],
    }  # fmt: skip
