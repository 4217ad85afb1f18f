"""Borgonovo's delta: how much of an output's density moves when an input is known.

Borgonovo (2007), Reliability Engineering & System Safety 92:771; estimated from given data, with its bias taken off by
the bootstrap, after Plischke, Borgonovo & Smith (2013), European Journal of Operational Research 226:536, equations 26
and 30. Moment-independent, and valid for dependent inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.contract.streams import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Delta", "class_edges", "delta"]

_Z95 = 1.959963984540054
_GRID = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Shares of an output's density that move with each of d inputs [1], and half-widths of their 95 % intervals."""

    delta: FloatArray
    half: FloatArray


def class_edges(n: int) -> NDArray[np.int64]:
    """Return where classes of equal count begin and end, as row numbers: their number after Plischke et al. (2013)."""
    power = 2.0 / (7.0 + math.tanh((1500.0 - n) / 500.0))
    classes = round(min(math.ceil(n**power), 48))
    return np.floor(np.linspace(0, n, classes + 1)).astype(np.int64)


def delta(
    x: FloatArray,
    y: FloatArray,
    *,
    resamples: int = 100,
    picks: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Delta:
    """Estimate delta for every input.

    Parameters
    ----------
    x : float array, shape (n, d)
    y : float array, shape (n,)
    resamples : int
        Bootstrap samples.
    picks : int array, shape (resamples + 1, n), optional
        Rows of each sample; the first is the one whose estimate is corrected. By default that is the sample itself,
        and the others are drawn from `seed`, the same for all inputs.

    Raises
    ------
    ValueError
        When shapes do not fit, a number is not finite, or the output never changes.
    """
    from accord.evidence.sensitivity.kernels import class_distances, density

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.shape != (len(x),) or len(y) < 20:
        raise ValueError(
            f"expected inputs (n, d) and outputs (n,) of at least 20 rows, got {x.shape}, {y.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("expected finite numbers")
    if np.ptp(y) == 0.0:
        raise ValueError("the output never changes: there is nothing to move")
    n, d = x.shape
    if picks is None:
        rows = generator(seed, "delta bootstrap").integers(0, n, size=(resamples, n))
        picks = np.concatenate([np.arange(n)[None], rows])
    edges, start = class_edges(picks.shape[1]), float(y.min())
    step = (float(y.max()) - start) / (_GRID - 1)
    taken = np.stack([np.bincount(row, minlength=n) for row in picks])
    # the density at large of a sample is the same for every input
    whole = np.stack([density(y, row.astype(float), start, step, _GRID) for row in taken])
    found = np.empty((len(picks), d))
    for column in range(d):
        order = np.argsort(x[:, column], kind="stable")
        found[:, column] = class_distances(y, taken, order, edges, whole, start, step)
    corrected = 2.0 * found[0] - found[1:]
    return Delta(delta=corrected.mean(axis=0), half=_Z95 * corrected.std(axis=0, ddof=1))
