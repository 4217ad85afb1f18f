"""Binomial thinning against its definition and against drawn failures."""

import numpy as np
import pytest

from accord.systems.constellation.thinning import at_least, mean


def test_certain_and_impossible() -> None:
    table = [np.array([share, share]) for share in (0.1, 0.2, 0.7)]
    one, two = at_least(table, np.array([1.0, 0.0]), (1, 2))
    np.testing.assert_allclose(one, [0.9, 0.0], atol=1e-15)
    np.testing.assert_allclose(two, [0.7, 0.0], atol=1e-15)


def test_two_satellites_by_hand() -> None:
    table = [np.array([0.0]), np.array([0.0]), np.array([1.0])]
    one, two = at_least(table, np.array([0.8]), (1, 2))
    assert one[0] == pytest.approx(1 - 0.2**2)
    assert two[0] == pytest.approx(0.8**2)


def test_more_satellites_needed_than_ever_in_view() -> None:
    assert at_least([np.array([0.0]), np.array([1.0])], np.array([1.0]), (1, 5))[1][0] == pytest.approx(0.0)


def test_mean_is_thinned_in_proportion() -> None:
    table = [np.array([0.5, 0.5]), np.array([0.0, 0.0]), np.array([0.5, 0.5])]
    np.testing.assert_allclose(mean(table, np.array([1.0, 0.3])), [1.0, 0.3])


def test_agrees_with_drawn_failures() -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 8, 400_000)
    working = rng.binomial(counts, 0.7)
    table = [np.array([np.mean(counts == k)]) for k in range(8)]
    for k, share in zip((1, 2, 4), at_least(table, np.array([0.7]), (1, 2, 4)), strict=True):
        assert share[0] == pytest.approx(np.mean(working >= k), abs=0.004)
