"""Figures say the numbers they show, also for schedules that never end or cost nothing."""

from __future__ import annotations

import json

import numpy as np

from accord.systems.delivery.model import SYSTEM


def test_the_stated_joint_confidence_is_that_of_the_members(bench):
    result = bench.result(500, **SYSTEM.example)
    joint = next(f for f in SYSTEM.figures(result) if f.id == "joint_confidence")
    share = 100 * np.mean(result.outputs["on_target"])
    assert f"{share:.0f} %" in joint.caption
    assert "53 to 57 %" in joint.caption


def test_specifications_are_plain_json_without_nan(bench):
    for figure in SYSTEM.figures(bench.result(100, **SYSTEM.example)):
        json.dumps(figure.spec, allow_nan=False)
        json.dumps(list(figure.rows), allow_nan=False)


def test_a_schedule_without_cost_has_no_cost_pictures(bench):
    result = bench.result(50, schedule=[{"id": "a", "name": "A", "duration": "5 month"}])
    assert [f.id for f in SYSTEM.figures(result)] == ["finish_dates", "criticality"]


def test_a_programme_that_is_always_stopped_still_has_its_pictures(bench):
    schedule = [{"id": "a", "name": "A", "duration": "900 month", "cost": {"fixed": "5 MUSD2025"}}]
    result = bench.result(50, schedule=schedule, risks={"r": {"probability": 1, "stops": ["a"]}})
    texts = " ".join(f.alt + f.caption for f in SYSTEM.figures(result))
    assert "None ever finishes" in texts
    assert "No budget and no date reach 70 %" in texts


def test_activities_of_one_name_are_told_apart(bench):
    schedule = [{"id": i, "name": "Unit", "duration": "5 month"} for i in ("a", "b")]
    rows = SYSTEM.figures(bench.result(50, schedule=schedule))[0].rows
    assert {row["activity"] for row in rows} == {"Unit (a)", "Unit (b)"}


def test_one_member_gives_no_figures(bench):
    assert SYSTEM.figures(bench.result(1, **SYSTEM.example)) == []
