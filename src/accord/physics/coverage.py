"""How many satellites each place sees, for how much of the time, and how long it waits when it sees none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_RADIUS_KM, FLATTENING
from accord.physics.cores import cores
from accord.physics.geodesy import ecef_from_geodetic
from accord.physics.grid import Grid
from accord.physics.walker import cap_angle_rad

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["Coverage", "Fleet", "coverage"]

_BLOCK = 60_000  # states held at a time: 5 MB of tables, whatever the size of fleet and period
_SLACK_RAD = (
    0.006  # the normal leans up to 0.0034 rad off the geocentric direction, and the Earth is no sphere
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Satellites whose coverage is counted.

    Attributes
    ----------
    positions : callable
        ``(seconds, shape (times,)) -> Earth-fixed positions [km], shape (satellites, times, 3)``.
    group : int array, shape (satellites,)
        Satellites of one group share radius and mask.
    radius_km, mask_rad : float array, shape (groups,) [km], [rad]
        Largest distance from the Earth's centre; lowest elevation that counts, 0 to below pi/2.
    """

    positions: Callable[[FloatArray], FloatArray]
    group: IntArray
    radius_km: FloatArray
    mask_rad: FloatArray

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was counted; sub-fleet 0 is the whole fleet.

    Attributes
    ----------
    steps : int
    histogram : int array, shape (rows, satellites + 1)
        Cells times steps with so many satellites in view.
    total, covered : int array, shape (cells,)
        Satellites in view added over the steps; steps with at least the threshold.
    max_gap : int array, shape (sub-fleets, cells)
        Longest gap in steps; a gap cut by the period counts as far as it was seen.
    gap_lengths : int array, shape (rows, sub-fleets, steps + 1)
        Number of gaps by length in steps.
    serving : int array, shape (steps,)
        Satellites that at least one cell sees.
    """

    steps: int
    histogram: IntArray
    total: IntArray
    covered: IntArray
    max_gap: IntArray
    gap_lengths: NDArray[np.int32]
    serving: IntArray


def coverage(
    fleet: Fleet,
    grid: Grid,
    step_s: float,
    steps: int,
    *,
    threshold: int = 1,
    level: IntArray | None = None,
    threads: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Coverage:
    """Count satellites above the mask for every cell and step, exactly on the WGS84 ellipsoid.

    Parameters
    ----------
    fleet : Fleet
    grid : Grid
    step_s, steps : float, int
        Spacing [s] and number of moments from time zero.
    threshold : int
        Satellites needed at once; fewer are a gap.
    level : int array, shape (satellites,), optional
        Satellite s belongs to the sub-fleets ``0..level[s]``: gaps of thinned fleets come from the same pass.
    threads : int
        0 for one a processor; the counts are the same for any number.
    progress : callable, optional
        Called with the share done, between blocks.
    """
    from accord.physics.kernels import rows as kernels

    if level is None:
        level = np.zeros(len(fleet), dtype=np.int64)
    rows, ranks, windows = _rows(grid), _ranks(grid), _windows(fleet, grid)
    levels, cells = int(level.max(initial=0)) + 1, len(grid.inside)
    histogram = np.zeros((len(rows), len(fleet) + 1), dtype=np.int64)
    total, covered = np.zeros(cells, dtype=np.int64), np.zeros(cells, dtype=np.int64)
    run, max_gap = (np.zeros((levels, cells), dtype=np.int32) for _ in range(2))
    gap_lengths = np.zeros((len(rows), levels, steps + 1), dtype=np.int32)
    serving = np.zeros(steps, dtype=np.int64)
    masks, block = np.sin(fleet.mask_rad), max(1, _BLOCK // max(1, len(fleet)))
    workers = threads or cores()
    parts = _parts(grid, workers)
    with ThreadPoolExecutor(workers) as pool:
        ahead = pool.submit(_sky, fleet, step_s, 0, min(block, steps))
        for begin in range(0, steps, block):
            end = min(begin + block, steps)
            tables = ahead.result()
            if end < steps:
                ahead = pool.submit(_sky, fleet, step_s, end, min(end + block, steps))
            seen = np.zeros((end - begin, len(fleet)), dtype=np.uint8)
            fixed = (rows, grid.inside, ranks, windows, masks, fleet.group, level, *tables, threshold, seen)
            filled = (histogram, total, covered, run, max_gap, gap_lengths)
            work = [partial(kernels.count_rows, *part, *fixed, *filled) for part in parts]  # type: ignore[call-arg]
            jobs = [pool.submit(job) for job in work]
            for job in jobs:
                job.result()
            serving[begin:end] = seen.sum(axis=1)
            if progress is not None:
                progress(end / steps)
    _close(grid, run, max_gap, gap_lengths)
    return Coverage(
        steps=steps,
        histogram=histogram,
        total=total,
        covered=covered,
        max_gap=max_gap.astype(np.int64),
        gap_lengths=gap_lengths,
        serving=serving,
    )


def _sky(fleet: Fleet, step_s: float, begin: int, end: int) -> list[FloatArray]:
    """Return the kernel's tables of a block of moments, shape (times, satellites) each."""
    from accord.physics.kernels import rows as kernels

    tables = [np.empty((end - begin, len(fleet))) for _ in range(5)]
    position = fleet.positions(step_s * np.arange(begin, end, dtype=float))
    kernels.sky(position, *tables)
    return tables


