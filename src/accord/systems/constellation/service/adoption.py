"""Who would subscribe: households without good service that can afford it and do not choose someone else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.constellation.service.design import Demand
from accord.systems.constellation.service.population import Population

FloatArray = NDArray[np.float64]

__all__ = ["affordable_share", "households", "pattern_of", "potential"]


def affordable_share(
    price_usd_per_month: FloatArray, share_of_income: FloatArray, income_usd_per_yr: FloatArray, gini: float
) -> FloatArray:
    """Return the share of households for which a price is at most so much of their income [1], shape (n,).

    Incomes are lognormal with the stated mean and Gini coefficient, ``sigma = sqrt(2) Phi^-1((G + 1)/2)``: Aitchison &
    Brown (1957), The Lognormal Distribution, section 11.7.

    Parameters
    ----------
    price_usd_per_month : float array, shape (n,) [USD/month]
    share_of_income : float array, shape (n,) [1]
        What a household pays at most; the Broadband Commission's target is 2 %.
    income_usd_per_yr : float or array, shape (n,) [USD/yr]
        Mean income of a household.
    gini : float [1]
    """
    from scipy.special import ndtr, ndtri

    sigma = float(np.sqrt(2.0) * ndtri(0.5 * (gini + 1.0)))
    middle = np.log(income_usd_per_yr / 12.0) - 0.5 * sigma**2
    return np.asarray(ndtr((middle + np.log(share_of_income) - np.log(price_usd_per_month)) / sigma))


def households(demand: Demand, people: Population) -> dict[str, Any]:
    """Return households in towns and outside, incomes of households and their spread, by country, for `potential`."""
    size = np.array([country.household_size for country in demand.countries])
    return {
        "town": people.town.sum(axis=0) / size,
        "rural": people.rural.sum(axis=0) / size,
        "income_usd": np.array([c.income_usd2025_per_yr * c.household_size for c in demand.countries]),
        "gini": np.array([country.gini for country in demand.countries]),
    }


def _ready(members: Mapping[str, FloatArray], homes: Mapping[str, Any], number: int) -> FloatArray:
    """Return the share of a country's unserved households that would subscribe, shape (n,)."""
    afford = affordable_share(
        members["subscription_usd2025_per_month"],
        members["affordable_share"],
        np.asarray(homes["income_usd"])[number],
        float(np.asarray(homes["gini"])[number]),
    )
    return afford * members["adoption_share"] * (1.0 - members["competitor_share"])


def potential(members: Mapping[str, FloatArray], homes: Mapping[str, Any]) -> FloatArray:
    """Return the subscribers there would be if nobody were turned away, shape (n,)."""
    total = np.zeros_like(members["adoption_share"])
    for number, (town, rural) in enumerate(zip(homes["town"], homes["rural"], strict=True)):
        unserved = members["unserved_town_share"] * town + members["unserved_rural_share"] * rural
        total = total + unserved * _ready(members, homes, number)
    return total


def pattern_of(
    demand: Demand, people: Population, members: Mapping[str, FloatArray], homes: Mapping[str, Any]
) -> FloatArray:
    """Return the potential subscribers of every cell for one member, shape (cells,)."""
    found = np.zeros(len(people.town))
    for number, country in enumerate(demand.countries):
        unserved = members["unserved_town_share"] * people.town[:, number]
        unserved = unserved + members["unserved_rural_share"] * people.rural[:, number]
        found += unserved / country.household_size * _ready(members, homes, number)
    return found
