"""General equilibrium of trade by exact hat algebra: who gains and who loses when trade costs change.

Every region makes one good in a fixed quantity and buys the goods of all, with one elasticity of substitution
(Armington). Changes need nothing but today's flows (Dekle, Eaton & Kortum 2008, IMF Staff Papers 55:511; Anderson &
van Wincoop 2003, American Economic Review 93:170; the endowment economy of Anderson, Larch & Yotov 2018, World
Economy 41:2750). Everything is written on arrays over members of an ensemble.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Equilibrium", "World", "exports", "solve", "world_of"]

_ROUNDS, _TOLERANCE = 20_000, 1e-11
_AT_ONCE = 200_000  # flows solved together: what fits into the cache of a processor


@dataclass(frozen=True, slots=True)
class World:
    """Trade today.

    Attributes
    ----------
    flow : float array, shape (r, r) [any flow]
        From each region (row) to each (column); the diagonal is what a region buys at home.
    share : float array, shape (r, r) [1]
        Share of each region's spending (column) that goes to each.
    output, spending : float array, shape (r,) [the same flow]
    """

    flow: FloatArray
    share: FloatArray
    output: FloatArray
    spending: FloatArray


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """Trade after the change, for every member.

    Attributes
    ----------
    price : float array, shape (m, r) [1]
        Factory-gate price of each region's good over today's, in the numeraire.
    flow : float array, shape (m, r, r)
        New flows, in the unit and in the prices of the numeraire.
    price_index : float array, shape (m, r) [1]
        What a unit of consumption costs over today.
    real_income : float array, shape (m, r) [1]
        Real spending over today's: the welfare of the model.
    rounds : int
    """

    price: FloatArray
    flow: FloatArray
    price_index: FloatArray
    real_income: FloatArray
    rounds: int


def world_of(flow: FloatArray) -> World:
    """Return today's shares, output and spending.

    Parameters
    ----------
    flow : float array, shape (r, r), r >= 2
        Every region must sell and buy something.

    Raises
    ------
    ModelError
        For a table that is not square, has missing or negative flows, or a region that sells or buys nothing.
    """
    if flow.ndim != 2 or flow.shape[0] != flow.shape[1] or len(flow) < 2:
        raise ModelError(f"flows: expected a square table of at least two regions, got shape {flow.shape}")
    if not (np.isfinite(flow).all() and (flow >= 0.0).all()):
        raise ModelError("flows: expected finite numbers of at least zero")
    output, spending = flow.sum(axis=1), flow.sum(axis=0)
    for what, sums in (("sells", output), ("buys", spending)):
        if not (sums > 0.0).all():
            raise ModelError(f"flows: region {int(np.argmin(sums))} {what} nothing")
    return World(flow, flow / spending, output, spending)


def exports(flow: FloatArray) -> FloatArray:
    """Return what each region sells to the others, shape (..., r)."""
    diagonal = np.einsum("...ii->...i", flow)
    sold: FloatArray = flow.sum(axis=-1) - diagonal
    return sold


def solve(
    world: World, ease: FloatArray, elasticity: FloatArray, *, numeraire: int | None = None
) -> Equilibrium:
    """Return the equilibrium under changed trade costs.

    With ``a_i = p_i^(1 - s)`` the new share of i in the spending of j is ``share_ij ease_ij a_i`` over its sum, and
    prices clear ``p_i Y_i = sum_j share'_ij f_j Y_j p_j``; f is spending over output, kept for every region up to one
    common factor that makes the world spend what it earns. Prices move by the power 1/s of demand over supply until
    they stand still, which they do because goods are gross substitutes.

    Parameters
    ----------
    world : World
    ease : float array, shape (m, r, r) [1]
        Change of trade costs to the power 1 - s: above 1 where trade becomes easier.
    elasticity : float array, shape (m,) [1]
        Elasticity of substitution s, above 1.
    numeraire : int, optional
        Region whose price index is held at 1. Without it the income of the world is held.

    Returns
    -------
    Equilibrium

    Raises
    ------
    ModelError
        For an elasticity of 1 or less, an ease that is not positive, or prices that do not settle.
    """
    if not (elasticity > 1.0).all():
        raise ModelError(f"elasticity of substitution {float(np.min(elasticity)):g}: expected above 1")
    if not ((ease > 0.0) & np.isfinite(ease)).all():
        raise ModelError("ease of trade: expected finite numbers above zero")
    shares = world.share * ease
    price = np.ones((len(elasticity), len(world.output)))
    size = max(1, _AT_ONCE // world.share.size)
    rounds = 0
    for start in range(0, len(price), size):
        part = slice(start, start + size)
        rounds = max(rounds, _clear(world, shares[part], price[part], elasticity[part]))
    return _told(world, shares, price, elasticity, numeraire, rounds)


def _clear(world: World, shares: FloatArray, price: FloatArray, elasticity: FloatArray) -> int:
    """Move prices in place until every market clears; return the rounds it took."""
    ratio, total = world.spending / world.output, world.output.sum()
    active = np.arange(len(price))  # each member stops by itself, so that none depends on others
    for rounds in range(1, _ROUNDS + 1):
        s, now = elasticity[active, None], price[active]
        demand = _demand(shares[active], now, s, ratio * world.output * now)
        new = now * (demand / (now * world.output)) ** (1.0 / s)
        new *= total / (new * world.output).sum(axis=1, keepdims=True)
        price[active] = new
        active = active[np.max(np.abs(new / now - 1.0), axis=1) > _TOLERANCE]
        if not active.size:
            return rounds
    raise ModelError(f"the prices of {len(active)} members do not settle in {_ROUNDS} rounds")


def _demand(shares: FloatArray, price: FloatArray, s: FloatArray, spending: FloatArray) -> FloatArray:
    """Return what is bought from each region, shape (m, r)."""
    weight = price ** (1.0 - s)
    cost = np.matmul(weight[:, None, :], shares)[:, 0, :]
    bought: FloatArray = weight * np.matmul(shares, (spending / cost)[:, :, None])[:, :, 0]
    return bought


def _told(
    world: World,
    shares: FloatArray,
    price: FloatArray,
    elasticity: FloatArray,
    numeraire: int | None,
    rounds: int,
) -> Equilibrium:
    s = elasticity[:, None]
    weight = price ** (1.0 - s)
    cost = np.matmul(weight[:, None, :], shares)[:, 0, :]
    index = cost ** (1.0 / (1.0 - s))
    if numeraire is not None:
        unit = index[:, numeraire, None].copy()
        price, index = price / unit, index / unit
        weight, cost = price ** (1.0 - s), index ** (1.0 - s)
    earned, wished = price * world.output, price * world.spending
    spent = wished * (earned.sum(axis=1) / wished.sum(axis=1))[:, None]
    flow = weight[:, :, None] * shares * (spent / cost)[:, None, :]
    return Equilibrium(price, flow, index, spent / world.spending / index, rounds)
