"""Pictures of a test-bed: key a year of each link, how far a span carries, the map, satellites, the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triple
from accord.systems.qkd.charts.downlinks import downlinks
from accord.systems.qkd.charts.places import places
from accord.systems.qkd.charts.pools import pools
from accord.systems.qkd.inputs import Design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["figures"]

_FLOOR_GBIT = 1e-9  # where a link gives nothing the logarithmic axis ends


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on key distribution."""
    if len(result.outputs["reach_km"]) < 2:
        return []
    own = [_links(result), _reach(result)] if _any_links(result) else []
    return [*places(result), *own, *downlinks(result), *pools(result)]


def _any_links(result: SystemResult) -> bool:
    design = result.design
    assert isinstance(design, Design)
    return bool(design.links) or (design.satellites is not None and bool(design.satellites.pairs))


def _links(result: SystemResult) -> Figure:
    design = result.design
    assert isinstance(design, Design)
    rows: list[dict[str, Any]] = []
    for index, link in enumerate(design.links):
        values = result.outputs["key_per_year_gbit"][:, index]
        nodes = link.spans - 1
        over = f", {nodes} trusted node{'s' if nodes != 1 else ''}" if nodes else ""
        data = link.classical.along + link.classical.against if link.classical else 0
        beside = f", {data} data channel{'s' if data != 1 else ''}" if data else ""
        rows.append(_row(f"{link.name} ({link.length_km:g} km{over}{beside})", values))
    for index, pair in enumerate(design.satellites.pairs if design.satellites else ()):
        for output, how in (
            ("satellite_key_per_year_mbit", "trusted satellite"),
            ("direct_key_per_year_mbit", "entangled"),
        ):
            rows.append(_row(f"{pair.name} ({how})", result.outputs[output][:, index] * 1e-3))
    axis = {
        "type": "quantitative",
        "title": "secret key a year, Gbit",
        "scale": {"type": "log"},
        "axis": {"labelSeparation": 12},
    }
    place = {"field": "link", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 460}}
    return Figure(
        id="links",
        title="Secret key of each link in a year",
        spec={
            "data": {"values": rows},
            "width": 420,
            "height": {"step": 34},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 10, "cornerRadius": 5, "opacity": 0.6},
                    "encoding": {"y": place, "x": {"field": "p10", **axis}, "x2": {"field": "p90"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 70, "color": "#0b4f7d", "opacity": 1},
                    "encoding": {"y": place, "x": {"field": "p50", **axis}},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 8},
                    "encoding": {"y": place, "x": {"field": "p90", **axis}, "text": {"field": "note"}},
                },
            ],
        },
        alt="; ".join(_told(row) for row in rows) + ".",
        caption=(
            f"Bars from P10 to P90, dots the median; at {_FLOOR_GBIT:g} Gbit the axis ends and there is no key. Finite "
            "blocks of decoy-state BB84; over trusted nodes every node knows the key."
        ),
        rows=rows,
    )


def _told(row: dict[str, Any]) -> str:
    median = f"{row['p50']:.3g} Gbit a year" if row["p50"] > _FLOOR_GBIT else "no key"
    return f"{row['link']}: median {median}, none in {row['none']:.0%}"


def _row(name: str, values: FloatArray) -> dict[str, Any]:
    low, middle, high = (max(v, _FLOOR_GBIT) for v in triple(values))
    return {
        "link": name,
        "p10": low,
        "p50": middle,
        "p90": high,
        "note": "" if high > _FLOOR_GBIT else "no key",
        "none": float(np.mean(values <= 0.0)),
    }


def _reach(result: SystemResult) -> Figure:
    reach = np.sort(result.outputs["reach_km"])
    share = 1.0 - np.arange(len(reach)) / len(reach)
    pick = np.unique(np.linspace(0, len(reach) - 1, 200).astype(int))
    rows = [{"km": float(reach[i]), "share": float(share[i])} for i in pick]
    middle = float(np.quantile(reach, 0.5))
    return Figure(
        id="reach",
        title="How far a single span carries",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 220,
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": {
                "x": {
                    "field": "km",
                    "type": "quantitative",
                    "title": "length of fibre, km",
                    "scale": {"zero": False},
                },
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "members that still have key",
                    "axis": {"format": "%"},
                },
            },
        },
        alt=f"A single span gives key up to {middle:.0f} km in half of the members.",
        caption="One span without trusted nodes, blocks as stated in the design.",
        rows=rows,
    )
