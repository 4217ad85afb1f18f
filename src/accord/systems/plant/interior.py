"""Primal-dual interior-point method for chains of hours that share capacities.

Mehrotra's predictor and corrector (SIAM J. Optimization 2:575, 1992) with Gondzio's further correctors (Computational
Optimization and Applications 6:137, 1996), from an infeasible start. A Newton step factorises each chain by itself
(`kernels.ring`); the capacities are a small dense system over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.chain import Joint

if TYPE_CHECKING:
    from accord.systems.plant.link import Link

FloatArray = NDArray[np.float64]

__all__ = ["Iterate", "optimise"]

_CORRECTORS, _SHORT = 1, 0.2  # further correctors, and the steps up to which one is worth its solve
_LATE = 60  # iterations after which a programme is known to be slow: two ways that cost nearly the same, say
_LATE_CORRECTORS, _LATE_SHORT, _LATE_KEEP = (
    3,
    0.9,
    0.9,
)  # for such a one: shorter steps that stay in the middle
_BALANCED = 30.0  # balances must hold that much better than the rest: a certificate measures them one by one
_OPEN = 1e-11  # what a direction may leave of a balance, scaled, before it is refined
_STALLED = 1e-6  # steps below it three times in a row get nowhere


@dataclass(frozen=True, slots=True)
class Iterate:
    """Where the method stopped, in the units of the problem; whether that is an optimum a certificate has to say."""

    flows: tuple[FloatArray, ...]
    duals: tuple[FloatArray, ...]
    capacities: FloatArray
    iterations: int
    gap: float


class _Shared:
    """The capacities' own bounds and prices."""

    def __init__(self, joint: Joint, power: float, money: float) -> None:
        self.cost, self.low = joint.cost / money, joint.low / power
        self.span = (joint.high - joint.low) / power
        self.upper = np.where(np.isfinite(self.span), 1.0, 0.0)
        self.live = np.where(self.span <= 1e-12, 0.0, 1.0)
        self.upper *= self.live
        self.span = np.where(self.upper > 0.0, self.span, 0.0)
        self.count = float(self.live.sum() + self.upper.sum())

    def begin(self, centre: float) -> None:
        """Start at one, or in the middle of the range."""
        self.x = np.where(self.upper > 0.0, np.minimum(0.5 * self.span, 1.0), 1.0)
        self.s = np.where(self.upper > 0.0, self.span - self.x, 1.0)
        self.z, self.v = self.live * centre / self.x, self.upper * centre / self.s
        self.d = self.step = self.room = self.dz = self.dv = np.zeros_like(self.x)

    @property
    def size(self) -> FloatArray:
        """What is above the least."""
        return self.x * self.live

    def residual(self, paid: FloatArray) -> None:
        """Set the residuals; ``paid`` is what the chains pay for each."""
        self.rd = (self.cost - paid - self.z + self.v) * self.live
        self.ru = (self.span - self.x - self.s) * self.upper
        self.d = self.z / self.x + self.v / self.s

    def right(self, rcz: FloatArray, rcv: FloatArray) -> FloatArray:
        """Return the own part of the row of each capacity."""
        found: FloatArray = self.rd - rcz / self.x + rcv / self.s - self.v / self.s * self.ru
        return found

    def direction(self, step: FloatArray, rcz: FloatArray, rcv: FloatArray) -> tuple[float, float]:
        """Set the direction; return the largest relative falls."""
        self.step = step * self.live
        self.room = (self.ru - self.step) * self.upper
        self.dz = self.live * (rcz - self.z * self.step) / self.x
        self.dv = self.upper * (rcv - self.v * self.room) / self.s
        tiny = 1e-300
        primal = max((-self.step / self.x).max(initial=0.0), (-self.room / self.s).max(initial=0.0))
        dual = max(
            (-self.dz / (self.z + tiny)).max(initial=0.0), (-self.dv / (self.v + tiny)).max(initial=0.0)
        )
        return float(primal), float(dual)

    def after(self, primal: float, dual: float) -> float:
        """Return complementarity after a step."""
        return float(
            np.sum((self.x + primal * self.step) * (self.z + dual * self.dz))
            + np.sum((self.s + primal * self.room) * (self.v + dual * self.dv))
        )

    def move(self, primal: float, dual: float) -> None:
        """Take the step."""
        self.x = self.x + primal * self.step
        self.s = self.s + primal * self.room
        self.z = self.z + dual * self.dz
        self.v = self.v + dual * self.dv


