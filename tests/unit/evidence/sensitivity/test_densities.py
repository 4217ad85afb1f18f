"""Sums of bumps on a grid against the plain double loop, and delta against its definition on repeated rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gaussian_kde

from accord.evidence.sensitivity.delta import class_edges, delta
from accord.evidence.sensitivity.kernels import bumps_on_grid, density


@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.floats(0.002, 30.0),
    points=st.integers(2, 130),
    tail=st.sampled_from(["even", "normal", "heavy", "corner"]),
)
@settings(max_examples=150, deadline=None)
def test_bumps_are_the_plain_double_sum(seed: int, width: float, points: int, tail: str) -> None:
    """Wide or narrow against the grid, within it, at its corner or mostly outside it."""
    rng = np.random.default_rng(seed)
    values = {
        "even": rng.uniform(-3.0, 3.0, 60),
        "normal": rng.normal(0.0, 1.0, 60),
        "heavy": rng.standard_cauchy(60) * 5.0,
        "corner": rng.uniform(2.9, 3.1, 60),
    }[tail]
    weights = rng.integers(1, 5, 60).astype(float)
    start, step = -3.0, 6.0 / (points - 1)
    grid = start + step * np.arange(points)
    plain = (weights * np.exp(-((grid[:, None] - values) ** 2) / (2.0 * width**2))).sum(axis=1)
    np.testing.assert_allclose(
        bumps_on_grid(values, weights, start, step, points, width), plain, rtol=1e-11, atol=1e-16
    )


def test_the_density_is_that_of_the_repeated_rows() -> None:
    """Rows taken more than once, or not at all, count as often; scipy's estimate with Silverman's width beside it."""
    rng = np.random.default_rng(3)
    values, times = rng.gamma(2.0, size=300), rng.integers(0, 4, 300)
    grid = np.linspace(0.0, values.max(), 100)
    own = density(values, times.astype(float), 0.0, grid[1], 100)
    peer = gaussian_kde(np.repeat(values, times), bw_method="silverman")(grid)
    np.testing.assert_allclose(own, peer, rtol=1e-11, atol=1e-18)


@pytest.mark.parametrize("spread", [1.0, 1e-3, 40.0])
def test_delta_is_the_area_between_densities(spread: float) -> None:
    """From scratch: sort, cut into classes, two densities, the area between; outputs even, discrete and heavy."""
    rng = np.random.default_rng(11)
    x = rng.random((400, 2))
    y = np.round(x[:, 0], 1) + spread * rng.standard_t(2, 400)
    picks = np.stack([np.arange(400), rng.integers(0, 400, 400), rng.integers(0, 400, 400)])
    grid = np.linspace(y.min(), y.max(), 100)
    edges = class_edges(400)
    found = np.zeros((3, 2))
    for sample, rows in enumerate(picks):
        for column in range(2):
            taken = y[rows][np.argsort(x[rows, column], kind="stable")]
            whole = gaussian_kde(taken, bw_method="silverman")(grid)
            for low, high in pairwise(edges):
                within = gaussian_kde(taken[low:high], bw_method="silverman")(grid)
                found[sample, column] += (high - low) / 800.0 * np.trapezoid(np.abs(whole - within), grid)
    expected = (2.0 * found[0] - found[1:]).mean(axis=0)
    np.testing.assert_allclose(delta(x, y, picks=picks).delta, expected, atol=1e-12)
