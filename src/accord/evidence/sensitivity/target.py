"""Target sensitivity: what decides whether a claim holds, from the ensemble at hand.

The output is the indicator of the claim. Its first-order index is the share of Var 1[claim] that knowing one input
takes away on average (Raguet & Marrel 2018, arXiv:1801.10047; Spagnol, Da Veiga & Le Riche 2019, SIAM/ASA J. Uncertain.
Quantif. 7:377): from given data, the variance of P(claim) between slices of equal count of the input (Plischke 2010,
Reliability Engineering & System Safety 95:354), less what slices of a finite sample show by chance. It needs no
independence; where inputs are dependent it holds what comes with them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.contract.streams import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["FirstOrder", "equal_slices", "first_order", "slice_shares"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOrder:
    """Shares of variance [1] that each of d inputs takes away alone; half-widths of 95 % intervals."""

    share: FloatArray
    half: FloatArray


def first_order(
    x: FloatArray, y: FloatArray, *, slices: int = 32, resamples: int = 100, seed: int = 0
) -> FirstOrder:
    """Return the first-order index of each input from given data; with a zero-one output, of the target.

    Parameters
    ----------
    x : float array, shape (n, d)
    y : float array, shape (n,)
    slices : int
        Of equal count along each input; an input with fewer values has one slice a value.
    resamples : int
        Bootstrap samples behind the interval; 0 leaves it out.

    Raises
    ------
    ValueError
        When shapes do not fit or the output never changes.

    Notes
    -----
    The variance between slices of pure noise is (slices - 1) / (n - slices) of that within them: the correction of
    Pearson's correlation ratio by Kelley (1935), Proc. Natl. Acad. Sci. 21:554 (epsilon squared).
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.shape != (len(x),) or len(y) < 4 * slices:
        raise ValueError(
            f"expected inputs (n, d) and outputs (n,), n at least {4 * slices}, got {x.shape}, {y.shape}"
        )
    if np.ptp(y) == 0.0:
        raise ValueError("the output never changes: it has no variance to share out")
    n, d = x.shape
    centred = y - y.mean()
    picks = generator(seed, "target bootstrap").integers(0, n, size=(resamples, n)) if resamples else None
    share, half = np.empty(d), np.zeros(d)
    for column in range(d):
        part, count = equal_slices(x[:, column], slices)
        share[column] = float(slice_shares(part[None], centred[None], count)[0])
        if picks is not None:
            half[column] = _Z95 * float(slice_shares(part[picks], centred[picks], count).std(ddof=1))
    return FirstOrder(share=share, half=half)


def equal_slices(values: FloatArray, slices: int) -> tuple[NDArray[np.int64], int]:
    """Return each member's slice, of about equal count, and their number: one a value where there are fewer values."""
    found, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(found) <= slices:
        return inverse, len(found)
    # members with one value stay together: a slice takes the values whose middle rank falls into it
    middle = np.cumsum(counts) - 0.5 * counts
    return np.floor(middle / len(values) * slices).astype(np.int64)[inverse], slices


def slice_shares(part: NDArray[np.int64], y: FloatArray, slices: int) -> FloatArray:
    """Return the share of variance between slices, corrected for chance, of each row.

    Parameters
    ----------
    part : int array, shape (rows, n)
    y : float array, shape (rows, n)

    Returns
    -------
    float array, shape (rows,) [1]
        0 for a row whose output never changes.
    """
    rows, n = part.shape
    flat = (part + np.arange(rows)[:, None] * slices).ravel()
    size = np.bincount(flat, minlength=rows * slices).reshape(rows, slices)
    total = np.bincount(flat, weights=y.ravel(), minlength=rows * slices).reshape(rows, slices)
    mean = y.mean(axis=1)
    between = (total**2 / np.maximum(size, 1)).sum(axis=1) - n * mean**2
    whole = (y**2).sum(axis=1) - n * mean**2
    used = (size > 0).sum(axis=1)
    return np.where(
        whole > 0, 1.0 - (1.0 - between / np.where(whole > 0, whole, 1.0)) * (n - 1) / (n - used), 0.0
    )
