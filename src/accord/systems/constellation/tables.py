"""Dear work, once per design: what the fleet shows to region, places and world, for several obstructions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract.streams import generator
from accord.errors import ModelError
from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.physics.coverage import Coverage, coverage
from accord.physics.grid import Grid, global_grid, lattice_grid, points_grid, region_grid
from accord.physics.walker import cap_angle_rad
from accord.systems.constellation.fleet import Satellites
from accord.systems.constellation.inputs import MAX_OBSTRUCTION_DEG, Design

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["OBSTRUCTIONS_DEG", "SHARES", "expected_in_view", "failure_levels", "region_of", "tables"]

# Between these the tables are interpolated: linear in the area that a satellite covers, which the mean number
# in view follows almost exactly; gaps also between shares of working satellites, the last being none at all
OBSTRUCTIONS_DEG = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 12.0, 14.0, 17.0, MAX_OBSTRUCTION_DEG)
SHARES = (1.0, 0.97, 0.94, 0.9, 0.85, 0.75, 0.6, 0.4, 0.2, 0.0)
MAP_ROWS, MAP_COLUMNS = 36, 72
_MOST_CELLS = 40_000
_GLOBAL_ROWS = 45  # 2 578 cells where no region is given


def region_of(design: Design) -> Grid:
    """Return the cells of the region, or of the whole Earth.

    Raises
    ------
    ModelError
        For more cells than can be counted, or a region without area.
    """
    if design.area is None:
        return global_grid(_GLOBAL_ROWS)
    step = design.cell_km / EARTH_MEAN_RADIUS_KM
    try:
        grid = region_grid(design.area.polygons, step)
    except ValueError as error:
        raise ModelError(f"{design.area.title}: {error}") from error
    if len(grid.inside) > _MOST_CELLS:
        raise ModelError(
            f"{design.area.title}: {len(grid.inside)} cells of {design.cell_km:g} km, "
            f"expected at most {_MOST_CELLS}: choose a larger cell"
        )
    return grid


def expected_in_view(satellites: Satellites, obstruction_deg: FloatArray) -> FloatArray:
    """Return the mean number in view over a whole sphere: ``sum T (1 - cos lambda)/2``, shape as the input.

    Parameters
    ----------
    obstruction_deg : float array, any shape [deg]
    """
    return covered_sum(
        np.bincount(satellites.group).astype(float),
        satellites.radius_km,
        satellites.masks_rad,
        obstruction_deg,
    )


def covered_sum(
    sizes: FloatArray, radius_km: FloatArray, masks_rad: FloatArray, obstruction_deg: FloatArray
) -> FloatArray:
    """Return as `expected_in_view`, from sizes, radii [km] and masks [rad] of the groups, shape (groups,)."""
    total = np.zeros(np.shape(obstruction_deg))
    for size, radius, mask in zip(sizes, radius_km, masks_rad, strict=True):
        angle = cap_angle_rad(radius, mask + np.radians(obstruction_deg), EARTH_MEAN_RADIUS_KM)
        total = total + size * 0.5 * (1.0 - np.cos(angle))
    return total


def failure_levels(count: int) -> IntArray:
    """Return for each satellite the last of the nested fleets of `SHARES` in which it still works.

    The order of failure is drawn once and for all: a smaller share always loses satellites and gains none.
    """
    rank = generator("constellation", "order of failure").permutation(count)
    working = np.rint(np.array(SHARES[:-1]) * count)
    level: IntArray = np.sum(rank[:, None] < working[None, :], axis=1) - 1
    return level


def tables(design: Design, satellites: Satellites, progress: Callable[[float], None]) -> dict[str, Any]:
    """Count everything the model and its figures need.

    Returns
    -------
    dict
        ``histogram``: share of area x time with N in view, shape (obstructions, N); ``place_histogram``: the
        same of each place, shape (places, obstructions, N); ``serving``: mean satellites that serve the
        region, shape (obstructions,); ``max_gap_min``, ``mean_gap_min``, ``mean_wait_min``, ``always``: shape
        (obstructions, shares); ``gap_length_min``, ``gap_time``: lengths and, for each share, the share of
        area x time within gaps of that length, without obstruction; ``cell_*``: cells of the region;
        ``map_*``: the world.
    """
    grid, level = region_of(design), failure_levels(len(satellites))
    places = design.area.places if design.area is not None else ()
    runs = len(OBSTRUCTIONS_DEG)
    found: list[dict[str, Any]] = []
    histograms, of_places, serving = [], [], []
    for number, obstruction in enumerate(OBSTRUCTIONS_DEG):
        fleet = satellites.fleet(obstruction)
        seen = coverage(
            fleet,
            grid,
            design.step_s,
            design.steps,
            level=level,
            progress=lambda done, number=number: progress((number + done) / (runs + 1)),  # type: ignore[misc]
        )
        histograms.append(_shares(seen, grid))
        found.append(_gaps(seen, grid, design.step_s, with_lengths=number == 0))
        serving.append(float(seen.serving.mean()))
        if number == 0:
            region = _cells(seen, grid)
        if places:
            spots = points_grid(
                np.radians([p.latitude_deg for p in places]), np.radians([p.longitude_deg for p in places])
            )
            at_places = coverage(fleet, spots, design.step_s, design.steps)
            of_places.append(at_places.histogram / design.steps)
    used = int(
        max(np.max(np.nonzero(h)[0], initial=0) for h in histograms + [h.sum(axis=0) for h in of_places])
    )
    place_histogram = (
        np.stack(of_places, axis=1)[..., : used + 1] if places else np.zeros((0, runs, used + 1))
    )
    gaps = {key: np.array([entry[key] for entry in found]) for key in _GAP_TABLES}
    return {
        "histogram": np.array(histograms)[:, : used + 1],
        "place_histogram": place_histogram,
        "serving": np.array(serving),
        **gaps,
        "gap_length_min": found[0]["gap_length_min"],
        "gap_time": found[0]["gap_time"],
        **region,
        **_world(design, satellites),
    }


_GAP_TABLES = ("max_gap_min", "mean_gap_min", "mean_wait_min", "always")


def _shares(seen: Coverage, grid: Grid) -> FloatArray:
    """Return the share of area x time with N in view, shape (satellites + 1,)."""
    weighted = np.zeros(seen.histogram.shape[1])
    for row, area in zip(seen.histogram, grid.area_km2, strict=True):
        weighted += row * area
    total: float = weighted.sum()
    return weighted / total


def _gaps(seen: Coverage, grid: Grid, step_s: float, *, with_lengths: bool) -> dict[str, Any]:
    """Return gap tables over the shares of working satellites, the empty fleet included."""
    weight, step_min = grid.weight, step_s / 60.0
    area, period_min = float(weight.sum()), seen.steps * step_s / 60.0
    lengths = np.arange(seen.steps + 1) * step_min
    counts = np.einsum("r,rln->ln", grid.area_km2, seen.gap_lengths)  # area x number, shape (levels, lengths)
    number, spent = counts.sum(axis=1), counts @ lengths
    levels = counts.shape[0]
    tops = np.where(weight > 0.0, seen.max_gap, 0)
    mean = np.divide(spent, number, out=np.zeros(levels), where=number > 0.0)
    table: dict[str, Any] = {
        "max_gap_min": _with_empty(tops.max(axis=1) * step_min, period_min),
        "mean_gap_min": _with_empty(mean, period_min),
        "mean_wait_min": _with_empty((counts @ lengths**2) / (2.0 * period_min * area), 0.5 * period_min),
        "always": _with_empty(((tops == 0) * weight).sum(axis=1) / area, 0.0),
    }
    if with_lengths:
        used = int(np.max(np.nonzero(counts)[1], initial=0)) + 1
        table["gap_length_min"] = lengths[:used]
        table["gap_time"] = (counts * lengths)[:, :used] / (period_min * area)
    return table


def _with_empty(values: FloatArray, empty: float) -> FloatArray:
    """Append the empty fleet, which small shares of a small fleet round to as well; shape (shares,)."""
    return np.concatenate([values, np.full(len(SHARES) - len(values), empty)])


def _cells(seen: Coverage, grid: Grid) -> dict[str, Any]:
    """Return what the region map draws: one entry a cell inside."""
    keep = grid.inside
    row = grid.row_of_cell[keep]
    height = np.median(np.diff(grid.latitude_rad)) if len(grid.latitude_rad) > 1 else grid.spacing_rad[0]
    return {
        "cell_latitude_deg": np.degrees(grid.latitude_rad[row]),
        "cell_longitude_deg": np.degrees(grid.longitude_rad[keep]),
        "cell_width_deg": np.degrees(grid.spacing_rad[row]),
        "cell_height_deg": math.degrees(float(height)),
        "cell_in_view": seen.total[keep] / seen.steps,
        "cell_cover": seen.covered[keep] / seen.steps,
    }


def _world(design: Design, satellites: Satellites) -> dict[str, Any]:
    """Return the mean in view over the world, and where the fleet stands at time zero."""
    grid = lattice_grid(MAP_ROWS, MAP_COLUMNS)
    seen = coverage(satellites.fleet(), grid, design.step_s, design.steps)
    position = satellites.states(np.zeros(1))[0][:, 0]
    return {
        "map_in_view": (seen.total / seen.steps).reshape(MAP_ROWS, MAP_COLUMNS),
        "map_latitude_deg": np.degrees(grid.latitude_rad),
        "start_latitude_deg": np.degrees(np.arcsin(position[:, 2] / np.linalg.norm(position, axis=1))),
        "start_longitude_deg": np.degrees(np.arctan2(position[:, 1], position[:, 0])),
    }
