"""Fresh landslides from two optical scenes: vegetation lost on a slope, in patches large enough to be slides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_AREA_M2", "LEAST_SLOPE_DEG", "LOSS", "LOSSES", "loss_class", "suspect"]

LEAST_SLOPE_DEG, LEAST_AREA_M2 = 10.0, 900.0
LOSS = (
    -0.20
)  # rdNDVI below which vegetation is lost; the user calibrates it per event as Scheip & Wegmann (2021) do
LOSSES = (0.2, 0.4, 0.6, 0.8)  # lower edges of -rdNDVI: equal steps of our own, no published severity


def loss_class(rdndvi: NDArray[np.floating], slope_deg: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return 0 on flat ground, 1 where vegetation was kept, 2..5 by how much was lost; 255 where either is NaN."""
    found = 1 + np.searchsorted(np.array(LOSSES), -rdndvi, side="right")
    with np.errstate(invalid="ignore"):
        found = np.where(slope_deg > LEAST_SLOPE_DEG, found, 0)
    return np.where(np.isnan(rdndvi) | np.isnan(slope_deg), 255, found).astype(np.uint8)


def suspect(rdndvi: NDArray[np.floating], slope_deg: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return where vegetation fell sharply on a slope steeper than 10 deg; False where either is NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray((rdndvi < LOSS) & (slope_deg > LEAST_SLOPE_DEG))
