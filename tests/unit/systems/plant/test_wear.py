"""Cells and their wear: state equations, the loop with the dispatch, ways of keeping a battery up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.contract.alone import Alone
from accord.systems.plant.cells import AGES_YR, curve, duty_of, life_yr, outside_tests, throughput_per_yr
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.wear import marginal_usd_per_mwh, settle, upkeep_factor

DAY = np.interp(np.arange(24), [0, 6, 12, 18, 24], [-0.5, 0.5, 0.5, -0.5, -0.5])


def duty(depth: float, middle: float = 0.5, temperature: float = 25.0):  # type: ignore[no-untyped-def]
    return duty_of(np.tile(middle + depth * DAY, 365), temperature)


@pytest.mark.parametrize("cells", ["lmo", "lfp", "nmc"])
def test_a_curve_starts_whole_and_falls(cells: str) -> None:
    found = curve(cells, duty(0.8))
    assert found[0] == pytest.approx(1.0)
    assert np.all(np.diff(found) <= 1e-12)
    rest = curve(cells, duty_of(np.full(8760, 0.5)))
    assert np.all(rest[1:] > found[1:])
    assert life_yr(found) < 25.0 or found[-1] >= 0.7 or cells != "lmo"


@pytest.mark.parametrize("cells", ["lfp", "nmc"])
def test_warm_cells_age_faster(cells: str) -> None:
    rest = np.full(8760, 0.5)
    assert curve(cells, duty_of(rest, 40.0))[10] < curve(cells, duty_of(rest, 25.0))[10]


def test_throughput_counts_whole_cycles() -> None:
    assert throughput_per_yr(duty(0.8)) == pytest.approx(0.8 * 365)


def test_what_was_not_tested_is_told() -> None:
    assert outside_tests("lfp", duty(0.8)) == ""
    assert "100% of the throughput in days with depths outside 0.8 to 1" in outside_tests("lfp", duty(0.3))
    assert "50 degC outside 10 to 45" in outside_tests("lfp", duty(0.8, temperature=50.0))
    fast = np.tile(np.repeat([0.1, 0.9], 12), 365)
    assert "0.80 of the capacity an hour, tested to 0.65" in outside_tests("lfp", duty_of(fast))
    assert outside_tests("lmo", duty(0.3)) == ""


@given(st.floats(1.0, 80.0), st.floats(0.02, 3.0))
def test_the_loop_finds_where_dispatch_and_life_agree(free: float, slope: float) -> None:
    found = settle(lambda cost: free / (1.0 + slope * cost / free), most=12, close=0.01)
    root = free * (np.sqrt(1.0 + 4.0 * slope) - 1.0) / (2.0 * slope)
    assert found.residual <= 0.01
    assert found.cost_usd_per_mwh == pytest.approx(root, rel=0.02)


def test_a_loop_that_runs_out_says_how_far_it_is() -> None:
    jumps = settle(lambda cost: 20.0 if cost < 10.0 else 2.0, most=5)  # no cost agrees with a step
    assert jumps.evaluations == 5
    assert jumps.residual > 0.1
    assert settle(lambda cost: 0.0).cost_usd_per_mwh == 0.0


def test_marginal_wear_is_the_slope_of_the_cost_of_replacing() -> None:
    found = marginal_usd_per_mwh("lmo", duty(0.8), 50_000.0, 24e6, 0.07)
    assert 5.0 < found < 60.0
    assert marginal_usd_per_mwh("lmo", duty(0.8), 0.0, 24e6, 0.07) == 0.0
    assert found > marginal_usd_per_mwh("lmo", duty(0.2), 50_000.0 / 4.0, 24e6, 0.07)


def test_ways_of_keeping_a_battery_up() -> None:
    lasting = np.linspace(1.0, 0.0, len(AGES_YR))  # 2.5 % a year: 70 % after twelve years
    replaced = float(upkeep_factor(lasting, 0.07, 40.0, "replace")[0])
    assert replaced == pytest.approx(0.07 / (1 - 1.07**-12), rel=1e-9)
    assert float(upkeep_factor(lasting, 0.07, 40.0, "oversize")[0]) == pytest.approx(replaced / 0.7)
    added = float(upkeep_factor(lasting, 0.0, 400.0, "augment")[0])
    # without interest: a cell gives 1 + .975 + ... + .7 full years before it is retired, and one is needed a year
    assert added == pytest.approx(1.0 / np.sum(1.0 - 0.025 * np.arange(13)), rel=0.02)
    longer = upkeep_factor(lasting, [0.07, 0.07], 40.0, "augment", [1.0, 2.0])
    assert longer[1] < longer[0]


@pytest.mark.slow
def test_a_battery_that_counts_its_wear_cycles_less_and_lives_longer() -> None:
    lives = []
    for price in ("0 USD2025/kWh", "120 USD2025/kWh"):
        alone = Alone(SYSTEM, {**EXAMPLE, "cell_price": price})
        prepared = alone.prepared()
        lives.append(life_yr(prepared["remaining"][0, 2]))
        cost = float(prepared["wear_cost"][2])
        assert (cost > 0.0) == price.startswith("120")
        assert float(prepared["wear_residual"].max()) < 0.2
    assert lives[1] > 1.2 * lives[0]


@pytest.mark.slow
def test_members_dispatched_for_themselves_lie_near_the_levels_and_chosen_again_save() -> None:
    between, own = (
        Alone(SYSTEM, {**EXAMPLE, "ensemble": kind, "resized_share": 0.2}) for kind in ("levels", "years")
    )
    members = between.draw(8)
    one, _ = between.evaluate(members)
    two, failures = own.evaluate(members)
    assert not failures
    ratio = members["power_price_usd2025_per_mwh"] / 55.0
    # beyond 1.6 levels stay as at the nearest; between 0.6 and 0.8 the price in the hours at its cap passes what
    # hydrogen is worth, a jump that lies somewhere between the levels
    inside = (ratio > 0.8) & (ratio < 1.6)
    assert inside.sum() >= 5
    for name in ("net_export_gwh_per_yr", "hydrogen_t_per_yr", "battery_life_yr"):
        scale = np.abs(one[name]).max()
        assert np.abs(one[name] - two[name])[inside].max() < 0.05 * scale, name
    done = one["resized"] > 0
    assert done.any()
    assert np.all(one["resized_saving_musd2025_per_yr"][done] >= 0.0)
    assert np.all(one["resized_saving_musd2025_per_yr"][~done] == 0.0)
    assert np.all(one["resized_power_mw"][~done] == 0.0)
    part, _ = between.evaluate({k: v[3:] for k, v in members.items()}, start=3)
    np.testing.assert_array_equal(part["resized_power_mw"], one["resized_power_mw"][3:])
