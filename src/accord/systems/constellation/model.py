"""Coverage of a region, counted exactly and thinned by failures and obstruction; and the service it carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Ephemeris, System
from accord.errors import ModelError
from accord.systems.constellation.figures import figures
from accord.systems.constellation.fleet import assemble, ephemeris
from accord.systems.constellation.inputs import INPUTS, MAX_STATES, Design
from accord.systems.constellation.network.model import evaluate_network
from accord.systems.constellation.network.tables import Landings, prepare_network
from accord.systems.constellation.outputs import FOLDS, OUTPUTS, labels
from accord.systems.constellation.service.model import evaluate_service, prepare_service
from accord.systems.constellation.tables import (
    OBSTRUCTIONS_DEG,
    SHARES,
    covered_sum,
    expected_in_view,
    tables,
)
from accord.systems.constellation.thinning import at_least, mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate", "prepare"]

_GAPS = {
    "always_covered_share": "always",
    "max_gap_min": "max_gap_min",
    "mean_gap_min": "mean_gap_min",
    "mean_wait_min": "mean_wait_min",
}


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the tables of `accord.systems.constellation.tables.tables`, of the service, and what the fleet is made of.

    Raises
    ------
    ModelError, FileError
        For catalogues that cannot be used, and for fleets and regions too large to count.
    """
    satellites = assemble(design, context.folder)
    if len(satellites) * design.steps > MAX_STATES:
        raise ModelError(
            f"{len(satellites)} satellites at {design.steps} moments are too many: choose a longer step"
        )
    counted = tables(design, satellites, lambda done: context.progress(0.4 * done, 1.0, "coverage"))
    service = prepare_service(
        design, satellites, context.folder, lambda done: context.progress(0.4 + 0.5 * done, 1.0, "capacity")
    )
    landings = Landings(
        tuple(service["gateway_name"]), service["gateway_latitude_deg"], service["gateway_longitude_deg"]
    )
    network = prepare_network(
        design, satellites, landings, lambda done: context.progress(0.9 + 0.1 * done, 1.0, "network")
    )
    people = [place.people or 0.0 for place in (design.area.places if design.area is not None else ())]
    context.progress(1.0, 1.0, "network")
    return {
        **counted,
        "service": service,
        "network": network,
        "people": np.array(people),
        "total": len(satellites),
        "sizes": np.bincount(satellites.group).astype(float),
        "radius_km": satellites.radius_km,
        "masks_rad": satellites.masks_rad,
        "abscissa": expected_in_view(satellites, np.array(OBSTRUCTIONS_DEG)),
        "notes": list(satellites.notes),
    }


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Thin the counted tables by each member's failures and obstruction.

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
    working = members["operational_share"]
    node, share = _between_obstructions(members["obstruction_deg"], prepared)

    def at(table: FloatArray) -> FloatArray:
        """Interpolate a table over the obstructions, shape (obstructions,), to the members."""
        mixed: FloatArray = (1.0 - share) * table[node] + share * table[node + 1]
        return mixed

    region = [at(column) for column in np.asarray(prepared["histogram"]).T]
    folds = at_least(region, working, FOLDS)
    of_places = [
        at_least([at(column) for column in place.T], working, (1,))[0]
        for place in prepared["place_histogram"]
    ]
    serving = at(np.asarray(prepared["serving"]))
    gaps = {name: _over_shares(at, prepared[key], working) for name, key in _GAPS.items()}
    design = context.design
    assert isinstance(design, Design)
    sold = evaluate_service(members, prepared["service"], design, serving / prepared["total"])
    return {
        **sold,
        "satellites_in_view": mean(region, working),
        "cover_share": folds[0],
        "people_cover_share": _by_people(of_places, np.asarray(prepared["people"]), folds[0]),
        "two_fold_share": folds[1],
        "fold_share": np.stack(folds, axis=1),
        "place_cover_share": np.stack(of_places or [folds[0]], axis=1),
        "serving_satellites": working * serving,
        "serving_share": serving / prepared["total"],
        **gaps,
        **evaluate_network(members, prepared["network"]),
    }


