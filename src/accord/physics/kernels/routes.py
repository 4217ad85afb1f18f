"""Compiled shortest paths over moving satellites; Python reaches them through `accord.physics.routes`.

Satellites are the nodes; ground nodes only begin and end paths, so that they seed a search or read its result and
never relay. Costs are lengths in km.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["all_pairs", "reach", "serve", "trace", "tree", "weigh"]

_FAR = 1e30


@njit(cache=True, nogil=True)
def weigh(position, start, end, alive, clear_km, longest_km, length):
    """Fill length, shape (links,), with km at one moment, or a huge number where the link cannot be.

    Parameters
    ----------
    position : float array, shape (satellites, 3) [km]
    start, end : int array, shape (links,)
    alive : bool array, shape (satellites,)
    clear_km, longest_km : float [km]
        How close to the Earth's centre a link may come, and how long it may be.
    """
    for e in range(len(start)):
        a, b = start[e], end[e]
        length[e] = _FAR
        if not alive[a] or not alive[b]:
            continue
        span, toward, square = 0.0, 0.0, 0.0
        for axis in range(3):
            d = position[b, axis] - position[a, axis]
            span += d * d
            toward -= d * position[a, axis]
            square += position[a, axis] * position[a, axis]
        if span > longest_km * longest_km:
            continue
        share = min(max(toward / span, 0.0), 1.0) if span > 0.0 else 0.0
        nearest = square - 2.0 * share * toward + share * share * span
        if nearest >= clear_km * clear_km:
            length[e] = math.sqrt(span)


@njit(cache=True, nogil=True)
def reach(position, site, up, sine, longest_km, alive, seen, range_km, height):
    """Fill seen, range_km and sine of elevation of the satellites that a ground node reaches; return their number.

    Parameters
    ----------
    site, up : float array, shape (3,)
    sine : float array, shape (satellites,)
        Sine of the lowest elevation at which each satellite may be used.
    """
    count = 0
    for s in range(len(position)):
        if not alive[s]:
            continue
        x, y, z = position[s, 0] - site[0], position[s, 1] - site[1], position[s, 2] - site[2]
        rise = x * up[0] + y * up[1] + z * up[2]
        square = x * x + y * y + z * z
        if square > longest_km * longest_km:
            continue
        distance = math.sqrt(square)
        if rise >= sine[s] * distance:
            seen[count], range_km[count], height[count] = s, distance, rise / distance
            count += 1
    return count


@njit(cache=True, nogil=True)
def _push(keys, nodes, size, key, node):
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i], nodes[i] = keys[parent], nodes[parent]
        i = parent
    keys[i], nodes[i] = key, node
    return size + 1


@njit(cache=True, nogil=True)
def _pop(keys, nodes, size):
    key, node = keys[0], nodes[0]
    size -= 1
    last_key, last_node = keys[size], nodes[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= last_key:
            break
        keys[i], nodes[i] = keys[child], nodes[child]
        i = child
    keys[i], nodes[i] = last_key, last_node
    return key, node, size


@njit(cache=True, nogil=True)
def tree(pointer, other, link, length, cost, before, keys, nodes):
    """Spread costs from seeded satellites over the links, Dijkstra (1959), Numerische Mathematik 1:269.

    Parameters
    ----------
    pointer, other, link : int arrays, shape (satellites + 1,), (2 links,), (2 links,)
        Neighbours of satellite s are ``other[pointer[s]:pointer[s + 1]]``, over these links.
    length : float array, shape (links,) [km]
    cost : float array, shape (satellites,) [km]
        Of the seeds, and a huge number elsewhere; holds the costs of all on return.
    before : int array, shape (satellites,)
        The satellite before each on its path; -1 at seeds.
    keys, nodes : float and int array, shape (satellites + 2 links,)
        Room for the heap.
    """
    size = 0
    for s in range(len(cost)):
        before[s] = -1
        if cost[s] < _FAR:
            size = _push(keys, nodes, size, cost[s], s)
    while size > 0:
        key, s, size = _pop(keys, nodes, size)
        if key > cost[s]:
            continue
        for k in range(pointer[s], pointer[s + 1]):
            t = other[k]
            through = key + length[link[k]]
            if through < cost[t]:
                cost[t], before[t] = through, s
                size = _push(keys, nodes, size, through, t)


@njit(cache=True, nogil=True)
def all_pairs(position, graph, limits, site, up, sine, alive, km, first):
    """Fill km, shape (sites, sites), with the lengths of the shortest paths at one moment, and first satellites.

    Parameters
    ----------
    position : float array, shape (satellites, 3) [km]
    graph : tuple
        start, end, pointer, other, link: see `weigh` and `tree`.
    limits : tuple of float [km]
        How close to the centre a link may come, how long it and a path to the ground may be.
    sine : float array, shape (sites, satellites)
    first : int array, shape (sites, sites)
        The satellite at a's end of the path from a to b, -1 where there is none; km is then infinite.
    """
    start, end, pointer, other, link = graph
    satellites, sites = len(position), len(site)
    length = np.empty(len(start))
    weigh(position, start, end, alive, limits[0], limits[1], length)
    seen, ranges = np.empty((sites, satellites), np.int64), np.empty((sites, satellites))
    height, counts = np.empty(satellites), np.empty(sites, np.int64)
    for g in range(sites):
        counts[g] = reach(position, site[g], up[g], sine[g], limits[2], alive, seen[g], ranges[g], height)
    cost, before = np.empty(satellites), np.empty(satellites, np.int64)
    keys, nodes = np.empty(satellites + len(other)), np.empty(satellites + len(other), np.int64)
    for b in range(sites):
        cost[:] = _FAR
        for i in range(counts[b]):
            cost[seen[b, i]] = ranges[b, i]
        tree(pointer, other, link, length, cost, before, keys, nodes)
        for a in range(sites):
            best, who = _FAR, -1
            for i in range(counts[a]):
                total = ranges[a, i] + cost[seen[a, i]]
                if total < best:
                    best, who = total, seen[a, i]
            km[a, b] = best if best < _FAR else np.inf
            first[a, b] = who
        km[b, b] = 0.0


@njit(cache=True, nogil=True)
def trace(position, graph, limits, site, up, sine, alive, path):
    """Fill path with the satellites from site 0 to site 1 at one moment; return length [km] and their number."""
    start, end, pointer, other, link = graph
    satellites = len(position)
    length = np.empty(len(start))
    weigh(position, start, end, alive, limits[0], limits[1], length)
    seen, ranges, height = np.empty(satellites, np.int64), np.empty(satellites), np.empty(satellites)
    cost, before = np.full(satellites, _FAR), np.empty(satellites, np.int64)
    keys, nodes = np.empty(satellites + len(other)), np.empty(satellites + len(other), np.int64)
    for i in range(reach(position, site[1], up[1], sine[1], limits[2], alive, seen, ranges, height)):
        cost[seen[i]] = ranges[i]
    tree(pointer, other, link, length, cost, before, keys, nodes)
    best, who = _FAR, -1
    for i in range(reach(position, site[0], up[0], sine[0], limits[2], alive, seen, ranges, height)):
        total = ranges[i] + cost[seen[i]]
        if total < best:
            best, who = total, seen[i]
    count = 0
    while who >= 0:
        path[count] = who
        count += 1
        who = before[who]
    return best, count


@njit(cache=True, nogil=True)
def _descend(s, before, origin, depth):
    """Fill how many satellites lie on the path of s to its gateway, and which gateway that is."""
    count, at = 1, s
    while before[at] >= 0 and depth[at] == 0:
        at = before[at]
        count += 1
    deepest = count - 1 + max(depth[at], 1)
    gateway = origin[at]
    at = s
    while depth[at] == 0:
        depth[at], origin[at] = deepest, gateway
        deepest -= 1
        if before[at] < 0:
            break
        at = before[at]


@njit(cache=True, nogil=True)
def _choose(seen, ranges, height, count, lowest, cost, stay):
    """Return cost and satellite of the best path, how many satellites have one, and whether the held one does."""
    best, who, many, kept = _FAR, -1, 0, False
    for i in range(count):
        s = seen[i]
        if height[i] < lowest[s] or cost[s] >= _FAR:
            continue
        many += 1
        kept = kept or s == stay
        if ranges[i] + cost[s] < best:
            best, who = ranges[i] + cost[s], s
    return best, who, many, kept


@njit(cache=True, nogil=True)
def _seed(now, gates, alive, seen, ranges, height, flat, cost, origin):
    """Fill the cost of satellites that see a gateway, tail included, and which gateway that is."""
    gate, gate_up, gate_sine, tail_km = gates
    cost[:] = _FAR
    origin[:] = -1
    for g in range(len(gate)):
        flat[:] = gate_sine[g]
        for i in range(reach(now, gate[g], gate_up[g], flat, _FAR, alive, seen, ranges, height)):
            total = ranges[i] + tail_km[g]
            if total < cost[seen[i]]:
                cost[seen[i]], origin[seen[i]] = total, g


@njit(cache=True, nogil=True)
def serve(
    position, graph, limits, alive, gates, user, user_up, user_sine, km, hops, gateway, held, many, through
):
    """Find each user's shortest path to any gateway, tail included, over a block of moments.

    Parameters
    ----------
    position : float array, shape (satellites, times, 3) [km]
    graph, limits : tuple
        As for `all_pairs`.
    gates : tuple
        Place and normal, shape (gateways, 3), sine of lowest elevation and tail as km of free space, (gateways,).
    user, user_up : float array, shape (users, 3)
    user_sine : float array, shape (levels, satellites)
        Sine of the lowest elevation for each level of obstruction, rising with it.
    km : float array, shape (levels, users, times) [km]
        In space, up and down included, tail excluded; infinite without a path.
    hops, gateway : int16 array, shape (levels, users, times)
        Satellites on the path, and where it ends.
    held : int32 array, shape (levels, users, times)
        Satellite of a terminal that keeps it until it sets or loses its path; -1 without any.
    many : int16 array, shape (levels, users, times)
        Satellites in view that have a path.
    through : int array, shape (satellites,)
        Paths of level 0 over each satellite, added up.
    """
    start, end, pointer, other, link = graph
    satellites, tail_km = position.shape[0], gates[3]
    length, now, flat = np.empty(len(start)), np.empty((satellites, 3)), np.empty(satellites)
    seen, ranges, height = np.empty(satellites, np.int64), np.empty(satellites), np.empty(satellites)
    cost, before = np.empty(satellites), np.empty(satellites, np.int64)
    origin, depth = np.empty(satellites, np.int64), np.empty(satellites, np.int64)
    keys, nodes = np.empty(satellites + len(other)), np.empty(satellites + len(other), np.int64)
    stay = np.full((user_sine.shape[0], len(user)), -1, np.int64)
    for t in range(position.shape[1]):
        now[:] = position[:, t]
        weigh(now, start, end, alive, limits[0], limits[1], length)
        _seed(now, gates, alive, seen, ranges, height, flat, cost, origin)
        tree(pointer, other, link, length, cost, before, keys, nodes)
        depth[:] = 0
        for s in range(satellites):
            _descend(s, before, origin, depth)
        for u in range(len(user)):
            count = reach(now, user[u], user_up[u], user_sine[0], _FAR, alive, seen, ranges, height)
            for level in range(user_sine.shape[0]):
                best, who, many[level, u, t], kept = _choose(
                    seen, ranges, height, count, user_sine[level], cost, stay[level, u]
                )
                km[level, u, t], hops[level, u, t], gateway[level, u, t] = np.inf, 0, -1
                if not kept:
                    stay[level, u] = who
                held[level, u, t] = stay[level, u]
                if who >= 0:
                    g = origin[who]
                    km[level, u, t], hops[level, u, t], gateway[level, u, t] = (
                        best - tail_km[g],
                        depth[who],
                        g,
                    )
                    while who >= 0 and level == 0:
                        through[who] += 1
                        who = before[who]
