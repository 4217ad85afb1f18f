"""``accord check FILE``: every mistake of a programme file, each at its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from accord.contract import Finding

__all__ = ["command", "print_findings"]


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--scenario", default="", help="Check the file as changed by this scenario only.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of programme files, for editors.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(file: Path | None, scenario: str, schema: bool, as_json: bool) -> None:
    """Check a programme FILE without running it; exit 2 when it has errors."""
    from accord.cli.output import emit

    if schema:
        import json

        from accord.programme.loader import programme_schema

        click.echo(json.dumps(programme_schema(), indent=1, ensure_ascii=False))
        return
    if file is None:
        raise click.UsageError("expected a programme FILE, or --schema")
    from accord.programme.check import check

    findings = check(file, scenario)
    errors = sum(f.level == "error" for f in findings)
    if as_json:
        emit(
            "accord/check/1", {"file": str(file), "errors": errors, "findings": [asdict(f) for f in findings]}
        )
    else:
        print_findings(findings)
        if not errors:
            click.echo(f"{file}: sound")
    if errors:
        raise SystemExit(2)


def print_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Print findings, one line each, and how many are errors and warnings."""
    rows = list(findings)
    for finding in rows:
        click.echo(str(finding), err=err)
    counts = [(sum(f.level == level for f in rows), level) for level in ("error", "warning")]
    told = ", ".join(f"{n} {level}{'s' if n > 1 else ''}" for n, level in counts if n)
    if told:
        click.echo(told, err=err)
