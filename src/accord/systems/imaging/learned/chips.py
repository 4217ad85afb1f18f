"""Labelled chips: small images with a water mask, from a folder or a zip, in integers with their validity."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError, MissingExtraError

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int16]

__all__ = ["SPECTRAL", "Chips", "brighter_green", "layout", "read_chips", "water_bit"]

SPECTRAL = ("blue", "green", "red", "nir", "swir1", "swir2")  # what the model reads, in this order
_MOST_BYTES = 64_000_000  # a chip is a few hundred kilobytes; a member beyond this is not one
_WATER_BIT = 5  # of the Fmask byte of Harmonized Landsat Sentinel-2 (user guide v2.0, table 9)
_NO_QA = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """Labelled images of one size.

    Attributes
    ----------
    names : tuple of str
        File stems.
    bands : tuple of str
        Names of the layers, by `layout`.
    images : int16 array, shape (chips, bands, rows, cols)
        Reflectance in 1e-4, other layers in their own unit.
    water : bool array, shape (chips, rows, cols)
    valid : bool array, shape (chips, rows, cols)
        Where every spectral band is seen and the label is given.
    """

    names: tuple[str, ...]
    bands: tuple[str, ...]
    images: IntArray
    water: BoolArray
    valid: BoolArray

    def __len__(self) -> int:
        return len(self.names)

    def band(self, name: str) -> IntArray:
        """Return one layer of every chip, shape (chips, rows, cols).

        Raises
        ------
        FileError
            When the layout has no such layer.
        """
        if name not in self.bands:
            raise FileError(f"chips have no layer {name!r}: expected one of {', '.join(self.bands)}")
        return self.images[:, self.bands.index(name)]

    def spectral(self) -> IntArray:
        """Return the bands that the model reads, shape (chips, 6, rows, cols), in 1e-4 of reflectance."""
        return self.images[:, [self.bands.index(name) for name in SPECTRAL]]


@cache
def layout(name: str) -> dict[str, Any]:
    """Return a chip layout by name: its layers in order and the value that means "not seen".

    Raises
    ------
    FileError
        When there is no such layout.
    """
    import yaml

    text = (files("accord.systems.imaging.learned") / "data" / "layouts.yaml").read_text(encoding="utf-8")
    known: dict[str, Any] = yaml.safe_load(text)
    if name not in known:
        raise FileError(f"no chip layout {name!r}: expected one of {', '.join(known)}")
    found: dict[str, Any] = known[name]
    return found


def read_chips(path: Path, layout_name: str = "hls12") -> Chips:
    """Read ``images/NAME.tif`` with ``labels/NAME.png`` (or ``.tif``) from a folder or a zip.

    Labels with 0 for dry and 1 for water; 255 and -1 are "not labelled". Images without a label are left out, and
    so are labels without an image.

    Raises
    ------
    FileError
        When nothing is there, a file is damaged, or sizes, band counts or label values are not as declared.
    MissingExtraError
        When rasterio is absent.
    """
    plan = layout(layout_name)
    names: list[str] = []
    images: list[IntArray] = []
    labels: list[NDArray[Any]] = []
    for name, image, label in _members(path):
        if image.shape[0] != len(plan["layers"]):
            raise FileError(
                f"{path}: images/{name}: {image.shape[0]} bands, the layout {layout_name} has {len(plan['layers'])}"
            )
        if label.shape != image.shape[1:]:
            raise FileError(f"{path}: labels/{name}: size {label.shape}, its image has {image.shape[1:]}")
        if images and image.shape != images[0].shape:
            raise FileError(
                f"{path}: images/{name}: shape {image.shape}, the chips before it have {images[0].shape}"
            )
        strange = set(np.unique(label).tolist()) - {0, 1, 255, -1}
        if strange:
            raise FileError(
                f"{path}: labels/{name}: values {sorted(strange)[:5]}; expected 0 dry, 1 water, 255 or -1"
            )
        names.append(name)
        images.append(image)
        labels.append(label)
    if not names:
        raise FileError(f"{path}: no chips: expected images/NAME.tif with labels/NAME.png")
    stack, label_stack = np.stack(images), np.stack(labels)
    bands = tuple(plan["layers"])
    seen = np.all(stack[:, [bands.index(b) for b in SPECTRAL]] != plan["nodata"], axis=1)
    return Chips(
        names=tuple(names),
        bands=bands,
        images=stack,
        water=label_stack == 1,
        valid=seen & ((label_stack == 0) | (label_stack == 1)),
    )


def _members(path: Path) -> Iterator[tuple[str, IntArray, NDArray[Any]]]:
    """Yield name, image and label of each chip, by name: numbers in their order, then texts."""
    if path.is_dir():
        found = {p.relative_to(path).as_posix(): p for p in path.glob("*/*") if p.is_file()}
        images, labels = _pairs(found)
        for name in images:
            yield name, _image(found[images[name]].read_bytes(), found[images[name]].as_posix()), _label(
                found[labels[name]].read_bytes(), found[labels[name]].as_posix()
            )  # fmt: skip
        return
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {i.filename: i.file_size for i in archive.infolist()}
            images, labels = _pairs(sizes)
            for name in images:
                for member in (images[name], labels[name]):
                    if sizes[member] > _MOST_BYTES:
                        raise FileError(
                            f"{path}: {member}: {sizes[member]} bytes unpacked; a chip has {_MOST_BYTES} at most"
                        )
                yield name, _image(archive.read(images[name]), f"{path}: {images[name]}"), _label(
                    archive.read(labels[name]), f"{path}: {labels[name]}"
                )  # fmt: skip
    except (OSError, zipfile.BadZipFile) as error:
        raise FileError(f"{path}: cannot be read as a folder or zip of chips: {error}") from error


def _pairs(names: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return stem to image and stem to label, for stems that have both."""
    stems: dict[str, dict[str, str]] = {"images": {}, "labels": {}}
    for name in names:
        folder, _, file = name.rpartition("/")
        stem, _, kind = file.rpartition(".")
        room = folder.rpartition("/")[2]
        if room in stems and kind.lower() in {"tif", "tiff", "png"}:
            stems[room][stem] = name
    both = stems["images"].keys() & stems["labels"].keys()
    order = sorted(both, key=lambda s: (not s.isdecimal(), int(s) if s.isdecimal() else 0, s))
    return {s: stems["images"][s] for s in order}, {s: stems["labels"][s] for s in order}


