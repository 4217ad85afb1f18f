"""When the reactor stands still: planned blocks, and forced outages as an alternating renewal process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import ModelError
from accord.systems.plant.catalogue import Reactor

FloatArray = NDArray[np.float64]

__all__ = ["EVENTS", "WIDTH", "Calendar", "calendars", "failure_rate_per_h", "planned_share"]

EVENTS = 192  # candidates a unit and year: enough for an availability of 0.2 with the shortest repairs of the table
_BEFORE_H = 2000.0  # repairs that began so long before the year may reach into it
_HOURS = 8760
WIDTH = 3 * EVENTS + 2  # uniforms for one unit's year
_SHAPE = 2.0  # geometric standard deviation of the time to repair


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year of each member.

    Attributes
    ----------
    available : float array, shape (n, 8760) [1]
        Share of the units that run.
    """

    available: FloatArray

    @property
    def share(self) -> FloatArray:
        """Share of the year that a unit runs on average, shape (n,)."""
        found: FloatArray = self.available.mean(axis=1)
        return found


def planned_share(reactor: Reactor) -> float:
    """Return the share of time that planned outages take."""
    return reactor.planned_day / (reactor.planned_every_month * 30.4375)


def failure_rate_per_h(availability: ArrayLike, reactor: Reactor) -> FloatArray:
    """Return the rate of failures while running, so that with planned outages a unit reaches an availability [1/h].

    Failures come as a Poisson process and one that comes during a repair prolongs it: times between are exponential,
    and with mean time to repair d the share of time free of repairs is ``exp(-rate d)`` (the empty state of the
    M/G/infinity queue; Takacs 1962, Introduction to the Theory of Queues, chapter 3).

    Parameters
    ----------
    availability : float or array [1]
        Share of its energy that the reactor gives over the years.
    reactor : Reactor
    """
    free = np.asarray(availability, dtype=float) / (1.0 - planned_share(reactor))
    return np.asarray(-np.log(np.clip(free, 1e-9, 1.0)) / reactor.repair_h)


def calendars(
    reactor: Reactor, units: int, availability: FloatArray, uniforms: FloatArray, quiet_hour: int
) -> Calendar:
    """Draw the year of each member.

    A member with a lower availability has every failure of one with a higher and more: with the same uniforms the year
    never gets better by lowering it.

    Parameters
    ----------
    reactor : Reactor
    units : int
    availability : float array, shape (n,) [1]
        Over the years; where it leaves less than the planned outages these are shortened.
    uniforms : float array, shape (n, units * `WIDTH`)
    quiet_hour : int
        Of the year, around which planned outages are laid; those of several units one after another.

    Raises
    ------
    ModelError
        When the uniforms are too few.
    """
    n = len(availability)
    if uniforms.shape != (n, units * WIDTH):
        raise ModelError(f"outages need uniforms of shape {(n, units * WIDTH)}, got {uniforms.shape}")
    down = np.zeros((n, _HOURS))
    for unit in range(units):
        down += _down(reactor, unit, availability, uniforms[:, unit * WIDTH : (unit + 1) * WIDTH], quiet_hour)
    return Calendar(1.0 - down / units)


def _down(
    reactor: Reactor, unit: int, availability: FloatArray, u: FloatArray, quiet_hour: int
) -> FloatArray:
    """Return 1 in the hours that a unit stands still, shape (n, 8760)."""
    n, span = len(availability), _HOURS + _BEFORE_H
    highest = EVENTS / span / 1.45  # so that the candidates reach beyond the year's end
    rate = failure_rate_per_h(availability, reactor)
    first, second, third = (u[:, k * EVENTS : (k + 1) * EVENTS] for k in range(3))
    begin = np.cumsum(-np.log1p(-first), axis=1) / highest - _BEFORE_H
    kept = second < np.minimum(rate / highest, 1.0)[:, None]
    length = _repair_h(reactor, third)
    edge = np.zeros((n, _HOURS + 1))
    _mark(edge, begin, np.where(kept, length, 0.0))
    turn = 12.0 / reactor.planned_every_month
    block = 24.0 * reactor.planned_day * np.minimum((1.0 - availability) / planned_share(reactor), 1.0)
    # a year has the whole number of blocks below or above what is due, in the right proportion
    count = np.floor(turn) + (u[:, 3 * EVENTS] < turn - np.floor(turn))
    most = int(np.ceil(turn))
    middle = quiet_hour + 1.2 * 24.0 * reactor.planned_day * unit
    for k in range(most):
        centre = (middle + k * _HOURS / max(most, 1)) % _HOURS
        jitter = 24.0 * 10.0 * (u[:, 3 * EVENTS + 1] - 0.5)
        start = np.clip(centre + jitter - block / 2.0, 0.0, _HOURS - block)
        _mark(edge, start[:, None], np.where(count > k, block, 0.0)[:, None])
    return np.asarray(np.cumsum(edge[:, :-1], axis=1) > 0.5, dtype=float)


def _repair_h(reactor: Reactor, u: FloatArray) -> FloatArray:
    """Return lognormal times to repair with the reactor's mean."""
    from scipy import special

    sd = np.log(_SHAPE)
    return np.asarray(
        reactor.repair_h * np.exp(sd * special.ndtri(np.clip(u, 1e-12, 1 - 1e-12)) - sd**2 / 2.0)
    )


def _mark(edge: FloatArray, begin: FloatArray, length: FloatArray) -> None:
    """Add one at the first hour of each interval and take it off after its last."""
    start = np.clip(np.rint(begin), 0, _HOURS).astype(np.int64)
    stop = np.clip(np.rint(begin + length), 0, _HOURS).astype(np.int64)
    real = (stop > start) & (length > 0.0)
    row = np.broadcast_to(np.arange(len(edge))[:, None], begin.shape)
    np.add.at(edge, (row[real], start[real]), 1.0)
    np.add.at(edge, (row[real], stop[real]), -1.0)
