"""Stable matching of applicants to places with quotas, by deferred acceptance.

Gale & Shapley (1962), "College admissions and the stability of marriage", American Mathematical Monthly 69:9.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["blocking_pairs", "deferred_acceptance"]


def deferred_acceptance(
    preferences: Sequence[Sequence[int]], priorities: Sequence[Sequence[int]], quotas: Sequence[int]
) -> list[int]:
    """Return the stable matching that every applicant likes best among all stable ones.

    Parameters
    ----------
    preferences : sequence of sequences of int
        For each applicant the acceptable hosts, best first.
    priorities : sequence of sequences of int
        For each host the acceptable applicants, best first.
    quotas : sequence of int
        Places of each host.

    Returns
    -------
    list of int
        The host of each applicant, -1 for none.

    Raises
    ------
    ValueError
        When quotas and priorities differ in length, or a quota is negative.
    """
    if len(quotas) != len(priorities):
        raise ValueError(f"{len(priorities)} hosts and {len(quotas)} quotas: expected one quota a host")
    if any(quota < 0 for quota in quotas):
        raise ValueError("a quota is negative")
    rank = [{applicant: place for place, applicant in enumerate(order)} for order in priorities]
    held: list[list[int]] = [[] for _ in priorities]
    following = [0] * len(preferences)
    matched = [-1] * len(preferences)
    waiting = list(range(len(preferences)))[::-1]
    while waiting:
        applicant = waiting.pop()
        while following[applicant] < len(preferences[applicant]):
            host = preferences[applicant][following[applicant]]
            following[applicant] += 1
            if applicant not in rank[host] or not quotas[host]:
                continue
            if len(held[host]) == quotas[host]:
                worst = max(held[host], key=rank[host].__getitem__)
                if rank[host][worst] < rank[host][applicant]:
                    continue
                held[host].remove(worst)
                matched[worst] = -1
                waiting.append(worst)
            held[host].append(applicant)
            matched[applicant] = host
            break
    return matched


def blocking_pairs(
    matched: Sequence[int],
    preferences: Sequence[Sequence[int]],
    priorities: Sequence[Sequence[int]],
    quotas: Sequence[int],
) -> list[tuple[int, int]]:
    """Return the pairs of applicant and host that would both rather have each other: none in a stable matching."""
    rank = [{applicant: place for place, applicant in enumerate(order)} for order in priorities]
    found = []
    for applicant, order in enumerate(preferences):
        for host in order:
            if host == matched[applicant]:
                break
            if applicant not in rank[host]:
                continue
            inside = [a for a, h in enumerate(matched) if h == host]
            if len(inside) < quotas[host] or any(rank[host][a] > rank[host][applicant] for a in inside):
                found.append((applicant, host))
    return found
