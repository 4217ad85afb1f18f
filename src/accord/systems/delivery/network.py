"""The schedule network: order of activities, forward pass in time, and the critical path.

Activities are nodes, "finish before start" links are edges; time runs in months from the start of the
horizon. The forward pass is the critical path method (Kelley & Walker 1959), written on arrays over
ensemble members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

__all__ = ["NEVER_MONTH", "Dates", "Hit", "critical", "find_cycle", "forward", "order"]

NEVER_MONTH = (
    1200.0  # a hundred years: an activity that is stopped, or that would finish later, never finishes
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One risk as it strikes one activity.

    Attributes
    ----------
    time_month : float array, shape (n,) [month]
        When it strikes; infinite where it does not happen.
    delay_month : float array, shape (n,), or None [month]
        Added to the duration if the activity is not finished by then.
    """

    time_month: FloatArray
    delay_month: FloatArray | None


@dataclass(frozen=True, slots=True)
class Dates:
    """What the forward pass returns; each array has shape (activities, n).

    Attributes
    ----------
    start_month, finish_month : float array [month]
        `NEVER_MONTH` where the activity never starts or never finishes.
    duration_month : float array [month]
        Duration with the delays that struck, had nothing stopped it.
    worked_month : float array [month]
        Time worked until the finish or the stop; the cost of time runs over it.
    end_month : float array [month]
        Finish or stop, whichever came first: effects that strike later change nothing.
    stopped : bool array
        Stopped by a risk itself; activities that only wait for a stopped one are not marked.
    """

    start_month: FloatArray
    finish_month: FloatArray
    duration_month: FloatArray
    worked_month: FloatArray
    end_month: FloatArray
    stopped: BoolArray


def find_cycle(after: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one cycle as the ids along it in the order of work, first id repeated; empty when there is
    none."""
    left = dict(after)
    while free := [node for node, before in left.items() if not any(other in left for other in before)]:
        for node in free:
            del left[node]
    if not left:
        return []
    path: list[str] = []
    node = next(iter(left))
    while node not in path:  # whoever is left waits for another who is left
        path.append(node)
        node = next(other for other in left[node] if other in left)
    return [*path[path.index(node) :], node][::-1]


def order(after: Sequence[Sequence[int]]) -> list[int]:
    """Return activities in an order in which each comes after all that it waits for.

    Parameters
    ----------
    after : sequence of sequence of int
        For each activity the activities that must be finished before it starts; there must be no cycle.
    """
    placed: list[int] = []
    waiting = [len(set(before)) for before in after]
    followers: list[list[int]] = [[] for _ in after]
    for node, before in enumerate(after):
        for other in set(before):
            followers[other].append(node)
    ready = [node for node, count in enumerate(waiting) if count == 0]
    while ready:
        node = ready.pop(0)
        placed.append(node)
        for other in followers[node]:
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    return placed


def forward(
    after: Sequence[Sequence[int]],
    duration_month: Sequence[FloatArray],
    earliest_month: Sequence[float],
    hits: Sequence[Sequence[Hit]],
    stops: Sequence[Sequence[FloatArray]],
) -> Dates:
    """Date every activity in every member.

    Parameters
    ----------
    after : sequence of sequence of int
        For each activity the activities it waits for (an acyclic graph).
    duration_month : sequence of float array, shape (n,) [month]
        Undisturbed duration of each activity.
    earliest_month : sequence of float [month]
        No activity starts before its own earliest date.
    hits : sequence of sequence of Hit
        Risks that delay each activity.
    stops : sequence of sequence of float array, shape (n,) [month]
        Times at which risks stop each activity; infinite where they do not.

    Returns
    -------
    Dates
    """
    shape = (len(after), len(duration_month[0]))
    start, finish, full, worked, ends = (np.empty(shape) for _ in range(5))
    stopped = np.zeros(shape, dtype=bool)
    for a in order(after):
        begin = start[a]
        begin[:] = earliest_month[a]
        for before in after[a]:
            np.maximum(begin, finish[before], out=begin)
        end = _disturbed_finish(begin, duration_month[a], hits[a])
        np.subtract(end, begin, out=full[a])
        worked[a] = full[a]
        if stops[a]:
            halt = np.minimum.reduce(list(stops[a]))
            stopped[a] = (halt < end) & (begin < NEVER_MONTH)
            worked[a] = np.where(stopped[a], np.clip(halt - begin, 0.0, None), worked[a])
            ends[a] = np.where(stopped[a], halt, end)
            begin[stopped[a] & (halt <= begin)] = NEVER_MONTH
            end[stopped[a]] = NEVER_MONTH
        else:
            ends[a] = end
        worked[a][begin >= NEVER_MONTH] = 0.0
        np.minimum(begin, NEVER_MONTH, out=begin)
        np.minimum(end, NEVER_MONTH, out=finish[a])
    return Dates(start, finish, full, worked, ends, stopped)


def _disturbed_finish(begin: FloatArray, duration: FloatArray, hits: Sequence[Hit]) -> FloatArray:
    """Return the finish with every delay whose risk strikes before it.

    A delay may push the finish past the time of another risk, which then strikes too. The smallest finish
    that is consistent with itself is the one that follows the risks in the order of time; it is found in at
    most one step for each risk.
    """
    plain = begin + duration
    delays = [hit for hit in hits if hit.delay_month is not None]
    end = plain.copy()
    for _ in delays:
        moved = plain.copy()
        for hit in delays:
            assert hit.delay_month is not None
            moved += np.where(hit.time_month < end, hit.delay_month, 0.0)
        if np.array_equal(moved, end):
            break
        end = moved
    return end


def critical(after: Sequence[Sequence[int]], dates: Dates) -> FloatArray:
    """Mark the activities that decide when the programme finishes.

    From the last finish backwards: an activity is critical if a critical activity starts at the moment it
    finishes. In members where risks stop the programme, the stopped activities themselves are critical and
    nothing else.

    Returns
    -------
    float array, shape (activities, n) [1]
        1 on the critical path, else 0.
    """
    last = np.maximum.reduce(dates.finish_month, axis=0)
    on_path = (dates.finish_month == last) & (last < NEVER_MONTH)
    for a in reversed(order(after)):
        for before in after[a]:
            on_path[before] |= on_path[a] & (dates.start_month[a] == dates.finish_month[before])
    stuck = last >= NEVER_MONTH
    culprit = dates.stopped | ((dates.finish_month >= NEVER_MONTH) & (dates.start_month < NEVER_MONTH))
    return np.where(stuck, culprit, on_path).astype(float)
