"""What the fleet costs, year by year, and at which price the region or all its customers pay for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics.finance import present_value

FloatArray = NDArray[np.float64]

__all__ = ["NOBODY_USD", "accounts", "learning_factor", "series_cost"]

NOBODY_USD = 1e6  # a price that stands for "nobody is served": no silent infinity


def learning_factor(units: int, ratio: FloatArray) -> FloatArray:
    """Return the mean cost of a series over that of its first unit [1], shape as the ratio.

    Crawford's curve: unit k costs ``k^b`` with ``b = log2(ratio)``; Goldberg & Touw (2003), Statistical Methods for
    Learning Curves and Cost Analysis, chapter 2.

    Parameters
    ----------
    units : int
    ratio : float array [1]
        Cost of unit 2k over that of unit k.
    """
    power = np.log2(np.asarray(ratio, dtype=float))
    first = np.arange(1, min(units, 200) + 1, dtype=float)
    total = np.sum(first ** power[..., None], axis=-1)
    if units > 200:  # the rest by the midpoint rule, exact to 1e-6
        total = total + ((units + 0.5) ** (power + 1.0) - 200.5 ** (power + 1.0)) / (power + 1.0)
    return np.asarray(total / units)


def series_cost(units: float, ratio: FloatArray) -> FloatArray:
    """Return the cost of one more unit after so many, over that of the first [1]."""
    return np.asarray(max(units, 1.0) ** np.log2(np.asarray(ratio, dtype=float)))


def accounts(
    members: Mapping[str, FloatArray],
    fleet: Mapping[str, Any],
    subscribers: FloatArray,
    capacity_mbit_s: FloatArray,
    there: FloatArray,
) -> dict[str, FloatArray]:
    """Return costs, prices and values of members; money in millions of the price base but prices.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    fleet : mapping
        ``satellites``, ``per_launch``, ``gateways``, ``countries``: whole fleet, satellites of a launch, gateways
        built, countries that license it; ``serving_share``, shape (n,): share of the fleet over the region.
    subscribers : float array, shape (n, years)
        Mean number served in each year.
    capacity_mbit_s : float array, shape (n, years)
        That can be sold over the region.
    there : float array, shape (n, years + 1)
        Share of the fleet launched by the start of each year, and by the end of the last.
    """
    parts = _parts(members, fleet, subscribers, there)
    rate = members["discount_per_yr"]
    worth = {name: present_value(rate, flow) for name, flow in parts.items()}
    total = sum(worth.values(), np.zeros_like(rate))
    local = worth["terminals"] + worth["gateways"] + worth["licences"]
    serving = np.clip(np.asarray(fleet["serving_share"]), 0.0, 1.0)
    share = serving / np.maximum(serving + members["sold_elsewhere_share"] * (1.0 - serving), 1e-9)
    share = np.where(serving > 0.0, share, 1.0)
    shared = local + share * (total - local)
    months = 12.0 * present_value(rate, subscribers)
    income = 1e-6 * members["subscription_usd2025_per_month"] * months
    sold = 12.0 * present_value(rate, capacity_mbit_s)
    capital = _capital(members, fleet)
    most = subscribers.max(axis=1)
    return {
        "capital_musd2025": capital,
        "cost_musd2025": np.stack([worth[name] for name in parts], axis=1),
        "required_price_usd2025_per_month": _price(total, months),
        "shared_price_usd2025_per_month": _price(shared, months),
        "region_cost_share": share,
        "capacity_cost_usd2025_per_month_per_mbps": _price(total, sold),
        "capital_per_subscriber_usd2025": np.minimum(1e6 * capital / np.maximum(most, 1.0), 1e6 * NOBODY_USD),
        "alone_value_musd2025": income - total,
        "shared_value_musd2025": income - shared,
    }


def _price(cost_musd: FloatArray, amount: FloatArray) -> FloatArray:
    return np.asarray(np.minimum(1e6 * cost_musd / np.maximum(amount, 1e-9), NOBODY_USD))


def _satellites(members: Mapping[str, FloatArray], fleet: Mapping[str, Any]) -> tuple[FloatArray, FloatArray]:
    """Return the cost of all first satellites and of their launches, failures repeated [million]."""
    count = float(fleet["satellites"])
    built = count * (1.0 + members["spare_share"]) / members["launch_success_share"]
    mean = learning_factor(
        round(count), members["learning_ratio"]
    )  # of the fleet; spares at the end of the series
    later = series_cost(count, members["learning_ratio"])
    cost = members["first_unit_musd2025"] * (count * mean + (built - count) * later)
    launches = built / float(fleet["per_launch"]) * members["launch_price_musd2025"]
    return cost, launches


def _capital(members: Mapping[str, FloatArray], fleet: Mapping[str, Any]) -> FloatArray:
    satellites, launches = _satellites(members, fleet)
    covered = members["insurance_share"] * (satellites + launches)
    ground = float(fleet["gateways"]) * members["gateway_musd2025"]
    return np.asarray(members["development_musd2025"] + satellites + launches + covered + ground)


def _parts(
    members: Mapping[str, FloatArray], fleet: Mapping[str, Any], subscribers: FloatArray, there: FloatArray
) -> dict[str, FloatArray]:
    """Return costs of each year by part [million], shape (n, years) each."""
    count, years = float(fleet["satellites"]), subscribers.shape[1]
    satellites, launches = _satellites(members, fleet)
    raised = np.diff(there, axis=1)  # share that comes up in each year
    first = np.zeros((1, years))
    first[0, 0] = 1.0
    space = satellites[:, None] * raised
    lift = launches[:, None] * raised
    ground = float(fleet["gateways"]) * members["gateway_musd2025"]
    later = members["first_unit_musd2025"] * series_cost(count, members["learning_ratio"])
    seat = members["launch_price_musd2025"] / float(fleet["per_launch"])
    again = count * (later + seat) * (1.0 + members["insurance_share"]) / members["launch_success_share"]
    # a share that came up in year y is due again life, 2 life, ... later; on average a year's worth over life
    due = np.clip(np.arange(years)[None, :] + 1.0 - members["life_yr"][:, None], 0.0, 1.0)
    begun = there[:, :-1]
    standing = (satellites + launches)[:, None] * there[:, 1:] + ground[:, None]
    rising = np.maximum(
        np.diff(np.concatenate([np.zeros((len(satellites), 1)), subscribers], axis=1), axis=1), 0.0
    )
    worn = subscribers / members["terminal_life_yr"][:, None]
    return {
        "development": members["development_musd2025"][:, None] * first,
        "satellites": space,
        "launches": lift,
        "insurance": members["insurance_share"][:, None] * (space + lift),
        "gateways": ground[:, None] * first,
        "terminals": 1e-6 * members["terminal_usd2025"][:, None] * (rising + worn),
        "replacement": (again / members["life_yr"])[:, None] * due * begun,
        "operation": members["operation_per_yr"][:, None] * standing,
        "licences": (members["licence_musd2025_per_yr"] * float(fleet["countries"]))[:, None]
        * np.ones((1, years)),
    }
