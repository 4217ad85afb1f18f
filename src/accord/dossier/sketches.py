"""Small drawings of our own: the strip of a tested quantity, the bar of verdicts, the graph of couplings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from accord.engine.records import Node
    from accord.evidence.ledger import Influence, Row

__all__ = ["COLOURS", "couplings", "share_bar", "slug", "strip", "verdict_bar"]

# Fill colours, each with at least 4.5 to 1 against white text (WCAG 2.2, 1.4.3).
COLOURS = {
    "supported": "#1a6b3c",
    "likely met": "#1f7a4d",
    "uncertain": "#8a6100",
    "misleading": "#8f3f8a",
    "unlikely met": "#b3431a",
    "infeasible": "#8c1c13",
    "contradicted": "#a3201a",
    "unconfirmed": "#4d6373",
    "not testable as written": "#5b6670",
    "not assessed": "#6b7480",
}


def slug(text: str) -> str:
    """Return a text as part of a class name: ``not-assessed``."""
    return text.replace(" ", "-")


def strip(row: Row) -> Markup:
    """Draw P10 to P90 of a row as a bar with the median, and its thresholds as marks."""
    if row.p10 is None or row.p50 is None or row.p90 is None:
        return Markup("")  # too few members for the ends of the bar
    points = [row.p10, row.p50, row.p90, *row.thresholds]
    # an event that never comes would squeeze everything else: it is drawn at the edge
    ordinary = [p for p in points if not (row.unit == "month" and p >= 1200.0)] or points
    low, high = min(ordinary), max(ordinary)
    span = (high - low) or max(abs(high), 1.0)

    def x(value: float) -> float:
        return round(8 + 184 * min(max((value - low) / span, 0.0), 1.0), 1)

    marks = "".join(
        f'<path class="limit" d="M{x(t)} 1V17"/><path class="tip" d="M{x(t) - 3} 0h6l-3 4z"/>'
        for t in row.thresholds
    )
    label = f"P10 {row.shown[0]}, P50 {row.shown[1]}, P90 {row.shown[2]}, threshold {row.threshold_shown}"
    return Markup(
        f'<svg class="strip" viewBox="0 0 200 18" role="img" aria-label="{escape(label)}">'
        f'<path class="base" d="M8 10H192"/>'
        f'<path class="range" d="M{x(row.p10)} 10H{x(row.p90)}"/>'
        f'<circle class="median" cx="{x(row.p50)}" cy="10" r="4"/>{marks}</svg>'
    )


def share_bar(influence: Influence, coefficient: float | None) -> Markup:
    """Draw a share of variance from 0 to 1 as a bar, its 95 % interval as a line, coloured by the direction."""

    def x(value: float) -> float:
        return round(118 * min(max(value, 0.0), 1.0) + 1, 1)

    way = "none" if coefficient is None else "plus" if coefficient > 0 else "minus"
    label = f"share {influence.share:.2f}, 95 % interval {influence.low:.2f} to {influence.high:.2f}"
    return Markup(
        f'<svg class="share" viewBox="0 0 120 12" role="img" aria-label="{escape(label)}">'
        f'<path class="base" d="M1 6H119"/>'
        f'<rect class="{way}" x="1" y="2" width="{max(x(influence.share) - 1, 0):.1f}" height="8"/>'
        f'<path class="line" d="M{x(influence.low)} 6H{x(influence.high)}"/></svg>'
    )


def verdict_bar(counts: Mapping[str, int]) -> Markup:
    """Draw how many claims carry each verdict as one bar of 1000 units."""
    total = sum(counts.values())
    if not total:
        return Markup("")
    left, parts = 0.0, []
    for verdict, n in counts.items():
        width = 1000.0 * n / total
        parts.append(
            f'<rect x="{left:.1f}" y="0" width="{max(width - 2, 1):.1f}" height="34" fill="{COLOURS[verdict]}"/>'
        )
        if width > 14 * len(str(n)):
            parts.append(f'<text x="{left + width / 2 - 1:.1f}" y="23">{n}</text>')
        left += width
    label = escape(", ".join(f"{n} {verdict}" for verdict, n in counts.items()))
    return Markup(
        f'<svg class="bar" viewBox="0 0 1000 34" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


_WIDTH, _HEIGHT, _ACROSS, _DOWN = 190, 50, 270, 74


def couplings(nodes: Mapping[str, Node], states: Mapping[str, str]) -> Markup:
    """Draw systems as boxes, left to right by level, and connected ports as arrows named by what flows."""
    places = _places(nodes)
    columns = max((c for c, _ in places.values()), default=0) + 1
    rows = max((r for _, r in places.values()), default=0) + 1
    width, height = columns * _ACROSS - (_ACROSS - _WIDTH) + 4, rows * _DOWN - (_DOWN - _HEIGHT) + 20
    parts = [
        _arrow(places[up], places[name], port)
        for name, n in nodes.items()
        for port, (up, _) in n.ports.items()
    ]
    for name, node in nodes.items():
        column, row = places[name]
        x, y = column * _ACROSS + 2, row * _DOWN + 16
        state = states.get(name, "")
        parts.append(
            f'<g class="box {slug(state)}"><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
            f'<text x="{x + 12}" y="{y + 21}">{escape(_short(name, 26))}</text>'
            f'<text class="kind" x="{x + 12}" y="{y + 38}">{escape(node.kind)} · '
            f"{escape('modelled' if state == 'ok' else state)}</text></g>"
        )
    return Markup(
        f'<svg class="graph" viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" '
        f'aria-label="Systems and what flows between them"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" '
        f'refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _places(nodes: Mapping[str, Node]) -> dict[str, tuple[int, int]]:
    """Return (column, row): coupled systems by level, the uncoupled ones beneath them in a grid."""
    coupled = {n for n, node in nodes.items() if node.ports} | {
        u for n in nodes.values() for u, _ in n.ports.values()
    }
    places: dict[str, tuple[int, int]] = {}
    used: dict[int, int] = {}
    for name, node in nodes.items():
        if name in coupled:
            places[name] = (node.level, used.get(node.level, 0))
            used[node.level] = used.get(node.level, 0) + 1
    below = max(used.values(), default=0)
    for i, name in enumerate(n for n in nodes if n not in coupled):
        places[name] = (i % 3, below + i // 3)
    return places


def _arrow(start: tuple[int, int], end: tuple[int, int], port: str) -> str:
    x0, y0 = start[0] * _ACROSS + 2 + _WIDTH, start[1] * _DOWN + 16 + _HEIGHT / 2
    x1, y1 = end[0] * _ACROSS, end[1] * _DOWN + 16 + _HEIGHT / 2
    middle = (x0 + x1) / 2
    return (
        f'<path class="flow" marker-end="url(#arrow)" d="M{x0} {y0}C{middle} {y0} {middle} {y1} {x1} {y1}"/>'
        f'<text class="port" x="{middle}" y="{(y0 + y1) / 2 - 7}">{escape(_short(port, 14))}</text>'
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
