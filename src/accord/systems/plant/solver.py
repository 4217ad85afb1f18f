"""Linear programmes: solved by HiGHS, and every answer certified from the original data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError

FloatArray = NDArray[np.float64]

__all__ = ["Certificate", "Programme", "Solution", "solve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Minimise ``cost x`` with ``matrix x`` and ``x`` within bounds; `matrix` is scipy.sparse, by columns."""

    cost: FloatArray
    matrix: Any
    row_low: FloatArray
    row_high: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good an answer is, recomputed from the original data and not taken from the solver.

    Attributes
    ----------
    primal, dual : float
        Objectives; equal at the optimum.
    violation : float
        Largest violation of a bound or row, relative to 1 + its size.
    """

    primal: float
    dual: float
    violation: float

    @property
    def gap(self) -> float:
        """Distance between the objectives over 1 + their size [1]."""
        return abs(self.primal - self.dual) / (1.0 + abs(self.primal))


@dataclass(frozen=True, slots=True)
class Solution:
    """Values of the columns, duals of the rows, and the certificate."""

    x: FloatArray
    row_dual: FloatArray
    certificate: Certificate


def certify(p: Programme, x: FloatArray, row_dual: FloatArray) -> Certificate:
    """Return primal and dual objective and the largest violation of an answer.

    The dual objective pays each row and each reduced cost at the bound its sign picks; a sign that picks an infinite
    bound is a dual violation. Vanderbei (2014), Linear Programming, chapter 5.
    """
    activity = p.matrix @ x
    reduced = p.cost - p.matrix.T @ row_dual
    worst, dual = 0.0, 0.0
    for value, price, low, high in (
        (activity, row_dual, p.row_low, p.row_high),
        (x, reduced, p.low, p.high),
    ):
        size = 1.0 + np.abs(value)
        over = np.maximum(np.maximum(low - value, value - high), 0.0) / size
        bound = np.where(price > 0.0, low, high)
        open_end = ~np.isfinite(bound)
        wrong = np.abs(price[open_end])
        worst = max(worst, float(over.max(initial=0.0)), float(wrong.max(initial=0.0)))
        dual += float(np.sum(np.where(open_end, 0.0, price * np.where(open_end, 0.0, bound))))
    return Certificate(float(p.cost @ x), dual, worst)


def solve(p: Programme, what: str, *, tolerance: float = 1e-6) -> Solution:
    """Solve a linear programme with HiGHS and check the answer.

    Parameters
    ----------
    p : Programme
    what : str
        Named in errors.
    tolerance : float
        Largest accepted gap and violation of the certificate.

    Raises
    ------
    ModelError
        When it is infeasible or unbounded, when the solver gives up, or when the certificate fails: a status is never
        taken for a result.
    """
    import highspy as _highspy

    highspy: Any = _highspy  # carries no types

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("threads", 1)
    lp = highspy.HighsLp()
    matrix = p.matrix.tocsc()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = p.cost, p.low, p.high
    lp.row_lower_, lp.row_upper_ = p.row_low, p.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    highs.passModel(lp)
    highs.run()
    status = highs.getModelStatus()
    reasons = {
        highspy.HighsModelStatus.kInfeasible: "no way to run satisfies every limit at once (infeasible)",
        highspy.HighsModelStatus.kUnbounded: "its cost falls without end: a price or a limit is missing (unbounded)",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "it is infeasible or its cost falls without end",
    }
    if status != highspy.HighsModelStatus.kOptimal:
        said = reasons.get(
            status, f"the solver stopped without an answer ({highs.modelStatusToString(status)})"
        )
        raise ModelError(f"{what}: {said}")
    answer = highs.getSolution()
    x, duals = np.array(answer.col_value), np.array(answer.row_dual)
    certificate = certify(p, x, duals)
    if certificate.gap > tolerance or certificate.violation > tolerance:
        raise ModelError(
            f"{what}: the solver's answer fails its certificate (gap {certificate.gap:.1e}, "
            f"violation {certificate.violation:.1e})"
        )
    return Solution(x, duals, certificate)
