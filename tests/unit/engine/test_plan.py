"""Order of systems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.engine.plan import topological_levels
from accord.errors import PlanError


def test_levels_count_the_longest_way() -> None:
    edges = {"d": ["b", "c"], "a": [], "b": ["a"], "c": ["b"]}
    assert topological_levels(edges) == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_a_cycle_is_named() -> None:
    with pytest.raises(PlanError, match="a -> b -> a"):
        topological_levels({"a": ["b"], "b": ["a"]})


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=30))
def test_every_edge_goes_up(raw: list[list[int]]) -> None:
    edges = {str(i): [str(j) for j in set(row) if j < i] for i, row in enumerate(raw)}
    levels = topological_levels(edges)
    assert all(levels[up] < levels[name] for name, ups in edges.items() for up in ups)
