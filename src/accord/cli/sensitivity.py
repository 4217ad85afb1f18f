"""``accord sensitivity PROGRAMME --claim ID --method NAME``: what decides one claim, on a design made for it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from accord.engine.execute import Options
    from accord.engine.store import RunFolder
    from accord.evidence.study import Study
    from accord.programme.loader import Loaded

__all__ = ["command"]

_METHODS = ("sobol", "morris", "pawn", "delta", "shapley", "prim")
_TEXTS = {"column", "title", "unit"}
_SHOWN = 20


@click.command("sensitivity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--claim", required=True, metavar="ID", help="A tested claim of the file.")
@click.option("--method", type=click.Choice(_METHODS), default="sobol", show_default=True)
@click.option(
    "--of", "look", type=click.Choice(("claim", "quantity", "rank")),
    help="Whether the claim holds, the quantity it tests, or that quantity's rank; the method knows its default.",
)  # fmt: skip
@click.option(
    "--size", "-n", type=click.IntRange(8, 1_000_000), help="Points, trajectories, orders or members."
)
@click.option(
    "--inputs",
    type=click.IntRange(0),
    default=8,
    show_default=True,
    help="Sobol' and Shapley: the strongest inputs looked at by themselves, all others as one; 0 for each by itself.",
)
@click.option("--second-order", is_flag=True, help="Sobol' indices of pairs, too (almost twice the members).")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed; default from the file.")
@click.option("--scenario", default="", help="A scenario of the file.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder; default runs/sensitivity-<programme>-..."
)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Worker processes.")
@click.option("--dry-run", is_flag=True, help="State the cost and stop.")
@click.option("--overwrite", is_flag=True, help="Replace a finished study at --out.")
@click.option("--quiet", is_flag=True, help="No progress and no cost on standard error.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    file: Path, claim: str, method: str, look: str | None, size: int | None, inputs: int, second_order: bool,
    seed: int | None, scenario: str, out: Path | None, jobs: int, dry_run: bool, overwrite: bool, quiet: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Run a design of experiments for one claim of a programme FILE and say which inputs decide it.

    The cost is stated before it starts. Given again, the command goes on where an interrupt stopped it, and shows
    a finished study without running it again.
    """
    from accord.engine.draw import draw
    from accord.engine.execute import Options, run
    from accord.engine.plan import plan
    from accord.evidence.study import SCREENED, narrowed, study
    from accord.programme.loader import load

    loaded = load(file, scenario=scenario)
    start = loaded.programme.ensemble.seed if seed is None else seed
    made = study(plan(loaded), claim, method, of=look, size=size, seed=start, second_order=second_order)
    options = Options(jobs=jobs)
    if method in {"sobol", "shapley"} and inputs:
        made = narrowed(made, run(made.plan, draw(made.plan, SCREENED, start), options=options), inputs)
    if not quiet:
        click.echo(_cost(made, options), err=True)
    if dry_run:
        return
    name = f"sensitivity-{loaded.programme.id}-{claim}-{method}"
    body = _studied(made, loaded, out or Path("runs") / name, options, overwrite=overwrite, quiet=quiet)
    if as_json:
        from accord.cli.output import emit

        emit("accord/sensitivity/1", body)
    else:
        _print(body)


def _cost(made: Study, options: Options) -> str:
    """Return what the study will take, timed on a few members (which also prepares the designs)."""
    from accord.engine.draw import draw
    from accord.engine.execute import run
    from accord.evidence.study import METHODS

    seconds, few = 0.0, 32
    run(made.plan, draw(made.plan, 8, made.seed), options=options)
    while True:
        begin = time.perf_counter()
        run(made.plan, draw(made.plan, few, made.seed), options=options)
        seconds = (time.perf_counter() - begin) / few
        if seconds * few > 0.2 or few >= 2048:
            break
        few *= 8
    systems = ", ".join(made.plan.nodes)
    return (
        f"{made.method} of {made.claim}: {len(made.groups)} inputs, {made.size} {METHODS[made.method][1]}, "
        f"{made.members} members of {systems}: about {max(seconds * made.members, 0.1):.2g} s"
    )


