"""Trade: the formulas by hand, the claim as a threshold, the port to the schedule."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.systems.trade import attribution, phase_in
from accord.systems.trade.inputs import Design
from accord.systems.trade.model import SYSTEM

CLAIM = {"claimed_uplift_low": "5 GUSD2025/yr", "claimed_uplift_high": "7 GUSD2025/yr"}
PLAIN = {
    "base_trade_gusd2025_per_yr": 68.7,
    "technology_share": 0.15,
    "depth": 0.5,
    "delivered_share": 0.4,
    "growth_per_yr": 0.02,
    "phase_in_factor": 1.0,
    "time_in_force_yr": 4.0,
    "annual_log_sd": 0.15,
}


def run(over=None, design=CLAIM, n=3, port=None):
    alone = Alone(SYSTEM, design=design or {"claimed_uplift_low": None})
    members = {k: np.broadcast_to(float(v), n) for k, v in {**PLAIN, **(over or {})}.items()}
    context = alone.context(0, n)
    if port is not None:
        context = replace(context, ports={"delivered": np.asarray(port, dtype=float)})
    return SYSTEM.evaluate(members, {}, context)


def test_the_uplift_is_the_published_equation():
    out = run()
    expected = 68.7 * 0.15 * 1.02**4 * (np.exp(0.705 * 0.5 * 0.4) - 1)
    assert out["attributable_uplift_gusd2025_per_yr"] == pytest.approx(expected)
    other = 68.7 * 0.15 * 1.02**4 * (np.exp(0.404 * 0.2) - 1)
    assert out["attributable_uplift_globalisation_gusd2025_per_yr"] == pytest.approx(other)
    assert out["full_depth_uplift_gusd2025_per_yr"] == pytest.approx(
        68.7 * 0.15 * 1.02**4 * (np.exp(0.705) - 1)
    )


def test_nothing_delivered_adds_nothing():
    out = run({"delivered_share": 0.0})
    assert (out["attributable_uplift_gusd2025_per_yr"] == 0).all()
    assert (out["full_depth_uplift_gusd2025_per_yr"] > 0).all()


def test_a_connected_schedule_replaces_the_delivered_share():
    out = run(port=[0.0, 0.4, 1.0])["attributable_uplift_gusd2025_per_yr"]
    assert out[0] == 0.0
    assert out[1] == run()["attributable_uplift_gusd2025_per_yr"][1]
    assert out[2] > out[1]


def test_the_share_needed_makes_the_ceiling_meet_the_claim():
    needed = run()["share_needed"][0]
    assert run({"technology_share": needed})["full_depth_uplift_gusd2025_per_yr"] == pytest.approx(5.0)


def test_the_implied_growth_leads_to_the_claim():
    out, reached = run(), 68.7 * 0.15
    for edge, name in ((5, "implied_growth_low_per_yr"), (7, "implied_growth_high_per_yr")):
        assert reached * (1 + out[name]) ** 4 == pytest.approx(reached + edge)


def test_one_edge_is_both_edges():
    out = run(design={"claimed_uplift_low": "5 GUSD2025/yr"})
    assert np.array_equal(out["implied_growth_low_per_yr"], out["implied_growth_high_per_yr"])


def test_without_a_claim_the_uplift_itself_is_asked_about():
    out = run(design={})
    reached = out["technology_trade_gusd2025_per_yr"]
    rise = reached * ((1 + out["implied_growth_low_per_yr"]) ** 4 - 1)
    assert rise == pytest.approx(out["attributable_uplift_gusd2025_per_yr"])
    assert (out["chance_without_programme"] > 0.9).all()


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"claimed_uplift_low": "7 GUSD2025/yr", "claimed_uplift_high": "5 GUSD2025/yr"}, "must not exceed"),
        ({"claimed_uplift_high": "5 GUSD2025/yr"}, "without claimed_uplift_low"),
        ({"claimed_uplift_low": "5 GUSD/yr"}, "year of its prices"),
        ({"claimed_uplift_low": "5 GUSD2025"}, "expected"),
        ({"claimed_uplift_low": "0 GUSD2025/yr"}, "outside"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(design, words):
    with pytest.raises(ValidationError, match=words):
        Design.model_validate(design)


def test_the_phase_in_is_linear_between_its_years_and_flat_afterwards():
    assert phase_in.effect(np.array([0.0, 2.0, 4.0, 12.0, 40.0]), "plain") == pytest.approx(
        [0.291, (0.291 + 0.705) / 2, 0.705, 0.993, 0.993]
    )


def test_the_chance_of_a_change_agrees_with_draws():
    z = np.random.default_rng(3).normal(size=1_000_000)
    for base, sd, change in ((68.7, 0.335, 6.0), (10.0, 0.8, 12.0), (5.0, 0.1, 2.0)):
        moved = np.abs(base * np.expm1(sd * z)) > change
        exact = attribution.chance_of_change(np.array([base]), np.array([sd]), np.array([change]))[0]
        assert exact == pytest.approx(moved.mean(), abs=4 * np.sqrt(exact * (1 - exact) / len(z)) + 1e-6)


def test_a_fall_by_more_than_everything_cannot_happen():
    only_up = attribution.chance_of_change(np.array([5.0]), np.array([0.5]), np.array([5.0]))[0]
    assert 0 < only_up < 0.2


def test_a_detectable_rise_is_exceeded_in_five_of_a_hundred_cases():
    z = np.random.default_rng(4).normal(size=400_000)
    limit = attribution.detectable(np.array([68.7]), np.array([0.3]))[0]
    assert np.mean(68.7 * np.expm1(0.3 * z) > limit) == pytest.approx(0.05, abs=0.002)


def test_the_verdict_on_a_large_claim_hinges_on_share_and_depth():
    """Wide priors leave a claim of 5 on 68.7 out of reach; a share of 15 % and full depth put it within."""
    alone = Alone(SYSTEM, design=CLAIM)
    members = alone.draw(20_000)
    members["base_trade_gusd2025_per_yr"] = np.full(20_000, 68.7)
    wide = alone.evaluate(members)[0]
    assert np.mean(wide["attributable_uplift_gusd2025_per_yr"] >= 5.0) < 1e-3
    members["technology_share"] = np.full(20_000, 0.15)
    assert np.mean(alone.evaluate(members)[0]["full_depth_uplift_gusd2025_per_yr"] >= 5.0) > 0.8


def test_figures_are_plain_json_and_name_the_odds():
    for design in (CLAIM, {"claimed_uplift_low": "5 GUSD2025/yr"}, None):
        result = Alone(SYSTEM, design=design).result(300)
        if design is None:
            result = replace(result, design=Design())
        figures = SYSTEM.figures(result)
        for figure in figures:
            json.dumps(figure.spec, allow_nan=False)
        assert ("No uplift is announced" in figures[0].alt) == (design is None)


def test_the_picture_of_drivers_sees_a_connected_schedule():
    alone = Alone(SYSTEM, design=CLAIM)
    members = alone.draw(500)
    port = np.linspace(0.0, 1.0, 500)
    context = replace(alone.context(0, 500), ports={"delivered": port})
    result = replace(alone.result(500), members=members, outputs=SYSTEM.evaluate(members, {}, context))
    rows = {row["assumption"]: row["rank correlation"] for row in SYSTEM.figures(result)[1].rows}
    tied = np.corrcoef(np.argsort(np.argsort(port)), np.argsort(np.argsort(
        result.outputs["attributable_uplift_gusd2025_per_yr"])))[0, 1]  # fmt: skip
    assert rows["share delivered"] == pytest.approx(tied, abs=0.02)
    assert rows["share delivered"] > 0.2
