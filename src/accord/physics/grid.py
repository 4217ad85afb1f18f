"""Places on which coverage is counted: rows of constant geodetic latitude, cells evenly spaced along each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accord.physics.geodesy import ecef_from_geodetic, zone_area_km2

FloatArray = NDArray[np.float64]
Polygon = Sequence[Sequence[tuple[float, float]]]

__all__ = ["Grid", "global_grid", "lattice_grid", "points_grid", "polygon_contains", "region_grid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows of cells.

    Attributes
    ----------
    latitude_rad, west_rad, spacing_rad : float array, shape (rows,) [rad]
        Latitude, longitude of the first cell's centre, spacing between centres.
    cells : int array, shape (rows,)
    area_km2 : float array, shape (rows,) [km2]
        Of one cell; 1 where cells are points.
    inside : bool array, shape (all cells,)
        Cells that count, row after row.
    """

    latitude_rad: FloatArray
    west_rad: FloatArray
    spacing_rad: FloatArray
    cells: NDArray[np.int64]
    area_km2: FloatArray
    inside: NDArray[np.bool_]

    @property
    def start(self) -> NDArray[np.int64]:
        """Index of each row's first cell, shape (rows,)."""
        first: NDArray[np.int64] = np.concatenate([[0], np.cumsum(self.cells)[:-1]])
        return first

    @property
    def row_of_cell(self) -> NDArray[np.int64]:
        """Row of each cell, shape (all cells,)."""
        return np.repeat(np.arange(len(self.cells)), self.cells)

    @property
    def longitude_rad(self) -> FloatArray:
        """Longitude of each cell [rad], -pi to pi, shape (all cells,)."""
        row = self.row_of_cell
        along = np.arange(len(row)) - self.start[row]
        east = self.west_rad[row] + along * self.spacing_rad[row]
        wrapped: FloatArray = np.mod(east + math.pi, 2.0 * math.pi) - math.pi
        return wrapped

    @property
    def weight(self) -> FloatArray:
        """Area of each cell that counts, 0 for the others, shape (all cells,)."""
        return np.where(self.inside, self.area_km2[self.row_of_cell], 0.0)

    def sites(self) -> FloatArray:
        """Return the cells' positions on the ellipsoid [km], shape (all cells, 3)."""
        return ecef_from_geodetic(self.latitude_rad[self.row_of_cell], self.longitude_rad)


def global_grid(rows: int) -> Grid:
    """Return about ``4 rows^2 / pi`` nearly square cells that tile the ellipsoid, in so many rows."""
    step = math.pi / rows
    latitude = -0.5 * math.pi + step * (np.arange(rows, dtype=float) + 0.5)
    return _rings_within(latitude, step, np.array([[-180.0, -90.0], [180.0, 90.0]]))


def lattice_grid(rows: int, columns: int) -> Grid:
    """Return a lattice of equal steps in latitude and longitude over the whole Earth, for maps."""
    step = math.pi / rows
    latitude = -0.5 * math.pi + step * (np.arange(rows, dtype=float) + 0.5)
    spacing = np.full(rows, 2.0 * math.pi / columns)
    return Grid(
        latitude_rad=latitude,
        west_rad=-math.pi + 0.5 * spacing,
        spacing_rad=spacing,
        cells=np.full(rows, columns, dtype=np.int64),
        area_km2=zone_area_km2(latitude - 0.5 * step, latitude + 0.5 * step) / columns,
        inside=np.ones(rows * columns, dtype=bool),
    )


def points_grid(latitude_rad: FloatArray, longitude_rad: FloatArray) -> Grid:
    """Return single places as rows of one cell each."""
    count = len(latitude_rad)
    return Grid(
        latitude_rad=np.asarray(latitude_rad, dtype=float),
        west_rad=np.asarray(longitude_rad, dtype=float),
        spacing_rad=np.full(count, 2.0 * math.pi),
        cells=np.ones(count, dtype=np.int64),
        area_km2=np.ones(count),
        inside=np.ones(count, dtype=bool),
    )


def polygon_contains(polygons: Sequence[Polygon], x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
    """Tell which points lie in any polygon, by the even-odd rule on plain longitude and latitude (RFC 7946).

    Parameters
    ----------
    polygons : sequence of polygons
        Each an outline and its holes, closed rings of (longitude, latitude) [deg].
    x, y : float array, shape (n,) [deg]
    """
    found = np.zeros(len(x), dtype=bool)
    for polygon in polygons:
        odd = np.zeros(len(x), dtype=bool)
        for ring in polygon:
            for (x1, y1), (x2, y2) in pairwise(ring):
                if y1 != y2:
                    crosses = (y1 > y) != (y2 > y)
                    odd ^= crosses & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
        found |= odd
    return found


def region_grid(polygons: Sequence[Polygon], step_rad: float, least: int = 60) -> Grid:
    """Return nearly square cells whose centres lie in a region.

    Parameters
    ----------
    polygons : sequence of polygons
        As for `polygon_contains`.
    step_rad : float [rad]
        Spacing of rows; halved until at least `least` cells lie inside.

    Raises
    ------
    ValueError
        When the region is so thin that no spacing above 30 m finds enough cells.
    """
    corners = np.array([corner for polygon in polygons for corner in polygon[0]])
    south, north = np.radians(corners[:, 1].min()), np.radians(corners[:, 1].max())
    while step_rad > 5e-6 and north > south and np.ptp(corners[:, 0]) > 0.0:
        count = max(1, math.ceil((north - south) / step_rad))
        fitted = (north - south) / count  # rows that fill the extent, so that edges are not biased
        latitude = south + fitted * (np.arange(count, dtype=float) + 0.5)
        grid = _cut(_rings_within(latitude, fitted, corners), polygons)
        if np.count_nonzero(grid.inside) >= least:
            return grid
        step_rad *= 0.5
    raise ValueError("the region has no area")


def _rings_within(latitude: FloatArray, step: float, corners: FloatArray) -> Grid:
    """Return arcs at the given latitudes from the westernmost to the easternmost corner."""
    west, east = np.radians(corners[:, 0].min()), np.radians(corners[:, 0].max())
    cells = np.maximum(1, np.rint((east - west) * np.cos(latitude) / step)).astype(np.int64)
    spacing = (east - west) / cells
    zone = zone_area_km2(latitude - 0.5 * step, latitude + 0.5 * step)
    return Grid(
        latitude_rad=latitude,
        west_rad=west + 0.5 * spacing,
        spacing_rad=spacing,
        cells=cells,
        area_km2=zone * spacing / (2.0 * math.pi),
        inside=np.ones(int(cells.sum()), dtype=bool),
    )


def _cut(grid: Grid, polygons: Sequence[Polygon]) -> Grid:
    """Keep the cells with their centre in the region, and rows that have any."""
    row = grid.row_of_cell
    x, y = np.degrees(grid.longitude_rad), np.degrees(grid.latitude_rad[row])
    inside = polygon_contains(polygons, x, y)
    keep = np.bincount(row[inside], minlength=len(grid.cells)) > 0
    return Grid(
        latitude_rad=grid.latitude_rad[keep],
        west_rad=grid.west_rad[keep],
        spacing_rad=grid.spacing_rad[keep],
        cells=grid.cells[keep],
        area_km2=grid.area_km2[keep],
        inside=inside[keep[row]],
    )
