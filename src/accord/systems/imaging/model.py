"""From event to map: who passes when, what clouds and night leave, how long until the map is out, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Ephemeris, Port, System
from accord.errors import ModelError
from accord.physics.finance import capital_recovery_factor
from accord.systems.imaging.chain import followed
from accord.systems.imaging.claims import accuracy_of_overlap, overlap_of_accuracy
from accord.systems.imaging.figures import figures
from accord.systems.imaging.inputs import INPUTS, Design
from accord.systems.imaging.missions import Mission
from accord.systems.imaging.outputs import OUTPUTS, QUANTILES, WITHIN_H, labels
from accord.systems.imaging.previews import read_previews
from accord.systems.imaging.tables import planned_looks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate", "fleet", "prepare"]


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the looks of every mission at every place, and of the map's cells.

    Returns
    -------
    dict
        See `accord.systems.imaging.tables.planned_looks`.

    Raises
    ------
    ModelError
        For a payload without satellites, strips that cannot be, and places at which nobody looks.
    FileError
        For pictures that cannot be read.
    """
    pictures = read_previews(design.example, context.folder) if design.example is not None else []
    found = planned_looks(design, fleet(design, context.ports.get("ephemeris")), context.progress)
    return {**found, "pictures": pictures}


def fleet(design: Design, ephemeris: Ephemeris | None) -> list[Mission]:
    """Return every mission of a design: open ones, own satellites, those of the port.

    Raises
    ------
    ModelError
        For a payload without the port, the port without a payload, and strips that cannot be.
    """
    from accord.systems.imaging.missions import open_mission, own_mission, ported

    if design.payload is not None and ephemeris is None:
        raise ModelError("payload: there are no satellites to carry it; connect the port `ephemeris`")
    if design.payload is None and ephemeris is not None:
        raise ModelError("the port `ephemeris` is connected, but its satellites carry no `payload`")
    found = [open_mission(name) for name in design.missions]
    try:
        found += [own_mission(own, round(design.duration_day)) for own in design.own]
        if design.payload is not None and ephemeris is not None:
            found.append(ported(design.payload, ephemeris))
    except ValueError as error:
        raise ModelError(str(error)) from error
    return found


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Send each member through its events.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `prepare`.

    Returns
    -------
    dict of str to float array, shape (n,) + dims
        As declared in ``outputs.py``.
    """
    design = context.design
    assert isinstance(design, Design)
    out, where = followed(members, prepared, design, context.uniform("events")[:, 0])
    time_h = np.where(out[:, :, 0] <= design.patience_h, out[:, :, 0], np.inf)
    mapped: NDArray[np.bool_] = np.asarray(np.isfinite(time_h))
    waited = np.where(mapped, time_h, design.patience_h)
    quantiles = np.quantile(waited, QUANTILES, axis=1, method="higher").T
    sensors = np.isfinite(out[:, :, :4]).mean(axis=1)
    first = np.where(mapped, out[:, :, 5], 0).astype(np.int64)
    radar = np.asarray(prepared["kind"])[first] == 0
    quality = np.where(radar, members["radar_iou"][:, None], members["optical_iou"][:, None])
    iou = _mean_of_mapped(quality, mapped, _best(members, prepared))
    finest = float(np.min(np.asarray(prepared["resolution_m"])))
    people = np.asarray(prepared["people"])[where[:, :, 0].astype(np.int64)]
    a_year = members["events_per_yr"] * mapped.mean(axis=1)
    cost = _cost(members, prepared)
    least = members["events_per_yr"] / design.events  # one event of all that were followed
    within = np.array(WITHIN_H, dtype=float)
    return {
        "response_time_h": quantiles[:, 1],
        "response_time_quantile_h": quantiles,
        "seen_share": sensors[:, 0],
        "seen_by_share": (time_h[:, :, None] <= within).mean(axis=1),
        "seen_in_a_day_share": (time_h <= 24.0).mean(axis=1),
        "sensor_seen_share": sensors,
        "stage_h": _stages(out, mapped, members),
        "extent_seen_share": _extent(out, where, mapped, members["peak_at_share"]),
        **_revisits(members, prepared, design),
        "resolution_m": _mean_of_mapped(
            np.asarray(prepared["resolution_m"])[first], mapped, np.full(len(cost), finest)
        ),
        "finest_resolution_m": np.full(len(cost), finest),
        "map_iou": iou,
        "map_accuracy": accuracy_of_overlap(iou, members["water_share"]),
        "dry_map_accuracy": 1.0 - members["water_share"],
        "claimed_iou": overlap_of_accuracy(members["claimed_accuracy"], members["water_share"]),
        "people_served_share": np.sum(people * (time_h <= 24.0), axis=1) / np.sum(people, axis=1),
        "people_covered": np.full(len(cost), float(prepared["people_covered"])),
        "events_mapped_per_yr": a_year,
        "cost_musd2025_per_yr": cost,
        "cost_per_map_musd2025": cost / np.maximum(a_year, least),
    }


def _best(members: Mapping[str, FloatArray], prepared: Mapping[str, Any]) -> FloatArray:
    """Return the quality of the better kind of sensor there is, for a member whose events nobody mapped."""
    kinds = set(np.asarray(prepared["kind"]).tolist())
    both = [members[name] for kind, name in ((0, "radar_iou"), (1, "optical_iou")) if kind in kinds]
    return np.asarray(np.max(both, axis=0))


def _mean_of_mapped(values: FloatArray, mapped: NDArray[np.bool_], otherwise: FloatArray) -> FloatArray:
    count = mapped.sum(axis=1)
    mean = np.sum(values * mapped, axis=1) / np.maximum(count, 1)
    return np.where(count > 0, mean, otherwise)


def _stages(out: FloatArray, mapped: NDArray[np.bool_], members: Mapping[str, FloatArray]) -> FloatArray:
    """Return the median length of the stages of mapped events, shape (n, 3) [h]; 0 where there are none."""
    look = np.where(mapped, out[:, :, 4], np.nan)
    rest = np.where(mapped, out[:, :, 0] - out[:, :, 4], np.nan)
    some: NDArray[np.bool_] = np.asarray(mapped.any(axis=1))
    waiting, total = np.zeros(len(some)), np.zeros(len(some))
    if some.any():
        waiting[some], total[some] = (np.nanmedian(part[some], axis=1) for part in (look, rest))
    human = np.minimum(np.where(some, members["mapping_h"] + members["review_h"], 0.0), total)
    return np.stack([waiting, total - human, human], axis=1)


def _extent(out: FloatArray, where: FloatArray, mapped: NDArray[np.bool_], peak_at: FloatArray) -> FloatArray:
    """Return the mean share of the widest extent at the look; a triangle in time that ends with the event."""
    share = np.where(mapped, out[:, :, 4] / where[:, :, 1], 1.0)
    peak = peak_at[:, None]
    height = np.where(share < peak, share / peak, (1.0 - share) / (1.0 - peak))
    return np.asarray(np.mean(np.where(mapped, height, 0.0), axis=1))


def _revisits(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], design: Design
) -> dict[str, FloatArray]:
    """Return the mean times between looks, from the rates by place and month weighted as the events fall."""
    weight, radar, optical, cloud = (
        np.asarray(prepared[k]) for k in ("month_weight", "radar_per_day", "optical_per_day", "cloud")
    )
    n = len(members["cloud_offset"])
    possible = float(np.sum(weight * (radar + optical)))
    hours = 24.0 / max(possible, 24.0 / design.patience_h)
    clear = np.empty(n)
    for at in range(0, n, 256):  # a few megabytes at a time
        part = slice(at, at + 256)
        veiled = np.clip(cloud + members["cloud_offset"][part, None, None], 0.0, 1.0)
        taken = np.sum(weight * (radar + optical * (1.0 - veiled)), axis=(1, 2))
        clear[part] = taken * members["acquired_share"][part]
    return {
        "revisit_h": np.full(n, hours),
        "clear_revisit_h": 24.0 / np.maximum(clear, 24.0 / design.patience_h),
        "longest_gap_h": np.full(n, min(float(prepared["longest_gap_h"]), design.patience_h)),
    }


def _cost(members: Mapping[str, FloatArray], prepared: Mapping[str, Any]) -> FloatArray:
    """Return the cost of a year [MUSD2025/yr]."""
    annuity = capital_recovery_factor(members["discount_rate_per_yr"], members["satellite_life_yr"])
    owned = float(prepared["owned"]) * members["satellite_musd2025"]
    return np.asarray(members["service_musd2025_per_yr"] + owned * annuity)


EXAMPLE: dict[str, Any] = {
    "area": {
        "title": "Example plains",
        "polygons": [[[[10.0, 40.0], [22.0, 40.0], [22.0, 48.0], [10.0, 48.0], [10.0, 40.0]]]],
        "places": [
            {"name": "North", "latitude": "47 deg", "longitude": "12 deg", "people": 250000},
            {"name": "South", "latitude": "41 deg", "longitude": "20 deg", "people": 750000},
        ],
    },
    "missions": ["sentinel_1", "sentinel_2"],
    "own": [
        {
            "id": "radar_pair",
            "sensor": "radar",
            "altitude": "560 km",
            "satellites": 2,
            "swath": "80 km",
            "near_incidence": "30 deg",
            "side": "both",
            "resolution": "5 m",
        }
    ],
    "stations": [{"name": "Polar", "latitude": "78 deg", "longitude": "15 deg"}],
    "climates": [
        {
            "places": ["North"],
            "cloud": [0.7, 0.7, 0.6, 0.6, 0.5, 0.5, 0.4, 0.4, 0.5, 0.6, 0.7, 0.7],
            "season": [1, 1, 2, 3, 2, 1, 0, 0, 1, 1, 2, 2],
        }
    ],
}

SYSTEM = System(
    name="imaging",
    title="Satellite imaging for disasters",
    version=1,
    Design=Design,
    inputs=INPUTS,
    ports={
        "ephemeris": Port(
            of="constellation.ephemeris",
            kind=Ephemeris,
            doc="Satellites that carry the design's payload.",
            optional=True,
            fallback="open missions and own satellites look alone",
        )
    },
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    labels=labels,
    figures=figures,
    monotone={
        ("flood_duration_h", "seen_share"): 1,
        ("acquired_share", "seen_share"): 1,
        ("delay_factor", "response_time_h"): 1,
        ("review_h", "response_time_h"): 1,
        ("mapping_h", "seen_in_a_day_share"): -1,
        ("cloud_offset", "clear_revisit_h"): 1,
        ("water_share", "dry_map_accuracy"): -1,
        ("satellite_musd2025", "cost_per_map_musd2025"): 1,
    },
    example=EXAMPLE,
)
