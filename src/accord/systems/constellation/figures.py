"""Pictures of the coverage: maps, satellites at once, gaps, and the exact counts beside closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triples
from accord.physics.orbits import sun_synchronous_inclination_rad
from accord.systems.constellation.charts import region_map, world_map
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.network.figures import network_figures
from accord.systems.constellation.outputs import FOLDS
from accord.systems.constellation.service.figures import service_figures
from accord.systems.constellation.sphere import in_view_by_latitude
from accord.systems.constellation.tables import OBSTRUCTIONS_DEG, SHARES
from accord.systems.constellation.thinning import at_least

FloatArray = NDArray[np.float64]

__all__ = ["figures"]

_DRAWN_SHARES = (1.0, 0.94, 0.85, 0.6, 0.4)
_PERCENT = {"format": "%"}


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter: coverage, then the service."""
    if len(result.outputs["cover_share"]) < 2:
        return []
    found = [world_map(result), region_map(result), _folds(result), _in_view(result), _gaps(result)]
    found += [_by_latitude(result), *network_figures(result), *service_figures(result)]
    return [figure for figure in found if figure is not None]


def _folds(result: SystemResult) -> Figure:
    """Draw the share of area x time with at least k satellites over the members."""
    low, middle, high = triples(result.outputs["fold_share"])
    rows = [
        {"k": str(k), "p10": float(a), "p50": float(b), "p90": float(c)}
        for k, a, b, c in zip(FOLDS, low, middle, high, strict=True)
    ]
    x = {
        "field": "k",
        "type": "ordinal",
        "sort": None,
        "title": "satellites needed at once",
        "axis": {"labelAngle": 0},
    }
    y = {
        "type": "quantitative",
        "title": "share of area and time",
        "axis": _PERCENT,
        "scale": {"domain": [0, 1]},
    }
    layers = [
        {"mark": {"type": "bar", "opacity": 0.6}, "encoding": {"x": x, "y": {"field": "p50", **y}}},
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"x": x, "y": {"field": "p10", **y}, "y2": {"field": "p90"}},
        },
    ]
    return Figure(
        id="fold_share",
        title="How much of the region has enough satellites at once",
        spec={"data": {"values": rows}, "width": 460, "height": 240, "layer": layers},
        alt=(
            f"At least one satellite is in view for {100 * middle[0]:.1f} % of area and time at P50 "
            f"(P10 {100 * low[0]:.1f} %, P90 {100 * high[0]:.1f} %), at "
            f"least two for {100 * middle[1]:.1f} %."
        ),
        caption=(
            "Bars: median of the members; lines: P10 to P90, from the share of satellites that work and the "
            "obstruction of the horizon. Two at once let a terminal hand over before it breaks the link."
        ),
        rows=rows,
    )


def _typical(result: SystemResult) -> tuple[float, float]:
    """Return the median share of working satellites and the median obstruction [deg]."""
    members = result.members
    return float(np.median(members["operational_share"])), float(np.median(members["obstruction_deg"]))


def _in_view(result: SystemResult) -> Figure:
    """Draw the distribution of the number in view: the whole fleet, and a typical member."""
    table = np.asarray(result.prepared["histogram"])
    working, obstruction = _typical(result)
    blend = [float(np.interp(obstruction, OBSTRUCTIONS_DEG, column)) for column in table.T]
    folds = range(1, table.shape[1] + 1)
    reached = at_least([np.array([share]) for share in blend], np.array([working]), folds)
    thinned = -np.diff(np.concatenate([[1.0], *reached]))
    typical = f"{100 * working:.0f} % working, {obstruction:.1f} deg obstruction"
    rows = [
        {"in view": count, "share": float(share), "fleet": fleet}
        for fleet, shares in (("whole fleet, no obstruction", table[0]), (typical, thinned))
        for count, share in enumerate(shares)
    ]
    mean = float(np.arange(table.shape[1]) @ table[0])
    thin_mean = float(np.arange(len(thinned)) @ thinned)
    return Figure(
        id="in_view",
        title="How many satellites a place sees at once",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 240,
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "in view",
                    "type": "ordinal",
                    "title": "satellites in view",
                    "axis": {"labelAngle": 0, "labelOverlap": True},
                },
                "xOffset": {"field": "fleet", "type": "nominal", "sort": None},
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "share of area and time",
                    "axis": _PERCENT,
                },
                "color": {
                    "field": "fleet",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "legend": {"orient": "top", "labelLimit": 400},
                },
            },
        },
        alt=(
            f"Distribution of the number in view: mean {mean:.2f} for the whole fleet, {thin_mean:.2f} for a "
            f"typical member; none in view for {100 * table[0][0]:.2f} % and {100 * thinned[0]:.2f} % "
            "of area and time."
        ),
        caption=(
            "Counts over every cell of the region and every moment. A typical member has the median inputs; "
            "each satellite works or fails on its own, so that its distribution follows by binomial thinning."
        ),
        rows=rows,
    )


