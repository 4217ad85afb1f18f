"""What lies beside a scene on its grid: reference water, exclusion, slope; read strip by strip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.mapping.request import Request
from accord.systems.imaging.scene.aligned import Aligned
from accord.systems.imaging.scene.grid import Grid, Strip
from accord.systems.imaging.scene.integrity import opened
from accord.systems.imaging.scene.model import Note, Unseen

__all__ = ["Beside"]

_BASE_M = (
    90.0  # three cells of a 30 m model: over less, whole metres of height make stairs that read as slopes
)


class Beside:
    """Rasters that the user gave to go with a scene.

    Parameters
    ----------
    request : Request
    grid : Grid

    Raises
    ------
    FileError
        When one of them does not cover the scene or cannot be laid on it.
    """

    def __init__(self, request: Request, grid: Grid) -> None:
        self.grid, self.notes = grid, list[Note]()
        self.water = Aligned(request.water, grid) if request.water else None
        self.exclude = Aligned(request.exclude, grid) if request.exclude else None
        self.dem = Aligned(request.dem, grid, resampling="bilinear") if request.dem else None
        self.above = 0.0
        if request.water is not None:
            self.above, words = _from(request.water, request.water_above)
            self.notes.append(
                Note(
                    level="info",
                    code="reference-water",
                    text=f"reference water: {request.water.name}, {words}",
                )
            )
        self._pixel_m = grid.pixel_m() if self.dem is not None else 0.0

    def mark(self, strip: Strip, state: NDArray[np.uint8], reason: NDArray[np.uint8]) -> None:
        """Set seen pixels of reference water to 2 and excluded ones to unseen, in place."""
        if self.exclude is not None:
            value = self.exclude.strip(strip)
            gone = np.isfinite(value) & (value != 0.0) & (state != 255)
            reason[gone] = Unseen.EXCLUDED
            state[gone] = 255
        if self.water is not None:
            value = self.water.strip(strip)
            state[(value >= self.above) & (state != 255)] = 2

    def slope_deg(self, strip: Strip) -> NDArray[np.float32] | None:
        """Return the slope [deg] of each pixel, or None without an elevation model; NaN where that says nothing."""
        if self.dem is None:
            return None
        k = max(1, round(_BASE_M / 2.0 / self._pixel_m))
        height = self.dem.strip(strip, halo=k)
        row, column = np.arange(strip.rows), np.arange(self.grid.width)
        # at the rim of the scene the base is shorter, not the height repeated
        up = np.maximum(row - k, -strip.top) + k
        down = np.minimum(row + k, self.grid.height - 1 - strip.top) + k
        left, right = np.maximum(column - k, 0), np.minimum(column + k, self.grid.width - 1)
        middle = height[k : k + strip.rows]
        wide = (middle[:, right] - middle[:, left]) / (np.maximum(right - left, 1) * self._pixel_m)
        tall = (height[down] - height[up]) / (np.maximum(down - up, 1)[:, None] * self._pixel_m)
        return np.asarray(np.degrees(np.arctan(np.hypot(wide, tall))), np.float32)


def _from(path: Path, given: float | None) -> tuple[float, str]:
    """Return from which value on a raster means water, by its range where the user does not say."""
    if given is not None:
        return given, f"from {given:g} on"
    with opened(path) as source:
        look = source.read(
            1, out_shape=(min(source.height, 1024), min(source.width, 1024)), masked=True
        ).compressed()
    top = float(look.max()) if look.size else 0.0
    if top <= 1.0:
        return 1.0, "1 is water"
    if top > 12.0:
        return 50.0, "as occurrence in per cent, from 50 on"
    raise FileError(
        f"{path}: values up to {top:g} may be months or classes: say from which on they are water (--water-above)"
    )
