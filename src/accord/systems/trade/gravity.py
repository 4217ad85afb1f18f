"""Structural gravity: Poisson pseudo-maximum likelihood with many fixed effects and clustered errors.

Iteratively reweighted least squares; in every round the fixed effects are projected out of the working response and
of the regressors by one sparse weighted least squares problem, solved by preconditioned conjugate gradients that
start from the effects of the round before (Correia, Guimaraes & Zylkin 2020, Fast Poisson estimation with
high-dimensional fixed effects, Stata Journal 20:95; the projections are those of Guimaraes & Portugal 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Fit", "cells", "ppml"]

_ROUNDS, _PASSES = 100, 2000
_TIGHT = 1e-10  # relative residual of the projections; coefficients are good to about eight figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What an estimation gives.

    Attributes
    ----------
    coefficients, standard_errors : float array, shape (k,)
    covariance : float array, shape (k, k)
        Sandwich, clustered where clusters were given.
    fitted : float array, shape (n,) [unit of the flow]
        Expected flow of every observation; 0 where a fixed effect has no flow at all.
    used : bool array, shape (n,)
        Observations that tell something: those whose fixed effects all have some flow.
    rounds : int
        Rounds of reweighting.
    deviance : float
    """

    coefficients: FloatArray
    standard_errors: FloatArray
    covariance: FloatArray
    fitted: FloatArray
    used: NDArray[np.bool_]
    rounds: int
    deviance: float


def cells(*labels: NDArray[Any]) -> IntArray:
    """Return the number of the group that each observation belongs to, from one or more labels.

    Parameters
    ----------
    labels : arrays, shape (n,)
        ``cells(exporter, year)`` numbers the pairs that occur.
    """
    groups = np.zeros(len(labels[0]), dtype=np.int64)
    for label in labels:
        _, code = np.unique(label, return_inverse=True)
        _, groups = np.unique(groups * (int(code.max()) + 1) + code, return_inverse=True)
    return groups


def ppml(
    flow: FloatArray,
    regressors: FloatArray,
    effects: Sequence[IntArray],
    clusters: IntArray | None = None,
    *,
    tolerance: float = 1e-9,
) -> Fit:
    """Estimate ``E[flow] = exp(regressors b + sum of fixed effects)``.

    Santos Silva & Tenreyro (2006), The log of gravity, Review of Economics and Statistics 88:641.

    Parameters
    ----------
    flow : float array, shape (n,)
        Not negative; zeros count.
    regressors : float array, shape (n, k)
    effects : sequence of int array, shape (n,)
        Group numbers, from `cells`; at least one set.
    clusters : int array, shape (n,), optional
        Errors are correlated within a cluster; without them each observation is its own. Factor G/(G - 1).
    tolerance : float [1]
        Relative change of the deviance at which reweighting ends.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError
        For negative or missing numbers, for a regressor that the fixed effects explain, and where the estimates
        run away (a regressor that separates zero from positive flows).
    """
    _check(flow, regressors, effects)
    used = _informative(flow, effects)
    y, x = flow[used], regressors[used]
    space = _Effects([cells(group[used]) for group in effects])
    b, eta, rounds, deviance = _reweight(y, x, space, tolerance)
    mu = np.exp(eta)
    left = space.residuals(np.column_stack([eta, x]), _TIGHT)[:, 1:]
    covariance = _sandwich(left, mu, y, None if clusters is None else cells(clusters[used]))
    fitted = np.zeros(len(flow))
    fitted[used] = mu
    return Fit(
        coefficients=b,
        standard_errors=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        fitted=fitted,
        used=used,
        rounds=rounds,
        deviance=deviance,
    )


def _reweight(
    y: FloatArray, x: FloatArray, space: _Effects, tolerance: float
) -> tuple[FloatArray, FloatArray, int, float]:
    """Return coefficients, log of the expected flows, rounds and deviance."""
    total = float(y.sum())
    mu = 0.5 * (y + y.mean())
    eta = np.log(mu)
    space.weigh(mu)
    deviance, change = np.inf, np.inf
    for rounds in range(1, _ROUNDS + 1):
        response = eta + (y - mu) / mu
        close = _TIGHT if change < 1e-4 else 1e-6
        left = space.residuals(np.column_stack([response, x]), close)
        work, design = left[:, 0], left[:, 1:]
        bread = design.T @ (mu[:, None] * design)
        if rounds == 1:
            _check_rank(bread, x, mu)
        b = np.linalg.solve(bread, design.T @ (mu * work))
        eta = response - (work - design @ b)
        if not np.isfinite(eta).all() or float(eta.max()) > 700.0:
            raise ModelError(
                f"the gravity estimates run away after {rounds} rounds: a regressor separates flows"
            )
        mu = np.exp(eta)
        space.weigh(mu)
        last, deviance = deviance, _deviance(y, mu)
        change = abs(last - deviance) / max(deviance, 1e-8 * total)
        if change < tolerance and close == _TIGHT:
            return b, eta, rounds, deviance
    raise ModelError(f"the gravity estimates do not settle in {_ROUNDS} rounds")


