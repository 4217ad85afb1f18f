"""Scenario discovery: a planted box is found, chance is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.evidence.discovery import LEAST_MASS, bumped_box, find_box


def points(n: int = 4000, k: int = 5, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((n, k))


def test_a_planted_box_is_found_with_its_edges() -> None:
    x = points()
    fails = (x[:, 1] > 0.6) & (x[:, 3] < 0.5)
    box = find_box(x, fails)
    assert box is not None
    assert {s.index for s in box.sides} == {1, 3}
    by = {s.index: s for s in box.sides}
    assert by[1].low == pytest.approx(0.6, abs=0.03)
    assert by[3].high == pytest.approx(0.5, abs=0.03)
    assert by[1].high is None
    assert by[3].low is None
    assert box.density > 0.95
    assert box.coverage > 0.93


def test_noise_does_not_move_it_much() -> None:
    x = points(8000)
    fails = (x[:, 0] > 0.7) ^ (np.random.default_rng(2).random(8000) < 0.05)
    box = find_box(x, fails)
    assert box is not None
    assert [s.index for s in box.sides] == [0]
    assert box.sides[0].low == pytest.approx(0.7, abs=0.03)


def test_an_inner_band_has_two_ends() -> None:
    x = points()
    box = find_box(x, np.abs(x[:, 2] - 0.5) < 0.15)
    assert box is not None
    assert [s.index for s in box.sides] == [2]
    assert box.sides[0].low == pytest.approx(0.35, abs=0.04)
    assert box.sides[0].high == pytest.approx(0.65, abs=0.04)


def test_where_nothing_or_all_fails_there_is_no_box() -> None:
    x = points(100)
    assert find_box(x, np.zeros(100, dtype=bool)) is None
    assert find_box(x, np.ones(100, dtype=bool)) is None
    assert find_box(x[:, :0], x[:, 0] > 0.5) is None


def test_constant_inputs_restrict_nothing() -> None:
    x = points(500, 2)
    x[:, 0] = 3.0
    box = find_box(x, x[:, 1] > 0.5)
    assert box is not None
    assert [s.index for s in box.sides] == [1]


@given(st.integers(0, 10**6), st.floats(0.05, 0.95))
def test_shares_are_shares_of_the_box_it_names(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.random((300, 3))
    fails = (x[:, 0] + 0.5 * rng.random(300)) > rate
    box = find_box(x, fails)
    if box is None:
        return
    inside = np.ones(300, dtype=bool)
    for side in box.sides:
        inside &= x[:, side.index] >= (-np.inf if side.low is None else side.low)
        inside &= x[:, side.index] <= (np.inf if side.high is None else side.high)
        assert side.chance <= 0.05
    assert box.mass == pytest.approx(inside.mean())
    assert box.density == pytest.approx(fails[inside].mean())
    assert box.coverage == pytest.approx((fails & inside).sum() / fails.sum())
    assert box.mass >= LEAST_MASS


def test_bumping_is_never_worse_and_often_better() -> None:
    def merit(box: object) -> float:
        return 2 / (1 / box.density + 1 / box.coverage)  # type: ignore[attr-defined]

    better = 0
    for seed in range(6):
        x = points(400, 6, seed)
        fails = ((x[:, 0] > 0.55) & (x[:, 1] < 0.6) & (x[:, 2] > 0.3)) ^ (
            points(400, 1, seed + 50)[:, 0] < 0.06
        )
        plain, bumped = find_box(x, fails), bumped_box(x, fails, times=30, seed=1)
        assert plain is not None
        assert bumped is not None
        assert merit(bumped) >= merit(plain)
        better += merit(bumped) > merit(plain) + 1e-9
        assert bumped == bumped_box(x, fails, times=30, seed=1)
        assert all(side.chance <= 0.05 for side in bumped.sides)
    assert better >= 3
    assert bumped_box(points(100), np.zeros(100, dtype=bool)) is None
