"""What every command prints the same way: JSON with a schema key, a short table of a ledger's counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from accord.cli.pipeline import Done

__all__ = ["emit", "print_done", "ran"]


def emit(schema: str, body: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    click.echo(json.dumps({"schema": schema, **body}, indent=1, ensure_ascii=False, allow_nan=False))


def ran(done: Done) -> dict[str, Any]:
    """Return what ``--json`` says of a finished run."""
    from accord.evidence.ledger import to_json

    ledger = to_json(done.ledger)
    return {
        "run": str(done.folder),
        "dossier": str(done.dossier),
        "manifest": dict(done.run.manifest),
        "systems": {k: {"state": s.state, "reason": s.reason} for k, s in done.run.statuses.items()},
        "ledger": ledger,
    }


def print_done(done: Done) -> None:
    """Print the ledger and where everything is."""
    from rich.console import Console

    from accord.cli.ledger_table import plain, print_ledger
    from accord.cli.scenario_table import print_scenarios

    console = Console()
    print_ledger(done.ledger, console)
    print_scenarios(done.ledger, console)
    for note in done.ledger.notes:
        console.print(plain(note[:1].upper() + note[1:]))
    console.print(f"run      {done.folder}", soft_wrap=True, highlight=False)
    console.print(f"dossier  {done.dossier}", soft_wrap=True, highlight=False)
