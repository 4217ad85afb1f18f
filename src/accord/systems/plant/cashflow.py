"""The plant's money year by year, after tax and debt: what an owner and a lender see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.physics.finance import (
    capital_recovery_factor,
    construction_factor,
    cumulative_spending,
    debt_service_cover,
    internal_rates,
)
from accord.systems.plant.norms import Norms

FloatArray = NDArray[np.float64]

__all__ = ["Statement", "statement"]

_LONGEST_YR = 30  # of building, in whole years
_NO_RATE = -0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What comes out, all real, in the money of the flows.

    Attributes
    ----------
    value : float array, shape (n,)
        Worth at commissioning, after tax, at the members' real cost of capital; spending grown to that day.
    rate, equity_rate : float array, shape (n,) [1/yr]
        Real internal rates of the whole project after tax, and of the owners' money.
    rate_count : float array, shape (n,)
        How many internal rates the project has.
    least_cover : float array, shape (n,) [1]
        Least yearly cash over debt service.
    tax : float array, shape (n,)
        Mean of a year.
    interest_while_building : float array, shape (n,)
        At the norms' mixed rate before tax.
    """

    value: FloatArray
    rate: FloatArray
    rate_count: FloatArray
    equity_rate: FloatArray
    least_cover: FloatArray
    tax: FloatArray
    interest_while_building: FloatArray


def statement(
    overnight: FloatArray,
    slow: FloatArray,
    earnings: FloatArray,
    building_yr: FloatArray,
    rate_per_yr: FloatArray,
    norms: Norms,
) -> Statement:
    """Put together flows after tax.

    Nominal flows are the real ones grown with inflation, because depreciation and debt service do not grow. The debt is
    drawn at commissioning on all capital, interest while building included; book depreciation for the least tax is in
    equal parts over the life.

    Parameters
    ----------
    overnight : float array, shape (n,)
        Capital spent at commissioning.
    slow : float array, shape (n,)
        Capital spent along an S-curve over ``building_yr``.
    earnings : float array, shape (n, years)
        Revenue less all cash costs, real, at the ends of the years after commissioning.
    building_yr, rate_per_yr : float array, shape (n,)
        Time to build; real cost of capital.
    norms : Norms
    """
    n, years = earnings.shape
    inflation = norms.inflation_per_yr if norms.basis == "nominal" else 0.0
    mixed = norms.debt.share * norms.debt.rate_per_yr + (1.0 - norms.debt.share) * norms.equity_return_per_yr
    real = (1.0 + mixed) / (1.0 + inflation) - 1.0
    growth = construction_factor(real, building_yr, "s_curve")
    interest = slow * (growth - 1.0)
    capital = overnight + slow + interest
    level = (1.0 + inflation) ** np.arange(1.0, years + 1.0)
    cash = earnings * level
    debt = norms.debt.share * capital
    term = min(norms.debt.term_yr, years)
    service = debt * float(capital_recovery_factor(norms.debt.rate_per_yr, term))
    owed = np.zeros((n, years))
    balance = debt.copy()
    for year in range(term):
        owed[:, year] = balance * norms.debt.rate_per_yr
        balance = balance + owed[:, year] - service
    tax = _tax(cash, capital, owed, norms)
    after = cash - tax
    paid = np.zeros((n, years))
    paid[:, :term] = service[:, None]
    cover = np.zeros(n)
    if norms.debt.share > 0.0:
        yearly = debt_service_cover(
            after[:, :term], np.maximum(debt, 1e-12)[:, None], norms.debt.rate_per_yr, float(term)
        )
        cover = np.asarray(yearly.min(axis=1))
    equity = np.concatenate([-(capital - debt)[:, None], after - paid], axis=1)
    nominal, _ = internal_rates(equity)
    real_after = after / level
    worth = (1.0 + rate_per_yr[:, None]) ** -np.arange(1.0, years + 1.0)
    spent = overnight + slow * construction_factor(rate_per_yr, building_yr, "s_curve")
    rate, count = _project_rate(overnight, slow, building_yr, real_after)
    return Statement(
        value=(real_after * worth).sum(axis=1) - spent,
        rate=rate,
        rate_count=count,
        equity_rate=np.maximum((1.0 + nominal) / (1.0 + inflation) - 1.0, _NO_RATE),
        least_cover=cover,
        tax=(tax / level).mean(axis=1),
        interest_while_building=interest,
    )


def _tax(cash: FloatArray, capital: FloatArray, owed: FloatArray, norms: Norms) -> FloatArray:
    """Return the tax of each year, shape (n, years), losses carried forward."""
    n, years = cash.shape
    written = capital[:, None] * norms.tax.depreciation.yearly(years)[None, :]
    profit = cash - owed - written
    book = cash - owed - capital[:, None] / years
    tax, lost = np.zeros((n, years)), np.zeros(n)
    for year in range(years):
        used = np.minimum(lost, np.maximum(profit[:, year], 0.0))
        lost = lost - used + np.maximum(-profit[:, year], 0.0)
        tax[:, year] = norms.tax.rate * np.maximum(profit[:, year] - used, 0.0)
        if year < norms.tax.minimum_years:
            tax[:, year] = np.maximum(tax[:, year], norms.tax.minimum_rate * np.maximum(book[:, year], 0.0))
    return tax


def _project_rate(
    overnight: FloatArray, slow: FloatArray, building_yr: FloatArray, after: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the internal rate of spending along the S-curve and then earning, and how many rates there are."""
    n, years = after.shape
    build = np.clip(building_yr, 0.25, float(_LONGEST_YR))
    ahead = _LONGEST_YR  # the same for all members, whatever they are worked on with
    flows = np.zeros((n, ahead + 1 + years))
    # spending between so many and one year fewer before commissioning falls at the end of that year
    edge = np.arange(ahead, -1, -1)
    done = cumulative_spending(1.0 - edge[None, :] / build[:, None])
    flows[:, 1 : ahead + 1] = -slow[:, None] * np.diff(done, axis=1)
    flows[:, ahead] -= overnight
    flows[:, ahead + 1 :] = after
    return internal_rates(flows)
