"""The chain that every event goes through, as the kernel follows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.inputs import Design

FloatArray = NDArray[np.float64]

__all__ = ["followed"]

_REVIEW_LOG_SD = 0.7
_NUMBERS = (
    "flood_duration_h",
    "flood_duration_log_sd",
    "cloud_persistence",
    "cloud_offset",
    "onset_cloud_share",
    "acquired_share",
    "delay_factor",
    "tasking_h",
    "mapping_h",
    "review_h",
)


def followed(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], design: Design, seeds: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each event's first maps and its circumstances; see `accord.systems.imaging.kernels.follow`.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    seeds : float array, shape (n,)
        Uniforms, one for each member.

    Returns
    -------
    out : float array, shape (n, events, 6)
        Time [h] of the first map of any, radar, optical and cloudless optical sensor, infinite where there is none; its
        look [h] and mission.
    where : float array, shape (n, events, 2)
        Place and duration [h].
    """
    from accord.systems.imaging.kernels import COLUMNS, follow

    n = len(seeds)
    numbers = np.column_stack([*(members[name] for name in _NUMBERS), np.full(n, _REVIEW_LOG_SD)])
    out, where = np.empty((n, design.events, COLUMNS)), np.empty((n, design.events, 2))
    follow(
        (seeds * 2.0**53).astype(np.uint64),
        design.events,
        np.ascontiguousarray(numbers),
        np.asarray(prepared["place_weight"]),
        np.asarray(prepared["season"]),
        np.asarray(prepared["cloud"]),
        np.asarray(prepared["begin"]),
        np.asarray(prepared["shifts"]),
        np.asarray(prepared["time_h"]),
        np.asarray(prepared["lit"]),
        np.asarray(prepared["wait_h"]),
        np.asarray(prepared["period_h"]),
        np.asarray(prepared["kind"]),
        np.asarray(prepared["delay_h"]),
        np.asarray(prepared["tasked"]),
        design.patience_h,
        out,
        where,
    )
    return out, where
