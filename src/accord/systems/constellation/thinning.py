"""Independent failures: from the share of time with N satellites in view to that with k of them working."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["at_least", "mean"]


def at_least(histogram: Sequence[FloatArray], working: FloatArray, folds: Sequence[int]) -> list[FloatArray]:
    """Return the share of time with at least k working satellites, for each k, shape (n,) each.

    Of N satellites in view, each working with probability a on its own, exactly j work with the binomial
    probability ``C(N, j) a^j (1-a)^(N-j)``; the sum over N is a polynomial in 1-a (Horner's rule).

    Parameters
    ----------
    histogram : sequence over N of float arrays, shape (n,)
        Share of time with N satellites in view, working or not; the shares of a member add up to 1.
    working : float array, shape (n,)
        a.
    folds : sequence of int
        k, rising.
    """
    failing = 1.0 - working
    fewer = np.zeros_like(working)
    power = np.ones_like(working)
    found = []
    for j in range(max(folds)):
        exactly = np.zeros_like(working)
        for count in range(len(histogram) - 1, j - 1, -1):
            exactly = exactly * failing + comb(count, j) * histogram[count]
        fewer = fewer + power * exactly
        power = power * working
        if j + 1 in folds:
            found.append(np.clip(1.0 - fewer, 0.0, 1.0))
    return found


def mean(histogram: Sequence[FloatArray], working: FloatArray) -> FloatArray:
    """Return the mean number of working satellites in view, shape (n,)."""
    total = np.zeros_like(working)
    for count, share in enumerate(histogram):
        total = total + count * share
    return working * total
