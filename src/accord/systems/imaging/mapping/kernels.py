"""Compiled loops over the layers of a map: what is in them, and how small patches settle."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["settle_patches", "survey"]


@njit(cache=True, nogil=True)
def survey(state, likelihood, quality, labels, before, new, counts, chances, tally):
    """Count states, likelihoods of seen ground and quality bytes, each (256,), and mark new labels that are water.

    `new` is of the labels beyond `before`.
    """
    columns, odd = state.shape[1], np.zeros(256, np.int64)
    for i in range(state.shape[0]):
        j = 0
        while j < columns:
            q, first = quality[i, j], j
            while j < columns and quality[i, j] == q:
                j += 1
            tally[q] += j - first
        j = 0
        while j < columns:
            v, first = state[i, j], j
            while j < columns and state[i, j] == v:
                j += 1
            counts[v] += j - first
            if v <= 1:
                for c in range(first, j):
                    if c & 1:  # two tallies: one would wait for itself
                        odd[likelihood[i, c]] += 1
                    else:
                        chances[likelihood[i, c]] += 1
            if v == 1:  # a run of water has one label
                k = labels[i, first]
                if k > before:
                    new[k - before - 1] = True
    for p in range(256):
        chances[p] += odd[p]


@njit(cache=True, nogil=True)
def settle_patches(state, labels, flip, table, likelihood, final, chance, mask):
    """Let small patches change sides and bring likelihoods to the scene's level.

    `final` gets the settled state, `chance` ``table[likelihood]``, `mask` 1 where water and 255 elsewhere.
    """
    for i in range(state.shape[0]):
        for j in range(state.shape[1]):
            v = state[i, j]
            if v <= 1 and flip[labels[i, j]]:
                v = 1 - v
            final[i, j] = v
            chance[i, j] = table[likelihood[i, j]]
            mask[i, j] = 1 if v == 1 else 255
