"""Pictures one can look at: map with legend, scale and frame, drawn as Vega-Lite over the scene itself."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.scene.grid import Grid

__all__ = ["RAMP", "encoded", "picture", "ramp_colours", "write_picture"]

# the steps of a likelihood: ColorBrewer YlGnBu, Harrower & Brewer (2003), Cartographic J. 40:27
RAMP = ("#ffffd9", "#c7e9b4", "#41b6c4", "#225ea8", "#081d58")
_WIDTH = 760
_KEY = {
    "symbolType": "square",
    "symbolSize": 220,
    "symbolOpacity": 1,
    "symbolStrokeColor": "#555",
    "labelLimit": 300,
}
Legend = Sequence[tuple[str, str]]


def encoded(rgb: NDArray[np.uint8]) -> bytes:
    """Return a PNG of 8-bit red, green and blue, shape (rows, columns, 3)."""
    rows, columns, _ = rgb.shape
    lines = np.zeros((rows, 3 * columns + 1), np.uint8)
    lines[:, 1:] = rgb.reshape(rows, -1)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines.tobytes(), 1))
        + chunk(b"IEND", b"")
    )


def ramp_colours(value: NDArray[np.floating], colours: Sequence[str] = RAMP) -> NDArray[np.uint8]:
    """Return colours of values 0..1 along a ramp, shape (..., 3)."""
    stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], float)
    at = np.clip(value, 0.0, 1.0) * (len(colours) - 1)
    return np.stack([np.interp(at, np.arange(len(colours)), stops[:, k]) for k in range(3)], axis=-1).astype(
        np.uint8
    )


def _frame(grid: Grid) -> tuple[list[float], list[float], str, str]:
    """Return x and y limits with axis titles, in degrees or kilometres."""
    a, _, c, _, e, f = grid.transform
    x, y = [c, c + a * grid.width], [f + e * grid.height, f]
    if not grid.crs:
        return [0.0, float(grid.width)], [float(grid.height), 0.0], "column", "row"
    if grid.geographic:
        return sorted(x), sorted(y), "longitude [deg]", "latitude [deg]"
    return sorted(v / 1000.0 for v in x), sorted(v / 1000.0 for v in y), "east [km]", "north [km]"


def _scale_bar(grid: Grid, x: list[float], y: list[float]) -> list[dict[str, Any]]:
    """Return the layers of a scale bar about a fifth as wide as the map, of a round length."""
    if not grid.crs:
        return []
    wide_m = grid.pixel_m() * grid.width
    power = 10.0 ** math.floor(math.log10(wide_m / 5.0))
    length_m = max(m for m in (1.0, 2.0, 5.0) if m * power <= wide_m / 5.0) * power
    span, tall = x[1] - x[0], y[1] - y[0]
    left, low = x[0] + 0.03 * span, y[0] + 0.035 * tall
    right = left + span * length_m / wide_m
    text = f"{length_m / 1000:g} km" if length_m >= 1000.0 else f"{length_m:g} m"
    rows = [
        {
            "x": left,
            "x2": right,
            "y": low,
            "text": text,
            "middle": (left + right) / 2,
            "above": low + 0.022 * tall,
        }
    ]
    bold = {"type": "text", "fontSize": 13, "fontWeight": "bold", "baseline": "bottom"}
    line = {
        "x": {"field": "x", "type": "quantitative"},
        "x2": {"field": "x2"},
        "y": {"field": "y", "type": "quantitative"},
    }
    label = {
        "x": {"field": "middle", "type": "quantitative"},
        "y": {"field": "above", "type": "quantitative"},
        "text": {"field": "text"},
    }
    return [
        {"data": {"values": rows}, "mark": {"type": "rule", "strokeWidth": 7, "color": "white"}, "encoding": line},
        {"data": {"values": rows}, "mark": {"type": "rule", "strokeWidth": 3, "color": "black"}, "encoding": line},
        {"data": {"values": rows}, "mark": {**bold, "stroke": "white", "strokeWidth": 4}, "encoding": label},
        {"data": {"values": rows}, "mark": bold, "encoding": label},
    ]  # fmt: skip


def picture(
    rgb: NDArray[np.uint8], grid: Grid, title: str, subtitle: str, legend: Legend, legend_title: str
) -> dict[str, Any]:
    """Return a Vega-Lite specification of a map.

    Parameters
    ----------
    rgb : uint8 array, (rows, columns, 3)
        North up, over the whole grid.
    grid : Grid
    title, subtitle : str
    legend : sequence of (words, colour)
    legend_title : str
    """
    height = round(_WIDTH * rgb.shape[0] / rgb.shape[1])
    width = _WIDTH
    if height > 900:
        width, height = max(round(_WIDTH * 900 / height), 120), 900
    height = max(height, 120)
    x, y, x_title, y_title = _frame(grid)
    url = "data:image/png;base64," + base64.b64encode(encoded(rgb)).decode()
    axis = {"grid": False, "format": "~r" if grid.geographic else ",.6~g", "tickCount": 5}
    span_x, span_y = {"domain": x, "nice": False}, {"domain": y, "nice": False}
    position = {
        "x": {"field": "x", "type": "quantitative", "scale": span_x, "axis": {**axis, "title": x_title}},
        "y": {"field": "y", "type": "quantitative", "scale": span_y, "axis": {**axis, "title": y_title}},
    }  # fmt: skip
    middle = {"x": (x[0] + x[1]) / 2, "y": (y[0] + y[1]) / 2, "url": url}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [middle]},
            "mark": {
                "type": "image",
                "width": width,
                "height": height,
                "aspect": False,
                "smooth": False,
                "aria": False,
            },
            "encoding": {**position, "url": {"field": "url"}},
        },
        *_scale_bar(grid, x, y),
    ]
    if legend:
        names, colours = [n for n, _ in legend], [c for _, c in legend]
        keys = {
            "field": "name", "type": "nominal", "sort": None,
            "scale": {"domain": names, "range": colours},
            "legend": {**_KEY, "title": legend_title},
        }  # fmt: skip
        rows = [{"x": x[0], "y": y[0], "name": n} for n in names]
        layers.append(
            {
                "data": {"values": rows},
                "mark": {"type": "square", "size": 0, "filled": True},
                "encoding": {**position, "color": keys},
            }
        )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": title, "subtitle": subtitle, "anchor": "start", "fontSize": 17, "subtitleFontSize": 12},
        "width": width, "height": height, "padding": 12, "background": "white", "layer": layers,
        "config": {"view": {"stroke": "#333"}, "legend": {"labelFontSize": 12, "titleFontSize": 12}},
    }  # fmt: skip


def write_picture(path: Path, specification: dict[str, Any]) -> None:
    """Render a specification to PNG."""
    import vl_convert

    part = path.with_name(f"part-{path.name}")
    part.write_bytes(vl_convert.vegalite_to_png(specification, scale=1.25))
    part.replace(path)
