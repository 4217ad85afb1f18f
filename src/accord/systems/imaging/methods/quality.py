"""Quality bands: why a pixel was not seen, read from each product's own bits."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.scene.model import Unseen

__all__ = ["KINDS", "reason_table", "water_table"]

# Sen2Cor scene classification: ESA, Sentinel-2 Level-2A algorithm overview, table of the scene classification
_SCL = {
    0: Unseen.NODATA,
    1: Unseen.NODATA,
    3: Unseen.SHADOW,
    8: Unseen.CLOUD,
    9: Unseen.CLOUD,
    10: Unseen.CLOUD,
    11: Unseen.SNOW,
}
# HLS v2 user guide (2023), table 9, bit by bit; adjacency (bit 2) is a warning, not blindness
_FMASK = ((1, Unseen.CLOUD), (3, Unseen.SHADOW), (4, Unseen.SNOW))
# Landsat Collection 2 QA_PIXEL: USGS LSDS-1619 (2022), table 6-3
_QA_PIXEL = (
    (0, Unseen.NODATA),
    (1, Unseen.CLOUD),
    (2, Unseen.CLOUD),
    (3, Unseen.CLOUD),
    (4, Unseen.SHADOW),
    (5, Unseen.SNOW),
)
KINDS = ("scl", "fmask", "qa_pixel")


@cache
def reason_table(kind: str) -> NDArray[np.uint8]:
    """Return the reason why a pixel is unseen (0 seen), for every value of a quality band.

    Parameters
    ----------
    kind : {"scl", "fmask", "qa_pixel"}

    Raises
    ------
    ModelError
        For another kind.
    """
    if kind == "scl":
        table = np.zeros(256, np.uint8)
        for value, reason in _SCL.items():
            table[value] = reason
        table[12:] = Unseen.NODATA
        return table
    if kind not in KINDS:
        raise ModelError(f"quality band {kind!r}: expected one of {', '.join(KINDS)}")
    bits, size = (_FMASK, 256) if kind == "fmask" else (_QA_PIXEL, 65536)
    every = np.arange(size)
    table = np.zeros(size, np.uint8)
    for bit, reason in reversed(bits):
        table[(every >> bit & 1) == 1] = reason
    if kind == "fmask":
        table[255] = Unseen.NODATA
    return table


@cache
def water_table(kind: str) -> NDArray[np.bool_]:
    """Return the product's own water bit for every value of a quality band."""
    if kind == "scl":
        return np.asarray(np.arange(256) == 6)
    bit, size = (5, 256) if kind == "fmask" else (7, 65536)
    return np.asarray((np.arange(size) >> bit & 1) == 1)
