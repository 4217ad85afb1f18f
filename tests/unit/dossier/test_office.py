"""Risk register, results framework, crosswalk and the run as a research object."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from accord import systems
from accord.cli.pipeline import Done, Request, start
from accord.dossier.office import checklist, crosswalk, results_framework, risk_register

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    file = ROOT / "programmes" / "southern-africa-2027.yaml"
    return start(Request(file=file, members=64, out=tmp_path_factory.mktemp("runs") / "one"))


def test_the_register_holds_every_risk_of_the_file_with_its_own_words(done: Done) -> None:
    rows = {row["risk"]: row for row in risk_register(done.run)}
    given = done.run.plan.programme.risks
    assert set(rows) == set(given)
    for key, risk in given.items():
        assert rows[key]["title"] == (risk.get("title") or key)
        assert rows[key]["owner"] == (risk.get("owner") or "nobody named")
        assert rows[key]["effect"], key
        assert rows[key]["hits"], key
        assert "{" not in "".join(rows[key].values())


def test_risks_of_one_factor_stand_side_by_side(done: Done) -> None:
    factors = [row["factor"] for row in risk_register(done.run)]
    runs = [f for i, f in enumerate(factors) if i == 0 or factors[i - 1] != f]
    assert len(runs) == len(set(runs))


def test_the_framework_has_the_tested_promises_and_no_facts(done: Done) -> None:
    rows = results_framework(done.run, done.ledger)
    expected = [r.id for r in done.ledger.rows if r.probability is not None and r.class_ != "fact"]
    assert [row["claim"] for row in rows] == expected
    for row in rows:
        assert all(
            row[key] for key in ("indicator", "baseline", "target", "date", "probability", "source")
        ), row


def test_the_checklist_is_that_of_the_systems_in_the_file_and_says_where_there_is_none(done: Done) -> None:
    rows, without = checklist(done.run)
    nodes = list(done.run.plan.nodes.values())
    expected = [(node.name, row["flag"]) for node in nodes for row in systems.flags(node.kind)]
    assert sorted((row["anchor"], row["flag"]) for row in rows) == sorted(expected)
    assert without == [node.title for node in nodes if not systems.flags(node.kind)]
    topics = [row["topic"] for row in rows]
    order = ["environment", "social", "legal", "regulatory"]
    assert topics == sorted(topics, key=order.index)
    page = done.dossier.read_text(encoding="utf-8")
    section = page[page.index('<section id="flags">') : page.index('<section id="results">')]
    assert section.count("<tr>") == len(rows) + 1
    assert "no legal advice" in section


@pytest.mark.parametrize("kind", systems.names())
def test_every_system_has_a_checklist_of_whole_rows(kind: str) -> None:
    rows = systems.flags(kind)
    assert rows
    for row in rows:
        assert set(row) == {"topic", "flag", "under", "ask"}
        assert row["topic"] in {"environment", "social", "legal", "regulatory"}
        assert all(isinstance(value, str) and value for value in row.values())
    assert len({row["flag"] for row in rows}) == len(rows)
    assert systems.flags("no such kind") == ()


def test_the_crosswalk_points_at_sections_that_exist_and_says_what_is_missing(done: Done) -> None:
    page = done.dossier.read_text(encoding="utf-8")
    anchors = set(re.findall(r'<section id="([^"]+)"', page))
    for row in crosswalk():
        assert row["section"] in anchors | {"systems", ""}, row
        assert row["section"] or row["note"] == "not modelled", row
    assert {row["document"] for row in crosswalk()} == {"PAD", "DPR", "CDF", "DAC"}
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page


def test_sections_are_numbered_without_gap(done: Done) -> None:
    page = done.dossier.read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r'<h2><span class="no">(\d+)</span>', page)]
    assert numbers == list(range(len(numbers)))
    titles = dict(re.findall(r'<section id="([^"]+)"[^>]*>\s*<h2><span class="no">(\d+)</span>', page))
    pointed = re.findall(r'<a href="#([a-z]+)">section (\d+)</a>', page)
    assert pointed
    for anchor, number in pointed:
        assert titles[anchor] == number


def test_the_crate_lists_files_that_are_there_and_nothing_volatile(done: Done) -> None:
    text = (done.folder / "ro-crate-metadata.json").read_text(encoding="utf-8")
    graph = {item["@id"]: item for item in json.loads(text)["@graph"]}
    assert graph["ro-crate-metadata.json"]["conformsTo"]["@id"].endswith("/ro/crate/1.1")
    listed = [part["@id"] for part in graph["./"]["hasPart"]]
    assert {"ledger.json", "dossier.html", "programme/southern-africa-2027.yaml"} <= set(listed)
    for name in listed:
        assert (done.folder / name).is_file()
        assert graph[name]["@type"] == "File"
    action = graph["#run"]
    for part in (*action["object"], *action["result"], action["instrument"]):
        assert part["@id"] in graph
    assert graph["#seed"]["value"] == done.ledger.seed
    assert "host.json" not in text
    assert "events.jsonl" not in text
