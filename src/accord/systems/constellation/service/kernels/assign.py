"""Beams to cells at one moment: greedy by regret, moves, and each full satellite choosing anew."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["assign"]

_ROUNDS = 3
_STEPS, _FEWER = (
    150,
    40,
)  # of prices: fewer where demand exceeds supply so far that any choice fills the beams
_FAR, _QUIET = 6.0, 4
_NEIGHBOURS = 64  # that are asked to leave a satellite: more win nothing that can be measured


@njit(cache=True, nogil=True, inline="always")
def _value(demand, rate, most, beams, capacity):
    """Return what one satellite can serve of a cell [Mbit/s]."""
    return min(min(demand, rate * min(most, beams)), capacity)


@njit(cache=True, nogil=True)
def _order(start, satellite, rate, demand, most, beams, capacity, prices):
    """Return cells by regret: what is lost, after prices, when the best satellite is gone, the most first."""
    regret = np.empty(len(start) - 1)
    for c in range(len(start) - 1):
        best, second, per_beam = 0.0, 0.0, 0.0
        for j in range(start[c], start[c + 1]):
            if rate[j] <= 0.0:
                continue
            s = satellite[j]
            value = _value(demand[c], rate[j], most, beams[s], capacity[s])
            score = value * (1.0 - prices[1, s]) - prices[0, s] * value / rate[j]
            if score > best:
                best, second = score, best
                per_beam = value / rate[j]
            elif score > second:
                second = score
        regret[c] = (best - second + 1e-2 * best) / max(per_beam, 1e-9)
    return np.argsort(-regret)


@njit(cache=True, nogil=True)
def _prices(start, satellite, rate, demand, most, beams, capacity, prices):
    """Find what a beam [Mbit/s] and a Mbit/s of each satellite are worth: prices at which it is not wanted too much.

    Subgradient steps on the dual of the linear programme, each cell taking what pays best, averaged over the last half
    (Held, Wolfe & Crowder 1974, Mathematical Programming 6:62). `prices`, shape (2, satellites), is filled.
    """
    count, cells = len(beams), len(start) - 1
    now, used = np.zeros((2, count)), np.zeros((2, count))
    typical = 0.0
    for j in range(len(rate)):
        typical = max(typical, rate[j])
    now[:] = prices
    prices[:] = 0.0
    wanted = 0.0
    for c in range(cells):
        wanted += demand[c]
    steps = _STEPS if wanted < _FAR * min(capacity.sum(), 0.7 * typical * beams.sum()) else _FEWER
    gain, share = np.empty(len(rate)), np.empty(len(rate))  # what a pair serves, and of how many beams
    for c in range(cells):
        for j in range(start[c], start[c + 1]):
            s = satellite[j]
            gain[j] = _value(demand[c], rate[j], most, beams[s], capacity[s])
            share[j] = gain[j] / rate[j] if rate[j] > 0.0 else 0.0
    for turn in range(steps):
        used[:] = 0.0
        for c in range(cells):
            best, at = 0.0, -1
            for j in range(start[c], start[c + 1]):
                s = satellite[j]
                net = gain[j] * (1.0 - now[1, s]) - now[0, s] * share[j]
                if net > best:
                    best, at = net, j
            if at >= 0:
                used[0, satellite[at]] += share[at]
                used[1, satellite[at]] += gain[at]
        step = 0.3 / (1.0 + 0.25 * turn)
        for s in range(count):
            if beams[s] <= 0.0 or capacity[s] <= 0.0:
                continue
            for kind in range(2):
                limit = beams[s] if kind == 0 else capacity[s]
                scale = typical if kind == 0 else 1.0
                excess = min(used[kind, s] / limit - 1.0, 1.0)
                now[kind, s] = min(max(now[kind, s] + step * scale * excess, 0.0), 0.98 * scale)
            if turn >= steps // 2:
                prices[0, s] += now[0, s] / (steps - steps // 2)
                prices[1, s] += now[1, s] / (steps - steps // 2)
        if turn == _QUIET and now.max() == 0.0:
            break  # nobody is wanted too much


@njit(cache=True, nogil=True)
def _choose(start, satellite, rate, c, demand, most, prices, left_beams, left_capacity):
    """Return the pair that serves most of a cell after prices, and leaves its satellite most room; -1 for none."""
    best, at = 0.0, -1
    for j in range(start[c], start[c + 1]):
        s = satellite[j]
        if rate[j] <= 0.0 or left_beams[s] <= 0.0 or left_capacity[s] <= 0.0:
            continue
        value = _value(demand, rate[j], most, left_beams[s], left_capacity[s])
        tight = (value / rate[j]) / left_beams[s]
        tight = max(tight, value / left_capacity[s])
        score = value * (1.0 - prices[1, s] - 0.01 * tight) - prices[0, s] * value / rate[j]
        if score > best:
            best, at = score, j
    return at


@njit(cache=True, nogil=True)
def assign(start, satellite, rate, demand, most, beams, capacity, per_cell, prices, served, chosen, load):
    """Assign cells to satellites at one moment: greedy by regret, then moves that let a short cell have more.

    A cell takes up to `per_cell` satellites and `most` beams; a satellite lights up to `beams` and carries up to
    `capacity`. Beams are shared in time, so that a part of one is as good as whole.

    Parameters
    ----------
    start : int array, shape (cells + 1,)
        Pairs of each cell.
    satellite : int array, shape (pairs,)
    rate : float array, shape (pairs,)
        What a whole beam carries [Mbit/s]; 0 where the pair cannot be used.
    demand : float array, shape (cells,)
    most : float
        Beams that fit one cell.
    beams, capacity : float array, shape (satellites,)
    per_cell : int
    prices : float array, shape (2, satellites)
        What a beam [Mbit/s] and a Mbit/s of each satellite are worth: a guess, zeros if none, and then as found.
    served : float array, shape (cells,)
        Filled [Mbit/s].
    chosen : int array, shape (cells,)
        Filled: the first pair of each cell, -1 for none.
    load : float array, shape (pairs,)
        Filled [Mbit/s].

    Returns
    -------
    float
        Sum of `served`.
    """
    left_beams, left_capacity, room = beams.copy(), capacity.copy(), np.full(len(start) - 1, most)
    served[:], chosen[:], load[:] = 0.0, -1, 0.0
    _prices(start, satellite, rate, demand, most, beams, capacity, prices)
    order = _order(start, satellite, rate, demand, most, beams, capacity, prices)
    links, state = (start, satellite, rate), (room, left_beams, left_capacity, served, chosen, load)
    for turn in range(per_cell):
        for c in order:
            want = demand[c] - served[c]
            if want <= 1e-9 * demand[c] or room[c] <= 0.0:
                continue
            j = _choose(start, satellite, rate, c, want, room[c], prices, left_beams, left_capacity)
            if j < 0 or load[j] > 0.0:
                continue
            _serve(j, c, want, satellite, rate, room, left_beams, left_capacity, served, load)
            if turn == 0:
                chosen[c] = j
        for _ in range(_ROUNDS):
            won = _improve(links, demand, order, state, turn)
            if turn == 0:
                won |= _refill(links, demand, state)
            if not won:
                break
    return served.sum()


@njit(cache=True, nogil=True)
def _refill(links, demand, state):
    """Let each full satellite choose anew among its own cells and those that nobody serves, the best rate first.

    For beams shared in time that is the best choice: the knapsack is fractional. Returns whether anything was won.
    """
    start, satellite, rate = links
    room, left_beams, left_capacity, served, chosen, load = state
    cells, before = len(start) - 1, served.sum()
    count = np.zeros(len(left_beams) + 1, dtype=np.int64)
    for j in range(len(satellite)):
        count[satellite[j] + 1] += 1
    first = np.cumsum(count)
    at = first[:-1].copy()
    pair, cell = np.empty(len(satellite), dtype=np.int64), np.empty(len(satellite), dtype=np.int64)
    for c in range(cells):
        for j in range(start[c], start[c + 1]):
            s = satellite[j]
            pair[at[s]], cell[at[s]] = j, c
            at[s] += 1
    for s in range(len(left_beams)):
        if left_beams[s] > 1e-9 and left_capacity[s] > 1e-9:
            continue
        mine = np.arange(first[s], first[s + 1])
        for n in mine:
            c, j = cell[n], pair[n]
            if chosen[c] == j:
                _release(j, c, satellite, rate, room, left_beams, left_capacity, served, load)
                chosen[c] = -1
        for n in mine[np.argsort(-rate[pair[first[s] : first[s + 1]]])]:
            c, j = cell[n], pair[n]
            if chosen[c] >= 0 or rate[j] <= 0.0 or left_beams[s] <= 1e-9 or left_capacity[s] <= 1e-9:
                continue
            _serve(j, c, demand[c], satellite, rate, room, left_beams, left_capacity, served, load)
            chosen[c] = j
    return served.sum() > before * (1.0 + 1e-4)


@njit(cache=True, nogil=True)
def _serve(j, c, want, satellite, rate, room, left_beams, left_capacity, served, load):
    s = satellite[j]
    value = _value(want, rate[j], room[c], left_beams[s], left_capacity[s])
    load[j] += value
    served[c] += value
    room[c] -= value / rate[j]
    left_beams[s] -= value / rate[j]
    left_capacity[s] -= value


@njit(cache=True, nogil=True)
def _release(j, c, satellite, rate, room, left_beams, left_capacity, served, load):
    s = satellite[j]
    value = load[j]
    load[j] = 0.0
    served[c] -= value
    room[c] += value / rate[j]
    left_beams[s] += value / rate[j]
    left_capacity[s] += value


@njit(cache=True, nogil=True)
def _improve(links, demand, order, state, turn):
    """Make one round over the cells that are short; return whether anything was won."""
    start, satellite, rate = links
    room, left_beams, left_capacity, served, chosen, _ = state
    cells = len(start) - 1
    won = False
    # cells that a satellite serves first and that another one with room could take over, as linked lists
    head = np.full(len(left_beams), -1)
    following = np.full(cells, -1)
    for c in range(cells):
        if chosen[c] >= 0 and _has_way_out(start, satellite, rate, c, chosen[c], left_beams, left_capacity):
            s = satellite[chosen[c]]
            following[c] = head[s]
            head[s] = c
    for c in order:
        if demand[c] - served[c] <= 1e-6 * demand[c]:
            continue
        if turn > 0 and room[c] <= 0.0:
            continue
        if _move(links, demand, c, state, head, following):
            won = True
    return won


@njit(cache=True, nogil=True)
def _has_way_out(start, satellite, rate, c, own, left_beams, left_capacity):
    """Tell whether a cell sees another satellite with room."""
    for j in range(start[c], start[c + 1]):
        s = satellite[j]
        if j != own and rate[j] > 0.0 and left_beams[s] > 1e-9 and left_capacity[s] > 1e-9:
            return True
    return False


@njit(cache=True, nogil=True)
def _move(links, demand, c, state, head, following):
    """Try to serve more of one cell: by another satellite, or by moving a neighbour off a satellite that it wants."""
    start, satellite, rate = links
    room, left_beams, left_capacity, served, chosen, load = state
    own = chosen[c]
    before = load[own] if own >= 0 else 0.0
    if own >= 0:
        _release(own, c, satellite, rate, room, left_beams, left_capacity, served, load)
    want = demand[c] - served[c]
    best, at, neighbour, shift = before + 1e-6 * demand[c], -1, -1, -1
    for j in range(start[c], start[c + 1]):
        if rate[j] <= 0.0 or (load[j] > 0.0):
            continue
        s = satellite[j]
        value = _value(want, rate[j], room[c], left_beams[s], left_capacity[s])
        if value > best:
            best, at, neighbour = value, j, -1
        if value >= min(want, rate[j] * room[c]) * (1.0 - 1e-9):
            continue
        # someone else leaves the satellite s, where that costs less than it brings
        d, asked = head[s], 0
        while d >= 0 and asked < _NEIGHBOURS:
            asked += 1
            k = chosen[d]
            if d != c and k >= 0 and satellite[k] == s and load[k] > 0.0:
                used = load[k] / rate[k]
                gain = _value(want, rate[j], room[c], left_beams[s] + used, left_capacity[s] + load[k])
                if gain > best - load[k]:
                    for i in range(start[d], start[d + 1]):
                        o = satellite[i]
                        if o == s or rate[i] <= 0.0 or load[i] > 0.0:
                            continue
                        kept = _value(load[k], rate[i], room[d] + used, left_beams[o], left_capacity[o])
                        if gain + kept - load[k] > best:
                            best, at, neighbour, shift = gain + kept - load[k], j, d, i
            d = following[d]
    if at < 0:
        if own >= 0:
            _serve(own, c, want, satellite, rate, room, left_beams, left_capacity, served, load)
        return False
    if neighbour >= 0:
        k = chosen[neighbour]
        _release(k, neighbour, satellite, rate, room, left_beams, left_capacity, served, load)
        left = demand[neighbour] - served[neighbour]
        _serve(shift, neighbour, left, satellite, rate, room, left_beams, left_capacity, served, load)
        _relink(neighbour, satellite[k], satellite[shift], head, following)
        chosen[neighbour] = shift
    _serve(at, c, want, satellite, rate, room, left_beams, left_capacity, served, load)
    _relink(c, satellite[own] if own >= 0 else -1, satellite[at], head, following)
    chosen[c] = at
    return True


@njit(cache=True, nogil=True)
def _relink(c, old, new, head, following):
    """Take a cell from the list of one satellite to that of another; -1 for none."""
    if old >= 0:
        d, before = head[old], -1
        while d >= 0 and d != c:
            before, d = d, following[d]
        if d == c:
            if before < 0:
                head[old] = following[c]
            else:
                following[before] = following[c]
    following[c] = -1
    if new >= 0:
        following[c] = head[new]
        head[new] = c
