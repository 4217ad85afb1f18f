import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from accord.cli.main import main
from accord.errors import FileError
from accord.systems.imaging.federated.egress import Egress, write_log
from accord.systems.imaging.learned.cards import shipped_cards
from accord.systems.imaging.policy.check import check_plan
from accord.systems.imaging.policy.packs import read_pack, shipped_packs
from accord.systems.imaging.policy.plan import read_plan

MODEL = next(p for p in shipped_cards() if "model" in p.name)


@pytest.fixture
def example(tmp_path, capsys):
    """Return the shipped example with its papers beside it."""
    assert exit_code(["policy", "example"]) == 0
    body = yaml.safe_load(capsys.readouterr().out)
    for name in ("water_trees.json", "recipe.yaml"):
        (tmp_path / name).write_bytes((MODEL.parent / name).read_bytes())
    (tmp_path / "model_card.yaml").write_bytes(MODEL.read_bytes())
    gate = Egress("home", {"w": (2,)})
    gate.tensor("w", np.zeros(2))
    write_log(gate, tmp_path / "egress.jsonl")
    return body


def exit_code(words):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    return stopped.value.code


def verdicts(body, folder, *packs):
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(body, sort_keys=False))
    shipped = shipped_packs()
    found = check_plan(read_plan(path), [read_pack(shipped[p]) for p in packs or shipped], folder)
    return {f"{v.pack}/{v.rule}": v for v in found}


def asset(body, name):
    return next(a for a in body["assets"] if a["id"] == name)


def step(body, name):
    return next(s for s in body["steps"] if s["id"] == name)


def test_every_pack_is_dated_cites_and_says_when_counsel_is_needed():
    assert {"house", "in", "ru", "eu", "principles"} <= set(shipped_packs())
    for path in shipped_packs().values():
        pack = read_pack(path)
        assert len({r.id for r in pack.rules}) == len(pack.rules)
        if pack.id in {"in", "ru", "eu"}:
            assert any(r.needs_counsel for r in pack.rules)
            assert "secondary" in pack.read_from


def test_the_example_passes(example, tmp_path):
    assert {k: v.findings for k, v in verdicts(example, tmp_path).items() if v.state == "fails"} == {}


def test_a_scene_processed_outside_its_zone_fails(example, tmp_path):
    step(example, "map")["zone"] = "partner"
    found = verdicts(example, tmp_path)["house/residency-tag"]
    assert found.state == "fails"
    assert found.findings == ("scene: work of step map lie in zone partner (RU); allowed: IN",)


@pytest.mark.parametrize(
    ("key", "use"), [("scratch_zone", "scratch files"), ("log_zone", "logs and previews")]
)
def test_scratch_files_and_previews_count(example, tmp_path, key, use):
    step(example, "map")[key] = "partner"
    found = verdicts(example, tmp_path)["house/residency-tag"]
    assert found.findings == (f"scene: {use} of step map lie in zone partner (RU); allowed: IN",)


def test_labels_stay_only_because_the_step_is_federated_and_logged(example, tmp_path):
    step(example, "learn")["federated"] = False
    assert (
        "partner-labels: work of step learn" in verdicts(example, tmp_path)["house/residency-tag"].findings[0]
    )
    step(example, "learn").update(federated=True, egress_log="")
    assert "no egress log" in verdicts(example, tmp_path)["house/egress"].findings[0]
    step(example, "learn")["egress_log"] = "egress.jsonl"
    text = (tmp_path / "egress.jsonl").read_text()
    (tmp_path / "egress.jsonl").write_text(text.replace('"name": "w"', '"name": "v"'))
    assert "signature is not the site's" in verdicts(example, tmp_path)["house/egress"].findings[0]


def test_an_asset_without_a_tag_fails(example, tmp_path):
    asset(example, "scene")["residency"] = []
    assert verdicts(example, tmp_path)["house/residency-tag"].findings == ("scene: no residency tag",)


@pytest.mark.parametrize(
    ("licence", "commercial", "said"),
    [
        (
            "CC-BY-SA-4.0",
            False,
            "model: must carry CC-BY-SA-4.0 from home-labels (CC-BY-SA-4.0), but is Apache-2.0",
        ),
        ("CC-BY-NC-4.0", True, "map: commercial use is not allowed from home-labels (CC-BY-NC-4.0)"),
        ("CC-BY-ND-4.0", False, "alert: nothing may be made from home-labels (CC-BY-ND-4.0)"),
        ("unknown", False, "map: made from home-labels (unknown), whose terms are unknown"),
        ("my own", False, "home-labels: licence 'my own' is not in the table; nobody can say what it asks"),
    ],
)
def test_terms_of_a_licence_follow_through_all_steps(example, tmp_path, licence, commercial, said):
    asset(example, "home-labels")["licence"] = licence
    asset(example, "map")["commercial_use"] = commercial
    assert said in verdicts(example, tmp_path)["house/licences"].findings


