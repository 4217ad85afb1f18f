"""From radar lines and pixels to a map: positions fitted to the product's geolocation grid, terrain height included.

Line and pixel are smooth in map coordinates; what terrain adds is proportional to height. Both are fitted to the
product's own grid points. With an elevation model the height of each place enters; without one the heights of the
grid points do, which suits flat land only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene import kernels
from accord.systems.imaging.scene.grid import Grid

__all__ = ["Geocoder", "fitted", "utm_epsg"]

_DEGREE = 3
Float = NDArray[np.float64]


def utm_epsg(longitude_deg: float, latitude_deg: float) -> int:
    """Return the EPSG code of the UTM zone of a place; a polar stereographic one beyond 84 N and 80 S."""
    if latitude_deg > 84.0:
        return 3413
    if latitude_deg < -80.0:
        return 3031
    zone = int((longitude_deg + 180.0) % 360.0 // 6.0) + 1
    return (32600 if latitude_deg >= 0.0 else 32700) + zone


def _terms(x: Float, y: Float, h: Float) -> Float:
    plain = [x**i * y**j for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i)]
    return np.stack([*plain, h, h * x, h * y, h * x * x, h * h], axis=-1)


@dataclass(frozen=True, slots=True)
class Geocoder:
    """A map grid with the radar position of its lattice.

    Attributes
    ----------
    grid : Grid
    line, pixel : float array, (lattice rows, lattice columns)
    step : int
        Pixels between lattice points.
    residual_px : float
        Root mean square misfit at the product's own grid points.
    """

    grid: Grid
    line: Float
    pixel: Float
    step: int
    residual_px: float

    def block(
        self, source: NDArray[np.int16], row: int, column: int, rows: int, columns: int, nodata: int
    ) -> NDArray[np.int16]:
        """Return one block of the map from a radar picture on disc, shape (rows, columns)."""
        a, b = row // self.step, column // self.step
        c, d = (row + rows - 1) // self.step + 2, (column + columns - 1) // self.step + 2
        line, pixel = self.line[a:c, b:d], self.pixel[a:c, b:d]
        top, bottom = int(np.floor(line.min())) - 1, int(np.ceil(line.max())) + 2
        left, right = int(np.floor(pixel.min())) - 1, int(np.ceil(pixel.max())) + 2
        top, left = max(top, 0), max(left, 0)
        bottom, right = min(bottom, source.shape[0]), min(right, source.shape[1])
        out = np.full((rows, columns), nodata, np.int16)
        if top < bottom and left < right:
            part = np.ascontiguousarray(source[top:bottom, left:right])
            kernels.sample(part, top, left, self.line, self.pixel, self.step, row, column, nodata, out)
        return out


def fitted(points: Float, spacing_m: float, dem: Path | None = None, target: Grid | None = None) -> Geocoder:
    """Lay a map grid over a product and fit its radar positions.

    Parameters
    ----------
    points : float array, (n, 5)
        Line, pixel, latitude, longitude [deg], height [m] of the geolocation grid.
    spacing_m : float [m]
        Pixel of the map.
    dem : Path, optional
        Elevation model [m].
    target : Grid, optional
        The map grid of another scene, to lie pixel on pixel; otherwise the UTM zone of the middle.

    Raises
    ------
    FileError
        When the grid points contradict a smooth geometry (misfit above 10 pixels).
    """
    from rasterio.crs import CRS
    from rasterio.warp import transform
    from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

    lat, lon = points[:, 2], points[:, 3]
    middle = np.degrees(np.arctan2(np.sin(np.radians(lon)).mean(), np.cos(np.radians(lon)).mean()))
    crs = CRS.from_wkt(target.crs) if target else CRS.from_epsg(utm_epsg(float(middle), float(lat.mean())))
    x, y = (np.array(v) for v in transform("EPSG:4326", crs, lon, lat))
    scale = np.array([x.mean(), x.std(), y.mean(), y.std()])
    design = _terms((x - scale[0]) / scale[1], (y - scale[2]) / scale[3], points[:, 4] / 1000.0)
    solved = [np.linalg.lstsq(design, points[:, k], rcond=None)[0] for k in (0, 1)]
    misfit = np.hypot(*(design @ s - points[:, k] for k, s in enumerate(solved)))
    residual = float(np.sqrt(np.mean(misfit**2)))
    if residual > 10.0:
        raise FileError(
            f"geolocation grid: misfit of {residual:.1f} pixels, expected a smooth geometry within 10"
        )
    grid = target or _around(x, y, spacing_m, crs.to_wkt())
    step = 64 if dem is None else 16
    column, row = np.meshgrid(
        np.arange(grid.width // step + 2) * step, np.arange(grid.height // step + 2) * step
    )
    mx, my = grid.xy(column + 0.5, row + 0.5)
    if dem is None:
        known = np.stack([x, y], axis=-1)
        h = LinearNDInterpolator(known, points[:, 4])(mx, my)
        h = np.where(np.isnan(h), NearestNDInterpolator(known, points[:, 4])(mx, my), h)  # type: ignore[no-untyped-call]
    else:
        h = _heights(dem, grid, row, column, step)
    design = _terms((mx - scale[0]) / scale[1], (my - scale[2]) / scale[3], h / 1000.0)
    return Geocoder(grid, design @ solved[0], design @ solved[1], step, residual)


def _around(x: Float, y: Float, spacing_m: float, crs: str) -> Grid:
    west, north = np.floor(x.min() / spacing_m) * spacing_m, np.ceil(y.max() / spacing_m) * spacing_m
    width, height = int(np.ceil((x.max() - west) / spacing_m)), int(np.ceil((north - y.min()) / spacing_m))
    return Grid(width, height, crs, (spacing_m, 0.0, float(west), 0.0, -spacing_m, float(north)), False)


def _heights(
    dem: Path, grid: Grid, row: NDArray[np.integer], column: NDArray[np.integer], step: int
) -> Float:
    from accord.systems.imaging.scene.aligned import Aligned
    from accord.systems.imaging.scene.grid import Strip

    a, b, c, d, e, f = grid.transform
    half = (
        0.5 - step / 2.0
    )  # so that the middle of a coarse cell is the middle of the pixel at its lattice point
    corner = (c + (a + b) * half, f + (d + e) * half)
    laid = (a * step, b * step, corner[0], d * step, e * step, corner[1])
    coarse = Grid(row.shape[1], row.shape[0], grid.crs, laid, grid.geographic)
    h = Aligned(dem, coarse, resampling="bilinear").strip(Strip(0, 0, row.shape[0]))
    if np.isnan(h).all():
        raise FileError(f"{dem}: does not cover the scene")
    return np.where(np.isnan(h), np.nanmedian(h), h).astype(np.float64)
