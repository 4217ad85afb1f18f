"""How ``reference.json`` was made: SALib 1.6.0 on numpy 2.4.6, in an environment of its own.

    python tests/unit/evidence/sensitivity/recipe.py

The cases are built by the functions below, which the tests use too; only the numbers of the peer are kept as data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["bent", "delta_case", "g_function", "ishigami", "morris_case", "pawn_case", "sobol_case"]


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami & Homma (1990), a = 7, b = 0.1, inputs from -pi to pi."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(x: np.ndarray) -> np.ndarray:
    """The function of Sobol', coefficients 0, 1, 2, ..."""
    a = np.arange(x.shape[1])
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)


def bent(x: np.ndarray) -> np.ndarray:
    return x[:, 0] * x[:, 1] + x.sum(axis=1)


def sobol_case(d: int, n: int) -> np.ndarray:
    """Uniforms of shape (n, 2 d)."""
    return np.random.default_rng(7).random((n, 2 * d))


def pawn_case() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).random((10_000, 20))
    return x, bent(x)


def delta_case() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, outputs, and rows of eleven samples."""
    rng = np.random.default_rng(3)
    x = rng.random((2_000, 3)) * 2 * np.pi - np.pi
    return x, ishigami(x), rng.integers(0, 2_000, size=(11, 2_000))


def morris_case() -> tuple[np.ndarray, np.ndarray]:
    """Six trajectories of three inputs over four levels, shape (6, 4, 3), and outputs."""
    rng = np.random.default_rng(11)
    paths = np.empty((6, 4, 3))
    for path in paths:
        path[0] = rng.integers(0, 2, size=3) / 3
        for step, column in enumerate(rng.permutation(3)):
            path[step + 1] = path[step]
            path[step + 1, column] += 2 / 3
    return paths, ishigami(2 * np.pi * paths.reshape(-1, 3) - np.pi)


def _sobol(analyze: Any, d: int, n: int, second: bool) -> dict[str, Any]:
    from accord.evidence.sensitivity.sobol import saltelli_rows

    y = g_function(saltelli_rows(sobol_case(d, n), second_order=second))
    problem = {"num_vars": d, "names": [f"x{i}" for i in range(d)], "bounds": [[0, 1]] * d}
    found = analyze(problem, y, calc_second_order=second, num_resamples=100, seed=5)
    kept = {k: np.asarray(found[k]).tolist() for k in ("S1", "S1_conf", "ST", "ST_conf")}
    if second:
        kept |= {k: [v for v in np.asarray(found[k]).ravel().tolist() if v == v] for k in ("S2", "S2_conf")}
    return kept


def main() -> None:
    from importlib.metadata import version

    import scipy
    from SALib.analyze import delta, morris, pawn, sobol

    x, y = pawn_case()
    names = [f"x{i}" for i in range(20)]
    problem = {"num_vars": 20, "names": names, "bounds": [[0, 1]] * 20}
    body: dict[str, Any] = {
        "made_by": {"SALib": version("SALib"), "numpy": np.__version__, "scipy": scipy.__version__},
        "sobol_20": _sobol(sobol.analyze, 20, 2**13, False),
        "sobol_4_second": _sobol(sobol.analyze, 4, 2**10, True),
        "pawn": {k: pawn.analyze(problem, x, y, S=10)[k].tolist() for k in ("median", "maximum")},
    }
    x, y, picks = delta_case()
    edges, grid = np.linspace(0, 2_000, _classes(2_000) + 1), np.linspace(y.min(), y.max(), 100)
    raw = np.array([[delta.calc_delta(y[r], grid, x[r, i], edges) for r in picks] for i in range(3)])
    corrected = 2 * raw[:, :1] - raw[:, 1:]
    body["delta"] = {"delta": corrected.mean(axis=1).tolist(), "sd": corrected.std(axis=1, ddof=1).tolist()}
    paths, y = morris_case()
    problem = {"num_vars": 3, "names": names[:3], "bounds": [[0, 1]] * 3}
    found = morris.analyze(problem, paths.reshape(-1, 3), y, num_levels=4)
    body["morris"] = {k: np.asarray(found[k]).tolist() for k in ("mu", "mu_star", "sigma")}
    path = Path(__file__).with_name("reference.json")
    path.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def _classes(n: int) -> int:
    return int(np.round(min(int(np.ceil(n ** (2.0 / (7.0 + np.tanh((1500.0 - n) / 500.0))))), 48)))


if __name__ == "__main__":
    main()
