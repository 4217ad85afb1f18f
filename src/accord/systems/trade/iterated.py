"""The general equilibrium of the Advanced Guide by its own iteration, stopped where its authors stopped it.

Yotov, Piermartini, Monteiro & Larch (2016), chapter 2, application 1: prices, incomes and resistances are updated in
turn and a gravity model with fixed effects alone is estimated after each turn, until prices move by less than 0.01.
Such an estimation has a closed form: the fixed effects that give a table its row and column sums. Kept to show what
the published numbers are, and as the peer of the exact solution in `accord.systems.trade.equilibrium`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["balanced", "iterate"]


def balanced(flow: FloatArray, ease: FloatArray, reference: int) -> tuple[FloatArray, FloatArray]:
    """Return the fixed effects of exporters and importers that give ``ease`` the sums of ``flow``.

    Parameters
    ----------
    flow, ease : float array, shape (r, r)
    reference : int
        Region whose importer effect is 1.
    """
    sold, bought = flow.sum(axis=1), flow.sum(axis=0)
    into = np.ones(len(flow))
    while True:
        out = sold / (ease @ into)
        new = bought / (ease.T @ out)
        settled = float(np.max(np.abs(new / into - 1.0))) < 1e-13
        into = new
        if settled:
            return out * into[reference], into / into[reference]


def iterate(
    flow: FloatArray,
    before: FloatArray,
    after: FloatArray,
    elasticity: float,
    reference: int,
    stop: float = 0.01,
) -> tuple[FloatArray, FloatArray, int]:
    """Return prices and flows after trade costs change, by the published iteration.

    Parameters
    ----------
    flow : float array, shape (r, r)
    before, after : float array, shape (r, r) [1]
        Trade costs to the power 1 - s, today and then.
    elasticity : float [1]
    reference : int
        Region whose price index is held.
    stop : float [1]
        Largest change, and standard deviation of the changes, of prices between turns at which the loop ends.

    Returns
    -------
    price : float array, shape (r,) [1]
    flow : float array, shape (r, r)
    turns : int
    """
    sold, bought = flow.sum(axis=1), flow.sum(axis=0)
    power, ratio = 1.0 / (1.0 - elasticity), bought / sold
    first, _ = balanced(flow, before, reference)
    out, into = balanced(flow, after, reference)
    start, spent = bought[reference], bought[reference]
    estimated = out[:, None] * after * into
    earned, wished = sold, bought
    moved, last = (out / first) ** power, np.zeros(len(flow))
    outward, inward = np.ones(len(flow)), np.ones(len(flow))
    resist_out, resist_in = earned * spent / out, wished / (into * spent)
    turns = 1
    while True:
        trade = estimated * moved[:, None] * moved / (outward[:, None] * inward)
        new_out, new_into = balanced(trade, after, reference)
        estimated = new_out[:, None] * after * new_into
        earned = estimated.sum(axis=1)
        wished = ratio * earned
        step = ((new_out / out) / (wished[reference] / spent)) ** power
        out, into, spent = new_out, new_into, wished[reference]
        outward, inward = earned * spent / out / resist_out, wished / (into * spent) / resist_in
        resist_out, resist_in = resist_out * outward, resist_in * inward
        difference = moved - last
        last, moved = moved, step
        turns += 1
        if float(np.std(difference, ddof=1)) <= stop and abs(float(np.max(difference))) <= stop:
            break
    price = ((out / first) / (spent / start)) ** power
    earned, wished = price * sold, ratio * price * sold
    there, here = earned * spent / out, estimated.sum(axis=1) * ratio / (into * spent)
    return price, earned[:, None] * wished * after / (there[:, None] * here), turns
