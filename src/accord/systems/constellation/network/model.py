"""From the prepared tables to every member: interpolation over failures, obstruction, processing and detour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.constellation.network.tables import (
    DETOURS,
    LEVELS_DEG,
    NEVER_MS,
    PROCESSING_MS,
    QUANTILES,
)
from accord.systems.constellation.tables import SHARES

FloatArray = NDArray[np.float64]
Axis = tuple[NDArray[np.int64], FloatArray]

__all__ = ["axes_of", "blend", "evaluate_network"]


def _axis(nodes: Sequence[float], values: FloatArray) -> Axis:
    """Return the node below each value and the share of the way to the next; nodes rise."""
    edges = np.array(nodes)
    index = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return index, np.clip((values - edges[index]) / (edges[index + 1] - edges[index]), 0.0, 1.0)


def axes_of(members: Mapping[str, FloatArray]) -> list[Axis]:
    """Return where members lie on the tables' axes: working share, obstruction, processing, detour."""
    falling = _axis([-share for share in SHARES], -members["operational_share"])
    return [
        falling,
        _axis(LEVELS_DEG, members["obstruction_deg"]),
        _axis(PROCESSING_MS, members["processing_ms"]),
        _axis(DETOURS, members["cable_detour"]),
    ]


def blend(table: FloatArray, axes: Sequence[Axis]) -> FloatArray:
    """Interpolate linearly over the first axes of a table, shape (n,) + the rest."""
    rest = (None,) * (table.ndim - len(axes))
    total: FloatArray | None = None
    for corner in product((0, 1), repeat=len(axes)):
        weight = np.ones(len(axes[0][1]))
        for side, (_, share) in zip(corner, axes, strict=True):
            weight = weight * (share if side else 1.0 - share)
        part = table[tuple(index + side for side, (index, _) in zip(corner, axes, strict=True))]
        part = part * weight[(slice(None), *rest)]
        total = part if total is None else total + part
    assert total is not None
    return total


def evaluate_network(members: Mapping[str, FloatArray], prepared: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Return the outputs of the network, shape (n,) + dims each.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `accord.systems.constellation.network.tables.prepare_network`.
    """
    axes = axes_of(members)
    table = {
        key: np.asarray(value) for key, value in prepared.items() if key not in {"notes", "gateway_names"}
    }
    connected = blend(table["connected"], axes[:2])
    never = connected <= 0.0
    middle, high = QUANTILES.index(0.5), QUANTILES.index(0.95)
    geometric = blend(table["geometric_ms"][..., [middle, high]], axes[:2])
    access = members["access_delay_ms"]
    user = blend(table["user_ms"][..., [middle, high]], axes) + access[:, None]
    place = blend(table["place_ms"], axes) + access[:, None, None]
    if place.shape[1] == 0:  # no place is named: the region stands for it
        place = user[:, None, :]
    geometric[never], user[never], place[never] = NEVER_MS, NEVER_MS, NEVER_MS
    ones = np.ones(len(connected))
    return {
        "geometric_rtt_p50_ms": geometric[:, 0],
        "geometric_rtt_p95_ms": geometric[:, 1],
        "user_rtt_p50_ms": user[:, 0],
        "user_rtt_p95_ms": user[:, 1],
        "place_rtt_p50_ms": place[..., 0],
        "place_rtt_p95_ms": place[..., 1],
        "connected_share": connected,
        "handovers_per_h": blend(table["handovers_per_h"], axes[:2]),
        "path_diversity": blend(table["diversity"], axes[:2]),
        "busiest_satellite_share": blend(table["busiest"], axes[:1]),
        "single_failure_loss": float(table["loss"]) * ones,
        "single_failure_rise_ms": float(table["rise_ms"]) * ones,
    }
