"""Chains of hours: the one description of a plant's linear programme that both solvers read.

In hour t the columns ``x_t`` lie between `low` and `high`, the balances are ``now x_t + before x_(t-1) = rhs_t``, and
a column with a capacity stays below its share of it. Chains (weather years) share the capacities and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["Chain", "Joint", "Programme", "to_programme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Hours in a row.

    Attributes
    ----------
    columns, rows : tuple of str
        Names of the columns and balances of an hour.
    now, before : float array, shape (rows, columns)
        Coefficients of the hour and of the hour before; rows with any of the latter stand last.
    cyclic : bool array, shape (rows,)
        Whether hour 0 sees the last hour; else it sees nothing, and `rhs` carries what was there.
    rhs : float array, shape (rows, hours)
    cost, low, high : float array, shape (columns, hours)
        `low` is finite.
    capacity : int array, shape (columns,)
        Index of the capacity that bounds the column, -1 for none.
    share : float array, shape (columns, hours) [1]
        Of that capacity which the column may use.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    now: FloatArray
    before: FloatArray
    cyclic: NDArray[np.bool_]
    rhs: FloatArray
    cost: FloatArray
    low: FloatArray
    high: FloatArray
    capacity: NDArray[np.int64]
    share: FloatArray

    @property
    def hours(self) -> int:
        """Number of hours."""
        return int(self.rhs.shape[1])

    @property
    def local(self) -> int:
        """Number of balances that do not look back."""
        return len(self.rows) - int(np.any(self.before != 0.0, axis=1).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Chains that share capacities; a chain's weight is already in its cost.

    `names`, `cost`, `low` and `high` describe the capacities, shape (capacities,).
    """

    chains: tuple[Chain, ...]
    names: tuple[str, ...]
    cost: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Minimise ``cost x`` with ``matrix x`` and ``x`` within bounds; `matrix` is scipy.sparse, by columns."""

    cost: FloatArray
    matrix: Any
    row_low: FloatArray
    row_high: FloatArray
    low: FloatArray
    high: FloatArray


def _balances(chain: Chain) -> Any:
    """Return the matrix of a chain's balances over its columns, columns and rows name by name."""
    from scipy import sparse as _sparse

    sparse: Any = _sparse  # carries no types

    hours, n = chain.hours, len(chain.columns)
    order = np.arange(hours)
    values, rows, columns = [], [], []
    for r, j in zip(*np.nonzero(chain.now), strict=True):
        values.append(np.full(hours, chain.now[r, j]))
        rows.append(r * hours + order)
        columns.append(j * hours + order)
    for r, j in zip(*np.nonzero(chain.before), strict=True):
        seen = order if chain.cyclic[r] else order[1:]
        values.append(np.full(len(seen), chain.before[r, j]))
        rows.append(r * hours + seen)
        columns.append(j * hours + (seen - 1) % hours)
    shape = (len(chain.rows) * hours, n * hours)
    return sparse.csc_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape)


def to_programme(joint: Joint) -> Programme:
    """Write the chains as one sparse programme: every chain's columns, then the capacities; balances, then limits."""
    from scipy import sparse as _sparse

    sparse: Any = _sparse  # carries no types

    balances, limits, right = [], [], []
    for chain in joint.chains:
        balances.append(_balances(chain))
        right.append(chain.rhs.ravel())
        bound = np.flatnonzero(chain.capacity >= 0)
        picked = (bound[:, None] * chain.hours + np.arange(chain.hours)).ravel()
        one = np.ones(len(picked))
        size = len(picked), len(joint.names)
        rows = np.arange(len(picked))
        own = sparse.csc_matrix((one, (rows, picked)), shape=(len(picked), chain.cost.size))
        shared = sparse.csc_matrix(
            (-chain.share[bound].ravel(), (rows, np.repeat(chain.capacity[bound], chain.hours))), shape=size
        )
        limits.append((own, shared))
    height = sum(len(r) for r in right)
    lower = sparse.vstack([part for _, part in limits])
    matrix = sparse.bmat(
        [
            [sparse.block_diag(balances), sparse.csc_matrix((height, len(joint.names)))],
            [sparse.block_diag([part for part, _ in limits]), lower],
        ],
        format="csc",
    )
    level = np.concatenate(right)
    count = lower.shape[0]
    return Programme(
        cost=np.concatenate([*(c.cost.ravel() for c in joint.chains), joint.cost]),
        matrix=matrix,
        row_low=np.concatenate([level, np.full(count, -np.inf)]),
        row_high=np.concatenate([level, np.zeros(count)]),
        low=np.concatenate([*(c.low.ravel() for c in joint.chains), joint.low]),
        high=np.concatenate([*(c.high.ravel() for c in joint.chains), joint.high]),
    )
