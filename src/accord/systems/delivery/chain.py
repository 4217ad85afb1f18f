"""The supply chain as a graph: concentration, single points of failure, and how long a loss is felt.

A component can be had while one of its suppliers delivers, and a supplier delivers only while everything that its
component needs can be had: an and-or graph without circles. Concentration is told for each component apart and never
added up over components.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.systems.delivery.supply import Component, Supply

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

__all__ = [
    "CONCENTRATED",
    "Shortage",
    "country_hhi",
    "hhi",
    "in_order",
    "lost_suppliers",
    "months_lost",
    "single_points",
    "smallest_cut",
    "stopped",
]

CONCENTRATED = 1800.0  # above it a market is highly concentrated: US Department of Justice & FTC (2023)


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a loss does to one component; arrays of shape (n,).

    Attributes
    ----------
    deficit : float array [1]
        Share of the deliveries that nobody replaces at once.
    survive_month : float array [month]
        How long the stock bridges it; infinite where nothing is short.
    lost_month : float array [month]
        Months of deliveries lost until others have recovered them, bottlenecks further up included.
    """

    deficit: FloatArray
    survive_month: FloatArray
    lost_month: FloatArray


def hhi(shares: Collection[float]) -> float:
    """Return the Herfindahl-Hirschman index of shares: the sum of their squares in percent, 0 to 10 000 [1].

    Hirschman (1945), National Power and the Structure of Foreign Trade; above 1 800 highly concentrated (US
    Department of Justice & Federal Trade Commission 2023, Merger Guidelines, guideline 1).
    """
    return float(sum((100.0 * share) ** 2 for share in shares))


def country_hhi(component: Component) -> float:
    """Return the index of a component over the countries that its suppliers deliver from [1]."""
    by_country: dict[str, float] = {}
    for supplier in component.suppliers:
        by_country[supplier.country] = by_country.get(supplier.country, 0.0) + supplier.share
    return hhi(by_country.values())


def in_order(supply: Supply) -> list[Component]:
    """Return the components so that each comes after all that it needs."""
    left, placed = list(supply.components), list[Component]()
    while left:
        done = {component.id for component in placed}
        ready = [component for component in left if set(component.needs) <= done]
        placed += ready
        left = [component for component in left if component not in ready]
    return placed


def lost_suppliers(supply: Supply, label: str) -> frozenset[str]:
    """Return the suppliers that a loss takes away; the label is ``"supplier NAME"`` or ``"country NAME"``."""
    kind, _, name = label.partition(" ")
    if kind == "supplier":
        return frozenset({name})
    return frozenset(s for s, country in supply.suppliers.items() if country == name)


def stopped(supply: Supply, lost: Collection[str]) -> set[str]:
    """Return the components that cannot be had at all once some suppliers are lost."""
    gone: set[str] = set()
    for component in in_order(supply):
        if set(component.needs) & gone or all(s.id in lost for s in component.suppliers):
            gone.add(component.id)
    return gone


def single_points(supply: Supply) -> dict[str, list[str]]:
    """Return for each component the suppliers and countries whose loss alone stops it (articulation points)."""
    found: dict[str, list[str]] = {component.id: [] for component in supply.components}
    for label in supply.losses_looked_at:
        for component in stopped(supply, lost_suppliers(supply, label)):
            found[component].append(label)
    return found


def smallest_cut(supply: Supply, component: str, by: str = "supplier") -> int:
    """Return the smallest number of suppliers, or of countries, whose loss together stops a component.

    A minimum cut of the and-or graph, as a mixed-integer programme: a component stops when every one of its suppliers
    stops; a supplier stops when it is lost or when something that its component needs stops.

    Parameters
    ----------
    component : str
    by : {"supplier", "country"}
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[attr-defined]

    homes = supply.suppliers
    units = list(homes) if by == "supplier" else list(supply.countries)
    ids = [c.id for c in supply.components]
    size = len(units) + len(ids)
    rows = []
    for c in supply.components:
        for s in c.suppliers:  # c stops only if s is lost or a need of c stops
            row = np.zeros(size)
            row[len(units) + ids.index(c.id)] = -1.0
            row[units.index(s.id if by == "supplier" else homes[s.id])] = 1.0
            for need in c.needs:
                row[len(units) + ids.index(need)] = 1.0
            rows.append(row)
    wanted = np.zeros(size)
    wanted[len(units) + ids.index(component)] = 1.0
    cost = np.concatenate([np.ones(len(units)), np.zeros(len(ids))])
    done = milp(  # type: ignore[no-untyped-call]
        cost,
        constraints=[LinearConstraint(np.stack(rows), 0.0, np.inf), LinearConstraint(wanted, 1.0, 1.0)],  # type: ignore[no-untyped-call]
        bounds=Bounds(0.0, 1.0),  # type: ignore[no-untyped-call]
        integrality=np.ones(size),
    )
    return round(float(done.fun))


def months_lost(
    supply: Supply, lost: Mapping[str, BoolArray], recovery_month: Mapping[str, FloatArray]
) -> dict[str, Shortage]:
    """Return what losses do to every component, member by member.

    The suppliers that are left deliver their shares and as much more as they can. What is missing, the deficit, eats
    the stock: it lasts ``stock / deficit``, the time to survive. If that is shorter than the time to recover, ``deficit
    x (recover - survive)`` months of deliveries are lost (time to survive and time to recover: Simchi-Levi et al. 2015,
    Interfaces 45:375). A shortage further up is felt less the stock; several at once run side by side, so that the
    longest counts.

    Parameters
    ----------
    lost : mapping of supplier to bool array, shape (n,)
    recovery_month : mapping of component to float array, shape (n,) [month]

    Returns
    -------
    dict of component to Shortage
    """
    found: dict[str, Shortage] = {}
    for component in in_order(supply):
        left = np.zeros(len(recovery_month[component.id]))
        for s in component.suppliers:
            left = left + np.where(lost[s.id], 0.0, s.share * (1.0 + s.surge))
        whole = ~np.logical_or.reduce([lost[s.id] for s in component.suppliers])
        deficit = np.where(whole, 0.0, np.maximum(1.0 - left, 0.0))
        deficit[deficit < 1e-12] = 0.0
        short = deficit > 0.0
        survive = np.where(short, component.stock_month / np.where(short, deficit, 1.0), np.inf)
        gap = np.maximum(recovery_month[component.id] - np.where(short, survive, 0.0), 0.0)
        months = np.where(short, deficit * gap, 0.0)
        for need in component.needs:
            months = np.maximum(months, found[need].lost_month - component.stock_month)
        found[component.id] = Shortage(deficit, survive, months)
    return found
