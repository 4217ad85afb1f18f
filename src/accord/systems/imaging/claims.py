"""What an announced accuracy is worth: recomputed from counts, or from the share of water, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Reading", "accuracy_of_overlap", "overlap_of_accuracy", "read_accuracy"]


def accuracy_of_overlap(iou: FloatArray, water_share: FloatArray) -> FloatArray:
    """Return the share of pixels mapped right of a map with as many false alarms as misses, shape as given.

    With errors e of either kind as shares of all pixels, ``IoU = (w - e) / (w + e)``, so that
    ``accuracy = 1 - 2 e = 1 - 2 w (1 - IoU) / (1 + IoU)``.
    """
    return 1.0 - 2.0 * water_share * (1.0 - iou) / (1.0 + iou)


def overlap_of_accuracy(accuracy: FloatArray, water_share: FloatArray) -> FloatArray:
    """Return the overlap that an accuracy stands for, the inverse of `accuracy_of_overlap`.

    It is 0 where a map without any water would be as accurate: the accuracy then says nothing of the water found.
    """
    import numpy as np

    error = 0.5 * (1.0 - accuracy)
    overlap = np.asarray((water_share - error) / (water_share + error))
    return np.where(1.0 - water_share >= accuracy, 0.0, np.maximum(overlap, 0.0))


@dataclass(frozen=True, slots=True)
class Reading:
    """An announced accuracy, read.

    Attributes
    ----------
    refused : str
        Why nothing can be said; "" where it can.
    accuracy, iou, empty_accuracy : float or None
        As recomputed: pixels right, overlap, and pixels right on a map without water.
    text : str
        One line for people.
    """

    refused: str
    accuracy: float | None
    iou: float | None
    empty_accuracy: float | None
    text: str


def read_accuracy(
    claimed: float, *, counts: Sequence[int] | None = None, water_share: float | None = None
) -> Reading:
    """Read a claim such as "95 % accuracy" of a water map.

    Parameters
    ----------
    claimed : float [1]
    counts : (int, int, int, int), optional
        True positives, false positives, false negatives, true negatives.
    water_share : float, optional [1]
        Share of the ground under water, where no counts are known.

    Raises
    ------
    ModelError
        For shares outside 0 to 1 and counts that cannot be.
    """
    if not 0.0 <= claimed <= 1.0:
        raise ModelError(f"accuracy {claimed:g}: expected a share from 0 to 1")
    if counts is None and water_share is None:
        reason = (
            "accuracy alone says nothing of a water map: with 10 % of the ground under water a map without any water "
            "is 90 % accurate. Give the counts (hits, false alarms, misses, dry) or the share of water"
        )
        return Reading(reason, None, None, None, f"refused: {reason}")
    if counts is not None:
        return _from_counts(claimed, counts)
    assert water_share is not None
    if not 0.0 < water_share < 1.0:
        raise ModelError(f"share of water {water_share:g}: expected above 0 and below 1")
    return _from_share(claimed, water_share)


def _from_counts(claimed: float, counts: Sequence[int]) -> Reading:
    if len(counts) != 4 or min(counts) < 0 or sum(counts) == 0:
        raise ModelError(
            "counts: expected hits, false alarms, misses and dry pixels, none below 0, not all 0"
        )
    hits, alarms, misses, dry = counts
    total = hits + alarms + misses + dry
    if hits + misses == 0:
        reason = "the sample holds no water: no map can show on it that it finds any"
        return Reading(reason, (hits + dry) / total, None, 1.0, f"refused: {reason}")
    accuracy, empty = (hits + dry) / total, (alarms + dry) / total
    iou = hits / (hits + alarms + misses)
    kept = "as claimed or better" if accuracy >= claimed else "below the claim"
    text = (
        f"recomputed: {100 * accuracy:.1f} % of the pixels right ({kept}: {100 * claimed:g} %), overlap {iou:.3f}; "
        f"a map without water reaches {100 * empty:.1f} %"
    )
    return Reading("", accuracy, iou, empty, text)


def _from_share(claimed: float, water_share: float) -> Reading:
    import numpy as np

    empty = 1.0 - water_share
    if claimed <= empty:
        reason = (
            f"with {100 * water_share:g} % of the ground under water a map without any water is {100 * empty:g} % "
            f"accurate: {100 * claimed:g} % says nothing of the water found"
        )
        return Reading(reason, None, None, empty, f"refused: {reason}")
    iou = float(overlap_of_accuracy(np.array(claimed), np.array(water_share)))
    text = (
        f"{100 * claimed:g} % accuracy with {100 * water_share:g} % of the ground under water stands for an overlap of "
        f"{iou:.3f}, if false alarms and misses are as many; a map without water reaches {100 * empty:g} %"
    )
    return Reading("", claimed, iou, empty, text)
