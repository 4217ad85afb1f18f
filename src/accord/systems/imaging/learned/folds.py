"""Splits by group: which chips are looked at once at the end, and which fold each of the rest is in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError

IntArray = NDArray[np.int64]

__all__ = ["group_folds", "held_out", "random_folds"]


def held_out(group: IntArray, share: float, seed: int) -> NDArray[np.bool_]:
    """Return which chips belong to whole groups set aside until they hold a share of all chips, shape (chips,).

    Groups are drawn at random; the largest never is, as it would be most of what is set aside.
    """
    size = np.bincount(group)
    out = np.zeros(len(group), dtype=np.bool_)
    for g in np.random.default_rng(seed).permutation(len(size)).tolist():
        if out.sum() >= share * len(group):
            break
        if g != int(size.argmax()):
            out |= group == g
    return out


def group_folds(group: IntArray, folds: int) -> IntArray:
    """Return the fold of each chip, shape (chips,): whole groups, largest first, each into the smallest fold.

    Raises
    ------
    ModelError
        When there are fewer groups than folds.
    """
    numbers, size = np.unique(group, return_counts=True)
    if len(numbers) < folds:
        raise ModelError(f"{len(numbers)} independent groups of chips: too few for {folds} folds")
    fold = np.empty(len(group), dtype=np.int64)
    load = np.zeros(folds, dtype=np.int64)
    for k in np.lexsort((numbers, -size)):
        smallest = int(load.argmin())
        fold[group == numbers[k]] = smallest
        load[smallest] += size[k]
    return fold


def random_folds(chips: int, folds: int, seed: int) -> IntArray:
    """Return a fold for each chip without regard to groups, shape (chips,): leaky, to show what that hides."""
    return np.random.default_rng(seed).permutation(np.arange(chips, dtype=np.int64) % folds)
