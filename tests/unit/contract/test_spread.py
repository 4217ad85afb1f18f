"""Quantiles from a table are the exact ones, tails included."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaincinv

from accord.contract import Spread
from accord.contract.spread import _TABLE_FROM


@pytest.mark.parametrize(
    ("alpha", "beta"), [(3, 80), (2, 4), (0.5, 0.5), (1, 1), (50, 2), (500, 700), (1.4, 18.6)]
)
def test_a_table_of_beta_quantiles_keeps_ten_digits(alpha: float, beta: float) -> None:
    ends = 2.0 ** -np.arange(2, 53)
    u = np.concatenate([np.random.default_rng(0).random(_TABLE_FROM), ends, 1 - ends])
    exact = betaincinv(alpha, beta, u)
    np.testing.assert_allclose(Spread.of("beta", alpha=alpha, beta=beta).ppf(u), exact, rtol=1e-10)


def test_few_values_and_steep_shapes_are_solved_for() -> None:
    u = np.linspace(0.01, 0.99, _TABLE_FROM + 1)
    for alpha, n in ((0.1, len(u)), (2.0, 100)):
        np.testing.assert_array_equal(
            Spread.of("beta", alpha=alpha, beta=2.0).ppf(u[:n]), betaincinv(alpha, 2.0, u[:n])
        )
