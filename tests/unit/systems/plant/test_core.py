"""The optimisation core on small plants: what must hold for any answer, and what is said where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.plant import diagnosis, solver
from accord.systems.plant.chain import Joint, to_programme
from accord.systems.plant.diagnosis import elastic, explain, ray, simultaneous
from accord.systems.plant.dispatch import CAPACITIES, Plant, build, has, worth_of
from accord.systems.plant.foresight import roll
from accord.systems.plant.interior import Iterate
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.reference import reference_plant, reference_series
from accord.systems.plant.sizing import frontier
from accord.systems.plant.solver import solve

HOURS = 336
PV, PRICE = reference_series(HOURS, noisy=True)
GIVEN = {
    "pv_capacity": 500.0, "battery_power": 80.0, "battery_energy": 300.0, "tes_power": 45.0, "tes_energy": 180.0,
    "hts_capacity": 250.0, "store_energy": 600.0,
}  # fmt: skip


def given(**changes: object) -> Plant:
    return replace(reference_plant(HOURS), cost={}, fixed=GIVEN, **changes)  # type: ignore[arg-type]


def test_two_threads_change_nothing() -> None:
    joint = build(reference_plant(HOURS), [PV, 0.8 * PV], [PRICE, 1.1 * PRICE])
    one, two = solve(joint, "one", threads=1), solve(joint, "two", threads=2)
    assert one.solver == "interior"
    np.testing.assert_array_equal(one.capacities, two.capacities)
    np.testing.assert_array_equal(one.flows[1], two.flows[1])


def test_years_that_share_capacities_cost_no_less_than_each_alone() -> None:
    plant = reference_plant(HOURS)
    years = [(PV, PRICE), (0.7 * PV, 1.2 * PRICE), (PV[::-1], PRICE)]
    alone = [solve(build(plant, *year), "alone").certificate.primal for year in years]
    joint = solve(build(plant, [y[0] for y in years], [y[1] for y in years]), "together")
    assert joint.certificate.primal >= np.mean(alone) * (1 + 1e-9 * np.sign(np.mean(alone)))
    same = solve(build(plant, [PV] * 3, [PRICE] * 3), "the same")
    assert same.certificate.primal == pytest.approx(alone[0], rel=1e-7)


def test_an_absent_component_is_no_column_and_costs_as_one_of_no_size() -> None:
    without = given()
    without = replace(
        without, fixed={k: v for k, v in GIVEN.items() if "battery" not in k and "tes" not in k}
    )
    assert has(without) & {"bc", "bd", "eb", "tc", "td", "es"} == set()
    tiny = replace(without, fixed={**without.fixed, "battery_power": 1e-9, "battery_energy": 1e-9})
    bare, small = solve(build(without, PV, PRICE), "bare"), solve(build(tiny, PV, PRICE), "tiny")
    assert bare.certificate.primal == pytest.approx(small.certificate.primal, rel=1e-8)
    assert "eb" not in bare.named(build(without, PV, PRICE))


def test_worth_is_what_a_larger_capacity_saves() -> None:
    joint = build(given(), PV, PRICE)
    answer = solve(joint, "given", tolerance=1e-8)
    worth = dict(zip(CAPACITIES, worth_of(given(), joint, answer), strict=True))
    for name in ("pv_capacity", "hts_capacity", "battery_power"):
        more = replace(given(), fixed={**GIVEN, name: GIVEN[name] + 0.05})
        saved = (
            answer.certificate.primal
            - solve(build(more, PV, PRICE), "more", tolerance=1e-8).certificate.primal
        )
        assert worth[name] == pytest.approx(saved / 0.05, rel=0.02, abs=0.1)


def test_a_demand_beyond_the_plant_is_named_with_its_hours() -> None:
    with pytest.raises(
        ModelError, match=r"infeasible.*the hydrogen demand is short by up to \d.* MW in 336 hours"
    ):
        solve(build(given(demand_mw=400.0), PV, PRICE), "too much")


def test_a_loop_of_buying_and_selling_is_found_before_solving() -> None:
    with pytest.raises(ModelError, match=r"arbitrage loop.*336 hours \(first: hour 0\)"):
        solve(build(given(grid_mw=np.inf, import_factor=0.9), PV, PRICE), "loop")


def test_what_grows_without_end_is_named() -> None:
    plant = replace(reference_plant(HOURS), grid_mw=np.inf)
    plant = replace(plant, cost={**plant.cost, "pv_capacity": 1e-3})
    with pytest.raises(ModelError, match=r"without end \(unbounded\).*solar output"):
        solve(build(plant, PV, PRICE), "free lunch")


def test_a_reason_is_told_only_when_it_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    plant = reference_plant(HOURS)
    limited = build(replace(plant, most=dict.fromkeys(plant.cost, 2000.0)), PV, PRICE)
    explain(limited, "has an answer")
    assert ray(limited) == (0.0, [])
    endless = build(replace(plant, grid_mw=np.inf, cost={**plant.cost, "pv_capacity": 1e-3}), PV, PRICE)
    assert ray(endless)[0] < 0.0
    exact = diagnosis.optimise

    def halfway(joint: Joint, **options: Any) -> Iterate:
        return exact(joint, **{**options, "most": 4})

    monkeypatch.setattr(diagnosis, "optimise", halfway)
    assert ray(endless) == (0.0, [])
    assert elastic(endless) == ()
    explain(endless, "nothing is proven")


@pytest.mark.slow
def test_two_stores_that_cost_nearly_the_same_take_more_steps_and_are_certified() -> None:
    size = {"solar": "100 MW", "battery_power": "50 MW", "battery_energy": "200 MWh"}
    alone = Alone(SYSTEM, {**EXAMPLE, **size, "climate": "tropical_monsoon", "resized_share": 1.0})
    found, failures = alone.evaluate(alone.draw(12))
    assert not failures
    assert np.all(found["resized"] > 0.0)
    assert np.all(np.isfinite(found["resized_saving_musd2025_per_yr"]))


def test_negative_prices_make_no_loop_but_burn_electricity_in_a_battery_without_wear() -> None:
    price = PRICE - 4.0
    free = replace(given(), battery=(0.95, 0.95, 0.9999, 0.0))
    joint = build(free, PV, price)
    flows = solve(joint, "burning").named(joint)
    found = simultaneous(flows, 2166.0)
    assert found["charging and discharging"] > 0
    assert found["electricity bought and electricity sold"] == 0


def test_a_useless_iterate_is_replaced_by_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    joint = build(given(), PV[:96], PRICE[:96])
    good = solve(joint, "good")

    def useless(joint: object, **_: object) -> Iterate:
        return Iterate(good.flows, tuple(0.0 * y for y in good.duals), good.capacities, 3, 0.0)

    monkeypatch.setattr(solver, "optimise", useless)
    found = solve(joint, "by the reference")
    assert found.solver == "HiGHS"
    assert found.certificate.primal == pytest.approx(good.certificate.primal, rel=1e-7)


def test_the_sparse_programme_has_no_row_or_column_of_what_is_absent() -> None:
    small = replace(given(), fixed={"pv_capacity": 10.0}, demand_mw=0.0, ramp_mw=np.inf, turbine_mw=np.inf)
    assert to_programme(build(small, PV, PRICE)).matrix.shape == (2 * HOURS, 5 * HOURS)  # q, st, pv, imp, exp


def test_seeing_less_costs_more_and_stores_go_on_between_windows() -> None:
    blind, seeing = (roll(given(), PV, PRICE, step=24, ahead=ahead) for ahead in (0, 48))
    assert blind.penalty > seeing.penalty > -1e-8
    level, flow = seeing.flows["eb"], seeing.flows
    change = level[1:] - 0.9999 * level[:-1] - 0.95 * flow["bc"][1:] + flow["bd"][1:] / 0.95
    np.testing.assert_allclose(change, 0.0, atol=1e-5)
    assert level[-1] >= 150.0 - 1e-5
    assert np.abs(np.diff(flow["q"])).max() <= 108.3 + 1e-5


def test_a_frontier_is_convex_and_lowest_at_the_optimum() -> None:
    joint = build(reference_plant(HOURS), PV, PRICE)
    best = solve(joint, "best")
    found = frontier(joint, "pv_capacity", slack=0.02)
    k = int(np.argmin(found.cost))
    assert found.capacity[k] == pytest.approx(best.capacities[0], rel=1e-3)
    slopes = np.diff(found.cost) / np.diff(found.capacity)
    assert np.all(np.diff(slopes) > -1e-3 * np.abs(slopes).max())
    low, high = found.within(0.01)
    assert found.capacity[0] < low < best.capacities[0] < high < found.capacity[-1]
    pinned = replace(joint, low=np.where(np.arange(8) == 0, high, 0.0))  # that much of it, and the rest anew
    cost = solve(pinned, "pinned").certificate.primal
    assert (cost - best.certificate.primal) / abs(best.certificate.primal) == pytest.approx(0.01, abs=0.0012)
