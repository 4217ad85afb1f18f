"""Deferred acceptance: stable always, best for those who propose, quotas kept."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from accord.physics.matching import blocking_pairs, deferred_acceptance


def _market(seed: int, applicants: int, hosts: int) -> tuple[list[list[int]], list[list[int]], list[int]]:
    rng = np.random.default_rng(seed)
    preferences = [rng.permutation(hosts)[: rng.integers(0, hosts + 1)].tolist() for _ in range(applicants)]
    priorities = [
        rng.permutation(applicants)[: rng.integers(1, applicants + 1)].tolist() for _ in range(hosts)
    ]
    return preferences, priorities, rng.integers(0, 4, hosts).tolist()


def test_no_blocking_pair_in_a_thousand_random_markets() -> None:
    for seed in range(1000):
        preferences, priorities, quotas = _market(seed, 1 + seed % 9, 1 + seed % 4)
        matched = deferred_acceptance(preferences, priorities, quotas)
        assert blocking_pairs(matched, preferences, priorities, quotas) == []
        for host, quota in enumerate(quotas):
            assert matched.count(host) <= quota
        for applicant, host in enumerate(matched):
            assert host == -1 or (host in preferences[applicant] and applicant in priorities[host])


def test_applicants_get_the_best_of_all_stable_matchings() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        preferences = [rng.permutation(4).tolist() for _ in range(4)]
        priorities = [rng.permutation(4).tolist() for _ in range(4)]
        ones = [1, 1, 1, 1]
        matched = deferred_acceptance(preferences, priorities, ones)
        stable = [
            p
            for p in itertools.permutations(range(4))
            if not blocking_pairs(p, preferences, priorities, ones)
        ]
        assert tuple(matched) in stable
        for other in stable:
            assert all(preferences[a].index(matched[a]) <= preferences[a].index(other[a]) for a in range(4))


def test_a_blocking_pair_is_found() -> None:
    assert blocking_pairs([1, 0], [[0, 1], [0, 1]], [[0, 1], [0, 1]], [1, 1]) == [(0, 0)]


def test_quotas_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="one quota a host"):
        deferred_acceptance([[0]], [[0]], [1, 2])
    with pytest.raises(ValueError, match="negative"):
        deferred_acceptance([[0]], [[0]], [-1])
