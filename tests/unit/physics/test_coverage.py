"""The interval count against the plain test of every satellite, place and moment."""

import math

import numpy as np
import pytest

from accord.physics.coverage import Fleet, coverage
from accord.physics.geodesy import elevation_rad, normal
from accord.physics.grid import Grid, global_grid, points_grid, region_grid
from accord.physics.orbits import circular_pef
from accord.physics.walker import walker

WEDGE = ((((170.0, 60.0), (180.0, 60.0), (180.0, 75.0), (150.0, 75.0), (170.0, 60.0)),),)


def star(total: int, planes: int, altitude_km: float, degrees: float, mask_deg: float) -> Fleet:
    node, u = walker(total, planes, 1, math.pi / planes)
    axis = 6378.137 + altitude_km
    return Fleet(
        positions=lambda seconds: circular_pef(axis, math.radians(degrees), node, u, 0.7, seconds)[0],
        group=np.zeros(total, dtype=np.int64),
        radius_km=np.array([axis]),
        mask_rad=np.radians([mask_deg]),
    )


def standing(places: list[tuple[float, float]], altitude_km: float, mask_deg: float) -> Fleet:
    """Satellites that hang still over places given as geocentric (latitude, longitude) in degrees."""
    lat, lon = np.radians(np.array(places)).T
    fixed = (6378.137 + altitude_km) * normal(lat, lon)
    return Fleet(
        positions=lambda seconds: np.repeat(fixed[:, None, :], len(seconds), axis=1),
        group=np.zeros(len(places), dtype=np.int64),
        radius_km=np.array([6378.137 + altitude_km]),
        mask_rad=np.radians([mask_deg]),
    )


def every_pair(fleet: Fleet, grid: Grid, step_s: float, steps: int) -> np.ndarray:
    """Return satellites in view, shape (steps, cells), by testing each satellite against each place."""
    site = grid.sites()
    up = normal(grid.latitude_rad[grid.row_of_cell], grid.longitude_rad)
    position = fleet.positions(step_s * np.arange(steps, dtype=float))
    counts = np.zeros((steps, len(site)), dtype=int)
    for satellite, group in zip(position, fleet.group, strict=True):
        for t, r in enumerate(satellite):
            counts[t] += elevation_rad(r[None], site, up) >= fleet.mask_rad[group]
    return counts


@pytest.mark.parametrize(
    ("altitude_km", "degrees", "mask_deg"),
    [(1200, 87.9, 25), (550, 53, 40), (550, 97.6, 0), (300, 90, 80), (36000, 63, 10)],
)
def test_counts_are_those_of_every_pair(altitude_km, degrees, mask_deg) -> None:
    fleet = star(66, 6, altitude_km, degrees, mask_deg)
    for grid in (global_grid(24), region_grid(WEDGE, 0.03)):
        seen = coverage(fleet, grid, 700.0, 6)
        expected = every_pair(fleet, grid, 700.0, 6)
        assert np.array_equal(seen.total[grid.inside], expected.sum(axis=0)[grid.inside])
        assert np.array_equal(seen.covered[grid.inside], (expected > 0).sum(axis=0)[grid.inside])


def test_histogram_gaps_and_service_of_every_pair() -> None:
    fleet, grid = star(24, 4, 1200, 87.9, 20), region_grid(WEDGE, 0.05)
    seen = coverage(fleet, grid, 60.0, 120)
    counts = every_pair(fleet, grid, 60.0, 120)[:, grid.inside]
    assert np.array_equal(seen.histogram.sum(axis=0)[:25], np.bincount(counts.ravel(), minlength=25))
    lengths, longest = np.zeros(121, dtype=int), []
    for cell in (counts == 0).T:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cell, [0]])))
        runs = edges[1::2] - edges[::2]
        longest.append(max(runs, default=0))
        lengths += np.bincount(runs, minlength=121)
    assert np.array_equal(seen.gap_lengths[:, 0].sum(axis=0), lengths)
    assert np.array_equal(seen.max_gap[0][grid.inside], longest)


