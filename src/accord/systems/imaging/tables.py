"""Every mission's looks at every place as flat tables, and the rates of looks over the region for the map."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.physics.grid import region_grid
from accord.systems.imaging.inputs import Design
from accord.systems.imaging.looks import Looks, looks, rates_per_day
from accord.systems.imaging.missions import Mission

FloatArray = NDArray[np.float64]
Report = Callable[[float, float, str], None]

__all__ = ["planned_looks"]

_MAP_SHIFTS = 8
_MOST_CELLS = 3000
_SENSORS = ("radar", "optical")


def planned_looks(design: Design, fleet: list[Mission], progress: Report) -> dict[str, Any]:
    """Return what events need: the looks of each mission at each place, months, weights, and the map.

    Raises
    ------
    ModelError
        When nobody looks at any of the places, and for regions too large for their cells.
    """
    assert design.area is not None
    places = design.area.places
    latitude, longitude = (
        np.array([getattr(p, k) for p in places]) for k in ("latitude_deg", "longitude_deg")
    )
    stations = [(s.latitude_deg, s.longitude_deg) for s in design.stations]
    found = []
    for number, mission in enumerate(fleet):
        found.append(looks(mission, latitude, longitude, stations, design.station_mask_deg))
        if not np.isfinite(found[-1].wait_h).all():
            raise ModelError(f"{mission.title}: a satellite never passes any station: add one that it sees")
        progress(0.6 * (number + 1), len(fleet), "looks")
    cloud, season = _months(design)
    rates = _rates(design, fleet, found, len(places))
    if not sum(rates.values()).any():  # type: ignore[union-attr]
        raise ModelError(
            "nobody ever looks at any of the places in light that serves: strips are too narrow, the period too short "
            "or the latitudes too high"
        )
    people = np.array([p.people if p.people is not None else 1.0 for p in places])
    people = people if people.sum() > 0.0 else np.ones(len(places))
    seen = (rates["radar"] + rates["optical"]).max(axis=1) * design.patience_h / 24.0 >= 1.0
    share = season / season.sum(axis=1, keepdims=True)
    drawn = _map(design, fleet, lambda done: progress(0.6 + 0.4 * done, 1.0, "map of looks"))
    progress(1.0, 1.0, "map of looks")
    return {
        **_flat(design, fleet, found),
        "cloud": cloud,
        "season": np.cumsum(share, axis=1),
        "month_weight": share / len(places),
        "place_weight": np.cumsum(np.full(len(places), 1.0 / len(places))),
        "people": people,
        "people_covered": float(np.sum([(p.people or 0.0) * s for p, s in zip(places, seen, strict=True)])),
        "radar_per_day": rates["radar"],
        "optical_per_day": rates["optical"],
        "longest_gap_h": _longest_gap_h(design, fleet, found, len(places)),
        "owned": sum(len(m.ephemeris.names) for m in fleet if m.owned),
        "titles": [m.title for m in fleet],
        **drawn,
    }


def _months(design: Design) -> tuple[FloatArray, FloatArray]:
    """Return share of cloud and weight of the season by place and month, shape (places, 12) each."""
    assert design.area is not None
    own = {name: climate for climate in design.climates for name in climate.places}
    rows = [own.get(place.name) for place in design.area.places]
    cloud = np.array([design.cloud if row is None else row.cloud for row in rows])
    season = np.array([design.season if row is None else row.season for row in rows])
    return cloud, season


def _flat(design: Design, fleet: list[Mission], found: list[Looks]) -> dict[str, Any]:
    """Return the tables of all missions, one after the other."""
    starts = np.cumsum([0, *(len(each.time_h) for each in found)])
    widest = max(len(each.begin) for each in found)
    begin = np.zeros((len(found), widest), np.int64)
    for k, each in enumerate(found):
        begin[k, : len(each.begin)] = each.begin + starts[k]
    lit = [
        np.ones(each.sun_deg.shape, np.uint8)
        if mission.sensor == "radar"
        else (each.sun_deg >= design.sun_mask_deg).astype(np.uint8)
        for mission, each in zip(fleet, found, strict=True)
    ]
    return {
        "begin": begin,
        "shifts": np.array([each.shifts for each in found], np.int64),
        "time_h": np.concatenate([each.time_h for each in found]),
        "lit": np.concatenate(lit),
        "wait_h": np.concatenate([each.wait_h for each in found]),
        "period_h": np.array([each.period_h for each in found]),
        "kind": np.array([_SENSORS.index(m.sensor) for m in fleet], np.int64),
        "delay_h": np.array([m.delay_h if m.delay_h is not None else (-1.0,) * 3 for m in fleet], float),
        "tasked": np.array([int(m.tasked) for m in fleet], np.int64),
        "resolution_m": np.array([m.resolution_m for m in fleet], float),
    }


def _rates(design: Design, fleet: list[Mission], found: list[Looks], places: int) -> dict[str, FloatArray]:
    """Return looks a day of each kind of sensor by place and month, night left out for optical ones."""
    total = {sensor: np.zeros((places, 12)) for sensor in _SENSORS}
    for mission, each in zip(fleet, found, strict=True):
        mask = None if mission.sensor == "radar" else design.sun_mask_deg
        total[mission.sensor] += rates_per_day(each, places, mask)
    return total


def _longest_gap_h(design: Design, fleet: list[Mission], found: list[Looks], places: int) -> float:
    """Return the longest time between looks of any mission at any place, one position of the tracks, in March.

    Looks of all missions are laid out over the longest period; a place that nobody sees counts with it twice.
    """
    span = max(each.period_h for each in found)
    worst = 0.0
    for place in range(places):
        times = []
        for mission, each in zip(fleet, found, strict=True):
            row = place * each.shifts
            part = slice(int(each.begin[row]), int(each.begin[row + 1]))
            lit = each.sun_deg[part, 2] >= design.sun_mask_deg if mission.sensor == "optical" else slice(None)
            once = each.time_h[part][lit]
            times += [once + k * each.period_h for k in range(math.ceil(2.0 * span / each.period_h))]
        moments = np.sort(np.concatenate([*times, [0.0, 2.0 * span]]))
        inner = np.diff(moments)[1:-1] if len(moments) > 3 else np.diff(moments)
        worst = max(worst, float(inner.max()))
    return worst


def _map(design: Design, fleet: list[Mission], progress: Callable[[float], None]) -> dict[str, Any]:
    """Return the cells of the region with the mean looks a day of each kind of sensor over the year."""
    assert design.area is not None
    try:
        grid = region_grid(design.area.polygons, design.cell_km / EARTH_MEAN_RADIUS_KM, least=12)
    except ValueError as error:
        raise ModelError(f"region {design.area.title}: {error}") from error
    count = int(np.count_nonzero(grid.inside))
    if count > _MOST_CELLS:
        raise ModelError(f"{count} cells are more than {_MOST_CELLS}: choose larger ones (cell)")
    row = grid.row_of_cell[grid.inside]
    latitude = np.degrees(grid.latitude_rad[row])
    longitude = np.degrees(grid.longitude_rad[grid.inside])
    rates = {sensor: np.zeros(count) for sensor in _SENSORS}
    for number, mission in enumerate(fleet):
        asked = replace(mission, delay_h=(0.0, 0.0, 0.0))  # whose waits are not worked out
        each = looks(asked, latitude, longitude, shifts=_MAP_SHIFTS)
        mask = None if mission.sensor == "radar" else design.sun_mask_deg
        rates[mission.sensor] += rates_per_day(each, count, mask).mean(axis=1)
        progress((number + 1) / len(fleet))
    return {
        "cell_latitude_deg": latitude,
        "cell_longitude_deg": longitude,
        "cell_width_deg": np.degrees(grid.spacing_rad[row]),
        "cell_height_deg": float(np.degrees(np.diff(grid.latitude_rad).min()))
        if len(grid.latitude_rad) > 1
        else float(np.degrees(design.cell_km / EARTH_MEAN_RADIUS_KM)),
        "cell_radar_per_day": rates["radar"],
        "cell_optical_per_day": rates["optical"],
    }
