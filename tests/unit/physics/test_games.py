"""Cost games: shares that add up, the core by two ways, the nucleolus where it is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.physics.games import (
    core_is_empty,
    dearer_together,
    least_core_excess,
    nucleolus,
    players,
    sampled_shapley,
    shapley,
    subadditive,
)

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


@pytest.mark.parametrize(
    ("game", "words"),
    [
        (np.array([1.0, 2, 3, 4]), "cost of nobody"),
        (np.array([0.0, 2, np.nan, 4]), "coalition 2 is missing"),
        (np.array([0.0, 2, 3, np.inf]), "coalition 3 is missing"),
        (np.zeros(2**13), "sampled_shapley"),
    ],
)
def test_a_game_that_makes_no_sense_is_told(game: np.ndarray, words: str) -> None:
    for solve in (shapley, core_is_empty, nucleolus, subadditive):
        with pytest.raises(ValueError, match=words):
            solve(game)


@given(COSTS)
def test_a_game_is_subadditive_where_no_two_lose_by_joining(game: np.ndarray) -> None:
    size = len(game)
    pairs = [(a, b) for a in range(1, size) for b in range(1, size) if not a & b]
    worst = max((game[a | b] - game[a] - game[b] for a, b in pairs), default=0.0)
    assert bool(subadditive(game)) == (worst <= 1e-9 * max(1.0, np.abs(game).max()))
    named = dearer_together(game)
    assert (named is None) == bool(subadditive(game))
    if named is not None:
        a, b = named
        assert not a & b
        assert game[a | b] - game[a] - game[b] == pytest.approx(worst)


def test_a_game_that_is_not_subadditive_has_an_empty_core_and_says_who_loses() -> None:
    game = np.array([0.0, 10, 10, 25])
    assert dearer_together(game) == (2, 1)
    assert bool(core_is_empty(game))
    assert subadditive(np.stack([game, [0.0, 10, 10, 15]])).tolist() == [False, True]


def test_sampled_shares_cover_the_exact_ones_and_add_up() -> None:
    needs = np.array([40.0, 50, 60, 70, 80, 90])
    game = np.array([max((needs[i] for i in range(6) if s >> i & 1), default=0.0) for s in range(64)])
    exact = shapley(game)
    missed = 0
    for seed in range(40):
        shares, half = sampled_shapley(lambda c: float(needs[list(c)].max()), 6, 60, seed)
        assert shares.sum() == pytest.approx(90.0)
        missed += int(np.sum(np.abs(shares - exact) > half))
    assert missed <= 0.12 * 40 * 6  # 5 % expected


def test_many_players_are_sampled_with_an_interval() -> None:
    needs = np.arange(1.0, 21.0)
    calls = []

    def cost(coalition: frozenset[int]) -> float:
        calls.append(coalition)
        return float(needs[list(coalition)].max())

    shares, half = sampled_shapley(cost, 20, 300, 1)
    steps = np.diff(np.concatenate([[0.0], needs])) / np.arange(20, 0, -1)
    exact = np.cumsum(steps)  # the sequential rule of Littlechild & Owen (1973)
    assert np.mean(np.abs(shares - exact) <= 1.5 * half) >= 0.9
    assert shares.sum() == pytest.approx(20.0)
    assert len(calls) == len(set(calls))  # no coalition is computed twice
    again, _ = sampled_shapley(cost, 20, 300, 1)
    assert np.array_equal(shares, again)
    with pytest.raises(ValueError, match="at least 2"):
        sampled_shapley(cost, 20, 1, 1)
    with pytest.raises(ValueError, match="missing"):
        sampled_shapley(lambda c: float("nan"), 3, 2, 1)
