"""Cost games: what partners pay together, and shares of it that can be defended.

A game of k players is an array of 2**k costs; entry S is the cost of the coalition whose members are the set bits of S,
and entry 0 is zero. Leading axes are members of an ensemble.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "MOST_EXACT",
    "core_is_empty",
    "dearer_together",
    "least_core_excess",
    "nucleolus",
    "players",
    "sampled_shapley",
    "shapley",
    "subadditive",
]

MOST_EXACT = 12  # players up to which every coalition is looked at; above, orders of joining are sampled

_TOLERANCE = 1e-9


def players(costs: FloatArray) -> int:
    """Return the number of players.

    Raises
    ------
    ValueError
        When the last axis is not a power of two of at least two, for more than 12 players (sample them instead), when
        nobody's cost is not zero, or when a cost is missing or infinite.
    """
    size = costs.shape[-1]
    count = int(size).bit_length() - 1
    if size < 2 or size != 1 << count:
        raise ValueError(f"a game of k players has 2**k costs, got {size}")
    if count > MOST_EXACT:
        raise ValueError(
            f"{count} players: every coalition is looked at up to {MOST_EXACT}, use sampled_shapley"
        )
    if not np.isfinite(costs).all():
        raise ValueError(
            f"the cost of coalition {int(np.argwhere(~np.isfinite(costs))[0][-1])} is missing or infinite"
        )
    if (costs[..., 0] != 0.0).any():
        raise ValueError("the cost of nobody (entry 0) must be zero")
    return count


def dearer_together(costs: FloatArray) -> tuple[int, int] | None:
    """Return the two coalitions that lose most by joining, or None where the game is subadditive.

    A cost game is subadditive when ``c(S u T) <= c(S) + c(T)`` for all S and T that have no member in common: only then
    does it make sense to ask how all should share the cost of all.

    Parameters
    ----------
    costs : float array, shape (2**k,)
    """
    players(costs)
    worst, most = None, _TOLERANCE * max(1.0, float(np.abs(costs).max()))
    for first, second in _disjoint(len(costs)):
        loss = float(costs[first | second] - costs[first] - costs[second])
        if loss > most:
            worst, most = (first, second), loss
    return worst


def subadditive(costs: FloatArray) -> NDArray[np.bool_]:
    """Tell where no two coalitions without a common member pay more together than apart.

    Parameters
    ----------
    costs : float array, shape (..., 2**k)

    Returns
    -------
    bool array, shape (...)
    """
    players(costs)
    slack = _TOLERANCE * np.maximum(1.0, np.abs(costs).max(axis=-1))
    good = np.ones(costs.shape[:-1], dtype=bool)
    for first, second in _disjoint(costs.shape[-1]):
        good &= costs[..., first | second] <= costs[..., first] + costs[..., second] + slack
    return good


def _disjoint(size: int) -> Iterator[tuple[int, int]]:
    """Yield every pair of coalitions without a common member, each pair once."""
    for union in range(3, size):
        part = (union - 1) & union
        while part:
            if part > union ^ part:
                yield part, union ^ part
            part = (part - 1) & union


def sampled_shapley(
    cost_of: Callable[[frozenset[int]], float], count: int, orders: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return an estimate of the Shapley value of a large game, and the half width of its 95 % interval.

    Random orders of joining, each with its reverse (Castro, Gomez & Tejada 2009, Computers & Operations Research
    36:1726; antithetic orders after Mitchell et al. 2022, Journal of Machine Learning Research 23:43). The shares add
    up to the cost of all in every order, so they do in the mean.

    Parameters
    ----------
    cost_of : callable
        Cost of a coalition, given its players 0 .. count - 1; nobody costs 0.
    count : int
    orders : int
        Pairs of orders, at least 2.
    seed : int

    Returns
    -------
    shares, half_width : float array, shape (count,)
    """
    if orders < 2:
        raise ValueError(f"{orders} pairs of orders: expected at least 2 for an interval")
    rng = np.random.default_rng(seed)
    known: dict[frozenset[int], float] = {frozenset(): 0.0}

    def cost(coalition: frozenset[int]) -> float:
        if coalition not in known:
            known[coalition] = float(cost_of(coalition))
        return known[coalition]

    added = np.zeros((orders, count))
    for row in added:
        order = rng.permutation(count)
        for way in (order, order[::-1]):
            joined: frozenset[int] = frozenset()
            for player in way:
                grown = joined | {int(player)}
                row[player] += 0.5 * (cost(grown) - cost(joined))
                joined = grown
    if not np.isfinite(added).all():
        raise ValueError("the cost of a coalition is missing or infinite")
    half: FloatArray = 1.959963984540054 * np.std(added, axis=0, ddof=1) / np.sqrt(orders)
    return added.mean(axis=0), half


def shapley(costs: FloatArray) -> FloatArray:
    """Return the Shapley value: each player's added cost, averaged over all orders of joining.

    Shapley (1953), A value for n-person games, Annals of Mathematics Studies 28:307.

    Parameters
    ----------
    costs : float array, shape (..., 2**k)

    Returns
    -------
    float array, shape (..., k)
        In the unit of the costs; the shares add up to the cost of all.
    """
    count = players(costs)
    shares = np.zeros((*costs.shape[:-1], count))
    for player in range(count):
        bit = 1 << player
        for coalition in range(1 << count):
            if coalition & bit:
                continue
            weight = 1.0 / (count * comb(count - 1, coalition.bit_count()))
            shares[..., player] += weight * (costs[..., coalition | bit] - costs[..., coalition])
    return shares


