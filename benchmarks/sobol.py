"""Sobol' indices with 100 bootstrap samples: 20 inputs, 2**13 points, beside SALib on the same sample."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from accord.evidence.sensitivity.sobol import saltelli_rows, sobol_indices

__all__ = ["run"]

INPUTS, POINTS, RESAMPLES, BAR, EQUAL = 20, 2**13, 100, 15.0, 1e-12


def output() -> np.ndarray[Any, Any]:
    """Return the function of Sobol' over the design, coefficients 0, 1, 2, ..."""
    x = saltelli_rows(np.random.default_rng(7).random((POINTS, 2 * INPUTS)))
    a = np.arange(INPUTS)
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)


def peer(y: np.ndarray[Any, Any]) -> tuple[float, Any] | None:
    """Time the peer; None where it is not installed."""
    try:
        from SALib.analyze import sobol
    except ImportError:
        return None
    problem = {"num_vars": INPUTS, "names": [f"x{i}" for i in range(INPUTS)], "bounds": [[0, 1]] * INPUTS}
    best = np.inf
    for _ in range(2):
        begin = time.perf_counter()
        found = sobol.analyze(problem, y, calc_second_order=False, num_resamples=RESAMPLES, seed=5)
        best = min(best, time.perf_counter() - begin)
    return best, found


def run() -> list[dict[str, Any]]:
    """Time both on the same numbers and the same bootstrap samples, and compare every index and interval."""
    y = output()
    best = np.inf
    for _ in range(5):
        begin = time.perf_counter()
        picks = np.random.default_rng(5).integers(POINTS, size=(POINTS, RESAMPLES))
        own = sobol_indices(y, INPUTS, picks=picks)
        best = min(best, time.perf_counter() - begin)
    beside = peer(y)
    ratio, clears, note = None, None, "SALib is not installed: make bench-setup"
    if beside is not None:
        wall, found = beside
        pairs = {"S1": own.first, "S1_conf": own.first_half, "ST": own.total, "ST_conf": own.total_half}
        gap = max(float(np.abs(found[k] - v).max()) for k, v in pairs.items())
        ratio = wall / best
        clears = ratio >= BAR and gap <= EQUAL
        note = f"largest difference of any index or interval {gap:.1e}; bootstrap samples drawn within the time of both"
    return [
        {
            "name": f"Sobol' indices, {INPUTS} inputs x {POINTS} points, {RESAMPLES} bootstrap samples",
            "ours_s": best,
            "peer_s": None if beside is None else beside[0],
            "ratio": ratio,
            "bar": f"at least {BAR:.0f} x SALib 1.6.0 and equal to {EQUAL:.0e}",
            "clears": clears,
            "note": note,
        }
    ]
