"""``accord compare FIRST SECOND``: what changed between two runs or two versions of an announcement, by claim."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger

__all__ = ["command", "compared"]


@dataclass(frozen=True, slots=True)
class _Side:
    """A run with its ledger."""

    run: Run
    ledger: Ledger


@click.command("compare")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--members", "-n", type=click.IntRange(8, 1_000_000), help="Members, where files are compared.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed, where files are compared.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(first: Path, second: Path, members: int | None, seed: int | None, as_json: bool) -> None:
    """Compare two finished runs or two programme files: claims added, dropped, reworded, thresholds moved, verdicts.

    Files are run first, both with the members and the seed of the first one, so that they draw the same numbers.
    """
    from accord.cli.output import emit
    from accord.errors import FileError

    files = [path.is_file() for path in (first, second)]
    if files[0] != files[1]:
        raise FileError(
            f"{first}, {second}: expected two run folders or two programme files, not one of each"
        )
    if not files[0] and (members is not None or seed is not None):
        raise click.UsageError("--members and --seed are for programme files: runs have theirs")
    one, two = (
        _from_files(first, second, members, seed) if files[0] else (_reopened(first), _reopened(second))
    )
    body = compared(one, two)
    if as_json:
        emit("accord/compare/1", body)
    else:
        _print(body)


def _reopened(path: Path) -> _Side:
    from accord.cli.pipeline import reopen

    done = reopen(path)
    return _Side(done.run, done.ledger)


def _from_files(first: Path, second: Path, members: int | None, seed: int | None) -> tuple[_Side, _Side]:
    from accord.engine.draw import draw
    from accord.engine.execute import run
    from accord.engine.plan import plan
    from accord.evidence.judge import judge
    from accord.programme.loader import load

    loaded = [load(path) for path in (first, second)]
    ensemble = loaded[0].programme.ensemble
    sides = []
    for one in loaded:
        wired = plan(one)
        start = ensemble.seed if seed is None else seed
        done = run(wired, draw(wired, members or ensemble.members, start, ensemble.replicates))
        sides.append(_Side(done, judge(done)))
    return sides[0], sides[1]


def _print(body: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from accord.cli.ledger_table import plain

    console = Console()
    console.print(body["note"], highlight=False)
    table = Table("claim", "what changed", "verdict before", "verdict after", "P before", "P after", box=None)
    for column in table.columns[4:]:
        column.justify = "right"
    for row in body["claims"]:
        if row["changed"] or row["kinds"]:
            said = (
                "; ".join([", ".join(row["kinds"]), *row["changes"]]) if row["kinds"] else "the numbers only"
            )
            table.add_row(
                plain(row["id"]), plain(said), row["verdict_first"], row["verdict_second"],
                _text(row["probability_first"]), _text(row["probability_second"]),
            )  # fmt: skip
    console.print(table if table.row_count else "No claim changed.")
    for entry in body["inputs"]:
        console.print(plain(f"{entry['column']}: {entry['first']} is now {entry['second']}"))


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def compared(first: Any, second: Any) -> dict[str, Any]:
    """Return what changed between two runs with their ledgers.

    Returns
    -------
    dict
        ``common_draws`` tells whether differences are free of sampling noise; ``claims`` has a row for each claim of
        either run with what became of its wording and test (``kinds``, ``changes``) and of its verdict; ``inputs``
        lists the columns whose distribution differs.
    """
    from accord.evidence.revision import revisions

    a, b = first.run, second.run
    common = (a.draws.seed, a.draws.n, a.draws.replicates) == (b.draws.seed, b.draws.n, b.draws.replicates)
    rows_a, rows_b = {r.id: r for r in first.ledger.rows}, {r.id: r for r in second.ledger.rows}
    claims = []
    for revision in revisions(a.plan.programme.claims, b.plan.programme.claims):
        one, two = rows_a.get(revision.first), rows_b.get(revision.second)
        row = {
            "id": revision.second or revision.first,
            **{key: value for key, value in asdict(revision).items() if key not in {"first", "second"}},
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
