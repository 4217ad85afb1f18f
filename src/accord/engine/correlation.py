"""Rank correlations: from stated Spearman values to a Gaussian copula, or to a clear refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import PlanError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["cholesky", "components", "nearest_correlation", "pearson_of_spearman", "worst_pairs"]

Pairs = Sequence[tuple[str, str, float]]


def components(pairs: Pairs, order: Sequence[str]) -> list[list[str]]:
    """Return the sets of names that correlations tie together, each in the given order."""
    group: dict[str, set[str]] = {}
    for first, second, _ in pairs:
        merged = group.get(first, {first}) | group.get(second, {second})
        for name in merged:
            group[name] = merged
    seen: list[set[str]] = []
    for merged in group.values():
        if merged not in seen:
            seen.append(merged)
    rank = {name: i for i, name in enumerate(order)}
    ordered = [sorted(merged, key=lambda name: rank[name]) for merged in seen]
    return sorted(ordered, key=lambda names: rank[names[0]])


def pearson_of_spearman(names: Sequence[str], pairs: Pairs) -> FloatArray:
    """Return the matrix of normal-score correlations, ``rho = 2 sin(pi rho_s / 6)`` (Pearson 1907).

    Returns
    -------
    float array, shape (k, k) [1]
    """
    index = {name: i for i, name in enumerate(names)}
    matrix = np.eye(len(names))
    for first, second, rho in pairs:
        if first in index and second in index:
            value = 2.0 * np.sin(np.pi * rho / 6.0)
            matrix[index[first], index[second]] = matrix[index[second], index[first]] = value
    return matrix


def cholesky(names: Sequence[str], matrix: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of a correlation matrix.

    Raises
    ------
    PlanError
        When the matrix is not positive definite, naming the pairs that would have to change most.
    """
    if np.linalg.eigvalsh(matrix)[0] > 1e-10:
        return np.asarray(np.linalg.cholesky(matrix), dtype=float)
    blame = "; ".join(
        f"{a} with {b}: {was:+.2f} would have to be {now:+.2f}"
        for a, b, was, now in worst_pairs(names, matrix)
    )
    raise PlanError(f"the stated correlations contradict each other (matrix not positive definite): {blame}")


def worst_pairs(
    names: Sequence[str], matrix: FloatArray, most: int = 3
) -> list[tuple[str, str, float, float]]:
    """Return the pairs that differ most from the nearest correlation matrix: (first, second, stated, nearest)."""
    nearest = nearest_correlation(matrix)
    change = np.triu(np.abs(nearest - matrix), 1)
    flat = np.argsort(-change, axis=None, kind="stable")[:most]
    rows = [(int(i // len(names)), int(i % len(names))) for i in flat]
    return [
        (names[i], names[j], float(matrix[i, j]), float(nearest[i, j]))
        for i, j in rows
        if change[i, j] > 1e-6
    ]


def nearest_correlation(matrix: FloatArray, steps: int = 200) -> FloatArray:
    """Return the nearest correlation matrix by alternating projections (Higham 2002, IMA J. Numer. Anal. 22:329)."""
    current, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(steps):
        shifted = current - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, 1e-8)) @ vectors.T
        correction = projected - shifted
        current = projected.copy()
        np.fill_diagonal(current, 1.0)
        if np.abs(current - projected).max() < 1e-12:
            break
    return current
