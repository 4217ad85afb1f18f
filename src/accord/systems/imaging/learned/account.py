"""The account of a model: every score with its interval, for the card."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.learned.chips import SPECTRAL, Chips, brighter_green, water_bit
from accord.systems.imaging.learned.drift import LOOKED_AT, support
from accord.systems.imaging.learned.forest import Forest
from accord.systems.imaging.learned.leaks import Leaks
from accord.systems.imaging.learned.predict import predict_bands
from accord.systems.imaging.learned.scores import (
    Interval,
    brier,
    calibration_error,
    chip_counts,
    difference_interval,
    f1,
    iou,
    iou_interval,
    mean_iou,
    reliability,
)  # fmt: skip
from accord.systems.imaging.learned.train import Trained, calibrated_apart, chip_features

FloatArray = NDArray[np.float64]

__all__ = ["account", "inputs_seen", "judged", "score_chips"]


def _rounded(interval: Interval) -> dict[str, float]:
    return {"value": round(interval.value, 4), "low": round(interval.low, 4), "high": round(interval.high, 4)}


def judged(
    probability: NDArray[Any], chips: Chips, group: NDArray[np.int64], chosen: NDArray[np.bool_] | None = None
) -> dict[str, Any]:
    """Return the scores of probabilities on chips, beside the two rules that need no model.

    Parameters
    ----------
    probability : float array, shape (chips, rows, cols) [1]
    chips : Chips
    group : int array, shape (chips,)
    chosen : bool array, shape (chips,), optional
        Only these chips.
    """
    some = np.ones(len(chips), dtype=np.bool_) if chosen is None else chosen
    water, valid, g = chips.water[some], chips.valid[some], group[some]
    ours = chip_counts(probability[some] > 0.5, water, valid)
    bit = chip_counts(water_bit(chips)[some], water, valid) if "fmask" in chips.bands else None
    rule = chip_counts(brighter_green(chips)[some], water, valid)
    mean, over = mean_iou(ours)
    p, y = probability[some][valid], water[valid]
    found: dict[str, Any] = {
        "chips": int(some.sum()),
        "groups": len(np.unique(g)),
        "iou": _rounded(iou_interval(ours, g)),
        "mean_iou": {"value": round(mean, 4), "over_chips": over},
        "f1": round(f1(ours), 4),
        "brier": round(brier(p, y), 4),
        "calibration_error": round(calibration_error(p, y), 4),
        "counts": dict(zip(("tp", "fp", "fn", "tn"), ours.sum(axis=0).tolist(), strict=True)),
        "green_above_swir1": {
            "iou": round(iou(rule), 4),
            "difference": _rounded(difference_interval(ours, rule, g)),
        },
    }
    if bit is not None:
        found["fmask_water_bit"] = {
            "iou": round(iou(bit), 4),
            "difference": _rounded(difference_interval(ours, bit, g)),
        }
    return found


def account(chips: Chips, leaks: Leaks, trained: Trained) -> dict[str, Any]:
    """Return grouped, held-out and leaky scores, and the reliability table of the grouped ones."""
    probability = calibrated_apart(trained.grouped, chips, trained.fold)
    slope, intercept = trained.once_line
    once = 1.0 / (1.0 + np.exp(-(slope * trained.once + intercept)))
    leaky = chip_counts(trained.leaky > 0.0, chips.water, chips.valid)
    table = reliability(probability[chips.valid], chips.water[chips.valid])
    return {
        "split": "grouped",
        "pairs_sharing_pixels": len(leaks.pixels),
        "pairs_of_the_same_place": len(leaks.places),
        "grouped_folds": judged(probability, chips, leaks.group),
        "held_out_groups": judged(once, chips, leaks.group, trained.set_aside),
        "random_split_leaky": {"iou": round(iou(leaky), 4)},
        "reliability": [
            {"said": round(float(a), 4), "was": round(float(b), 4), "pixels": int(n)} for a, b, n in table
        ],
    }


def inputs_seen(chips: Chips) -> dict[str, Any]:
    """Return mean and standard deviation of the bands in training [1], and the support of `drift` in 1e-4."""
    spectral = chips.spectral().transpose(1, 0, 2, 3)[:, chips.valid].astype(np.float64) * 1e-4
    table = chip_features(chips, LOOKED_AT)[:, ::7].reshape(-1, len(LOOKED_AT))
    return {
        "mean": {b: round(float(x), 4) for b, x in zip(SPECTRAL, spectral.mean(axis=1), strict=True)},
        "sd": {b: round(float(x), 4) for b, x in zip(SPECTRAL, spectral.std(axis=1), strict=True)},
        "support": {
            name: [round(x, 1) for x in points]
            for name, points in zip(LOOKED_AT, support(table), strict=True)
        },
    }


def score_chips(chips: Chips, leaks: Leaks, forest: Forest | None = None) -> dict[str, Any]:
    """Return the scores of a finished model on chips that it should not have seen."""
    probability = np.empty(chips.water.shape, dtype=np.float32)
    spectral = chips.spectral()
    for k in range(len(chips)):
        bands = dict(zip(SPECTRAL, spectral[k], strict=True))
        probability[k] = predict_bands(bands, chips.valid[k], forest=forest).probability
    return judged(probability, chips, leaks.group)
