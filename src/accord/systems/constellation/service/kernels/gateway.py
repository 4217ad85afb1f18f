"""Satellites to gateways at one moment, and what that leaves of the links of cells.

Nothing here calls what another file compiles: the cache on disk would not see that file change.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["closing", "connect", "contend", "want"]

_AGAIN = 3


@njit(cache=True, nogil=True)
def connect(start, gateway, rate, working, wanted, antennas, links, country, capacity, lands):
    """Give satellites their gateways at one moment: those that more cells want first, each its best free gateway.

    Parameters
    ----------
    start : int array, shape (satellites + 1,)
        Pairs of each satellite with the gateways that it sees.
    gateway, rate : int and float array, shape (pairs,)
        Rates [Mbit/s].
    working : bool array, shape (satellites,)
    wanted : float array, shape (satellites,)
        What its cells want of it; 0 for one that no cell sees.
    antennas : int
        Of each gateway.
    links : int
        Of each satellite.
    country : int array, shape (gateways,)
        Bit of the country a gateway stands in.
    capacity, lands : float and int array, shape (satellites,)
        Filled: what the links carry together, and the bits of the countries in which they land.

    Returns
    -------
    bool
        Whether a satellite that sees gateways was left without one.
    """
    left = np.full(len(country), antennas)
    count = len(working)
    used = np.full((count, links), -1)  # pairs in use
    capacity[:] = 0.0
    lands[:] = 0
    refused = False
    order = np.argsort(-wanted)
    for number in range(links):  # everyone gets a first link before anyone a second
        for s in order:
            if wanted[s] <= 0.0 or not working[s]:
                continue
            best, at = 0.0, -1
            for j in range(start[s], start[s + 1]):
                if rate[j] > best and left[gateway[j]] > 0 and not _in_use(used[s], gateway, gateway[j]):
                    best, at = rate[j], j
            if at < 0:
                at = _make_room(start, gateway, rate, used, s, left)
            if at >= 0:
                used[s, number] = at
                left[gateway[at]] -= 1
            elif number == 0 and start[s] < start[s + 1]:
                refused = True
    for s in range(count):
        for number in range(links):
            if used[s, number] >= 0:
                capacity[s] += rate[used[s, number]]
                lands[s] |= country[gateway[used[s, number]]]
    return refused


@njit(cache=True, nogil=True)
def contend(feeder, cells, satellites, sites, even):
    """Give satellites their gateways at one moment where antennas are short or traffic must land at home.

    Links are given one after another, each to the pair of satellite and gateway that adds most traffic to what the
    links before it leave: the greedy rule of maximal covering (Church & ReVelle 1974).

    Parameters
    ----------
    feeder : tuple
        ``start, gateway, rate`` as `connect` takes them.
    cells : tuple
        ``start, satellite, rate``: pairs of each cell with satellites, rate 0 where one cannot be used; ``demand``,
        shape (cells,) [Mbit/s]; ``most`` beams of a cell; ``bit`` of countries where its traffic may land.
    satellites : tuple
        ``working``, ``beams``, ``links`` of each, and ``capacity``, ``lands``, which are filled.
    sites : tuple
        ``antennas`` of each gateway, and ``country``, shape (gateways,).
    even : bool
        Whether a link takes the same share of every cell in its view, or cells with the best beams first. Neither is
        better everywhere: the first is near the truth where supply suffices, the second where it does not.
    """
    start, gateway, rate = feeder
    demand, most = cells[3], cells[4]
    working, beams, links, capacity, lands = satellites
    antennas, country = sites
    first, pair, cell = _cells_of(cells[0], cells[1], cells[2], len(working))
    view = (first, pair, cell, cells[2], cells[5], most)
    left, used = np.full(len(country), antennas), np.full((len(working), links), -1)
    rest = (demand.copy(), beams.copy())
    bound = np.empty(len(rate))  # of what each pair can add: it only falls while links are given
    ground = (start, gateway, rate, left, country)
    for number in range(links):  # everyone gets a first link before anyone a second
        bound[:] = np.inf
        while _give(ground, view, working, used, number, rest, bound, even):
            pass
    capacity[:], lands[:] = 0.0, 0
    for s in range(len(working)):
        for number in range(links):
            if used[s, number] >= 0:
                capacity[s] += rate[used[s, number]]
                lands[s] |= country[gateway[used[s, number]]]


@njit(cache=True, nogil=True)
def _give(ground, view, working, used, number, rest, bound, even):
    """Give one link to the pair that adds most; return whether there was one."""
    start, gateway, rate, left, country = ground
    best, at, to = 0.0, -1, -1
    for s in range(len(working)):
        if not working[s] or used[s, number] >= 0 or view[0][s] == view[0][s + 1]:
            continue
        for j in range(start[s], start[s + 1]):
            if bound[j] <= best or rate[j] <= 0.0 or _in_use(used[s], gateway, gateway[j]):
                continue
            if left[gateway[j]] <= 0 and _other(ground, used, j)[2] < 0:
                continue
            bound[j] = _adds(view, s, country[gateway[j]], rate[j], rest, even)
            if bound[j] > best:
                best, at, to = bound[j], j, s
    if at < 0:
        return False
    site = gateway[at]
    if left[site] <= 0:  # another satellite leaves for a gateway of the same country
        o, other, i = _other(ground, used, at)
        left[site] += 1
        left[gateway[i]] -= 1
        used[o, other] = i
    used[to, number] = at
    left[site] -= 1
    _take(view, to, country[site], rate[at], rest, even)
    return True


@njit(cache=True, nogil=True)
def _cells_of(start, satellite, rate, count):
    """Return the pairs of each satellite that can be used: starts, numbers and cells."""
    first = np.zeros(count + 1, dtype=np.int64)
    for j in range(len(satellite)):
        if rate[j] > 0.0:
            first[satellite[j] + 1] += 1
    first = np.cumsum(first)
    at, pair, cell = first[:-1].copy(), np.empty(first[-1], np.int64), np.empty(first[-1], np.int64)
    for c in range(len(start) - 1):
        for j in range(start[c], start[c + 1]):
            if rate[j] > 0.0:
                s = satellite[j]
                pair[at[s]], cell[at[s]] = j, c
                at[s] += 1
    for s in range(count):
        mine = slice(first[s], first[s + 1])
        order = np.argsort(-rate[pair[mine]])
        pair[mine], cell[mine] = pair[mine][order], cell[mine][order]
    return first, pair, cell


@njit(cache=True, nogil=True)
def _adds(view, s, country, capacity, rest, even):
    """Return what one more link could carry of what is left [Mbit/s]."""
    first, pair, cell, rate, bit, most = view
    wanting, beams = rest
    total, used = 0.0, 0.0
    for n in range(first[s], first[s + 1]):
        free = beams[s] if even else beams[s] - used
        if free <= 1e-9 or (total >= capacity and not even):
            break
        if bit[cell[n]] & country:
            value = min(wanting[cell[n]], rate[pair[n]] * min(most, free))
            total += value
            used += value / rate[pair[n]]
    if used > beams[s]:
        total *= beams[s] / used
    return min(total, capacity) + 1e-9 * capacity  # a hair more for the better link


@njit(cache=True, nogil=True)
def _take(view, s, country, capacity, rest, even):
    """Take from its cells what a link carries."""
    first, pair, cell, rate, bit, most = view
    wanting, beams = rest
    top, share, total = min(most, beams[s]), 1.0, 0.0
    if even:
        whole = 0.0
        for n in range(first[s], first[s + 1]):
            if bit[cell[n]] & country:
                whole += min(wanting[cell[n]], rate[pair[n]] * top)
        share = min(1.0, _adds(view, s, country, capacity, rest, even) / max(whole, 1e-12))
    for n in range(first[s], first[s + 1]):
        if beams[s] <= 1e-9 or total >= capacity:
            break
        if bit[cell[n]] & country:
            beam = rate[pair[n]] * (top if even else min(most, beams[s]))
            value = min(share * min(wanting[cell[n]], beam), capacity - total)
            total += value
            wanting[cell[n]] -= value
            beams[s] = max(0.0, beams[s] - value / rate[pair[n]])


@njit(cache=True, nogil=True)
def _other(ground, used, pair):
    """Return satellite, link and pair of one that could leave the gateway of `pair` for another of its country."""
    start, gateway, rate, left, country = ground
    site, free = gateway[pair], False
    for g in range(len(left)):
        free |= left[g] > 0 and country[g] == country[site]
    if not free:
        return -1, -1, -1
    for o in range(used.shape[0]):
        for number in range(used.shape[1]):
            if used[o, number] < 0 or gateway[used[o, number]] != site:
                continue
            for i in range(start[o], start[o + 1]):
                g = gateway[i]
                if (
                    rate[i] > 0.0
                    and left[g] > 0
                    and country[g] == country[site]
                    and not _in_use(used[o], gateway, g)
                ):
                    return o, number, i
    return -1, -1, -1


@njit(cache=True, nogil=True)
def _in_use(pairs, gateway, site):
    """Tell whether a satellite is linked to a gateway already."""
    found = False
    for j in pairs:
        found = found or (j >= 0 and gateway[j] == site)
    return found


@njit(cache=True, nogil=True)
def _make_room(start, gateway, rate, used, s, left):
    """Move another satellite to a gateway with a free antenna; return the pair that this frees for `s`, or -1."""
    for j in range(start[s], start[s + 1]):
        site = gateway[j]
        if rate[j] <= 0.0 or _in_use(used[s], gateway, site):
            continue
        for o in range(used.shape[0]):
            for number in range(used.shape[1]):
                if o == s or used[o, number] < 0 or gateway[used[o, number]] != site:
                    continue
                for i in range(start[o], start[o + 1]):
                    other = gateway[i]
                    if rate[i] > 0.0 and left[other] > 0 and not _in_use(used[o], gateway, other):
                        used[o, number] = i
                        left[other] -= 1
                        left[site] += 1
                        return j
    return -1


@njit(cache=True, nogil=True)
def want(start, satellite, rate, usable, working, pattern, own, wanted, most):
    """Leave out what cannot be used at one moment, and add up what cells want of each satellite.

    Parameters
    ----------
    start : int array, shape (cells + 1,)
        Pairs of each cell, counted from the first of all moments.
    satellite, rate, usable : array, shape (all pairs,)
    working : bool array, shape (satellites,)
    pattern : float array, shape (cells,)
    own : float array, shape (pairs of the moment,)
        Filled: the rate, 0 where the pair cannot be used.
    wanted, most : float array, shape (satellites,), (cells,)
        Filled: demand of the cells that could use each satellite; the best rate of each cell.
    """
    wanted[:] = 0.0
    for c in range(len(start) - 1):
        most[c] = 0.0
        for j in range(start[c], start[c + 1]):
            value = rate[j] if usable[j] and working[satellite[j]] else 0.0
            own[j - start[0]] = value
            if value > 0.0:
                wanted[satellite[j]] += pattern[c]
                most[c] = max(most[c], value)


@njit(cache=True, nogil=True)
def closing(start, satellite, usable, working, outage, capacity, lands, cell_country, weight, own):
    """Leave out satellites without a gateway where the cell's traffic may land; return the weight that is reached.

    A cell is reached by the link that is least likely not to close. `own` is changed in place.
    """
    reached = 0.0
    for c in range(len(start) - 1):
        least = 1.0
        for j in range(start[c], start[c + 1]):
            s = satellite[j]
            if capacity[s] <= 0.0 or (lands[s] & cell_country[c]) == 0:
                own[j - start[0]] = 0.0
            elif usable[j] and working[s]:
                least = min(least, outage[j])
        reached += weight[c] * (1.0 - least)
    return reached