def _studied(
    made: Study, loaded: Loaded, out: Path, options: Options, *, overwrite: bool, quiet: bool
) -> dict[str, Any]:
    from accord.cli.progress import watch
    from accord.dossier.tables import write_table
    from accord.engine.execute import run
    from accord.engine.store import RunFolder
    from accord.evidence.study import analyse, members_of

    asked = {
        "programme": loaded.text_hash, "scenario": loaded.scenario, "claim": made.claim, "method": made.method,
        "of": made.of, "size": made.size, "seed": made.seed, "second_order": made.second_order,
        "groups": [list(group) for group in made.groups],
    }  # fmt: skip
    folder = RunFolder(out.absolute())
    found = _finished(folder, asked) if not overwrite else None
    if found is not None:
        return found
    _open(folder, asked, loaded, overwrite=overwrite)
    with watch(quiet) as listener:
        executed = run(
            made.plan, members_of(made), folder=folder, options=replace(options, on_event=listener)
        )
    rows, dropped = analyse(made, executed)
    body = {
        **{key: value for key, value in asked.items() if key != "groups"},
        "inputs": len(made.groups),
        "members": made.members,
        "dropped_blocks": dropped,
        "systems": list(made.plan.nodes),
        "assumption": made.assumption,
        "rows": rows,
        "folder": str(folder.final),
    }
    write_table(folder.part / "tables", "sensitivity", rows)
    folder.write("sensitivity.json", body)
    folder.finish()
    return body


def _finished(folder: RunFolder, asked: dict[str, Any]) -> dict[str, Any] | None:
    """Return a finished study of the same request."""
    if not folder.finished or not (folder.final / "study.json").is_file():
        return None
    if folder.read("study.json") != asked:
        return None
    body: dict[str, Any] = folder.read("sensitivity.json")
    return body


def _open(folder: RunFolder, asked: dict[str, Any], loaded: Loaded, *, overwrite: bool) -> None:
    """Make the folder, or go on in the one that an interrupted study of the same request left."""
    from accord.engine.mappings import named_files, read_json

    begun = folder.part / "study.json"
    if begun.is_file() and read_json(begun) == asked:
        return
    folder.create(overwrite=overwrite)
    files = {loaded.path.name: loaded.path.read_bytes()}
    files |= named_files(loaded.programme.model_dump(mode="json", by_alias=True), loaded.folder)
    folder.save_programme(files)
    folder.write("study.json", asked)


def _print(body: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from accord.cli.ledger_table import plain

    numbers = [k for k in body["rows"][0] if k not in _TEXTS and not k.endswith(("_low", "_high"))]
    strong = [row for row in body["rows"] if row[numbers[0]] != 0.0 or body["method"] == "prim"]
    table = Table("input", *numbers, show_edge=False, pad_edge=False, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in strong[:_SHOWN]:
        table.add_row(plain(row["title"]), *(_cell(row, key) for key in numbers))
    console = Console()
    what = {"claim": "the claim holding", "quantity": "the tested quantity", "rank": "its rank"}[body["of"]]
    console.print(plain(f"{body['claim']}, {body['method']}, of {what}: {body['assumption']}"))
    console.print(table)
    for count, said in (
        (len(strong) - _SHOWN, "weaker inputs, in tables/sensitivity.csv"),
        (len(body["rows"]) - len(strong), "inputs change nothing"),
        (body["dropped_blocks"], "parts of the design left out because a member failed"),
    ):
        if count > 0:
            console.print(f"{count} {said}", highlight=False)
    console.print(f"study    {body['folder']}", soft_wrap=True, highlight=False)


def _cell(row: dict[str, Any], key: str) -> str:
    if isinstance(row[key], str):
        return str(row[key])
    if f"{key}_low" not in row:
        return f"{row[key]:.3g}"
    return f"{row[key]:.3g} ± {0.5 * (row[f'{key}_high'] - row[f'{key}_low']):.2g}"
