"""What a raster's header says, in the words of a scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accord.errors import FileError
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.integrity import opened

__all__ = ["grid_of", "repeat_of"]


def grid_of(path: Path) -> Grid:
    """Return the grid of a raster.

    Raises
    ------
    FileError
        When it is rotated in a way that has no area, or lies in radar geometry.
    """
    with opened(path) as source:
        return _grid(source, path)


def _grid(source: Any, path: Path) -> Grid:
    transform = tuple(float(v) for v in source.transform)[:6]
    if source.gcps[0] and transform[:2] == (1.0, 0.0):
        raise FileError(
            f"{path}: in radar geometry (tie points, no map grid): give the product folder (.SAFE) instead"
        )
    if transform[0] * transform[4] - transform[1] * transform[3] == 0.0:
        raise FileError(f"{path}: its transform has no area")
    crs = source.crs
    return Grid(
        source.width,
        source.height,
        crs.to_wkt() if crs else "",
        (transform[0], transform[1], transform[2], transform[3], transform[4], transform[5]),
        bool(crs and crs.is_geographic),
    )


def repeat_of(path: Path, grid: Grid) -> int:
    """Return how many pixels of `grid` lie along one pixel of a coarser band.

    Raises
    ------
    FileError
        When the band does not cover the same ground in whole pixels.
    """
    own = grid_of(path)
    k = round(abs(own.transform[0] / grid.transform[0]))
    same_origin = all(
        abs(own.transform[i] - grid.transform[i]) <= 0.51 * abs(own.transform[0]) for i in (2, 5)
    )
    fits = k >= 1 and -(-grid.width // k) == own.width and -(-grid.height // k) == own.height
    if not (fits and same_origin):
        raise FileError(
            f"{path}: {own.height} x {own.width} pixels of {own.transform[0]:g} do not lie on the scene's "
            f"{grid.height} x {grid.width} of {grid.transform[0]:g}: expected the same ground in whole pixels"
        )
    return k
