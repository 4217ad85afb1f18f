"""How good a map is: counts, overlap, calibration, and intervals that resample groups, not pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import ModelError

FloatArray = NDArray[np.float64]

__all__ = [
    "Interval", "brier", "calibration_error", "chip_counts", "difference_interval", "f1", "iou", "iou_interval",
    "mean_iou", "reliability",
]  # fmt: skip

SAMPLES = 10_000
_BINS = 15


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the 2.5 and 97.5 % points of its bootstrap."""

    value: float
    low: float
    high: float


def chip_counts(
    said: NDArray[np.bool_], water: NDArray[np.bool_], valid: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return true and false positives, false and true negatives of each chip, shape (chips, 4).

    Parameters
    ----------
    said, water, valid : bool array, shape (chips, rows, cols)
        Pixels that are not valid are counted nowhere.
    """
    if said.shape != water.shape or said.shape != valid.shape:
        raise ModelError(f"shapes {said.shape}, {water.shape}, {valid.shape}: expected the same three times")
    cells = (said & water, said & ~water, ~said & water, ~said & ~water)
    return np.stack([np.sum(c & valid, axis=(1, 2), dtype=np.int64) for c in cells], axis=1)


def iou(counts: ArrayLike) -> float:
    """Return TP / (TP + FP + FN) of counts summed over all but the last axis [1], "pooled".

    Raises
    ------
    ModelError
        When there is no water, neither said nor labelled: the ratio is undefined.
    """
    tp, fp, fn, _ = np.asarray(counts, dtype=np.int64).reshape(-1, 4).sum(axis=0)
    if tp + fp + fn == 0:
        raise ModelError("intersection over union: no water was said and none is labelled")
    return float(tp / (tp + fp + fn))


def f1(counts: ArrayLike) -> float:
    """Return 2 TP / (2 TP + FP + FN) [1], the harmonic mean of precision and recall; errors as `iou`."""
    overlap = iou(counts)
    return 2.0 * overlap / (1.0 + overlap)


def mean_iou(counts: NDArray[np.int64]) -> tuple[float, int]:
    """Return the mean over chips of their own IoU, and over how many: a chip all dry, and said so, has none."""
    some = counts[:, :3].sum(axis=1) > 0
    if not some.any():
        raise ModelError("mean intersection over union: no chip has water, said or labelled")
    each = counts[some, 0] / counts[some, :3].sum(axis=1)
    return float(each.mean()), int(some.sum())


def brier(probability: ArrayLike, water: ArrayLike) -> float:
    """Return the mean squared difference of probability and outcome (Brier 1950, Monthly Weather Review 78:1)."""
    gap = np.asarray(probability, dtype=np.float64) - np.asarray(water, dtype=np.float64)
    return float(np.mean(gap * gap))


def reliability(probability: ArrayLike, water: ArrayLike, bins: int = _BINS) -> FloatArray:
    """Return mean probability, share of water and count of each equal-width bin that is not empty, shape (m, 3)."""
    p = np.asarray(probability, dtype=np.float64).ravel()
    y = np.asarray(water, dtype=np.float64).ravel()
    where = np.minimum((p * bins).astype(np.int64), bins - 1)
    count = np.bincount(where, minlength=bins)
    some = count > 0
    table = [np.bincount(where, w, bins)[some] / count[some] for w in (p, y)]
    return np.column_stack([*table, count[some]])


def calibration_error(probability: ArrayLike, water: ArrayLike, bins: int = _BINS) -> float:
    """Return the expected calibration error [1] (Naeini et al. 2015, AAAI): mean gap of the bins, by their size."""
    table = reliability(probability, water, bins)
    return float(np.sum(np.abs(table[:, 0] - table[:, 1]) * table[:, 2]) / np.sum(table[:, 2]))


def _resampled(counts: NDArray[np.int64], group: NDArray[np.int64], samples: int, seed: int) -> FloatArray:
    """Return counts of resampled sets of groups, shape (samples, 4): groups drawn with replacement."""
    total = np.zeros((int(group.max()) + 1, 4))
    np.add.at(total, group, counts)
    total = total[np.bincount(group, minlength=len(total)) > 0]
    drawn = np.random.default_rng(seed).multinomial(
        len(total), np.full(len(total), 1.0 / len(total)), samples
    )
    return np.asarray(drawn @ total, dtype=np.float64)


def _ratio(counts: FloatArray) -> FloatArray:
    """Return IoU of each row; a draw without any water has agreed everywhere."""
    union = counts[:, :3].sum(axis=1)
    return np.where(union > 0.0, counts[:, 0] / np.where(union > 0.0, union, 1.0), 1.0)


def iou_interval(
    counts: NDArray[np.int64], group: NDArray[np.int64], samples: int = SAMPLES, seed: int = 1
) -> Interval:
    """Return pooled IoU with its 95 % interval over resampled groups.

    Parameters
    ----------
    counts : int array, shape (chips, 4)
    group : int array, shape (chips,)
        Chips of a group stand or fall together.
    """
    low, high = np.percentile(_ratio(_resampled(counts, group, samples, seed)), [2.5, 97.5])
    return Interval(iou(counts), float(low), float(high))


def difference_interval(
    ours: NDArray[np.int64],
    other: NDArray[np.int64],
    group: NDArray[np.int64],
    samples: int = SAMPLES,
    seed: int = 1,
) -> Interval:
    """Return our pooled IoU less another's, paired: both on the same resampled groups."""
    gap = _ratio(_resampled(ours, group, samples, seed)) - _ratio(_resampled(other, group, samples, seed))
    low, high = np.percentile(gap, [2.5, 97.5])
    return Interval(iou(ours) - iou(other), float(low), float(high))
