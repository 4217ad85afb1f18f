"""The three quantiles that every table and picture tells, and the bar that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["median_bars", "triple", "triples"]

_LEVELS = (0.1, 0.5, 0.9)


def triple(values: FloatArray) -> tuple[float, float, float]:
    """Return P10, P50 and P90 of a sample, shape (n,), in its unit."""
    import numpy as np

    low, middle, high = (float(q) for q in np.quantile(values, _LEVELS))
    return low, middle, high


def triples(values: FloatArray) -> FloatArray:
    """Return P10, P50 and P90 over the members (first axis), shape (3,) + the other axes, in the unit of the values."""
    import numpy as np

    return np.asarray(np.quantile(values, _LEVELS, axis=0))


def median_bars(amount: Mapping[str, Any], **rule: Any) -> list[dict[str, Any]]:
    """Return Vega-Lite layers of lying bars: the bar ends at ``p50``, a line runs from ``p10`` to ``p90``.

    Parameters
    ----------
    amount : mapping
        The channel definition of the quantity, without its field.
    **rule : mapping
        Further channels of the line, such as a colour of its own.
    """
    return [
        {"mark": {"type": "bar"}, "encoding": {"x": {"field": "p50", **amount}}},
        {
            "mark": {"type": "rule", "color": "#1b2733", "strokeWidth": 1.5},
            "encoding": {"x": {"field": "p10", **amount}, "x2": {"field": "p90"}, **rule},
        },
    ]
