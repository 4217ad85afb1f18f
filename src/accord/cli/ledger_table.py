"""The ledger on a terminal: one row a claim, readable at 80 columns and without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from accord.evidence.ledger import Ledger, Row

__all__ = ["print_ledger"]

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
        Its width decides how much is shown; texts are printed as they are, never read as markup.
    """
    wide = console.width >= _WIDE
    table = Table(show_edge=False, pad_edge=False, box=None, expand=True)
    table.add_column(
        "claim", no_wrap=True, style="bold", min_width=max([5, *(len(r.id) for r in ledger.rows)])
    )
    table.add_column("what was said", ratio=5, overflow="ellipsis", no_wrap=not wide)
    table.add_column("verdict", no_wrap=True, min_width=max([7, *(len(r.verdict) for r in ledger.rows)]))
    table.add_column("P", justify="right", no_wrap=True, min_width=8)
    if wide:
        table.add_column("P10 · P50 · P90", ratio=3)
        table.add_column("against", ratio=2)
    for row in ledger.rows:
        cells = [
            Text(row.id),
            Text(row.text),
            Text(row.verdict, _STYLE.get(row.verdict, "dim")),
            _chance(row),
        ]
        if wide:
            cells += [Text(" · ".join(row.shown)), Text(row.threshold_shown)]
        table.add_row(*cells)
    console.print(Text(ledger.title, style="bold"), Text(""), sep="\n")
    console.print(table)
    counts = ", ".join(f"{n} {verdict}" for verdict, n in ledger.counts().items()) or "no claims"
    console.print(Text(f"\n{len(ledger.rows)} claims: {counts}"))


def _chance(row: Row) -> Text:
    return Text(row.probability_text if row.probability is not None else "-")
