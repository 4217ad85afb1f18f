"""How good an answer is: objectives and violations recomputed from the original data, whoever found it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.chain import Chain, Joint, Programme

FloatArray = NDArray[np.float64]

__all__ = ["Answer", "Certificate", "certified", "certify"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good an answer is, recomputed from the original data and not taken from the solver.

    Attributes
    ----------
    primal, dual : float
        Objectives; equal at the optimum.
    violation : float
        Largest violation of a bound or row, relative to 1 + its size.
    """

    primal: float
    dual: float
    violation: float

    @property
    def gap(self) -> float:
        """Distance between the objectives over 1 + their size [1]."""
        return abs(self.primal - self.dual) / (1.0 + abs(self.primal))

    def holds(self, tolerance: float) -> bool:
        """Whether gap and violation are within a tolerance; a number that is none holds nothing."""
        return bool(self.gap <= tolerance and self.violation <= tolerance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An optimum of a `Joint`.

    Attributes
    ----------
    flows : tuple of float array, shape (columns, hours)
        One for each chain.
    duals : tuple of float array, shape (rows, hours)
        Price of one unit more on the right of each balance.
    capacities : float array, shape (capacities,)
    worth : float array, shape (capacities,)
        What one unit more of each capacity would save over the period, its own cost not taken off.
    reduced : tuple of float array, shape (columns, hours)
        Reduced costs: below zero where a column stands at its upper bound.
    certificate : Certificate
    solver : str
        Who found it: ``"interior"`` or ``"HiGHS"``.
    iterations : int
    """

    flows: tuple[FloatArray, ...]
    duals: tuple[FloatArray, ...]
    capacities: FloatArray
    worth: FloatArray
    reduced: tuple[FloatArray, ...]
    certificate: Certificate
    solver: str
    iterations: int = 0

    def named(self, joint: Joint, chain: int = 0) -> dict[str, FloatArray]:
        """Return the flows of a chain and the capacities by name."""
        found = dict(zip(joint.chains[chain].columns, self.flows[chain], strict=True))
        return found | dict(zip(joint.names, self.capacities, strict=True))


def certify(p: Programme, x: FloatArray, row_dual: FloatArray) -> Certificate:
    """Return primal and dual objective and the largest violation of an answer.

    The dual objective pays each row and each reduced cost at the bound its sign picks; a sign that picks an infinite
    bound is a dual violation, relative to 1 + the size of the cost. Vanderbei (2014), Linear Programming, chapter 5.
    """
    activity = p.matrix @ x
    reduced = p.cost - p.matrix.T @ row_dual
    worst, dual = 0.0, 0.0
    for value, price, low, high, unit in (
        (activity, row_dual, p.row_low, p.row_high, np.zeros_like(activity)),
        (x, reduced, p.low, p.high, np.abs(p.cost)),
    ):
        size = 1.0 + np.abs(value)
        over = np.maximum(np.maximum(low - value, value - high), 0.0) / size
        bound = np.where(price > 0.0, low, high)
        open_end = ~np.isfinite(bound)
        wrong = np.abs(price[open_end]) / (1.0 + unit[open_end])
        worst = max(worst, float(over.max(initial=0.0)), float(wrong.max(initial=0.0)))
        dual += float(np.sum(np.where(open_end, 0.0, price * np.where(open_end, 0.0, bound))))
    return Certificate(float(p.cost @ x), dual, worst)


def certified(
    joint: Joint,
    flows: Sequence[FloatArray],
    duals: Sequence[FloatArray],
    capacities: FloatArray,
    solver: str,
    iterations: int = 0,
) -> Answer:
    """Certify an answer of chains straight from their data; the same numbers as `certify` of the sparse programme.

    The price of a limit set by a capacity is what the balances' prices leave of a column's cost, where that is below
    zero: none is taken from the solver.
    """
    primal, dual, worst = float(joint.cost @ capacities), 0.0, 0.0
    worth, all_reduced = np.zeros(len(joint.names)), []
    for chain, x, y in zip(joint.chains, flows, duals, strict=True):
        found, reduced, paid = _one(chain, x, y, capacities)
        primal, dual, worst = primal + found.primal, dual + found.dual, max(worst, found.violation)
        worth += paid
        all_reduced.append(reduced)
    left = joint.cost - worth
    bound = np.where(left > 0.0, joint.low, joint.high)
    closed = np.isfinite(bound)
    dual += float(np.sum(left[closed] * bound[closed]))
    wrong = np.where(closed, 0.0, np.abs(left) / (1.0 + np.abs(joint.cost)))
    outside = np.maximum(joint.low - capacities, capacities - joint.high) / (1.0 + np.abs(capacities))
    worst = max(worst, float(wrong.max(initial=0.0)), float(outside.max(initial=0.0)))
    return Answer(
        flows=tuple(flows), duals=tuple(duals), capacities=capacities, worth=worth, reduced=tuple(all_reduced),
        certificate=Certificate(primal, dual, worst), solver=solver, iterations=iterations,
    )  # fmt: skip


def _one(
    chain: Chain, x: FloatArray, y: FloatArray, capacities: FloatArray
) -> tuple[Certificate, FloatArray, FloatArray]:
    """Return a chain's share of the certificate, its reduced costs, and what its limits pay for each capacity."""
    held = chain.capacity >= 0
    activity = chain.now @ x
    past = chain.before @ np.roll(x, 1, axis=1)
    past[~chain.cyclic, 0] = 0.0
    activity = activity + past
    seen = np.roll(y, -1, axis=1)
    seen[~chain.cyclic, -1] = 0.0
    reduced = chain.cost - chain.now.T @ y - chain.before.T @ seen
    worst = float((np.abs(activity - chain.rhs) / (1.0 + np.abs(activity))).max())
    high = chain.high
    if held.any():
        high = chain.high.copy()
        high[held] = chain.share[held] * capacities[chain.capacity[held], None]
    over = np.maximum(chain.low - x, x - high) / (1.0 + np.abs(x))
    bound = np.where(reduced > 0.0, chain.low, chain.high)
    bound[held] = 0.0  # a limit that a capacity sets is paid by the capacity; the lower bound is zero
    closed = np.isfinite(bound)
    wrong = np.where(closed, 0.0, np.abs(reduced) / (1.0 + np.abs(chain.cost)))
    worst = max(worst, float(over.max()), float(wrong.max()))
    dual = float(np.sum(chain.rhs * y)) + float(
        np.sum(np.where(closed, reduced * np.where(closed, bound, 0.0), 0.0))
    )
    paid = np.zeros(len(capacities))
    for j in np.flatnonzero(held):
        paid[chain.capacity[j]] += float(np.sum(chain.share[j] * np.maximum(-reduced[j], 0.0)))
    return Certificate(float(np.sum(chain.cost * x)), dual, worst), reduced, paid
