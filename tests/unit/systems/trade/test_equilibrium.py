"""Exact hat algebra: markets clear, nothing happens without a change, and two partners trade at others' cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.trade.equilibrium import exports, solve, world_of
from accord.systems.trade.iterated import iterate


def made(seed, regions):
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1, regions)
    flow = rng.lognormal(0, 0.6, (regions, regions)) * np.outer(size, size)
    return flow + np.diag(5 * size * size.sum()), rng


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.floats(1.5, 12))
def test_every_market_clears_and_every_region_spends_what_it_has(seed, regions, elasticity):
    flow, rng = made(seed, regions)
    world = world_of(flow)
    ease = rng.lognormal(0, 0.7, (3, regions, regions))
    found = solve(world, ease, np.full(3, elasticity))
    earned = found.price * world.output
    assert found.flow.sum(axis=2) == pytest.approx(earned, rel=1e-8)
    assert earned.sum(axis=1) == pytest.approx(world.output.sum(), rel=1e-10)
    spent = found.flow.sum(axis=1)
    ratio = spent / (found.price * world.spending)
    assert ratio == pytest.approx(np.broadcast_to(ratio[:, :1], ratio.shape), rel=1e-9)
    assert found.real_income == pytest.approx(spent / world.spending / found.price_index, rel=1e-9)


def test_nothing_changes_without_a_change():
    flow, _ = made(1, 5)
    found = solve(world_of(flow), np.ones((2, 5, 5)), np.array([3.0, 9.0]))
    assert found.price == pytest.approx(np.ones((2, 5)), abs=1e-9)
    assert found.flow[0] == pytest.approx(flow, rel=1e-9)
    assert found.real_income == pytest.approx(np.ones((2, 5)), abs=1e-9)


def test_the_numeraire_scales_prices_and_nothing_real():
    flow, rng = made(2, 4)
    world, ease = world_of(flow), rng.lognormal(0, 0.5, (1, 4, 4))
    plain = solve(world, ease, np.array([5.0]))
    held = solve(world, ease, np.array([5.0]), numeraire=2)
    assert held.price_index[0, 2] == pytest.approx(1.0)
    assert held.real_income == pytest.approx(plain.real_income, rel=1e-9)
    assert held.price / held.price[:, :1] == pytest.approx(plain.price / plain.price[:, :1], rel=1e-9)


def test_two_partners_gain_and_a_third_region_sells_less_to_them():
    flow = np.array([[100.0, 5, 10], [5, 80, 12], [10, 12, 900]])
    ease = np.ones((1, 3, 3))
    ease[0, 0, 1] = ease[0, 1, 0] = 1.8
    found = solve(world_of(flow), ease, np.array([5.0]))
    assert found.flow[0, 0, 1] > 5
    assert found.flow[0, 2, 0] < 10
    assert found.flow[0, 2, 1] < 12
    assert found.real_income[0, 0] > 1 > found.real_income[0, 2]
    small = np.array([[1e5, 5, 10], [5, 1e5, 12], [10, 12, 1e5]])
    limit = solve(world_of(small), ease, np.array([5.0]))
    assert limit.flow[0, 0, 1] == pytest.approx(
        9.0, rel=1e-3
    )  # nobody's prices move: the direct effect alone


def test_each_member_is_solved_for_itself():
    flow, rng = made(3, 6)
    world, ease, s = world_of(flow), rng.lognormal(0, 0.5, (40, 6, 6)), rng.uniform(2, 9, 40)
    together = solve(world, ease, s)
    for k in (0, 17, 39):
        alone = solve(world, ease[k : k + 1], s[k : k + 1])
        assert np.array_equal(alone.price[0], together.price[k])
        assert np.array_equal(alone.flow[0], together.flow[k])


def test_the_published_iteration_leads_to_the_same_place_where_nobody_has_a_deficit():
    flow, _ = made(4, 5)
    flow = 0.5 * (flow + flow.T)
    change = np.where(np.eye(5) > 0, 1.0, 5.0)
    costs = flow / flow.sum()  # that explain the flows in full
    price, new, turns = iterate(flow, costs, change * costs, 5.0, 0, stop=1e-9)
    exact = solve(world_of(flow), change[None], np.array([5.0]), numeraire=0)
    assert turns > 6
    assert price == pytest.approx(exact.price[0], rel=1e-8)
    assert exports(new) == pytest.approx(exports(exact.flow[0]), rel=1e-8)


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (np.ones((2, 3)), "square"),
        (np.ones((1, 1)), "at least two"),
        (np.array([[1.0, -1], [1, 1]]), "at least zero"),
        (np.array([[1.0, np.nan], [1, 1]]), "finite"),
        (np.array([[1.0, 1], [0, 0]]), "region 1 sells nothing"),
        (np.array([[0.0, 1], [0, 1]]), "region 0 buys nothing"),
    ],
)
def test_a_table_that_is_no_world(flow, words):
    with pytest.raises(ModelError, match=words):
        world_of(flow)


def test_an_elasticity_of_one_or_no_trade_at_all_is_refused():
    world = world_of(np.ones((2, 2)))
    with pytest.raises(ModelError, match="above 1"):
        solve(world, np.ones((1, 2, 2)), np.array([1.0]))
    with pytest.raises(ModelError, match="above zero"):
        solve(world, np.zeros((1, 2, 2)), np.array([3.0]))
