"""Published cases, computed by the functions that the model itself uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.physics import diffusion
from accord.systems.trade import attribution, phase_in

__all__ = [
    "bass_curve",
    "claim_growth",
    "full_agreement",
    "no_programme_noise",
    "phase_in_sums",
]

FloatArray = NDArray[np.float64]


def phase_in_sums() -> dict[str, list[float]]:
    """Return the effect of an agreement after 0, 4, 8 and 12 years under both specifications."""
    return {name: phase_in.cumulative(name)[1].tolist() for name in phase_in.SPECIFICATIONS}


def full_agreement(time_yr: float) -> dict[str, float]:
    """Return the rise of trade under a full agreement [percent], both specifications."""
    one, time = np.ones(1), np.array([time_yr])
    found = {}
    for name in phase_in.SPECIFICATIONS:
        found[f"{name}_percent"] = 100.0 * float(attribution.uplift(one, 0.0 * one, time, one, name)[0])
    return found


def no_programme_noise(
    base_trade: float, annual_log_sd: float, time_yr: float, change: float
) -> dict[str, float]:
    """Return the spread of the change of trade with no programme, and the chance of a stated change."""
    base, time = np.array([base_trade]), np.array([time_yr])
    log_sd = attribution.no_programme_log_sd(np.array([annual_log_sd]), time)
    return {
        "sd": float(attribution.change_sd(base, log_sd)[0]),
        "chance": float(attribution.chance_of_change(base, log_sd, np.array([change]))[0]),
    }


def claim_growth(
    base_trade: float, technology_share: float, claim: list[float], time_yr: float
) -> dict[str, list[float]]:
    """Return the factor and the yearly growth of technology trade that a claimed range implies."""
    reached = np.full(len(claim), base_trade * technology_share)
    rate = attribution.implied_growth(reached, np.array(claim), np.full(len(claim), time_yr))
    return {"growth_per_yr": rate.tolist(), "factor": ((1.0 + rate) ** time_yr).tolist()}


def bass_curve(innovation_per_yr: float, imitation_per_yr: float, time_yr: float) -> dict[str, float]:
    """Return the year of fastest adoption and the share of adopters at a time."""
    return {
        "peak_yr": diffusion.bass_peak(innovation_per_yr, imitation_per_yr),
        "adopted": float(diffusion.bass_share(np.array([time_yr]), innovation_per_yr, imitation_per_yr)[0]),
    }
