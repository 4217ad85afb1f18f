"""Radar change: backscatter against what the same orbit saw before.

Open water is a drop of more than 3 dB; a rise in VV beyond 3 dB may be flooded vegetation and is only flagged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError

__all__ = ["DROP_DB", "RISE_DB", "USUAL_SCENES", "drop_db", "reference_db"]

DROP_DB, RISE_DB = 3.0, 3.0  # usual 2..5
USUAL_SCENES = 3  # a median of three withstands one wet or windy day


def reference_db(before_db: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the median [dB] of earlier scenes, shape (scenes, ...); NaN where none is valid.

    The median commutes with the logarithm, so that nothing is averaged in decibels but for the middle two of an even
    number of scenes; there the lower one is taken.

    Raises
    ------
    ModelError
        Without scenes.
    """
    if before_db.shape[0] == 0:
        raise ModelError("change: expected at least one earlier scene")
    ordered = np.sort(before_db, axis=0)  # NaN sorts last
    valid = np.isfinite(before_db).sum(axis=0)
    middle = np.maximum((valid - 1) // 2, 0)
    chosen = np.take_along_axis(ordered, middle[None], axis=0)[0]
    return np.asarray(np.where(valid > 0, chosen, np.nan))


def drop_db(now_db: NDArray[np.floating], before_db: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return by how much [dB] the scene is darker than its reference; NaN where either is missing."""
    return np.asarray(before_db - now_db)
