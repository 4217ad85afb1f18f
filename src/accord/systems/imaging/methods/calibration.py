"""From a method's score to a likelihood, and from one share of water to another.

The slopes in ``data/calibration.yaml`` were fitted to labelled pictures by `platt`; a test fits them again wherever the
pictures are at hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError

__all__ = ["anchored", "curves", "expected_error", "platt", "sigmoid"]

Float = NDArray[np.floating]


def sigmoid(x: Float | float) -> Float:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, np.float64))))


@cache
def curves() -> Mapping[str, Any]:
    """Return the fitted curves, ``members``, and ``scene_sd``."""
    import yaml

    body: Mapping[str, Any] = yaml.safe_load(
        (files("accord.systems.imaging") / "data" / "calibration.yaml").read_text(encoding="utf-8")
    )
    return body


def platt(score: Float, truth: NDArray[np.bool_], rounds: int = 50) -> tuple[float, float]:
    """Fit intercept and slope of the likelihood of `truth` as a logistic of `score`.

    Platt (1999), Advances in Large Margin Classifiers, MIT Press, with the smoothed targets given there; Newton steps.

    Raises
    ------
    ModelError
        When only one class is present.
    """
    x, y = np.asarray(score, np.float64).ravel(), np.asarray(truth, np.float64).ravel()
    wet = y.sum()
    dry = len(y) - wet
    if not wet or not dry:
        raise ModelError("calibration needs both water and dry pixels")
    target = np.where(y > 0, (wet + 1.0) / (wet + 2.0), 1.0 / (dry + 2.0))
    a, b = math.log((wet + 1.0) / (dry + 1.0)), 0.0
    for _ in range(rounds):
        p = sigmoid(a + b * x)
        weight = np.maximum(p * (1.0 - p), 1e-12)
        rest = target - p
        h = np.array([[weight.sum(), (weight * x).sum()], [(weight * x).sum(), (weight * x * x).sum()]])
        step = np.linalg.solve(h + 1e-9 * np.eye(2), np.array([rest.sum(), (rest * x).sum()]))
        a, b = a + float(step[0]), b + float(step[1])
        if np.abs(step).max() < 1e-9:
            break
    return a, b


def expected_error(likelihood: Float, truth: NDArray[np.bool_], bins: int = 15) -> float:
    """Return the expected calibration error: mean gap between likelihood and frequency over equal bins.

    Naeini, Cooper & Hauskrecht (2015), AAAI 29:2901.
    """
    p, y = np.asarray(likelihood, np.float64).ravel(), np.asarray(truth, np.float64).ravel()
    k = np.minimum((p * bins).astype(int), bins - 1)
    n = np.bincount(k, minlength=bins)
    gap = np.abs(np.bincount(k, p, bins) - np.bincount(k, y, bins))
    return float(gap.sum() / max(n.sum(), 1))


def anchored(histogram: Float, water: float, rounds: int = 60) -> Float:
    """Return the likelihood of each whole per cent, moved so that they add up to the ground that was mapped.

    The curves were fitted to pictures of floods; over another scene, with another share of water or another haze, all
    of its land may sit a little too high. One shift in log odds, the same everywhere, changes the share of water and
    not the order of pixels (Saerens, Latinne & Decaestecker 2002, Neural Computation 14:21, equation 2.4); it is
    chosen so that the sum of likelihoods is the number of pixels that the members map.

    Parameters
    ----------
    histogram : float array, (101,)
        Pixels of each whole per cent.
    water : float
        Pixels mapped as water.

    Returns
    -------
    float array, (101,)
    """
    level = np.clip(np.arange(101) / 100.0, 0.002, 0.998)
    odds = np.log(level / (1.0 - level))
    low, high = -12.0, 12.0
    for _ in range(rounds):
        middle = 0.5 * (low + high)
        if float(np.sum(histogram * sigmoid(odds + middle))) < water:
            low = middle
        else:
            high = middle
    return sigmoid(odds + 0.5 * (low + high))
