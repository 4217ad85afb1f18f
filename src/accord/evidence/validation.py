"""Published numbers of the ensemble and the evidence, recomputed: the functions that ``validation.yaml`` names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Horizon, Spread
from accord.engine.draw import draw, sobol_uniforms
from accord.engine.records import ColumnSpec, Plan
from accord.evidence.probability import wilks_members, wilson
from accord.evidence.scoring import crps, crps_normal
from accord.evidence.sensitivity.morris import elementary_effects, trajectories
from accord.evidence.sensitivity.shapley import given_data, order_design, order_effects
from accord.evidence.sensitivity.sobol import saltelli_rows, sobol_indices
from accord.programme.copula import GAUSSIAN, Copula, nearest_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "drawn_correlations",
    "identity",
    "ishigami_indices",
    "joint_confidence",
    "linear_shapley",
    "merge_bias",
    "nearest",
    "normal_score",
    "screened",
    "tail_dependence",
    "tolerance_sizes",
    "wilson_interval",
]


def _ishigami(u: FloatArray) -> FloatArray:
    x = 2.0 * np.pi * u - np.pi
    return np.asarray(np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami_indices(points: int) -> dict[str, Any]:
    """Return Sobol' indices of the function of Ishigami & Homma over a design of Saltelli, a = 7, b = 0.1."""
    found = sobol_indices(_ishigami(saltelli_rows(sobol_uniforms(6, points, 1, "ishigami"))), 3)
    return {"first": found.first.tolist(), "total": found.total.tolist()}


def linear_shapley(sd: Sequence[float], correlation: float, members: int, orders: int) -> dict[str, Any]:
    """Return Shapley effects of the sum of two normal inputs, from given data and over a design of random orders."""
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])
    x = np.random.default_rng(0).standard_normal((members, 2)) @ np.linalg.cholesky(matrix).T * sd
    given = given_data(x, x.sum(axis=1), points=members, importance=np.asarray(sd) / max(sd))
    scores, order = order_design(matrix, orders)
    designed = order_effects((scores * sd).sum(axis=-1), order)
    return {"given_data": given.share.tolist(), "designed": designed.share.tolist()}


def screened(slopes: Sequence[float], count: int) -> dict[str, Any]:
    """Return elementary effects of a line: its slopes, without spread."""
    paths = trajectories(len(slopes), count, seed=2)
    found = elementary_effects(paths, (paths @ np.asarray(slopes)).ravel())
    return {"mean": found.mean.tolist(), "spread": found.spread.tolist()}


def _drawn(
    spreads: Mapping[str, Spread],
    n: int,
    pairs: Sequence[tuple[str, str, float]] = (),
    copula: Copula = GAUSSIAN,
) -> Mapping[str, FloatArray]:
    columns = {k: ColumnSpec(name=k, unit="1", spread=s, owner="inputs") for k, s in spreads.items()}
    programme: Any = SimpleNamespace(id="published")
    horizon = Horizon(dt.date(2026, 1, 1), dt.date(2026, 6, 1), dt.date(2036, 1, 1))
    plan = Plan(
        programme=programme, folder=Path(), text_hash="", horizon=horizon, nodes={}, columns=columns,
        correlations=list(pairs), copula=copula,
    )  # fmt: skip
    return draw(plan, n, seed=5).columns


def drawn_correlations(targets: Sequence[float], members: int, degrees: float = 0.0) -> dict[str, Any]:
    """Return Spearman correlations of drawn lognormal, beta and normal columns whose targets were stated."""
    from scipy.stats import spearmanr

    spreads = {
        "a": Spread.of("lognormal", p10=1.0, p90=5.0),
        "b": Spread.of("beta", alpha=2.0, beta=5.0),
        "c": Spread.of("normal", mean=0.0, sd=1.0),
    }
    names = [("a", "b"), ("a", "c"), ("b", "c")]
    pairs = [(first, second, rho) for (first, second), rho in zip(names, targets, strict=True)]
    drawn = _drawn(spreads, members, pairs, Copula("t", degrees) if degrees else GAUSSIAN)
    return {"spearman": [float(spearmanr(drawn[f], drawn[s]).statistic) for f, s in names]}


def identity(members: int) -> dict[str, Any]:
    """Return the largest difference of a column to itself, and the mean of its square."""
    x = _drawn({"x": Spread.of("normal", mean=0.0, sd=1.0)}, members)["x"]
    return {"difference": float(np.abs(x - x).max()), "square": float((x * x).mean())}


def joint_confidence(correlations: Sequence[float], level: float, members: int) -> dict[str, Any]:
    """Return the probability that two normal quantities both stay below their own quantile at a level."""
    uniform = Spread.of("uniform", low=0.0, high=1.0)
    found = []
    for correlation in correlations:
        pairs = [("cost", "date", GAUSSIAN.spearman(correlation))] if correlation else []
        drawn = _drawn({"cost": uniform, "date": uniform}, members, pairs)
        found.append(float(((drawn["cost"] <= level) & (drawn["date"] <= level)).mean()))
    return {"joint": found}


def merge_bias(mean: float, sd: float, counts: Sequence[int], members: int) -> dict[str, Any]:
    """Return the mean of the latest of several independent normal finishes."""
    names = [f"x{i}" for i in range(max(counts))]
    drawn = _drawn(dict.fromkeys(names, Spread.of("normal", mean=mean, sd=sd)), members)
    return {"latest": [float(np.max([drawn[k] for k in names[:c]], axis=0).mean()) for c in counts]}


def nearest(matrix: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Return the upper triangle of the nearest correlation matrix, row by row."""
    found = nearest_correlation(np.asarray(matrix, dtype=float))
    return {"upper": found[np.triu_indices(len(found), 1)].tolist()}


def tail_dependence(correlation: float, degrees: Sequence[float]) -> dict[str, Any]:
    """Return the coefficients of tail dependence of t copulas."""
    return {"coefficient": [Copula("t", d).tail_dependence(correlation) for d in degrees]}


def normal_score(observed: Sequence[float], members: int) -> dict[str, Any]:
    """Return the CRPS of the standard normal distribution, in closed form and of a sample."""
    y = np.asarray(observed, dtype=float)
    samples = np.random.default_rng(3).standard_normal(members)
    return {
        "closed": crps_normal(np.zeros(len(y)), np.ones(len(y)), y).tolist(),
        "sample": [crps(samples, v) for v in y],
    }


def tolerance_sizes(coverage: float, confidence: float) -> dict[str, Any]:
    """Return the sample sizes of one-sided and two-sided tolerance bounds without a distribution."""
    return {
        "one_sided": float(wilks_members(coverage, confidence)),
        "two_sided": float(wilks_members(coverage, confidence, two_sided=True)),
    }


def wilson_interval(cases: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return the ends of Wilson's interval, case by case."""
    return {"ends": [end for k, n in cases for end in wilson(k, n)]}
