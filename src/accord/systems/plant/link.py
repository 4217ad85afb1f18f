"""One chain of hours inside the interior-point method: its iterate, its factor, its directions."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.chain import Chain, Joint
from accord.systems.plant.kernels import newton as _newton
from accord.systems.plant.kernels import ring

newton: Any = _newton  # its functions are called with groups of arrays, which the types cannot count

FloatArray = NDArray[np.float64]

__all__ = ["Link", "Sparse", "pattern", "sparse_columns"]

Sparse = tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]

PRIMAL_RIDGE = 1e-7  # quadratic terms around the iterate: a free column multiplies rounding by 1 over it
DUAL_RIDGE = 1e-12
_NOTHING = 1e-12  # a share or a range below it leaves a column no room


def sparse_columns(matrix: FloatArray) -> Sparse:
    """Return the non-zeros of a matrix by columns: where each column starts, rows, values."""
    rows, columns = np.nonzero(matrix.T)[1], np.nonzero(matrix.T)[0]
    start = np.searchsorted(columns, np.arange(matrix.shape[1] + 1))
    return start.astype(np.int64), rows.astype(np.int64), matrix[rows, columns].astype(float)


def pattern(
    chain: Chain,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64], int]:
    """Return which blocks of the factor fill, the best order of the rows that look back, and the width of their band.

    Returns
    -------
    near : bool array, shape (rows, rows)
    far : bool array, shape (rows that look back, rows)
    place : int array, shape (rows that look back,)
    width : int
    """
    local = chain.local
    now, before = (chain.now != 0).astype(int), (chain.before != 0).astype(int)
    near = (now @ now.T + before @ before.T) > 0
    far = (before @ now.T > 0)[local:]
    for k in range(local):
        for i in np.flatnonzero(near[:, k]):
            if i > k:
                near[k + 1 :, i] |= near[k + 1 :, k]
                near[i, k + 1 :] |= near[k + 1 :, k]
                far[:, i] |= far[:, k]
        near[local:, local:] |= np.outer(far[:, k], far[:, k])
    linked = len(chain.rows) - local
    found: tuple[int, NDArray[np.int64]] | None = None
    for order in permutations(range(linked)):
        place = np.array(order, dtype=np.int64)
        reach = (linked + place[:, None] - place[None, :])[far[:, local:]]
        width = max(linked - 1, int(reach.max(initial=0)))
        if found is None or width < found[0]:
            found = width, place
    assert found is not None
    return near, far, found[1], found[0]


class Link:
    """A chain's iterate in scaled units, and what the method asks of it.

    Parameters
    ----------
    chain : Chain
    joint : Joint
        Whose capacities it shares.
    power, money : float
        Units of the scaled problem: MW and money a MWh.
    """

    def __init__(self, chain: Chain, joint: Joint, power: float, money: float) -> None:
        self.chain, self.capacities = chain, len(joint.names)
        self.now, self.before, self.cyclic = (
            sparse_columns(chain.now),
            sparse_columns(chain.before),
            chain.cyclic,
        )
        self.near, self.far, self.place, width = pattern(chain)
        n, m, hours = len(chain.columns), len(chain.rows), chain.hours
        self.local, linked = chain.local, m - chain.local
        held = (chain.capacity >= 0)[:, None]
        self.a = np.where(held, chain.share, 0.0)
        span = np.where(held, np.inf, (chain.high - chain.low) / power)
        self.live = np.where(np.where(held, self.a, span) <= _NOTHING, 0.0, 1.0)
        self.upper = np.where((held | np.isfinite(span)) & (self.live > 0.0), 1.0, 0.0)
        self.a *= self.upper
        least = (joint.low / power)[chain.capacity][:, None] if self.capacities else 0.0
        self.u = np.where(held, self.a * least, np.where(np.isfinite(span), span, 0.0)) * self.upper
        self.low, self.c = chain.low / power, chain.cost / money
        moved = np.empty((m, hours))
        ring.multiply(self.now, self.before, self.cyclic, self.low, moved)
        self.b = chain.rhs / power - moved
        self.count = float(self.live.sum() + self.upper.sum())
        self.used = np.unique(chain.capacity[chain.capacity >= 0])
        self.square, self.below = np.empty((m, m, hours)), np.empty((linked, m, hours))
        self.factor = np.empty(((hours - 1) * linked, width + 1))
        self.rim, self.corner = np.empty(((hours - 1) * linked, linked)), np.zeros((linked, linked))
        self.heads = np.empty((len(self.used), m, hours))
        self.tails, self.tail = np.empty((hours * linked, len(self.used))), np.empty((hours * linked, 1))
        self.rp, self.right = np.empty((m, hours)), np.empty((m, hours))
        self.y, self.dy = np.zeros((m, hours)), np.empty((m, hours))
        for name in ("rd", "ru", "d", "w", "weight", "g", "aty"):
            setattr(self, name, np.empty((n, hours)))
        self.rc = [
            np.empty((2, n, hours)) for _ in range(2)
        ]  # of x z and s v: those in use, and those on trial
        self.way = [np.zeros((4, n, hours)) for _ in range(2)]  # dx, ds, dz, dv: likewise
        self.dys = [np.empty((m, hours)) for _ in range(2)]
        self.shift = np.zeros(self.capacities)
        self.pace = np.zeros(2)

    rd: FloatArray
    ru: FloatArray
    d: FloatArray
    w: FloatArray
    weight: FloatArray
    g: FloatArray
    aty: FloatArray

    def begin(self, size: FloatArray, centre: float) -> None:
        """Start in the middle of every range, all products equal to ``centre``."""
        level = self.a * size[self.chain.capacity][:, None] if self.capacities else 0.0
        middle = 0.5 * (self.u + level)
        self.x = np.where(self.upper > 0.0, middle, 1.0)
        self.s = self.x.copy()
        self.z, self.v = self.live * centre / self.x, self.upper * centre / self.s
        self.y[:] = 0.0

    def residual(self, size: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return largest primal and dual residual, complementarity, primal and dual objective; and what ``v`` pays."""
        sums, paid = np.empty(5), np.zeros(self.capacities)
        worst = newton.pull(self.b, self.now, self.before, self.cyclic, self.x * self.live, self.rp)
        ring.multiply_transposed(self.now, self.before, self.cyclic, self.y, self.aty)
        newton.residual(
            self.c, self.u, self.a, self.live, self.upper, self.chain.capacity, size,
            self.x, self.s, self.z, self.v, self.aty, self.rd, self.ru, sums, paid,
        )  # fmt: skip
        dual = float(np.sum(self.b * self.y)) - sums[4]
        return np.array([max(worst, sums[1]), sums[0], sums[2], sums[3], dual]), paid

    def factorise(self) -> tuple[FloatArray, FloatArray]:
        """Factorise and return, for the capacities it uses, the Gram matrix of its columns and the curb of each."""
        curb = np.zeros(self.capacities)
        newton.weights(
            self.x, self.s, self.z, self.v, self.a, self.live, self.upper, self.chain.capacity, PRIMAL_RIDGE,
            self.d, self.w, self.weight, curb,
        )  # fmt: skip
        ring.assemble(self.now, self.before, self.cyclic, self.weight, DUAL_RIDGE, self.square, self.below)
        ring.eliminate(self.square, self.below, self.local, self.near, self.far)
        self.spent = ring.band(
            self.square, self.below, self.local, self.place, self.factor, self.rim, self.corner
        )
        for i, k in enumerate(self.used):
            newton.head(
                self.now, self.before, self.cyclic, self.weight, self.w, self.a, self.chain.capacity, k,
                self.heads[i],
            )  # fmt: skip
            self._forward(self.heads[i], self.tails, i)
        gram = np.zeros((len(self.used), len(self.used)))
        if len(self.used):
            ring.descend(self.factor, self.tails[: len(self.factor)])
            ring.close(self.rim, self.corner, self.spent, self.tails)
            ring.gram(self.tails, gram)
            ring.overlap(self.heads, self.local, gram)
        return gram + np.tril(gram, -1).T, curb

    def _forward(self, right: FloatArray, tails: FloatArray, side: int) -> None:
        ring.forward(
            self.square, self.below, self.local, self.near, self.far, self.place, right, tails, side,
        )  # fmt: skip

    def _reduce(self) -> FloatArray:
        """Solve ``L u = right`` and return what it says to the capacities it uses."""
        self._forward(self.right, self.tail, 0)
        ring.descend_one(self.factor, self.tail[:, 0])
        ring.close(self.rim, self.corner, self.spent, self.tail)
        said = np.zeros(len(self.used))
        ring.weigh(self.heads, self.tails, self.local, self.right, self.tail[:, 0], said)
        return said

    def reduce(self, trial: int) -> tuple[FloatArray, FloatArray]:
        """Set up the Newton system for the complementarity residuals of ``trial``, and solve the chain's half of it."""
        newton.right(
            self.now, self.before, self.cyclic, self.rp, self.rd, self.ru, *self.rc[trial], self.x, self.s,
            self.w, self.weight, self.a, self.chain.capacity, self.g, self.right, self.shift,
        )  # fmt: skip
        return self._reduce(), self.shift

    def _expand(self, step: FloatArray) -> None:
        """Solve ``L' dy = u - V step``, the result in `right`."""
        ring.spread(self.heads, self.tails, self.local, step[self.used], self.right, self.tail[:, 0])
        ring.back(
            self.square, self.below, self.local, self.near, self.far, self.place, self.factor, self.rim,
            self.corner, self.spent, self.right, self.tail[:, 0],
        )  # fmt: skip

    def expand(self, trial: int, step: FloatArray, total: FloatArray, add: bool = False) -> None:
        """Finish the direction of ``trial`` for the capacities' ``step``; ``add``: it refines what is there."""
        self._expand(step)
        ring.multiply_transposed(self.now, self.before, self.cyclic, self.right, self.aty)
        newton.primal(
            self.aty, self.g, 1.0 if add else 0.0, self.w, self.weight, self.a, self.chain.capacity, step,
            self.way[trial][0],
        )  # fmt: skip
        if add:
            self.dys[trial] += self.right
            ring.multiply_transposed(self.now, self.before, self.cyclic, self.dys[trial], self.aty)
        else:
            self.dys[trial][:] = self.right
        newton.direction(
            self.aty, self.rd, self.ru, *self.rc[trial], self.x, self.s, self.z, self.v, self.a, self.live,
            self.upper, self.chain.capacity, total, *self.way[trial], self.pace,
        )  # fmt: skip

    def left(self, trial: int, total: FloatArray) -> tuple[float, FloatArray]:
        """Return the largest balance that the direction leaves open; its reduced system is ready for `refine`.

        The second value is what the capacities' rows see of the direction, ``sum a w dx``-like terms included.
        """
        dx = self.way[trial][0]
        worst = newton.pull(self.rp, self.now, self.before, self.cyclic, dx, self.right)
        seen = np.zeros(self.capacities)
        for k in self.used:
            mine = self.chain.capacity == k
            a, w = self.a[mine], self.w[mine]
            seen[k] = float(np.sum(a * w * (dx[mine] + self.weight[mine] * self.g[mine] - a * total[k])))
        return worst, seen

    def refine(self) -> FloatArray:
        """Solve the chain's half for the residual that `left` set up."""
        return self._reduce()

    def after(self, trial: int, primal: float, dual: float) -> float:
        """Return complementarity after a step."""
        return float(newton.gap_after(self.x, self.s, self.z, self.v, *self.way[trial], primal, dual))

    def predict(self) -> None:
        """Set the predictor's complementarity residuals."""
        newton.affine(self.x, self.s, self.z, self.v, *self.rc[0])

    def correct(self, target: float) -> None:
        """Set the corrector's, from the predictor's direction."""
        newton.mehrotra(
            self.x, self.s, self.z, self.v, *self.way[0], self.live, self.upper, target, *self.rc[0]
        )

    def centre(self, primal: float, dual: float, target: float) -> None:
        """Set those on trial, from the direction in use."""
        newton.centre(
            self.x, self.s, self.z, self.v, *self.way[0], self.live, self.upper, primal, dual, 0.1 * target,
            10.0 * target, *self.rc[0], *self.rc[1],
        )  # fmt: skip

    def accept(self) -> None:
        """Use what was on trial."""
        for pair in (self.rc, self.way, self.dys):
            pair.reverse()

    def move(self, primal: float, dual: float) -> None:
        """Take the step in use."""
        newton.move(self.x, self.s, self.z, self.v, *self.way[0], self.live, primal, dual)
        self.y += dual * self.dys[0]
