"""Ways through a network of trusted sites: the k shortest, and two that share no site."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accord.errors import ModelError

__all__ = ["Edge", "Graph", "disjoint_pair", "k_shortest", "route_cost"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two sites; `relays` trusted sites lie within it."""

    id: str
    one: str
    other: str
    relays: int = 0


class Graph:
    """Sites and links between them; several links may join the same two.

    Parameters
    ----------
    edges : sequence of Edge
    """

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = tuple(edges)
        self.index = {edge.id: n for n, edge in enumerate(self.edges)}
        if len(self.index) != len(self.edges):
            raise ModelError("two links of the network have one name")
        self.at: dict[str, list[tuple[int, str]]] = {}
        for n, edge in enumerate(self.edges):
            self.at.setdefault(edge.one, []).append((n, edge.other))
            self.at.setdefault(edge.other, []).append((n, edge.one))

    def sites(self, start: str, path: Sequence[int]) -> list[str]:
        """Return the sites along a path of link numbers, both ends included."""
        found = [start]
        for n in path:
            edge = self.edges[n]
            found.append(edge.other if edge.one == found[-1] else edge.one)
        return found


def _shortest(
    graph: Graph,
    start: str,
    goal: str,
    cost: Callable[[int], float],
    banned_links: set[int],
    banned_sites: set[str],
) -> tuple[float, list[int]] | None:
    heap: list[tuple[float, list[int], str]] = [(0.0, [], start)]
    done: set[str] = set()
    while heap:
        total, path, site = heapq.heappop(heap)
        if site == goal:
            return total, path
        if site in done:
            continue
        done.add(site)
        for n, neighbour in graph.at.get(site, ()):
            if n not in banned_links and neighbour not in done and neighbour not in banned_sites:
                heapq.heappush(heap, (total + cost(n), [*path, n], neighbour))
    return None


def k_shortest(
    graph: Graph, start: str, goal: str, count: int, cost: Callable[[int], float] = lambda _: 1.0
) -> list[list[int]]:
    """Return up to `count` ways without a circle, cheapest first, as lists of link numbers.

    Yen (1971), Management Science 17:712.
    """
    if start not in graph.at or goal not in graph.at:
        return []
    first = _shortest(graph, start, goal, cost, set(), set())
    if first is None:
        return []
    found = [first[1]]
    waiting: list[tuple[float, list[int]]] = []
    while len(found) < count:
        last = found[-1]
        sites = graph.sites(start, last)
        for spur in range(len(last)):
            root = last[:spur]
            banned = {path[spur] for path in found if path[:spur] == root and len(path) > spur}
            further = _shortest(graph, sites[spur], goal, cost, banned, set(sites[:spur]))
            if further is not None:
                path = [*root, *further[1]]
                total = sum(cost(n) for n in path)
                if all(path != other for _, other in waiting) and path not in found:
                    heapq.heappush(waiting, (total, path))
        if not waiting:
            break
        found.append(heapq.heappop(waiting)[1])
    return found


def route_cost(free_bit: Sequence[float], path: Sequence[int], a: float = 1.0, b: float = 0.1) -> float:
    """Return the cost of a way: ``sum over links of a/(key that is free) + b`` a hop."""
    return sum(a / max(free_bit[n], 1e-9) + b for n in path)


class _Flow:
    """Arcs in pairs, there and back: arc ``k ^ 1`` undoes arc ``k``."""

    def __init__(self) -> None:
        self.tail: list[int] = []
        self.head: list[int] = []
        self.cost: list[float] = []
        self.room: list[int] = []
        self.link: list[int] = []

    def add(self, tail: int, head: int, cost: float, room: int, link: int) -> None:
        self.tail += [tail, head]
        self.head += [head, tail]
        self.cost += [cost, -cost]
        self.room += [room, 0]
        self.link += [link, -1]

    def push(self, source: int, sink: int, nodes: int) -> bool:
        """Send one unit along the cheapest way that is left (Bellman & Ford, as arcs back have negative costs)."""
        far, came = [float("inf")] * nodes, [-1] * nodes
        far[source] = 0.0
        for _ in range(nodes):
            changed = False
            for k, (tail, head, cost, room) in enumerate(
                zip(self.tail, self.head, self.cost, self.room, strict=True)
            ):
                if room and far[tail] + cost < far[head] - 1e-12:
                    far[head], came[head], changed = far[tail] + cost, k, True
            if not changed:
                break
        if came[sink] < 0:
            return False
        node = sink
        while node != source:
            k = came[node]
            self.room[k] -= 1
            self.room[k ^ 1] += 1
            node = self.tail[k]
        return True


def disjoint_pair(graph: Graph, start: str, goal: str) -> tuple[list[int], list[int]] | None:
    """Return two ways with the fewest links in all that share neither a site between the ends nor a link.

    A secret split over both is lost only to relays on each of them. Suurballe (1974), Networks 4:125, as two units of
    flow through a network in which every site can be passed once.
    """
    if start not in graph.at or goal not in graph.at or start == goal:
        return None
    number = {site: n for n, site in enumerate(graph.at)}
    flow = _Flow()
    for site, n in number.items():
        flow.add(2 * n, 2 * n + 1, 0.0, 2 if site in (start, goal) else 1, -1)
    for n, edge in enumerate(graph.edges):
        for tail, head in ((edge.one, edge.other), (edge.other, edge.one)):
            flow.add(2 * number[tail] + 1, 2 * number[head], 1.0, 1, n)
    source, sink = 2 * number[start], 2 * number[goal] + 1
    if not all(flow.push(source, sink, 2 * len(number)) for _ in range(2)):
        return None
    onward: dict[int, list[int]] = {}
    for k in range(0, len(flow.tail), 2):
        for _ in range(flow.room[k + 1]):
            onward.setdefault(flow.tail[k], []).append(k)
    ways: list[list[int]] = []
    for _ in range(2):
        way, node = [], source
        while node != sink:
            k = onward[node].pop()
            if flow.link[k] >= 0:
                way.append(flow.link[k])
            node = flow.head[k]
        ways.append(way)
    return ways[0], ways[1]
