"""Fresh landslides from two optical scenes: vegetation lost on a slope, in patches large enough to be slides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_AREA_M2", "LEAST_SLOPE_DEG", "LOSS", "suspect"]

LEAST_SLOPE_DEG, LEAST_AREA_M2 = 10.0, 900.0
LOSS = (
    -0.20
)  # rdNDVI below which vegetation is lost; the user calibrates it per event as Scheip & Wegmann (2021) do


def suspect(rdndvi: NDArray[np.floating], slope_deg: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return where vegetation fell sharply on a slope steeper than 10 deg; False where either is NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray((rdndvi < LOSS) & (slope_deg > LEAST_SLOPE_DEG))
