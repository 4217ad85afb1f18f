"""Properties of the schedule network: against a plain simulation, and what must hold for any network."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.systems.delivery.network import NEVER_MONTH, Hit, critical, find_cycle, forward, order


@st.composite
def schedules(draw):
    """Draw an acyclic network with durations, earliest dates, delays and stops for a few members."""
    count, n = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    after = [
        draw(st.lists(st.integers(0, i - 1), max_size=3, unique=True)) if i else [] for i in range(count)
    ]
    month = st.integers(0, 40).map(float)
    rows = st.lists(month, min_size=n, max_size=n).map(np.array)
    times = st.lists(st.one_of(month, st.just(np.inf)), min_size=n, max_size=n).map(np.array)
    durations = [draw(rows) for _ in range(count)]
    earliest = [draw(month) for _ in range(count)]
    hits = [[Hit(draw(times), draw(rows)) for _ in range(draw(st.integers(0, 3)))] for _ in range(count)]
    stops = [[draw(times) for _ in range(draw(st.integers(0, 2)))] for _ in range(count)]
    return after, durations, earliest, hits, stops


def simulate(case, member):
    """Return start and finish of each activity of one member, event by event in the order of time."""
    after, durations, earliest, hits, stops = case
    start, finish = [0.0] * len(after), [0.0] * len(after)
    for a in range(len(after)):
        begin = max([earliest[a], *(finish[b] for b in after[a])])
        if begin >= NEVER_MONTH:
            start[a] = finish[a] = NEVER_MONTH
            continue
        events = [(hit.time_month[member], 0, hit.delay_month[member]) for hit in hits[a]]
        events += [(times[member], 1, 0.0) for times in stops[a]]
        end = begin + durations[a][member]
        start[a] = begin
        for time, stop, delay in sorted(events):
            if time >= end:
                break
            if stop:
                start[a] = NEVER_MONTH if time <= begin else begin
                end = NEVER_MONTH
                break
            end += delay
        finish[a] = end
    return start, finish


@settings(deadline=None, max_examples=200)
@given(schedules())
def test_the_forward_pass_is_the_simulation_in_time(case):
    dates = forward(*case)
    for member in range(len(case[1][0])):
        start, finish = simulate(case, member)
        assert dates.start_month[:, member].tolist() == pytest.approx(start)
        assert dates.finish_month[:, member].tolist() == pytest.approx(finish)


@settings(deadline=None, max_examples=100)
@given(schedules())
def test_members_do_not_know_their_neighbours(case):
    after, durations, earliest, hits, stops = case
    whole = forward(*case)
    for i in range(len(durations[0])):
        alone = forward(
            after,
            [d[i : i + 1] for d in durations],
            earliest,
            [[Hit(h.time_month[i : i + 1], h.delay_month[i : i + 1]) for h in row] for row in hits],
            [[t[i : i + 1] for t in row] for row in stops],
        )
        assert np.array_equal(alone.finish_month[:, 0], whole.finish_month[:, i])
        assert np.array_equal(alone.worked_month[:, 0], whole.worked_month[:, i])


@settings(deadline=None, max_examples=100)
@given(schedules(), st.integers(0, 6), st.integers(1, 20))
def test_longer_never_finishes_earlier(case, which, more):
    after, durations, earliest, hits, stops = case
    before = forward(*case).finish_month
    durations = list(durations)
    durations[which % len(after)] = durations[which % len(after)] + more
    assert (forward(after, durations, earliest, hits, stops).finish_month >= before).all()


@settings(deadline=None, max_examples=100)
@given(schedules())
def test_work_is_within_bounds_and_something_is_always_critical(case):
    dates = forward(*case)
    assert (dates.worked_month >= 0).all()
    assert (dates.worked_month <= dates.duration_month + 1e-9).all()
    assert (dates.start_month <= dates.finish_month).all()
    assert (dates.finish_month <= NEVER_MONTH).all()
    assert (critical(case[0], dates).sum(axis=0) >= 1).all()


@settings(deadline=None, max_examples=100)
@given(schedules())
def test_shortening_what_is_not_critical_changes_nothing(case):
    after, durations, earliest, _, _ = case
    free = [[] for _ in after]
    dates = forward(after, durations, earliest, free, free)
    path = critical(after, dates)
    shorter = [np.where(path[a] > 0, d, d * 0.5) for a, d in enumerate(durations)]
    again = forward(after, shorter, earliest, free, free)
    assert np.array_equal(again.finish_month.max(axis=0), dates.finish_month.max(axis=0))


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)))
def test_a_cycle_is_found_exactly_where_no_order_exists(after):
    after = {node: [b for b in before if b in after] for node, before in after.items()}
    place = {node: i for i, node in enumerate(after)}
    complete = len(order([[place[b] for b in before] for before in after.values()])) == len(after)
    path = find_cycle(after)
    assert complete == (path == [])
    assert all(early in after[late] for early, late in pairwise(path))
