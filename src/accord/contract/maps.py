"""Coastlines for maps, so that figures of different systems can draw the same land."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

__all__ = ["Ring", "land", "land_rows"]

Ring = tuple[tuple[float, float], ...]


@cache
def land() -> tuple[Ring, ...]:
    """Return the outlines of land as closed rings of (longitude, latitude) [deg].

    Natural Earth 1:110 million, physical vectors, version 4.1.0, public domain: coastlines and no borders.
    """
    path = files("accord.contract") / "data" / "land-110m.json"
    body = json.loads(path.read_text(encoding="utf-8"))
    return tuple(tuple((float(x), float(y)) for x, y in ring) for ring in body["rings"])


def land_rows(
    west: float = -180.0,
    east: float = 180.0,
    south: float = -90.0,
    north: float = 90.0,
    tolerance_deg: float = 0.0,
) -> list[dict[str, Any]]:
    """Return coastlines within a window as rows for a line mark with one line for each ``line``.

    Parameters
    ----------
    west, east, south, north : float [deg]
        The window; a line is cut where it leaves it, at the first corner outside.
    tolerance_deg : float [deg]
        Corners nearer than this to the one before are left out, to keep figures small.

    Returns
    -------
    list of dict
        ``lon``, ``lat`` [deg], ``line`` and ``order`` along it.
    """
    rows: list[dict[str, Any]] = []
    line = 0
    for ring in land():
        thin = _thinned(ring, tolerance_deg)
        drawn = False
        for (x1, y1), (x2, y2) in pairwise(thin):
            visible = any(west <= x <= east and south <= y <= north for x, y in ((x1, y1), (x2, y2)))
            seam = abs(x2 - x1) > 180.0 or (x1 == x2 and abs(x1) == 180.0)  # the antimeridian is no coast
            if seam or not visible:
                line, drawn = line + drawn, False
                continue
            if not drawn:
                rows.append({"lon": x1, "lat": y1, "line": line, "order": len(rows)})
            rows.append({"lon": x2, "lat": y2, "line": line, "order": len(rows)})
            drawn = True
        line += drawn
    return rows


def _thinned(ring: Ring, tolerance: float) -> list[tuple[float, float]]:
    kept = [ring[0]]
    for x, y in ring[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= tolerance or abs(x) == 180.0:
            kept.append((x, y))
    return [*kept, ring[-1]]
