"""Independent solves side by side: the compiled loops hold no lock, so threads are enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["cores", "side_by_side"]

Item = TypeVar("Item")
Found = TypeVar("Found")
_MOST = 4


def cores() -> int:
    """Return how many cores this process may use, four at most."""
    return min(
        _MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )


def side_by_side(function: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """Apply a function to each item, in order; the result does not depend on the number of threads.

    The first error stops what has not begun and is raised.
    """
    todo = list(items)
    threads = min(cores(), len(todo))
    if threads < 2:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(function, item) for item in todo]
        try:
            return [one.result() for one in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
