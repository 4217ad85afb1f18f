"""How sure a frequency is, and the words for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "interval_of_counts",
    "likelihood",
    "probability_text",
    "replicate_half",
    "replicate_interval",
    "wilks_members",
    "wilson",
]

_Z95 = 1.959963984540054
# Two-sided 95 % quantiles of Student's t for few degrees of freedom; beyond the list the normal one is close enough.
_T95 = (
    12.706,
    4.303,
    3.182,
    2.776,
    2.571,
    2.447,
    2.365,
    2.306,
    2.262,
    2.228,
    2.201,
    2.179,
    2.160,
    2.145,
    2.131,
)
# Calibrated language of the IPCC (Mastrandrea et al. 2010, guidance note on the treatment of uncertainties).
_ABOVE = ((0.99, "virtually certain"), (0.95, "extremely likely"), (0.90, "very likely"), (0.66, "likely"))
_BELOW = (
    (0.01, "exceptionally unlikely"),
    (0.05, "extremely unlikely"),
    (0.10, "very unlikely"),
    (0.33, "unlikely"),
)


def wilson(successes: int, n: int, z: float = _Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927, JASA 22:209)."""
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def replicate_interval(holds: NDArray[np.bool_], replicate: NDArray[np.int64]) -> tuple[float, float]:
    """Return a 95 % interval of the mean from independent replicates of a quasi-random design.

    Points within one replicate are not independent, so the spread of the replicates' means is what tells; where all
    members agree, the replicates say nothing and Wilson's interval stands in.
    """
    return interval_of_counts(
        np.bincount(replicate, weights=holds.astype(float)).astype(float),
        np.bincount(replicate).astype(np.int64),
    )


def interval_of_counts(successes: NDArray[np.float64], sizes: NDArray[np.int64]) -> tuple[float, float]:
    """Return the interval of `replicate_interval` from the number of successes and of members of each replicate."""
    n, k, used = int(sizes.sum()), int(successes.sum()), sizes > 0
    if k in {0, n} or np.count_nonzero(used) < 2:
        return wilson(k, n)
    half = replicate_half(successes[used] / sizes[used])
    p = k / n
    return max(0.0, p - half), min(1.0, p + half)


def replicate_half(values: NDArray[np.float64]) -> float:
    """Return the half-width of the 95 % interval of the mean of independent replicates; infinite for fewer than two."""
    degrees = len(values) - 1
    if degrees < 1:
        return math.inf
    t = _T95[degrees - 1] if degrees <= len(_T95) else _Z95
    return float(t * values.std(ddof=1) / math.sqrt(len(values)))


def wilks_members(coverage: float, confidence: float, *, two_sided: bool = False) -> int:
    """Return how many members make their extremes bounds of a share of the distribution, whatever that is.

    Wilks (1941), Annals of Mathematical Statistics 12:91: the smallest sample whose largest value (or smallest and
    largest) covers `coverage` of the distribution with probability `confidence`.
    """
    n = 2 if two_sided else 1
    while True:
        missed = coverage**n + (n * (1.0 - coverage) * coverage ** (n - 1) if two_sided else 0.0)
        if 1.0 - missed >= confidence:
            return n
        n += 1


def probability_text(successes: int, n: int) -> str:
    """Return the probability for people; a finite sample never proves 0 or 1 (rule of three)."""
    bound = 3.0 / n
    if successes == 0:
        return f"< {bound:.2g}"
    if successes == n:
        return f"> {1 - bound:.5g}"
    return f"{successes / n:.2g}" if successes / n < 0.1 else f"{successes / n:.2f}"


def likelihood(p: float) -> str:
    """Return the calibrated word for a probability."""
    for edge, word in _ABOVE:
        if p >= edge:
            return word
    for edge, word in _BELOW:
        if p <= edge:
            return word
    return "about as likely as not"
