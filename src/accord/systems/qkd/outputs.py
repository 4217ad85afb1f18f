"""What the model returns."""

from __future__ import annotations

from accord.contract import Output
from accord.systems.qkd.inputs import Design
from accord.systems.qkd.network.outputs import NETWORK_OUTPUTS, network_labels
from accord.systems.qkd.network.routing import Edge
from accord.systems.qkd.satellite.outputs import SATELLITE_OUTPUTS, satellite_labels

__all__ = ["FIBRE_OUTPUTS", "OUTPUTS", "edges", "labels"]

FIBRE_OUTPUTS = {
    "key_rate_bit_per_s": Output(
        unit="bit/s",
        doc="Secret key from end to end of each link, mean over time.",
        dims=("link",),
        better="high",
    ),
    "key_per_year_gbit": Output(
        unit="Gbit", doc="Secret key of each link in a year.", dims=("link",), better="high", headline=True
    ),
    "error_rate": Output(unit="1", doc="Error rate of the sifted key.", dims=("link",), better="low"),
    "noise_per_gate": Output(
        unit="1",
        doc="Probability that a detector counts noise in a gate: dark counts and light of classical channels.",
        dims=("link",),
        better="low",
    ),
    "raman_share": Output(
        unit="1", doc="Share of that noise that classical channels in the fibre scatter.", dims=("link",)
    ),
    "block_time_h": Output(
        unit="h", doc="Time until a block is full and gives its first key; capped at 1e9 h.", dims=("link",)
    ),
    "bound_bit_per_s": Output(
        unit="bit/s",
        doc="Most that any protocol without repeaters can deliver over the span's loss (PLOB bound).",
        dims=("link",),
        better="high",
        limit=True,
    ),
    "trusted_nodes": Output(
        unit="1", doc="Sites between the ends that must be trusted with the key.", dims=("link",)
    ),
    "reach_km": Output(
        unit="km", doc="Longest single span that still gives key.", better="high", headline=True
    ),
}

OUTPUTS = {**FIBRE_OUTPUTS, **SATELLITE_OUTPUTS, **NETWORK_OUTPUTS}


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return links, stations, pairs, months, and what the network has."""
    return {
        "link": tuple(link.id for link in design.links),
        **satellite_labels(design.satellites),
        **network_labels(design.network, edges(design)),
    }


def edges(design: Design) -> list[Edge]:
    """Return the links of the network: fibres that join sites, and pairs of stations under one satellite."""
    found = [
        Edge(link.id, *link.between, relays=link.spans - 1)
        for link in design.links
        if link.between is not None
    ]
    if design.satellites is not None:
        found += [Edge(pair.id, *pair.between, relays=1) for pair in design.satellites.pairs]
    return found
