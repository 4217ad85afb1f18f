"""Published cases, computed by the functions that the model itself uses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from accord.systems.delivery import chain, confidence, reference
from accord.systems.delivery.network import critical, forward

__all__ = [
    "concentration",
    "critical_path",
    "joint_normal",
    "merge_of_normals",
    "overrun_inside",
    "reference_triples",
    "tolerance_samples",
]

FloatArray = NDArray[np.float64]


def _pair(rho: float, n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Draw a bivariate normal pair by antithetic uniforms, shape (n,) each."""
    u = np.random.default_rng(seed).random((2, n // 2))
    first, second = ndtri(np.concatenate([u, 1.0 - u], axis=1))
    return first, rho * first + np.sqrt(1.0 - rho * rho) * second


def joint_normal(
    rho: list[float], marginal: float, joint: float, n: int, seed: int
) -> dict[str, list[float]]:
    """Return the joint confidence at equal marginals, and the marginal needed for a joint confidence."""
    reached, needed = [], []
    for correlation in rho:
        cost, finish = _pair(correlation, n, seed)
        limits = np.quantile(cost, marginal), np.quantile(finish, marginal)
        reached.append(confidence.joint_confidence(cost, finish, float(limits[0]), float(limits[1])))
        needed.append(confidence.marginal_for_joint(cost, finish, joint))
    return {"joint_confidence": reached, "marginal_needed": needed}


def merge_of_normals(paths: list[int], mean: float, sd: float, n: int, seed: int) -> dict[str, list[float]]:
    """Return the mean finish of parallel activities that merge, through the forward pass of the network."""
    means, bias = [], []
    for count in paths:
        rng = np.random.default_rng(seed)
        durations: list[FloatArray] = [mean + sd * ndtri(rng.random(n)) for _ in range(count)]
        after: list[list[int]] = [[] for _ in range(count)] + [list(range(count))]
        durations.append(np.zeros(n))
        free: list[Any] = [[] for _ in after]
        dates = forward(after, durations, [0.0] * len(after), free, free)
        means.append(float(np.mean(dates.finish_month[-1])))
        bias.append(confidence.merge_bias(dates.finish_month[:-1]))
    return {"mean_finish": means, "merge_bias": bias}


def tolerance_samples(coverage: float, level: float) -> dict[str, int]:
    """Return Wilks' sample sizes, one-sided and two-sided."""
    return {
        "one_sided": confidence.wilks_sample_size(coverage, level, 1),
        "two_sided": confidence.wilks_sample_size(coverage, level, 2),
    }


def reference_triples(names: list[str]) -> dict[str, list[float]]:
    """Return what the published cost statistics of some classes imply, and what the mixture gives back."""
    classes = [reference.read()[name, "cost"] for name in names]
    u = (np.arange(400_000) + 0.5) / 400_000
    return {
        "body_mean_percent": [100.0 * c.body_mean for c in classes],
        "alpha": [c.alpha for c in classes],
        "tail_share_percent": [
            100.0 * float(np.mean(c.ppf(u) > reference.TAIL_START - 1e-9)) for c in classes
        ],
        "body_mean_drawn_percent": [100.0 * (float(np.mean(_body_draws(c, u))) - 1.0) for c in classes],
    }


def _body_draws(record: reference.ReferenceClass, u: FloatArray) -> FloatArray:
    return record.ppf(u * (1.0 - record.tail_share))


def overrun_inside(
    name: str, estimate: float, actual: float, planned_month: list[float], delay_month: list[float]
) -> dict[str, Any]:
    """Tell whether a finished project lies inside P5 to P95 of its class, in cost and time."""
    cost, schedule = reference.read()[name, "cost"], reference.read()[name, "schedule"]
    ranks = [cost.cdf(actual / estimate)]
    ranks += [schedule.cdf(1.0 + late / plan) for plan, late in zip(planned_month, delay_month, strict=True)]
    return {
        "cost_inside": 0.05 <= ranks[0] <= 0.95,
        "schedule_inside": all(0.05 <= rank <= 0.95 for rank in ranks[1:]),
        "ranks": ranks,
    }


def critical_path(durations: list[float], after: list[list[int]]) -> dict[str, Any]:
    """Return the finish of a network of constant durations and the activities on its critical path."""
    lengths: list[FloatArray] = [np.array([value]) for value in durations]
    free: list[Any] = [[] for _ in after]
    dates = forward(after, lengths, [0.0] * len(after), free, free)
    return {
        "finish": float(np.max(dates.finish_month)),
        "starts": dates.start_month[:, 0].tolist(),
        "critical": np.flatnonzero(critical(after, dates)[:, 0]).tolist(),
    }


def concentration(shares: list[float]) -> dict[str, float]:
    """Return the index of concentration of some shares."""
    return {"index": chain.hhi(shares)}
