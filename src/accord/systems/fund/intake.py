"""One intake of doctoral students: made preferences with a stated seed, placed by deferred acceptance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.physics.matching import blocking_pairs, deferred_acceptance
from accord.systems.fund.inputs import Scholarships

__all__ = ["Intake", "place"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the placing gives.

    Attributes
    ----------
    placed : int
        Applicants with a place.
    first_choice : int
        Those placed at the host they like best.
    blocking : int
        Pairs that would rather have each other: 0, as the matching is stable.
    """

    placed: int
    first_choice: int
    blocking: int


def place(scholarships: Scholarships) -> Intake:
    """Place one intake; every applicant accepts every host and the other way round."""
    rng = np.random.default_rng(scholarships.lottery_seed)
    applicants, hosts = scholarships.applicants, len(scholarships.hosts)
    common = np.sqrt(scholarships.agreement_of_preferences)
    own = np.sqrt(1.0 - scholarships.agreement_of_preferences)
    liked = common * rng.standard_normal(hosts) + own * rng.standard_normal((applicants, hosts))
    wanted = common * rng.standard_normal(applicants) + own * rng.standard_normal((hosts, applicants))
    preferences = np.argsort(-liked, axis=1, kind="stable").tolist()
    priorities = np.argsort(-wanted, axis=1, kind="stable").tolist()
    quotas = [host.quota for host in scholarships.hosts]
    matched = deferred_acceptance(preferences, priorities, quotas)
    first = sum(
        1 for applicant, host in enumerate(matched) if host >= 0 and preferences[applicant][0] == host
    )
    return Intake(
        placed=sum(host >= 0 for host in matched),
        first_choice=first,
        blocking=len(blocking_pairs(matched, preferences, priorities, quotas)),
    )
