"""Figures as static SVG: the house theme, one font, ids that never clash in one page."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

from accord.contract import Figure

__all__ = ["THEME", "svg_of"]

INK, QUIET, GRID = "#1b2733", "#55636f", "#e3e8ec"
FONT = "Source Sans 3, Segoe UI, Helvetica Neue, Arial, sans-serif"
# Okabe & Ito (2008), Color universal design: told apart with any kind of colour vision.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7a7a7a"]
_VERSION = "6.4"

THEME: Mapping[str, Any] = {
    "aria": False,  # the page carries one text alternative for the whole figure
    "background": "transparent",
    "font": FONT,
    "axis": {
        "labelColor": QUIET,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "titleFontSize": 12,
        "labelFontSize": 11,
        "gridColor": GRID,
        "domainColor": "#9aa7b1",
        "tickColor": "#9aa7b1",
        "titlePadding": 8,
    },
    "legend": {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal", "labelFontSize": 11},
    "header": {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal"},
    "title": {"color": INK, "fontSize": 13, "fontWeight": 600, "anchor": "start"},
    "range": {"category": PALETTE},
    "view": {"stroke": None},
}
# What XML 1.0 (production 2, Char) cannot hold; the drawing library ends the process over one in a label
# (vega/vl-convert, issue 220), so none may reach it.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ADDRESS = re.compile(r'<[a-zA-Z][^>]*?\s(?:xlink:href|href|src)="(?!#|data:image/)([^"]*)')
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')


def svg_of(figure: Figure, prefix: str) -> str:
    """Draw a figure.

    Parameters
    ----------
    figure : Figure
    prefix : str
        Put before every id inside, so that figures can stand in one page.

    Returns
    -------
    str
        One ``<svg>`` element; the same bytes for the same figure.

    Raises
    ------
    ValueError
        When the specification cannot be drawn, or the drawing would need something from outside the page.
    """
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **figure.spec}
    config = {**THEME, **dict(spec.get("config", {}))}
    drawn = _drawn(_drawable({**spec, "config": config}))
    outside = _ADDRESS.search(drawn)
    if outside is not None:
        raise ValueError(f"it refers to {outside[1]}, which is not on the page")
    # ids count up within a process: number them anew by first appearance
    seen: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        name = seen.setdefault(match[2], f"{prefix}-{len(seen)}")
        return match[1] + name

    drawn = _IDENTIFIER.sub(renamed, drawn)
    drawn = drawn.replace('xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    return drawn.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1).strip()


def _drawn(spec: Any) -> str:
    import vl_convert

    def draw(wanted: Any) -> str:
        drawn: str = vl_convert.vegalite_to_svg(wanted, vl_version=_VERSION, allowed_base_urls=[])
        return drawn

    try:
        return draw(spec)
    except ValueError:
        # what a refused link left pending would be told of the next figure: let a drawing of nothing take it
        with contextlib.suppress(ValueError):
            draw({"data": {"values": []}, "mark": "point"})
        raise


def _drawable(value: Any) -> Any:
    """Return a specification whose texts hold only characters that XML can."""
    if isinstance(value, str):
        return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, Mapping):
        return {_drawable(key): _drawable(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_drawable(part) for part in value]
    return value