def _gaps(result: SystemResult) -> Figure | None:
    """Draw how much of area and time lies in gaps of a length or longer; None where there are none."""
    lengths = np.asarray(result.prepared["gap_length_min"])
    times = np.asarray(result.prepared["gap_time"])
    rows: list[dict[str, Any]] = []
    for share in _DRAWN_SHARES:
        level = SHARES.index(share)
        if level >= len(times) or times[level].sum() <= 0.0:
            continue
        beyond = np.cumsum(times[level][::-1])[::-1]  # time within gaps of this length or longer
        name = f"{100 * share:.0f} %"
        falls = np.flatnonzero(np.diff(beyond, append=0.0) < 0.0)
        at = [(0.5 * float(lengths[1]), float(beyond[1]))]
        at += [(float(lengths[i]), float(beyond[i])) for i in falls if i > 0]
        rows += [{"gap": gap, "share": left, "working": name} for gap, left in at]
    if not rows:
        return None
    worst = max(rows, key=lambda row: float(row["gap"]))
    whole = float(np.asarray(result.prepared["max_gap_min"])[0, 0])
    scale = {"type": "log"}
    return Figure(
        id="gaps",
        title="How long a place waits without any satellite",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 240,
            "mark": {"type": "line", "interpolate": "step-before"},
            "encoding": {
                "x": {
                    "field": "gap",
                    "type": "quantitative",
                    "title": "length of the gap, min",
                    "scale": scale,
                },
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "area and time in gaps at least as long",
                    "axis": {"format": ".2~%"},
                },
                "color": {"field": "working", "type": "nominal", "sort": None, "title": "fleet working"},
            },
        },
        alt=(
            f"Gaps without any satellite. With the whole fleet the longest is {whole:.1f} min; the longest "
            f"drawn, {worst['gap']:.0f} min, occurs with {worst['working']} of the fleet working."
        ),
        caption=(
            "Without obstruction. Satellites fail in one drawn order; another order gives somewhat other "
            f"gaps. Lengths are multiples of the step of {result.design.step_s:g} s."  # type: ignore[attr-defined]
        ),
        rows=rows,
    )


def _by_latitude(result: SystemResult) -> Figure:
    """Draw the exact mean in view by latitude beside the closed form on a sphere."""
    design, prepared = result.design, result.prepared
    assert isinstance(design, Design)
    latitude = np.asarray(prepared["map_latitude_deg"])
    exact = np.asarray(prepared["map_in_view"]).mean(axis=1)
    curves = [("counted on the WGS84 ellipsoid", exact)]
    if design.shells and not design.catalogues:
        curves.append(("closed form on a sphere", _on_sphere(design, latitude)))
    rows = [
        {"latitude": float(x), "in view": float(y), "method": name}
        for name, values in curves
        for x, y in zip(latitude, values, strict=True)
    ]
    off = float(np.max(np.abs(curves[-1][1] - exact))) if len(curves) > 1 else 0.0
    return Figure(
        id="by_latitude",
        title="Satellites in view by latitude, counted and in closed form",
        spec={
            "data": {"values": rows},
            "width": 460,
            "height": 240,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {
                    "field": "latitude",
                    "type": "quantitative",
                    "title": "latitude, deg north",
                    "scale": {"domain": [-90, 90]},
                    "axis": {"values": list(range(-90, 91, 30))},
                },
                "y": {"field": "in view", "type": "quantitative", "title": "satellites in view, mean"},
                "color": {
                    "field": "method",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "legend": {"orient": "top", "labelLimit": 400},
                },
                "strokeDash": {"field": "method", "type": "nominal", "sort": None, "legend": None},
            },
        },
        alt=(
            f"Mean number in view by latitude: from {exact.min():.1f} to {exact.max():.1f}; "
            f"the closed form differs by at most {off:.2f}."
            if len(curves) > 1
            else f"Mean number in view by latitude: from {exact.min():.1f} to {exact.max():.1f}."
        ),
        caption=(
            "All satellites working, no obstruction. The closed form averages the share of longitudes within "
            "each satellite's cap over its orbit, on a sphere of mean radius: a check, not an input."
        ),
        rows=rows,
    )


def _on_sphere(design: Design, latitude_deg: FloatArray) -> FloatArray:
    total = np.zeros(len(latitude_deg))
    for shell in design.shells:
        inclination = (
            sun_synchronous_inclination_rad(shell.axis_km)
            if shell.inclination_deg is None
            else math.radians(shell.inclination_deg)
        )
        total += in_view_by_latitude(
            shell.total, shell.axis_km, inclination, shell.elevation_mask_deg, latitude_deg
        )
    return total