def _check(flow: FloatArray, regressors: FloatArray, effects: Sequence[IntArray]) -> None:
    if regressors.ndim != 2 or len(regressors) != len(flow) or any(len(g) != len(flow) for g in effects):
        raise ModelError("gravity: flow, regressors and effects must have one row for each observation")
    if not effects:
        raise ModelError("gravity: expected at least one set of fixed effects")
    bad = ~np.isfinite(flow) | (flow < 0.0)
    if bad.any():
        row = int(np.argmax(bad))
        raise ModelError(f"gravity: flow {flow[row]:g} in row {row}: expected a number of at least zero")
    odd = ~np.isfinite(regressors).all(axis=1)
    if odd.any():
        raise ModelError(f"gravity: a regressor is missing or infinite in row {int(np.argmax(odd))}")
    if not (flow > 0.0).any():
        raise ModelError("gravity: every flow is zero")


def _informative(flow: FloatArray, effects: Sequence[IntArray]) -> NDArray[np.bool_]:
    """Leave out observations whose fixed effect has no flow at all: its estimate would be minus infinity."""
    used = np.ones(len(flow), dtype=bool)
    while True:
        before = int(used.sum())
        for group in effects:
            used &= np.bincount(group, weights=np.where(used, flow, 0.0))[group] > 0.0
        if int(used.sum()) == before:
            return used


def _deviance(y: FloatArray, mu: FloatArray) -> float:
    ratio = np.where(y > 0.0, y / mu, 1.0)
    return float(2.0 * np.sum(y * np.log(ratio) - (y - mu)))


def _check_rank(bread: FloatArray, x: FloatArray, weight: FloatArray) -> None:
    plain = weight @ (x - np.average(x, axis=0, weights=weight)) ** 2
    for column, (left, whole) in enumerate(zip(np.diag(bread), plain, strict=True)):
        if left <= 1e-9 * max(float(whole), 1e-300):
            raise ModelError(f"gravity: regressor {column} is explained by the fixed effects: leave it out")
    scale = np.sqrt(np.diag(bread))
    if np.linalg.cond(bread / np.outer(scale, scale)) > 1e10:
        raise ModelError("gravity: the regressors are collinear: leave one out")


def _sandwich(design: FloatArray, mu: FloatArray, y: FloatArray, clusters: IntArray | None) -> FloatArray:
    bread = np.linalg.inv(design.T @ (mu[:, None] * design))
    scores = design * (y - mu)[:, None]
    if clusters is not None:
        scores = np.column_stack([np.bincount(clusters, weights=column) for column in scores.T])
    count = len(scores)
    covariance: FloatArray = bread @ (scores.T @ scores) @ bread * (count / (count - 1.0))
    return covariance


class _Effects:
    """The space of the fixed effects under changing weights."""

    def __init__(self, groups: Sequence[IntArray]) -> None:
        from scipy.sparse import csr_array

        count = len(groups[0])
        sizes = [int(group.max()) + 1 for group in groups]
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        columns = np.stack([g + o for g, o in zip(groups, offsets, strict=True)], axis=1).ravel()
        pointer = np.arange(count + 1) * len(groups)
        ones = np.ones(len(columns))
        self.rows: Any = csr_array((ones, columns, pointer), shape=(count, sum(sizes)))  # type: ignore[no-untyped-call]
        self.turned = self.rows.T.tocsr()
        self.start: FloatArray | None = None

    def weigh(self, weight: FloatArray) -> None:
        self.weight = weight
        from scipy.sparse import csr_array

        weighted: Any = csr_array(  # type: ignore[no-untyped-call]
            (np.repeat(weight, np.diff(self.rows.indptr)), self.rows.indices, self.rows.indptr),
            shape=self.rows.shape,
        )
        self.normal = (self.turned @ weighted).tocsr()
        self.scale = 1.0 / self.normal.diagonal()[:, None]

    def residuals(self, columns: FloatArray, tolerance: float) -> FloatArray:
        """Return what the fixed effects leave of each column, shape (n, k), by conjugate gradients."""
        target = self.turned @ (self.weight[:, None] * columns)
        effect = np.zeros_like(target) if self.start is None else self.start.copy()
        left = target - self.normal @ effect
        goal = tolerance**2 * np.einsum("gk,gk->k", target, self.scale * target)
        step = self.scale * left
        way = step.copy()
        size = np.einsum("gk,gk->k", left, step)
        for _ in range(_PASSES):
            if (size <= goal).all():
                break
            along = self.normal @ way
            slope = np.einsum("gk,gk->k", way, along)
            move = np.where(slope > 0.0, size / np.where(slope > 0.0, slope, 1.0), 0.0)
            effect += move * way
            left -= move * along
            step = self.scale * left
            before, size = size, np.einsum("gk,gk->k", left, step)
            way = step + np.where(before > 0.0, size / np.where(before > 0.0, before, 1.0), 0.0) * way
        else:
            raise ModelError(f"gravity: the fixed effects do not settle in {_PASSES} passes")
        self.start = effect
        answer: FloatArray = columns - self.rows @ effect
        return answer
