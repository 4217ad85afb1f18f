"""Small chips written to disk, for the tests that read them."""

import warnings
from pathlib import Path

import numpy as np


def write_image(path: Path, array: np.ndarray) -> None:
    rasterio = __import__("rasterio")
    path.parent.mkdir(parents=True, exist_ok=True)
    driver = "PNG" if path.suffix == ".png" else "GTiff"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path,
            "w",
            driver=driver,
            count=len(array),
            height=array.shape[1],
            width=array.shape[2],
            dtype=array.dtype,
        ) as out:
            out.write(array)


def write_chip(folder: Path, name: str, image: np.ndarray, label: np.ndarray) -> None:
    write_image(folder / "images" / f"{name}.tif", image.astype(np.int16))
    write_image(folder / "labels" / f"{name}.png", label[None].astype(np.uint8))
