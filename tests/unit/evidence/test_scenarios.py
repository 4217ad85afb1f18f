"""Scenarios drawn with the same numbers: differences member by member; and whether the members are enough."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.unit.engine.test_draw import column, plan_of

from accord.engine.draw import draw
from accord.evidence import convergence as convergence_module
from accord.evidence import scenarios as scenarios_module
from accord.evidence.convergence import convergence, growth_note, widest
from accord.evidence.ledger import Growth, Ledger, Row
from accord.evidence.quantity import NotAssessedError
from accord.evidence.quantity import Tested as Measured
from accord.evidence.scenarios import scenario_effects

N = 4096


def row(probability: float | None = 0.5) -> Row:
    return Row(
        id="A", class_="commitment", modality="will", source="s", lines=(1,), text="t", verdict="uncertain", reason="r",
        probability=probability,
    )  # fmt: skip


def run_of(limit: float, *, fails: bool = False) -> Any:
    plan = plan_of(column("a"))
    claim = SimpleNamespace(id="A", class_="commitment")
    programme = SimpleNamespace(scenarios={"x": SimpleNamespace(title="Another world")}, claims=[claim])
    return SimpleNamespace(
        plan=SimpleNamespace(programme=programme, tests={"A": (limit, fails)}), draws=draw(plan, N, seed=1)
    )


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(run: Any, test: tuple[float, bool]) -> Measured:
        limit, fails = test
        if fails:
            raise NotAssessedError("no model yet")
        a = run.draws.columns["a"]
        return Measured(
            values=a, holds=a <= limit, usable=np.ones(N, dtype=bool), unit="1", quantity="a", comparator="le",
            thresholds=(limit,), systems=(), alternatives={},
        )  # fmt: skip

    monkeypatch.setattr(scenarios_module, "measure", measure)
    monkeypatch.setattr(convergence_module, "measure", measure)


def test_a_difference_is_known_better_than_either_probability() -> None:
    ledger = Ledger(programme="p", title="P", rows=[row()])
    (effect,) = scenario_effects(run_of(0.50), ledger, {"x": run_of(0.51)})
    assert effect.probability == pytest.approx(0.51, abs=0.003)
    assert effect.difference == pytest.approx(0.01, abs=0.003)
    assert effect.difference_low is not None
    assert effect.difference_high is not None
    assert effect.difference_low < 0.01 < effect.difference_high
    assert effect.difference_high - effect.difference_low < 0.006
    assert effect.changed == round(effect.difference * N)
    assert effect.shown == "0.51"


def test_no_change_is_bounded_and_not_zero() -> None:
    ledger = Ledger(programme="p", title="P", rows=[row()])
    (effect,) = scenario_effects(run_of(0.5), ledger, {"x": run_of(0.5)})
    assert effect.difference == 0.0
    assert effect.changed == 0
    assert effect.difference_high == pytest.approx(3 / N)


def test_what_has_no_result_has_no_difference() -> None:
    ledger = Ledger(programme="p", title="P", rows=[row()])
    (effect,) = scenario_effects(run_of(0.5), ledger, {"x": run_of(0.5, fails=True)})
    assert effect.probability is None
    assert effect.difference is None
    assert (
        scenario_effects(run_of(0.5), Ledger(programme="p", title="P", rows=[row(None)]), {"x": run_of(0.5)})
        == []
    )


def test_convergence_ends_at_all_members() -> None:
    run = run_of(0.3)
    points = convergence(run, [row()])
    assert [p.members for p in points] == sorted({8 * max(16, 512 >> k) for k in range(8)})
    assert points[-1].probability == pytest.approx(0.3, abs=0.001)
    assert points[-1].high - points[-1].low < points[0].high - points[0].low


def test_the_least_settled_claim_is_named() -> None:
    found = widest(run_of(0.3))
    assert found.claim == "A"
    assert 0.0 < found.half < 0.01
    assert widest(run_of(0.3, fails=True)) == Growth(members=N, claim="", half=0.0)


def test_the_note_says_how_it_ended() -> None:
    sizes = [Growth(members=8, claim="A", half=0.2), Growth(members=16, claim="A", half=0.05)]
    assert "asks for no tolerance" in growth_note(sizes, None)
    assert "as the tolerance" in growth_note(sizes, 0.05)
    assert growth_note(sizes, 0.01).startswith("The budget ended at 16 members")
    assert "No claim is tested" in growth_note([Growth(members=8, claim="", half=0.0)], 0.01)
