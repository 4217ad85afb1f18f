"""Correlated columns: the sets that hang together, and a Cholesky factor or a clear refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import PlanError
from accord.programme.copula import nearest_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["cholesky", "components", "worst_pairs"]

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
