"""A network at work: key comes in, requests come and are relayed or blocked; events in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accord.systems.qkd.network.relay import Pools
from accord.systems.qkd.network.routing import Graph, k_shortest, route_cost

__all__ = ["Report", "operate"]

_DEPOSIT, _REQUEST, _LOOK = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Report:
    """What happened.

    Attributes
    ----------
    asked, blocked : list of int
        Requests of each demand.
    served_bit : list of int
    age_p95_s : list of float
        Age of the key that each demand used, 95th percentile, first in first out.
    levels_bit : list of list of int
        Key of each link at the times looked at.
    pools : Pools
        At the end, with what each relay saw.
    """

    asked: list[int]
    blocked: list[int]
    served_bit: list[int]
    age_p95_s: list[float]
    levels_bit: list[list[int]]
    pools: Pools


class _Ages:
    """Deposits of a pool in order, to tell the age of what is taken."""

    def __init__(self) -> None:
        self._queue: list[list[float]] = []
        self._head = 0

    def put(self, when: float, bits: float) -> None:
        self._queue.append([when, bits])

    def take(self, when: float, bits: float, into: list[tuple[float, float]]) -> None:
        while bits > 0.0 and self._head < len(self._queue):
            entry = self._queue[self._head]
            part = min(bits, entry[1])
            entry[1] -= part
            bits -= part
            into.append((when - entry[0], part))
            if entry[1] <= 0.0:
                self._head += 1


def operate(
    graph: Graph,
    deposits: Sequence[tuple[float, int, int]],
    requests: Sequence[tuple[float, int, int]],
    demands: Sequence[tuple[str, str]],
    *,
    cap_bit: int,
    routes: int = 4,
    price: float = 0.0,
    looks: Sequence[float] = (),
) -> Report:
    """Run deposits and requests through a network; at one time deposits come first, looks last.

    A request takes the way among the `routes` shortest with the least ``sum of a/(free key) + b`` that holds enough.
    With a `price` it takes the way on which the emptiness of the pools, each from 0 (full) to 1, adds up to least, and
    is refused where that is more than the price: key is then kept for those who need fewer links. With large pools a
    price of one serves as much as any routing can (Neely 2010, Stochastic Network Optimization, chapter 4: pools
    are the multipliers of the linear programme).

    Parameters
    ----------
    deposits : sequence of (time [s], link, bits)
    requests : sequence of (time [s], demand, bits)
    looks : sequence of time [s]
        When the levels of the pools are noted.
    """
    pools, ages = Pools(len(graph.edges), cap_bit), [_Ages() for _ in graph.edges]
    ways = [k_shortest(graph, a, b, routes) for a, b in demands]
    between = [[graph.sites(a, way)[1:-1] for way in ways[n]] for n, (a, _) in enumerate(demands)]
    events = [(when, _DEPOSIT, link, bits) for when, link, bits in deposits]
    events += [(when, _REQUEST, demand, bits) for when, demand, bits in requests]
    events += [(when, _LOOK, n, 0) for n, when in enumerate(looks)]
    asked, blocked, served = ([0] * len(demands) for _ in range(3))
    used: list[list[tuple[float, float]]] = [[] for _ in demands]
    levels: list[list[int]] = []
    for when, kind, number, bits in sorted(events):
        if kind == _LOOK:
            levels.append(list(pools.held_bit))
            continue
        if kind == _DEPOSIT:
            before = pools.held_bit[number]
            pools.deposit(number, bits)
            ages[number].put(when, pools.held_bit[number] - before)
            continue
        asked[number] += 1
        best = _way(pools.held_bit, ways[number], bits, price, cap_bit)
        if best is None:
            blocked[number] += 1
            continue
        pools.relay(ways[number][best], between[number][best], bits)
        served[number] += bits
        for link in ways[number][best]:
            ages[link].take(when, bits, used[number])
    return Report(asked, blocked, served, [_weighted_p95(u) for u in used], levels, pools)


def _way(
    held_bit: Sequence[int], ways: Sequence[Sequence[int]], bits: int, price: float, cap_bit: int
) -> int | None:
    """Return the number of the cheapest way that holds enough, none where none does or all are too dear."""
    able = [n for n, way in enumerate(ways) if min(held_bit[link] for link in way) >= bits]
    if not able:
        return None
    if not price > 0.0:
        return min(able, key=lambda n: route_cost(held_bit, ways[n], a=float(bits)))
    dear = {n: sum(1.0 - held_bit[link] / cap_bit for link in ways[n]) for n in able}
    best = min(able, key=dear.__getitem__)
    return best if dear[best] <= price else None


def _weighted_p95(used: list[tuple[float, float]]) -> float:
    if not used:
        return 0.0
    ages, bits = np.array(used).T
    order = np.argsort(ages)
    share = np.cumsum(bits[order]) / bits.sum()
    return float(ages[order][min(int(np.searchsorted(share, 0.95)), len(ages) - 1)])
