"""Satellites to gateways at one moment, and what that leaves of the links of cells.

Nothing here calls what another file compiles: the cache on disk would not see that file change.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["closing", "connect", "want"]


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
    """
    left = np.full(len(country), antennas)
    count = len(working)
    used = np.full((count, links), -1)  # pairs in use
    capacity[:] = 0.0
    lands[:] = 0
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
    for s in range(count):
        for number in range(links):
            if used[s, number] >= 0:
                capacity[s] += rate[used[s, number]]
                lands[s] |= country[gateway[used[s, number]]]


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
