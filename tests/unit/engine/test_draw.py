"""Draws: uniform, independent of neighbours, correlated as stated, the same bytes every time."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, spearmanr

from accord.contract import Horizon, Spread
from accord.engine.correlation import cholesky
from accord.engine.draw import draw, sobol_uniforms
from accord.engine.records import ColumnSpec, Plan
from accord.errors import PlanError
from accord.programme.copula import GAUSSIAN, Copula, score_matrix

UNIFORM = Spread.of("uniform", low=0.0, high=1.0)


def column(name: str, owner: str = "inputs", spread: Spread = UNIFORM) -> ColumnSpec:
    return ColumnSpec(name=name, unit="1", spread=spread, owner=owner)


def plan_of(
    *columns: ColumnSpec,
    correlations: list[tuple[str, str, float]] | None = None,
    copula: Copula = GAUSSIAN,
) -> Plan:
    programme: Any = SimpleNamespace(id="made", title="Made")
    import datetime as dt

    return Plan(
        programme=programme,
        folder=Path(),
        text_hash="",
        horizon=Horizon(dt.date(2026, 1, 1), dt.date(2026, 6, 1), dt.date(2036, 1, 1)),
        nodes={},
        columns={c.name: c for c in columns},
        correlations=correlations or [],
        copula=copula,
    )


def test_each_column_is_uniform() -> None:
    draws = draw(plan_of(column("a"), column("b")), 4096, seed=1)
    for values in draws.columns.values():
        assert kstest(values, "uniform").statistic < 0.004  # plain random numbers would give about 0.014


def test_a_replicate_fills_its_space_evenly() -> None:
    draws = draw(plan_of(column("a"), column("b")), 8 * 256, seed=1)
    for r in range(8):
        member = draws.replicate == r
        cells = np.floor(16 * draws.columns["a"][member]) * 16 + np.floor(16 * draws.columns["b"][member])
        assert np.unique(cells).size == 256  # a (0, 8, 2)-net: one point in every cell


def test_another_owner_leaves_draws_untouched() -> None:
    alone = draw(plan_of(column("a")), 500, seed=4)
    beside = draw(plan_of(column("a"), column("x.b", owner="x")), 500, seed=4)
    np.testing.assert_array_equal(alone.columns["a"], beside.columns["a"])


def test_seed_and_name_decide() -> None:
    one, two = (draw(plan_of(column("a"), column("b")), 64, seed=s).columns for s in (1, 2))
    assert not np.array_equal(one["a"], two["a"])
    assert not np.array_equal(one["a"], one["b"])


def test_replicates_split_evenly() -> None:
    draws = draw(plan_of(column("a")), 13, seed=1, replicates=4)
    assert np.bincount(draws.replicate).tolist() == [4, 3, 3, 3]


def test_a_constant_is_drawn_as_itself() -> None:
    draws = draw(plan_of(column("a", spread=Spread.of("constant", value=3.5))), 9, seed=1)
    assert set(draws.columns["a"]) == {3.5}


@pytest.mark.parametrize("rho", [-0.8, -0.3, 0.5, 0.95])
def test_rank_correlation_is_as_stated(rho: float) -> None:
    draws = draw(plan_of(column("a"), column("b"), correlations=[("a", "b", rho)]), 8192, seed=3)
    assert spearmanr(draws.columns["a"], draws.columns["b"]).statistic == pytest.approx(rho, abs=0.02)
    assert kstest(draws.columns["b"], "uniform").statistic < 0.01


def test_a_column_used_twice_is_one_column() -> None:
    """x - x is 0 in every member and the mean of x x is 1, to four standard errors."""
    x = draw(plan_of(column("x", spread=Spread.of("normal", mean=0.0, sd=1.0))), 100_000, seed=2).columns["x"]
    assert not (x - x).any()
    assert (x * x).mean() == pytest.approx(1.0, abs=4 * np.sqrt(2 / 100_000))


@pytest.mark.parametrize("degrees", [2.0, 4.0, 12.0])
def test_the_t_copula_keeps_the_rank_correlation_and_ties_the_tails(degrees: float) -> None:
    copula, n = Copula("t", degrees), 200_000
    made = plan_of(column("a"), column("b"), correlations=[("a", "b", 0.5)], copula=copula)
    a, b = (draw(made, n, seed=3).columns[k] for k in ("a", "b"))
    assert spearmanr(a, b).statistic == pytest.approx(0.5, abs=0.01)
    assert kstest(a, "uniform").statistic < 0.004
    edge = 0.002
    joint = ((a < edge) & (b < edge)).mean() / edge
    gauss = draw(plan_of(column("a"), column("b"), correlations=[("a", "b", 0.5)]), n, seed=3).columns
    plain = ((gauss["a"] < edge) & (gauss["b"] < edge)).mean() / edge
    limit = copula.tail_dependence(copula.score_correlation(0.5))
    assert joint > 1.2 * plain
    assert limit - 0.06 < joint < limit + 0.16  # from above: the limit is reached slowly


def test_many_degrees_are_the_gaussian_copula() -> None:
    near, exact = Copula("t", 100.0), GAUSSIAN
    for rho in (-0.7, 0.2, 0.9):
        assert near.score_correlation(rho) == pytest.approx(exact.score_correlation(rho), abs=0.004)
        assert near.spearman(near.score_correlation(rho)) == pytest.approx(rho, abs=1e-9)


def test_contradicting_correlations_are_refused_with_the_pairs() -> None:
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    with pytest.raises(PlanError, match=r"contradict each other.*a with"):
        draw(plan_of(column("a"), column("b"), column("c"), correlations=pairs), 16, seed=1)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-0.45, 0.45), min_size=3, max_size=3))
def test_cholesky_restores_its_matrix(rhos: list[float]) -> None:
    names = ["a", "b", "c"]
    matrix = score_matrix(names, {("a", "b"): rhos[0], ("b", "c"): rhos[1], ("a", "c"): rhos[2]})
    lower = cholesky(names, matrix)
    np.testing.assert_allclose(lower @ lower.T, matrix, atol=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 12), st.integers(1, 300), st.integers(0, 2**31 - 1))
def test_sobol_points_lie_inside(dimensions: int, size: int, seed: int) -> None:
    points = sobol_uniforms(dimensions, size, seed, "x")
    assert points.shape == (size, dimensions)
    assert ((points > 0) & (points < 1)).all()
    assert all(np.unique(points[:, d]).size == size for d in range(dimensions))


def test_a_scramble_is_the_same_through_small_and_large_tables() -> None:
    """Few points go through tables of 10 bits, many through tables of 15: the first points agree to the bit."""
    few, many = sobol_uniforms(2, 1000, 5, "tables"), sobol_uniforms(2, 2**15 + 1, 5, "tables")
    np.testing.assert_array_equal(few, many[:1000])
    assert len(np.unique(many[:, 0])) == len(many)
