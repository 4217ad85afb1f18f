"""Speckle: the Lee filter, in linear power, blind to what is not data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.methods import kernels

__all__ = ["FLOOR_CB", "HALO", "LOOKS", "NODATA_CB", "centibel", "lee", "padded"]

HALO = 3  # a 7 x 7 window
LOOKS = 4.4  # Sentinel-1 IW GRDH: equivalent number of looks, Sentinel-1 product definition (2016), table 3-5
NODATA_CB = -32768
FLOOR_CB = -6000  # -60 dB: far below the noise floor of any mission; below it log power says nothing


def padded(power: NDArray[np.float32], above: int, below: int) -> NDArray[np.float32]:
    """Return power with rows of no data (NaN) added above and below: the rim of a scene."""
    if not above and not below:
        return power
    rim = [(above, below), (0, 0)]
    return np.pad(power, rim, constant_values=np.float32(np.nan))


def lee(power: NDArray[np.float32], looks: float = LOOKS) -> NDArray[np.float32]:
    """Filter linear power, shape (rows + 6, columns), and return the inner (rows, columns).

    NaN marks no data; it neither spreads nor is filled. Lee (1980), IEEE PAMI 2:165.

    Raises
    ------
    ModelError
        For negative power (decibels were given) or looks that are not positive.
    """
    if looks <= 0.0:
        raise ModelError(f"looks {looks:g}: expected a positive number")
    out = np.empty((power.shape[0] - 2 * HALO, power.shape[1]), np.float32)
    if kernels.lee(np.ascontiguousarray(power, np.float32), np.float32(looks), out) < 0.0:
        raise ModelError("speckle filter: expected linear power, found negative values (decibels?)")
    return out


def centibel(power: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return 1000 log10 of linear power, rounded, as int16 (hundredths of a decibel); no data is -32768."""
    out = np.empty(power.shape, np.int16)
    kernels.power_to_centibel(np.ascontiguousarray(power, np.float32), FLOOR_CB, out)
    return out
