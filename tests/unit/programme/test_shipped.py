"""The programmes that come with Accord."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from accord import systems
from accord.cli.run import flagship
from accord.programme.loader import Loaded, load

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "programmes").glob("*.yaml"))


@pytest.fixture(autouse=True)
def made_systems() -> None:
    """Use the real systems here, not the made-up ones of the other tests of this folder."""


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_it_loads_with_every_scenario_and_no_warning(path: Path) -> None:
    loaded = load(path)
    assert [str(f) for f in loaded.findings if f.level != "info"] == []
    for name in loaded.programme.scenarios:
        load(path, scenario=name)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_claim_can_be_judged_or_says_why_not(path: Path) -> None:
    for claim in load(path).programme.claims:
        assert claim.class_ == "opinion" or claim.test or claim.evidence or claim.untestable, claim.id


@pytest.fixture(scope="module")
def summit() -> Loaded:
    return load(flagship())


def test_the_flagship_has_all_its_claims(summit: Loaded) -> None:
    claims = summit.programme.claims
    assert [c.id for c in claims] == [f"C{i:02d}" for i in range(1, 50)]
    # fact, opinion, commitment (K), capability (C), forecast (P), five claims a group
    classes = "FFOFF FFFOF FFKKC OFCKK FCPKO FCKKF FPPPP PFCCO KKKPO KFOP".replace(" ", "")
    names = {"fact": "F", "opinion": "O", "commitment": "K", "capability": "C", "forecast": "P"}
    assert "".join(names[c.class_] for c in claims) == classes
    assert all(1 <= line <= 55 for c in claims for line in c.lines)


def test_a_claim_says_where_its_threshold_is_not_the_articles(summit: Loaded) -> None:
    for claim in summit.programme.claims:
        if claim.class_ != "fact" and claim.test is not None:
            assert "tested" in claim.text, claim.id


def test_no_source_is_younger_than_what_was_known(summit: Loaded) -> None:
    programme = summit.programme
    assert [k for k, s in programme.sources.items() if s.date and s.date > programme.as_of] == []


def test_the_flagship_runs_every_system_and_names_the_planned_ones(summit: Loaded) -> None:
    kinds = {s.kind for s in summit.programme.systems.values()}
    assert {"constellation", "delivery", "launch", "trade"} <= kinds
    assert set(systems.planned()) <= kinds


def test_every_source_is_used(summit: Loaded) -> None:
    text = flagship().read_text(encoding="utf-8")
    for key in summit.programme.sources:
        assert len(re.findall(rf"\b{key}\b", text)) > 1, key


def test_the_second_programme_is_unrelated(summit: Loaded) -> None:
    other = load(ROOT / "programmes" / "southern-africa-2027.yaml").programme
    mine = summit.programme
    assert not set(other.partners) & set(mine.partners)
    assert not {p.name for p in other.partners.values()} & {p.name for p in mine.partners.values()}
    assert not {s.title for s in other.sources.values()} & {s.title for s in mine.sources.values()}
    assert "constellation" not in {s.kind for s in other.systems.values()}


def _announcement() -> Path | None:
    given = os.environ.get("ACCORD_DATA")
    places = [Path(given).parent] if given else [ROOT.parent / "shared"]
    return next((p / "announcement.txt" for p in places if (p / "announcement.txt").is_file()), None)


def test_no_claim_quotes_the_article(summit: Loaded) -> None:
    path = _announcement()
    if path is None:
        pytest.skip(
            "the announcement's text is not here: it stands beside the test data and is never shipped"
        )

    def words(text: str) -> list[str]:
        return re.findall(r"[a-z0-9]+", text.lower())

    content = path.read_text(encoding="utf-8")
    said = " ".join(words(content))
    assert max(max(c.lines) for c in summit.programme.claims) <= len(content.splitlines())
    for claim in summit.programme.claims:
        own = words(claim.text)
        for i in range(len(own) - 7):
            assert " ".join(own[i : i + 8]) not in said, claim.id
