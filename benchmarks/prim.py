"""Scenario discovery: a box in 10 000 members x 20 inputs, beside the EMA Workbench's PRIM."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from accord.evidence.discovery import find_box

__all__ = ["run"]

MEMBERS, INPUTS, BAR = 10_000, 20, 10.0


def case() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return inputs and failures: dense where two inputs are high and one is low, with noise."""
    rng = np.random.default_rng(0)
    x = rng.random((MEMBERS, INPUTS))
    return x, (x[:, 0] > 0.6) & (x[:, 1] > 0.5) & (x[:, 2] < 0.7) | (rng.random(MEMBERS) < 0.02)


def ours() -> tuple[float, float, float]:
    """Return the best time [s] of three, density and coverage."""
    x, fails = case()
    best = np.inf
    for _ in range(3):
        begin = time.perf_counter()
        box = find_box(x, fails)
        best = min(best, time.perf_counter() - begin)
    assert box is not None
    return best, box.density, box.coverage


def ema() -> tuple[float, float, float] | None:
    """Time the peer's peeling and pasting; None where it is not installed."""
    try:
        import pandas as pd
        from ema_workbench.analysis import prim
    except ImportError:
        return None
    x, fails = case()
    frame = pd.DataFrame({f"x{i}": x[:, i] for i in range(INPUTS)})
    begin = time.perf_counter()
    box = prim.Prim(frame, fails.astype(int), threshold=0.5, peel_alpha=0.05, mass_min=0.05).find_box()
    wall = time.perf_counter() - begin
    trajectory = box.peeling_trajectory
    score = 2 / (1 / trajectory["density"] + 1 / trajectory["coverage"])
    best = trajectory.loc[score.idxmax()]
    return wall, float(best["density"]), float(best["coverage"])


def run() -> list[dict[str, Any]]:
    """Time both in one run."""
    own, density, coverage = ours()
    peer = ema()
    ratio = None if peer is None else peer[0] / own
    note = f"density {density:.3f}, coverage {coverage:.3f}"
    note += (
        "; EMA Workbench is not installed: make bench-setup"
        if peer is None
        else (f"; EMA's best box by the same score {peer[1]:.3f}, {peer[2]:.3f}")
    )
    return [
        {
            "name": f"scenario discovery, {MEMBERS} members x {INPUTS} inputs",
            "ours_s": own,
            "peer_s": None if peer is None else peer[0],
            "ratio": ratio,
            "bar": f"at least {BAR:.0f} x EMA Workbench 2.5.3",
            "clears": None if ratio is None else ratio >= BAR,
            "note": note,
        }
    ]
