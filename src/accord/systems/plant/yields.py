"""What the plant gives in a year: dispatched sums with a member's outages, dust of years and losses taken off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.systems.plant.catalogue import process
from accord.systems.plant.electrolysis import need_of
from accord.systems.plant.inputs import Design
from accord.systems.plant.members import Yearly
from accord.systems.plant.year import KG_PER_MWH_H2, SUMS

FloatArray = NDArray[np.float64]
Members = Mapping[str, FloatArray]

__all__ = ["FIELD_YR", "Yields", "kept", "mean_over_life", "of_a_year"]

FIELD_YR = 30.0  # after which the modules are replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Yields:
    """A year, each of shape (n,).

    Attributes
    ----------
    nuclear, solar : float array [MWh]
        Electricity made.
    net : float array [MWh]
        Sold less bought.
    value : float array [MWh]
        The same, each hour weighted by its price over the mean.
    hydrogen_kg : float array [kg]
    process, heat : float array [MWh]
        Electricity and heat that the hydrogen took.
    bought : float array [MWh]
    """

    nuclear: FloatArray
    solar: FloatArray
    net: FloatArray
    value: FloatArray
    hydrogen_kg: FloatArray
    process: FloatArray
    heat: FloatArray
    bought: FloatArray

    @property
    def made(self) -> FloatArray:
        """Electricity made [MWh]."""
        return self.nuclear + self.solar


def kept(rate_per_yr: ArrayLike, years: ArrayLike, discount_per_yr: ArrayLike = 0.0) -> FloatArray:
    """Return what a field gives on average over its years, over the first day's [1]; later years count for less.

    ``sum (1 - d)^(t - 1/2) v^t / sum v^t`` with ``v = 1 / (1 + r)``, as a quotient of geometric series.

    Parameters
    ----------
    rate_per_yr : float or array [1/yr]
        Lost each year, of what was left.
    years : float or array [yr]
    discount_per_yr : float or array [1/yr]
    """
    fading = np.log1p(-np.asarray(rate_per_yr, dtype=float))
    waiting = -np.log1p(np.asarray(discount_per_yr, dtype=float))
    n = np.asarray(years, dtype=float)

    def series(growth: FloatArray) -> FloatArray:
        near = np.abs(growth) < 1e-15
        safe = np.where(near, 1.0, growth)
        return np.asarray(np.where(near, n, np.exp(safe) * np.expm1(n * safe) / np.expm1(safe)))

    return np.asarray(series(fading + waiting) / series(waiting + 0.0 * fading) * np.exp(-0.5 * fading))


def of_a_year(members: Members, design: Design, year: Yearly) -> Yields:
    """Return any one year of the life: the drawn weather and outages, the field in the middle of its degradation."""
    worn = kept(members["solar_degradation_per_yr"], min(FIELD_YR, design.life_yr))
    return _with(design, year, year.running, year.outage_price, members["solar_factor"] * worn)


def mean_over_life(members: Members, design: Design, year: Yearly) -> Yields:
    """Return the year that stands for the whole life in a levelised cost.

    The reactor runs as it does over the years, not as in the one year drawn; the field's later years count for less,
    as money's do.
    """
    life = min(FIELD_YR, design.life_yr)
    worn = kept(members["solar_degradation_per_yr"], life, members["discount_rate_per_yr"])
    running = members["nuclear_availability"] if design.reactor is not None else np.ones_like(year.running)
    return _with(design, year, running, year.outage_price, members["solar_factor"] * worn)


def _with(
    design: Design, year: Yearly, running: FloatArray, outage_price: FloatArray, factor: FloatArray
) -> Yields:
    """Return a year with other shares of reactor and field than were dispatched.

    What is made less is not sold: at the price of the hours of outage, and at what the field's output sells at. A
    process with heat stands still with the reactor, one without goes on with bought electricity.
    """
    full = {name: year.sums[:, k] for k, name in enumerate(SUMS)}
    nuclear = running / np.maximum(year.dispatched_running, 1e-6)
    solar = factor / np.maximum(year.dispatched_factor, 1e-6)
    way = process(design.hydrogen) if design.hydrogen is not None else None
    heated = way is not None and way.heat_degc is not None
    making = nuclear if heated else np.ones_like(nuclear)
    lost = {"nuclear": (1.0 - nuclear) * full["nuclear"], "solar": (1.0 - solar) * full["solar"]}
    saved = (1.0 - making) * full["process"]
    sells = np.divide(
        full["solar_value"], full["solar"], out=np.ones_like(nuclear), where=full["solar"] > 1e-9
    )
    kilograms = making * full["hydrogen"] * KG_PER_MWH_H2
    heat = need_of(way, design.hydrogen_pressure_bar).heat_kwh_per_kg if way is not None else 0.0
    return Yields(
        nuclear=nuclear * full["nuclear"],
        solar=solar * full["solar"],
        net=full["export"] - full["import"] - lost["nuclear"] - lost["solar"] + saved,
        value=full["export_value"] - full["import_value"] - (lost["nuclear"] - saved) * outage_price
        - lost["solar"] * sells,
        hydrogen_kg=kilograms,
        process=making * full["process"],
        heat=kilograms * heat / 1000.0,
        bought=full["import"],
    )  # fmt: skip
