import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import FileError, ModelError
from accord.systems.imaging.federated.averaging import (
    OWN,
    Plan,
    Site,
    average,
    gradient,
    initial_weights,
    mean_loss,
    predicted,
    shapes,
)  # fmt: skip
from accord.systems.imaging.federated.boosting import BoostPlan, BoostSite, boost
from accord.systems.imaging.federated.egress import Egress, EgressError, check_log, verify, write_log
from accord.systems.imaging.federated.masking import Masks, fixed_point, unfixed


def pixels(n=1500, features=4, seed=1):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, features))
    water = x[:, 0] + x[:, 1] * x[:, 2] + 0.3 * random.normal(size=n) > 0.1
    return x, water


def parties(x, water, cuts, hidden=6):
    edges = [0, *cuts, len(x)]
    allowed = shapes(x.shape[1], hidden)
    return [
        Site(x[a:b], water[a:b], Egress(f"site {k}", allowed)) for k, (a, b) in enumerate(pairwise(edges))
    ]


@settings(max_examples=20)
@given(st.integers(21, 1479), st.integers(0, 99), st.floats(0.0, 1.0))
def test_one_full_step_is_the_central_step_for_any_cut(cut, seed, proximal):
    x, water = pixels()
    start = initial_weights(4, 6, seed)
    joint = average(parties(x, water, [cut]), start, Plan(rounds=1, proximal=proximal))
    slope = gradient(start, x, water.astype(float))
    for name, value in joint.items():
        assert np.allclose(value, start[name] - 0.5 * slope[name], rtol=0, atol=1e-12)


def test_the_gradient_is_that_of_the_loss():
    x, water = pixels(200)
    y, weights = water.astype(float), initial_weights(4, 6, 3)
    slope = gradient(weights, x, y)
    for name, value in weights.items():
        for k in range(value.size):
            up, down = ({n: v.copy() for n, v in weights.items()} for _ in range(2))
            up[name].flat[k] += 1e-5
            down[name].flat[k] -= 1e-5
            assert slope[name].flat[k] == pytest.approx(
                (mean_loss(up, x, y) - mean_loss(down, x, y)) / 2e-5, abs=1e-8
            )


def test_rounds_learn_and_the_proximal_term_holds_sites_back():
    x, water = pixels(4000)
    order = np.argsort(x[:, 0])  # sites that differ
    x, water = x[order], water[order]
    start = initial_weights(4, 6, 2)
    plan = Plan(rounds=50, local_steps=20)
    joint = average(parties(x, water, [1500]), start, plan)
    assert mean_loss(joint, x, water.astype(float)) < 0.6 * mean_loss(start, x, water.astype(float))

    def step(mu):
        moved = parties(x, water, [1500])[0].update(start, replace(plan, proximal=mu))
        return sum(float(np.sum(v * v)) for v in moved.values())

    assert step(1.0) < step(0.01) < step(0.0)


def test_clipped_updates_have_at_most_the_agreed_length():
    x, water = pixels()
    site = parties(x, water, [700])[0]
    plan = Plan(local_steps=30, clip=0.05)
    moved = site.update(initial_weights(4, 6, 2), plan)
    assert np.sqrt(sum(float(np.sum(v * v)) for v in moved.values())) == pytest.approx(0.05)


def test_own_normalisation_stays_and_helps_a_sensor_of_another_scale():
    x, water = pixels(4000)
    shifted = x.copy()
    shifted[2000:] = shifted[2000:] * 3.0 + 4.0
    start = initial_weights(4, 6, 2)
    plan = Plan(rounds=50, local_steps=10, own_normalisation=True)
    sites = parties(shifted, water, [2000])
    for site in sites:
        site.standardise()
    joint = average(sites, start, plan)
    assert all(np.array_equal(joint[name], start[name]) for name in OWN)
    assert not {line.name for site in sites for line in site.egress.log} & set(OWN)
    own = sites[1].probability(joint, plan, shifted[2000:])
    plain = average(parties(shifted, water, [2000]), start, replace(plan, own_normalisation=False))

    def right(p):
        return float(np.mean((p > 0.5) == water[2000:]))

    assert right(own) > right(predicted(plain, shifted[2000:])) + 0.02


