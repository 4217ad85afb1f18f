"""``accord dossier RUN``: write the dossier of a finished run again."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("dossier")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default the run folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(run: Path, out: Path | None, as_json: bool) -> None:
    """Judge a finished RUN again and write its dossier, tables and figures."""
    from accord.cli.output import emit
    from accord.cli.pipeline import reopen, validations
    from accord.dossier.build import build

    done = reopen(run)
    kinds = {node.kind for node in done.run.plan.nodes.values() if node.system is not None}
    path = build(done.run, done.ledger, out or done.folder, validations=validations(sorted(kinds)))
    if as_json:
        emit("accord/dossier/1", {"dossier": str(path)})
    else:
        click.echo(str(path))
