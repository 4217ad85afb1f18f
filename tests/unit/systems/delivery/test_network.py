"""The forward pass on hand-made cases: delays in the order of time, stops, blocked successors."""

from __future__ import annotations

import numpy as np
import pytest

from accord.systems.delivery.network import NEVER_MONTH, Hit, critical, find_cycle, forward, order


def constant(*values):
    return [np.array([float(value)]) for value in values]


def run(after, durations, earliest=None, hits=None, stops=None):
    free = [[] for _ in after]
    return forward(after, durations, earliest or [0.0] * len(after), hits or free, stops or free)


def hit(time, delay):
    return Hit(np.array([float(time)]), np.array([float(delay)]))


def test_order_puts_everything_after_what_it_waits_for():
    after = [[3], [0], [0, 1], [], [2, 3]]
    placed = order(after)
    assert sorted(placed) == [0, 1, 2, 3, 4]
    assert all(placed.index(b) < placed.index(a) for a, before in enumerate(after) for b in before)


def test_a_duplicate_predecessor_counts_once():
    assert order([[], [0, 0]]) == [0, 1]


def test_no_cycle_gives_an_empty_path():
    assert find_cycle({"a": [], "b": ["a"], "c": ["a", "b"]}) == []


def test_a_cycle_behind_a_tail_is_found_without_the_tail():
    assert set(find_cycle({"a": [], "b": ["a", "d"], "c": ["b"], "d": ["c"], "e": ["d"]})) == {"b", "c", "d"}


def test_the_latest_predecessor_and_the_earliest_date_decide_the_start():
    dates = run([[], [], [0, 1], [2]], constant(3, 5, 2, 1), earliest=[0, 0, 0, 20])
    assert dates.start_month[:, 0].tolist() == [0, 0, 5, 20]
    assert dates.finish_month[:, 0].tolist() == [3, 5, 7, 21]


def test_a_delay_strikes_only_what_is_not_finished():
    early = run([[]], constant(10), hits=[[hit(4, 6)]])
    late = run([[]], constant(10), hits=[[hit(11, 6)]])
    waiting = run([[]], constant(10), earliest=[20], hits=[[hit(4, 6)]])
    assert [d.finish_month[0, 0] for d in (early, late, waiting)] == [16, 10, 36]


@pytest.mark.parametrize("turn", [1, -1])
def test_delays_follow_one_another_in_time_whatever_their_order_in_the_file(turn):
    # 10 -> 15 (struck at 9) -> 22 (struck at 14) -> the third, at 23, comes too late
    hits = [hit(9, 5), hit(14, 7), hit(23, 50)][::turn]
    assert run([[]], constant(10), hits=[hits]).finish_month[0, 0] == 22


def test_a_stop_ends_the_activity_and_all_that_waits_for_it():
    dates = run([[], [0], []], constant(10, 5, 3), stops=[constant(4), [], []])
    assert dates.finish_month[:, 0].tolist() == [NEVER_MONTH, NEVER_MONTH, 3]
    assert dates.start_month[:, 0].tolist() == [0, NEVER_MONTH, 0]
    assert dates.worked_month[:, 0].tolist() == [4, 0, 3]
    assert dates.stopped[:, 0].tolist() == [True, False, False]


def test_a_stop_before_the_start_means_that_it_never_starts():
    dates = run([[]], constant(10), earliest=[12], stops=[constant(4)])
    assert dates.start_month[0, 0] == NEVER_MONTH
    assert dates.worked_month[0, 0] == 0


def test_a_stop_after_the_finish_changes_nothing():
    dates = run([[]], constant(10), stops=[constant(10)])
    assert dates.finish_month[0, 0] == 10
    assert not dates.stopped[0, 0]


def test_the_earliest_of_several_stops_counts():
    assert run([[]], constant(10), stops=[constant(7, 3, np.inf)]).worked_month[0, 0] == 3


def test_later_than_a_hundred_years_is_never():
    dates = run([[], [0]], constant(2000, 1))
    assert dates.finish_month[:, 0].tolist() == [NEVER_MONTH, NEVER_MONTH]
    assert critical([[], [0]], dates)[:, 0].tolist() == [1, 0]


def test_the_critical_path_runs_through_the_longest_chain():
    after = [[], [0], [0], [1, 2], []]
    dates = run(after, constant(1, 5, 2, 1, 7))
    assert critical(after, dates)[:, 0].tolist() == [1, 1, 0, 1, 1]  # two paths of seven months


def test_waiting_for_a_date_breaks_the_critical_path():
    after = [[], [0]]
    dates = run(after, constant(3, 4), earliest=[0, 10])
    assert critical(after, dates)[:, 0].tolist() == [0, 1]


def test_in_a_stopped_programme_the_stopped_activity_is_critical():
    after = [[], [0], [1]]
    dates = run(after, constant(3, 4, 5), stops=[[], constant(5), []])
    assert critical(after, dates)[:, 0].tolist() == [0, 1, 0]
