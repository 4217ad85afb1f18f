"""A year of a network for every member: key of its links comes in by the day, demands ask by the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.physics.constants import DAY_S
from accord.systems.qkd.network.bound import FlowProgramme
from accord.systems.qkd.network.design import Network
from accord.systems.qkd.network.operation import operate
from accord.systems.qkd.network.outputs import NETWORK_OUTPUTS, network_labels
from accord.systems.qkd.network.routing import Edge, Graph, disjoint_pair, k_shortest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["evaluate_network"]

_DAYS = 360  # twelve months of thirty days


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
    wanted = [(a, b, bits * _DAYS) for (a, b), bits in zip(ends, daily, strict=True)]
    requests = [
        (day * DAY_S, number, round(bits)) for day in range(_DAYS) for number, bits in enumerate(daily)
    ]
    cap_bit = int(network.pool_cap_mbit * 1e6)
    programme, relays = FlowProgramme(graph, wanted), network_labels(network, edges)["relay"]
    looks = [(30 * month + 29) * DAY_S for month in range(12)]
    for m in range(n):
        out["network_bound_share"][m] = programme.most(made_bit[m].sum(axis=1)).share
        report = operate(
            graph,
            _deposits(made_bit[m]),
            requests,
            ends,
            cap_bit=cap_bit,
            routes=network.routes,
            price=network.price,
            looks=looks,
        )
        out["demand_met_share"][m] = 1.0 - np.array(report.blocked) / np.maximum(report.asked, 1)
        out["key_age_day"][m] = np.array(report.age_p95_s) / DAY_S
        out["pool_mbit"][m] = np.array(report.levels_bit).T * 1e-6
        out["lowest_pool_mbit"][m] = np.array(report.pools.lowest_bit) * 1e-6
        seen = _seen(graph, report.pools.exposed_bit, report.pools.used_bit)
        out["relayed_mbit"][m] = [seen.get(name, 0) * 1e-6 for name in relays]
    return out


def _deposits(made_bit: FloatArray) -> list[tuple[float, int, int]]:
    """Return what each link makes day by day: a thirtieth of its month."""
    return [
        ((30 * month + day) * DAY_S, link, int(made_bit[link, month] / 30.0))
        for link in range(len(made_bit))
        for month in range(12)
        if made_bit[link, month] >= 30.0
        for day in range(30)
    ]


def _seen(graph: Graph, sites: Mapping[str, int], used: Sequence[int]) -> dict[str, int]:
    """Return what each relay saw: sites between links, and each of the trusted sites within a link."""
    return {**sites, **{edge.id: used[n] for n, edge in enumerate(graph.edges) if edge.relays}}


def _routes(graph: Graph, one: str, other: str) -> float:
    if disjoint_pair(graph, one, other) is not None:
        return 2.0
    return float(bool(k_shortest(graph, one, other, 1)))
