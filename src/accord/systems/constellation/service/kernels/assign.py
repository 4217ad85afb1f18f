"""Beams to cells at one moment: greedy by regret, moves, and each full satellite choosing anew."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["assign"]

_ROUNDS = 3
_STEPS, _QUIET = 60, 4  # of prices; the step by which nobody is wanted too much where nobody ever is
_BLUR, _WIDE, _MOMENTUM = (
    (0.2, 0.02),
    4.0,
    0.8,
)  # loss [1] within which satellites share a cell, first and last
# prices are tried as found, weaker and stronger; how often depends on the pairs, so that small problems, in which a
# single cell decides, are looked at longer
_WORK, _STRESS = 10_000, (1.0, 0.85, 1.15, 0.6, 0.3, 0.0)
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

    Descent with momentum on the dual of the linear programme (Polyak 1964, USSR Computational Mathematics and
    Mathematical Physics 4(5):1). A cell is spread over the satellites that pay nearly as well as the best, and what
    counts as nearly shrinks from step to step: with all of a cell at its best satellite prices swing and do not settle.
    `prices`, shape (2, satellites), is where to begin, and is changed.
    """
    count, cells = len(beams), len(start) - 1
    first = np.empty(cells + 1, dtype=np.int64)
    at = np.empty(len(rate), dtype=np.int64)
    gain, inverse = np.empty(len(rate)), np.empty(len(rate))
    n, typical = 0, 0.0
    for c in range(cells):
        first[c] = n
        for j in range(start[c], start[c + 1]):
            s = satellite[j]
            if rate[j] > 0.0 and beams[s] > 0.0 and capacity[s] > 0.0:
                at[n] = s
                inverse[n] = 1.0 / rate[j]
                gain[n] = _value(demand[c], rate[j], most, beams[s], capacity[s])
                typical = max(typical, rate[j])
                n += 1
    first[cells] = n
    used, speed, net = np.zeros((2, count)), np.zeros((2, count)), np.empty(max(n, 1))
    for turn in range(_STEPS):
        blur = _BLUR[0] * (_BLUR[1] / _BLUR[0]) ** (turn / (_STEPS - 1))
        used[:] = 0.0
        for c in range(cells):
            top = 0.0
            for j in range(first[c], first[c + 1]):
                net[j] = 1.0 - prices[1, at[j]] - prices[0, at[j]] * inverse[j]
                top = max(top, net[j])
            low = top - _WIDE * blur
            total = max(0.0, -low / (_WIDE * blur)) ** 4
            for j in range(first[c], first[c + 1]):
                if net[j] > low:
                    net[j] = ((net[j] - low) / (_WIDE * blur)) ** 4
                    total += net[j]
                else:
                    net[j] = 0.0
            for j in range(first[c], first[c + 1]):
                if net[j] > 0.0:
                    value = gain[j] * net[j] / total
                    used[0, at[j]] += value * inverse[j]
                    used[1, at[j]] += value
        for s in range(count):
            if beams[s] <= 0.0 or capacity[s] <= 0.0:
                continue
            for kind in range(2):
                limit = beams[s] if kind == 0 else capacity[s]
                scale = typical if kind == 0 else 1.0
                speed[kind, s] = _MOMENTUM * speed[kind, s] + min(used[kind, s] / limit - 1.0, 1.0)
                moved = prices[kind, s] + scale * blur * speed[kind, s]
                if moved <= 0.0:
                    speed[kind, s] = 0.0
                prices[kind, s] = min(max(moved, 0.0), 0.98 * scale)
        if turn == _QUIET and prices.max() == 0.0:
            break


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
    _prices(start, satellite, rate, demand, most, beams, capacity, prices)
    links, supply = (start, satellite, rate), (demand, most, beams, capacity)
    best, trials = -1.0, min(max(_WORK // max(len(rate), 1), 1), len(_STRESS))
    own_served, own_chosen, own_load = np.empty_like(served), np.empty_like(chosen), np.empty_like(load)
    for trial in range(trials):
        found = (own_served, own_chosen, own_load)
        total = _attempt(links, supply, per_cell, prices * _STRESS[trial], found)
        if total > best:
            best = total
            served[:], chosen[:], load[:] = own_served, own_chosen, own_load
    return best


@njit(cache=True, nogil=True)
def _attempt(links, supply, per_cell, prices, found):
    """Assign greedily at given prices, then improve; return what is served [Mbit/s]."""
    start, satellite, rate = links
    demand, most, beams, capacity = supply
    served, chosen, load = found
    left_beams, left_capacity, room = beams.copy(), capacity.copy(), np.full(len(start) - 1, most)
    served[:], chosen[:], load[:] = 0.0, -1, 0.0
    order = _order(start, satellite, rate, demand, most, beams, capacity, prices)
    state = (room, left_beams, left_capacity, served, chosen, load)
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