def _between_obstructions(obstruction_deg: FloatArray, prepared: Mapping[str, Any]) -> tuple[Any, FloatArray]:
    """Return the node below each member and the share of the way to the next, in covered area."""
    edges = np.array(OBSTRUCTIONS_DEG)
    node = np.clip(np.searchsorted(edges, obstruction_deg, side="right") - 1, 0, len(edges) - 2)
    area = np.asarray(prepared["abscissa"])
    sizes, radius_km, masks_rad = (np.asarray(prepared[k]) for k in ("sizes", "radius_km", "masks_rad"))
    own = covered_sum(sizes, radius_km, masks_rad, obstruction_deg)
    return node, np.clip((own - area[node]) / (area[node + 1] - area[node]), 0.0, 1.0)


def _over_shares(at: Any, table: Any, working: FloatArray) -> FloatArray:
    """Interpolate a table of shape (obstructions, shares of working satellites) to the members."""
    columns = [at(column) for column in np.asarray(table).T]
    value = np.array(columns[0])
    for k in range(len(SHARES) - 1):
        high, low = SHARES[k], SHARES[k + 1]
        within = (working <= high) & (working >= low)
        mixed = columns[k + 1] + (columns[k] - columns[k + 1]) * ((working - low) / (high - low))
        value = np.where(within, mixed, value)
    return value


def _by_people(of_places: list[FloatArray], people: FloatArray, otherwise: FloatArray) -> FloatArray:
    if not people.sum() > 0.0:
        return otherwise
    total = np.zeros_like(otherwise)
    for share, count in zip(of_places, people, strict=True):
        total = total + share * (count / people.sum())
    return total


def provide(design: Design, prepared: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return the ephemeris of the whole fleet for other systems."""
    return {"ephemeris": ephemeris(design, context.folder)}


EXAMPLE = {
    "shells": [
        {
            "altitude": "1200 km",
            "inclination": "87.9 deg",
            "planes": 6,
            "satellites": 48,
            "phasing": 1,
            "pattern": "star",
            "elevation_mask": "15 deg",
        },
    ],
    "area": {
        "title": "Example region",
        "polygons": [[[[10.0, 35.0], [40.0, 35.0], [40.0, 55.0], [10.0, 55.0], [10.0, 35.0]]]],
        "places": [
            {"name": "North", "latitude": "52 deg", "longitude": "30 deg", "people": 250000},
            {"name": "South", "latitude": "37 deg", "longitude": "15 deg", "people": 750000},
        ],
    },
    "step": "120 s",
    "cell": "200 km",
    "service": {"cell": "200 km", "snapshots": 8},
}

SYSTEM = System(
    name="constellation",
    title="Constellation in low Earth orbit",
    version=5,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    prepare=prepare,
    evaluate=evaluate,
    figures=figures,
    labels=labels,
    provides={"ephemeris": Ephemeris},
    provide=provide,
    monotone={
        ("operational_share", "satellites_in_view"): 1,
        ("operational_share", "cover_share"): 1,
        ("operational_share", "two_fold_share"): 1,
        ("operational_share", "always_covered_share"): 1,
        ("operational_share", "max_gap_min"): -1,
        ("operational_share", "mean_wait_min"): -1,
        ("obstruction_deg", "satellites_in_view"): -1,
        ("obstruction_deg", "cover_share"): -1,
        ("obstruction_deg", "serving_share"): -1,
        ("obstruction_deg", "max_gap_min"): 1,
        ("operational_share", "capacity_gbit_per_s"): 1,
        ("obstruction_deg", "capacity_gbit_per_s"): -1,
        ("implementation_loss_db", "capacity_gbit_per_s"): -1,
        ("operational_share", "return_capacity_gbit_per_s"): 1,
        ("implementation_loss_db", "return_capacity_gbit_per_s"): -1,
        ("implementation_loss_db", "return_rate_available_mbit_per_s"): -1,
        ("return_traffic_ratio", "both_ways_gbit_per_s"): -1,
        ("return_traffic_ratio", "return_limited_share"): 1,
        ("gso_angle_deg", "link_availability"): -1,
        ("first_unit_musd2025", "required_price_usd2025_per_month"): 1,
        ("sold_elsewhere_share", "shared_value_musd2025"): 1,
        ("operational_share", "connected_share"): 1,
        ("obstruction_deg", "connected_share"): -1,
        ("processing_ms", "user_rtt_p95_ms"): 1,
        ("access_delay_ms", "user_rtt_p50_ms"): 1,
        ("cable_detour", "user_rtt_p95_ms"): 1,
    },
    example=EXAMPLE,
)
