"""How the fleet comes up: which planes each launch fills, and how much of it is there in each year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.constellation.inputs import Design

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["filling_order", "launched_by", "service_by_launch", "service_time_month"]


def _even_order(count: int) -> IntArray:
    """Return 0..count-1 in an order whose every beginning is spread evenly: by van der Corput's sequence."""
    number = np.arange(count)
    value, scale = np.zeros(count), 0.5
    while (number > 0).any():
        value += scale * (number % 2)
        number, scale = number // 2, 0.5 * scale
    # where the sequence puts the k-th plane, as a place among all of them
    place: IntArray = np.argsort(np.argsort(value))
    return place


def filling_order(design: Design) -> IntArray:
    """Return satellites of the shells in the order in which launches bring them up, shape (launched,).

    Shells follow one another; within a shell planes are filled one by one, spread evenly around from the beginning.
    Catalogued satellites, which come after the shells, are in orbit already.
    """
    order: list[IntArray] = []
    begin = 0
    for shell in design.shells:
        per_plane = shell.total // shell.planes
        slots = np.arange(per_plane)
        order += [begin + plane * per_plane + slots for plane in _even_order(shell.planes)]
        begin += shell.total
    joined = np.concatenate(order) if order else np.zeros(0, dtype=np.int64)
    return joined.astype(np.int64)


def launched_by(
    members: Mapping[str, FloatArray], launches: float, years: int, *, serving: bool
) -> FloatArray:
    """Return the number of successful launches by the start of each year and the end of the last, shape (n, years + 1).

    Parameters
    ----------
    serving : bool
        Count a launch only once its satellites are in place, `raising_month` later.
    """
    when = np.arange(years + 1, dtype=float)[None, :]
    delay = members["raising_month"][:, None] / 12.0 if serving else 0.0
    pace = (members["launch_rate_per_yr"] * members["launch_success_share"])[:, None]
    # the first launch is at time zero
    return np.asarray(np.clip((when - delay) * pace + (when >= delay), 0.0, launches) * (when >= delay))


def service_by_launch(prepared: Mapping[str, Any], load: FloatArray, launches: FloatArray) -> FloatArray:
    """Return the share of the full service with so many launches in place [1].

    Parameters
    ----------
    load : float array, shape (n,)
        Demand over the reference; infinity for unlimited demand.
    launches : float array, shape (n, k)
    """
    from accord.systems.constellation.service.surface import DEPLOYED_LOADS

    stages, table = np.asarray(prepared["stage_launch"]), np.asarray(prepared["stage_share"])
    columns = np.stack([np.interp(launches, stages, column) for column in table.T], axis=-1)
    knots = np.log2(DEPLOYED_LOADS[:-1])
    log = np.clip(np.log2(np.clip(load, 1e-9, 1e9)), knots[0], knots[-1])
    low = np.clip(np.searchsorted(knots, log, side="right") - 1, 0, len(knots) - 2)
    share = ((log - knots[low]) / (knots[low + 1] - knots[low]))[:, None]
    row = np.arange(len(load))[:, None]
    column = np.arange(launches.shape[1])[None, :]
    finite = (
        columns[row, column, low[:, None]] * (1.0 - share) + columns[row, column, low[:, None] + 1] * share
    )
    return np.asarray(np.where(np.isinf(load)[:, None], columns[..., -1], finite))


def service_time_month(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], load: FloatArray, share: float
) -> FloatArray:
    """Return when that share of the full service is reached, from the first launch [month], shape (n,)."""
    launches = float(prepared["launches"])
    fine = np.linspace(0.0, launches, int(launches) * 8 + 1)
    reached = service_by_launch(prepared, load, np.broadcast_to(fine, (len(load), len(fine))))
    first = np.argmax(reached >= share - 1e-9, axis=1)
    needed = np.maximum(fine[first], min(1.0, launches))
    pace = members["launch_rate_per_yr"] * members["launch_success_share"]
    return np.asarray(12.0 * (needed - min(1.0, launches)) / pace + members["raising_month"])
