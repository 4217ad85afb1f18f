"""Bands of a scene, strip by strip, with what could not be read told apart from what is dark."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.scene import kernels
from accord.systems.imaging.scene.aligned import Aligned
from accord.systems.imaging.scene.grid import Grid, Strip
from accord.systems.imaging.scene.integrity import opened, rasterio
from accord.systems.imaging.scene.model import Band, Scene, Unseen

__all__ = ["Reader"]


class Reader:
    """Reads strips of a scene; one file handle for each thread and file.

    Parameters
    ----------
    scene : Scene
    target : Grid, optional
        Another grid to lay the scene on, nearest pixel.
    """

    def __init__(self, scene: Scene, target: Grid | None = None) -> None:
        self.scene = scene
        self.grid = target or scene.grid
        self._laid: dict[tuple[Path, int], Aligned] | None = None
        if target is not None and target != scene.grid:
            every = (*scene.bands.values(), *scene.quality.values())
            self._laid = {(b.path, b.index): Aligned(b.path, target, index=b.index) for b in every}
        self.damaged: set[str] = set()
        self._local = threading.local()
        self._handles: list[Any] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()
        self._local = threading.local()

    def _open(self, path: Path) -> Any:
        handles = self._local.__dict__.setdefault("handles", {})
        if str(path) not in handles:
            handle = opened(path)
            handles[str(path)] = handle
            with self._lock:
                self._handles.append(handle)
        return handles[str(path)]

    def _space(self, band: Band, source: Any, rows: int) -> NDArray[Any]:
        kind = np.dtype(source.dtypes[band.index - 1])
        return self._buffer((str(band.path), band.index, "stored"), (rows, source.width), kind)

    def _buffer(self, key: tuple[str, int, str], shape: tuple[int, int], kind: np.dtype[Any]) -> NDArray[Any]:
        """Return this thread's own memory for a band: fresh pages for every strip cost more than a copy."""
        spaces = self._local.__dict__.setdefault("spaces", {})
        held = spaces.get(key)
        if held is None or held.dtype != kind or held.size < shape[0] * shape[1]:
            held = spaces[key] = np.empty(shape[0] * shape[1], kind)
        return np.asarray(held[: shape[0] * shape[1]].reshape(shape))

    def numbers(self, band: Band, top: int, rows: int, reason: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the stored numbers of a band at full width, shape (rows, width), and mark in `reason` what failed.

        A block that cannot be decoded is unseen; the blocks around it are not lost. The array holds until the same
        thread asks for the same band again.
        """
        if self._laid is not None:
            return self._laid[band.path, band.index].strip(Strip(0, top, rows))
        source = self._open(band.path)
        k = band.repeat
        first, last = top // k, -(-(top + rows) // k)
        window = rasterio().windows.Window(0, first, source.width, last - first)
        try:
            part = source.read(band.index, window=window, out=self._space(band, source, last - first))
        except rasterio().errors.RasterioError:
            part = self._salvaged(source, band, first, last, top, reason)
        if k > 1:
            out = self._buffer((str(band.path), band.index, "wide"), (rows, self.grid.width), part.dtype)
            kernels.enlarge(part, k, top - first * k, out)
            return out
        return np.ascontiguousarray(part[:rows, : self.grid.width])

    def quality(self, kind: str, strip: Strip, reason: NDArray[np.uint8]) -> NDArray[Any]:
        """Return a quality band of a strip; where another grid says nothing, the band's own word for no data."""
        part = self.numbers(self.scene.quality[kind], strip.top, strip.rows, reason)
        if part.dtype.kind != "f":
            return part
        empty = {"scl": 0.0, "fmask": 255.0, "qa_pixel": 1.0}[kind]
        return np.where(np.isnan(part), empty, part).astype(np.uint16 if kind == "qa_pixel" else np.uint8)

    def _salvaged(
        self, source: Any, band: Band, first: int, last: int, top: int, reason: NDArray[np.uint8]
    ) -> NDArray[Any]:
        k, (high, wide) = band.repeat, source.block_shapes[band.index - 1]
        out = np.zeros((last - first, source.width), source.dtypes[band.index - 1])
        window = rasterio().windows.Window
        for row in range(first - first % high, last, high):
            for column in range(0, source.width, wide):
                r0, r1 = max(row, first), min(row + high, last)
                c1 = min(column + wide, source.width)
                try:
                    out[r0 - first : r1 - first, column:c1] = source.read(
                        band.index, window=window(column, r0, c1 - column, r1 - r0)
                    )
                except rasterio().errors.RasterioError:
                    self.damaged.add(f"{band.path.name}: block at row {row}, column {column}")
                    at = slice(max(r0 * k - top, 0), max(r1 * k - top, 0))
                    reason[at, column * k : c1 * k] = Unseen.DAMAGED
        return out

    def optical(
        self, names: Iterable[str], strip: Strip
    ) -> tuple[dict[str, NDArray[Any]], NDArray[np.uint8]]:
        """Return stored numbers of bands by common name, and why pixels are unseen, shape (rows, width).

        Where no data is 0, a pixel lacks data only when every band is 0: water can be black in one of them.
        """
        reason = np.zeros((strip.rows, self.grid.width), np.uint8)
        found: dict[str, NDArray[Any]] = {}
        absent: NDArray[np.bool_] | None = None
        any_absent = np.zeros(reason.shape, np.bool_)
        for name in names:
            band = self.scene.bands[name]
            found[name] = part = self.numbers(band, strip.top, strip.rows, reason)
            if part.dtype.kind == "f":
                bad = ~np.isfinite(part)
                any_absent |= bad
                part[bad] = 0
            if band.nodata is None or np.isnan(band.nodata):
                continue
            if band.nodata == 0.0:
                if absent is None:
                    absent = part == 0
                elif absent.any():
                    absent &= part == 0
            else:
                any_absent |= part == band.nodata
        if absent is not None:
            any_absent |= absent
        if not any_absent.any():
            return found, reason
        reason[any_absent & (reason == 0)] = Unseen.NODATA
        return found, reason
