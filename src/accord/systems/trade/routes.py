"""Three routes to what a programme adds to trade: accounting, attribution, general equilibrium; year by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import ModelError
from accord.systems.trade.attribution import YEARS, phased, uplift
from accord.systems.trade.equilibrium import Equilibrium, World, exports, solve, world_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "Case",
    "Displaced",
    "accounting",
    "attributed",
    "delivered_by_year",
    "displaced",
    "equilibrium",
    "interpolated",
]


@dataclass(frozen=True, slots=True)
class Case:
    """What every route needs of one batch of members; arrays of shape (n,), `delivered` of shape (n, years)."""

    base: FloatArray
    share: FloatArray
    growth: FloatArray
    depth: FloatArray
    factor: FloatArray
    elasticity: FloatArray
    delivered: FloatArray

    @property
    def reached(self) -> FloatArray:
        """Trade that the programme can reach today [GUSD2025/yr]."""
        return self.base * self.share

    def log_effect(self, time_yr: FloatArray, specification: str) -> FloatArray:
        """Return what the programme does to the trade it reaches, shape (n,) [log points]."""
        return self.depth * self.factor * phased(self.delivered, time_yr, specification)


@dataclass(frozen=True, slots=True)
class Displaced:
    """Who gains and who loses, shape (n, regions).

    Attributes
    ----------
    exports, sales : float array [GUSD2025/yr]
        Change of what each region sells to all others, and to the partners alone.
    real_income : float array [1]
        Change of real income.
    """

    exports: FloatArray
    sales: FloatArray
    real_income: FloatArray


def delivered_by_year(port: FloatArray | None, fixed: FloatArray) -> FloatArray:
    """Return the share delivered by the start and the end of each year, shape (n, years) [1].

    Parameters
    ----------
    port : float array, shape (n, years), or None
        From the schedule.
    fixed : float array, shape (n,)
        Used without a schedule: there from the start.

    Raises
    ------
    ModelError
        When the port holds one number a member: when it was delivered would be unknown.
    """
    if port is None:
        return np.clip(fixed, 0.0, 1.0)[:, None]
    if port.ndim != 2:
        raise ModelError(
            "port delivered: expected the share delivered by each year (delivered_share_by_year), got one number"
        )
    return np.clip(port, 0.0, 1.0)


def interpolated(by_year: FloatArray, time_yr: FloatArray) -> FloatArray:
    """Return yearly values at a time, linear between years and held after the last, shape (n,).

    Parameters
    ----------
    by_year : float array, shape (n, years)
    time_yr : float array, shape (n,) [yr]
    """
    last = by_year.shape[1] - 1
    place = np.clip(time_yr, 0.0, last)
    left = np.minimum(place.astype(int), max(last - 1, 0))
    part, row = place - left, np.arange(len(place))
    value: FloatArray = by_year[row, left] * (1.0 - part) + by_year[row, np.minimum(left + 1, last)] * part
    return value


def attributed(case: Case, specification: str) -> FloatArray:
    """Return the uplift by the published phase-in at each of `YEARS`, shape (n, years) [GUSD2025/yr]."""
    return np.stack([_attributed_at(case, np.full_like(case.base, y), specification) for y in YEARS], axis=1)


def _attributed_at(case: Case, time_yr: FloatArray, specification: str) -> FloatArray:
    return uplift(case.reached, case.growth, time_yr, case.log_effect(time_yr, specification))


def accounting(case: Case) -> FloatArray:
    """Return the whole rise of the trade reached since the start, whatever caused it, shape (n, years)
    [GUSD2025/yr]."""
    return np.stack([_accounted_at(case, np.full_like(case.base, y)) for y in YEARS], axis=1)


def _accounted_at(case: Case, time_yr: FloatArray) -> FloatArray:
    grown = (1.0 + case.growth) ** time_yr * np.exp(case.log_effect(time_yr, "plain"))
    rise: FloatArray = case.reached * (grown - 1.0)
    return rise


def _ease(case: Case, time_yr: FloatArray, regions: int, pairs: NDArray[np.bool_]) -> FloatArray:
    """Return the change of trade costs between the partners: only the share reached becomes easier, (n, r, r)."""
    direct = 1.0 + case.share * np.expm1(case.log_effect(time_yr, "plain"))
    return np.where(pairs, direct[:, None, None], np.ones((regions, regions)))


def _pairs(prepared: Mapping[str, Any]) -> NDArray[np.bool_]:
    partner = np.isin(np.arange(len(prepared["flow"])), prepared["partners"])
    return np.outer(partner, partner) & ~np.eye(len(partner), dtype=bool)


def equilibrium(case: Case, prepared: Mapping[str, Any]) -> FloatArray:
    """Return the uplift once prices, incomes and everybody's other choices have answered, shape (n, years).

    Only the share reached of the partners' trade becomes easier, by the effect of the attribution route without
    globalisation controls; the relative change of the trade between the partners applies to the base trade as it has
    grown.

    Returns
    -------
    float array, shape (n, years) [GUSD2025/yr]
        Where no table of flows is given prices are held, and the answer is that of the attribution route.
    """
    if "flow" not in prepared:
        return attributed(case, "plain")
    world, pairs = world_of(prepared["flow"]), _pairs(prepared)
    today = float(world.flow[pairs].sum())
    found = []
    for year in YEARS:
        time = np.full_like(case.base, year)
        new = _solve(case, world, time, pairs).flow
        change = np.sum(np.where(pairs, new - world.flow, 0.0), axis=(1, 2)) / today
        found.append(case.base * (1.0 + case.growth) ** time * change)
    return np.stack(found, axis=1)


def _solve(case: Case, world: World, time_yr: FloatArray, pairs: NDArray[np.bool_]) -> Equilibrium:
    return solve(world, _ease(case, time_yr, len(world.output), pairs), case.elasticity)


def displaced(case: Case, prepared: Mapping[str, Any], time_yr: FloatArray) -> Displaced:
    """Return what the programme does to every region of the table at the time of the claim, at today's flows."""
    if "flow" not in prepared:
        nothing = np.zeros((len(case.base), 0))
        return Displaced(nothing, nothing.copy(), nothing.copy())
    world, pairs = world_of(prepared["flow"]), _pairs(prepared)
    found = _solve(case, world, time_yr, pairs)
    to_partners = np.isin(np.arange(len(world.output)), prepared["partners"])[None, :] & ~np.eye(
        len(world.output), dtype=bool
    )
    return Displaced(
        exports=exports(found.flow) - exports(world.flow),
        sales=np.sum(np.where(to_partners, found.flow - world.flow, 0.0), axis=2),
        real_income=found.real_income - 1.0,
    )
