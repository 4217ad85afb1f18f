"""The ledger on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from accord.cli.ledger_table import print_ledger
from accord.evidence.ledger import VERDICTS, Ledger, Row


def ledger() -> Ledger:
    rows = tuple(
        Row(
            id=f"C{i:02d}", class_="fact", modality="asserted", source="s", lines=(i + 1,),
            text=f"[red]bold[/] claim number {i} " + "word " * 30, verdict=verdict, reason="because",
            probability=0.25 if i == 1 else None, probability_text="0.25" if i == 1 else "",
            likelihood="about as likely as not" if i == 1 else "",
            shown=("10.25", "20.5", "30.75") if i == 1 else (), threshold_shown="20 day" if i == 1 else "",
        )
        for i, verdict in enumerate(VERDICTS)
    )  # fmt: skip
    return Ledger(programme="p", title="[blue]Title", rows=rows)


@pytest.mark.parametrize("width", [60, 80, 110, 140, 200])
def test_every_width_shows_ids_verdicts_and_counts(width: int) -> None:
    stream = io.StringIO()
    print_ledger(ledger(), Console(file=stream, width=width, color_system=None))
    text = stream.getvalue()
    assert max(len(line) for line in text.splitlines()) <= width
    for i, verdict in enumerate(VERDICTS):
        assert f"C{i:02d}" in text
        assert verdict in text
    assert "[red]" in text
    assert "[blue]Title" in text
    assert "0.25" in text
    assert "10 claims: 1 supported" in text
    assert "about as likely as not" in text
    for number in ("10.25", "20.5", "30.75"):  # wrapped perhaps, never cut
        assert number in text


def printed(one: Row, width: int) -> str:
    stream = io.StringIO()
    print_ledger(Ledger(programme="p", title="T\x1b[2J", rows=(one,)), Console(file=stream, width=width))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 140])
def test_texts_never_steer_the_terminal(width: int) -> None:
    text = printed(
        replace(
            ledger().rows[1],
            text="\x1b]0;title\x07 \x9b31m one\ntwo\tthree \u202e back",
            shown=("1 \x1b[8mday",) * 3,
        ),
        width,
    )
    assert not any(c in text for c in "\x1b\x07\x9b\t\u202e")
    assert "one two three" in text


@pytest.mark.parametrize("width", [80, 140])
def test_a_long_name_leaves_room_for_the_rest(width: int) -> None:
    text = printed(replace(ledger().rows[1], id="C" + "x" * 59), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.count("x") >= 59
    assert "likely met" in text
    assert "0.25" in text


def test_an_empty_ledger_says_so() -> None:
    stream = io.StringIO()
    print_ledger(Ledger(programme="p", title="Empty", rows=()), Console(file=stream, width=80))
    assert "0 claims: no claims" in stream.getvalue()
