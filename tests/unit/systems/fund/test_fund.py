"""The fund: the closed form of its spending, the chance constraint, money that cannot be spent twice."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.fund.inputs import Design
from accord.systems.fund.intake import place
from accord.systems.fund.model import EXAMPLE, SYSTEM
from accord.systems.fund.portfolio import allocate, expected_cost_musd2025, scenario_costs
from accord.systems.fund.spending import spent_share


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.1, 12), st.floats(0, 4), st.floats(0.2, 5), st.floats(0.5, 6), st.floats(0.1, 6),
)  # fmt: skip
def test_spending_is_what_counting_project_by_project_gives(
    time: float, begin: float, duration: float, commitment: float, tau: float
) -> None:
    start = (np.arange(20_000) + 0.5) / 20_000 * commitment
    rate = -np.expm1(-start / tau)
    done = np.clip((time - start - begin) / duration, 0, 1)
    counted = float(np.sum(rate * done) / np.sum(rate))
    got = float(spent_share(np.array([time]), begin, duration, commitment, np.array([tau]))[0])
    assert got == pytest.approx(counted, abs=2e-4)


def _design(**changes: object) -> Design:
    return Design.model_validate({**copy.deepcopy(EXAMPLE), **changes})


def _kept(design: Design, projects: tuple[int, ...], costs: np.ndarray) -> bool:
    broken = int(np.sum(costs @ np.array(projects, dtype=float) > design.size_musd2025 + 1e-6))
    return broken <= int((1 - design.budget_reliability) * len(costs) + 1e-9)


def test_the_portfolio_is_the_best_of_all_by_enumeration() -> None:
    design = _design(size="12 MUSD2025")
    costs = scenario_costs(design, 40)
    plan = [expected_cost_musd2025(f) for f in design.fields]
    value = [f.weight * float(np.prod([s.planned_success for s in f.stages])) for f in design.fields]
    spans = []
    for field, cost in zip(design.fields, plan, strict=True):
        least, most = np.ceil(field.min_share * 12 / cost - 1e-9), np.floor(field.max_share * 12 / cost)
        spans.append(range(int(least), int(most) + 1))
    best = max(
        sum(v * n for v, n in zip(value, projects, strict=True))
        for projects in itertools.product(*spans)
        if _kept(design, projects, costs)
    )
    found = tuple(int(n) for n in allocate(design, costs))
    assert _kept(design, found, costs)
    assert sum(v * n for v, n in zip(value, found, strict=True)) == pytest.approx(best, rel=1e-9)


def test_more_certainty_buys_no_more_projects() -> None:
    worth = []
    for reliability in (0.5, 0.8, 0.95):
        design = _design(budget_reliability=reliability)
        projects = allocate(design, scenario_costs(design))
        worth.append(
            sum(
                n * np.prod([s.planned_success for s in f.stages])
                for n, f in zip(projects, design.fields, strict=True)
            )
        )
    assert worth[0] > worth[1] > worth[2]


def test_what_cannot_be_is_told() -> None:
    fields = copy.deepcopy(EXAMPLE["fields"])
    fields[1]["min_share"] = 1.0
    design = _design(fields=fields, budget_reliability=0.99)
    with pytest.raises(ModelError, match="lower min_share or budget_reliability"):
        allocate(design, scenario_costs(design))
    small = _design(size="0.1 MUSD2025", fields=[EXAMPLE["fields"][0]])
    with pytest.raises(ModelError, match="too small for a single project"):
        allocate(small, scenario_costs(small))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"min_share": 0.9, "max_share": 0.3}, "min_share exceeds max_share"),
        ({"id": "theory"}, "two fields are called 'theory'"),
        ({"min_share": 0.95, "max_share": 1.0}, "add up to more than 1"),
        ({"stages": [EXAMPLE["fields"][0]["stages"][0]] * 2}, "two stages are called 'proof'"),
    ],
)
def test_mistakes_in_the_file_are_named(change: dict[str, object], message: str) -> None:
    fields = copy.deepcopy(EXAMPLE["fields"])
    fields[0] |= change
    with pytest.raises(ValidationError, match=message):
        _design(fields=fields)


def test_no_more_leaves_than_came_in_and_none_comes_back() -> None:
    alone = Alone(SYSTEM)
    outputs, _ = alone.evaluate(alone.draw(256))
    curve = outputs["disbursed_by_year_musd2025"]
    assert np.all(np.diff(curve, axis=1) >= -1e-9)
    assert np.all(curve <= outputs["contributed_musd2025"][:, None] + 1e-9)
    assert np.all(outputs["disbursed_share"] <= 1 + 1e-12)
    assert 0.02 < np.median(outputs["disbursed_share"]) < 0.9
    assert np.all(outputs["doctorates"] <= outputs["students"])


def test_an_intake_fills_the_places_it_can_and_is_stable() -> None:
    design = _design()
    assert design.scholarships is not None
    intake = place(design.scholarships)
    assert (intake.placed, intake.blocking) == (16, 0)
    assert 0 < intake.first_choice <= 16
    few = design.scholarships.model_copy(update={"applicants": 5})
    assert place(few).placed == 5


def _told(precedents: list[dict[str, object]]) -> tuple[list[Any], list[Any], np.ndarray]:
    alone = Alone(SYSTEM, {**copy.deepcopy(EXAMPLE), "precedents": precedents})
    result = alone.result(512)
    return list(SYSTEM.remarks(result)), list(SYSTEM.figures(result)), result.outputs["contributed_musd2025"]


def test_precedents_stand_beside_the_members_and_change_no_number() -> None:
    known = {"name": "Known", "announced": 2010, "size": "40 MUSD2025", "paid_in": 0.25}
    unknown = {"name": "Unknown", "announced": 2016, "size": "60 MUSD2025"}
    remarks, figures, money = _told([unknown, known])
    above = float(np.mean(money > 0.25 * 100))
    assert f"paid in 25% to 25% (1 of 2 known); {above:.0%} of the members" in remarks[0].message
    assert remarks[0].level == "warning"  # beta(2, 2) is above a quarter in five of six
    rows = figures[-1].rows
    assert [row["fund"] for row in rows[:3]] == ["Known (2010)", "Known (2010)", "Unknown (2016)"]
    assert [(row["from"], row["to"]) for row in rows[:3]] == [(0.0, 10.0), (10.0, 40.0), (0.0, 60.0)]
    assert "not found" in rows[2]["part"]
    without = _told([])
    np.testing.assert_array_equal(without[2], money)
    assert without[0][0].code == "fund-no-precedents"
    assert len(without[1]) == len(figures) - 1
    assert _told([unknown])[0][0].code == "fund-precedents-unknown"
    high = _told([{**known, "paid_in": 0.95}])[0][0]
    assert high.level == "info"
