"""What the trees look at: reflectance, ratios of bands and their windows, all from integers of 1e-4.

Integers make window sums exact, so that a pixel's features are the same bits in a chip, a block or a whole scene.
Nothing here tells where on Earth a pixel lies: no elevation, no land cover, no memory of past water.

A feature is named ``QUANTITY`` or ``QUANTITY_meanN`` or ``QUANTITY_sdN`` with N the odd width of a square window in
pixels; windows are cut at the rim and count seen pixels only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.learned.chips import SPECTRAL

IntArray = NDArray[np.int32]

__all__ = ["QUANTITIES", "feature_table", "halo_px", "public_range", "to_integers"]

_LOWEST, _HIGHEST = 1, 16_000  # 1e-4 of reflectance; a ratio of two such numbers is always defined
_NAME = re.compile(r"(?P<quantity>[a-z0-9_]+?)(?:_(?P<kind>mean|sd)(?P<width>\d+))?")

# Normalised differences (a - b) / (a + b), in 1e-4
_RATIOS = {
    "mndwi": ("green", "swir1"),  # Xu 2006
    "mndwi2": ("green", "swir2"),
    "ndwi": ("green", "nir"),  # McFeeters 1996
    "ndvi": ("nir", "red"),
    "ndmi": ("nir", "swir1"),
    "nbr": ("nir", "swir2"),
    "green_red": ("green", "red"),
    "blue_green": ("blue", "green"),
    "swir_swir": ("swir1", "swir2"),
}
# Weighted sums in quarters, in 1e-4: Feyisa et al. 2014, Remote Sensing of Environment 140:23
_SUMS = {
    "awei_sh": {"blue": 4, "green": 10, "nir": -6, "swir1": -6, "swir2": -1},
    "awei_nsh": {"green": 16, "swir1": -16, "nir": -1, "swir2": -11},
}
QUANTITIES = (*SPECTRAL, *_RATIOS, *_SUMS, "bright", "wet")


def to_integers(
    bands: Mapping[str, NDArray[Any]], valid: NDArray[np.bool_] | None = None
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the six bands as integers of 1e-4 and where all of them are seen.

    Parameters
    ----------
    bands : mapping of str to array, shape (rows, cols)
        By common name (`SPECTRAL`); floating point is reflectance [1], integers are reflectance in 1e-4. NaN and
        infinity are unseen.
    valid : bool array, shape (rows, cols), optional
        False where a pixel is not seen (cloud, shadow, fill).

    Raises
    ------
    ModelError
        When a band is missing, shapes differ, or the values cannot be surface reflectance in that scale.
    """
    missing = [name for name in SPECTRAL if name not in bands]
    if missing:
        raise ModelError(f"bands missing: {', '.join(missing)}; the model reads {', '.join(SPECTRAL)}")
    shape = np.shape(bands[SPECTRAL[0]])
    seen = np.ones(shape, dtype=np.bool_) if valid is None else np.array(valid, dtype=np.bool_)
    stack = np.zeros((len(SPECTRAL), *shape), dtype=np.int32)
    for k, name in enumerate(SPECTRAL):
        values = np.asarray(bands[name])
        if values.ndim != 2 or values.shape != shape or seen.shape != shape:
            raise ModelError(
                f"band {name} has shape {values.shape}: expected two dimensions, as {shape} of the rest"
            )
        if np.issubdtype(values.dtype, np.floating):
            finite = np.isfinite(values)
            seen &= finite
            values = np.rint(np.where(finite, values, 0.0).astype(np.float64).clip(-3.0, 3e4) * 1e4)
        stack[k] = values
    _refuse_wrong_scale(stack, seen)
    return np.clip(stack, _LOWEST, _HIGHEST), seen


def _refuse_wrong_scale(stack: IntArray, seen: NDArray[np.bool_]) -> None:
    if not seen.any():
        return
    for k, name in enumerate(SPECTRAL):
        middle = float(np.median(stack[k][seen])) * 1e-4
        if not -0.05 <= middle <= 0.9:
            cause = (
                "digital numbers passed as reflectance, or a scale not applied"
                if middle > 0.9
                else "an offset applied twice, or radar data"
            )
            raise ModelError(f"band {name}: median {middle:.4g}, expected reflectance from 0 to 0.9: {cause}")