def test_non_commercial_inputs_are_fine_for_free_maps(example, tmp_path):
    asset(example, "home-labels")["licence"] = "CC-BY-NC-4.0"
    assert verdicts(example, tmp_path)["house/licences"].state == "passes"


def test_fine_imagery_and_personal_data_by_the_packs(example, tmp_path):
    asset(example, "scene").update(resolution_m=0.5, residency=["IN", "RU"])
    step(example, "map")["zone"] = "partner"
    found = verdicts(example, tmp_path)
    assert found["in/geospatial-threshold"].state == "fails"
    assert found["in/geospatial-threshold"].needs_counsel
    asset(example, "scene")["resolution_m"] = 1.0  # the threshold itself is not finer
    assert verdicts(example, tmp_path)["in/geospatial-threshold"].state == "does not apply"
    asset(example, "scene")["vertical_accuracy_m"] = 2.0
    assert verdicts(example, tmp_path)["in/geospatial-threshold"].state == "fails"
    asset(example, "scene").update(vertical_accuracy_m=None, personal=True, subjects=["RU"])
    step(example, "map")["zone"] = "home"
    assert verdicts(example, tmp_path)["ru/personal-data-localisation"].state == "fails"


def test_a_rule_counts_from_its_date(example, tmp_path):
    step(example, "alert")["human_oversight"] = False
    assert verdicts(example, tmp_path)["in/sutra-people-first"].state == "fails"
    example["as_of"] = "2025-11-04"
    assert verdicts(example, tmp_path)["in/sutra-people-first"].state == "not in force"
    assert verdicts(example, tmp_path)["house/alerts-by-people"].state == "fails"


def test_cards_of_models_are_opened(example, tmp_path):
    (tmp_path / "water_trees.json").write_text("{}")
    assert "its sha256 differs" in verdicts(example, tmp_path)["house/model-cards"].findings[0]
    asset(example, "model")["card"] = ""
    assert verdicts(example, tmp_path)["house/model-cards"].findings == ("model: no card",)
    asset(example, "model")["card"] = "none.yaml"
    assert "cannot be read" in verdicts(example, tmp_path)["house/model-cards"].findings[0]


def test_a_third_party_adds_a_pack_by_file(example, tmp_path, capsys):
    pack = {
        "schema": "accord/policy-pack/1", "id": "third", "title": "A third country", "dated": "2026-01-01",
        "read_from": "its gazette",
        "rules": [
            {"id": "home", "text": "Imagery stays at home.", "citation": "Act 1", "effective": "2026-01-01",
             "level": "must", "applies": {"kinds": ["imagery"]}, "check": "stays_in",
             "settings": {"jurisdictions": ["XX"]}, "needs_counsel": True}
        ],
    }  # fmt: skip
    (tmp_path / "third.yaml").write_text(yaml.safe_dump(pack))
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(example))
    words = ["policy", "check", str(tmp_path / "plan.yaml"), "--pack", str(tmp_path / "third.yaml")]
    assert exit_code(words) == 1
    told = capsys.readouterr().out
    assert "allowed: XX" in told
    assert "needs counsel" in told
    assert exit_code([*words, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b.update(colour="red"), "colour: Extra inputs are not permitted"),
        (lambda b: b["steps"][1].update(zone="moon"), "no zone 'moon': expected one of home, partner"),
        (lambda b: b["steps"][1].update(inputs=["scenes"]), "no asset 'scenes'"),
        (lambda b: b["steps"][0].update(inputs=["alert"]), "steps wait for one another"),
        (lambda b: b["steps"][2].update(outputs=["map"]), "made by two steps"),
        (lambda b: b["assets"].append(b["assets"][0]), "declared twice"),
        (lambda b: b["assets"][0].update(kind="pictures"), "assets.0.kind"),
    ],
)
def test_mistakes_in_a_plan_are_named(example, tmp_path, change, said):
    change(example)
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(example))
    with pytest.raises(FileError, match=said):
        read_plan(path)


def test_mistakes_in_a_pack_are_named(tmp_path, capsys):
    body = yaml.safe_load(Path(shipped_packs()["house"]).read_text())
    body["rules"][0]["check"] = "magic"
    (tmp_path / "p.yaml").write_text(yaml.safe_dump(body))
    with pytest.raises(FileError, match=r"rules\.0\.check"):
        read_pack(tmp_path / "p.yaml")
    assert exit_code(["policy", "check", "x.yaml", "--pack", "nowhere"]) == 2
    assert "no policy pack 'nowhere'" in capsys.readouterr().err
    assert exit_code(["policy", "list"]) == 0
    assert "geospatial-threshold" in capsys.readouterr().out
