"""What each input decides, from the members of a run: shares that add up, and the assumption that holds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.unit.engine.test_draw import column, plan_of

from accord.engine.draw import draw
from accord.evidence.columns import Columns
from accord.evidence.influence import influences
from accord.evidence.ledger import Influences
from accord.evidence.quantity import Tested as Measured

NAMES = ("a", "b", "c")


def run_of(n: int = 8192, replicates: int = 8, **more: Any) -> Any:
    plan = plan_of(*(column(k) for k in NAMES), **more)
    return SimpleNamespace(plan=plan, draws=draw(plan, n, seed=3, replicates=replicates))


def measured_of(run: Any, values: np.ndarray, limit: float) -> Measured:
    return Measured(
        values=values, holds=values <= limit, usable=np.ones(len(values), dtype=bool), unit="1", quantity="y",
        comparator="le", thresholds=(limit,), systems=(), alternatives={},
    )  # fmt: skip


def found(run: Any, values: np.ndarray, limit: float, known: tuple[str, ...]) -> Influences:
    result = influences(run, NAMES, measured_of(run, values, limit), known, Columns(run))
    assert result is not None
    return result


def test_independent_inputs_have_first_order_shares_of_the_claim() -> None:
    """P(a + b > 1) with uniforms: a third of Var 1[claim] each."""
    run = run_of()
    x = run.draws.columns
    result = found(run, x["a"] + x["b"], 1.0, ("a", "b"))
    assert (result.method, result.of, result.tied, result.left) == ("first-order index", "claim", (), None)
    assert "independent" in result.assumption
    for row in result.rows:
        assert row.share == pytest.approx(1 / 3, abs=0.02)
        assert row.low < row.share < row.high
        assert row.pawn > result.pawn_noise


def test_correlated_inputs_have_shapley_effects() -> None:
    run = run_of(correlations=[("a", "c", 0.8)])
    x = run.draws.columns
    result = found(run, x["a"] + x["b"], 1.0, ("a", "b", "c"))
    assert result.method == "Shapley effect"
    assert result.tied == ("a", "c")
    by = {row.column: row for row in result.rows}
    assert by["c"].share > 0.1  # it says much of what a is, and no regression would count it
    assert sum(row.share for row in result.rows) + result.left == pytest.approx(1.0, abs=0.001)
    assert result.left < 0.1
    assert "Shapley" in result.assumption


def test_too_few_replicates_say_so() -> None:
    run = run_of(replicates=2, correlations=[("a", "c", 0.8)])
    x = run.draws.columns
    result = found(run, x["a"] + x["b"], 1.0, ("a", "b"))
    assert result.method == "first-order index"
    assert "too few" in result.assumption


def test_a_bent_influence_is_found_though_no_regression_sees_it() -> None:
    run = run_of()
    x = run.draws.columns
    result = found(run, (x["b"] - 0.5) ** 2 + 0.05 * x["a"], 0.08, ("a",))
    assert result.rows[0].column == "b"
    assert result.rows[0].share > 0.8


def test_a_claim_that_nearly_never_holds_is_looked_at_by_its_quantity() -> None:
    run = run_of()
    x = run.draws.columns
    result = found(run, x["a"] + 0.2 * x["b"], 1e-3, ("a", "b"))
    assert result.of == "quantity"
    assert result.rows[0].column == "a"
    assert "rank" in result.assumption


def test_nothing_uncertain_has_no_influences() -> None:
    run = run_of(n=256)
    flat = measured_of(run, np.full(256, 3.0), 1.0)
    assert influences(run, NAMES, flat, (), Columns(run)) is None
    assert influences(run, (), flat, (), Columns(run)) is None
