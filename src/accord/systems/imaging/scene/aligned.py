"""Any raster laid on a scene's grid: terrain, population, reference water, an earlier scene."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene.grid import Grid, Strip
from accord.systems.imaging.scene.integrity import opened, rasterio

__all__ = ["Aligned"]


class Aligned:
    """Reads strips of another raster on the grid of a scene; NaN where it says nothing.

    The warp works in blocks of its own, so that what it returns does not depend on how the strips are cut.

    Parameters
    ----------
    path : Path
    grid : Grid
    index : int
        Band, from 1.
    resampling : {"nearest", "bilinear", "average"}
        Classes are never averaged: use "nearest" for them.
    """

    def __init__(self, path: Path, grid: Grid, *, index: int = 1, resampling: str = "nearest") -> None:
        self.path, self.grid, self.index, self.resampling = path, grid, index, resampling
        self._local = threading.local()
        with opened(path) as source:
            if index > source.count:
                raise FileError(f"{path}: has {source.count} bands, band {index} was asked for")
            self._same = (
                source.width == grid.width
                and source.height == grid.height
                and np.allclose(tuple(source.transform)[:6], grid.transform, rtol=0.0, atol=1e-9)
            )
            if source.crs is None and not self._same:
                raise FileError(f"{path}: has no reference system, so it cannot be laid on the scene")
            if not grid.crs and not self._same:
                raise FileError(f"{path}: the scene has no reference system, so nothing can be laid on it")

    def strip(self, strip: Strip, halo: int = 0) -> NDArray[np.float32]:
        """Return values, shape (rows + 2 halo, width); beyond the scene NaN."""
        top, bottom = max(strip.top - halo, 0), min(strip.top + strip.rows + halo, self.grid.height)
        source = self._open()
        window = rasterio().windows.Window(0, top, self.grid.width, bottom - top)
        part = source.read(self.index, window=window, masked=True)
        out = np.where(np.ma.getmaskarray(part), np.float32(np.nan), part.data.astype(np.float32))
        above = halo - (strip.top - top)
        below = halo - (bottom - strip.top - strip.rows)
        return np.pad(out, [(above, below), (0, 0)], constant_values=np.float32(np.nan)) if halo else out

    def _open(self) -> Any:
        if not hasattr(self._local, "source"):
            library = rasterio()
            raw = opened(self.path)
            if self._same:
                self._local.source = raw
            else:
                from rasterio.vrt import WarpedVRT

                self._local.raw = raw
                self._local.source = WarpedVRT(
                    raw,
                    crs=self.grid.crs,
                    transform=library.Affine(*self.grid.transform),
                    width=self.grid.width,
                    height=self.grid.height,
                    resampling=library.enums.Resampling[self.resampling],
                    src_nodata=raw.nodata,
                    nodata=raw.nodata if raw.nodata is not None else float("nan"),
                    dtype="float32",
                    tolerance=0.001,
                )
        return self._local.source
