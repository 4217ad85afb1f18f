"""Trade in three steps: what the claim implies, what a programme can be credited with, what could be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Port, System
from accord.systems.trade import attribution
from accord.systems.trade.figures import figures
from accord.systems.trade.inputs import INPUTS, Design
from accord.systems.trade.outputs import OUTPUTS
from accord.systems.trade.phase_in import effect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate"]

PORTS = {
    "delivered": Port(
        of="delivery.delivered_share",
        kind=float,
        doc="Share of the programme's deliverables that exist by the end of the horizon.",
        optional=True,
        fallback="the input delivered_share is used, as if delivery had nothing to do with the schedule",
    ),
}


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Evaluate all members at once.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)

    Returns
    -------
    dict of str to float array, shape (n,)
        As declared in ``outputs.py``. Where nothing is claimed, the attributable uplift takes the claim's
        place.
    """
    design = context.design
    assert isinstance(design, Design)
    base, growth = members["base_trade_gusd2025_per_yr"], members["growth_per_yr"]
    time, factor = members["time_in_force_yr"], members["phase_in_factor"]
    reached = base * members["technology_share"]
    delivered = np.clip(context.ports.get("delivered", members["delivered_share"]), 0.0, 1.0)
    strength = members["depth"] * delivered * factor
    plain = attribution.uplift(reached, growth, time, strength, "plain")
    low = high = plain
    if design.claimed is not None:
        low, high = (np.full_like(base, edge) for edge in design.claimed)
    log_sd = attribution.no_programme_log_sd(members["annual_log_sd"], time)
    baseline = base * (1.0 + growth) ** time
    return {
        "attributable_uplift_gusd2025_per_yr": plain,
        "attributable_uplift_globalisation_gusd2025_per_yr": attribution.uplift(
            reached, growth, time, strength, "globalisation"
        ),
        "full_depth_uplift_gusd2025_per_yr": attribution.uplift(reached, growth, time, factor, "plain"),
        "full_depth_uplift_globalisation_gusd2025_per_yr": attribution.uplift(
            reached, growth, time, factor, "globalisation"
        ),
        "baseline_trade_gusd2025_per_yr": baseline,
        "technology_trade_gusd2025_per_yr": reached,
        "implied_growth_low_per_yr": attribution.implied_growth(reached, low, time),
        "implied_growth_high_per_yr": attribution.implied_growth(reached, high, time),
        "share_needed": low / (baseline * np.expm1(effect(time, "plain") * factor)),
        "no_programme_sd_gusd2025_per_yr": attribution.change_sd(base, log_sd),
        "detectable_uplift_gusd2025_per_yr": attribution.detectable(base, log_sd),
        "chance_without_programme": attribution.chance_of_change(base, log_sd, 0.5 * (low + high)),
    }


SYSTEM = System(
    name="trade",
    title="Trade and its attribution",
    version=1,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    ports=PORTS,
    evaluate=evaluate,
    figures=figures,
    monotone={
        ("technology_share", "attributable_uplift_gusd2025_per_yr"): 1,
        ("depth", "attributable_uplift_gusd2025_per_yr"): 1,
        ("delivered_share", "attributable_uplift_gusd2025_per_yr"): 1,
        ("base_trade_gusd2025_per_yr", "full_depth_uplift_gusd2025_per_yr"): 1,
        ("annual_log_sd", "detectable_uplift_gusd2025_per_yr"): 1,
        ("technology_share", "implied_growth_low_per_yr"): -1,
    },
    example={"claimed_uplift_low": "5 GUSD2025/yr", "claimed_uplift_high": "7 GUSD2025/yr"},
)
