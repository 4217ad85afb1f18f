"""Heavy tails have no mean, light ones have."""

from __future__ import annotations

import math

import numpy as np
import pytest

from accord.engine.tails import mean_or_none, tail_index


@pytest.mark.parametrize("alpha", [0.8, 1.0, 1.5, 3.0])
def test_the_index_of_a_pareto_tail(alpha: float) -> None:
    values = np.random.default_rng(1).pareto(alpha, 200_000)
    assert tail_index(values) == pytest.approx(alpha, rel=0.15)


def test_no_mean_where_there_is_none() -> None:
    rng = np.random.default_rng(2)
    assert mean_or_none(rng.standard_cauchy(20_000)) is None
    assert mean_or_none(rng.pareto(0.9, 20_000)) is None
    assert mean_or_none(-rng.pareto(0.9, 20_000)) is None
    normal = rng.standard_normal(20_000)
    for values in (normal, rng.random(20_000), np.exp(0.5 * normal), rng.pareto(2.5, 20_000)):
        assert mean_or_none(values) == pytest.approx(values.mean())


def test_constants_and_small_samples_keep_their_mean() -> None:
    assert mean_or_none(np.full(1000, 3.0)) == 3.0
    assert mean_or_none(np.array([1.0, 2.0])) == 1.5
    assert tail_index(np.where(np.arange(1000) < 990, 1.0, 2.0)) == math.inf
