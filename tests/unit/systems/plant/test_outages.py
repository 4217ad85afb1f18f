"""Outages: a stated availability is reached, worse never helps, and the hours are those of repairs and plans."""

from __future__ import annotations

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.plant.catalogue import reactor
from accord.systems.plant.dispatch import Plant, build
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.outages import WIDTH, calendars, failure_rate_per_h, planned_share
from accord.systems.plant.solver import solve
from accord.systems.plant.year import plant_of

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("name", ["phwr_700", "vver_1200", "smr_pwr"])
@pytest.mark.parametrize("availability", [0.5, 0.725, 0.83, 0.95])
def test_the_stated_load_factor_is_reached(name: str, availability: float) -> None:
    n = 1200
    drawn = calendars(reactor(name), 1, np.full(n, availability), RNG.random((n, WIDTH)), 5000).share
    assert drawn.mean() == pytest.approx(availability, abs=3.0 * drawn.std() / np.sqrt(n) + 0.004)


def test_a_lower_availability_never_makes_an_hour_better() -> None:
    uniforms = RNG.random((60, WIDTH))
    years = [
        calendars(reactor("phwr_700"), 1, np.full(60, a), uniforms, 4000).available for a in (0.95, 0.8, 0.6)
    ]
    assert np.all(years[1].sum(axis=1) <= years[0].sum(axis=1))
    assert np.all(years[2].sum(axis=1) <= years[1].sum(axis=1))


def test_outages_are_few_and_whole_and_the_plan_lies_in_the_quiet_month() -> None:
    source = reactor("phwr_700")
    quiet = 4000
    # as good as the plan allows: no failure is left
    best = 1.0 - planned_share(source)
    assert float(failure_rate_per_h(best, source)) == pytest.approx(0.0, abs=1e-9)
    year = calendars(source, 1, np.full(400, best), RNG.random((400, WIDTH)), quiet).available
    hours = (1.0 - year).sum(axis=1)
    assert set(np.unique(np.rint(hours))) <= {0.0, 24.0 * source.planned_day}
    assert 0.4 < float((hours > 0).mean()) < 0.6  # every second year
    where = np.flatnonzero((1.0 - year).sum(axis=0) > 0)
    assert abs(where.mean() - quiet) < 24 * 10
    worse = calendars(source, 1, np.full(200, 0.8), RNG.random((200, WIDTH)), quiet).available
    starts = (np.diff(worse, axis=1) < 0).sum(axis=1)
    assert 4 < starts.mean() < 25  # about a dozen trips, not hundreds of single hours


def test_units_stand_still_one_after_another() -> None:
    two = calendars(reactor("phwr_700"), 2, np.full(300, 0.83), RNG.random((300, 2 * WIDTH)), 5000)
    assert set(np.unique(two.available)) <= {0.0, 0.5, 1.0}
    assert float((two.available == 0.0).mean()) < 0.06
    with pytest.raises(ModelError, match="uniforms of shape"):
        calendars(reactor("phwr_700"), 2, np.full(3, 0.83), np.zeros((3, WIDTH)), 5000)


def test_the_dispatch_obeys_a_calendar_and_may_trip_faster_than_it_ramps() -> None:
    hours = 240
    available = np.ones(hours)
    available[50:90] = 0.0
    plant = Plant(
        heat_high_mw=100.0, heat_low_mw=60.0, ramp_mw=5.0, efficiency=0.33, extraction_loss=0.2, grid_mw=200.0,
        hts_yield=0.9, hts_heat=0.17, sale=90.0, demand_mw=3.0, least={"hts": 1.0}, fixed={"hts_capacity": 10.0},
    )  # fmt: skip
    joint = build(plant, np.zeros(hours), np.full(hours, 40.0), available)
    flow = solve(joint, "outage").named(joint)
    assert np.all(flow["q"][50:90] == pytest.approx(0.0, abs=1e-6))
    assert np.all(flow["hts"][50:90] == pytest.approx(0.0, abs=1e-6))
    assert np.all(flow["q"][:50] == pytest.approx(100.0, abs=1e-5))
    assert np.all(flow["q"][95:] >= 60.0 - 1e-6)
    # back on line at full power at once, or along the ramp: never faster than the trip itself
    running = np.concatenate([flow["q"][:50], flow["q"][91:]])
    assert np.abs(np.diff(running[:49])).max() < 5.0 + 1e-6


def test_baseload_keeps_full_power_and_a_flexible_reactor_follows_prices() -> None:
    alone = Alone(SYSTEM, {**EXAMPLE, "reactor_policy": "flexible"})
    base, flexible = plant_of(Alone(SYSTEM, EXAMPLE).model()), plant_of(alone.model())
    assert base.heat_low_mw == base.heat_high_mw
    assert flexible.heat_low_mw == pytest.approx(0.3 * flexible.heat_high_mw)
