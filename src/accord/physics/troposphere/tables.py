"""Coefficients of the Recommendations, read once from the files beside this module."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["columns", "rows"]


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a coefficient file, for example ``"p838-3"``."""
    text = (files("accord.physics.troposphere") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def columns(name: str, key: str = "", value: str = "") -> dict[str, FloatArray]:
    """Return numeric columns of a coefficient file, of the rows where `key` reads `value`; NaN where empty."""
    kept = [row for row in rows(name) if not key or row[key] == value]
    numeric = [field for field in kept[0] if field != key]
    return {field: np.array([float(row[field] or "nan") for row in kept]) for field in numeric}
