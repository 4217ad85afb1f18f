"""Battery ageing: rainflow counting of the state of charge, and the semi-empirical law of Xu et al. (2018)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = ["rainflow", "remaining_capacity", "stress_per_yr"]

# Xu et al. (2018), IEEE Transactions on Smart Grid 9(2):1131, lithium manganese oxide cells
_A, _B = 5.75e-2, 121.0
_K1, _K2, _K3 = 1.40e5, -0.501, -1.23e5
_K_SIGMA, _K_T, _K_TIME = 1.04, 6.93e-2, 4.14e-10  # 1, 1/K, 1/s
_YEAR_S = 365.0 * 86400.0


def rainflow(series: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return range, mean and count (1 or 0.5) of every cycle of a series, after ASTM E1049-85, 5.4.4.

    Parameters
    ----------
    series : float array, shape (n,)
        For a battery: state of charge [1]. Fewer than two turning points give no cycle.
    """
    values = np.asarray(series, dtype=float)
    values = values[np.concatenate([[True], np.diff(values) != 0.0])] if len(values) else values
    if len(values) > 2:
        turns = np.concatenate([[True], np.diff(np.sign(np.diff(values))) != 0.0, [True]])
        values = values[turns]
    found: list[tuple[float, float, float]] = []
    stack: list[float] = []
    for value in values.tolist():
        stack.append(value)
        while len(stack) >= 3 and abs(stack[-1] - stack[-2]) >= abs(stack[-2] - stack[-3]):
            first, second = stack[-3], stack[-2]
            whole = len(stack) > 3
            found.append((abs(second - first), (first + second) / 2.0, 1.0 if whole else 0.5))
            if whole:
                del stack[-3:-1]
            else:  # the range holds the starting point: half a cycle, and the start moves on
                del stack[0]
    found += [(abs(b - a), (a + b) / 2.0, 0.5) for a, b in pairwise(stack)]
    table = np.array(found, dtype=float).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def stress_per_yr(
    depth: ArrayLike, mean: ArrayLike, count: ArrayLike, *, average: float, temperature_degc: float = 25.0
) -> float:
    """Return the linear ageing f of one year: calendar part and cycles.

    Parameters
    ----------
    depth, mean : float array [1]
        Depth of discharge and mean state of charge of the cycles.
    count : float array [1/yr]
    average : float [1]
        Mean state of charge of the year.
    temperature_degc : float [degC]
        Of the cells.
    """
    delta, sigma = np.asarray(depth, dtype=float), np.asarray(mean, dtype=float)
    deep = delta > 0.0
    safe = np.where(deep, delta, 1.0)
    # The published law is for depths up to 1; float noise above it must not turn the sign of the denominator.
    shape = np.where(deep, 1.0 / (_K1 * np.minimum(safe, 1.0) ** _K2 + _K3), 0.0)
    warm = np.exp(_K_T * (temperature_degc - 25.0) * 298.15 / (temperature_degc + 273.15))
    cycles = np.sum(np.asarray(count, dtype=float) * shape * np.exp(_K_SIGMA * (sigma - 0.5)))
    calendar = _K_TIME * _YEAR_S * np.exp(_K_SIGMA * (average - 0.5))
    return float((calendar + cycles) * warm)


def remaining_capacity(stress: ArrayLike) -> FloatArray:
    """Return what remains of the capacity [1] after a linear ageing f: first a film forms, then it decays."""
    f = np.asarray(stress, dtype=float)
    remains: FloatArray = _A * np.exp(-_B * f) + (1.0 - _A) * np.exp(-f)
    return remains
