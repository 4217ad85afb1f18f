"""What the model returns; dims: ``quantile`` of events, ``within`` so many hours, ``sensor``, ``stage``."""

from __future__ import annotations

from accord.contract import Output
from accord.systems.imaging.inputs import Design

__all__ = ["OUTPUTS", "QUANTILES", "SENSORS", "STAGES", "WITHIN_H", "labels"]

QUANTILES = (0.1, 0.5, 0.9)
WITHIN_H = (6, 12, 24, 48, 72, 120, 240)
SENSORS = ("all", "radar", "optical", "optical, no clouds")
STAGES = ("waiting for a look", "data on the ground", "map, checked")

OUTPUTS = {
    "response_time_h": Output(
        unit="h", doc="From event to map, median over events; one never mapped counts with the patience of the design.",
        better="low", headline=True,
    ),
    "response_time_quantile_h": Output(
        unit="h", doc="The same: 10, 50 and 90 % of the events have their map by then.", dims=("quantile",),
        better="low",
    ),
    "seen_share": Output(
        unit="1", doc="Share of the events that somebody looks at while they last.", better="high", headline=True
    ),
    "seen_by_share": Output(
        unit="1", doc="Share of the events with a map within so many hours.", dims=("within",), better="high"
    ),
    "seen_in_a_day_share": Output(
        unit="1", doc="Share of the events with a map within 24 h.", better="high", headline=True
    ),
    "sensor_seen_share": Output(
        unit="1", doc="Share of the events seen by one kind of sensor alone.", dims=("sensor",), better="high"
    ),
    "stage_h": Output(
        unit="h", doc="Median length of each stage, of the first map of events that were mapped.", dims=("stage",),
        better="low",
    ),
    "extent_seen_share": Output(
        unit="1", doc="Extent at the look of the first map over the widest; 0 for events never mapped.", better="high"
    ),
    "revisit_h": Output(
        unit="h", doc="Mean time between possible looks at a place, clouds left out of account.", better="low",
        headline=True,
    ),
    "clear_revisit_h": Output(
        unit="h", doc="Mean time between looks that are taken and show the ground.", better="low"
    ),
    "longest_gap_h": Output(
        unit="h", doc="Longest time between possible looks at any of the places.", better="low"
    ),
    "resolution_m": Output(
        unit="m", doc="Resolution of the first map, mean over events that were mapped.", better="low", headline=True
    ),
    "finest_resolution_m": Output(unit="m", doc="Of the finest sensor in the design.", better="low"),
    "map_iou": Output(
        unit="1", doc="Overlap of mapped and true water, first maps; the figure of merit of a map.", better="high",
        headline=True,
    ),
    "map_accuracy": Output(
        unit="1", doc="Share of all pixels mapped right, recomputed from overlap and share of water; compare it with "
        "dry_map_accuracy before it is believed.", better="high",
    ),
    "dry_map_accuracy": Output(
        unit="1", doc="The same of an empty map that finds no water at all.", better="high"
    ),
    "claimed_iou": Output(
        unit="1", doc="Overlap that the claimed accuracy stands for; 0 where an empty map is as accurate.",
        better="high",
    ),
    "people_served_share": Output(
        unit="1", doc="Share of the people in events whose place has its map within 24 h.", better="high",
    ),
    "people_covered": Output(
        unit="person", doc="People who live at places that are looked at at least once in the patience of the design.",
        better="high",
    ),
    "events_mapped_per_yr": Output(unit="1/yr", doc="Events a year that get a map.", better="high", headline=True),
    "cost_musd2025_per_yr": Output(
        unit="MUSD2025/yr", doc="Service and own satellites, these as an annuity; open missions cost the user nothing.",
        better="low",
    ),
    "cost_per_map_musd2025": Output(
        unit="MUSD2025", doc="Cost of a year over the events mapped in it.", better="low", headline=True
    ),
}  # fmt: skip


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return quantiles, hours, sensors and stages."""
    return {
        "quantile": tuple(f"P{round(100 * q)}" for q in QUANTILES),
        "within": tuple(f"{hours} h" for hours in WITHIN_H),
        "sensor": SENSORS,
        "stage": STAGES,
    }
