"""The ledger on a terminal: one row a claim, readable at 80 columns and without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from accord.evidence.ledger import Ledger, Row

__all__ = ["plain", "print_ledger"]

_STYLE = {
    "supported": "green",
    "likely met": "green",
    "uncertain": "yellow",
    "misleading": "magenta",
    "unlikely met": "red",
    "infeasible": "bold red",
    "contradicted": "bold red",
}
_WIDE = 110  # columns from which the quantiles have room of their own


def print_ledger(ledger: Ledger, console: Console) -> None:
    """Print a ledger.

    Parameters
    ----------
    ledger : Ledger
    console : rich.console.Console
        Its width decides how much is shown: below 110 columns the quantiles of a tested claim stand on a line beneath
        it. Texts are printed as they are, never read as markup or as orders to the terminal.
    """
    wide = console.width >= _WIDE
    first = min(max([5, *(len(r.id) for r in ledger.rows)]), 16)
    third = max([7, *(len(r.verdict) for r in ledger.rows), *(len(r.likelihood) for r in ledger.rows)])
    fourth = max([8, *(len(r.probability_text) for r in ledger.rows)])
    table = Table(show_edge=False, pad_edge=False, box=None, expand=True)
    table.add_column("claim", overflow="fold", style="bold", width=first)
    table.add_column("what was said", ratio=5)
    table.add_column("verdict", no_wrap=True, min_width=third)
    table.add_column("P", justify="right", no_wrap=True, min_width=fourth)
    if wide:
        table.add_column("P10 · P50 · P90", ratio=3)
        table.add_column("against", ratio=2)
    room = max(console.width - first - third - fourth - 6, 8)  # two spaces between columns
    for row in ledger.rows:
        said, verdict = plain(row.text), Text(row.verdict, _STYLE.get(row.verdict, "dim"))
        if not wide:
            said.truncate(room, overflow="ellipsis")
        if row.shown and not wide:
            said.append(f"\n{plain(' · '.join(row.shown))}, against {plain(row.threshold_shown)}", "dim")
        if row.likelihood:
            verdict.append(f"\n{row.likelihood}", "dim")
        cells = [plain(row.id), said, verdict, _chance(row)]
        if wide:
            cells += [plain(" · ".join(row.shown)), plain(row.threshold_shown)]
        table.add_row(*cells)
    console.print(plain(ledger.title, "bold"), Text(""), sep="\n")
    console.print(table)
    counts = ", ".join(f"{n} {verdict}" for verdict, n in ledger.counts().items()) or "no claims"
    console.print(Text(f"\n{len(ledger.rows)} claims: {counts}"))


def plain(text: str, style: str = "") -> Text:
    """Return a text on one line, control characters replaced: a file must not steer the terminal."""
    return Text(
        "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split())), style
    )


def _chance(row: Row) -> Text:
    return plain(row.probability_text if row.probability is not None else "-")
