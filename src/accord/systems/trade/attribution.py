"""What a programme adds to trade, what a claim implies, and what would happen anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from accord.systems.trade.phase_in import effect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["chance_of_change", "change_sd", "detectable", "implied_growth", "no_programme_log_sd", "uplift"]

Z95 = 1.6448536269514722  # standard normal quantile at 0.95


def uplift(
    technology_trade: FloatArray,
    growth_per_yr: FloatArray,
    time_yr: FloatArray,
    strength: FloatArray,
    specification: str,
) -> FloatArray:
    """Return the yearly trade that a programme adds: T (1 + g)^t [exp(beta(t) strength) - 1].

    Parameters
    ----------
    technology_trade : float array [any flow]
        Trade that the programme can reach, today.
    growth_per_yr, time_yr : float array [1/yr], [yr]
    strength : float array [1]
        Depth x share delivered x statistical factor; 1 is a full trade agreement.
    specification : {"plain", "globalisation"}

    Returns
    -------
    float array [flow of `technology_trade`]
    """
    return (
        technology_trade
        * (1.0 + growth_per_yr) ** time_yr
        * np.expm1(effect(time_yr, specification) * strength)
    )


def implied_growth(technology_trade: FloatArray, claimed: FloatArray, time_yr: FloatArray) -> FloatArray:
    """Return the yearly growth of technology trade that a claimed uplift implies: (1 + c/T)^(1/t) - 1
    [1/yr]."""
    rate: FloatArray = np.expm1(np.log1p(claimed / technology_trade) / time_yr)
    return rate


def no_programme_log_sd(annual_log_sd: FloatArray, time_yr: FloatArray) -> FloatArray:
    """Return the standard deviation of ln(trade) after some years of independent yearly changes [1]."""
    return annual_log_sd * np.sqrt(time_yr)


def change_sd(base_trade: FloatArray, log_sd: FloatArray) -> FloatArray:
    """Return the standard deviation of the change B (e^Z - 1), Z normal with mean 0 [flow of
    `base_trade`]."""
    variance = log_sd**2
    sd: FloatArray = base_trade * np.sqrt(np.expm1(variance) * np.exp(variance))
    return sd


def detectable(base_trade: FloatArray, log_sd: FloatArray) -> FloatArray:
    """Return the rise that chance alone exceeds in 5 % of cases [flow of `base_trade`]."""
    return base_trade * np.expm1(Z95 * log_sd)


def chance_of_change(base_trade: FloatArray, log_sd: FloatArray, change: FloatArray) -> FloatArray:
    """Return the probability that trade changes by more than an amount, up or down, with no programme.

    Parameters
    ----------
    base_trade, log_sd : float array
        Trade today and standard deviation of the change of its logarithm.
    change : float array [flow of `base_trade`]
        Positive; a fall by more than all of the trade has probability 0.
    """
    ratio = change / base_trade
    up = ndtr(-np.log1p(ratio) / log_sd)
    can_fall = ratio < 1.0
    down = ndtr(np.log1p(np.where(can_fall, -ratio, -0.5)) / log_sd)
    total: FloatArray = up + np.where(can_fall, down, 0.0)
    return total
