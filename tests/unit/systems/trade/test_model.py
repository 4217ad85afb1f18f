"""Trade: the formulas by hand, the claim as a threshold, the port to the schedule."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.trade import attribution, model, phase_in
from accord.systems.trade.hinges import chance, needed_share
from accord.systems.trade.inputs import Design
from accord.systems.trade.model import SYSTEM

CLAIM = {"claimed_uplift_low": "5 GUSD2025/yr", "claimed_uplift_high": "7 GUSD2025/yr"}
FOLDER = Path(model.__file__).parent
TABLES = {**CLAIM, **SYSTEM.example}
YEARLY = "attributable_uplift_gusd2025_per_yr"
THEN = "uplift_then_gusd2025_per_yr"
PLAIN = {
    "base_trade_gusd2025_per_yr": 68.7,
    "technology_share": 0.15,
    "depth": 0.5,
    "delivered_share": 0.4,
    "growth_per_yr": 0.02,
    "phase_in_factor": 1.0,
    "time_in_force_yr": 4.0,
    "elasticity": 7.0,
    "annual_log_sd": 0.15,
}


def run(over=None, design=CLAIM, n=3, port=None):
    alone = Alone(SYSTEM, design=design or {"claimed_uplift_low": None}, folder=FOLDER)
    members = {k: np.broadcast_to(float(v), n) for k, v in {**PLAIN, **(over or {})}.items()}
    context = alone.context(0, n)
    if port is not None:
        context = replace(context, ports={"delivered": np.asarray(port, dtype=float)})
    return SYSTEM.evaluate(members, alone.prepared(), context)


def test_the_uplift_is_the_published_equation():
    out = run()
    expected = 68.7 * 0.15 * 1.02**4 * (np.exp(0.705 * 0.5 * 0.4) - 1)
    assert out[THEN] == pytest.approx(expected)
    assert out[YEARLY][:, 4] == pytest.approx(expected)
    other = 68.7 * 0.15 * 1.02**4 * (np.exp(0.404 * 0.2) - 1)
    assert out["attributable_uplift_globalisation_gusd2025_per_yr"][:, 4] == pytest.approx(other)
    assert out["full_depth_uplift_gusd2025_per_yr"] == pytest.approx(
        68.7 * 0.15 * 1.02**4 * (np.exp(0.705) - 1)
    )


def test_nothing_delivered_adds_nothing():
    out = run({"delivered_share": 0.0}, design=TABLES)
    assert (out[YEARLY] == 0).all()
    assert np.abs(out["equilibrium_uplift_gusd2025_per_yr"]).max() < 1e-8
    assert np.abs(out["partner_sales_change_gusd2025_per_yr"]).max() < 1e-8
    assert (out["full_depth_uplift_gusd2025_per_yr"] > 0).all()


def test_what_is_delivered_late_has_been_in_force_for_less():
    years = np.arange(31)
    late = np.where(years >= 3, 0.4, 0.0)
    out = run(port=np.stack([np.full(31, 0.4), late, np.where(years >= 9, 1.0, 0.0)]))
    grown = 68.7 * 0.15 * 1.02**4
    assert out[YEARLY][0, 4] == pytest.approx(run()[YEARLY][0, 4])
    age = 4 - 2.5  # delivered in the third year: from its middle
    effect = 0.291 + 0.414 * age / 4
    assert out[YEARLY][1, 4] == pytest.approx(grown * np.expm1(0.5 * 0.4 * effect))
    assert (out[YEARLY][1, :3] == 0).all()
    assert (out[YEARLY][2, :9] == 0).all()  # nothing of a later year counts at the claim
    assert out["delivered_then"] == pytest.approx([0.4, 0.4, 0.0])


def test_a_share_at_the_end_of_the_horizon_is_refused_as_a_port():
    with pytest.raises(ModelError, match="delivered_share_by_year"):
        run(port=[0.0, 0.4, 1.0])


def test_the_date_of_the_claim_takes_the_place_of_the_time():
    start = Alone(SYSTEM, design=CLAIM).context(0, 1).horizon.start
    day = start.replace(year=start.year + 8)
    out = run(design={**CLAIM, "claimed_by": day.isoformat()})
    assert out[THEN] == pytest.approx(run({"time_in_force_yr": 8.0})[THEN], rel=1e-3)
    assert out[THEN] == pytest.approx(out[YEARLY][:, 8], rel=1e-3)


def test_a_claim_before_the_horizon_is_refused():
    with pytest.raises(ModelError, match="after the start of the horizon"):
        run(design={**CLAIM, "claimed_by": "2020-12-31"})


def test_accounting_counts_the_whole_rise():
    out = run()
    reached = out["technology_trade_gusd2025_per_yr"]
    assert out["accounting_rise_gusd2025_per_yr"][:, 4] == pytest.approx(
        reached * (1.02**4 - 1) + out[YEARLY][:, 4]
    )
    nothing = run({"depth": 0.0})["accounting_rise_gusd2025_per_yr"]
    assert nothing[:, 10] == pytest.approx(reached * (1.02**10 - 1))


def test_without_a_table_general_equilibrium_holds_prices():
    out = run()
    assert np.array_equal(out["equilibrium_uplift_gusd2025_per_yr"], out[YEARLY])
    assert out["partner_sales_change_gusd2025_per_yr"].shape == (3, 0)
    assert out["value_added_gusd2025_per_yr"].shape == (3, 0)


def test_general_equilibrium_answers_less_than_the_direct_effect_and_third_regions_lose():
    out = run({"depth": 1.0, "delivered_share": 1.0, "technology_share": 0.8}, design=TABLES)
    direct, answered = out[YEARLY], out["equilibrium_uplift_gusd2025_per_yr"]
    assert (answered > 0).all()
    assert (answered < direct).all()
    assert answered[0, 4] == pytest.approx(direct[0, 4], rel=0.25)  # small against what regions make
    sales = out["partner_sales_change_gusd2025_per_yr"][0]
    assert (sales[:2] > 0).all()
    assert (sales[2:] < 0).all()
    income = out["real_income_change"][0]
    assert (income[:2] > 0).all()
    assert income[2:].min() < 0


def test_trade_that_is_tiny_moves_no_prices(tmp_path):
    rows = ["exporter,importer,flow_gusd2025_per_yr"]
    for a in "xyz":
        rows += [f"{a},{b},{1e6 if a == b else 1}" for b in "xyz"]
    (tmp_path / "f.csv").write_text("\n".join(rows))
    alone = Alone(
        SYSTEM, design={"flows": "f.csv", "between": ["x", "y"], "regions": ["x", "y", "z"]}, folder=tmp_path
    )
    out = alone.evaluate({k: np.full(2, v) for k, v in PLAIN.items()})[0]
    assert out["equilibrium_uplift_gusd2025_per_yr"] == pytest.approx(out[YEARLY], rel=1e-4)


def test_value_added_is_the_uplift_divided_by_where_it_is_made():
    out = run(design=TABLES)
    assert out["value_added_gusd2025_per_yr"].sum(axis=1) == pytest.approx(out[THEN])
    assert (out["value_added_gusd2025_per_yr"] > 0).all()


def test_a_history_tells_how_trade_varies_by_itself():
    rng = np.random.default_rng(1)
    history = np.cumprod(np.exp(rng.normal(0.03, 0.2, 31))) * 40
    design = {**CLAIM, "history": [f"{v} GUSD2025/yr" for v in history]}
    out = run(design=design, n=4000)
    log_sd = np.log1p(out["detectable_uplift_gusd2025_per_yr"] / 68.7) / 1.6448536 / 2.0
    own = np.std(np.diff(np.log(history)), ddof=1)
    assert np.median(log_sd) == pytest.approx(own, rel=0.03)
    low, high = np.quantile(log_sd, [0.05, 0.95])
    expected = own * np.sqrt(29 / stats.chi2.ppf([0.95, 0.05], 29))
    assert [low, high] == pytest.approx(expected, rel=0.03)


def test_power_is_chance_without_an_effect_and_certainty_with_a_large_one():
    none = run({"depth": 0.0})
    assert none["detection_power"] == pytest.approx(0.05)
    assert none["technology_detection_power"] == pytest.approx(0.05)
    strong = run({"depth": 1.0, "delivered_share": 1.0, "annual_log_sd": 0.05})
    assert (strong["technology_detection_power"] > 0.99).all()
    assert (strong["detection_power"] < strong["technology_detection_power"]).all()
    z = np.random.default_rng(2).normal(size=400_000)
    trade, sd, added = 50.0, 0.2, 9.0
    seen = np.mean(sd * z + np.log1p(added / trade) > 1.6448536 * sd)
    power = attribution.detection_power(np.array([trade]), np.array([sd]), np.array([added]))[0]
    assert power == pytest.approx(seen, abs=0.003)


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
    assert rise == pytest.approx(out[THEN])
    assert (out["chance_without_programme"] > 0.9).all()


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"claimed_uplift_low": "7 GUSD2025/yr", "claimed_uplift_high": "5 GUSD2025/yr"}, "must not exceed"),
        ({"claimed_uplift_high": "5 GUSD2025/yr"}, "without claimed_uplift_low"),
        ({"claimed_uplift_low": "5 GUSD/yr"}, "year of its prices"),
        ({"claimed_uplift_low": "5 GUSD2025"}, "expected"),
        ({"claimed_uplift_low": "0 GUSD2025/yr"}, "outside"),
        ({"history": ["5 GUSD2025/yr"] * 3}, "expected at least 5"),
        ({"history": ["5 GUSD/yr"] * 8}, "year of its prices"),
        ({"history": ["5 GUSD2025/yr"] * 8}, "same rate every year"),
        ({"flows": "f.csv"}, "belong together"),
        ({"between": ["a", "b"]}, "belong together"),
        ({"flows": "f.csv", "between": ["a", "a"]}, "two different"),
        ({"flows": "../f.csv", "between": ["a", "b"]}, "pattern"),
        ({"production": {"file": "p.csv", "goods": {"a.x": 0.5}}}, "add up to 0.5"),
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
    assert np.mean(wide[THEN] >= 5.0) < 1e-3
    members["technology_share"] = np.full(20_000, 0.15)
    assert np.mean(alone.evaluate(members)[0]["full_depth_uplift_gusd2025_per_yr"] >= 5.0) > 0.8


def test_the_map_of_the_verdict_agrees_with_the_members():
    alone = Alone(SYSTEM, design=CLAIM)
    members = alone.draw(4000)
    members["technology_share"], members["depth"] = np.full(4000, 0.3), np.full(4000, 0.9)
    out = alone.evaluate(members)[0]
    grown = out["baseline_trade_gusd2025_per_yr"]
    effect = members["phase_in_factor"] * members["delivered_share"] * phase_in.effect(np.array(5.0), "plain")
    assert chance(grown, effect, 0.3, 0.9, 5.0) == np.mean(out[THEN] >= 5.0)
    even = needed_share(grown, effect, 0.9, 5.0)
    assert (
        chance(grown, effect, even * 0.999, 0.9, 5.0) <= 0.5 <= chance(grown, effect, even * 1.001, 0.9, 5.0)
    )
    assert needed_share(grown, 0 * effect, 0.9, 5.0) == np.inf


def test_figures_are_plain_json_and_name_the_odds():
    for design in (CLAIM, {"claimed_uplift_low": "5 GUSD2025/yr"}, TABLES, None):
        result = Alone(SYSTEM, design=design, folder=FOLDER).result(300)
        if design is None:
            result = replace(result, design=Design(), prepared={}, labels={"region": (), "origin": ()})
        figures = {figure.id: figure for figure in SYSTEM.figures(result)}
        for figure in figures.values():
            json.dumps(figure.spec, allow_nan=False)
        assert ("No uplift is announced" in figures["routes"].alt) == (design is None)
        assert ("hinge_map" in figures) == (design is not None)
        assert ("losers" in figures) == ("value_added" in figures) == (design is TABLES)
        assert ("General equilibrium is not assessed" in figures["routes"].caption) == (design is not TABLES)


def test_the_picture_of_drivers_sees_a_connected_schedule():
    alone = Alone(SYSTEM, design=CLAIM)
    members = alone.draw(500)
    port = np.linspace(0.0, 1.0, 500)[:, None] * np.ones(31)
    context = replace(alone.context(0, 500), ports={"delivered": port})
    result = replace(alone.result(500), members=members, outputs=SYSTEM.evaluate(members, {}, context))
    figure = next(f for f in SYSTEM.figures(result) if f.id == "hinges")
    rows = {row["assumption"]: row["rank correlation"] for row in figure.rows}
    tied = np.corrcoef(np.argsort(np.argsort(port[:, 0])), np.argsort(np.argsort(result.outputs[THEN])))[0, 1]
    assert rows["share delivered by then"] == pytest.approx(tied, abs=0.02)
    assert rows["share delivered by then"] > 0.2
