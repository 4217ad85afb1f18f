"""The scenarios of a file on a terminal: what each does to the probability of each claim that it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from accord.cli.ledger_table import plain

if TYPE_CHECKING:
    from rich.console import Console

    from accord.evidence.ledger import Ledger

__all__ = ["print_scenarios"]


def print_scenarios(ledger: Ledger, console: Console) -> None:
    """Print one row a claim and scenario that differ by more than the sampling noise; nothing without scenarios."""
    if not ledger.scenarios:
        return
    table = Table(show_edge=False, pad_edge=False, box=None, expand=True)
    table.add_column("claim", style="bold", overflow="fold", max_width=16)
    table.add_column("scenario", ratio=1)
    table.add_column("P as it stands", justify="right")
    table.add_column("P then", justify="right")
    table.add_column("difference (95 %)", justify="right", no_wrap=True)
    before = {row.id: row.probability_text for row in ledger.rows}
    still: dict[str, int] = {}
    for effect in ledger.scenarios:
        if effect.difference is None or effect.difference_low is None or effect.difference_high is None:
            table.add_row(plain(effect.claim), plain(effect.title), "", "not assessed", "")
            continue
        if effect.difference_low <= 0.0 <= effect.difference_high:
            still[effect.title] = still.get(effect.title, 0) + 1
            continue
        table.add_row(
            plain(effect.claim),
            plain(effect.title),
            before[effect.claim],
            effect.shown,
            f"{effect.difference:+.3f} ({effect.difference_low:+.3f} to {effect.difference_high:+.3f})",
        )
    console.print(Text("\nScenarios, drawn with the same numbers"))
    if table.row_count:
        console.print(table)
    for title, count in still.items():
        console.print(Text(f"{count} claims do not move noticeably: ").append(plain(title)))
