"""Small made rasters, and the labelled pictures where they are at hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.contract.validation import data_folder

rasterio = pytest.importorskip("rasterio", reason="the imaging extra is not installed")


@pytest.fixture
def pictures() -> Path:
    """Folder of real labelled pictures; the test is skipped where it is absent."""
    data = data_folder()
    if data is None or not (data / "imaging").is_dir():
        pytest.skip("needs the folder of test data: set ACCORD_DATA")
    return data / "imaging"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write bands (bands, rows, columns) as a GeoTIFF in a UTM zone at 10 m and return its path."""

    def make(
        name: str,
        bands: np.ndarray,
        *,
        names: tuple[str, ...] = (),
        crs: str | None = "EPSG:32644",
        origin: tuple[float, float] = (500_000.0, 3_000_000.0),
        step: float = 10.0,
        nodata: float | None = None,
        tags: Mapping[str, Any] | None = None,
        **profile: Any,
    ) -> Path:
        bands = bands if bands.ndim == 3 else bands[None]
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(
                path, "w", driver="GTiff", width=bands.shape[2], height=bands.shape[1], count=len(bands),
                dtype=bands.dtype.name, crs=crs, nodata=nodata,
                transform=rasterio.transform.from_origin(*origin, step, step) if crs else None, **profile,
            ) as target:  # fmt: skip
                target.write(bands)
                for k, label in enumerate(names, 1):
                    target.set_band_description(k, label)
                if tags:
                    target.update_tags(**tags)
        return path

    return make


@pytest.fixture
def lakes() -> Callable[..., np.ndarray]:
    """Return a mask of round lakes on (rows, columns)."""

    def make(rows: int, columns: int, seed: int = 1, count: int = 12, radius: float = 40.0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        y, x = np.mgrid[:rows, :columns]
        wet = np.zeros((rows, columns), bool)
        for _ in range(count):
            r, c, size = rng.uniform(0, rows), rng.uniform(0, columns), rng.uniform(0.5, 1.0) * radius
            wet |= (y - r) ** 2 + (x - c) ** 2 < size**2
        return wet

    return make


@pytest.fixture
def radar_scene(
    write: Callable[..., Path], lakes: Callable[..., np.ndarray]
) -> Callable[..., tuple[Path, np.ndarray]]:
    """Write a made radar scene in dB with speckle of 4.4 looks and return it with its truth."""

    def make(
        name: str = "radar.tif", rows: int = 700, columns: int = 640, seed: int = 1, **given: Any
    ) -> tuple[Path, np.ndarray]:
        wet = lakes(rows, columns, seed)
        rng = np.random.default_rng(seed + 100)
        bands = []
        for land, water in ((-9.0, -19.0), (-15.5, -26.5)):
            mean = 10.0 ** (np.where(wet, water, land) / 10.0)
            bands.append(10.0 * np.log10(mean * rng.gamma(4.4, 1.0 / 4.4, wet.shape)))
        return write(name, np.array(bands, np.float32), names=("VV", "VH"), nodata=np.nan, **given), wet

    return make


@pytest.fixture
def optical_scene(
    write: Callable[..., Path], lakes: Callable[..., np.ndarray]
) -> Callable[..., tuple[Path, np.ndarray]]:
    """Write a made optical scene (reflectance x 10 000) and return it with its truth."""

    def make(
        name: str = "optical.tif",
        rows: int = 600,
        columns: int = 560,
        seed: int = 1,
        shift: int = 0,
        **given: Any,
    ) -> tuple[Path, np.ndarray]:
        wet = lakes(rows, columns, seed)
        rng = np.random.default_rng(seed)
        land, water = (600, 900, 900, 2600, 2300, 1500), (700, 800, 500, 250, 80, 50)
        bands = [
            np.where(wet, w, v) * rng.uniform(0.9, 1.1, wet.shape) + shift
            for v, w in zip(land, water, strict=True)
        ]
        names = ("blue", "green", "red", "nir", "swir16", "swir22")
        return write(name, np.array(bands).astype(np.uint16), names=names, nodata=0, **given), wet

    return make