class _Method:
    """The whole problem, scaled, and one iteration of the method."""

    def __init__(self, joint: Joint, pool: ThreadPoolExecutor | None) -> None:
        from accord.systems.plant.link import Link  # compiled loops: loaded when there is something to solve

        self.joint, self.pool = joint, pool
        self.power = (
            max(
                max(
                    float(np.abs(c.rhs).max(initial=0.0)), float(c.high[np.isfinite(c.high)].max(initial=0.0))
                )
                for c in joint.chains
            )
            or 1.0
        )
        prices = np.concatenate([np.abs(c.cost[c.cost != 0.0]) for c in joint.chains])
        self.money = float(prices.mean()) if len(prices) else 1.0
        self.links = [Link(c, joint, self.power, self.money) for c in joint.chains]
        self.shared = _Shared(joint, self.power, self.money)
        self.count = self.shared.count + sum(link.count for link in self.links)
        self.offset = float(self.shared.cost @ self.shared.low) + sum(
            float(np.sum(link.c * link.low)) for link in self.links
        )
        self.size_b = 1.0 + max(float(np.abs(link.b).max()) for link in self.links)
        self.size_c = 1.0 + max(float(np.abs(link.c).max()) for link in self.links)

    def each(self, function: Callable[[Link], Any]) -> Sequence[Any]:
        """Apply a function to every chain, in order, in parallel where there is a pool."""
        if self.pool is None:
            return [function(link) for link in self.links]
        return list(self.pool.map(function, self.links))

    def begin(self, centre: float) -> None:
        """Start in the middle."""
        self.shared.begin(centre)
        size = self.shared.size
        self.each(lambda link: link.begin(size, centre))

    def residual(self) -> tuple[float, float, float]:
        """Return relative gap, primal and dual residual."""
        shared = self.shared
        found = self.each(lambda link: link.residual(shared.size))
        sums = np.array([part for part, _ in found])
        shared.residual(sum((paid for _, paid in found), np.zeros(len(shared.x))))
        own = float(np.sum(shared.x * shared.z) + np.sum(shared.s * shared.v))
        self.mu = (float(sums[:, 2].sum()) + own) / self.count
        primal = float(sums[:, 3].sum() + shared.cost @ shared.size)
        dual = float(sums[:, 4].sum() - shared.span @ shared.v)
        priced = np.abs(shared.rd) / (1.0 + np.abs(shared.cost))
        gap = abs(primal - dual) / (1.0 + abs(primal + self.offset))
        return (
            gap,
            max(float(sums[:, 0].max()), float(np.abs(shared.ru).max(initial=0.0))) / self.size_b,
            max(float(sums[:, 1].max()), float(priced.max(initial=0.0))) / self.size_c,
        )

    def factorise(self) -> None:
        """Factorise the chains and the capacities' system."""
        n = len(self.shared.x)
        system = np.zeros((n, n))
        for link, (gram, curb) in zip(self.links, self.each(lambda link: link.factorise()), strict=True):
            system[np.ix_(link.used, link.used)] += gram
            system[np.arange(n), np.arange(n)] += curb
        system[np.arange(n), np.arange(n)] += self.shared.d
        self.scale = 1.0 / np.sqrt(np.maximum(np.diag(system), 1e-300))
        scaled = system * self.scale[:, None] * self.scale
        self.root = np.linalg.cholesky(scaled + 1e-14 * np.eye(n)) if n else scaled

    def _sizes(self, said: FloatArray) -> FloatArray:
        """Solve the capacities' system."""
        if not len(said):
            return said
        half = np.linalg.solve(self.root, self.scale * said)
        found: FloatArray = self.scale * np.linalg.solve(self.root.T, half) * self.shared.live
        return found

    def _gathered(self, parts: Sequence[FloatArray]) -> FloatArray:
        total = np.zeros(len(self.shared.x))
        for link, part in zip(self.links, parts, strict=True):
            total[link.used] += part
        return total

    def newton(self, trial: int, rcz: FloatArray, rcv: FloatArray, refine: float) -> tuple[float, float]:
        """Find a direction; return the longest primal and dual steps.

        ``refine`` is the open balance, relative to the one there is, above which the direction is refined.
        """
        shared = self.shared
        found = self.each(lambda link: link.reduce(trial))
        row = shared.right(rcz, rcv) + sum((shift for _, shift in found), np.zeros(len(rcz)))
        step = self._sizes(self._gathered([said for said, _ in found]) - row)
        self.each(lambda link: link.expand(trial, step, step))
        if refine < np.inf:
            first = step
            left = self.each(lambda link: link.left(trial, first))
            if max(worst for worst, _ in left) > refine:
                seen = sum((part for _, part in left), np.zeros(len(rcz)))
                said = self._gathered(self.each(lambda link: link.refine()))
                change = self._sizes(said + seen - shared.d * step - row)
                step = step + change
                self.each(lambda link: link.expand(trial, change, step, True))
        primal, dual = shared.direction(step, rcz, rcv)
        primal = max(primal, *(float(link.pace[0]) for link in self.links))
        dual = max(dual, *(float(link.pace[1]) for link in self.links))
        return min(1.0, 1.0 / max(primal, 1e-30)), min(1.0, 1.0 / max(dual, 1e-30))

    def iterate(self, primal_left: float, late: bool) -> tuple[float, float]:
        """Take one step; return its lengths."""
        shared = self.shared
        self.factorise()
        self.each(lambda link: link.predict())
        steps = self.newton(0, -shared.x * shared.z, -shared.s * shared.v, np.inf)
        after = sum(self.each(lambda link: link.after(0, *steps))) + shared.after(*steps)
        target = self.mu * min(max((after / self.count / self.mu) ** 3, 1e-8), 1.0)
        self.each(lambda link: link.correct(target))
        rcz = shared.live * (target - shared.x * shared.z - shared.step * shared.dz)
        rcv = shared.upper * (target - shared.s * shared.v - shared.room * shared.dv)
        refine = max(0.1 * primal_left, _OPEN)
        steps = self.newton(0, rcz, rcv, refine)
        for _ in range(_LATE_CORRECTORS if late else _CORRECTORS):
            if min(steps) > (_LATE_SHORT if late else _SHORT):
                break
            kept = shared.step, shared.room, shared.dz, shared.dv
            far = min(1.0, steps[0] + 0.3), min(1.0, steps[1] + 0.3)
            self.each(lambda link, far=far: link.centre(*far, target))  # type: ignore[misc]
            sides = []
            for value, change, price, worth, mask, rc in (
                (shared.x, shared.step, shared.z, shared.dz, shared.live, rcz),
                (shared.s, shared.room, shared.v, shared.dv, shared.upper, rcv),
            ):
                product = (value + far[0] * change) * (price + far[1] * worth)
                low, high = 0.1 * target - product, 10.0 * target - product
                push = np.maximum(low, 0.0) + np.maximum(np.minimum(high, 0.0), -10.0 * target)
                sides.append(rc + mask * push)
            longer = self.newton(1, sides[0], sides[1], refine)
            if sum(longer) < sum(steps) + 0.02:
                shared.step, shared.room, shared.dz, shared.dv = kept
                break
            steps, rcz, rcv = longer, sides[0], sides[1]
            self.each(lambda link: link.accept())
        keep = _LATE_KEEP if late else 0.9995 if self.mu < 1e-3 else 0.995
        taken = min(1.0, keep * steps[0]), min(1.0, keep * steps[1])
        self.each(lambda link: link.move(*taken))
        shared.move(*taken)
        return taken

    def found(self, iterations: int, gap: float) -> Iterate:
        """Return the iterate in the problem's units."""
        shared = self.shared
        return Iterate(
            flows=tuple((link.low + link.x * link.live) * self.power for link in self.links),
            duals=tuple(link.y * self.money for link in self.links),
            capacities=(shared.low + shared.size) * self.power,
            iterations=iterations,
            gap=gap,
        )


