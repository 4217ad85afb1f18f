"""Discounted cash flow: capital recovery, interest during construction, NPV, IRR, levelised cost, debt cover.

Rates are real or nominal as the caller's flows are: the two must match. Flows fall at the end of each year; the first
entry of a series is year 0 (today) unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import ModelError

FloatArray = NDArray[np.float64]

__all__ = [
    "InternalRate",
    "annuity_factor",
    "capital_recovery_factor",
    "construction_factor",
    "cumulative_spending",
    "debt_service_cover",
    "internal_rate",
    "internal_rates",
    "levelised_cost",
    "net_present_value",
    "present_value",
    "tax_straight_line",
]

_SCAN = 4000  # trial rates between -99 % and 1000 % a year, evenly spaced in log(1 + rate)


@dataclass(frozen=True, slots=True)
class InternalRate:
    """Every rate at which a series is worth nothing.

    Attributes
    ----------
    rates : tuple of float [1/yr]
        Ascending; empty where there is none in -99 % to 1000 %.
    note : str
        What to tell the reader; empty where there is exactly one rate.
    """

    rates: tuple[float, ...]
    note: str

    @property
    def unique(self) -> float:
        """The one internal rate [1/yr].

        Raises
        ------
        ModelError
            Where there is none or more than one.
        """
        if len(self.rates) != 1:
            raise ModelError(self.note)
        return self.rates[0]


def annuity_factor(rate: ArrayLike, years: ArrayLike) -> FloatArray:
    """Return what one a year at the end of each of so many years is worth today [yr].

    ``(1 - (1 + r)^-n) / r``, and ``n`` at ``r = 0``. Brealey, Myers & Allen (2017), Principles of Corporate Finance,
    chapter 2.

    Parameters
    ----------
    rate : float or array [1/yr]
    years : float or array [yr]
    """
    r, n = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(years, dtype=float))
    small = np.abs(r) < 1e-12
    safe = np.where(small, 1.0, r)
    return np.asarray(np.where(small, n, -np.expm1(-n * np.log1p(safe)) / safe))


def capital_recovery_factor(rate: ArrayLike, years: ArrayLike) -> FloatArray:
    """Return the equal yearly payment that repays one unit [1/yr], the inverse of `annuity_factor`."""
    return np.asarray(1.0 / annuity_factor(rate, years))


def construction_factor(rate: ArrayLike, years: ArrayLike, shape: str = "even") -> FloatArray:
    """Return cost at commissioning over overnight cost, interest while building included [1].

    Even spending: ``((1 + r)^T - 1) / (T ln(1 + r))``, the mean of ``(1 + r)^t`` over the time still to wait. S-curve
    (see `cumulative_spending`): with ``g = T ln(1 + r)``, ``(e^g - 1) (1/g - g / (g^2 + 4 pi^2))``. 1 at ``r T = 0``.

    Parameters
    ----------
    rate : float or array [1/yr]
    years : float or array [yr]
        Duration of construction, delays included.
    shape : {"even", "s_curve"}
    """
    grown = np.asarray(years, dtype=float) * np.log1p(np.asarray(rate, dtype=float))
    small = np.abs(grown) < 1e-9
    safe = np.where(small, 1.0, grown)
    whole = np.expm1(safe) / safe
    if shape == "s_curve":
        whole = whole - np.expm1(safe) * safe / (safe**2 + 4.0 * np.pi**2)
    elif shape != "even":
        raise ModelError(f"no way of spending {shape!r}: expected even or s_curve")
    return np.asarray(np.where(small, 1.0 + 0.5 * grown, whole))


def cumulative_spending(share: ArrayLike) -> FloatArray:
    """Return what is spent when a share of the time to build has passed [1]: ``x - sin(2 pi x) / (2 pi)``.

    Slow, fast, slow: the rate of spending is a raised cosine, the usual stand-in for the S-curve of a project's budget
    (Miskawi 1989, Construction Management and Economics 7:115, for its family).

    Parameters
    ----------
    share : float or array [1]
        Cut to 0 to 1.
    """
    x = np.clip(np.asarray(share, dtype=float), 0.0, 1.0)
    return np.asarray(x - np.sin(2.0 * np.pi * x) / (2.0 * np.pi))


def net_present_value(rate: float, flows: Sequence[float] | FloatArray) -> float:
    """Return the worth today of flows at the ends of years 0, 1, 2, ... in the unit of the flows."""
    values = np.asarray(flows, dtype=float)
    return float(np.sum(values * (1.0 + rate) ** -np.arange(len(values))))


def present_value(rate: ArrayLike, flows: FloatArray) -> FloatArray:
    """Return the worth at the start of yearly flows that fall in the middle of each year, shape (n,).

    Brealey, Myers & Allen (2017), Principles of Corporate Finance, chapter 2; the middle of the year stands for money
    that comes and goes all year round.

    Parameters
    ----------
    rate : float array, shape (n,) [1/yr]
    flows : float array, shape (n, years)
        In any unit; the first year is the first.
    """
    years = np.arange(flows.shape[-1]) + 0.5
    return np.asarray(np.sum(flows * (1.0 + np.asarray(rate, dtype=float)[..., None]) ** -years, axis=-1))


def internal_rate(flows: Sequence[float] | FloatArray) -> InternalRate:
    """Return every internal rate of return, each bracketed and then found by Brent's method.

    Parameters
    ----------
    flows : float sequence
        At the ends of years 0, 1, 2, ...

    Raises
    ------
    ModelError
        For flows that are not finite.
    """
    from scipy import optimize

    _root: Any = optimize.brentq  # carries no types

    values = np.asarray(flows, dtype=float)
    if not np.isfinite(values).all():
        raise ModelError("an internal rate needs finite flows")
    grid = np.linspace(np.log(0.01), np.log(11.0), _SCAN)  # of log(1 + rate)
    years = np.arange(len(values))
    # divided by the growth of the largest term, so that low rates and long series do not overflow
    shift = np.maximum(0.0, -grid * (len(values) - 1))
    worth = np.sum(values * np.exp(-grid[:, None] * years - shift[:, None]), axis=1)

    def at(x: float) -> float:
        return float(np.sum(values * np.exp(-x * years - max(0.0, -x * (len(values) - 1)))))

    crossings = np.flatnonzero(worth[:-1] * worth[1:] < 0.0)
    found = [float(np.expm1(_root(at, grid[i], grid[i + 1], xtol=1e-14))) for i in crossings]
    found += [float(np.expm1(grid[i])) for i in np.flatnonzero(worth == 0.0)]
    rates = tuple(sorted(found)) if np.any(values != 0.0) else ()
    if not rates:
        return InternalRate((), "no internal rate between -99 % and 1000 %: the flows never balance")
    if len(rates) > 1:
        shown = ", ".join(f"{100 * r:.2f} %" for r in rates)
        return InternalRate(
            rates, f"{len(rates)} internal rates ({shown}): none of them ranks the project, use its NPV"
        )
    return InternalRate(rates, "")


def internal_rates(flows: FloatArray, low: float = -0.5, high: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Return the internal rate of each of many series, and how many there are.

    A scan for changes of sign of the worth, then bisection of the first, for all series at once.

    Parameters
    ----------
    flows : float array, shape (n, years)
        At the ends of years 0, 1, 2, ...
    low, high : float [1/yr]
        Between which rates are looked for.

    Returns
    -------
    rate : float array, shape (n,) [1/yr]
        ``low`` where no rate is found and the flows add up to less than nothing, ``high`` where to more.
    count : float array, shape (n,)
        0, 1, or more: where it is not 1 the rate ranks nothing.

    Raises
    ------
    ModelError
        For flows that are not finite.
    """
    values = np.asarray(flows, dtype=float)
    if not np.isfinite(values).all():
        raise ModelError("an internal rate needs finite flows")
    grid = np.linspace(np.log1p(low), np.log1p(high), 301)
    years = np.arange(values.shape[1])

    def worth(x: FloatArray) -> FloatArray:
        # divided by the growth of the last term, so that low rates and long series do not overflow
        shift = np.maximum(0.0, -x * years[-1])
        return np.asarray(np.sum(values * np.exp(-x[:, None] * years - shift[:, None]), axis=1))

    signs = np.empty((len(values), len(grid)))
    for k, x in enumerate(grid):
        signs[:, k] = np.where(worth(np.full(len(values), x)) >= 0.0, 1.0, -1.0)
    turns = signs[:, :-1] * signs[:, 1:] < 0.0
    count = turns.sum(axis=1).astype(float)
    first = np.argmax(turns, axis=1)
    left, right = grid[first], grid[first + 1]
    sign = signs[np.arange(len(values)), first]
    for _ in range(50):
        middle = 0.5 * (left + right)
        same = np.where(worth(middle) >= 0.0, 1.0, -1.0) == sign
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    none = np.where(values.sum(axis=1) > 0.0, high, low)
    return np.asarray(np.where(count > 0, np.expm1(0.5 * (left + right)), none)), count