def _image(content: bytes, where: str) -> IntArray:
    array = _decode(content, where)
    if array.dtype != np.int16:
        raise FileError(f"{where}: values of type {array.dtype}; expected int16, reflectance in 1e-4")
    return array


def _label(content: bytes, where: str) -> NDArray[Any]:
    array = _decode(content, where)
    if array.shape[0] != 1 or not np.issubdtype(array.dtype, np.integer):
        raise FileError(f"{where}: expected one band of integers, got {array.shape[0]} of {array.dtype}")
    found: NDArray[Any] = array[0]
    return found


def _decode(content: bytes, where: str) -> NDArray[Any]:
    if content.startswith(b"version https://git-lfs"):
        raise FileError(f"{where}: a pointer to a large file, not the file itself; fetch it first")
    try:
        from rasterio.errors import NotGeoreferencedWarning, RasterioError
        from rasterio.io import MemoryFile
    except ImportError:
        raise MissingExtraError("reading chips needs rasterio: pip install 'accord[imaging]'") from None
    memory_file: Any = MemoryFile
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with memory_file(content) as memory, memory.open() as source:
                found: NDArray[Any] = source.read()
                return found
    except RasterioError as error:
        raise FileError(f"{where}: damaged or not an image: {error}") from error


def brighter_green(chips: Chips) -> BoolArray:
    """Return the integer rule "green above first short-wave infrared", shape (chips, rows, cols).

    It is MNDWI > 0 (Xu 2006, International Journal of Remote Sensing 27:3025) without a division.
    """
    return chips.band("green") > chips.band("swir1")


def water_bit(chips: Chips) -> BoolArray:
    """Return the water bit of the product's own Fmask byte, shape (chips, rows, cols); no QA is not water."""
    mask = chips.band("fmask")
    return np.asarray((mask != _NO_QA) & ((mask >> _WATER_BIT) & 1 == 1), dtype=np.bool_)
