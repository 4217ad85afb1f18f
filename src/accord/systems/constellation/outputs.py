"""What the coverage model returns; the dim ``fold`` counts satellites needed at once, ``place`` the sites."""

from __future__ import annotations

from accord.contract import Output
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.network.outputs import NETWORK_OUTPUTS
from accord.systems.constellation.service.outputs import SERVICE_OUTPUTS, service_labels

__all__ = ["FOLDS", "OUTPUTS", "labels"]

FOLDS = (1, 2, 3, 4, 6, 8)
_NESTED = "Failures follow one drawn order, the same for all members."

OUTPUTS = {
    "satellites_in_view": Output(
        unit="satellite",
        doc="Working satellites above the mask, mean over the region's area and over time.",
        better="high",
        headline=True,
    ),
    "cover_share": Output(
        unit="1",
        doc="Share of area x time with at least one satellite in view.",
        better="high",
        headline=True,
        alternatives=("people_cover_share",),
    ),
    "people_cover_share": Output(
        unit="1",
        doc="Share of people x time with at least one satellite, over the places whose people are stated; "
        "the share of area x time where none is.",
        better="high",
    ),
    "two_fold_share": Output(
        unit="1",
        doc="Share of area x time with at least two satellites in view: room to hand over before breaking.",
        better="high",
        headline=True,
    ),
    "fold_share": Output(
        unit="1",
        doc="Share of area x time with at least so many satellites in view.",
        dims=("fold",),
        better="high",
    ),
    "place_cover_share": Output(
        unit="1",
        doc="Share of time with at least one satellite over each place; the region where none is named.",
        dims=("place",),
        better="high",
    ),
    "serving_satellites": Output(
        unit="satellite",
        doc="Working satellites in view of some part of the region, mean over time.",
        headline=True,
    ),
    "serving_share": Output(
        unit="1",
        doc="Share of the working fleet in view of some part of the region; the rest serves others.",
        headline=True,
    ),
    "always_covered_share": Output(
        unit="1",
        doc=f"Share of the region's area that never loses its last satellite in the period. {_NESTED}",
        better="high",
    ),
    "max_gap_min": Output(
        unit="min",
        doc=f"Longest time without any satellite, anywhere in the region, to one step. {_NESTED}",
        better="low",
        headline=True,
    ),
    "mean_gap_min": Output(
        unit="min",
        doc=f"Mean length of the times without any satellite; 0 where there are none. {_NESTED}",
        better="low",
    ),
    "mean_wait_min": Output(
        unit="min",
        doc=f"Mean wait for a satellite from a random moment and part of the region. {_NESTED}",
        better="low",
    ),
    **SERVICE_OUTPUTS,
    **NETWORK_OUTPUTS,
}


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the folds, the names of the places, and the launches, years and parts of cost of the service."""
    places = design.area.places if design.area is not None else ()
    names = tuple(place.name for place in places)
    in_shells = max(1, sum(shell.total for shell in design.shells))
    return {
        "fold": tuple(str(k) for k in FOLDS),
        "place": names or ("whole region",),
        **service_labels(design.service, in_shells, design.epoch.year),
    }