def levelised_cost(rate: float, costs: FloatArray, amounts: FloatArray) -> float:
    """Return discounted cost over discounted amount, in unit of cost a unit of amount.

    IEA & NEA (2020), Projected Costs of Generating Electricity, annex 1.

    Parameters
    ----------
    rate : float [1/yr]
    costs, amounts : float array, shape (years,)
        At the ends of years 0, 1, 2, ...

    Raises
    ------
    ModelError
        When nothing is produced.
    """
    amount = net_present_value(rate, amounts)
    if amount <= 0.0:
        raise ModelError("a levelised cost needs something produced: the discounted amount is not positive")
    return net_present_value(rate, costs) / amount


def tax_straight_line(profit: ArrayLike, investment: float, life_yr: float, rate: float) -> FloatArray:
    """Return the tax on profit after straight-line depreciation, never negative (losses are not carried on).

    Parameters
    ----------
    profit : float or array, any shape
        Yearly revenue less cash costs.
    investment : float
        In the unit of the profit.
    life_yr : float [yr]
    rate : float [1]
    """
    return np.asarray(rate * np.maximum(np.asarray(profit) - investment / life_yr, 0.0))


def debt_service_cover(cash: ArrayLike, debt: ArrayLike, rate: ArrayLike, term_yr: ArrayLike) -> FloatArray:
    """Return yearly cash for debt service over the equal yearly payment on the debt [1].

    Parameters
    ----------
    cash : float or array
        Revenue less operating cost and tax of a year.
    debt : float or array
        Drawn at commissioning, in the unit of `cash`; positive.
    rate : float or array [1/yr]
    term_yr : float or array [yr]
    """
    payment = np.asarray(debt, dtype=float) * capital_recovery_factor(rate, term_yr)
    return np.asarray(np.asarray(cash, dtype=float) / payment)
