"""From a score to a probability that means what it says: Platt's line, fitted by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.errors import ModelError

__all__ = ["platt"]

_STEPS, _SMALL = 60, 1e-10


def platt(scores: ArrayLike, water: ArrayLike) -> tuple[float, float]:
    """Return slope and intercept of the log odds of water on the score, by maximum likelihood.

    Platt (1999), Advances in Large Margin Classifiers, with the damped Newton method of Lin, Lin & Weng (2007),
    Machine Learning 68:267; no shrunken targets, as there are far more pixels than parameters.

    Parameters
    ----------
    scores : float array, shape (n,)
        From folds that the model was not trained on.
    water : bool array, shape (n,)

    Raises
    ------
    ModelError
        When only one class is there, or higher scores do not mean more water.
    """
    x = np.asarray(scores, dtype=np.float64).ravel()
    y = np.asarray(water, dtype=np.float64).ravel()
    if not 0.0 < y.mean() < 1.0:
        raise ModelError("calibration needs both water and dry pixels")
    slope, intercept = 1.0, 0.0

    def loss(a: float, b: float) -> float:
        z = a * x + b
        return float(np.mean(np.logaddexp(0.0, z) - y * z))

    now = loss(slope, intercept)
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-(slope * x + intercept)))
        gradient = np.array([np.mean((p - y) * x), np.mean(p - y)])
        w = p * (1.0 - p)
        cross = np.mean(w * x)
        hessian = np.array([[np.mean(w * x * x) + 1e-12, cross], [cross, np.mean(w) + 1e-12]])
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > _SMALL and loss(slope - size * step[0], intercept - size * step[1]) > now:
            size /= 2.0
        slope, intercept = slope - size * float(step[0]), intercept - size * float(step[1])
        before, now = now, loss(slope, intercept)
        if before - now < _SMALL:
            break
    if slope <= 0.0:
        raise ModelError(f"calibration slope {slope:.3g}: higher scores do not mean more water")
    return slope, intercept
