"""A year of a network for every member: key of its links comes in by the day, demands ask by the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.systems.qkd.kernels.pools import year_of_pools
from accord.systems.qkd.network.bound import FlowProgramme
from accord.systems.qkd.network.design import Network
from accord.systems.qkd.network.outputs import NETWORK_OUTPUTS, network_labels
from accord.systems.qkd.network.routing import Edge, Graph, disjoint_pair, k_shortest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["evaluate_network"]

_MONTH, _DAYS = 30, 360  # twelve months of thirty days are run
_YEAR_DAY = 365.25  # a month's key is that of a twelfth of a year, and comes in at the pace of its days


def evaluate_network(
    network: Network | None, edges: Sequence[Edge], made_bit: FloatArray
) -> dict[str, FloatArray]:
    """Return the outputs of `NETWORK_OUTPUTS`; pools are empty at the start of the year.

    Parameters
    ----------
    made_bit : float array, shape (n, links, 12)
        Key that each link makes in each month.
    """
    sizes = {name: len(part) for name, part in network_labels(network, edges).items()}
    n = len(made_bit)
    out = {
        name: np.zeros((n, *(sizes.get(dim, 12) for dim in declared.dims)))
        for name, declared in NETWORK_OUTPUTS.items()
    }
    if network is None:
        return out
    graph = Graph(edges)
    ends = [d.between for d in network.demands]
    daily = [d.key_per_day_kbit * 1e3 for d in network.demands]
    out["disjoint_routes"][:] = [_routes(graph, *pair) for pair in ends]
    wanted = [(a, b, bits * _YEAR_DAY) for (a, b), bits in zip(ends, daily, strict=True)]
    asked = np.array([round(bits) for bits in daily], np.int64)
    plan = _Ways(graph, ends, network.routes)
    programme, relays = FlowProgramme(graph, wanted), network_labels(network, edges)["relay"]
    # in whole bits; less than a bit a day is nothing
    made = (made_bit / (_YEAR_DAY / 12.0)).astype(np.int64)
    blocked, age = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64)
    taken, levels = np.zeros(plan.hops.shape, np.int64), np.zeros((len(edges), 12), np.int64)
    lowest, used = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)
    cap_bit = int(network.pool_cap_mbit * 1e6)
    for m in range(n):
        out["network_bound_share"][m] = programme.most(made_bit[m].sum(axis=1)).share
        year_of_pools(
            made[m], plan.ways, plan.hops, asked, cap_bit, float(network.price), _MONTH,
            blocked, taken, age, levels, lowest, used,
        )  # fmt: skip
        out["demand_met_share"][m] = 1.0 - blocked / _DAYS
        out["key_age_day"][m] = age
        out["pool_mbit"][m] = levels * 1e-6
        out["lowest_pool_mbit"][m] = np.where(lowest < 0, levels[:, -1], lowest) * 1e-6
        seen = plan.seen(taken, asked, used)
        out["relayed_mbit"][m] = [seen.get(name, 0) * (1e-6 * _YEAR_DAY / _DAYS) for name in relays]
    return out


class _Ways:
    """The shortest ways of every demand, as arrays for the compiled year: shapes (demands, ways, links) and less."""

    def __init__(self, graph: Graph, ends: Sequence[tuple[str, str]], routes: int) -> None:
        found = [k_shortest(graph, a, b, routes) for a, b in ends]
        self._graph = graph
        self._between = [
            [graph.sites(a, way)[1:-1] for way in ways] for (a, _), ways in zip(ends, found, strict=True)
        ]
        most = max((len(ways) for ways in found), default=0)
        self.hops = np.zeros((len(ends), most), np.int64)
        self.ways = np.zeros((len(ends), most, len(graph.edges)), np.int64)
        for d, ways in enumerate(found):
            for w, way in enumerate(ways):
                self.hops[d, w] = len(way)
                self.ways[d, w, : len(way)] = way

    def seen(self, taken: IntArray, asked: IntArray, used: IntArray) -> dict[str, int]:
        """Return what each relay saw: sites between links, and each of the trusted sites within a link."""
        sites: dict[str, int] = {}
        for d, ways in enumerate(self._between):
            for w, between in enumerate(ways):
                for site in between:
                    sites[site] = sites.get(site, 0) + int(taken[d, w] * asked[d])
        inner = {edge.id: int(used[n]) for n, edge in enumerate(self._graph.edges) if edge.relays}
        return {**sites, **inner}


def _routes(graph: Graph, one: str, other: str) -> float:
    if disjoint_pair(graph, one, other) is not None:
        return 2.0
    return float(bool(k_shortest(graph, one, other, 1)))
