"""The shipped model on bands: a probability of water for every pixel that was seen, and nothing for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.learned.features import feature_table, halo_px, to_integers
from accord.systems.imaging.learned.forest import Forest, read_forest

__all__ = ["DRY", "UNSEEN", "UNSEEN_PROBABILITY", "WATER", "LearnedMap", "model_halo_px", "predict",
           "predict_bands", "shipped_forest"]  # fmt: skip

DRY, WATER, UNSEEN = 0, 1, 255
UNSEEN_PROBABILITY = np.float32(-1.0)
_ROWS_A_STRIP = 128


@dataclass(frozen=True, slots=True)
class LearnedMap:
    """A map with three answers.

    Attributes
    ----------
    probability : float32 array, shape (rows, cols) [1]
        Calibrated probability of water; -1 where the pixel was not seen.
    seen : bool array, shape (rows, cols)
    """

    probability: NDArray[np.float32]
    seen: NDArray[np.bool_]

    def classes(self, threshold: float = 0.5) -> NDArray[np.uint8]:
        """Return 0 dry, 1 water (above the threshold), 255 unseen, shape (rows, cols)."""
        found = np.where(self.probability > np.float32(threshold), WATER, DRY)
        return np.where(self.seen, found, UNSEEN).astype(np.uint8)


@cache
def shipped_forest() -> Forest:
    """Return the model that comes with the package."""
    with as_file(files("accord.systems.imaging.learned") / "data" / "water_trees.json") as path:
        return read_forest(path)


def model_halo_px(forest: Forest | None = None) -> int:
    """Return how many pixels around a block it must be given for the map to be that of the whole scene."""
    return halo_px((forest or shipped_forest()).features)


def predict(
    features: NDArray[np.float32], forest: Forest | None = None, threads: int = 2
) -> NDArray[np.float32]:
    """Return the probability of water [1] of rows of features, shape (n,).

    Parameters
    ----------
    features : float32 array, shape (n, features)
        In the order of ``forest.features``, in 1e-4; NaN is missing.
    forest : Forest, optional
        The shipped one without.
    threads : int
    """
    return (forest or shipped_forest()).predict(features, threads)


def predict_bands(
    bands: Mapping[str, NDArray[Any]],
    valid: NDArray[np.bool_] | None = None,
    *,
    forest: Forest | None = None,
    halo: tuple[int, int, int, int] = (0, 0, 0, 0),
    threads: int = 2,
) -> LearnedMap:
    """Map water on a scene or a block of one.

    Parameters
    ----------
    bands : mapping of str to array, shape (rows, cols)
        blue, green, red, nir, swir1 and swir2: floating-point reflectance [1], or integers in 1e-4. Others are
        not looked at.
    valid : bool array, shape (rows, cols), optional
        False where a pixel is not seen (cloud, shadow, fill); it is then neither used nor answered.
    forest : Forest, optional
    halo : (top, bottom, left, right) [px]
        Rim that belongs to neighbouring blocks: used for windows, not answered. `model_halo_px` on every side that
        has a neighbour gives the bits of the whole scene.
    threads : int

    Raises
    ------
    ModelError
        When a band is missing, shapes differ, values cannot be reflectance, or the halo leaves nothing.
    """
    chosen = forest or shipped_forest()
    stack, seen = to_integers(bands, valid)
    rows, cols = seen.shape
    top, bottom, left, right = halo
    if min(halo) < 0 or top + bottom >= rows or left + right >= cols:
        raise ModelError(f"halo {halo} of a block of {rows} x {cols} pixels: nothing is left to answer")
    reach = halo_px(chosen.features)
    probability = np.full((rows - top - bottom, cols - left - right), UNSEEN_PROBABILITY, dtype=np.float32)
    answered = seen[top : rows - bottom, left : cols - right]

    def fill(begin: int) -> None:
        end = min(begin + _ROWS_A_STRIP, rows - bottom)
        low, high = max(0, begin - reach), min(rows, end + reach)
        table = feature_table(stack[:, low:high], seen[low:high], chosen.features)
        inner = table[:, begin - low : end - low, left : cols - right]
        said = chosen.predict(inner.reshape(len(table), -1), threads=1, by_feature=True)
        here = slice(begin - top, end - top)
        probability[here] = np.where(answered[here], said.reshape(inner.shape[1:]), UNSEEN_PROBABILITY)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(top, rows - bottom, _ROWS_A_STRIP)))
    return LearnedMap(probability, answered.copy())
