"""Sentinel-1 ground-range products: calibration and noise tables, geolocation grid, orbit.

Sentinel-1 Product Specification, S1-RS-MDA-52-7441 (2020), sections 6.2 and 6.3; thermal noise in range and azimuth
after the noise annotation of IPF 2.9 and later, range alone before it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene import kernels
from accord.systems.imaging.scene.xml import number, numbers, parse, text

__all__ = ["BORDER_VERSION", "Channel", "Product", "Table", "calibrated", "is_product", "read_product"]

BORDER_VERSION = 2.9  # IPF from which border noise is set to zero in the product
_RUN, _REACH, _SHARE = 16, 1500, 0.25


@dataclass(frozen=True, slots=True)
class Table:
    """Values at vectors along the track: `line` (vectors,), `value` (vectors, samples), range interpolated."""

    line: NDArray[np.float64]
    value: NDArray[np.float32]

    def position(self, lines: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return, for each line, the vector above and the share of the one below."""
        at = np.clip(np.searchsorted(self.line, lines, side="right") - 1, 0, len(self.line) - 2)
        share = (lines - self.line[at]) / (self.line[at + 1] - self.line[at])
        return at, np.clip(share, 0.0, 1.0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Channel:
    """One polarisation of a product.

    Attributes
    ----------
    sigma, gamma, noise : Table
    azimuth : tuple of (first line, last line, first sample, last sample, lines, factors)
        Azimuth noise of each block; empty for old products.
    """

    measurement: Path
    sigma: Table
    gamma: Table
    noise: Table
    azimuth: tuple[tuple[int, int, int, int, NDArray[np.float64], NDArray[np.float64]], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A ground-range detected product; `grid` is (points, 5): line, pixel, latitude, longitude [deg], height [m]."""

    folder: Path
    channels: dict[str, Channel]
    lines: int
    samples: int
    grid: NDArray[np.float64]
    version: float
    taken: dt.datetime
    orbit: int
    direction: str
    platform: str


def is_product(folder: Path) -> bool:
    """Return whether a folder is a Sentinel-1 product."""
    return (folder / "manifest.safe").is_file() and (folder / "annotation" / "calibration").is_dir()


def _table(root: Any, group: str, key: str, samples: int, label: str) -> Table:
    vectors = root.findall(group)
    if len(vectors) < 2:
        raise FileError(f"{label}: expected at least two {group.rpartition('/')[2]}, found {len(vectors)}")
    lines, rows = [], []
    wide = np.arange(samples, dtype=np.float64)
    for vector in vectors:
        pixel, value = numbers(vector, "pixel", label), numbers(vector, key, label)
        if len(pixel) != len(value) or not pixel:
            raise FileError(f"{label}: {key} has {len(value)} values for {len(pixel)} pixels")
        lines.append(number(vector, "line", label))
        rows.append(np.interp(wide, pixel, value))
    order = np.argsort(lines, kind="stable")
    line = np.array(lines)[order]
    if np.any(np.diff(line) <= 0):
        raise FileError(f"{label}: two vectors of {key} share a line")
    return Table(line, np.array(rows, np.float32)[order])


def _azimuth(root: Any, label: str) -> tuple[Any, ...]:
    blocks = []
    for block in root.findall("noiseAzimuthVectorList/noiseAzimuthVector"):
        edge = [
            int(number(block, key, label))
            for key in ("firstAzimuthLine", "lastAzimuthLine", "firstRangeSample", "lastRangeSample")
        ]
        line, factor = numbers(block, "line", label), numbers(block, "noiseAzimuthLut", label)
        if len(line) != len(factor) or not line:
            raise FileError(f"{label}: noiseAzimuthLut has {len(factor)} values for {len(line)} lines")
        blocks.append((*edge, np.array(line), np.array(factor)))
    return tuple(blocks)


def _channel(folder: Path, annotation: Path, samples: int) -> Channel:
    stem = annotation.stem
    calibration = annotation.parent / "calibration" / f"calibration-{stem}.xml"
    noise = annotation.parent / "calibration" / f"noise-{stem}.xml"
    table, eta = parse(calibration), parse(noise)
    group = "calibrationVectorList/calibrationVector"
    if eta.find("noiseRangeVectorList") is not None:
        thermal = _table(eta, "noiseRangeVectorList/noiseRangeVector", "noiseRangeLut", samples, noise.name)
    else:
        thermal = _table(eta, "noiseVectorList/noiseVector", "noiseLut", samples, noise.name)
    found = sorted((folder / "measurement").glob(f"{stem}.tif*"))
    return Channel(
        found[0] if found else folder / "measurement" / f"{stem}.tiff",
        _table(table, group, "sigmaNought", samples, calibration.name),
        _table(table, group, "gamma", samples, calibration.name),
        thermal,
        _azimuth(eta, noise.name),
    )


def _grid(root: Any, label: str) -> NDArray[np.float64]:
    points = root.findall("geolocationGrid/geolocationGridPointList/geolocationGridPoint")
    keys = ("line", "pixel", "latitude", "longitude", "height")
    return np.array([[number(point, key, label) for key in keys] for point in points]).reshape(-1, 5)


def read_product(folder: Path) -> Product:
    """Read a product's tables; its pictures are not opened.

    Raises
    ------
    FileError
        When it is not a ground-range product, or a table is missing or contradicts itself.
    """
    manifest = parse(folder / "manifest.safe")
    annotations = sorted((folder / "annotation").glob("s1*.xml"))
    if not annotations:
        raise FileError(f"{folder}: no annotation of a polarisation (annotation/s1*.xml)")
    channels, first = {}, None
    for annotation in annotations:
        root = parse(annotation)
        kind = text(root, "adsHeader/productType", annotation.name)
        if kind != "GRD":
            raise FileError(f"{folder}: product type {kind}: expected GRD (ground range, detected)")
        samples = int(number(root, "imageAnnotation/imageInformation/numberOfSamples", annotation.name))
        name = text(root, "adsHeader/polarisation", annotation.name).lower()
        channels[name] = _channel(folder, annotation, samples)
        first = first if first is not None else (root, annotation.name, samples)
    assert first is not None
    root, label, samples = first
    grid = _grid(root, label)
    if len(grid) < 16:
        raise FileError(f"{label}: {len(grid)} points of geolocation, expected at least 16")
    version = manifest.find(".//{*}software[@name='Sentinel-1 IPF']")
    taken = text(root, "adsHeader/startTime", label)
    return Product(
        folder=folder,
        channels=channels,
        lines=int(number(root, "imageAnnotation/imageInformation/numberOfLines", label)),
        samples=samples,
        grid=grid,
        version=float(version.get("version")) if version is not None else 0.0,
        taken=dt.datetime.fromisoformat(taken).replace(tzinfo=dt.UTC),
        orbit=int(text(manifest, ".//{*}relativeOrbitNumber", "manifest.safe", "0")),
        direction=text(root, "generalAnnotation/productInformation/pass", label, "").lower(),
        platform=text(root, "adsHeader/missionId", label, "S1").replace("S1", "Sentinel-1"),
    )


def calibrated(
    dn: NDArray[np.integer],
    channel: Channel,
    top: int,
    *,
    gamma: bool = False,
    denoise: bool = True,
    border_level: float | None = None,
) -> NDArray[np.float32]:
    """Return linear backscatter of lines that begin at `top`; NaN is no data.

    Parameters
    ----------
    dn : integer array, (lines, samples)
        Digital numbers over the whole width of the product.
    channel : Channel
    top : int
    gamma : bool
        gamma0 instead of sigma0.
    denoise : bool
    border_level : float, optional
        Usual digital number of the scene: cut the junk at both ends of each line (products before IPF 2.9).
    """
    cuts = {block[0] for block in channel.azimuth if top < block[0] < top + dn.shape[0]}
    if cuts:  # swath borders move where an azimuth block of noise begins
        cut = min(cuts) - top
        rest = {"gamma": gamma, "denoise": denoise, "border_level": border_level}
        upper = calibrated(dn[:cut], channel, top, **rest)  # type: ignore[arg-type]
        return np.concatenate([upper, calibrated(dn[cut:], channel, top + cut, **rest)])  # type: ignore[arg-type]
    table, noise = channel.gamma if gamma else channel.sigma, channel.noise
    lines = np.arange(top, top + dn.shape[0])
    at, share = np.empty((2, len(lines)), np.int64), np.empty((2, len(lines)), np.float32)
    at[0], share[0] = table.position(lines)
    at[1], share[1] = noise.position(lines)
    block = np.zeros(dn.shape[1], np.int64)
    active = [b for b in channel.azimuth if b[0] <= top and b[1] >= top]
    factor = np.ones((len(lines), len(active) + 1), np.float32)
    for k, (_, _, left, right, line, value) in enumerate(active, 1):
        factor[:, k] = np.interp(lines, line, value)
        block[left : right + 1] = k
    out = np.empty(dn.shape, np.float32)
    eta = noise.value if denoise else np.zeros_like(noise.value)
    kernels.calibrate(np.ascontiguousarray(dn), table.value, eta, factor, block, at, share, out)
    if border_level is not None:
        edge = np.empty((2, len(lines)), np.int64)
        kernels.border_edges(np.ascontiguousarray(dn), _SHARE * border_level, _RUN, _REACH, edge[0], edge[1])
        column = np.arange(dn.shape[1])
        out[(column < edge[0][:, None]) | (column >= edge[1][:, None])] = np.nan
    return out