def test_serving_satellites_are_those_some_cell_sees() -> None:
    fleet, grid = star(66, 6, 780, 86.4, 10), region_grid(WEDGE, 0.05)
    seen = coverage(fleet, grid, 300.0, 10)
    site, up = (
        grid.sites()[grid.inside],
        normal(grid.latitude_rad[grid.row_of_cell], grid.longitude_rad)[grid.inside],
    )
    position = fleet.positions(300.0 * np.arange(10, dtype=float))
    expected = [
        sum(bool(np.any(elevation_rad(r[None], site, up) >= fleet.mask_rad[0])) for r in position[:, t])
        for t in range(10)
    ]
    assert seen.serving.tolist() == expected


def test_thread_count_changes_nothing() -> None:
    fleet, grid = star(66, 6, 780, 86.4, 10), global_grid(18)
    first, second = coverage(fleet, grid, 60.0, 50, threads=1), coverage(fleet, grid, 60.0, 50, threads=3)
    for name in ("histogram", "total", "covered", "max_gap", "gap_lengths", "serving"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_nested_fleets_are_the_smaller_fleets() -> None:
    fleet, grid = star(24, 4, 1200, 87.9, 20), global_grid(12)
    level = np.arange(24) % 3
    seen = coverage(fleet, grid, 120.0, 60, level=level)
    for k in range(3):
        keep = np.flatnonzero(level >= k)
        part = Fleet(
            positions=lambda seconds, keep=keep: fleet.positions(seconds)[keep],
            group=fleet.group[keep],
            radius_km=fleet.radius_km,
            mask_rad=fleet.mask_rad,
        )
        alone = coverage(part, grid, 120.0, 60)
        assert np.array_equal(seen.max_gap[k], alone.max_gap[0])
        assert np.array_equal(seen.gap_lengths[:, k], alone.gap_lengths[:, 0])


def test_two_fold_threshold() -> None:
    grid = points_grid(np.radians([0.0]), np.radians([0.0]))
    fleet = standing([(0.0, 0.0), (1.0, 1.0)], 1000.0, 10.0)
    assert coverage(fleet, grid, 60.0, 5, threshold=2).covered.tolist() == [5]
    seen = coverage(fleet, grid, 60.0, 5, threshold=3)
    assert seen.covered.tolist() == [0]
    assert seen.max_gap.tolist() == [[5]]


def test_one_satellite_over_the_pole_and_one_at_rest_over_the_antimeridian() -> None:
    grid = global_grid(90)
    for place in ((90.0, 0.0), (-90.0, 0.0), (10.0, 180.0), (10.0, -180.0), (0.0, 0.0)):
        fleet = standing([place], 1200.0, 25.0)
        assert np.array_equal(
            coverage(fleet, grid, 60.0, 2).total, every_pair(fleet, grid, 60.0, 2).sum(axis=0)
        )


def test_places_at_the_poles() -> None:
    grid = points_grid(np.radians([90.0, -90.0]), np.zeros(2))
    fleet = standing([(85.0, 40.0), (90.0, 0.0), (-60.0, 3.0)], 1200.0, 25.0)
    assert coverage(fleet, grid, 60.0, 1).total.tolist() == every_pair(fleet, grid, 60.0, 1)[0].tolist()


def test_co_located_satellites_count_each() -> None:
    grid = points_grid(np.zeros(1), np.zeros(1))
    assert coverage(standing([(0.0, 0.0)] * 3, 500.0, 30.0), grid, 1.0, 4).histogram[0].tolist() == [
        0,
        0,
        0,
        4,
    ]


def test_progress_reaches_one() -> None:
    told: list[float] = []
    coverage(star(66, 6, 780, 86.4, 10), global_grid(6), 60.0, 2000, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 1