def public_range(name: str) -> tuple[float, float]:
    """Return where a feature's values lie for the most part, from its definition alone, in 1e-4.

    Sites that learn together agree on bins from it without looking at anybody's data.
    """
    quantity, kind, _ = _parsed(name)
    if kind == "sd":
        return 0.0, 5_000.0
    if quantity in _RATIOS:
        return -10_000.0, 10_000.0
    if quantity in _SUMS:
        return -20_000.0, 20_000.0
    return (0.0, 10_000.0) if quantity == "wet" else (0.0, 5_000.0)


def halo_px(names: Sequence[str]) -> int:
    """Return how many pixels around a block its features depend on."""
    return max((width // 2 for _, kind, width in map(_parsed, names) if kind), default=0)


def _parsed(name: str) -> tuple[str, str, int]:
    match = _NAME.fullmatch(name)
    if match is None or match["quantity"] not in QUANTITIES:
        raise ModelError(f"no feature {name!r}: expected one of {', '.join(QUANTITIES)}, with _meanN or _sdN")
    width = int(match["width"] or 1)
    if width % 2 == 0 or width > 999:
        raise ModelError(f"feature {name!r}: the window must be odd and below 1000 pixels wide")
    return match["quantity"], match["kind"] or "", width


def _quantity(name: str, stack: IntArray) -> IntArray:
    """Return one quantity in 1e-4, shape (rows, cols)."""
    band = dict(zip(SPECTRAL, stack, strict=True))
    if name in band:
        found: IntArray = band[name]
        return found
    if name in _RATIOS:
        a, b = (band[n] for n in _RATIOS[name])
        return np.asarray(np.rint(1e4 * (a - b) / (a + b)), dtype=np.int32)
    if name in _SUMS:
        total = sum(weight * band[n] for n, weight in _SUMS[name].items())
        return np.asarray(total >> 2, dtype=np.int32)
    if name == "bright":
        return np.asarray(stack.sum(axis=0, dtype=np.int32) // len(SPECTRAL), dtype=np.int32)
    return np.asarray(np.where(band["green"] > band["swir1"], 10_000, 0), dtype=np.int32)


def feature_table(stack: IntArray, seen: NDArray[np.bool_], names: Sequence[str]) -> NDArray[np.float32]:
    """Return features of every pixel, in the order of ``names``, shape (len(names), rows, cols).

    Parameters
    ----------
    stack : int32 array, shape (6, rows, cols)
        From `to_integers`.
    seen : bool array, shape (rows, cols)
        What stands at pixels that are not seen comes from their neighbours and means nothing.
    names : sequence of str

    Raises
    ------
    ModelError
        When a name is not a feature.
    """
    from accord.systems.imaging.learned.kernels import box_sums

    table = np.empty((len(names), *seen.shape), dtype=np.float32)
    known: dict[str, IntArray] = {}
    sums: dict[tuple[str, int, int], NDArray[np.int64]] = {}
    complete = bool(seen.all())

    def summed(quantity: str, power: int, width: int) -> NDArray[np.int64]:
        key = (quantity, power, width)
        if key not in sums:
            source = seen.astype(np.int64) if not power else known[quantity].astype(np.int64) ** power
            if power and not complete:
                source = np.where(seen, source, 0)
            sums[key] = np.empty(seen.shape, dtype=np.int64)
            box_sums(source, width // 2, sums[key])
        return sums[key]

    for k, name in enumerate(names):
        quantity, kind, width = _parsed(name)
        if quantity not in known:
            known[quantity] = _quantity(quantity, stack)
        if not kind:
            table[k] = known[quantity]
            continue
        count = np.maximum(summed("", 0, width), 1)
        first = summed(quantity, 1, width)
        if kind == "mean":
            table[k] = first / count
        else:  # n S2 - S1^2 in integers: nothing cancels
            table[k] = np.sqrt(count * summed(quantity, 2, width) - first * first) / count
    return table
