"""Compiled year of key pools: key comes in by the day, demands ask by the day, first in first out."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["year_of_pools"]


@njit(cache=True, nogil=True)
def _chosen(held, ways, hops, bits, price, cap):
    """Return the way that `accord.systems.qkd.network.operation` takes, -1 for none."""
    found, least = -1, np.inf
    for w in range(len(hops)):
        cost, able = 0.0, hops[w] > 0
        for i in range(hops[w]):
            free = held[ways[w, i]]
            able &= free >= bits
            cost += 1.0 - free / cap if price > 0.0 else bits / max(float(free), 1e-9) + 0.1
        if able and cost < least:
            found, least = w, cost
    return -1 if price > 0.0 and least > price else found


@njit(cache=True, nogil=True)
def year_of_pools(made, ways, hops, bits, cap, price, days, blocked, taken, age, levels, lowest, used):
    """Run a year; deposits of a day come before its requests.

    Parameters
    ----------
    made : int64 array, shape (links, months)
        Key a day.
    ways, hops : int64 arrays, shapes (demands, ways, links) and (demands, ways)
        Links of each way, and how many; a way without links is none.
    bits : int64 array, shape (demands,)
        Asked each day.
    cap, price, days : int, float, int
        Room of a pool, what a way may cost (0: the cheapest, whatever it costs), days of a month.
    blocked, taken : int64 arrays, shapes (demands,) and (demands, ways)
        Filled: requests refused, and served by each way.
    age : int array, shape (demands,)
        Filled: 95th percentile of the days that the key used had waited.
    levels : int64 array, shape (links, months)
        Filled: key held at the end of each month.
    lowest, used : int64 arrays, shape (links,)
        Filled: the least key after a use, -1 where there was none; key used.
    """
    links, months = made.shape
    year = months * days
    held, oldest = np.zeros(links, np.int64), np.zeros(links, np.int64)
    waiting = np.zeros((links, year), np.int64)  # of each day's key, what is left
    waited = np.zeros((len(bits), year), np.int64)
    blocked[:] = 0
    taken[:] = 0
    used[:] = 0
    lowest[:] = -1
    for day in range(year):
        month = day // days
        for link in range(links):
            kept = min(made[link, month], cap - held[link])
            held[link] += kept
            waiting[link, day] = kept
        for d in range(len(bits)):
            way = _chosen(held, ways[d], hops[d], bits[d], price, cap)
            if way < 0:
                blocked[d] += 1
                continue
            taken[d, way] += 1
            for i in range(hops[d, way]):
                link = ways[d, way, i]
                held[link] -= bits[d]
                used[link] += bits[d]
                lowest[link] = held[link] if lowest[link] < 0 else min(lowest[link], held[link])
                left = bits[d]
                while left > 0:
                    part = min(left, waiting[link, oldest[link]])
                    waiting[link, oldest[link]] -= part
                    waited[d, day - oldest[link]] += part
                    left -= part
                    if waiting[link, oldest[link]] == 0:
                        oldest[link] += 1
        if day % days == days - 1:
            levels[:, month] = held
    for d in range(len(bits)):
        total, below = waited[d].sum(), 0
        age[d] = 0
        for n in range(year):
            below += waited[d, n]
            if total > 0 and below / total >= 0.95:
                age[d] = n
                break
