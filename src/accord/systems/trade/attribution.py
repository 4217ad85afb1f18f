"""What a programme adds to trade, what a claim implies, and what would happen anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from accord.systems.trade.phase_in import effect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "YEARS",
    "chance_of_change",
    "change_sd",
    "detectable",
    "detection_power",
    "implied_growth",
    "no_programme_log_sd",
    "own_log_sd",
    "phased",
    "uplift",
]

YEARS = tuple(
    range(16)
)  # years from the start that results are given for: the phase-in is known to about fifteen

Z95 = 1.6448536269514722  # standard normal quantile at 0.95


def phased(delivered: FloatArray, time_yr: FloatArray, specification: str) -> FloatArray:
    """Return the effect of a full agreement of which parts come into force one after the other [log points].

    What is there at the start is in force from then on; what is added in a year is in force from its middle. Each part
    builds up its effect from its own date: ``sum over k of (D_k - D_(k-1)) beta(t - (k - 1/2))``.

    Parameters
    ----------
    delivered : float array, shape (n, years) [1]
        Share delivered by the start and by the end of each year.
    time_yr : float array, shape (n,) [yr]
        Since the start.
    specification : {"plain", "globalisation"}

    Returns
    -------
    float array, shape (n,) [log points]
    """
    total = delivered[:, 0] * effect(time_yr, specification)
    for year in range(1, delivered.shape[1]):
        age = time_yr - (year - 0.5)
        if not (age >= 0.0).any():
            break
        added = delivered[:, year] - delivered[:, year - 1]
        total = total + np.where(age >= 0.0, added * effect(np.maximum(age, 0.0), specification), 0.0)
    return total


def uplift(
    technology_trade: FloatArray, growth_per_yr: FloatArray, time_yr: FloatArray, log_effect: FloatArray
) -> FloatArray:
    """Return the yearly trade that a programme adds: T (1 + g)^t [exp(effect) - 1].

    Parameters
    ----------
    technology_trade : float array [any flow]
        Trade that the programme can reach, today.
    growth_per_yr, time_yr : float array [1/yr], [yr]
    log_effect : float array [log points]
        Phased effect x depth x statistical factor.

    Returns
    -------
    float array [flow of `technology_trade`]
    """
    added: FloatArray = technology_trade * (1.0 + growth_per_yr) ** time_yr * np.expm1(log_effect)
    return added


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


def detection_power(trade: FloatArray, log_sd: FloatArray, added: FloatArray) -> FloatArray:
    """Return the probability that an uplift which is there stands out at 5 % (one-sided) [1].

    Power of the test that compares ln(trade) with its trend: ``N(ln(1 + u/B)/sd - 1.645)``; 5 % where nothing is added.

    Parameters
    ----------
    trade, log_sd : float array
        Trade without the programme, and standard deviation of its logarithm around the trend.
    added : float array [flow of `trade`]
    """
    power: FloatArray = ndtr(np.log1p(added / trade) / log_sd - Z95)
    return power


def own_log_sd(history: FloatArray, u: FloatArray) -> FloatArray:
    """Return draws of the yearly standard deviation of ln(trade) that a short history leaves possible [1].

    ``s sqrt(v / chi2)`` with s and v = n - 2 from the n - 1 yearly changes about their mean: the sampling distribution
    for normal changes (and the posterior under the prior 1/sd).

    Parameters
    ----------
    history : float array, shape (years,) [any flow]
    u : float array, shape (n,) [1]
        Uniforms strictly between 0 and 1.
    """
    from scipy.special import gammaincinv

    changes = np.diff(np.log(history))
    free = len(changes) - 1
    draws: FloatArray = np.std(changes, ddof=1) * np.sqrt(free / (2.0 * gammaincinv(0.5 * free, u)))
    return draws
