"""The cost-plus tariff of a MW after a regulator's norms, year by year and levelised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.physics.finance import levelised_cost
from accord.systems.plant.norms import Tariff

FloatArray = NDArray[np.float64]

__all__ = ["levelised_tariff", "tariff_by_year"]


def tariff_by_year(norms: Tariff) -> FloatArray:
    """Return the tariff of each year, shape (years,), in the norms' money a MWh.

    Upkeep, depreciation, interest on the loan's mean balance of the year (equal parts repaid), return on equity with
    tax passed on, and interest on working capital: a month of upkeep, receivables, spares.

    Parameters
    ----------
    norms : Tariff
    """
    capital, life = norms.capital_per_mw, norms.life_yr
    years = np.arange(life)
    upkeep = norms.upkeep_per_mw_yr * (1.0 + norms.upkeep_growth_per_yr) ** years
    written = np.concatenate([np.full(n, share) for n, share in norms.depreciation_shares])
    written = np.concatenate([written, np.zeros(life)])[:life] * capital
    part = norms.debt.share * capital / norms.debt.term_yr
    balance = np.maximum(norms.debt.share * capital - part * (years + 0.5), 0.0)
    interest = np.where(years < norms.debt.term_yr, balance * norms.debt.rate_per_yr, 0.0)
    tax = np.where(years < norms.minimum_tax_years, norms.minimum_tax, norms.tax)
    asked = (1.0 - norms.debt.share) * capital * norms.equity_return_per_yr
    earned = asked / (1.0 - tax) if norms.grossed_up else np.full(life, asked)
    cost = upkeep + written + interest + earned
    rate = norms.working_capital_rate_per_yr
    kept = rate * (upkeep / 12.0 + norms.spares_share * capital)
    # receivables are months of the tariff itself
    whole = (cost + kept) / (1.0 - rate * norms.receivables_month / 12.0)
    energy = 8760.0 * norms.load_factor * (1.0 - norms.auxiliary)
    return np.asarray(whole / energy)


def levelised_tariff(norms: Tariff) -> float:
    """Return the level tariff over the life at the cost of capital after tax, in the norms' money a MWh."""
    rate = (
        norms.debt.share * norms.debt.rate_per_yr * (1.0 - norms.tax)
        + (1.0 - norms.debt.share) * norms.equity_return_per_yr
    )
    asked = np.concatenate(
        [[0.0], tariff_by_year(norms)]
    )  # the first payment comes with the first year's end
    return levelised_cost(rate, asked, np.concatenate([[0.0], np.ones(norms.life_yr)]))
