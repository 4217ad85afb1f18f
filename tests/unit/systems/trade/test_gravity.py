"""Gravity by PPML: known coefficients come back, dummies agree, and what cannot be estimated is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.trade.gravity import cells, ppml


def panel(seed=0, regions=9, years=3, noise=True):
    rng = np.random.default_rng(seed)
    i, j, t = (a.ravel() for a in np.meshgrid(*map(np.arange, (regions, regions, years)), indexing="ij"))
    keep = i != j
    i, j, t = i[keep], j[keep], t[keep]
    x = rng.normal(size=(len(i), 2))
    out, into = cells(i, t), cells(j, t)
    mean = np.exp(
        x @ [0.7, -0.4] + rng.normal(size=out.max() + 1)[out] + rng.normal(size=into.max() + 1)[into]
    )
    flow = rng.poisson(3 * mean) * 1.0 if noise else mean
    return flow, x, [out, into], cells(np.minimum(i, j), np.maximum(i, j))


def by_dummies(flow, x, effects):
    """The same likelihood by plain Newton steps on every dummy; returns coefficients and expected flows."""
    blocks = [x, np.eye(effects[0].max() + 1)[effects[0]], np.eye(effects[1].max() + 1)[effects[1]][:, 1:]]
    design = np.hstack(blocks)
    b = np.linalg.lstsq(design, np.log(flow + 1.0), rcond=None)[0]
    for _ in range(200):
        mu = np.exp(design @ b)
        step = np.linalg.lstsq(design.T @ (mu[:, None] * design), design.T @ (flow - mu), rcond=None)[0]
        b = b + step
        if np.abs(step).max() < 1e-12:
            break
    return b[:2], np.exp(design @ b), design


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_the_estimates_are_those_of_dummies(seed):
    flow, x, effects, _ = panel(seed, regions=6, years=2)
    fit = ppml(flow, x, effects)
    kept = fit.used
    slim = [cells(g[kept]) for g in effects]
    coefficients, fitted, design = by_dummies(flow[kept], x[kept], slim)
    assert fit.coefficients == pytest.approx(coefficients, abs=1e-6)
    assert fit.fitted[kept] == pytest.approx(fitted, rel=1e-5, abs=1e-8)
    bread = np.linalg.pinv(design.T @ (fitted[:, None] * design))
    meat = design.T @ (((flow[kept] - fitted) ** 2)[:, None] * design)
    n = len(design)
    errors = np.sqrt(np.diag(bread @ meat @ bread)[:2] * n / (n - 1))
    assert fit.standard_errors == pytest.approx(errors, rel=1e-4)


def test_flows_without_noise_give_their_coefficients_exactly():
    flow, x, effects, pairs = panel(noise=False)
    fit = ppml(flow, x, effects, pairs)
    assert fit.coefficients == pytest.approx([0.7, -0.4], abs=1e-8)
    assert fit.fitted == pytest.approx(flow, rel=1e-7)
    assert fit.deviance < 1e-10


def test_the_expected_flows_keep_every_total():
    flow, x, effects, _ = panel(3)
    fit = ppml(flow, x, effects)
    for group in effects:
        assert np.bincount(group, weights=fit.fitted) == pytest.approx(
            np.bincount(group, weights=flow), rel=1e-7
        )


def test_clusters_of_one_are_no_clusters_and_copies_in_a_cluster_count_once():
    flow, x, effects, pairs = panel(4)
    alone = ppml(flow, x, effects)
    assert ppml(flow, x, effects, np.arange(len(flow))).standard_errors == pytest.approx(
        alone.standard_errors
    )
    twice = [np.concatenate([g, g]) for g in effects]
    doubled = ppml(np.tile(flow, 2), np.vstack([x, x]), twice, np.concatenate([pairs, pairs])).standard_errors
    assert doubled == pytest.approx(ppml(flow, x, effects, pairs).standard_errors, rel=1e-6)


def test_who_never_trades_tells_nothing():
    flow, x, effects, _ = panel(5)
    flow[effects[0] == 4] = 0.0
    fit = ppml(flow, x, effects)
    assert not fit.used[effects[0] == 4].any()
    assert (fit.fitted[~fit.used] == 0).all()


def test_what_cannot_be_estimated_is_told_in_one_line():
    flow, x, effects, _ = panel(6)
    own = np.random.default_rng(0).normal(size=effects[0].max() + 1)[effects[0]]
    cases = [
        (np.where(np.arange(len(flow)) == 7, -1.0, flow), x, "flow -1 in row 7"),
        (np.where(np.arange(len(flow)) == 3, np.nan, flow), x, "flow nan in row 3"),
        (flow, np.where(x > 3, np.inf, x), "missing or infinite in row"),
        (0 * flow, x, "every flow is zero"),
        (flow, np.column_stack([x[:, 0], own]), "regressor 1 is explained by the fixed effects"),
        (flow, np.column_stack([x, x[:, 0] + x[:, 1]]), "collinear"),
        (flow[:-1], x, "one row for each observation"),
    ]
    for y, regressors, words in cases:
        with pytest.raises(ModelError, match=words) as caught:
            ppml(y, regressors, effects)
        assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match="at least one set"):
        ppml(flow, x, [])


def test_a_regressor_that_separates_is_told():
    flow, x, effects, _ = panel(8)
    mark = (np.arange(len(flow)) % 5 == 0).astype(float)
    with pytest.raises(ModelError, match=r"separates|settle"):
        ppml(np.where(mark > 0, 0.0, flow + 1.0), np.column_stack([x, mark]), effects)
