"""Made scenes of full size for the mapping benchmarks: water bodies, fields, cloud, and speckle where it is radar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["optical_product", "radar_product"]

_PATTERN = 1220
# reflectance x 10 000 of blue, green, red, near infrared, both shortwave infrared bands
_LAND, _WATER = (600, 900, 900, 2600, 2300, 1500), (700, 800, 500, 250, 80, 50)
_CODES = ("B02", "B03", "B04", "B08", "B11", "B12")


def field(size: int, smooth: float, seed: int) -> NDArray[np.float32]:
    """Return a smooth random field, periodic, of unit deviation."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)
    out = gaussian_filter(noise, smooth, mode="wrap")
    return np.asarray(out / out.std())


def _write(path: Path, size: int, step: int, fill: Any, dtype: str, crs: str = "EPSG:32644") -> None:
    import rasterio
    from rasterio.transform import from_origin

    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff", "width": size // step, "height": size // step, "count": 1, "dtype": dtype, "crs": crs,
        "transform": from_origin(500_000.0, 3_000_000.0, 10.0 * step, 10.0 * step), "tiled": True,
        "blockxsize": 512, "blockysize": 512, "compress": "deflate", "predictor": 2, "zlevel": 1, "num_threads": 2,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        for top in range(0, size // step, 512):
            rows = min(512, size // step - top)
            window = rasterio.windows.Window(0, top, size // step, rows)
            target.write(fill(top, rows), 1, window=window)


def optical_product(folder: Path, size: int = 10_980) -> Path:
    """Write a Sentinel-2 Level-2A product of baseline 04.00 with its metadata, and return its folder."""
    product = folder / "S2A_MSIL2A_MADE.SAFE"
    if (product / "MTD_MSIL2A.xml").is_file():
        return product
    wet = field(_PATTERN, 14.0, 1) > 1.0
    texture = field(_PATTERN, 1.5, 2)
    cloud = field(_PATTERN, 40.0, 3) > 1.9

    def tiled(part: NDArray[Any], top: int, rows: int, wide: int) -> NDArray[Any]:
        at = np.arange(top, top + rows)[:, None] + 37 * (np.arange(wide) // _PATTERN)[None, :]
        return np.asarray(part[at % _PATTERN, np.arange(wide)[None, :] % _PATTERN])

    image = product / "GRANULE" / "L2A_MADE" / "IMG_DATA"
    names = []
    for code, land, water in zip(_CODES, _LAND, _WATER, strict=True):
        step = 2 if code in ("B11", "B12") else 1
        level = np.where(wet, water + 20.0 * texture, land + 0.12 * land * texture)
        number = np.clip(np.where(cloud, 7000.0, level) + 1000.0, 1.0, 20_000.0).astype(np.uint16)[
            ::step, ::step
        ]
        pattern = np.ascontiguousarray(np.tile(number, (step, step)))
        name = f"GRANULE/L2A_MADE/IMG_DATA/R{10 * step}m/T44RQR_{code}_{10 * step}m"
        names.append(name)
        _write(
            product / (name + ".tif"),
            size,
            step,
            lambda t, r, p=pattern, s=step: tiled(p, t, r, size // s),
            "uint16",
        )
    scl = np.where(cloud, 9, np.where(wet, 6, 4)).astype(np.uint8)[::2, ::2]
    pattern = np.ascontiguousarray(np.tile(scl, (2, 2)))
    name = "GRANULE/L2A_MADE/IMG_DATA/R20m/T44RQR_SCL_20m"
    names.append(name)
    _write(product / (name + ".tif"), size, 2, lambda t, r: tiled(pattern, t, r, size // 2), "uint8")
    image.mkdir(parents=True, exist_ok=True)
    offsets = "".join(f'<BOA_ADD_OFFSET band_id="{k}">-1000</BOA_ADD_OFFSET>' for k in range(13))
    files = "".join(f"<IMAGE_FILE>{n}</IMAGE_FILE>" for n in names)
    (product / "MTD_MSIL2A.xml").write_text(
        "<Level-2A_User_Product><General_Info><PRODUCT_START_TIME>2025-08-14T05:16:49.024Z</PRODUCT_START_TIME>"
        "<PROCESSING_BASELINE>05.11</PROCESSING_BASELINE><SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>"
        "<SENSING_ORBIT_NUMBER>62</SENSING_ORBIT_NUMBER><SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>"
        f"{files}<BOA_QUANTIFICATION_VALUE>10000</BOA_QUANTIFICATION_VALUE>{offsets}</General_Info>"
        "</Level-2A_User_Product>",
        encoding="utf-8",
    )
    return product


def radar_product(folder: Path, tables: Path, shrink: int = 1) -> Path:
    """Write pixels for the tables of a real Sentinel-1 product (an archive of metadata) and return its folder.

    Parameters
    ----------
    tables : Path
        Archive of a product without pictures.
    shrink : int
        Lines are cut to one in `shrink`, for tests.
    """
    import zipfile

    import rasterio

    from accord.systems.imaging.scene.sentinel1 import read_product

    with zipfile.ZipFile(tables) as bundle:
        name = bundle.namelist()[0].split("/")[0]
        if not (folder / name).is_dir():
            bundle.extractall(folder)
    product = read_product(folder / name)
    wet = field(_PATTERN, 14.0, 1) > 0.9
    rng = np.random.default_rng(4)
    looks = rng.gamma(4.4, 1.0 / 4.4, (_PATTERN, _PATTERN)).astype(np.float32)
    texture = np.exp(0.15 * field(_PATTERN, 2.0, 2))
    for channel, (land, water) in {"vv": (0.09, 0.009), "vh": (0.018, 0.0022)}.items():
        constant = float(product.channels[channel].sigma.value.mean())
        power = np.where(wet, water, land * texture) * looks
        number = np.clip(np.sqrt(power) * constant, 1, 65535).astype(np.uint16)
        path = product.channels[channel].measurement
        if path.is_file():
            continue
        profile = {
            "driver": "GTiff",
            "width": product.samples,
            "height": product.lines,
            "count": 1,
            "dtype": "uint16",
            "compress": "deflate",
            "zlevel": 1,
            "blockysize": 16,
        }
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(path, "w", **profile) as target:
                columns = np.arange(product.samples)
                for top in range(0, product.lines, 512):
                    rows = np.arange(top, min(top + 512, product.lines))
                    at = (rows[:, None] + 37 * (columns // _PATTERN)[None, :]) % _PATTERN
                    part = number[at, columns[None, :] % _PATTERN]
                    target.write(part, 1, window=rasterio.windows.Window(0, top, product.samples, len(rows)))
    return folder / name
