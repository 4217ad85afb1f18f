"""The whole model on schedules small enough to work by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from accord.systems.delivery.network import NEVER_MONTH


def activity(name="a", duration="10 month", **fields):
    return {"id": name, "name": name.upper(), "duration": duration, **fields}


COST = {"fixed": "100 MUSD2025", "per_month": "3 MUSD2025/month"}
PLAIN = {"shared_cost_factor": 1.0, "real_escalation_per_yr": 0.0}
STRIKES = {"risk_trigger.r": 0.0, "risk_probability.r": 0.5}


def test_cost_is_fixed_plus_burn_times_duration(bench):
    out = bench.run(3, PLAIN, schedule=[activity(cost=COST), activity("b", "4 month", after=["a"])])
    assert out["cost_musd2025"] == pytest.approx(np.array([[130.0, 0.0]] * 3))
    assert out["total_cost_musd2025"] == pytest.approx(130.0)
    assert out["programme_finish_month"] == pytest.approx(14.0)
    assert out["start_month"][0].tolist() == [0.0, 10.0]


def test_a_delay_is_paid_for_by_the_month(bench):
    risk = {"probability": 0.5, "delay": "5 month", "hits": ["a"]}
    out = bench.run(3, {**PLAIN, **STRIKES}, schedule=[activity(cost=COST)], risks={"r": risk})
    assert out["finish_month"][:, 0] == pytest.approx(15.0)
    assert out["total_cost_musd2025"] == pytest.approx(145.0)


def test_a_risk_happens_only_below_its_probability(bench):
    risk = {"probability": 0.5, "delay": "5 month", "hits": ["a"]}
    over = {"risk_trigger.r": np.array([0.49, 0.5, 0.51])}
    out = bench.run(3, over, schedule=[activity()], risks={"r": risk})
    assert out["finish_month"][:, 0].tolist() == [15.0, 10.0, 10.0]


def test_a_probability_of_zero_never_and_of_one_always_strikes(bench):
    for probability, expected in ((0, 10.0), (1, 15.0)):
        risk = {"probability": probability, "delay": "5 month", "hits": ["a"]}
        out = bench.run(200, schedule=[activity()], risks={"r": risk})
        assert (out["finish_month"] == expected).all()


def test_a_window_decides_whether_the_activity_is_still_open(bench):
    start = bench.horizon.start
    window = [date(start.year, 7, 2).isoformat(), date(start.year + 2, 7, 2).isoformat()]  # months 6 to 30
    risk = {"probability": 0.5, "delay": "5 month", "hits": ["a"], "window": window}
    over = {**STRIKES, "risk_time.r": np.array([0.01, 0.15, 0.18, 0.99])}  # months 6.2, 9.6, 10.3, 29.7
    out = bench.run(4, over, schedule=[activity()], risks={"r": risk})
    assert out["finish_month"][:, 0].tolist() == [15.0, 15.0, 10.0, 10.0]


def test_a_stop_sinks_what_was_spent_and_blocks_what_waits(bench):
    length = bench.horizon.length_month
    risk = {"probability": 0.5, "stops": ["plant"]}
    schedule = [activity(cost=COST, system="plant"), activity("b", "5 month", after=["a"], cost=COST)]
    out = bench.run(2, {**PLAIN, **STRIKES, "risk_time.r": np.array([4.0, 40.0]) / length}, schedule=schedule,
                    risks={"r": risk})  # fmt: skip
    assert out["finish_month"][0].tolist() == [NEVER_MONTH, NEVER_MONTH]
    assert out["cost_musd2025"][0] == pytest.approx([40.0 + 12.0, 0.0])  # four of ten months
    assert out["cost_musd2025"][1] == pytest.approx([130.0, 115.0])
    assert out["delivered"][0].tolist() == [0.0, 0.0]
    assert out["on_target"].tolist() == [0.0, 1.0]


def test_cost_factors_multiply_and_scope_shrinks(bench):
    risks = {
        "r": {"probability": 1, "cost_factor": 1.5, "hits": ["a"]},
        "s": {"probability": 1, "cost_factor": 1.2, "scale": 0.4, "hits": ["a"]},
    }
    out = bench.run(2, PLAIN, schedule=[activity(cost=COST, system="x")], risks=risks)
    assert out["total_cost_musd2025"] == pytest.approx(130 * 1.8)
    assert out["scope"][:, 0] == pytest.approx(0.4)
    assert out["delivered_share"] == pytest.approx(0.4)


def test_escalation_runs_to_the_middle_of_the_work(bench):
    over = {**PLAIN, "real_escalation_per_yr": 0.05, "shared_cost_factor": 2.0}
    out = bench.run(
        2, over, schedule=[activity("w", "18 month"), activity(cost=COST, duration="12 month", after=["w"])]
    )
    assert out["total_cost_musd2025"] == pytest.approx(136 * 2 * 1.05 ** (24 / 12))


def test_a_milestone_takes_no_time_and_costs_its_fixed_amount(bench):
    out = bench.run(2, PLAIN, schedule=[activity(duration="0 month", cost=COST)])
    assert out["finish_month"][0, 0] == 0.0
    assert out["total_cost_musd2025"] == pytest.approx(100.0)


def test_a_milestone_behind_a_stopped_activity_costs_nothing(bench):
    risk = {"probability": 1, "stops": ["a"]}
    schedule = [activity(cost=COST), activity("b", "0 month", after=["a"], cost=COST)]
    out = bench.run(2, {**PLAIN, "risk_time.r": 0.01}, schedule=schedule, risks={"r": risk})
    assert out["cost_musd2025"][:, 1].tolist() == [0.0, 0.0]


def test_an_earliest_date_is_kept_and_one_before_the_horizon_is_harmless(bench):
    start = bench.horizon.start
    later = date(start.year + 1, start.month, start.day)
    out = bench.run(2, schedule=[activity(start=later.isoformat()), activity("b", start="2001-01-01")])
    assert out["start_month"][0] == pytest.approx([bench.horizon.months_to(later), 0.0])


def test_the_target_counts_budget_and_date_together(bench):
    over = {
        **PLAIN,
        "duration_month.a": np.array([10.0, 30.0, 10.0]),
        "fixed_musd2025.a": np.array([1.0, 1.0, 900.0]),
    }
    spread = {"dist": "lognormal", "p10": "8 month", "p90": "40 month"}
    finish = date(bench.horizon.start.year + 1, 12, 31).isoformat()
    out = bench.run(3, over, schedule=[activity(duration=spread, cost=COST)],
                    targets={"cost": "200 MUSD2025", "finish": finish})  # fmt: skip
    assert out["on_target"].tolist() == [1.0, 0.0, 0.0]


def test_without_a_budget_only_the_date_counts(bench):
    out = bench.run(2, {"fixed_musd2025.a": 1e9}, schedule=[activity(cost={"fixed": "1 MUSD2025"})])
    assert out["on_target"].tolist() == [1.0, 1.0]


def test_deliverables_are_the_activities_that_build_a_system(bench):
    late = "40 yr"
    out = bench.run(2, schedule=[activity("a", system="x"), activity("b", late, system="y"), activity("c")])
    assert out["delivered_share"] == pytest.approx(0.5)
    out = bench.run(2, schedule=[activity("a"), activity("b", late, after=["a"]), activity("c", after=["a"])])
    assert out["delivered_share"] == pytest.approx(0.5)  # none builds a system: the last ones count


def test_outside_is_inside_where_no_class_is_named(bench):
    spread = {"dist": "lognormal", "p10": "8 month", "p90": "40 month"}
    risk = {"probability": 0.4, "delay": "5 month", "cost_factor": 1.3, "hits": ["a"]}
    out = bench.run(300, schedule=[activity(duration=spread, cost=COST)], risks={"r": risk})
    for inside, outside in (
        ("finish_month", "outside_finish_month"),
        ("finish_month", "combined_finish_month"),
        ("cost_musd2025", "outside_cost_musd2025"),
        ("programme_finish_month", "outside_programme_finish_month"),
        ("total_cost_musd2025", "outside_total_cost_musd2025"),
    ):
        assert np.array_equal(out[inside], out[outside])


def test_the_class_scales_the_announced_figures(bench):
    from accord.systems.delivery import reference

    u = np.array([0.1, 0.5, 0.97])
    entry = activity(
        cost=COST, reference_class="nuclear_power", estimate="20 month", cost_estimate="50 MUSD2025"
    )
    out = bench.run(3, {"outside_rank.a": u, "outside_cost_rank.a": u[::-1].copy()}, schedule=[entry])
    classes = reference.read()
    assert out["outside_finish_month"][:, 0] == pytest.approx(
        20 * classes["nuclear_power", "schedule"].ppf(u)
    )
    assert out["outside_cost_musd2025"][:, 0] == pytest.approx(
        50 * classes["nuclear_power", "cost"].ppf(u[::-1])
    )


def test_inside_and_outside_share_the_rank_of_the_draw(bench):
    spread = {"dist": "lognormal", "p10": "8 month", "p90": "40 month"}
    out = bench.run(2000, schedule=[activity(duration=spread, reference_class="nuclear_power", gates=3)])
    inside, outside = out["finish_month"][:, 0], out["outside_finish_month"][:, 0]
    assert (np.diff(outside[np.argsort(inside)]) >= -1e-9).all()
    assert out["combined_finish_month"][:, 0] == pytest.approx(
        np.sqrt(inside * outside)
    )  # three gates: one half each


def test_without_any_review_the_class_speaks_alone(bench):
    out = bench.run(200, schedule=[activity(duration="20 month", reference_class="it")])
    assert out["combined_finish_month"] == pytest.approx(out["outside_finish_month"])


def test_the_outside_view_takes_stops_but_not_delays(bench):
    risks = {"r": {"probability": 1, "delay": "500 month", "hits": ["a"]}}
    entry = activity(reference_class="solar")
    late = bench.run(50, schedule=[entry], risks=risks)
    assert late["outside_finish_month"].max() <= 15.0
    stop = {"r": {"probability": 1, "stops": ["a"]}}
    out = bench.run(50, {"risk_time.r": 0.001}, schedule=[entry], risks=stop)
    assert (out["outside_finish_month"] == NEVER_MONTH).all()


def test_a_class_without_a_record_of_durations_changes_cost_only(bench):
    entry = activity(duration={"dist": "lognormal", "p10": "8 month", "p90": "40 month"}, cost=COST,
                     reference_class="public_infrastructure")  # fmt: skip
    out = bench.run(100, schedule=[entry])
    assert np.array_equal(out["finish_month"], out["outside_finish_month"])
    assert not np.allclose(out["cost_musd2025"], out["outside_cost_musd2025"])


def test_correlated_durations_widen_the_finish_of_a_chain(bench):
    """The engine applies the dependence that is declared; this shows that it matters."""
    spread = {"dist": "lognormal", "p10": "8 month", "p90": "20 month"}
    chain = [activity(f"a{i}", spread, after=[f"a{i - 1}"] if i else []) for i in range(8)]
    free = bench.run(4000, schedule=chain)["programme_finish_month"]
    same = bench.members(4000, schedule=chain)["duration_month.a0"]
    tied = bench.run(4000, {f"duration_month.a{i}": same for i in range(8)}, schedule=chain)
    assert np.std(tied["programme_finish_month"]) > 2 * np.std(free)
