"""``accord runs list`` and ``accord runs prune``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

__all__ = ["command", "found"]


@click.group("runs")
def command() -> None:
    """List and prune run folders."""


def found(root: Path) -> list[dict[str, Any]]:
    """Return the runs beneath a folder, newest first."""
    from accord.engine.mappings import read_json
    from accord.engine.store import is_run
    from accord.errors import FileError

    rows = []
    for path in sorted(root.iterdir()) if root.is_dir() else []:
        if not (path.is_dir() and is_run(path)):
            continue
        try:
            manifest = read_json(path / "manifest.json")
        except FileError:
            continue
        rows.append(
            {
                "run": str(path),
                "programme": manifest["programme"]["id"],
                "members": manifest["members"],
                "seed": manifest["seed"],
                "state": "unfinished" if path.name.endswith(".part") else "finished",
                "megabytes": round(sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) / 1e6, 1),
                "changed": (path / "manifest.json").stat().st_mtime,
            }
        )
    return sorted(rows, key=lambda row: -row["changed"])


@command.command("list")
@click.option("--root", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def list_(root: Path, as_json: bool) -> None:
    """List the runs beneath a folder, newest first."""
    from accord.cli.output import emit

    rows = found(root)
    if as_json:
        emit("accord/runs/1", {"runs": rows})
        return
    for row in rows:
        size = f"{row['megabytes']:.1f} MB"
        click.echo(
            f"{row['run']}  {row['programme']}  {row['members']} members  seed {row['seed']}  {row['state']}  {size}"
        )
    if not rows:
        click.echo(f"no runs beneath {root}")


@command.command("prune")
@click.option("--root", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
@click.option("--keep", type=click.IntRange(0), default=5, show_default=True, help="Newest runs to keep.")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def prune(root: Path, keep: int, yes: bool, as_json: bool) -> None:
    """Remove all but the newest runs beneath a folder."""
    from accord.cli.output import emit

    doomed = found(root)[keep:]
    for row in doomed:
        if yes or click.confirm(f"remove {row['run']}?", err=True):
            shutil.rmtree(row["run"])
    if as_json:
        emit("accord/pruned/1", {"removed": [row["run"] for row in doomed]})
    else:
        click.echo(f"{len(doomed)} removed")
