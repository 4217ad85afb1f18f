"""Joint confidence, its frontier, merge bias and Wilks' sizes."""

from __future__ import annotations

import numpy as np
import pytest

from accord.systems.delivery import confidence

RNG = np.random.default_rng(5)
COST, FINISH = RNG.lognormal(3, 0.4, 5000), RNG.lognormal(4, 0.3, 5000)


def test_limits_themselves_are_within():
    assert confidence.joint_confidence(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 1.0, 1.0) == 0.5


@pytest.mark.parametrize("level", [0.5, 0.7, 0.8])
def test_every_point_of_the_frontier_has_its_confidence_and_no_budget_to_spare(level):
    dates, costs = confidence.frontier(COST, FINISH, level)
    assert len(dates) > 10
    assert (np.diff(dates) > 0).all()
    assert (np.diff(costs) <= 0).all()
    for day, budget in zip(dates, costs, strict=True):
        assert confidence.joint_confidence(COST, FINISH, budget, day) >= level
        assert confidence.joint_confidence(COST, FINISH, np.nextafter(budget, 0), day) < level


def test_no_frontier_where_too_few_members_finish():
    finish = np.where(np.arange(5000) < 3000, FINISH, 1200.0)
    dates, _ = confidence.frontier(COST, finish, 0.7, finish_limit=1200.0)
    assert len(dates) == 0
    dates, _ = confidence.frontier(COST, finish, 0.5, finish_limit=1200.0)
    assert len(dates)
    assert dates.max() < 1200.0


def test_the_marginal_for_a_joint_confidence_reaches_it():
    p = confidence.marginal_for_joint(COST, FINISH, 0.7)
    limits = np.quantile(COST, p, method="inverted_cdf"), np.quantile(FINISH, p, method="inverted_cdf")
    assert confidence.joint_confidence(COST, FINISH, *limits) >= 0.7
    assert p == pytest.approx(np.sqrt(0.7), abs=0.02)  # independent


def test_members_that_never_finish_never_count():
    finish = np.where(np.arange(5000) < 3600, FINISH, np.inf)
    p = confidence.marginal_for_joint(COST, finish, 0.7)
    last = np.max(finish[np.isfinite(finish)])
    assert confidence.joint_confidence(COST, finish, np.quantile(COST, p), last) >= 0.69
    assert confidence.marginal_for_joint(COST, np.full(5000, np.inf), 0.7) == 1.0


def test_merge_bias_of_one_path_is_zero():
    assert confidence.merge_bias(FINISH[None, :]) == 0.0


def test_wilks_sizes_meet_the_bound_and_one_fewer_does_not():
    n = confidence.wilks_sample_size(0.9, 0.99, 2)
    bound = [1 - 0.9**k - k * 0.1 * 0.9 ** (k - 1) for k in (n - 1, n)]
    assert bound[0] < 0.99 <= bound[1]
    with pytest.raises(ValueError, match="between 0 and 1"):
        confidence.wilks_sample_size(1.0, 0.95)
