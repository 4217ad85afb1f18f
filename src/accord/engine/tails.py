"""Whether a sample has a mean worth telling."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["mean_or_none", "tail_index"]

_LEAST_INDEX = 1.1  # at 1 the mean is infinite, and just above it no sample comes near it
_FEWEST = 50  # order statistics behind the index


def tail_index(values: FloatArray) -> float:
    """Return the index of the heavier tail of a sample: below 1 its mean is infinite, below 2 its variance.

    Hill (1975), Annals of Statistics 3:1163, on distances to the median, over the square root of the sample's size of
    the largest of them. Infinite where the tail is as far out as it goes, or the sample too small to tell.

    Parameters
    ----------
    values : float array, shape (n,)
    """
    n = len(values)
    count = max(_FEWEST, math.isqrt(n))
    if n < 10 * _FEWEST:
        return math.inf
    far = np.abs(values - np.median(values))
    top = np.partition(far, n - count - 1)[n - count - 1 :]
    edge = float(top.min())
    if edge <= 0.0:
        return math.inf
    slope = float(np.log(top / edge).sum()) / count
    return 1.0 / slope if slope > 0.0 else math.inf


def mean_or_none(values: FloatArray) -> float | None:
    """Return the mean of a sample, or None where its tail is so heavy that quantiles alone mean something.

    The index is known to one part in the square root of the order statistics behind it; the doubt counts against the
    mean.
    """
    noise = 1.0 / math.sqrt(max(_FEWEST, math.isqrt(len(values))))
    return None if tail_index(values) * (1.0 - noise) <= _LEAST_INDEX else float(values.mean())
