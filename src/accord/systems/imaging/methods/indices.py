"""Spectral indices of reflectances, each as its author wrote it.

Bands are surface or top-of-atmosphere reflectances (0..1, small negative values occur); arrays broadcast. Where a
denominator is not positive the index is NaN: no ratio was observed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]

__all__ = [
    "awei_no_shadow",
    "awei_shadow",
    "dnbr",
    "dndvi_relative",
    "mndwi",
    "nbr",
    "ndvi",
    "ndwi",
    "rbr",
    "rdnbr",
]


def _ratio(above: Float, below: Float) -> Float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0.0, above / below, np.nan))


def mndwi(green: Float, swir16: Float) -> Float:
    """Modified normalised difference water index. Xu (2006), IJRS 27:3025."""
    return _ratio(green - swir16, green + swir16)


def ndwi(green: Float, nir: Float) -> Float:
    """Normalised difference water index. McFeeters (1996), IJRS 17:1425."""
    return _ratio(green - nir, green + nir)


def ndvi(nir: Float, red: Float) -> Float:
    """Normalised difference vegetation index. Rouse et al. (1974), NASA SP-351:309."""
    return _ratio(nir - red, nir + red)


def awei_shadow(blue: Float, green: Float, nir: Float, swir16: Float, swir22: Float) -> Float:
    """Automated water extraction index against shadow. Feyisa et al. (2014), RSE 140:23, equation 5."""
    return np.asarray(blue + 2.5 * green - 1.5 * (nir + swir16) - 0.25 * swir22)


def awei_no_shadow(green: Float, nir: Float, swir16: Float, swir22: Float) -> Float:
    """Automated water extraction index without shadow. Feyisa et al. (2014), RSE 140:23, equation 4.

    The published sign of the last term is minus: 4 (G - S1) - (0.25 N + 2.75 S2).
    """
    return np.asarray(4.0 * (green - swir16) - (0.25 * nir + 2.75 * swir22))


def nbr(nir: Float, swir22: Float) -> Float:
    """Normalised burn ratio. Key & Benson (2006), USDA RMRS-GTR-164, LA-1."""
    return _ratio(nir - swir22, nir + swir22)


def dnbr(before: Float, after: Float) -> Float:
    """Difference of the normalised burn ratio. Key & Benson (2006), USDA RMRS-GTR-164, LA-1."""
    return np.asarray(before - after)


def rbr(before: Float, after: Float) -> Float:
    """Relativised burn ratio of two burn ratios. Parks, Dillon & Miller (2014), Remote Sensing 6:1827, equation 4."""
    return np.asarray((before - after) / (before + 1.001))


def rdnbr(before: Float, after: Float) -> Float:
    """Relative difference of two burn ratios. Miller & Thode (2007), RSE 109:66, on ratios of -1..1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(before == 0.0, np.nan, (before - after) / np.sqrt(np.abs(before))))


def dndvi_relative(before: Float, after: Float) -> Float:
    """Relative difference of two vegetation indices, for fresh slides. Scheip & Wegmann (2021), NHESS 21:1495."""
    total = np.abs(before + after)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(total > 0.0, (after - before) / np.sqrt(total), np.nan))
