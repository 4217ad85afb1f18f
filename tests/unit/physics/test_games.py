"""Cost games: shares that add up, the core by two ways, the nucleolus where it is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.physics.games import core_is_empty, least_core_excess, nucleolus, players, shapley

COSTS = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.floats(0, 100), min_size=2**k - 1, max_size=2**k - 1).map(
        lambda v: np.array([0.0, *v])
    )
)


@given(COSTS)
def test_shapley_is_the_mean_over_orders_and_adds_up(game: np.ndarray) -> None:
    count = players(game)
    by_orders = np.zeros(count)
    orders = list(itertools.permutations(range(count)))
    for order in orders:
        joined = 0
        for player in order:
            by_orders[player] += game[joined | 1 << player] - game[joined]
            joined |= 1 << player
    shares = shapley(game)
    np.testing.assert_allclose(shares, by_orders / len(orders), atol=1e-9)
    assert shares.sum() == pytest.approx(game[-1], abs=1e-9)


def test_games_of_an_ensemble_are_solved_member_by_member() -> None:
    games = np.random.default_rng(1).random((5, 7, 8))
    games[..., 0] = 0
    together = shapley(games)
    assert together.shape == (5, 7, 3)
    np.testing.assert_array_equal(together[2, 3], shapley(games[2, 3]))


@settings(max_examples=60)
@given(
    st.integers(2, 3).flatmap(lambda k: st.lists(st.integers(0, 20), min_size=2**k - 1, max_size=2**k - 1))
)
def test_the_core_by_balance_is_the_core_by_linear_programme(costs: list[int]) -> None:
    game = np.array([0.0, *map(float, costs)])
    assert bool(core_is_empty(game)) == (least_core_excess(game) < -1e-7)


def test_more_than_three_players_go_through_the_linear_programme() -> None:
    sizes = np.array([s.bit_count() for s in range(16)], dtype=float)
    concave, convex = np.sqrt(sizes), sizes**2
    assert core_is_empty(np.stack([concave, convex])).tolist() == [False, True]


@settings(max_examples=25)
@given(COSTS.filter(lambda g: len(g) <= 8))
def test_the_nucleolus_adds_up_and_lies_in_the_least_core(game: np.ndarray) -> None:
    shares = nucleolus(game)
    count = players(game)
    assert shares.sum() == pytest.approx(game[-1], abs=1e-6)
    if count > 1:
        level = least_core_excess(game)
        for coalition in range(1, 2**count - 1):
            paid = sum(shares[i] for i in range(count) if coalition >> i & 1)
            assert game[coalition] - paid >= level - 1e-5


def test_equal_players_pay_the_same() -> None:
    game = np.array([0.0, 5, 5, 8, 5, 8, 8, 9])
    np.testing.assert_allclose(nucleolus(game), 3.0, atol=1e-7)
    np.testing.assert_allclose(shapley(game), 3.0, atol=1e-12)


@pytest.mark.parametrize("size", [0, 1, 3, 6])
def test_what_is_not_a_game(size: int) -> None:
    with pytest.raises(ValueError, match="2\\*\\*k"):
        players(np.zeros(size))
