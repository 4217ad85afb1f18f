"""The solver of linear programmes, without a word on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["give", "quiet_highs"]


def quiet_highs() -> Any:
    """Return a HiGHS solver on one thread that says nothing.

    Told to be silent only once it is there, it has already printed its name and licence: its callbacks, which are set
    up on the way, do that.
    """
    import highspy as _highspy

    highspy: Any = _highspy  # carries no types

    class Quiet(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802 (the library's own name)
            self.silent()
            super().enableCallbacks()

    highs = Quiet()
    highs.setOptionValue("threads", 1)
    return highs


def give(
    highs: Any,
    cost: FloatArray,
    matrix: Any,
    rows: tuple[FloatArray, FloatArray],
    columns: tuple[FloatArray, FloatArray],
) -> None:
    """Give a solver a linear programme to minimise.

    Parameters
    ----------
    highs : Any
        From `quiet_highs`.
    cost : float array, shape (columns,)
    matrix : scipy.sparse array, shape (rows, columns)
    rows, columns : pair of float array, shape (rows,) and (columns,)
        Lower and upper bounds.
    """
    import highspy as _highspy

    highspy: Any = _highspy  # carries no types
    matrix = matrix.tocsc()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = columns
    lp.row_lower_, lp.row_upper_ = rows
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    highs.passModel(lp)
