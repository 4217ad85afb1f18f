"""Input-output: the inverse, where value is added, and tables that contradict themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.trade.leontief import economy_of, output_multipliers, output_needed, value_added_by


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_every_demand_is_value_added_somewhere(seed, count):
    rng = np.random.default_rng(seed)
    sales = rng.random((count, count)) * (rng.random((count, count)) < 0.6)
    economy = economy_of(sales, sales.sum(axis=0) + 0.1 + rng.random(count))
    demand = rng.random(count)
    groups = [f"region{i % 3}" for i in range(count)]
    assert sum(value_added_by(economy, demand, groups).values()) == pytest.approx(demand.sum())
    inverse = np.linalg.inv(np.eye(count) - economy.coefficients)
    assert output_needed(economy, demand) == pytest.approx(inverse @ demand)
    assert output_multipliers(economy) == pytest.approx(inverse.sum(axis=0))
    many = rng.random((count, 5))
    assert output_needed(economy, many) == pytest.approx(inverse @ many)


def test_what_is_bought_abroad_adds_value_abroad():
    # home buys half of its inputs by value from a neighbour that buys nothing
    economy = economy_of(np.array([[0.0, 0.0], [50.0, 0.0]]), np.array([100.0, 80.0]))
    assert value_added_by(economy, np.array([10.0, 0.0]), ["home", "abroad"]) == pytest.approx(
        {"home": 5.0, "abroad": 5.0}
    )


def test_an_industry_that_makes_nothing_is_no_trouble():
    economy = economy_of(np.array([[10.0, 0], [0, 0]]), np.array([100.0, 0]))
    assert np.isfinite(output_multipliers(economy)).all()


@pytest.mark.parametrize(
    ("sales", "output", "words"),
    [
        (np.ones((2, 3)), np.ones(2), "square"),
        (np.array([[1.0, np.nan], [0, 0]]), np.ones(2), "missing"),
        (np.array([[-1.0, 0], [0, 0]]), np.ones(2), "at least zero"),
        (np.array([[2.0, 0], [0, 0]]), np.ones(2), "industry 0 buys 2 to make 1"),
    ],
)
def test_a_table_that_contradicts_itself(sales, output, words):
    with pytest.raises(ModelError, match=words):
        economy_of(sales, output)


def test_the_multipliers_of_the_pymrio_test_system():
    """Beside another code on its own table (six regions, eight sectors); its licence keeps the table there."""
    pymrio = pytest.importorskip(
        "pymrio", reason="the table comes with pymrio: see benchmarks/requirements.txt"
    )
    table = pymrio.load_test()
    total = pymrio.calc_x(table.Z, table.Y).to_numpy(float).ravel()
    economy = economy_of(table.Z.to_numpy(float), total)
    assert total.sum() == pytest.approx(3_324_005_349.3, abs=0.1)
    published = [1.6114, 1.5510, 1.0111, 1.7693, 1.0258, 1.0047, 1.0107, 1.0181]
    assert output_multipliers(economy)[:8] == pytest.approx(published, abs=1e-4)
    theirs = pymrio.calc_L(pymrio.calc_A(table.Z, total)).to_numpy(float)
    assert output_multipliers(economy) == pytest.approx(theirs.sum(axis=0), rel=1e-9)
