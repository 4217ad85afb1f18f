"""Independent solves side by side: the compiled loops hold no lock, so threads are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from accord.physics.cores import cores

__all__ = ["side_by_side"]

Item = TypeVar("Item")
Found = TypeVar("Found")
_MOST = 4


def side_by_side(function: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """Apply a function to each item, in order; the result does not depend on the number of threads.

    The first error stops what has not begun and is raised.
    """
    todo = list(items)
    threads = min(_MOST, cores(), len(todo))
    if threads < 2:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(function, item) for item in todo]
        try:
            return [one.result() for one in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
