"""Sensitivity methods against published values, exact answers, and what they must refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import ks_2samp
from tests.unit.engine.test_draw import column, plan_of
from tests.unit.evidence.sensitivity.recipe import g_function, ishigami

from accord.engine.draw import draw, sobol_uniforms
from accord.evidence.sensitivity.delta import delta
from accord.evidence.sensitivity.morris import elementary_effects, quantile_levels, trajectories
from accord.evidence.sensitivity.pawn import pawn
from accord.evidence.sensitivity.shapley import given_data, order_design, order_effects
from accord.evidence.sensitivity.sobol import saltelli_rows, sobol_indices
from accord.evidence.sensitivity.target import first_order

FIRST, TOTAL = np.array([0.3139, 0.4424, 0.0]), np.array([0.5576, 0.4424, 0.2437])
SHAPLEY = (FIRST + TOTAL) / 2  # with no more than one interacting pair, half of it goes to each


def to_range(u: np.ndarray) -> np.ndarray:
    return 2 * np.pi * u - np.pi


def test_ishigami_by_sobol() -> None:
    """Ishigami & Homma (1990), a = 7, b = 0.1: exact indices, to .01 at 2**14 points."""
    rows = saltelli_rows(sobol_uniforms(6, 2**14, 1, "ishigami"), second_order=True)
    found = sobol_indices(ishigami(to_range(rows)), 3, second_order=True)
    np.testing.assert_allclose(found.first, FIRST, atol=0.01)
    np.testing.assert_allclose(found.total, TOTAL, atol=0.01)
    assert found.second is not None
    assert found.second[0, 2] == pytest.approx(TOTAL[2], abs=0.02)
    assert abs(found.second[0, 1]) < 0.02
    assert (np.abs(found.first - FIRST) < 2 * found.first_half + 1e-3).all()


def test_ishigami_from_given_data() -> None:
    x = to_range(np.random.default_rng(2).random((2**14, 3)))
    alone = first_order(x, ishigami(x), slices=64)
    np.testing.assert_allclose(alone.share, FIRST, atol=0.015)
    shares = given_data(x, ishigami(x), points=6000)
    np.testing.assert_allclose(shares.share, SHAPLEY, atol=0.03)
    assert shares.share.sum() + shares.left == pytest.approx(1.0)


PRIEUR = np.array([0.33929, 0.66071])
CORRELATION = np.array([[1.0, 0.5], [0.5, 1.0]])


def test_shapley_effects_lie_within_their_intervals() -> None:
    """Owen & Prieur (2017), theorem 3: the case itself is E3 of validation.yaml."""
    scores, order = order_design(CORRELATION, 5_000)
    designed = order_effects((scores * [1.0, 2.0]).sum(axis=-1), order)
    assert designed.share.sum() == pytest.approx(1.0)
    assert (np.abs(designed.share - PRIEUR) < 2 * designed.half).all()
    assert designed.half.max() < 0.03


def test_an_order_design_draws_from_the_conditional_distribution() -> None:
    scores, order = order_design(CORRELATION, 40_000, redraws=2)
    for last in (0, 1):
        chosen = order[:, 0] == last  # the first step redraws this one and holds the other
        held, drawn = scores[chosen, 0, :, 1 - last], scores[chosen, 0, :, last]
        np.testing.assert_array_equal(held[:, 0], held[:, 1])
        rest = drawn - 0.5 * held
        assert rest.std() == pytest.approx(np.sqrt(0.75), abs=0.01)
        assert np.corrcoef(rest[:, 0], rest[:, 1])[0, 1] == pytest.approx(0.0, abs=0.02)
    assert np.corrcoef(scores[:, 1, 0].T)[0, 1] == pytest.approx(0.5, abs=0.02)


def test_what_is_left_out_is_said() -> None:
    """The draws of a run will do too: neighbours come from all of its replicates."""
    names = ("a", "b", "c")
    columns = draw(plan_of(*(column(k) for k in names)), 4096, seed=3).columns
    x = np.stack([columns[k] for k in names], axis=1)
    found = given_data(x[:, :1], x[:, 0] + x[:, 1], points=4096)
    assert found.share[0] == pytest.approx(0.5, abs=0.03)
    assert found.left == pytest.approx(0.5, abs=0.03)


def test_equal_values_are_neighbours_by_chance() -> None:
    rng = np.random.default_rng(1)
    switch, x = (rng.random(8000) < 0.5).astype(float), rng.random(8000)
    found = given_data(np.stack([switch, x], axis=1), switch + 0.1 * x)
    assert found.share[0] == pytest.approx(0.997, abs=0.02)


def test_target_sensitivity_of_a_threshold() -> None:
    """P(x1 + x2 > 1) with uniforms: Var E[1|x1] = Var(x1) = 1/12 of Var = 1/4, a third for each alone."""
    x = sobol_uniforms(3, 2**14, 4, "target")
    holds = (x[:, 0] + x[:, 1] > 1.0).astype(float)
    found = first_order(x, holds)
    np.testing.assert_allclose(found.share, [1 / 3, 1 / 3, 0.0], atol=0.02)
    assert (found.half > 0).all()
    assert abs(found.share[2]) < found.half[2] + 0.002


def test_noise_has_no_share_on_average() -> None:
    rng = np.random.default_rng(5)
    shares = [first_order(rng.random((640, 1)), rng.random(640), resamples=0).share[0] for _ in range(400)]
    assert np.mean(shares) == pytest.approx(0.0, abs=4 * np.std(shares) / 20)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_pawn_is_the_distance_between_the_samples(seed: int, ties: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.random((200, 1))
    y = np.floor((x[:, 0] + rng.random(200)) * 10 * ties) / ties
    found = pawn(x, y, slices=4).distance[0]
    edges = np.quantile(x[:, 0], np.arange(5) / 4)
    for s in range(4):
        inside = (x[:, 0] >= edges[s]) & (x[:, 0] < edges[s + 1])
        assert found[s] == pytest.approx(ks_2samp(y[inside], y).statistic, abs=1e-12)


def test_pawn_of_a_switch_and_of_noise() -> None:
    rng = np.random.default_rng(2)
    switch = (rng.random(4000) < 0.25).astype(float)
    found = pawn(np.stack([switch, rng.random(4000)], axis=1), switch + 1e-3 * rng.random(4000))
    assert found.distance[0, 0] == pytest.approx(0.25, abs=0.03)
    assert found.distance[0, 1] == pytest.approx(0.75, abs=0.03)
    assert (found.distance[1] > found.noise).sum() <= 2


def test_delta_is_0_for_noise_and_knows_a_bent_effect() -> None:
    x = np.random.default_rng(3).random((4000, 2))
    found = delta(x, (x[:, 0] - 0.5) ** 2, resamples=20)
    assert found.delta[0] > 0.6
    assert found.delta[1] < 0.1 * found.delta[0]


def test_trajectories_move_each_input_once_and_spread_out() -> None:
    paths = trajectories(5, 8, levels=4, seed=1)
    assert paths.shape == (8, 6, 5)
    step = np.diff(paths, axis=1)
    assert (np.count_nonzero(step, axis=2) == 1).all()
    np.testing.assert_allclose(np.abs(step).sum(axis=(1, 2)), 5 * 2 / 3)
    assert set(np.round(quantile_levels(paths, 4).ravel(), 6)) == {0.125, 0.375, 0.625, 0.875}
    np.testing.assert_array_equal(paths, trajectories(5, 8, levels=4, seed=1))

    def apart(sample: np.ndarray) -> float:
        flat = sample.reshape(len(sample), -1)
        return float(np.linalg.norm(flat[:, None] - flat, axis=2).sum())

    assert apart(paths) > apart(trajectories(5, 8, levels=4, pool=1, seed=1))


def test_elementary_effects_of_a_line_are_its_slopes() -> None:
    paths = trajectories(3, 6, seed=2)
    found = elementary_effects(paths, (paths @ [3.0, -2.0, 0.0]).ravel())
    np.testing.assert_allclose(found.mean, [3.0, -2.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found.absolute, [3.0, 2.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found.spread, 0.0, atol=1e-12)
    bent = elementary_effects(paths, (paths[:, :, 0] * paths[:, :, 1]).ravel())
    assert bent.spread[0] > 0.1
    assert bent.absolute[2] == 0.0


def test_shares_of_the_g_function() -> None:
    """Saltelli & Sobol' (1995): first order shares are a_i with variance 1 / (3 (1 + a)^2) each, over their product."""
    rows = saltelli_rows(sobol_uniforms(8, 2**12, 5, "g"))
    alone = 1.0 / (3.0 * (1.0 + np.arange(4)) ** 2)
    whole = np.prod(1.0 + alone) - 1.0
    found = sobol_indices(g_function(rows), 4)
    np.testing.assert_allclose(found.first, alone / whole, atol=0.01)
    rest = np.array([alone[i] * np.prod(1.0 + np.delete(alone, i)) for i in range(4)]) / whole
    np.testing.assert_allclose(found.total, rest, atol=0.01)


