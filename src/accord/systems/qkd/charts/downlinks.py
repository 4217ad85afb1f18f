"""Satellites: passes through the year, what becomes of the light, key by month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Figure, SystemResult
from accord.contract.quantiles import triple, triples
from accord.physics.constants import DAY_S
from accord.systems.qkd.inputs import Design
from accord.systems.qkd.satellite.design import Satellites, Station
from accord.systems.qkd.satellite.sightings import log_tau_grid
from accord.systems.qkd.satellite.year import pass_keys, receiver_gain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["downlinks"]

_MOST = 1200  # passes drawn of each station
_PARTS = ("beam", "pointing", "air", "optics", "detectors")


def downlinks(result: SystemResult) -> list[Figure]:
    """Return the figures of satellites; nothing where there are none."""
    design = result.design
    assert isinstance(design, Design)
    if design.satellites is None:
        return []
    found = [_season(result, design.satellites)]
    if any(len(s["time_s"]) for s in result.prepared["satellites"]["stations"]):
        found += [_timeline(result, design), _budget(result, design.satellites)]
    return found


def _facets(satellites: Satellites) -> dict[str, Any]:
    return {
        "row": {
            "field": "station",
            "type": "nominal",
            "title": None,
            "sort": [s.name for s in satellites.stations],
            "header": {
                "labelAngle": 0,
                "labelAlign": "left",
                "labelOrient": "top",
                "labelFontWeight": "bold",
            },
        }
    }


def _season(result: SystemResult, satellites: Satellites) -> Figure:
    rows: list[dict[str, Any]] = []
    for number, station in enumerate(satellites.stations):
        for month, (low, middle, high) in enumerate(
            triples(result.outputs["downlink_key_mbit"][:, number]).T, 1
        ):
            rows.append({"station": station.name, "month": month, "p10": low, "p50": middle, "p90": high})
    x = {"field": "month", "type": "ordinal", "title": "month", "axis": {"labelAngle": 0}}
    y = {"type": "quantitative", "title": "key, Mbit a month"}
    holes = [
        f"{s.name} has {days:.0f} days without a usable night"
        for s, days in zip(satellites.stations, result.outputs["no_night_day"][0], strict=True)
        if days > 0
    ]
    told = []
    for station in satellites.stations:
        own = [r for r in rows if r["station"] == station.name]
        best, worst = max(own, key=lambda r: r["p50"]), min(own, key=lambda r: r["p50"])
        told.append(
            f"{station.name}: median {worst['p50']:.3g} Mbit in month {worst['month']}, "
            f"{best['p50']:.3g} in month {best['month']}"
        )
    return Figure(
        id="season",
        title="Key between satellites and each station by month",
        spec={
            "data": {"values": rows},
            "facet": _facets(satellites),
            "spec": {
                "width": 460,
                "height": 150,
                "layer": [
                    {
                        "mark": {"type": "bar", "color": "#8fb8d0"},
                        "encoding": {"x": x, "y": {"field": "p50", **y}},
                    },
                    {
                        "mark": {"type": "rule", "color": "#1b2733", "strokeWidth": 1.5},
                        "encoding": {"x": x, "y": {"field": "p10", **y}, "y2": {"field": "p90"}},
                    },
                ],
            },
        },
        alt="; ".join([*told, *holes]) + ".",
        caption="Bars: median; lines: P10 to P90 over members, each with its own weather. "
        + (
            "; ".join(holes) + f" (Sun below {satellites.sun_limit_deg:g} deg)."
            if holes
            else "Dark passes only."
        ),
        rows=rows,
    )


def _medians(result: SystemResult) -> dict[str, FloatArray]:
    return {name: np.array([float(np.median(values))]) for name, values in result.members.items()}


def _timeline(result: SystemResult, design: Design) -> Figure:
    satellites = design.satellites
    assert satellites is not None
    ready, members, rows = result.prepared["satellites"], _medians(result), []
    terms = {
        "error_correction": design.error_correction,
        "secrecy": design.secrecy,
        "correctness": design.correctness,
    }
    told = []
    for number, station in enumerate(satellites.stations):
        seen = ready["stations"][number]
        keys = pass_keys(satellites, number, design.bounds, terms, ready, members)[0] * 1e-6
        step = max(1, len(keys) // _MOST)
        hour = np.mod(seen["time_s"] / 3600.0 + station.longitude_deg / 15.0, 24.0)
        for k in range(0, len(keys), step):
            rows.append(
                {
                    "station": station.name,
                    "day": round(float(seen["time_s"][k] / DAY_S), 2),
                    "hour": round(float(hour[k] - 24.0 if hour[k] > 12.0 else hour[k]), 2),
                    "key": round(max(float(keys[k]), 0.0), 4),
                    "gives": "key" if keys[k] > 0.0 else "none",
                }
            )
        told.append(f"{station.name}: {len(keys)} usable passes, {(keys > 0).mean():.0%} of them give key")
    return Figure(
        id="passes",
        title="Passes of a year that are dark enough, and the key of each",
        spec={
            "data": {"values": rows},
            "facet": _facets(satellites),
            "spec": {
                "width": 500,
                "height": 150,
                "mark": {"type": "point", "filled": True, "opacity": 0.65},
                "encoding": {
                    "x": {
                        "field": "day",
                        "type": "quantitative",
                        "title": "day of the year",
                        "scale": {"domain": [0, 365], "nice": False},
                    },
                    "y": {
                        "field": "hour",
                        "type": "quantitative",
                        "title": "hours from local midnight",
                        "scale": {"zero": False},
                    },
                    "size": {
                        "field": "key",
                        "type": "quantitative",
                        "title": "key, Mbit",
                        "scale": {"range": [6, 130]},
                    },
                    "color": {
                        "field": "gives",
                        "type": "nominal",
                        "title": "gives",
                        "scale": {"domain": ["key", "none"], "range": ["#0b4f7d", "#c9a227"]},
                    },
                },
            },
        },
        alt="; ".join(told) + ".",
        caption=f"Median devices, no cloud, each pass by itself. Passes with the Sun above "
        f"{satellites.sun_limit_deg:g} deg are left out. Orbit: {ready['propagator']}.",
        rows=rows,
    )


def _budget(result: SystemResult, satellites: Satellites) -> Figure:
    rows: list[dict[str, Any]] = []
    told = []
    for number, station in enumerate(satellites.stations):
        parts = _parts(result, satellites, station, number)
        if parts is None:
            continue
        for order, name in enumerate(_PARTS):
            low, middle, high = triple(parts[name])
            rows.append(
                {
                    "station": station.name,
                    "part": name,
                    "order": order,
                    "p10": low,
                    "p50": middle,
                    "p90": high,
                }
            )
        total = sum(r["p50"] for r in rows if r["station"] == station.name)
        told.append(f"{station.name}: " + ", ".join(f"{n} {triple(parts[n])[1]:.1f} dB" for n in _PARTS))
        told[-1] += f", about {total:.0f} dB in all"
    names = {"field": "part", "type": "nominal", "title": None, "sort": list(_PARTS)}
    loss = {"type": "quantitative", "title": "loss, dB"}
    return Figure(
        id="losses",
        title="Where the light of a middle pass is lost",
        spec={
            "data": {"values": rows},
            "facet": _facets(satellites),
            "spec": {
                "width": 460,
                "height": {"step": 24},
                "layer": [
                    {
                        "mark": {"type": "bar", "color": "#8fb8d0"},
                        "encoding": {"y": names, "x": {"field": "p50", **loss}},
                    },
                    {
                        "mark": {"type": "rule", "color": "#1b2733", "strokeWidth": 1.5},
                        "encoding": {"y": names, "x": {"field": "p10", **loss}, "x2": {"field": "p90"}},
                    },
                ],
            },
        },
        alt="; ".join(told) + ".",
        caption="Means over the middle pass of the year, from the satellite's telescope to a count; bars: median, "
        "lines: P10 to P90. Scintillation leaves the mean as it is.",
        rows=rows,
    )


def _parts(
    result: SystemResult, satellites: Satellites, station: Station, number: int
) -> dict[str, FloatArray] | None:
    seen, members = result.prepared["satellites"]["stations"][number], result.members
    if not len(seen["time_s"]):
        return None
    mean = np.quantile(seen["sums"][:, :, 0] / (seen["set_s"] - seen["rise_s"])[:, None], 0.5, axis=0)
    log_tau = np.log(members["zenith_transmittance"])
    through = np.interp(log_tau, log_tau_grid(), np.log(mean))
    beam = math.log(float(mean[-1]))  # the last node has no loss in the air
    to_db = -10.0 / math.log(10.0)
    _, aim = receiver_gain(satellites, station, members)
    return {
        "beam": np.full(len(log_tau), to_db * beam),
        "pointing": to_db * np.log(aim),
        "air": to_db * (through - beam),
        "optics": to_db * np.log(members["receiver_optics"]),
        "detectors": to_db * np.log(members["downlink_detector_efficiency"]),
    }
