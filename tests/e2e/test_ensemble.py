"""An ensemble that grows to its tolerance, scenarios beside the file, studies of one claim: cut and resumed alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli.pipeline import Request, resume, start
from accord.engine.events import Event
from accord.errors import CancelledError
from tests.e2e.conftest import COUPLED, Shell, bytes_of

SCENARIOS = """\
scenarios:
  slow: {title: A slower build, changes: {inputs.delay.p90: 120 month}}
  richer: {title: More trade to begin with, changes: {inputs.base.mean: 80 GUSD2025/yr}}
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def file(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCORD_CACHE", str(cache))
    path = tmp_path / "coupled.yaml"
    path.write_text(COUPLED.replace("ensemble:", f"{SCENARIOS}ensemble:"), encoding="utf-8")
    return path


@pytest.mark.slow
def test_members_double_until_the_tolerance_is_met_and_a_cut_changes_nothing(file: Path) -> None:
    request = Request(file=file, members=64, tolerance=0.02, out=file.parent / "whole")
    done = start(request)
    sizes = [size.members for size in done.ledger.growth]
    assert sizes[0] == 64
    assert sizes == [64 * 2**k for k in range(len(sizes))]
    assert len(sizes) > 1
    assert done.ledger.growth[-1].half <= 0.02 < done.ledger.growth[-2].half
    assert any("as the tolerance" in note for note in done.ledger.notes)
    plain = start(Request(file=file, members=sizes[-1], out=file.parent / "plain", scenarios=False))
    assert [r.probability for r in plain.ledger.rows] == [r.probability for r in done.ledger.rows]

    seen: list[Event] = []

    def cut(event: Event) -> None:
        seen.append(event)
        if (
            event.system == "trade"
            and event.stage == "done"
            and len([e for e in seen if e.stage == "finished"]) == 1
        ):
            raise KeyboardInterrupt

    with pytest.raises(CancelledError, match="accord resume"):
        start(Request(file=file, members=64, tolerance=0.02, out=file.parent / "cut"), cut)
    resume(file.parent / "cut", Request(file=file))
    whole, again = bytes_of(file.parent / "whole"), bytes_of(file.parent / "cut")
    assert set(whole) == set(again)
    assert [name for name in whole if whole[name] != again[name]] == []


def test_a_budget_that_ends_says_so(file: Path) -> None:
    wanted = "{members: 64, seed: 3, tolerance: 0.001, most: 128}"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{members: 256, seed: 3}", wanted), encoding="utf-8")
    done = start(Request(file=file, out=file.parent / "r", scenarios=False))
    assert [size.members for size in done.ledger.growth] == [64, 128]
    assert any(note.startswith("The budget ended at 128 members") for note in done.ledger.notes)


def test_scenarios_stand_beside_the_file_and_equal_runs_of_their_own(file: Path) -> None:
    told: list[Event] = []
    done = start(Request(file=file, out=file.parent / "r"), told.append)
    effects = {(e.claim, e.scenario): e for e in done.ledger.scenarios}
    assert {name for _, name in effects} == {"slow", "richer"}
    late = effects[("B", "slow")]
    assert late.difference is not None
    assert late.difference_high is not None
    assert late.difference < late.difference_high < 0
    assert effects[("B", "richer")].changed == 0
    own = start(Request(file=file, scenario="slow", out=file.parent / "own"))
    rows = {row.id: row for row in own.ledger.rows}
    for (claim, name), effect in effects.items():
        if name == "slow":
            assert effect.probability == rows[claim].probability
    touched = {event.system for event in told if ": " in event.system}
    assert "richer: trade" in touched
    assert "slow: net" not in touched, "what a scenario leaves alone is not run again"
    page = (file.parent / "r" / "dossier.html").read_text(encoding="utf-8")
    assert "A slower build" in page


def study(shell: Shell, *words: str) -> tuple[int, dict[str, Any], str]:
    code, out, err = shell.run(
        "sensitivity", "coupled.yaml", "--claim", "C", "--of", "rank", "--json", *words
    )
    return code, json.loads(out) if out.strip() else {}, err


@pytest.mark.slow
def test_studies_of_a_claim_agree_on_what_decides_it(shell: Shell) -> None:
    strongest = set()
    for method, size, first in (
        ("sobol", "1024", "total"),
        ("shapley", "1024", "share"),
        ("pawn", "4096", "median"),
    ):
        code, body, err = study(shell, "--method", method, "-n", size, "--out", method)
        assert code == 0, err
        assert "members of" in err
        assert "about" in err
        top = body["rows"][0]
        strongest.add(top["column"])
        assert top[first] > 0.15
    assert len(strongest) == 1, strongest
    code, body, _ = study(shell, "--method", "sobol", "-n", "1024", "--out", "sobol", "--quiet")
    assert code == 0
    assert (shell.folder / "sobol" / "tables" / "sensitivity.csv").is_file()
    code, _, err = study(shell, "--method", "sobol", "-n", "512", "--out", "sobol")
    assert code == 2
    assert "--overwrite" in err
    code, _, err = shell.run("resume", "sobol")
    assert code == 2
    assert "sensitivity study" in err
    code, _, err = shell.run("dossier", "sobol")
    assert code == 2
    assert "sensitivity study" in err


def test_a_study_states_its_cost_and_refuses_what_it_cannot_do(shell: Shell) -> None:
    code, out, err = shell.run(
        "sensitivity", "coupled.yaml", "--claim", "B", "--method", "morris", "--dry-run"
    )
    assert (code, out) == (0, "")
    assert "20 trajectories" in err
    assert not (shell.folder / "runs").exists()
    for words, said in (
        (["--claim", "D"], "no system decides claim 'D': expected one of A, B, C"),
        (["--claim", "B", "--method", "delta", "--of", "claim"], "--of rank"),
        (["--claim", "B", "--method", "pawn", "--second-order"], "take sobol"),
    ):
        code, _, err = shell.run("sensitivity", "coupled.yaml", *words)
        assert code == 2
        assert said in err
        assert "Traceback" not in err


def test_an_interrupted_study_goes_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from accord.cli.sensitivity import command
    from accord.evidence import study as room

    words = [str(file), "--claim", "A", "--method", "morris", "--out", str(file.parent / "s"), "--json"]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    real = room.analyse
    monkeypatch.setattr(room, "analyse", stop)
    assert CliRunner().invoke(command, words).exit_code != 0
    assert (file.parent / "s.part" / "systems" / "net" / "status.json").is_file()
    monkeypatch.setattr(room, "analyse", real)
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    assert "already done" in done.stderr
    assert (file.parent / "s" / "sensitivity.json").is_file()


def test_two_versions_of_an_announcement_are_compared(shell: Shell) -> None:
    text = COUPLED.replace("by: 2028-12-31", "by: 2030-12-31").replace(
        "It is built by 2028", "It is built by 2030"
    )
    text = text.replace("modality: will", "modality: planned").replace("p90: 60 month", "p90: 72 month")
    (shell.folder / "later.yaml").write_text(text, encoding="utf-8")
    code, out, err = shell.run("compare", "coupled.yaml", "later.yaml", "--json", "-n", "128")
    assert code == 0, err
    body = json.loads(out)
    assert body["common_draws"]
    rows = {row["id"]: row for row in body["claims"]}
    assert rows["B"]["kinds"] == ["reworded", "softer", "threshold moved"]
    assert rows["B"]["probability_second"] > rows["B"]["probability_first"]
    assert not rows["D"]["changed"]
    assert rows["D"]["kinds"] == []
    assert [entry["column"] for entry in body["inputs"]] == ["delay"]
    code, out, _ = shell.run("compare", "coupled.yaml", "later.yaml", "-n", "128")
    assert code == 0
    assert "threshold moved" in out
    code, _, err = shell.run("compare", "coupled.yaml", ".")
    assert code == 2
    assert "not one of each" in err
