"""The ledger on a terminal."""

from __future__ import annotations

import io

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
            shown=("1 day", "2 day", "3 day") if i == 1 else (), threshold_shown="2 day" if i == 1 else "",
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
    assert ("1 day · 2 day · 3 day" in text) == (width >= 140) or width == 110


def test_an_empty_ledger_says_so() -> None:
    stream = io.StringIO()
    print_ledger(Ledger(programme="p", title="Empty", rows=()), Console(file=stream, width=80))
    assert "0 claims: no claims" in stream.getvalue()