def test_nothing_but_update_tensors_and_counts_leaves_a_site(monkeypatch):
    """Watch every byte that crosses: each is in the log, and none of it is a pixel."""
    x, water = pixels()
    crossed = []
    real = Egress._write

    def watched(self, name, kind, shape, content):
        crossed.append((self.site, name, kind, content))
        real(self, name, kind, shape, content)

    monkeypatch.setattr(Egress, "_write", watched)
    sites = parties(x, water, [600])
    average(sites, initial_weights(4, 6, 1), Plan(rounds=3))
    plan = BoostPlan(ranges={f"f{k}": (-4.0, 4.0) for k in range(4)}, trees=2, depth=2, bins=16)
    boosters = [
        BoostSite(x[a:b].astype(np.float32), water[a:b], plan, Egress(f"b{a}", plan.tensors()))
        for a, b in ((0, 600), (600, 1500))
    ]
    boost(boosters, plan)
    allowed = {"rows", "water", *shapes(4, 6), *plan.tensors()}
    assert {name for _, name, _, _ in crossed} <= allowed
    assert len(crossed) == sum(len(s.egress.log) for s in (*sites, *boosters))
    for _, name, kind, content in crossed:
        if kind == "count":
            assert int.from_bytes(content, "big") >= 20
        for row in (*x[::50], *x[::50].astype(np.float32)):
            assert row.tobytes() not in content
            assert row[:2].tobytes() not in content, name


def test_what_a_site_returns_is_only_what_its_gate_gave():
    """A site has no public attribute that holds its rows."""
    x, water = pixels()
    site = parties(x, water, [600])[0]
    assert {name for name in vars(site) if not name.startswith("_")} == {"egress"}
    plan = BoostPlan(ranges={f"f{k}": (-4.0, 4.0) for k in range(4)})
    booster = BoostSite(x.astype(np.float32), water, plan, Egress("b", plan.tensors()))
    assert {name for name in vars(booster) if not name.startswith("_")} == {"egress", "masks"}


def test_the_gate_refuses_what_was_not_agreed():
    gate = Egress("a", {"w": (3,)})
    for name, value, said in [
        ("x", np.zeros(3), "not in the agreed plan"),
        ("w", np.zeros((2, 3)), "the plan allows"),
        ("w", np.array(["a", "b", "c"]), "not a plain array"),
        ("w", np.array([{}, {}, {}], dtype=object), "not a plain array"),
        ("w", [1.0, 2.0, 3.0], "not a plain array"),
        ("w", np.array([1.0, np.nan, 0.0]), "not finite"),
    ]:
        with pytest.raises(EgressError, match=said):
            gate.tensor(name, value)
    for few in (0, 19, -5, True, 20.0):
        with pytest.raises(EgressError, match="below 20"):
            gate.count("rows", few)
    assert gate.log == []
    assert gate.count("rows", 20) == 20
    value = np.ones(3)
    out = gate.tensor("w", value)
    value[0] = 9.0
    assert out.tolist() == [1.0, 1.0, 1.0]


def test_a_small_site_is_refused_before_anything_is_learnt():
    x, water = pixels()
    sites = parties(x, water, [12])
    with pytest.raises(EgressError, match="site site 0: count rows is below 20"):
        average(sites, initial_weights(4, 6, 1), Plan())
    assert sites[0].egress.log == []


def test_a_log_that_was_touched_is_found_out(tmp_path):
    gate = Egress("a", {"w": (2,)})
    for k in range(4):
        gate.tensor("w", np.array([k, 1.0]))
    assert verify(gate.log, gate.public_key) == []
    changed = [replace(line, size_bytes=1) if line.number == 2 else line for line in gate.log]
    assert any("signature" in line for line in verify(changed, gate.public_key))
    assert any("does not follow" in line for line in verify(gate.log[1:], gate.public_key))
    assert any("does not follow" in line for line in verify([gate.log[0], *gate.log[2:]], gate.public_key))
    assert len(verify(gate.log, Ed25519PrivateKey.generate().public_key())) == 4
    write_log(gate, tmp_path / "log.jsonl")
    assert check_log(tmp_path / "log.jsonl") == []
    rows = (tmp_path / "log.jsonl").read_text().splitlines()
    rows[2] = json.dumps({**json.loads(rows[2]), "name": "other"})
    (tmp_path / "log.jsonl").write_text("\n".join(rows))
    assert check_log(tmp_path / "log.jsonl") != []
    for text in ("", "{}", "[1]", "not json"):
        (tmp_path / "log.jsonl").write_text(text)
        with pytest.raises(FileError):
            check_log(tmp_path / "log.jsonl")


