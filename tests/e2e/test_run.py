"""The main job from the outside: same bytes whatever the workers, chunks or interruptions."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import COUPLED, Shell, bytes_of


@pytest.mark.slow
def test_workers_and_chunks_change_no_byte(shell: Shell) -> None:
    for name, options in {"one": ["--jobs", "1"], "two": ["--jobs", "2", "--chunk", "64"],
                          "odd": ["--jobs", "1", "--chunk", "7", "--no-cache"]}.items():  # fmt: skip
        code, _, err = shell.run("run", "coupled.yaml", "--out", name, *options)
        assert code == 0, err
    first = bytes_of(shell.folder / "one")
    assert {"ledger.json", "dossier.html", "scalars.json", "manifest.json", "tables/ledger.csv"} <= set(first)
    for other in ("two", "odd"):
        again = bytes_of(shell.folder / other)
        assert set(first) == set(again)
        assert [name for name in first if first[name] != again[name]] == []


@pytest.mark.slow
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_run_killed_half_way_resumes_to_the_same_bytes(shell: Shell, blow: signal.Signals) -> None:
    code, _, err = shell.run("run", "coupled.yaml", "--out", "whole")
    assert code == 0, err
    process = shell.start("run", "coupled.yaml", "--out", "cut", "--no-cache", "--jobs", "1")
    part = shell.folder / "cut.part"
    done = part / "systems" / "net" / "status.json"
    limit = time.monotonic() + 120
    while not done.exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.005)
    process.send_signal(blow)
    _, told = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if blow == signal.SIGKILL else 130)
    assert part.is_dir(), "the run ended before it could be killed"
    assert not (shell.folder / "cut").exists()
    if blow == signal.SIGINT:
        assert "accord resume" in told
        assert "Traceback" not in told
    code, _, err = shell.run("resume", "cut", "--jobs", "2", "--chunk", "50")
    assert code == 0, err
    whole, cut = bytes_of(shell.folder / "whole"), bytes_of(shell.folder / "cut")
    assert set(whole) == set(cut)
    assert [name for name in whole if whole[name] != cut[name]] == []


def test_the_ledger_says_what_was_and_was_not_assessed(shell: Shell) -> None:
    code, out, err = shell.run("run", "coupled.yaml", "--json", "--out", "r")
    assert code == 0, err
    rows = {row["id"]: row for row in json.loads(out)["ledger"]["rows"]}
    assert rows["D"]["verdict"] == "not testable as written"
    assert (rows["E"]["verdict"], rows["E"]["reason"]) == ("not assessed", "no model yet")
    assert 0 < rows["B"]["probability"] < 1
    assert rows["A"]["probability"] <= rows["B"]["probability"] + 0.4
    assert rows["C"]["drivers"][0]["column"] in {"trade.technology_share", "trade.depth", "delay"}
    assert rows["B"]["shown"][1].startswith(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
                                             "Oct", "Nov", "Dec"))  # fmt: skip
    page = (shell.folder / "r" / "dossier.html").read_text(encoding="utf-8")
    assert "no model yet" in page


def test_a_finished_run_is_not_written_over(shell: Shell) -> None:
    assert shell.run("run", "coupled.yaml", "-n", "16", "--out", "r")[0] == 0
    before = bytes_of(shell.folder / "r")
    code, _, err = shell.run("run", "coupled.yaml", "-n", "32", "--out", "r")
    assert code == 2
    assert "--overwrite" in err
    assert bytes_of(shell.folder / "r") == before


def test_a_verdict_can_be_asked_to_fail(shell: Shell) -> None:
    words = ["run", "coupled.yaml", "-n", "16", "--overwrite", "--out", "r", "--fail-on"]
    assert shell.run(*words, "not assessed")[0] == 1
    assert shell.run(*words, "infeasible")[0] == 0
    code, _, err = shell.run(*words, "nonsense")
    assert code == 2
    assert "expected one of supported" in err


def test_a_run_can_be_scored_when_dates_have_passed(shell: Shell) -> None:
    assert shell.run("run", "coupled.yaml", "-n", "64", "--out", "r")[0] == 0
    (shell.folder / "o.csv").write_text("claim,outcome\nA,0\nB,1\n", encoding="utf-8")
    code, out, err = shell.run("score", "r", "o.csv", "--json")
    assert code == 0, err
    assert json.loads(out)["claims"] == 2
    assert "too few claims" in shell.run("score", "r", "o.csv")[1]


def test_compare_with_common_draws(shell: Shell) -> None:
    late = COUPLED.replace("by: 2028-12-31", "by: 2029-12-31")
    (shell.folder / "late.yaml").write_text(late, encoding="utf-8")
    assert shell.run("run", "coupled.yaml", "--out", "one")[0] == 0
    assert shell.run("run", "late.yaml", "--out", "two")[0] == 0
    code, out, err = shell.run("compare", "one", "two", "--json")
    assert code == 0, err
    body = json.loads(out)
    assert body["common_draws"]
    changed = [row["id"] for row in body["claims"] if row["changed"]]
    assert changed == ["B"]


TEN = [
    ("title: A coupled programme", "titel: A coupled programme", "unknown-key"),
    ("as_of: 2026-01-31", "as_of: 2026-02-31", "value"),
    ("p10: 12 month", "p10: 120 month", "spread"),
    ("base: {dist: normal, mean: 60 GUSD2025/yr", "base: {dist: normal, mean: 60 km", "quantity"),
    ("kind: protection", "kind: protectoin", "unknown-kind"),
    (
        "ports: {delivered: plan.delivered_share_by_year}",
        "ports: {delivered: plan.delivered_share_by_yaer}",
        "port",
    ),
    ("system: net}", "system: net, after: [design]}", "value"),
    ("test: {event: build, by: 2028-12-31}", "test: {event: biuld, by: 2028-12-31}", "dangling-reference"),
    ("ge: 1 GUSD2025/yr, at: 2031-12-31", "ge: 1 GUSD2025/yr, at: 2051-12-31", "dates"),
    ("class: opinion", "class: opinoin", "value"),
]


def test_ten_mistakes_are_ten_findings_each_at_its_line(shell: Shell) -> None:
    text = COUPLED
    lines = {}
    for right, wrong, _ in TEN:
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    for _, wrong, _ in TEN:
        lines[wrong] = text[: text.index(wrong)].count("\n") + 1
    (shell.folder / "wrong.yaml").write_text(text, encoding="utf-8")
    code, out, _ = shell.run("check", "wrong.yaml", "--json")
    assert code == 2
    findings = json.loads(out)["findings"]
    at = {f["line"] for f in findings if f["level"] == "error"}
    assert {wrong: line for wrong, line in lines.items() if line not in at} == {}
    for _, wrong, expected in TEN:
        here = [f for f in findings if f["line"] == lines[wrong]]
        assert not expected or expected in {f["code"] for f in here}, here
    code, _, err = shell.run("run", "wrong.yaml", "--out", "r")
    assert code == 2
    assert "Traceback" not in err
    assert not list(shell.folder.glob("r*"))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["run", "absent.yaml"], 2, "absent.yaml"),
        (["rnu"], 2, "did you mean 'run'"),
        (["resume", "."], 2, "not a run folder"),
        (["system", "show", "warp"], 2, "unknown system kind"),
        (["dossier", "nowhere"], 2, "not a run folder"),
        (["check"], 2, "FILE"),
    ],
)
def test_mistakes_of_usage_get_one_line(shell: Shell, words: list[str], code: int, told: str) -> None:
    got, _, err = shell.run(*words)
    assert got == code
    assert told in err
    assert "Traceback" not in err


def test_every_command_has_help_and_json_speaks_json(shell: Shell) -> None:
    from accord.cli.main import COMMANDS

    for name in COMMANDS:
        code, out, err = shell.run(name, "--help")
        assert code == 0, err
        assert "Usage" in out
    for words in (["system", "list", "--json"], ["system", "show", "trade", "--json"], ["doctor", "--json"],
                  ["runs", "list", "--json"], ["check", "--schema"]):  # fmt: skip
        _, out, err = shell.run(*words)
        body = json.loads(out)
        assert "schema" in body or "$schema" in body, err


def test_a_system_made_from_the_template_conforms(shell: Shell, tmp_path: Path) -> None:
    code, _, err = shell.run("system", "new", "reservoir", "--into", str(tmp_path))
    assert code == 0, err
    made = (tmp_path / "reservoir" / "model.py").read_text(encoding="utf-8")
    assert "_template" not in made
    assert 'name="reservoir"' in made
    assert shell.run("system", "new", "reservoir", "--into", str(tmp_path))[0] == 2
    assert shell.run("system", "new", "Two Words", "--into", str(tmp_path))[0] == 2
