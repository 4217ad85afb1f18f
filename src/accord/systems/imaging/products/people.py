"""People on each pixel, from a population grid or from settlements."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene.aligned import Aligned
from accord.systems.imaging.scene.grid import Grid, Strip
from accord.systems.imaging.scene.integrity import opened

__all__ = ["PopulationGrid", "Settlements", "opened_people"]

_DENSITY_KM2 = 3000.0  # of a settlement's built-up ground, to give a point its extent
_LEAST_RADIUS_M = 150.0


class PopulationGrid:
    """A raster of people a cell.

    Parameters
    ----------
    path : Path
    grid : Grid
        Of the scene.
    """

    def __init__(self, path: Path, grid: Grid) -> None:
        self.source, self.grid = Aligned(path, grid, resampling="average"), grid
        from rasterio.warp import transform_bounds

        with opened(path) as raster:
            if raster.crs is None:
                raise FileError(f"{path}: the population grid has no reference system")
            west, south, east, north = transform_bounds(raster.crs, "EPSG:4326", *raster.bounds)
            a, e = abs(raster.transform[0]), abs(raster.transform[4])
            self._geographic = bool(raster.crs.is_geographic)
        self._cell = (a, e)
        row = np.array([0.0, grid.height])
        lon, lat = grid.lonlat(np.full(2, grid.width / 2.0), row)
        if (
            lat.max() < south
            or lat.min() > north
            or (east - west < 359.0 and not west <= lon[0] <= east and not west <= lon[0] - 360.0 <= east)
        ):
            raise FileError(
                f"{path}: covers {west:.2f}..{east:.2f} E, {south:.2f}..{north:.2f} N: not the scene"
            )
        self._pixel_m2 = float(grid.block_area_m2(max(grid.width, grid.height))[0, 0])

    def strip(self, strip: Strip) -> NDArray[np.float32]:
        """Return people a pixel, shape (rows, width); 0 where the grid says nothing."""
        value = self.source.strip(strip)
        row = np.arange(strip.top, strip.top + strip.rows) + 0.5
        if self._geographic:
            from accord.systems.imaging.scene.grid import ring_area_m2

            _, lat = self.grid.lonlat(np.full(row.shape, self.grid.width / 2.0), row)
            a, e = self._cell
            lon = np.broadcast_to(np.array([0.0, a, a, 0.0]), (len(row), 4))
            around = np.stack([lat - e / 2, lat - e / 2, lat + e / 2, lat + e / 2], axis=-1)
            cell = ring_area_m2(lon, np.clip(around, -90.0, 90.0))
        else:
            cell = np.full(row.shape, self._cell[0] * self._cell[1])
        people = np.where(np.isfinite(value) & (value > 0.0), value, np.float32(0.0))
        return np.asarray(people * (self._pixel_m2 / cell)[:, None].astype(np.float32))


class Settlements:
    """Places with a number of people, each spread over a disc of usual density.

    Parameters
    ----------
    path : Path
        CSV with lon, lat, population.
    grid : Grid
    """

    def __init__(self, path: Path, grid: Grid) -> None:
        from rasterio.warp import transform

        self.grid, self.pixel_m = grid, grid.pixel_m()
        rows = _places(path)
        x, y = (np.array(v) for v in transform("EPSG:4326", grid.crs, rows[:, 0], rows[:, 1]))
        a, b, c, d, e, f = grid.transform
        det = a * e - b * d
        self.column = (e * (x - c) - b * (y - f)) / det
        self.row = (a * (y - f) - d * (x - c)) / det
        radius = np.maximum(np.sqrt(rows[:, 2] / _DENSITY_KM2 / np.pi) * 1000.0, _LEAST_RADIUS_M)
        self.radius, self.people = radius / self.pixel_m, rows[:, 2]
        near = (self.column > -self.radius) & (self.column < grid.width + self.radius)
        near &= (self.row > -self.radius) & (self.row < grid.height + self.radius)
        if not near.any():
            raise FileError(
                f"{path}: none of {len(rows)} places lies in the scene (are lon and lat swapped?)"
            )
        self.keep = np.flatnonzero(near)

    def strip(self, strip: Strip) -> NDArray[np.float32]:
        """Return people a pixel, shape (rows, width)."""
        out = np.zeros((strip.rows, self.grid.width), np.float32)
        for k in self.keep:
            r, x, y = self.radius[k], self.column[k], self.row[k]
            top, bottom = max(int(y - r), strip.top), min(int(y + r) + 1, strip.top + strip.rows)
            left, right = max(int(x - r), 0), min(int(x + r) + 1, self.grid.width)
            if top >= bottom or left >= right:
                continue
            dy, dx = np.arange(top, bottom)[:, None] + 0.5 - y, np.arange(left, right)[None, :] + 0.5 - x
            inside = dy * dy + dx * dx <= r * r
            out[top - strip.top : bottom - strip.top, left:right] += (
                np.float32(self.people[k] / (np.pi * r * r)) * inside
            )
        return out


def _places(path: Path) -> NDArray[np.float64]:
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for line, row in enumerate(csv.DictReader(stream), 2):
                try:
                    lon, lat, people = (float(row[key]) for key in ("lon", "lat", "population"))
                except (KeyError, TypeError, ValueError):
                    raise FileError(f"{path}:{line}: expected numbers in lon, lat and population") from None
                if not (-180.0 <= lon <= 360.0 and -90.0 <= lat <= 90.0 and people >= 0.0):
                    raise FileError(
                        f"{path}:{line}: lon {lon:g}, lat {lat:g}, population {people:g} out of range"
                    )
                rows.append((lon, lat, people))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    if not rows:
        raise FileError(f"{path}: no places")
    return np.array(rows)


def opened_people(path: Path, grid: Grid) -> PopulationGrid | Settlements:
    """Open a population grid, or settlements from a CSV file.

    Raises
    ------
    FileError
        When it does not cover the scene or cannot be read.
    """
    if path.suffix.lower() == ".csv":
        return Settlements(path, grid)
    return PopulationGrid(path, grid)
