"""Backscatter of a radar scene on its map grid, strip by strip, filtered, in hundredths of a decibel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import CancelledError, FileError
from accord.systems.imaging.methods import speckle
from accord.systems.imaging.scene.geocode import Geocoder
from accord.systems.imaging.scene.grid import Grid, Strip, strips
from accord.systems.imaging.scene.integrity import opened
from accord.systems.imaging.scene.model import Band, Scene, Unseen
from accord.systems.imaging.scene.reading import Reader
from accord.systems.imaging.scene.sentinel1 import BORDER_VERSION, Product, calibrated

__all__ = ["Geocoded", "Gridded", "calibrate_product"]

Progress = Callable[[float, float, str], None]
_ROWS = 512


class Gridded:
    """Backscatter of a scene that already lies on a map grid.

    Parameters
    ----------
    scene : Scene
        Unit "db" or "linear".
    looks : float
        Equivalent number of looks, for the speckle filter.
    target : Grid, optional
        Another grid to lay the scene on.
    """

    def __init__(self, scene: Scene, looks: float = speckle.LOOKS, target: Grid | None = None) -> None:
        self.scene, self.looks, self.reader = scene, looks, Reader(scene, target)
        self.grid = target or scene.grid

    @property
    def names(self) -> tuple[str, ...]:
        """Polarisations, sorted."""
        return tuple(sorted(self.scene.bands))

    @property
    def damaged(self) -> set[str]:
        """Blocks that could not be decoded so far."""
        return self.reader.damaged

    def strip(self, strip: Strip) -> tuple[dict[str, NDArray[np.int16]], NDArray[np.uint8]]:
        """Return backscatter by polarisation and why pixels are unseen, each of shape (rows, width)."""
        halo = 0 if self.scene.filtered else speckle.HALO
        top = max(strip.top - halo, 0)
        bottom = min(strip.top + strip.rows + halo, self.grid.height)
        above, below = halo - (strip.top - top), halo - (bottom - strip.top - strip.rows)
        rim = np.zeros((bottom - top, self.grid.width), np.uint8)
        found = {}
        for name, band in self.scene.bands.items():
            value = self.reader.numbers(band, top, bottom - top, rim).astype(np.float32)
            gone = ~np.isfinite(value) | (rim == Unseen.DAMAGED)
            if band.nodata is not None and not np.isnan(band.nodata):
                gone |= value == np.float32(band.nodata)
            value[gone] = 0.0
            value = value * np.float32(band.gain) + np.float32(band.offset)
            if self.scene.unit == "db":
                np.power(np.float32(10.0), value / np.float32(10.0), out=value)
            else:
                gone |= value <= 0.0  # zero power is the rim of a product, not a measurement
            value[gone] = np.nan
            if halo:
                value = speckle.lee(speckle.padded(value, above, below), self.looks)
            found[name] = speckle.centibel(value)
        reason = rim[strip.top - top : strip.top - top + strip.rows]
        absent = np.all([part == speckle.NODATA_CB for part in found.values()], axis=0)
        reason[absent & (reason == 0)] = Unseen.NODATA
        return found, reason

    def close(self) -> None:
        """Close the files."""
        self.reader.close()


class Geocoded:
    """Backscatter of a product in radar geometry, from its calibrated copy on disc.

    Parameters
    ----------
    geocoder : Geocoder
    files : dict of str to Path
        Raw int16 pictures (lines, samples) by polarisation, from `calibrate_product`.
    shape : tuple of int
    """

    def __init__(self, geocoder: Geocoder, files: dict[str, Path], shape: tuple[int, int]) -> None:
        self.geocoder, self.files, self.shape = geocoder, files, shape
        self.grid = geocoder.grid

    @property
    def names(self) -> tuple[str, ...]:
        """Polarisations, sorted."""
        return tuple(sorted(self.files))

    @property
    def damaged(self) -> set[str]:
        """None: what was damaged is no data in the calibrated copy, and told when that was made."""
        return set()

    def strip(self, strip: Strip) -> tuple[dict[str, NDArray[np.int16]], NDArray[np.uint8]]:
        """Return backscatter by polarisation and why pixels are unseen, each of shape (rows, width)."""
        width, found = self.geocoder.grid.width, {}
        for name, path in self.files.items():
            out = np.full((strip.rows, width), speckle.NODATA_CB, np.int16)
            for column in range(0, width, _ROWS):
                # a fresh map for each block: pages that were read do not pile up in memory
                source = np.memmap(path, np.int16, "r", shape=self.shape)
                columns = min(_ROWS, width - column)
                out[:, column : column + columns] = self.geocoder.block(
                    source, strip.top, column, strip.rows, columns, speckle.NODATA_CB
                )
                del source
            found[name] = out
        absent = np.all([part == speckle.NODATA_CB for part in found.values()], axis=0)
        return found, np.where(absent, np.uint8(Unseen.NODATA), np.uint8(0))

    def close(self) -> None:
        """Nothing stays open."""


def calibrate_product(
    product: Product, folder: Path, progress: Progress, damaged: list[str]
) -> dict[str, Path]:
    """Calibrate and filter a product in radar geometry into raw files, one a polarisation; finished ones are kept.

    Parameters
    ----------
    product : Product
    folder : Path
        Where the files go; each is written as ``.part`` and renamed.
    progress : callable
        ``(done, total, note)``; raises `CancelledError` to stop.
    damaged : list of str
        Gets the blocks that could not be decoded; they become no data.

    Raises
    ------
    FileError
        When a picture is missing or has another size than its tables.
    """
    done: dict[str, Path] = {}
    total = float(len(product.channels) * product.lines)
    for number, (name, channel) in enumerate(sorted(product.channels.items())):
        done[name] = target = folder / f"radar_{name}.cb"
        if target.is_file() and target.stat().st_size == 2 * product.lines * product.samples:
            continue
        if not channel.measurement.is_file():
            raise FileError(
                f"{channel.measurement}: missing: the product holds tables but no picture of {name.upper()}"
            )
        part = target.with_suffix(".part")
        reader, band = Reader(_radar_scene(product)), Band(path=channel.measurement)
        try:
            level = _usual_number(channel.measurement, product)
            with part.open("wb") as stream:
                for strip in strips(product.lines, _ROWS):
                    progress(number * product.lines + strip.top, total, f"calibrating {name.upper()}")
                    stream.write(_filtered(reader, band, product, name, strip, level).tobytes())
        except CancelledError:
            part.unlink(missing_ok=True)
            raise
        finally:
            reader.close()
        damaged.extend(sorted(reader.damaged))
        part.replace(target)
    return done


def _radar_scene(product: Product) -> Scene:
    grid = Grid(product.samples, product.lines, "", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), False)
    return Scene(id=product.folder.stem, kind="radar", unit="linear", grid=grid, bands={})


def _usual_number(path: Path, product: Product) -> float | None:
    """Check a picture's size and return its usual digital number where border noise has to be cut, else None."""
    with opened(path) as source:
        if (source.height, source.width) != (product.lines, product.samples):
            raise FileError(
                f"{path}: {source.height} x {source.width} pixels, its annotation says "
                f"{product.lines} x {product.samples}"
            )
        if product.version >= BORDER_VERSION:
            return None
        look = source.read(1, out_shape=(256, 256))
        return float(np.median(look[look > 0])) if (look > 0).any() else None


def _filtered(
    reader: Reader, band: Band, product: Product, name: str, strip: Strip, level: float | None
) -> NDArray[np.int16]:
    halo = speckle.HALO
    top, bottom = max(strip.top - halo, 0), min(strip.top + strip.rows + halo, product.lines)
    reason = np.zeros((bottom - top, product.samples), np.uint8)
    dn = reader.numbers(band, top, bottom - top, reason)
    power = calibrated(dn, product.channels[name], top, border_level=level)
    power[reason != 0] = np.nan
    power = speckle.padded(power, halo - (strip.top - top), halo - (bottom - strip.top - strip.rows))
    return speckle.centibel(speckle.lee(power))
