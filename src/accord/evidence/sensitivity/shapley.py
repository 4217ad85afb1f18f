"""Shapley effects: shares of an output's variance that add up to one, whether the inputs are independent or not.

Owen (2014), SIAM/ASA J. Uncertain. Quantif. 2:245; for dependent inputs Song, Nelson & Staum (2016), same journal
4:1060, and Owen & Prieur (2017), same journal 5:986. An input's effect is the variance that knowing it takes away,
averaged over all orders in which inputs become known. Estimated from given data by nearest neighbours (Broto, Bachoc &
Depecker 2020, same journal 8:693), or over a design of its own along random orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract.streams import generator
from accord.physics.games import shapley as shapley_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["MOST_INPUTS", "ShapleyEffects", "given_data", "order_design", "order_effects"]

_Z95 = 1.959963984540054
MOST_INPUTS = 12  # every subset of the inputs is estimated: 2**12 of them
_TIE = 1e-3  # of one rank: neighbours among equal values are chosen by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapleyEffects:
    """Shares of variance [1] of d inputs, half-widths of 95 % intervals.

    Attributes
    ----------
    share, half : float array, shape (d,)
    left : float
        What all these inputs together leave open: other inputs, chance inside the model, and neighbours too far off.
        0 for a design of its own, which lets everything else stand still.
    """

    share: FloatArray
    half: FloatArray
    left: float = 0.0


def given_data(
    x: FloatArray,
    y: FloatArray,
    *,
    points: int = 2000,
    neighbours: int = 3,
    importance: FloatArray | None = None,
    seed: int = 0,
) -> ShapleyEffects:
    """Estimate the effects from an ensemble at hand.

    Parameters
    ----------
    x : float array, shape (n, d)
        Dependent or not; d at most 12. Inputs that are left out count as noise.
    y : float array, shape (n,)
    points : int
        Members at which the conditional variance is estimated.
    neighbours : int
        Members next to each, itself among them.
    importance : float array, shape (d,), optional
        Stretches the axes on which neighbours are looked for, so that few members are spread over what matters; it
        changes the error of the estimate, not what is estimated.
    seed : int

    Raises
    ------
    ValueError
        When shapes do not fit, there are too many inputs, or the output never changes.

    Notes
    -----
    Points of one quasi-random set keep apart from each other, so that neighbours along one input differ too much in
    the others; members must be independent, or come from several independent sets (a run has eight).
    """
    from scipy.spatial import KDTree

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n, d = x.shape if x.ndim == 2 else (0, 0)
    if y.shape != (n,) or not 1 <= d <= MOST_INPUTS or n < 10 * neighbours:
        raise ValueError(
            f"expected 1 to {MOST_INPUTS} inputs and {10 * neighbours} rows, got {x.shape}, {y.shape}"
        )
    variance = float(y.var(ddof=1))
    if np.ptp(y) == 0.0:
        raise ValueError("the output never changes: it has no variance to share out")
    rng = generator(seed, "shapley", n, d)
    axes = _rank_axes(x) + _TIE * rng.random((n, d))
    if importance is not None:
        axes *= np.maximum(np.asarray(importance, dtype=float) / np.max(importance), 0.05)
    at = rng.permutation(n)[:points]
    explained = np.zeros((len(at), 1 << d))
    for subset in range(1, 1 << d):
        columns = [i for i in range(d) if subset >> i & 1]
        chosen = axes[:, columns]
        tree: Any = KDTree(chosen, leafsize=16, balanced_tree=False, compact_nodes=False)  # type: ignore[no-untyped-call]
        _, near = tree.query(chosen[at], k=neighbours)
        explained[:, subset] = variance - y[near].var(axis=1, ddof=1)
    effects = shapley_value(explained) / variance
    half = _Z95 * effects.std(axis=0, ddof=1) / np.sqrt(len(at))
    return ShapleyEffects(
        share=effects.mean(axis=0), half=half, left=float(1.0 - explained[:, -1].mean() / variance)
    )


def _rank_axes(x: FloatArray) -> FloatArray:
    """Return mid-ranks along each column, shape (n, d)."""
    result = np.empty_like(x)
    for column in range(x.shape[1]):
        _, inverse, counts = np.unique(x[:, column], return_inverse=True, return_counts=True)
        result[:, column] = (np.cumsum(counts) - 0.5 * (counts - 1))[inverse]
    return result


def order_design(
    correlation: FloatArray,
    orders: int,
    *,
    groups: Sequence[Sequence[int]] | None = None,
    redraws: int = 3,
    seed: int = 0,
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return normal scores for `order_effects`, and the orders.

    Parameters
    ----------
    correlation : float array, shape (d, d) [1]
        Of the normal scores of the inputs (a Gaussian copula).
    orders : int
        Random orders of the inputs.
    groups : sequence of sequences of int, optional
        Inputs that become known together and share one effect; each for itself by default.
    redraws : int
        Draws of the inputs known so far, the others held.

    Returns
    -------
    scores : float array, shape (orders, groups, redraws, d) [1]
        Step j of an order redraws its first j + 1 groups, given the rest.
    order : int array, shape (orders, groups)

    Notes
    -----
    With the inputs of an order from last to first and L the Cholesky factor of their correlation, the scores are
    L e with independent e, and the first of them stay as they are when only the last of e are drawn anew: a draw from
    the conditional distribution needs no more than that.
    """
    d = len(correlation)
    groups = [[i] for i in range(d)] if groups is None else groups
    steps = len(groups)
    rng = generator(seed, "shapley orders", steps)
    order = np.stack([rng.permutation(steps) for _ in range(orders)])
    held, fresh = rng.standard_normal((orders, d)), rng.standard_normal((orders, steps, redraws, d))
    scores = np.empty((orders, steps, redraws, d))
    for number, sequence in enumerate(order):
        back = np.array([i for group in sequence[::-1] for i in groups[group]])
        known = np.cumsum([len(groups[group]) for group in sequence])
        redrawn = np.arange(d)[None, :] >= d - known[:, None]  # (step, place counted from the last input)
        lower = np.linalg.cholesky(correlation[np.ix_(back, back)])
        independent = np.where(redrawn[:, None, :], fresh[number], held[number])
        scores[number][:, :, back] = np.einsum("srk,jk->srj", independent, lower)
    return scores, order