def core_is_empty(costs: FloatArray) -> NDArray[np.bool_]:
    """Tell where no division of the cost of all keeps every coalition from doing better alone.

    For up to three players by the balanced collections (Bondareva 1963; Shapley 1967, Naval Research Logistics
    Quarterly 14:453), for more by a linear programme each.

    Parameters
    ----------
    costs : float array, shape (..., 2**k)

    Returns
    -------
    bool array, shape (...)
    """
    count, whole = players(costs), costs[..., -1]
    slack = _TOLERANCE * np.maximum(1.0, np.abs(whole))
    if count > 3:
        flat = costs.reshape(-1, costs.shape[-1])
        found = np.array([least_core_excess(game) for game in flat]).reshape(costs.shape[:-1])
        return np.asarray(found < -slack)
    single = [costs[..., 1 << i] for i in range(count)]
    bounds = [sum(single[1:], single[0])]
    if count == 3:
        pairs = {i: costs[..., 7 - (1 << i)] for i in range(3)}  # all but player i
        bounds += [pairs[i] + single[i] for i in range(3)]
        bounds.append(0.5 * (pairs[0] + pairs[1] + pairs[2]))
    return np.asarray(np.minimum.reduce(bounds) < whole - slack)


def least_core_excess(costs: FloatArray) -> float:
    """Return the largest saving that every coalition can be left with; negative where the core is empty.

    Maschler, Peleg & Shapley (1979), Mathematics of Operations Research 4:303.

    Parameters
    ----------
    costs : float array, shape (2**k,), k >= 2
    """
    return _level(costs, {})[0]


def nucleolus(costs: FloatArray) -> FloatArray:
    """Return the nucleolus: the division whose smallest savings, sorted, are as large as they can be.

    Schmeidler (1969), SIAM Journal on Applied Mathematics 17:1163, by the successive linear programmes of Maschler,
    Peleg & Shapley (1979); a coalition is settled only when its saving is the same in every optimal division.

    Parameters
    ----------
    costs : float array, shape (2**k,)

    Returns
    -------
    float array, shape (k,)
    """
    count = players(costs)
    if count == 1:
        return np.array([costs[1]])
    settled: dict[int, float] = {}
    while True:
        level, shares = _level(costs, settled)
        open_ = [s for s in range(1, (1 << count) - 1) if s not in settled]
        scale = max(1.0, float(np.abs(costs).max()))
        tight = [s for s in open_ if costs[s] - shares[_bits(s, count)].sum() < level + 1e-7 * scale]
        fixed = [s for s in tight if _most(costs, settled, level, s) < level + 1e-6 * scale]
        for coalition in fixed or tight:
            settled[coalition] = level
        rows = [_bits(s, count).astype(float) for s in settled] + [np.ones(count)]
        if np.linalg.matrix_rank(np.stack(rows)) == count or len(settled) == (1 << count) - 2:
            return shares


def _bits(coalition: int, count: int) -> NDArray[np.bool_]:
    return np.array([bool(coalition >> i & 1) for i in range(count)])


def _constraints(
    costs: FloatArray, settled: dict[int, float]
) -> tuple[list[FloatArray], list[float], list[FloatArray], list[float]]:
    """Return rows over (shares, level): savings of open coalitions at least the level, of settled ones as settled."""
    count = players(costs)
    upper: list[FloatArray] = []
    upper_to: list[float] = []
    equal: list[FloatArray] = [np.append(np.ones(count), 0.0)]
    equal_to = [float(costs[-1])]
    for coalition in range(1, (1 << count) - 1):
        row = _bits(coalition, count).astype(float)
        if coalition in settled:
            equal.append(np.append(row, 0.0))
            equal_to.append(float(costs[coalition]) - settled[coalition])
        else:
            upper.append(np.append(row, 1.0))
            upper_to.append(float(costs[coalition]))
    return upper, upper_to, equal, equal_to


def _level(costs: FloatArray, settled: dict[int, float]) -> tuple[float, FloatArray]:
    upper, upper_to, equal, equal_to = _constraints(costs, settled)
    count = players(costs)
    solution = _solve(np.append(np.zeros(count), -1.0), upper, upper_to, equal, equal_to)
    return float(solution[-1]), solution[:-1]


def _most(costs: FloatArray, settled: dict[int, float], level: float, coalition: int) -> float:
    """Return the largest saving of a coalition among the divisions that keep all open ones at the level."""
    upper, upper_to, equal, equal_to = _constraints(costs, settled)
    count = players(costs)
    equal.append(np.append(np.zeros(count), 1.0))
    slack = 1e-9 * max(1.0, float(np.abs(costs).max()))
    equal_to.append(level - slack)
    wish = np.append(_bits(coalition, count).astype(float), 0.0)
    solution = _solve(wish, upper, upper_to, equal, equal_to)
    return float(costs[coalition] - wish[:-1] @ solution[:-1])


def _solve(
    wish: FloatArray,
    upper: list[FloatArray],
    upper_to: list[float],
    equal: list[FloatArray],
    equal_to: list[float],
) -> FloatArray:
    from scipy.optimize import linprog  # type: ignore[attr-defined]

    done = linprog(  # type: ignore[no-untyped-call]
        wish,
        A_ub=np.stack(upper) if upper else None,
        b_ub=upper_to or None,
        A_eq=np.stack(equal),
        b_eq=equal_to,
        bounds=(None, None),
        method="highs",
    )
    if done.x is None:
        raise ArithmeticError(f"the linear programme of the cost game has no solution: {done.message}")
    return np.asarray(done.x, dtype=float)
