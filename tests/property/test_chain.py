"""Random chains of hours: the interior-point method against the reference solver; no answer is told in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.plant.certificate import certified, certify
from accord.systems.plant.chain import Chain, Joint, to_programme
from accord.systems.plant.solver import reference, solve

SEEDS = st.integers(0, 2**32 - 1)


def random_joint(seed: int) -> Joint:
    """Return one to three chains of a plant-like structure with random numbers; a feasible point is built in."""
    rng = np.random.default_rng(seed)
    hours, years = int(rng.integers(3, 41)), int(rng.integers(1, 4))
    local, linked = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    n, m, sized = int(rng.integers(3, 8)) + 2 * linked, local + linked, int(rng.integers(0, 4))
    now = np.where(rng.random((m, n)) < 0.4, rng.uniform(-1.5, 1.5, (m, n)), 0.0)
    before = np.zeros((m, n))
    for k in range(linked):  # a store: what it holds, less what it held
        now[:, k] = 0.0
        now[local + k, k] = 1.0
        before[local + k, k] = -rng.uniform(0.7, 1.0)
        now[local + k, linked + k] = -rng.uniform(0.5, 1.0)
    for r in range(m):
        now[r, int(rng.integers(2 * linked, n))] += 1.0
    capacity = (
        np.where(rng.random(n) < 0.5, rng.integers(0, max(sized, 1), n), -1) if sized else np.full(n, -1)
    )
    chains, size = [], rng.uniform(1.0, 3.0, sized)
    for _ in range(years):
        share = np.where(rng.random((n, hours)) < 0.1, 0.0, rng.uniform(0.2, 1.0, (n, hours)))
        low = np.where(capacity >= 0, 0.0, rng.uniform(-1.0, 0.5, n))[:, None] * np.ones(hours)
        high = np.where((rng.random(n) < 0.7)[:, None], low + rng.uniform(0.0, 3.0, (n, hours)), np.inf)
        high[capacity >= 0] = np.inf
        most = np.where((capacity >= 0)[:, None], share * (size[capacity][:, None] if sized else 0.0), high)
        point = low + rng.random((n, hours)) * np.minimum(most - low, 2.0)
        cyclic = rng.random(m) < 0.7
        past = before @ np.roll(point, 1, axis=1)
        past[~cyclic, 0] = 0.0
        chains.append(
            Chain(
                columns=tuple(f"c{j}" for j in range(n)), rows=tuple(f"r{r}" for r in range(m)), now=now,
                before=before, cyclic=cyclic, rhs=now @ point + past,
                cost=rng.uniform(-0.2, 1.0, (n, hours)) * (np.isfinite(high) | (capacity >= 0)[:, None])
                + np.where(np.isfinite(high), 0.0, 0.3),
                low=low, high=high, capacity=capacity, share=share,
            )
        )  # fmt: skip
    cost = rng.uniform(0.2, 1.0, sized) * hours * years
    return Joint(
        chains=tuple(chains), names=tuple(f"k{k}" for k in range(sized)), cost=cost,
        low=np.zeros(sized), high=np.where(rng.random(sized) < 0.3, 4.0, np.inf),
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SEEDS)
def test_both_solvers_find_the_same_optimum(seed: int) -> None:
    joint = random_joint(seed)
    answer, peer = solve(joint, "random"), reference(joint, "random")
    assert answer.certificate.holds(1e-6)
    assert answer.certificate.primal == pytest.approx(peer.certificate.primal, rel=1e-6, abs=1e-6)


def test_the_reference_is_hardly_ever_needed() -> None:
    joints = [random_joint(seed) for seed in range(100)]
    assert sum(solve(joint, "random", tolerance=1e-7).solver == "interior" for joint in joints) >= 99


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(SEEDS)
def test_the_certificate_is_that_of_the_sparse_programme(seed: int) -> None:
    joint = random_joint(seed)
    rng = np.random.default_rng(seed)  # any point will do, good or bad
    flows = [c.low + rng.random(c.low.shape) for c in joint.chains]
    duals = [rng.normal(size=c.rhs.shape) for c in joint.chains]
    sizes = joint.low + rng.random(len(joint.names))
    answer = certified(joint, flows, duals, sizes, "nobody")
    limits = [
        np.minimum(reduced, 0.0)[chain.capacity >= 0].ravel()
        for chain, reduced in zip(joint.chains, answer.reduced, strict=True)
    ]
    x = np.concatenate([*(f.ravel() for f in flows), sizes])
    found = certify(to_programme(joint), x, np.concatenate([*(d.ravel() for d in duals), *limits]))
    assert answer.certificate.primal == pytest.approx(found.primal, rel=1e-12)
    assert answer.certificate.dual == pytest.approx(found.dual, rel=1e-9, abs=1e-9)
    assert answer.certificate.violation >= 0.999 * min(found.violation, 1.0) * (found.violation < 0.3)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(SEEDS)
def test_a_balance_that_cannot_be_met_is_named(seed: int) -> None:
    joint = random_joint(seed)
    chain = joint.chains[0]
    object.__setattr__(chain, "high", np.where(np.isfinite(chain.high), chain.high, 5.0))
    joint = Joint(chains=(chain,), names=joint.names, cost=joint.cost, low=joint.low,
                  high=np.minimum(joint.high, 5.0))  # fmt: skip
    chain.rhs[0, 1] += 1e3
    with pytest.raises(ModelError, match="infeasible"):
        solve(joint, "random")
