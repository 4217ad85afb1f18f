"""What a file may say about a schedule, and the one clear line for what it may not."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from pydantic import ValidationError

from accord.contract import Ref
from accord.systems.delivery.inputs import Design
from accord.systems.delivery.model import SYSTEM


def activity(name="a", **fields):
    return {"id": name, "name": name.upper(), "duration": "10 month", **fields}


def refuse(words, **fields):
    with pytest.raises(ValidationError) as caught:
        Design.model_validate(fields)
    messages = [error["msg"] for error in caught.value.errors()]
    assert any(re.search(words, message) for message in messages), messages
    assert all("\n" not in message for message in messages)


def test_an_activity_reads_units_spreads_references_and_dates():
    cost = {"fixed": "2 GUSD2025", "per_month": "12 MUSD2025/yr"}
    design = Design.model_validate(
        {
            "schedule": [
                activity(duration="2 yr", cost=cost),
                activity("b", duration={"ref": "wait"}, after=["a"]),
            ]
        }
    )
    first, second = design.schedule
    assert first.duration_month.quantile(0.5) == pytest.approx(24)
    assert first.cost.fixed_musd2025.quantile(0.5) == pytest.approx(2000)
    assert first.cost.per_month_musd2025_per_month.quantile(0.5) == pytest.approx(1)
    assert second.duration_month == Ref("wait")
    assert design.ids == ("a", "b")


@pytest.mark.parametrize("values", [(9, 18, 48), (3, 9, 24), (6, 12, 36), (12, 24, 48)])
def test_a_triangle_through_p10_and_p90_may_reach_a_little_below_zero(values, bench):
    spread = {
        "dist": "triangular",
        **dict(zip(("p10", "mode", "p90"), (f"{v} month" for v in values), strict=True)),
    }
    outputs = bench.run(500, schedule=[activity(duration=spread)])
    assert outputs["finish_month"].min() >= 0.0


def test_a_duration_that_is_often_negative_is_refused():
    spread = {"dist": "normal", "mean": "2 month", "sd": "3 month"}
    refuse("negative in more than 5 %", schedule=[activity(duration=spread)])
    refuse("negative in more than 5 %", schedule=[activity(duration="-1 month")])
    refuse("cost.fixed: .*negative", schedule=[activity(cost={"fixed": "-3 MUSD2025"})])


def test_unknown_predecessor_names_the_likely_one():
    refuse(
        "activity 'b' waits for an unknown activity 'plnt': did you mean 'plant'",
        schedule=[activity("plant"), activity("b", after=["plnt"])],
    )


def test_a_circle_is_named_in_the_order_of_work():
    schedule = [
        activity("a", after=["c"]),
        activity("b", after=["a"]),
        activity("c", after=["b"]),
        activity("d"),
    ]
    with pytest.raises(ValidationError) as caught:
        Design.model_validate({"schedule": schedule})
    path = re.search(r"circle: (.*?)(;|$)", caught.value.errors()[0]["msg"])[1].split(" -> ")
    assert path[0] == path[-1]
    assert set(path) == {"a", "b", "c"}
    after = {entry["id"]: entry.get("after", []) for entry in schedule}
    assert all(early in after[late] for early, late in pairwise(path))


def test_an_activity_that_waits_for_itself_is_a_circle():
    refuse("circle: a -> a", schedule=[activity("a", after=["a"])])


def test_the_same_id_twice_is_refused():
    refuse("two activities have the id 'a'", schedule=[activity("a"), activity("a")])


def test_an_empty_schedule_is_refused():
    refuse("at least 1 item", schedule=[])


@pytest.mark.parametrize(
    ("risk", "words"),
    [
        ({"hits": ["nowhere"], "delay": "2 month"}, "risk 'r' hits an unknown activity or system"),
        ({"stops": ["nowhere"]}, "risk 'r' stops an unknown activity or system"),
        ({"hits": ["a"]}, "hits but has no effect"),
        ({"delay": "2 month"}, "hits nothing"),
        ({}, "neither hits nor stops"),
        ({"stops": ["a"], "window": ["2031-01-01", "2030-01-01"]}, "window ends .* before it begins"),
        ({"stops": ["a"], "probability": 1.2}, "outside the possible range"),
        ({"hits": ["a"], "delay": "-4 month"}, "negative"),
        ({"stops": ["a"], "probabilty": 0.1}, "Extra inputs"),
    ],
)
def test_a_risk_that_makes_no_sense_is_refused(risk, words):
    refuse(words, schedule=[activity("a")], risks={"r": {"probability": 0.1, **risk}})


def test_a_risk_may_name_a_system():
    design = Design.model_validate(
        {
            "schedule": [activity("a", system="plant")],
            "risks": {"r": {"probability": 0.1, "stops": ["plant"]}},
        }
    )
    assert design.risks["r"].stops == ("plant",)


def test_the_outside_view_needs_a_known_class_and_an_estimate():
    refuse(
        "unknown reference_class 'nuclear': did you mean 'nuclear_power'",
        schedule=[activity(reference_class="nuclear")],
    )
    refuse(
        "unknown country_class 'public_infra': did you mean 'public_infrastructure'",
        schedule=[activity(country_class="public_infra")],
    )
    wait = {"ref": "wait"}
    refuse("add estimate", schedule=[activity(duration=wait, reference_class="it")])
    cost = {"fixed": {"ref": "price"}}
    refuse("add cost_estimate", schedule=[activity(cost=cost, reference_class="it")])
    good = activity(
        duration=wait, cost=cost, reference_class="it", estimate="24 month", cost_estimate="9 MUSD2025"
    )
    assert Design.model_validate({"schedule": [good]}).schedule[0].estimate_month == 24


def test_references_pass_through_as_columns():
    design = Design.model_validate({"schedule": [activity(duration={"ref": "wait"})]})
    assert SYSTEM.columns(design)["duration_month.a"].value == Ref("wait")


def test_columns_are_exactly_what_the_design_brings():
    design = Design.model_validate(
        {
            "schedule": [activity("a", cost={"fixed": "3 MUSD2025"}), activity("b", reference_class="it")],
            "risks": {
                "r": {
                    "probability": 0.1,
                    "hits": ["a"],
                    "delay": "2 month",
                    "cost_factor": 1.2,
                    "scale": 0.5,
                },
                "s": {"probability": 0.1, "stops": ["b"]},
            },
        }
    )
    assert set(SYSTEM.columns(design)) == {
        "duration_month.a", "fixed_musd2025.a", "per_month_musd2025_per_month.a", "duration_month.b",
        "outside_rank.b", "risk_probability.r", "risk_trigger.r", "risk_delay_month.r", "risk_cost_factor.r",
        "risk_scale.r", "risk_probability.s", "risk_trigger.s", "risk_time.s",
    }  # fmt: skip


def test_durations_share_one_cause_and_named_risks_another():
    spread = {"dist": "lognormal", "p10": "4 month", "p90": "9 month"}
    risk = {"probability": 0.1, "stops": ["a"], "factor": "politics"}
    design = Design.model_validate(
        {
            "schedule": [activity("a", duration=spread), activity("b", duration=spread), activity("c")],
            "risks": {"r": risk, "s": risk, "t": {**risk, "factor": None}},
            "risk_correlation": 0.6,
        }
    )
    first, second = SYSTEM.dependence(design)
    assert first.names == ("duration_month.a", "duration_month.b")  # a constant cannot be correlated
    assert first.rho == 0.3
    assert second.names == ("risk_trigger.r", "risk_trigger.s")
    assert second.rho == 0.6


def test_no_group_where_nothing_can_move_together():
    lone = {"schedule": [activity("a", duration={"ref": "wait"}), activity("b")]}
    assert SYSTEM.dependence(Design.model_validate(lone)) == []
    spread = {"dist": "lognormal", "p10": "4 month", "p90": "9 month"}
    free = {"schedule": [activity(n, duration=spread) for n in "ab"], "activity_correlation": 0}
    assert SYSTEM.dependence(Design.model_validate(free)) == []
