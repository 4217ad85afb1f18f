"""``accord compare RUN RUN``: what changed between two runs, claim by claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from accord.cli.pipeline import Done

__all__ = ["command", "compared"]


@click.command("compare")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(first: Path, second: Path, as_json: bool) -> None:
    """Compare two finished runs, of one programme or of two versions of it."""
    from accord.cli.output import emit
    from accord.cli.pipeline import reopen

    body = compared(reopen(first), reopen(second))
    if as_json:
        emit("accord/compare/1", body)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(body["note"], highlight=False)
    table = Table(
        "claim", "verdict before", "verdict after", "P before", "P after", "P50 before", "P50 after"
    )
    for row in body["claims"]:
        if row["changed"]:
            table.add_row(
                row["id"], *(str(row[k]) for k in ("verdict_first", "verdict_second")),
                *(_text(row[k]) for k in ("probability_first", "probability_second", "p50_first", "p50_second")),
            )  # fmt: skip
    console.print(table if table.row_count else "No claim changed.")


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def compared(first: Done, second: Done) -> dict[str, Any]:
    """Return what changed between two runs.

    Returns
    -------
    dict
        ``common_draws`` tells whether differences are free of sampling noise; ``claims`` has a row for each claim of
        either run, ``inputs`` the columns whose distribution differs.
    """
    a, b = first.run, second.run
    common = (a.draws.seed, a.draws.n, a.draws.replicates) == (b.draws.seed, b.draws.n, b.draws.replicates)
    rows_a, rows_b = {r.id: r for r in first.ledger.rows}, {r.id: r for r in second.ledger.rows}
    claims = []
    for key in dict.fromkeys([*rows_a, *rows_b]):
        one, two = rows_a.get(key), rows_b.get(key)
        row = {
            "id": key,
            "text": (two or one).text,  # type: ignore[union-attr]
            "verdict_first": one.verdict if one else "absent",
            "verdict_second": two.verdict if two else "absent",
            "probability_first": one.probability if one else None,
            "probability_second": two.probability if two else None,
            "p50_first": one.p50 if one else None,
            "p50_second": two.p50 if two else None,
            "unit": (two or one).unit,  # type: ignore[union-attr]
        }
        pairs = [(row[f"{k}_first"], row[f"{k}_second"]) for k in ("verdict", "probability", "p50")]
        claims.append({**row, "changed": any(x != y for x, y in pairs)})
    inputs = [
        {
            "column": name,
            "first": a.plan.columns[name].spread.describe() if name in a.plan.columns else "absent",
            "second": b.plan.columns[name].spread.describe() if name in b.plan.columns else "absent",
        }
        for name in dict.fromkeys([*a.plan.columns, *b.plan.columns])
        if name not in a.plan.columns
        or name not in b.plan.columns
        or a.plan.columns[name].spread != b.plan.columns[name].spread
    ]
    note = (
        "Both runs drew the same numbers: differences are free of sampling noise."
        if common
        else "The runs drew different numbers: small differences are sampling noise."
    )
    return {"common_draws": common, "note": note, "claims": claims, "inputs": inputs}
