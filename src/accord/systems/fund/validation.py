"""Published cases of the matching that places students."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from accord.physics.matching import blocking_pairs, deferred_acceptance

__all__ = ["marriages"]


def marriages(proposers: Sequence[Sequence[int]], receivers: Sequence[Sequence[int]]) -> dict[str, object]:
    """Return the number of stable matchings of a small market, and the ranks each side gets when it proposes.

    Parameters
    ----------
    proposers, receivers : sequences of sequences of int
        Preferences, best first, counted from 1 as in print.
    """
    first = [[i - 1 for i in order] for order in proposers]
    second = [[i - 1 for i in order] for order in receivers]
    ones = [1] * len(second)
    stable = [
        p for p in itertools.permutations(range(len(second))) if not blocking_pairs(p, first, second, ones)
    ]
    forward = deferred_acceptance(first, second, ones)
    backward = deferred_acceptance(second, first, [1] * len(first))
    return {
        "stable_matchings": len(stable),
        "rank_of_proposers": [first[i].index(h) + 1 for i, h in enumerate(forward)],
        "rank_of_receivers_proposing": [second[i].index(h) + 1 for i, h in enumerate(backward)],
        "blocking_pairs": len(blocking_pairs(forward, first, second, ones)),
    }
