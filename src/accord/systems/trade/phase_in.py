"""How the effect of a trade agreement builds up over the years, by two published specifications."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SPECIFICATIONS", "cumulative", "effect"]

SPECIFICATIONS = ("plain", "globalisation")


@cache
def _table() -> Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    text = (files("accord.systems.trade") / "data" / "phase_in.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found = {}
    for name in SPECIFICATIONS:
        mine = [row for row in rows if row["specification"] == name]
        found[name] = (tuple(float(r["lag_yr"]) for r in mine), tuple(float(r["coefficient"]) for r in mine))
    return found


def cumulative(specification: str) -> tuple[FloatArray, FloatArray]:
    """Return the years in force and the effect by then.

    Returns
    -------
    years, effect : float array, shape (4,) [yr], [log points]
        Running sums of the coefficients on the agreement now and 4, 8 and 12 years ago (Yotov, Piermartini,
        Monteiro & Larch 2016, chapter 1, application 3).
    """
    years, coefficients = _table()[specification]
    return np.array(years), np.cumsum(coefficients)


def effect(time_yr: FloatArray, specification: str) -> FloatArray:
    """Return the effect of a full agreement after some years in force [log points].

    Linear between 0, 4, 8 and 12 years, constant afterwards.

    Parameters
    ----------
    time_yr : float array, any shape [yr]
    specification : {"plain", "globalisation"}
    """
    years, total = cumulative(specification)
    result: FloatArray = np.interp(time_yr, years, total)
    return result
