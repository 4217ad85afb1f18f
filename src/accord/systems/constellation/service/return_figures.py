"""Picture of the return link: what it carries beside what the busy hour asks, and the rate of one terminal."""

from __future__ import annotations

from typing import Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triple
from accord.systems.constellation.inputs import Design

__all__ = ["return_figure"]

_BLUE, _RED = "#2c6fbb", "#c0392b"


def return_figure(result: SystemResult) -> Figure:
    """Draw return capacity and return traffic over the members, and the rates of one terminal."""
    design, out = result.design, result.outputs
    assert isinstance(design, Design)
    link = design.service.return_link
    ratio = np.asarray(result.members["return_traffic_ratio"])
    fleet = _rows(
        {
            "carried by the return link": out["return_capacity_gbit_per_s"],
            "asked by a full forward link": ratio * out["capacity_gbit_per_s"],
            "asked by the traffic sold": ratio * out["sold_gbit_per_s"],
        }
    )
    sky = f"weather of {100.0 * link.availability:g} % availability"
    terminal = _rows(
        {
            "weather of the middle of the year": out["return_rate_clear_mbit_per_s"],
            sky: out["return_rate_available_mbit_per_s"],
        }
    )
    short = float(np.mean(np.asarray(out["return_limited_share"]) > 0.0))
    return Figure(
        id="return_link",
        title="What terminals can send back",
        spec={
            "vconcat": [
                _panel(fleet, "Gbit/s over the region in the busy hour"),
                _panel(terminal, "Mbit/s, one terminal"),
            ]
        },
        alt=(
            f"Return capacity {fleet[0]['p50']:.3g} Gbit/s at P50 (P10 {fleet[0]['p10']:.3g}, P90 "
            f"{fleet[0]['p90']:.3g}); a full forward link asks {fleet[1]['p50']:.3g}, the traffic sold "
            f"{fleet[2]['p50']:.3g}. The return link limits the busy hour in {100.0 * short:.0f} % of the members, the "
            f"forward link in the others. One terminal sends {terminal[0]['p50']:.3g} Mbit/s in the weather of "
            f"the middle of the year and {terminal[1]['p50']:.3g} in that of {100.0 * link.availability:g} % "
            "availability (P50)."
        ),
        caption=(
            f"Bars: P10 to P90; ticks: median. Return traffic is {100.0 * float(np.median(ratio)):.1f} % of forward "
            f"traffic at the median. A terminal of {link.eirp_dbw:g} dBW sends in {link.channel_mhz:g} MHz at "
            f"{link.frequency_ghz:g} GHz to a satellite of {link.g_over_t_db_per_k:g} dB/K. Time lost to sharing the "
            "channel, and the gateway's downlink, are not modelled."
        ),
        rows=[*fleet, *terminal],
    )


def _rows(series: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, values in series.items():
        low, middle, high = triple(np.asarray(values))
        found.append({"what": name, "p10": low, "p50": middle, "p90": high})
    return found


def _panel(rows: list[dict[str, Any]], title: str) -> dict[str, Any]:
    x = {"field": "p10", "type": "quantitative", "title": title, "scale": {"zero": True}}
    y = {
        "field": "what",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 260, "minExtent": 210},
    }
    text = {"field": "p50", "type": "quantitative", "format": ",.3~s"}
    middle = {**x, "field": "p50"}
    return {
        "data": {"values": rows},
        "width": 400,
        "height": 45 * len(rows),
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 6, "opacity": 0.4, "color": _BLUE},
                "encoding": {"x": x, "x2": {"field": "p90"}, "y": y},
            },
            {
                "mark": {"type": "tick", "thickness": 3, "size": 20, "color": _RED},
                "encoding": {"x": middle, "y": y},
            },
            {"mark": {"type": "text", "dy": -16}, "encoding": {"x": middle, "y": y, "text": text}},
        ],
    }
