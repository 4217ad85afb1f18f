"""Cells on the Earth."""

import math

import numpy as np
import pytest

from accord.physics.grid import global_grid, lattice_grid, points_grid, polygon_contains, region_grid

EARTH_KM2 = 510065621.724
SQUARE = ((((10.0, 40.0), (20.0, 40.0), (20.0, 50.0), (10.0, 50.0), (10.0, 40.0)),),)


@pytest.mark.parametrize("make", [lambda: global_grid(63), lambda: lattice_grid(36, 72)])
def test_cells_tile_the_ellipsoid(make) -> None:
    grid = make()
    assert np.sum(grid.weight) == pytest.approx(EARTH_KM2, rel=1e-9)
    assert len(grid.longitude_rad) == len(grid.inside) == grid.cells.sum()
    assert np.abs(grid.longitude_rad).max() <= math.pi


def test_global_cells_are_nearly_square() -> None:
    grid = global_grid(63)
    low = np.abs(np.degrees(grid.latitude_rad)) < 60
    shape = grid.spacing_rad * np.cos(grid.latitude_rad) / (math.pi / 63)
    np.testing.assert_allclose(shape[low], 1.0, atol=0.02)


def test_one_row_is_the_whole_earth() -> None:
    assert np.sum(global_grid(1).weight) == pytest.approx(EARTH_KM2, rel=1e-9)


def test_sites_lie_where_the_angles_say() -> None:
    grid = points_grid(np.array([0.0, math.pi / 2]), np.array([0.5, 0.0]))
    np.testing.assert_allclose(grid.sites()[0], 6378.137 * np.array([math.cos(0.5), math.sin(0.5), 0.0]))
    assert grid.sites()[1, 2] == pytest.approx(6356.752314, abs=1e-6)


def test_region_has_its_area() -> None:
    grid = region_grid(SQUARE, 100.0 / 6371.0)
    # 10 x 10 degrees between 40 and 50 north: R^2 dlon (sin 50 - sin 40), Earth as a sphere
    expected = 6371.0**2 * math.radians(10) * (math.sin(math.radians(50)) - math.sin(math.radians(40)))
    assert np.sum(grid.weight) == pytest.approx(expected, rel=0.03)
    x, y = np.degrees(grid.longitude_rad), np.degrees(grid.latitude_rad[grid.row_of_cell])
    assert np.all(polygon_contains(SQUARE, x[grid.inside], y[grid.inside]))


def test_small_regions_get_smaller_cells() -> None:
    tiny = ((((10.0, 40.0), (10.1, 40.0), (10.1, 40.1), (10.0, 40.0)),),)
    assert np.count_nonzero(region_grid(tiny, 100.0 / 6371.0).inside) >= 60


def test_regions_at_a_pole_and_across_the_antimeridian() -> None:
    cap = ((((-180.0, 80.0), (180.0, 80.0), (180.0, 90.0), (-180.0, 90.0), (-180.0, 80.0)),),)
    grid = region_grid(cap, 100.0 / 6371.0)
    expected = 2 * math.pi * 6399.59**2 * (1 - math.sin(math.radians(80)))  # polar radius of curvature
    assert np.sum(grid.weight) == pytest.approx(expected, rel=0.03)
    two = (
        ((((170.0, 0.0), (180.0, 0.0), (180.0, 10.0), (170.0, 10.0), (170.0, 0.0)),)),
        ((((-180.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (-180.0, 10.0), (-180.0, 0.0)),)),
    )
    split = region_grid(two, 100.0 / 6371.0)
    east = np.degrees(split.longitude_rad[split.inside])
    assert np.all(np.abs(east) >= 170.0)
    assert np.count_nonzero(east > 0) == pytest.approx(np.count_nonzero(east < 0), abs=12)


def test_holes_are_outside() -> None:
    hole = ((13.0, 43.0), (17.0, 43.0), (17.0, 47.0), (13.0, 47.0), (13.0, 43.0))
    polygons = ((SQUARE[0][0], hole),)
    x, y = np.array([11.0, 15.0, 25.0]), np.array([45.0, 45.0, 45.0])
    assert polygon_contains(polygons, x, y).tolist() == [True, False, False]


def test_a_region_without_area_is_refused() -> None:
    line = ((((10.0, 40.0), (20.0, 40.0), (10.0, 40.0)),),)
    with pytest.raises(ValueError, match="no area"):
        region_grid(line, 0.01)
