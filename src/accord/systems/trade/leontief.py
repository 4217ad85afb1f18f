"""Input-output analysis: what has to be made, and where value is added, so that a demand can be met.

Type I only: households do not spend what they earn on the way (Leontief 1936, Review of Economics and Statistics
18:105; Miller & Blair 2009, Input-Output Analysis, chapters 2, 3 and 6). The sparse matrix ``I - A`` is factored once
and solved for as many demands as are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Economy", "economy_of", "output_multipliers", "output_needed", "value_added_by"]

_BALANCE = 1e-9  # of the output: a value added below zero by more than this is a mistake in the table


@dataclass(frozen=True, slots=True)
class Economy:
    """A table of industries, factored.

    Attributes
    ----------
    coefficients : float array, shape (k, k) [1]
        Inputs from each industry (row) to a unit of output of each (column).
    value_added : float array, shape (k,) [1]
        Share of a unit of output that is not bought from industries.
    factor : object
        Sparse LU factors of ``I - A``.
    """

    coefficients: FloatArray
    value_added: FloatArray
    factor: Any


def economy_of(intermediate: FloatArray, output: FloatArray) -> Economy:
    """Return the coefficients of a table and the factors of ``I - A``.

    Parameters
    ----------
    intermediate : float array, shape (k, k) [any flow]
        What each industry (row) sells to each (column).
    output : float array, shape (k,) [the same flow]
        Gross output; an industry that makes nothing must also buy nothing.

    Raises
    ------
    ModelError
        For a table that is not square, missing or negative numbers, or an industry that buys more than it makes.
    """
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    count = len(output)
    if intermediate.shape != (count, count):
        raise ModelError(
            f"input-output: {intermediate.shape} sales for {count} outputs, expected a square table"
        )
    if not (np.isfinite(intermediate).all() and np.isfinite(output).all()):
        raise ModelError("input-output: a number is missing or infinite")
    if (intermediate < 0.0).any() or (output < 0.0).any():
        raise ModelError("input-output: expected sales and outputs of at least zero")
    bought = intermediate.sum(axis=0)
    over = bought > output * (1.0 + _BALANCE) + 1e-300
    if over.any():
        i = int(np.argmax(over))
        raise ModelError(f"input-output: industry {i} buys {bought[i]:g} to make {output[i]:g}")
    divisor = np.where(output > 0.0, output, 1.0)
    a = intermediate / divisor
    matrix = csc_array(np.eye(count) - a)  # type: ignore[no-untyped-call]
    factor = splu(matrix)  # type: ignore[no-untyped-call]
    return Economy(a, np.where(output > 0.0, 1.0 - a.sum(axis=0), 0.0), factor)


def output_needed(economy: Economy, demand: FloatArray) -> FloatArray:
    """Return the gross output that a final demand takes: ``x = (I - A)^-1 y``.

    Parameters
    ----------
    demand : float array, shape (k,) or (k, m) [any flow]
    """
    needed: FloatArray = economy.factor.solve(np.ascontiguousarray(demand, dtype=float))
    return needed


def output_multipliers(economy: Economy) -> FloatArray:
    """Return the output of all industries for a unit of final demand of each, shape (k,) [1]: type I.

    One solve of the transposed system gives the column sums of the inverse.
    """
    sums: FloatArray = economy.factor.solve(np.ones(len(economy.value_added)), trans="T")
    return sums


def value_added_by(economy: Economy, demand: FloatArray, groups: Sequence[str]) -> dict[str, float]:
    """Return the value added in each group of industries by a final demand.

    Parameters
    ----------
    demand : float array, shape (k,) [any flow]
    groups : sequence of str, length k
        The region of each industry: value added there is domestic for it and foreign for the others.

    Returns
    -------
    dict of str to float [the same flow]
        The values add up to the demand, because every input is value added somewhere.
    """
    earned = economy.value_added * output_needed(economy, demand)
    return {name: float(earned[[g == name for g in groups]].sum()) for name in dict.fromkeys(groups)}
