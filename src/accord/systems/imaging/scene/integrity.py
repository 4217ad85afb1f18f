"""Is this file a raster at all, and are all of its blocks there?"""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import Any

from accord.errors import FileError, MissingExtraError

__all__ = ["opened", "rasterio", "recognised"]

_QUIET = threading.Lock()
_POINTERS = (
    (b"version https://git-lfs", "a Git LFS pointer, not the picture: run `git lfs pull`"),
    (b"/annex/objects/", "a git-annex pointer, not the picture: run `git annex get`"),
    (b"<!DOCTYPE html", "a web page, not a picture: the download needed a login or failed"),
    (b"<html", "a web page, not a picture: the download needed a login or failed"),
    (b"<?xml", "XML, not a picture: give the product folder, not its metadata file"),
)
_MAGIC = (
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"\x00\x00\x00\x0cjP  ",
    b"\xffO\xffQ",
    b"\x89PNG",
    b"\x89HDF",
    b"CDF",
    b"<VRTDataset",
)


def rasterio() -> Any:
    """Return the rasterio module.

    Raises
    ------
    MissingExtraError
        When the imaging extra is not installed.
    """
    try:
        import rasterio
    except ImportError:
        raise MissingExtraError(
            "mapping needs the imaging extra: pip install 'accord[imaging]' (rasterio was not found)"
        ) from None
    return rasterio


def recognised(path: Path) -> None:
    """Refuse what is not a raster, by its first bytes, naming what it is instead.

    Raises
    ------
    FileError
        For a missing or empty file, a pointer file, a web page or an unknown format.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(256)
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not head:
        raise FileError(f"{path}: the file is empty")
    for mark, meaning in _POINTERS:
        if mark.lower() in head[:128].lower():
            raise FileError(f"{path}: this is {meaning}")
    if not head.startswith(_MAGIC):
        raise FileError(f"{path}: not a raster (GeoTIFF, JPEG 2000, PNG): begins with {head[:8]!r}")


def opened(path: Path) -> Any:
    """Open a raster for reading.

    Raises
    ------
    FileError
        When it is no raster or its header is damaged.
    MissingExtraError
        Without the imaging extra.
    """
    library = rasterio()
    recognised(path)
    try:
        with _QUIET, warnings.catch_warnings():  # the filters belong to the process: one thread at a time
            warnings.simplefilter("ignore")  # "no geotransform" is told to the user in our own words
            return library.open(path)
    except library.errors.RasterioError as error:
        raise FileError(f"{path}: cannot be opened: {str(error).splitlines()[0]}") from error
