"""The supply chain: concentration by hand, cuts against brute force, shortages through the network."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.systems.delivery import chain
from accord.systems.delivery.inputs import Design
from accord.systems.delivery.model import SYSTEM
from accord.systems.delivery.supply import Supply

PLAIN = {"id": "a", "name": "A", "duration": "10 month", "cost": {"per_month": "2 MUSD2025/month"}}


def supplier(name, country="x", share=1.0, **more):
    return {"id": name, "country": country, "share": share, **more}


def component(name, *suppliers, **more):
    return {"id": name, "name": name.upper(), "recovery": "12 month", "suppliers": list(suppliers), **more}


def supply(*components, **losses):
    return Supply.model_validate({"components": list(components), "losses": losses})


def run(n=4, schedule=(PLAIN,), **design):
    alone = Alone(SYSTEM, design={"schedule": list(schedule), **design})
    return alone.evaluate(alone.draw(n))[0], alone


def test_concentration_of_shares_and_countries():
    assert chain.hhi([0.5, 0.3, 0.2]) == pytest.approx(3800)
    assert chain.hhi([1.0]) == 10_000
    chips = supply(
        component("chips", supplier("p", "x", 0.5), supplier("q", "x", 0.3), supplier("r", "y", 0.2))
    )
    assert chain.country_hhi(chips.components[0]) == pytest.approx(80**2 + 20**2)


def test_a_single_supplier_further_up_is_a_single_point():
    made = supply(
        component("plate", supplier("p", "x", 0.5), supplier("q", "y", 0.5), needs=["ore"]),
        component("ore", supplier("mine", "z")),
    )
    assert chain.single_points(made)["plate"] == ["supplier mine", "country z"]
    assert chain.smallest_cut(made, "plate") == 1
    assert chain.stopped(made, {"p"}) == set()
    assert chain.stopped(made, {"p", "q"}) == {"plate"}
    assert chain.stopped(made, {"mine"}) == {"plate", "ore"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_the_smallest_cut_is_that_of_brute_force(seed):
    rng = np.random.default_rng(seed)
    names, countries = [f"s{i}" for i in range(5)], ["x", "y", "z"]
    home = {name: countries[rng.integers(3)] for name in names}
    parts = []
    for i in range(int(rng.integers(1, 5))):
        chosen = rng.choice(names, size=int(rng.integers(1, 4)), replace=False)
        needs = [f"c{k}" for k in range(i) if rng.random() < 0.4]
        own = [supplier(str(s), home[s], 1.0 / len(chosen)) for s in chosen]
        parts.append(component(f"c{i}", *own, needs=needs))
    made = supply(*parts)
    for by, units in (("supplier", list(made.suppliers)), ("country", list(made.countries))):
        for c in made.components:
            smallest = next(
                size
                for size in range(1, len(units) + 1)
                for lost in itertools.combinations(units, size)
                if c.id
                in chain.stopped(made, set().union(*(chain.lost_suppliers(made, f"{by} {u}") for u in lost)))
            )
            assert chain.smallest_cut(made, c.id, by) == smallest


def test_the_stock_and_the_others_bridge_a_loss():
    made = supply(
        component("c", supplier("p", share=0.6), supplier("q", share=0.4, surge=0.5), stock="3 month")
    )
    lost = {"p": np.array([True, True, False]), "q": np.array([False, False, True])}
    found = chain.months_lost(made, lost, {"c": np.array([12.0, 5.0, 12.0])})["c"]
    assert found.deficit == pytest.approx([0.4, 0.4, 0.4])  # q gives 0.6 of all; p alone gives 0.6
    assert found.survive_month == pytest.approx([7.5, 7.5, 7.5])
    assert found.lost_month == pytest.approx([0.4 * 4.5, 0.0, 0.4 * 4.5])


def test_a_shortage_further_up_is_felt_less_the_stock():
    made = supply(
        component("part", supplier("p"), needs=["ore"], stock="2 month"),
        component("ore", supplier("mine")),
    )
    found = chain.months_lost(
        made,
        {"p": np.zeros(1, bool), "mine": np.ones(1, bool)},
        {"part": np.ones(1), "ore": np.full(1, 12.0)},
    )
    assert found["ore"].lost_month[0] == 12
    assert found["part"].lost_month[0] == 10


def test_what_a_loss_does_goes_through_the_network_and_is_paid():
    after = {**PLAIN, "id": "b", "name": "B", "after": ["a"]}
    chips = component(
        "chips", supplier("p", "x", 0.5), supplier("q", "y", 0.5), used_by=["a"], stock="1 month"
    )
    out, alone = run(schedule=(PLAIN, after), supply={"components": [chips]})
    assert alone.labels()["loss"] == ("supplier p", "supplier q", "country x", "country y")
    assert out["loss_delay_month"] == pytest.approx(np.full((4, 4), 0.5 * (12 - 2)))
    assert out["loss_cost_musd2025"] == pytest.approx(np.full((4, 4), 2 * 5.0), rel=0.4)
    assert out["finish_month"] == pytest.approx(np.tile([10.0, 20.0], (4, 1)))  # nothing is lost by itself
    assert (out["shortage_month"] == 0).all()
    assert (out["smallest_cut"] == 2).all()
    assert (out["supplier_hhi"] == 5000).all()


def test_a_loss_with_a_probability_strikes_that_often_and_only_what_is_not_finished():
    chips = component("chips", supplier("p", "x"), used_by=["a"])
    loss = {"country": "x", "probability": 0.3, "window": ["2027-01-01", "2028-08-31"]}  # 20 months
    out, _ = run(n=4000, supply={"components": [chips], "losses": {"shut": loss}})
    late = out["finish_month"][:, 0]
    assert set(np.round(np.unique(late), 6)) == {10.0, 22.0}
    assert np.mean(late > 11) == pytest.approx(0.15, abs=0.02)  # half of the window lies after the work
    assert np.mean(out["shortage_month"] > 0) == pytest.approx(0.3, abs=0.03)


def test_two_losses_at_once_are_worse_than_each():
    chips = component(
        "chips", supplier("p", "x", 0.5), supplier("q", "y", 0.5), used_by=["a"], stock="1 month"
    )
    sure = {"probability": 1, "window": ["2027-01-01", "2027-01-02"]}
    both, _ = run(
        supply={
            "components": [chips],
            "losses": {"r": {**sure, "supplier": "p"}, "s": {**sure, "country": "y"}},
        }
    )
    assert both["finish_month"] == pytest.approx(np.full((4, 1), 10 + 11.0))
    assert both["loss_delay_month"] == pytest.approx(np.zeros((4, 4)))  # all is lost already


def test_losses_and_risks_of_one_factor_move_together():
    design = Design.model_validate(
        {
            "schedule": [PLAIN],
            "risks": {"r": {"probability": 0.1, "stops": ["a"], "factor": "politics"}},
            "supply": {
                "components": [component("c", supplier("p"), used_by=["a"])],
                "losses": {"l": {"supplier": "p", "probability": 0.1, "factor": "politics"}},
            },
        }
    )
    (group,) = SYSTEM.dependence(design)
    assert group.names == ("risk_trigger.r", "loss_trigger.l")
    assert {"recovery_month.c", "loss_probability.l", "loss_trigger.l", "loss_time.l"} <= set(
        SYSTEM.columns(design)
    )


def test_without_components_nothing_is_told():
    out, alone = run()
    assert out["supplier_hhi"].shape == (4, 0)
    assert out["loss_delay_month"].shape == (4, 0)
    assert not {"concentration", "survival", "losses"} & {f.id for f in SYSTEM.figures(alone.result(50))}


GOOD = component("c", supplier("p", share=0.5), supplier("q", share=0.5), used_by=["a"])


@pytest.mark.parametrize(
    ("chain_", "words"),
    [
        ({"components": [component("c", supplier("p", share=0.5), used_by=["a"])]}, "add up to 0.5: expected 1"),
        ({"components": [component("c", supplier("p", share=60), used_by=["a"])]}, "outside the possible range"),
        ({"components": [component("c", used_by=["a"])]}, "at least 1 item"),
        ({"components": [{**GOOD, "used_by": ["b"]}]}, "is used by an unknown activity or system"),
        ({"components": [{**GOOD, "used_by": []}]}, "'c' is used by nothing"),
        ({"components": [{**GOOD, "needs": ["d"]}]}, "needs an unknown component 'd'"),
        ({"components": [{**GOOD, "needs": ["c"]}]}, "in a circle: c -> c"),
        ({"components": [GOOD, GOOD]}, "two components have the id 'c'"),
        ({"components": [{**GOOD, "recovery": "-3 month"}]}, "recovery: .*negative"),
        ({"components": [{**GOOD, "recovery": {"dist": "lognormal", "p10": "9 month", "p90": "3 month"}}]}, "p10"),
        ({"components": [GOOD, component("d", supplier("p", "elsewhere"), used_by=["a"])]}, "two countries"),
        ({"components": [GOOD], "losses": {"l": {"probability": 0.1}}}, "a supplier or of a country"),
        ({"components": [GOOD], "losses": {"l": {"supplier": "pp", "probability": 0.1}}}, "did you mean 'p'"),
        ({"components": [GOOD], "losses": {"l": {"country": "u", "probability": 0.1}}}, "unknown country 'u'"),
        ({"components": [GOOD], "losses": {"l": {"country": "x", "probability": 1.1}}}, "outside"),
        (
            {"components": [GOOD],
             "losses": {"l": {"country": "x", "probability": 0.1, "window": ["2031-01-01", "2030-01-01"]}}},
            "window ends",
        ),
    ],
)  # fmt: skip
def test_a_chain_that_makes_no_sense_is_refused(chain_, words):
    with pytest.raises(ValidationError) as caught:
        Design.model_validate({"schedule": [PLAIN], "supply": chain_})
    messages = [error["msg"] for error in caught.value.errors()]
    assert any(re.search(words, message) for message in messages), messages
    assert all("\n" not in message for message in messages)
