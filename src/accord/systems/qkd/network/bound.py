"""The most that any routing could deliver: flow of several commodities as a linear programme, solved by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from accord.errors import ModelError
from accord.physics.highs import give, quiet_highs
from accord.systems.qkd.network.routing import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Flow", "FlowProgramme", "most_flow"]


@dataclass(frozen=True, slots=True)
class Flow:
    """The best flow.

    Attributes
    ----------
    share : float
        Part of every demand that is met at once ("share"), or of their sum ("total").
    served : float array, shape (demands,)
        In the unit of the demands.
    price : float array, shape (links,)
        What one unit more of a link would add to the objective.
    """

    share: float
    served: FloatArray
    price: FloatArray


class FlowProgramme:
    """The linear programme of a network and its demands, written once and solved for what the links make.

    Ford & Fulkerson (1958), Management Science 5:97. A key of one bit takes a bit of every link on its way, whichever
    direction it goes.

    Parameters
    ----------
    graph : Graph
    demands : sequence of (site, site, amount)
    objective : {"share", "total"}
        The largest common share of all demands, or the largest total of what is met.

    Raises
    ------
    accord.errors.ModelError
        For a site that is not in the network.
    """

    def __init__(
        self,
        graph: Graph,
        demands: Sequence[tuple[str, str, float]],
        objective: Literal["share", "total"] = "share",
    ) -> None:
        from scipy import sparse as _sparse

        sparse: Any = _sparse  # carries no types
        arcs, count = 2 * len(graph.edges), len(demands)
        largest = max([d[2] for d in demands], default=0.0)
        self._unit = largest or 1.0  # numbers of the size of one keep the solver exact
        self._amounts = np.array([d[2] for d in demands], float) / self._unit
        self._objective = objective
        # the columns of what is met follow those of the arcs; the common share is the last
        self._served_at = count * arcs
        width = self._served_at + count + 1
        balance = sparse.coo_array(_balance(graph, demands), shape=(count * len(graph.at), width))
        links = np.tile(np.repeat(np.arange(len(graph.edges)), 2), count)
        places = (links, np.arange(self._served_at))
        self._use = sparse.coo_array((np.ones(self._served_at), places), shape=(arcs // 2, width)).tocsr()
        self._cost = np.zeros(width)
        if objective == "share":
            self._cost[-1] = -1.0
            numbers = np.arange(count)
            columns = np.concatenate([self._served_at + numbers, np.full(count, width - 1)])
            values = np.concatenate([np.ones(count), -self._amounts])
            alike = sparse.coo_array((values, (np.tile(numbers, 2), columns)), (count, width))
            self._equal = sparse.vstack([balance, alike]).tocsr()
        else:
            self._cost[self._served_at : -1] = -1.0
            self._equal = balance.tocsr()
        top = np.concatenate([np.full(self._served_at, np.inf), self._amounts, [1.0]])
        self._solver = _solver(sparse.vstack([self._use, self._equal]), self._cost, top, len(graph.edges))

    def most(self, capacity: FloatArray) -> Flow:
        """Return the best flow.

        Parameters
        ----------
        capacity : float array, shape (links,)
            Key that a link makes.

        Raises
        ------
        accord.errors.ModelError
            For a programme that cannot be solved.
        """
        amounts, unit, links = self._amounts, self._unit, self._use.shape[0]
        room = np.minimum(np.asarray(capacity, float) / unit, amounts.sum())
        highs = self._solver
        highs.changeRowsBounds(links, np.arange(links, dtype=np.int32), np.full(links, -np.inf), room)
        highs.clearSolver()  # the answer must not depend on what was asked before
        highs.run()
        status = str(highs.modelStatusToString(highs.getModelStatus()))
        if status != "Optimal":
            raise ModelError(f"the flow of the network cannot be solved: {status}")
        answer = highs.getSolution()
        found, marginal = np.array(answer.col_value), np.array(answer.row_dual)[:links]
        served = np.clip(found[self._served_at : -1], 0.0, amounts)
        by_share = self._objective == "share"
        share = float(found[-1]) if by_share else float(served.sum() / max(amounts.sum(), 1e-300))
        price = np.maximum(-marginal, 0.0) / (unit if by_share else 1.0)
        return Flow(min(max(share, 0.0), 1.0), served * unit, price)


def _solver(matrix: Any, cost: FloatArray, top: FloatArray, links: int) -> Any:
    """Return HiGHS with the programme: columns up to `top`; `links` rows with an upper bound, then equalities."""
    highs, height = quiet_highs(), matrix.shape[0]
    low = np.concatenate([np.full(links, -np.inf), np.zeros(height - links)])
    give(highs, cost, matrix, (low, np.zeros(height)), (np.zeros(len(cost)), top))
    return highs


def most_flow(
    graph: Graph,
    capacity: FloatArray,
    demands: Sequence[tuple[str, str, float]],
    objective: Literal["share", "total"] = "share",
) -> Flow:
    """Return the best flow of one set of capacities; see `FlowProgramme`, which serves many."""
    return FlowProgramme(graph, demands, objective).most(capacity)


def _balance(
    graph: Graph, demands: Sequence[tuple[str, str, float]]
) -> tuple[list[float], tuple[list[int], list[int]]]:
    """Return what flows out of each site less what flows in, one row a demand and site."""
    number = {name: n for n, name in enumerate(graph.at)}
    arcs, sites = 2 * len(graph.edges), len(graph.at)
    served_at = len(demands) * arcs
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for d, (one, other, _) in enumerate(demands):
        for end in (one, other):
            if end not in number:
                raise ModelError(f"site {end!r} has no link: expected one of {', '.join(number)}")
        for n, edge in enumerate(graph.edges):
            for back, (tail, head) in enumerate(((edge.one, edge.other), (edge.other, edge.one))):
                rows += [d * sites + number[tail], d * sites + number[head]]
                columns += [d * arcs + 2 * n + back] * 2
                values += [1.0, -1.0]
        rows += [d * sites + number[one], d * sites + number[other]]
        columns += [served_at + d] * 2
        values += [-1.0, 1.0]
    return values, (rows, columns)