PLAN = BoostPlan(ranges={f"f{k}": (-4.0, 4.0) for k in range(4)}, trees=8, depth=4)


def boosters(x, water, cuts):
    edges = [0, *cuts, len(x)]
    return [
        BoostSite(x[a:b].astype(np.float32), water[a:b], PLAN, Egress(f"site {k}", PLAN.tensors()))
        for k, (a, b) in enumerate(pairwise(edges))
    ]


@settings(max_examples=8)
@given(st.lists(st.integers(3, 12), min_size=1, max_size=3, unique=True))
def test_trees_of_several_sites_are_those_of_one_with_all_rows(cuts):
    x, water = pixels()
    central = boost(boosters(x, water, []), PLAN)
    assert boost(boosters(x, water, [100 * c for c in sorted(cuts)]), PLAN) == central


def test_the_trees_are_any_learners_trees_and_the_predictor_walks_them():
    x, water = pixels(6000)
    plan = replace(PLAN, trees=40)
    site = [BoostSite(x.astype(np.float32), water, plan, Egress("all", plan.tensors()))]
    forest = boost(site, plan)
    scores = forest.scores(x.astype(np.float32))
    assert np.allclose(scores, site[0]._score, rtol=0, atol=1e-12)
    assert np.mean((scores > 0) == water) > 0.9


def test_masks_hide_each_part_and_cancel_in_the_sum():
    values = [
        fixed_point(np.array([0.5, -0.25, 0.0])),
        fixed_point(np.array([1.0, 1.0, -1.0])),
        fixed_point(np.zeros(3)),
    ]
    masks = {name: Masks() for name in "abc"}
    keys = {name: m.public_key() for name, m in masks.items()}
    for name, m in masks.items():
        m.agree(name, keys)
    hidden = [masks[n].hide(v, "1") for n, v in zip("abc", values, strict=True)]
    assert unfixed(hidden[0] + hidden[1] + hidden[2]).tolist() == [1.5, 0.75, -1.0]
    for h, v in zip(hidden, values, strict=True):
        assert not np.any(h == v.astype(np.uint64))
    assert not np.any(masks["a"].hide(values[0], "2") == hidden[0])
    with pytest.raises(ModelError, match="not among those that agree"):
        masks["a"].agree("z", keys)


def test_masks_are_made_anew_for_every_run():
    x, water = pixels()
    sites = boosters(x, water, [700])
    for _ in range(2):
        boost(sites, PLAN)
    logs = [line.sha256 for line in sites[0].egress.log if line.name == "histogram_0"]
    assert len(set(logs)) == len(logs) == 2 * PLAN.trees


def test_plans_that_cannot_be():
    with pytest.raises(ModelError, match="1 to 50 rounds"):
        Plan(rounds=51)
    with pytest.raises(ModelError, match="rate must be above zero"):
        Plan(rate=0.0)
    with pytest.raises(ModelError, match="expected 1-5"):
        BoostPlan(ranges={"a": (0.0, 1.0)}, depth=6)
    with pytest.raises(ModelError, match="low below high"):
        BoostPlan(ranges={"a": (1.0, 1.0)})
    with pytest.raises(ModelError, match="at least one site"):
        average([], {}, Plan())
    with pytest.raises(ModelError, match="different names"):
        boost([], PLAN)
    with pytest.raises(ModelError, match="with 3 labels"):
        Site(np.zeros((4, 2)), np.zeros(3, bool), Egress("a", {}))
