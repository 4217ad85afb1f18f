"""What a network of trusted sites gives."""

from __future__ import annotations

from collections.abc import Sequence

from accord.contract import Output
from accord.systems.qkd.network.design import Network
from accord.systems.qkd.network.routing import Edge

__all__ = ["NETWORK_OUTPUTS", "network_labels"]

NETWORK_OUTPUTS = {
    "demand_met_share": Output(
        unit="1",
        doc="Share of a demand's daily requests that the pools could serve, over a year.",
        dims=("demand",),
        better="high",
        headline=True,
    ),
    "network_bound_share": Output(
        unit="1",
        doc="Largest share that any routing could give to all demands alike, key of a year against key of a year.",
        dims=("demand",),
        better="high",
        limit=True,
    ),
    "key_age_day": Output(
        unit="day",
        doc="Age of the pools' key when a demand uses it, 95th percentile; 0 where it used none.",
        dims=("demand",),
        better="low",
    ),
    "disjoint_routes": Output(
        unit="1",
        doc="Routes of a demand that share no site in between; over two, a secret can be split.",
        dims=("demand",),
        better="high",
    ),
    "relayed_mbit": Output(
        unit="Mbit", doc="Key of others that a relay has seen in a year.", dims=("relay",), better="low"
    ),
    "pool_mbit": Output(
        unit="Mbit",
        doc="Key in the pool of each link at the end of each month.",
        dims=("edge", "month"),
        better="high",
    ),
    "lowest_pool_mbit": Output(
        unit="Mbit", doc="Least key of a link's pool at the end of a day.", dims=("edge",), better="high"
    ),
}


def network_labels(network: Network | None, edges: Sequence[Edge]) -> dict[str, tuple[str, ...]]:
    """Return demands, links and relays: sites where two links meet, links with trusted sites or a satellite within."""
    if network is None:
        return {"demand": (), "edge": (), "relay": ()}
    ends = [end for edge in edges for end in (edge.one, edge.other)]
    sites = tuple(dict.fromkeys(end for end in ends if ends.count(end) > 1))
    return {
        "demand": tuple(d.id for d in network.demands),
        "edge": tuple(edge.id for edge in edges),
        "relay": (*sites, *(edge.id for edge in edges if edge.relays)),
    }
