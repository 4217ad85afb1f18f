"""The model: volume over demand. No input or output, no globals, arrays over members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, System
from accord.systems._template.figures import figures
from accord.systems._template.inputs import INPUTS, Design
from accord.systems._template.outputs import OUTPUTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate", "prepare"]

_DAYS = 10


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return what depends on the design alone; here the total volume [m3]."""
    context.progress(1, 1)
    return {"volume_m3": design.tanks * design.tank_volume_m3}


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Evaluate all members at once.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `prepare`.
    context : Context

    Returns
    -------
    dict of str to float array
        ``autonomy_day`` (n,) and ``level_share`` (n, 10).
    """
    usable = prepared["volume_m3"] * (1.0 - members["loss_share"])
    autonomy = usable / members["demand_m3_per_day"]
    days = np.arange(1, _DAYS + 1)
    level = np.clip(1.0 - days / autonomy[:, None], 0.0, 1.0)
    return {"autonomy_day": autonomy, "level_share": level}


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the labels of the dim ``day``."""
    return {"day": tuple(str(day) for day in range(1, _DAYS + 1))}


SYSTEM = System(
    name="_template",
    title="Reservoir (template)",
    version=1,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    figures=figures,
    labels=labels,
    monotone={("demand_m3_per_day", "autonomy_day"): -1, ("loss_share", "autonomy_day"): -1},
    example={"tanks": 2, "tank_volume": "5000 m3"},
)