def optimise(
    joint: Joint, *, tolerance: float = 1e-8, threads: int = 1, most: int = 400, centre: float = 0.3
) -> Iterate:
    """Run the method until gap and residuals are small or nothing moves any more.

    Parameters
    ----------
    joint : Joint
        Chains of at least three hours.
    tolerance : float [1]
        Relative gap and residuals to reach.
    threads : int
        Chains worked on at a time; the result does not depend on it.
    most : int
        Iterations.
    centre : float
        Product of every column and its price at the start, scaled.

    Returns
    -------
    Iterate
        Which may not be optimal: only a certificate makes it an answer.
    """
    threads = min(threads, len(joint.chains))
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    try:
        method = _Method(joint, pool)
        method.begin(centre)
        stalled, iteration = 0, 0
        with np.errstate(all="ignore"):
            while True:
                gap, primal, dual = method.residual()
                if (
                    max(gap, dual, _BALANCED * primal) <= tolerance
                    or not np.isfinite(gap)
                    or stalled >= 3
                    or iteration >= most
                ):
                    break
                try:
                    taken = method.iterate(primal * method.size_b, iteration >= _LATE)
                except np.linalg.LinAlgError:
                    break
                iteration, stalled = iteration + 1, stalled + 1 if max(taken) < _STALLED else 0
        return method.found(iteration, gap)
    finally:
        if pool is not None:
            pool.shutdown()