def order_effects(
    y: FloatArray, order: NDArray[np.int64], *, resamples: int = 1000, seed: int = 0
) -> ShapleyEffects:
    """Estimate the effects over a design of `order_design` (Song, Nelson & Staum 2016, algorithm 1).

    Parameters
    ----------
    y : float array, shape (orders, d, redraws)
    order : int array, shape (orders, d)

    Raises
    ------
    ValueError
        When shapes do not fit, a number is not finite, or the output never changes.
    """
    y = np.asarray(y, dtype=float)
    if y.ndim != 3 or y.shape[:2] != order.shape or y.shape[2] < 2 or not np.isfinite(y).all():
        raise ValueError(
            f"expected finite outputs (orders, d, redraws) for orders {order.shape}, got {y.shape}"
        )
    if np.ptp(y) == 0.0:
        raise ValueError("the output never changes: it has no variance to share out")
    known = y.var(axis=2, ddof=1)
    gains = np.empty_like(known)
    np.put_along_axis(gains, order, np.diff(known, axis=1, prepend=0.0), axis=1)
    picks = generator(seed, "shapley bootstrap").integers(0, len(y), size=(resamples, len(y)))
    counts = np.stack([np.bincount(row, minlength=len(y)) for row in picks]).astype(float)
    drawn, whole = np.einsum("sn,nk->sk", counts, gains), np.einsum("sn,n->s", counts, known[:, -1])
    usable = whole > 0
    shares = drawn[usable] / whole[usable, None]
    return ShapleyEffects(
        share=gains.mean(axis=0) / known[:, -1].mean(), half=_Z95 * shares.std(axis=0, ddof=1)
    )
