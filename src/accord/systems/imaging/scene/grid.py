"""The ground a scene covers: reference system, transform, windows, and pixel areas on the ellipsoid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.physics.geodesy import zone_area_km2

__all__ = ["Grid", "Strip", "ring_area_m2", "strips"]


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows of a scene at its full width."""

    number: int
    top: int
    rows: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A raster's ground.

    Attributes
    ----------
    width, height : int
    crs : str
        WKT, or "" where the file has none.
    transform : tuple of 6 float
        (a, b, c, d, e, f): x = a column + b row + c, y = d column + e row + f.
    geographic : bool
        Whether x, y are longitude, latitude in degrees.
    """

    width: int
    height: int
    crs: str
    transform: tuple[float, float, float, float, float, float]
    geographic: bool

    @property
    def placed(self) -> bool:
        """Whether the file says where on Earth it lies."""
        return bool(self.crs)

    def xy(self, column: NDArray[np.floating], row: NDArray[np.floating]) -> tuple[NDArray, NDArray]:  # type: ignore[type-arg]
        """Return map coordinates of pixel corners (column, row), in the unit of the reference system."""
        a, b, c, d, e, f = self.transform
        return a * column + b * row + c, d * column + e * row + f

    def lonlat(self, column: NDArray[np.floating], row: NDArray[np.floating]) -> tuple[NDArray, NDArray]:  # type: ignore[type-arg]
        """Return longitude and latitude [deg] of pixel corners; any shape.

        Raises
        ------
        ModelError
            When the file has no reference system: it does not say where on Earth it is.
        """
        x, y = self.xy(np.asarray(column, float), np.asarray(row, float))
        if not self.crs:
            raise ModelError(
                "the scene has no reference system: areas and outlines need one (assign it with a GIS)"
            )
        if self.geographic:
            return x, y
        from rasterio.warp import transform

        lon, lat = transform(self.crs, "EPSG:4326", x.ravel(), y.ravel())
        return np.reshape(lon, x.shape), np.reshape(lat, y.shape)

    def pixel_m(self) -> float:
        """Return the side of a pixel [m] at the middle of the scene: the root of its area there."""
        return math.sqrt(float(self.block_area_m2(max(self.width, self.height))[0, 0]))

    def block_area_m2(self, size: int) -> NDArray[np.float64]:
        """Return the mean area of a pixel [m2] in every block of `size` pixels, shape (block rows, block columns).

        The outline of each block is laid on the ellipsoid and its area divided by its pixels: no reference system's
        own scale enters, and a degree is not taken for a length.
        """
        rows = np.minimum(np.arange(-(-self.height // size) + 1) * size, self.height)
        columns = np.minimum(np.arange(-(-self.width // size) + 1) * size, self.width)
        lon, lat = self.lonlat(*np.meshgrid(columns, rows))
        ring = ((0, 0), (1, 0), (1, 1), (0, 1))
        high, wide = lon.shape[0] - 1, lon.shape[1] - 1
        corners = [
            np.stack([part[i : high + i, j : wide + j] for i, j in ring], axis=-1) for part in (lon, lat)
        ]
        area = ring_area_m2(*corners)
        pixels = np.diff(rows)[:, None] * np.diff(columns)[None, :]
        return np.asarray(np.abs(area) / pixels)


def ring_area_m2(
    longitude_deg: NDArray[np.floating], latitude_deg: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the signed area [m2] of rings on the ellipsoid, shape (...), from open rings of shape (..., points).

    Edges are great circles of the authalic sphere, the sphere of equal area (Snyder 1987, USGS Professional Paper
    1395, equations 3-11 to 3-13), each with the spherical excess above the equator of Todhunter & Leathem (1914),
    article 103. For edges up to a degree this is the area between geodesics within 1e-6. Positive counter-clockwise.
    """
    lon = np.radians(np.asarray(longitude_deg, np.float64))
    step = np.roll(lon, -1, axis=-1) - lon
    step = np.remainder(step + np.pi, 2.0 * np.pi) - np.pi  # the short way across the antimeridian
    hemisphere_km2 = float(zone_area_km2(0.0, np.pi / 2.0))
    below = zone_area_km2(0.0, np.radians(np.asarray(latitude_deg, np.float64)))
    here = np.arcsin(np.clip(below / hemisphere_km2, -1.0, 1.0))
    there = np.roll(here, -1, axis=-1)
    excess = 2.0 * np.arctan(np.tan(step / 2.0) * np.sin((here + there) / 2.0) / np.cos((here - there) / 2.0))
    return np.asarray(-excess.sum(axis=-1) * (hemisphere_km2 * 1e6 / (2.0 * np.pi)))


def strips(height: int, rows: int) -> Iterator[Strip]:
    """Yield full-width strips of at most `rows` rows from top to bottom."""
    for number, top in enumerate(range(0, height, rows)):
        yield Strip(number, top, min(rows, height - top))