@settings(max_examples=20)
@given(st.integers(1, 5), st.booleans())
def test_saltelli_rows_change_one_coordinate(d: int, second: bool) -> None:
    points = np.random.default_rng(d).random((4, 2 * d))
    rows = saltelli_rows(points, second_order=second).reshape(4, -1, d)
    a, b = points[:, :d], points[:, d:]
    np.testing.assert_array_equal(rows[:, 0], a)
    np.testing.assert_array_equal(rows[:, -1], b)
    for j in range(d):
        np.testing.assert_array_equal(np.where(np.arange(d) == j, b, a), rows[:, 1 + j])
        if second:
            np.testing.assert_array_equal(np.where(np.arange(d) == j, a, b), rows[:, 1 + d + j])


def test_what_cannot_be_shared_out() -> None:
    x, flat = np.random.default_rng(0).random((400, 2)), np.full(400, 3.0)
    order = np.zeros((4, 2), dtype=int)
    for call in (lambda: sobol_indices(flat, 2), lambda: given_data(x, flat), lambda: first_order(x, flat),
                 lambda: delta(x, flat), lambda: order_effects(np.ones((4, 2, 3)), order)):  # fmt: skip
        with pytest.raises(ValueError, match="never changes"):
            call()
    broken = x[:, 0].copy()
    broken[3] = np.nan
    for refuse in (lambda: sobol_indices(broken, 2), lambda: pawn(x, broken), lambda: delta(x, broken),
                   lambda: elementary_effects(trajectories(1, 200), broken)):  # fmt: skip
        with pytest.raises(ValueError, match="finite"):
            refuse()
    with pytest.raises(ValueError, match="multiple of 4"):
        sobol_indices(np.arange(7.0), 2)
    with pytest.raises(ValueError, match="even number of levels"):
        trajectories(2, 3, levels=3)
    with pytest.raises(ValueError, match="1 to 12 inputs"):
        given_data(np.ones((400, 13)), x[:, 0])


def test_a_seed_gives_the_same_bytes() -> None:
    x = ndtr(np.random.default_rng(6).standard_normal((500, 3)))
    y = ishigami(to_range(x))
    for call in (lambda: given_data(x, y, seed=3).share, lambda: delta(x, y, resamples=3, seed=3).delta,
                 lambda: first_order(x, y, slices=10, seed=3).half):  # fmt: skip
        assert call().tobytes() == call().tobytes()