def _rows(grid: Grid) -> FloatArray:
    """Return the table of rows that the kernel reads, shape (rows, 8)."""
    site = ecef_from_geodetic(grid.latitude_rad, 0.0)
    angles = (np.cos(grid.latitude_rad), np.sin(grid.latitude_rad), grid.west_rad, grid.spacing_rad)
    return np.stack([site[:, 0], site[:, 2], *angles, grid.cells, grid.start], axis=1)


def _ranks(grid: Grid) -> IntArray:
    """Return for each row the number of inside cells before each cell, shape (cells + rows,)."""
    parts = [np.cumsum(np.concatenate([[0], part])) for part in np.split(grid.inside, grid.start[1:])]
    joined: IntArray = np.concatenate(parts).astype(np.int64)
    return joined


def _windows(fleet: Fleet, grid: Grid) -> FloatArray:
    """Return the sines of latitude beyond which no satellite of a group can be in view, shape (rows,
    groups, 2)."""
    smallest_km = EARTH_RADIUS_KM * (1.0 - FLATTENING)
    reach = cap_angle_rad(fleet.radius_km, fleet.mask_rad, smallest_km) + _SLACK_RAD
    low = grid.latitude_rad[:, None] - reach[None, :]
    high = grid.latitude_rad[:, None] + reach[None, :]
    half = 0.5 * np.pi
    return np.stack([np.sin(np.maximum(low, -half)), np.sin(np.minimum(high, half))], axis=-1)


def _parts(grid: Grid, threads: int) -> list[tuple[int, int]]:
    """Return row ranges of about equal work, a few for each thread so that none waits long."""
    work = np.cumsum(grid.cells + 20)
    cuts = np.searchsorted(work, work[-1] * np.arange(1, 4 * threads) / (4 * threads))
    edges = np.unique(np.concatenate([[0], cuts, [len(work)]]))
    return [(int(a), int(b)) for a, b in pairwise(edges)]


def _close(
    grid: Grid, run: NDArray[np.int32], max_gap: NDArray[np.int32], gap_lengths: NDArray[np.int32]
) -> None:
    """Count the gaps that are still open at the end of the period."""
    level, cell = np.nonzero(run)
    np.add.at(gap_lengths, (grid.row_of_cell[cell], level, run[level, cell]), 1)
    np.maximum(max_gap, run, out=max_gap)
