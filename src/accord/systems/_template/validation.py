"""Published cases, computed. Replace these made ones by cases from the literature."""

from __future__ import annotations

import numpy as np

from accord.contract import Horizon
from accord.systems._template.inputs import Design
from accord.systems._template.model import evaluate

__all__ = ["autonomy"]


class _Context:
    """As much of a context as this model uses."""

    horizon: Horizon


def autonomy(
    tanks: int, tank_volume_m3: float, demand_m3_per_day: float, loss_share: float
) -> dict[str, float]:
    """Return the days of autonomy for one set of numbers."""
    design = Design.model_validate({"tanks": tanks, "tank_volume": f"{tank_volume_m3} m3"})
    members = {"demand_m3_per_day": np.array([demand_m3_per_day]), "loss_share": np.array([loss_share])}
    outputs = evaluate(members, {"volume_m3": design.tanks * design.tank_volume_m3}, _Context())  # type: ignore[arg-type]
    return {"autonomy_day": float(outputs["autonomy_day"][0])}
