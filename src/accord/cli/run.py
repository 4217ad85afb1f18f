"""``accord run FILE``, ``accord demo`` and ``accord resume RUN``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["command", "demo", "resume"]


def _work_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output."),
        click.option("--quiet", is_flag=True, help="No progress on standard error."),
        click.option("--no-cache", is_flag=True, help="Prepare every design afresh."),
        click.option(
            "--chunk", type=click.IntRange(1), help="Members evaluated at a time (never changes results)."
        ),
        click.option(
            "--jobs", type=click.IntRange(1), default=None, help="Worker processes (never changes results)."
        ),
    ):
        function = option(function)
    return function


def _ensemble_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--fail-on",
            multiple=True,
            metavar="VERDICT",
            help="Exit with 1 when any claim has this verdict; may be repeated.",
        ),
        click.option(
            "--tolerance",
            type=click.FloatRange(0.0, 0.5, min_open=True),
            help="Double the members until every P is known to within plus or minus this; default from the file.",
        ),
        click.option(
            "--scenarios/--no-scenarios", default=True, help="Whether the file's scenarios are run beside it."
        ),
        click.option("--overwrite", is_flag=True, help="Replace a finished run at --out."),
        click.option(
            "--out", type=click.Path(path_type=Path), help="Run folder; default runs/<time>-<programme>."
        ),
        click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed; default from the file."),
        click.option(
            "--members", "-n", type=click.IntRange(8, 1_000_000), help="Ensemble size; default from the file."
        ),
    ):
        function = option(function)
    return function


def _jobs(asked: int | None) -> int:
    return asked or min(4, os.cpu_count() or 1)


@click.command("run")
@click.argument("file", type=click.Path(path_type=Path))
@_ensemble_options
@click.option("--scenario", default="", help="A scenario of the file.")
@_work_options
def command(file: Path, as_json: bool, quiet: bool, no_cache: bool, jobs: int | None, **given: Any) -> None:
    """Run a programme FILE: print its ledger, write the run folder with ledger.json and dossier.html."""
    _run(file, as_json=as_json, quiet=quiet, no_cache=no_cache, jobs=jobs, **given)


@click.command("demo")
@_ensemble_options
@_work_options
def demo(
    as_json: bool, quiet: bool, no_cache: bool, jobs: int | None, members: int | None, **given: Any
) -> None:
    """Run the flagship programme that comes with Accord, with 10 000 members."""
    given["overwrite"] = True
    given["out"] = given["out"] or Path("runs/demo")
    _run(
        flagship(),
        as_json=as_json,
        quiet=quiet,
        no_cache=no_cache,
        jobs=jobs,
        members=members or 10_000,
        **given,
    )


def flagship() -> Path:
    """Return the programme file that ``accord demo`` runs.

    Raises
    ------
    FileError
        When the programmes were not installed with the package.
    """
    from accord.errors import FileError

    package = Path(__file__).parents[1]
    for folder in (package / "programmes", package.parents[1] / "programmes"):
        pointer = folder / "flagship.txt"
        if pointer.is_file():
            return folder / pointer.read_text(encoding="utf-8").strip()
    raise FileError("the flagship programme is not installed: run a file of your own with `accord run FILE`")


def _run(
    file: Path,
    *,
    as_json: bool,
    quiet: bool,
    no_cache: bool,
    jobs: int | None,
    fail_on: tuple[str, ...],
    **given: Any,
) -> None:
    from accord.cli.output import emit, print_done, ran
    from accord.cli.pipeline import Request, start
    from accord.cli.progress import watch
    from accord.evidence.ledger import VERDICTS

    unknown = sorted(set(fail_on) - set(VERDICTS))
    if unknown:
        raise click.UsageError(f"no verdict {unknown[0]!r}: expected one of {', '.join(VERDICTS)}")
    request = Request(file=file, jobs=_jobs(jobs), use_cache=not no_cache, **given)
    with watch(quiet or as_json) as listener:
        done = start(request, listener)
    if as_json:
        emit("accord/ran/1", ran(done))
    else:
        print_done(done)
    if any(row.verdict in fail_on for row in done.ledger.rows):
        raise SystemExit(1)


@click.command("resume")
@click.argument("run", type=click.Path(path_type=Path))
@_work_options
def resume(
    run: Path, as_json: bool, quiet: bool, no_cache: bool, jobs: int | None, chunk: int | None
) -> None:
    """Go on with an interrupted RUN; the result is the same as of an uninterrupted one."""
    from accord.cli.output import emit, print_done, ran
    from accord.cli.pipeline import Request
    from accord.cli.pipeline import resume as go_on
    from accord.cli.progress import watch

    request = Request(file=run, jobs=_jobs(jobs), chunk=chunk, use_cache=not no_cache)
    with watch(quiet or as_json) as listener:
        done = go_on(run, request, listener)
    if as_json:
        emit("accord/ran/1", ran(done))
    else:
        print_done(done)
