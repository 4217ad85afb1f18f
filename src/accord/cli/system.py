"""``accord system list|show|validate|new``."""

from __future__ import annotations

import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

__all__ = ["command", "described"]

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group("system")
def command() -> None:
    """List, show, validate and create systems."""


@command.command("list")
@_JSON
def list_(as_json: bool) -> None:
    """List the systems, and the kinds that programmes may name but that have no model yet."""
    from accord import systems
    from accord.cli.output import emit

    rows = [{"kind": k, "title": systems.get(k).title, "state": "modelled"} for k in systems.names()]
    rows += [{"kind": k, "title": title, "state": "no model yet"} for k, title in systems.planned().items()]
    if as_json:
        emit("accord/systems/1", {"systems": rows})
    else:
        for row in rows:
            click.echo(f"{row['kind']:14} {row['state']:13} {row['title']}")


@command.command("show")
@click.argument("kind")
@_JSON
def show(kind: str, as_json: bool) -> None:
    """Show what a system takes and gives: inputs with unit, range, default and source; ports; outputs."""
    from accord import systems, units
    from accord.cli.output import emit

    body = described(systems.get(kind))
    if as_json:
        emit("accord/system/1", body)
        return
    click.echo(f"{body['title']} ({kind}), version {body['version']}\n")
    click.echo("inputs")
    for row in body["inputs"]:
        default = "required" if row["default"] is None else units.show(row["default"], row["unit"])
        click.echo(f"  {row['key']:28} {default:18} {row['low']:g} to {row['high']:g}  {row['spread'] or ''}")
        click.echo(f"  {'':28} {row['doc']} [{row['source']}]")
    for title in ("ports", "outputs"):
        click.echo(title)
        for row in body[title]:
            click.echo(f"  {row['key']:28} {row.get('unit', ''):18} {row['doc']}")


def described(system: Any) -> dict[str, Any]:
    """Return a system's declarations as plain data, with the names a programme file uses."""
    from accord import units

    return {
        "kind": system.name,
        "title": system.title,
        "version": system.version,
        "inputs": [
            {
                "key": units.file_key(name, i.unit),
                "unit": i.unit,
                "doc": i.doc,
                "default": i.default,
                "low": i.low,
                "high": i.high,
                "usual": i.usual,
                "spread": i.spread.describe() if i.spread else None,
                "source": i.source,
                "role": i.role,
            }
            for name, i in system.inputs.items()
        ],
        "ports": [
            {"key": name, "of": p.of, "doc": p.doc, "optional": p.optional, "fallback": p.fallback}
            for name, p in system.ports.items()
        ],
        "outputs": [
            {
                "key": units.file_key(name, o.unit),
                "unit": o.unit,
                "doc": o.doc,
                "dims": o.dims,
                "headline": o.headline,
            }
            for name, o in system.outputs.items()
        ],
        "design": system.Design.model_json_schema(),
        "example": dict(system.example),
    }


@command.command("validate")
@click.argument("kind")
@click.option("--fast", is_flag=True, help="Leave out cases marked slow.")
@_JSON
def validate(kind: str, fast: bool, as_json: bool) -> None:
    """Recompute a system's published cases; exit 1 when one is out of tolerance."""
    from accord import systems
    from accord.cli.output import emit

    systems.get(kind)
    outcomes = systems.validate(kind, slow=not fast)
    failed = sum(o.state == "failed" for o in outcomes)
    if as_json:
        emit("accord/validation/1", {"kind": kind, "outcomes": [asdict(o) for o in outcomes]})
    else:
        for o in outcomes:
            click.echo(
                f"{o.state:8} {o.id:6} {o.quantity}: {o.obtained or '-'} (published {o.expected}, {o.tolerance})"
            )
            click.echo(f"{'':16}{o.title} [{o.citation}]")
        click.echo(f"{sum(o.state == 'passed' for o in outcomes)} passed, {failed} failed")
    if failed:
        raise SystemExit(1)


@command.command("new")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder of systems; default the package's own.",
)
@_JSON
def new(name: str, into: Path | None, as_json: bool) -> None:
    """Create a system NAME from the template: one folder, conforming from the first minute."""
    from accord.cli.output import emit
    from accord.errors import FileError

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise FileError(f"{name!r}: a system is named in lower case letters, digits and underscores")
    home = Path(__file__).parents[1] / "systems"
    target = (into or home) / name
    if target.exists():
        raise FileError(f"{target}: exists already")
    beside = target.with_name(f"{name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(home / "_template", beside, ignore=shutil.ignore_patterns("__pycache__"))
    for path in beside.iterdir():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("_template", name).replace(" (template)", ""), encoding="utf-8")
    beside.replace(target)
    if as_json:
        emit("accord/new/1", {"folder": str(target)})
    else:
        click.echo(
            f"{target}: a copy of the template; replace every line, then `accord system validate {name}`"
        )
