"""The trees of the learned flood map on 2 million pixels: our predictor beside LightGBM's own, same trees, two threads.

The peer gets its own model text and the same float32 table; `num_threads` is 2 for both. The classes must be the
same for every pixel. Features are those of the shipped recipe, of made scenes of water, fields and woods.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from accord.systems.imaging.learned.features import feature_table, to_integers
from accord.systems.imaging.learned.grown import from_lightgbm
from accord.systems.imaging.learned.train import read_recipe

__all__ = ["run"]

ROWS, COLS, THREADS, BAR = 1024, 2048, 2, 5.0
SIZES = ((30, 15), (60, 31))
INSTALL = "python -m pip install 'accord[train]'"


def scene(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a made scene of six bands [1e-4] and its water mask."""
    random = np.random.default_rng(seed)
    coarse = random.normal(size=(ROWS // 32 + 2, COLS // 32 + 2))
    field = np.kron(coarse, np.ones((32, 32)))[:ROWS, :COLS]
    rough = field + random.normal(0.0, 0.6, (ROWS, COLS))
    water = rough > 0.8
    land = np.array([500, 800, 900, 2400, 2200, 1400])[:, None, None] * (1.0 + 0.25 * field)
    wet = np.array([450, 700, 600, 400, 150, 100])[:, None, None] * (1.0 + 0.1 * rough)
    bands = np.where(water, wet, land) + random.normal(0.0, 60.0, (6, ROWS, COLS))
    return bands.clip(1, 9000).astype(np.int16), water


def best(calls: Sequence[Callable[[], Any]], times: int = 5) -> list[tuple[float, float, Any]]:
    """Return the least wall time [s], the least CPU time [s] and the result of each, called in turn."""
    found = [(np.inf, np.inf, None)] * len(calls)
    for _ in range(times):
        for k, call in enumerate(calls):
            begin, used = time.perf_counter(), time.process_time()
            result = call()
            wall, cpu = time.perf_counter() - begin, time.process_time() - used
            found[k] = (min(found[k][0], wall), min(found[k][1], cpu), result)
    return found


def run() -> list[dict[str, Any]]:
    """Time both in one run, for the small and for the shipped size."""
    try:
        import lightgbm
    except ImportError:
        return [
            {
                "name": "boosted trees", "ours_s": 0.0, "peer_s": None, "ratio": None, "clears": None,
                "bar": f"at least {BAR:.0f} x LightGBM's predict", "note": f"LightGBM is not installed: {INSTALL}",
            }
        ]  # fmt: skip
    names = read_recipe().features
    names_of_bands = ("blue", "green", "red", "nir", "swir1", "swir2")
    bands, water = scene(1)
    stack, seen = to_integers(dict(zip(names_of_bands, bands, strict=True)))
    table = np.ascontiguousarray(feature_table(stack, seen, names).reshape(len(names), -1).T)
    rows = []
    for trees, leaves in SIZES:
        settings = {
            "objective": "binary", "num_leaves": leaves, "learning_rate": 0.12, "verbosity": -1, "seed": 1,
            "num_threads": THREADS, "feature_fraction": 0.5, "max_bin": 255,
        }  # fmt: skip
        noisy = water ^ (np.random.default_rng(2).random(water.shape) < 0.1)
        some = slice(None, None, 10)
        data = lightgbm.Dataset(table[some], noisy.ravel()[some].astype(np.float32), params={"verbosity": -1})
        booster = lightgbm.train(settings, data, trees)
        forest = from_lightgbm(booster.model_to_string())
        forest.scores(table[:1000])
        (ours_s, ours_cpu, scores), (peer_s, peer_cpu, raw) = best(
            [
                lambda f=forest: f.scores(table, THREADS),
                lambda b=booster: b.predict(table, raw_score=True, num_threads=THREADS),
            ]
        )
        same = bool(np.array_equal(scores > 0.0, raw > 0.0))
        apart = float(np.max(np.abs(scores - raw)))
        pixels = len(table) / 1e6
        rows.append(
            {
                "name": f"trees {trees} x {leaves}, {pixels:.1f} Mpix, {len(names)} features, {THREADS} threads",
                "ours_s": ours_s,
                "peer_s": peer_s,
                "ratio": peer_s / ours_s,
                "clears": same and peer_s / ours_s >= BAR,
                "bar": f"at least {BAR:.0f} x LightGBM {lightgbm.__version__} predict, identical classes",
                "note": (
                    f"classes {'identical' if same else 'DIFFER'}, scores apart by {apart:.1e} at most; "
                    f"{pixels / ours_s:.1f} against {pixels / peer_s:.2f} Mpix/s; CPU ratio {peer_cpu / ours_cpu:.1f}"
                ),
            }
        )
    return rows
