"""Sobol' indices: shares of the variance of an output that independent inputs account for, alone and with others.

First order after Saltelli et al. (2010), Computer Physics Communications 181:259, total order after Jansen (1999),
Computer Physics Communications 117:35, second order after Saltelli (2002), Computer Physics Communications 145:280.
They take the inputs to be independent; for dependent ones see `accord.evidence.sensitivity.shapley`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.contract.streams import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SobolIndices", "saltelli_rows", "sobol_indices"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class SobolIndices:
    """Indices of one output [1]; each half-width is that of a 95 % interval from the bootstrap.

    Attributes
    ----------
    first, total : float array, shape (d,)
        They may come out slightly negative: an estimate is printed with its interval and never cut off.
    first_half, total_half : float array, shape (d,)
    second, second_half : float array, shape (d, d), or None
        Upper triangle; the rest is not a number.
    """

    first: FloatArray
    first_half: FloatArray
    total: FloatArray
    total_half: FloatArray
    second: FloatArray | None = None
    second_half: FloatArray | None = None


def saltelli_rows(
    points: FloatArray, *, second_order: bool = False, groups: Sequence[Sequence[int]] | None = None
) -> FloatArray:
    """Return the design of Saltelli (2002): for each point A, then A with one coordinate of B (d rows), then B.

    Parameters
    ----------
    points : float array, shape (n, 2 d) [1]
        Uniforms; the first d columns are A, the others B.
    second_order : bool
        Also B with one coordinate of A (d rows), between the two.
    groups : sequence of sequences of int, optional
        Coordinates that change together and count as one input (Sobol' 1993); each for itself by default.

    Returns
    -------
    float array, shape (n (d + 2), d), or (n (2 d + 2), d) [1]
    """
    n, width = len(points), points.shape[1] // 2
    a, b = points[:, :width], points[:, width:]
    groups = [[i] for i in range(width)] if groups is None else groups
    d = len(groups)
    block = 2 * d + 2 if second_order else d + 2
    rows = np.empty((n, block, width))
    rows[:, : d + 1] = a[:, None]
    rows[:, d + 1 :] = b[:, None]
    for j, group in enumerate(groups):
        rows[:, 1 + j, list(group)] = b[:, list(group)]
        if second_order:
            rows[:, 1 + d + j, list(group)] = a[:, list(group)]
    return rows.reshape(-1, width)


def sobol_indices(
    y: FloatArray,
    inputs: int,
    *,
    second_order: bool = False,
    resamples: int = 100,
    picks: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> SobolIndices:
    """Estimate the indices of an output over a design of `saltelli_rows`.

    Parameters
    ----------
    y : float array, shape (n (d + 2),) or (n (2 d + 2),)
    inputs : int
        The number d.
    second_order : bool
        Whether the design has the rows for it.
    resamples : int
        Bootstrap samples of the n points.
    picks : int array, shape (n, resamples), optional
        The points that each bootstrap sample takes; drawn from `seed` when absent.

    Raises
    ------
    ValueError
        For a length that is no such design, numbers that are not finite, or an output that never changes: it has no
        variance to share out.

    Notes
    -----
    A bootstrap sample enters as the count of each point, so that all samples together are one product of a matrix of
    counts with the points' contributions.
    """
    d = inputs
    block = 2 * d + 2 if second_order else d + 2
    y = np.asarray(y, dtype=float)
    if y.ndim != 1 or not len(y) or len(y) % block:
        raise ValueError(f"expected a multiple of {block} rows for {d} inputs, got shape {y.shape}")
    if not np.isfinite(y).all():
        raise ValueError("expected finite numbers")
    if np.ptp(y) == 0.0:
        raise ValueError("the output never changes: it has no variance to share out")
    table = ((y - y.mean()) / y.std()).reshape(-1, block)
    n = len(table)
    if picks is None:
        picks = generator(seed, "sobol bootstrap").integers(0, n, size=(n, resamples))
    counts = _counts(picks, n)
    a, b, ab = table[:, 0], table[:, -1], table[:, 1 : d + 1]
    first_parts, total_parts = b[:, None] * (ab - a[:, None]), 0.5 * (a[:, None] - ab) ** 2
    variance = float(np.var(np.concatenate([a, b])))
    first, total = first_parts.mean(axis=0) / variance, total_parts.mean(axis=0) / variance
    spread = _weighted(counts, np.stack([a + b, a * a + b * b], axis=1)) / 2.0
    variances = (spread[:, 1] - spread[:, 0] ** 2)[:, None]
    firsts, totals = _weighted(counts, first_parts) / variances, _weighted(counts, total_parts) / variances
    second = second_half = None
    if second_order:
        second, second_half = _second(table, d, counts, variance, variances, first, firsts)
    return SobolIndices(
        first=first,
        first_half=_Z95 * firsts.std(axis=0, ddof=1),
        total=total,
        total_half=_Z95 * totals.std(axis=0, ddof=1),
        second=second,
        second_half=second_half,
    )


def _counts(picks: NDArray[np.int64], n: int) -> FloatArray:
    """Return how often each bootstrap sample takes each point, shape (samples, n)."""
    samples = picks.shape[1]
    flat = (picks + np.arange(samples) * n).ravel()
    return np.bincount(flat, minlength=samples * n).reshape(samples, n).astype(float)


def _weighted(counts: FloatArray, parts: FloatArray) -> FloatArray:
    # einsum without optimisation keeps away from BLAS: the bytes must not depend on its threads
    return np.asarray(np.einsum("sn,nk->sk", counts, parts) / counts.shape[1])


def _second(
    table: FloatArray,
    d: int,
    counts: FloatArray,
    variance: float,
    variances: FloatArray,
    first: FloatArray,
    firsts: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    a, b, ab, ba = table[:, 0], table[:, -1], table[:, 1 : d + 1], table[:, d + 1 : 2 * d + 1]
    second, half = np.full((d, d), np.nan), np.full((d, d), np.nan)
    for j in range(d - 1):
        parts = ba[:, j, None] * ab[:, j + 1 :] - (a * b)[:, None]
        second[j, j + 1 :] = parts.mean(axis=0) / variance - first[j] - first[j + 1 :]
        resampled = _weighted(counts, parts) / variances - firsts[:, j, None] - firsts[:, j + 1 :]
        half[j, j + 1 :] = _Z95 * resampled.std(axis=0, ddof=1)
    return second, half
