"""``accord policy check|list|example``: a processing plan against policy packs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

__all__ = ["command"]

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group("policy")
def command() -> None:
    """Check where data lie and go, licences, cards and oversight against dated policy packs."""


@command.command("list")
@_JSON
def list_(as_json: bool) -> None:
    """List the packs that come with Accord and their rules."""
    from accord.cli.output import emit
    from accord.systems.imaging.policy.packs import read_pack, shipped_packs

    packs = [read_pack(path) for path in shipped_packs().values()]
    if as_json:
        emit("accord/policy-packs/1", {"packs": [p.model_dump(mode="json", by_alias=True) for p in packs]})
        return
    for pack in packs:
        click.echo(f"{pack.id}: {pack.title} (dated {pack.dated}; read from {pack.read_from})")
        for rule in pack.rules:
            click.echo(f"  {rule.id:28} {rule.level:6} since {rule.effective}  {rule.text}")


@command.command("example")
def example() -> None:
    """Print a processing plan to start from."""
    from importlib.resources import files

    place = files("accord.systems.imaging.policy") / "data" / "example_plan.yaml"
    click.echo(place.read_text(encoding="utf-8"), nl=False)


@command.command("check")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--pack", "names", multiple=True, help="Pack to use, by name or file; all shipped ones without."
)
@_JSON
def check(plan: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Check a processing PLAN (YAML: zones, assets, steps); exit 1 when a "must" rule fails.

    This is a machine's reading of some rules, not legal advice: what needs counsel is marked.
    """
    from accord.cli.output import emit
    from accord.errors import FileError
    from accord.systems.imaging.policy.check import check_plan
    from accord.systems.imaging.policy.packs import read_pack, shipped_packs
    from accord.systems.imaging.policy.plan import read_plan

    shipped = shipped_packs()
    paths = [shipped.get(name, Path(name)) for name in names] or list(shipped.values())
    for path in paths:
        if not path.is_file():
            raise FileError(f"no policy pack {str(path)!r}: expected a file or one of {', '.join(shipped)}")
    found = check_plan(read_plan(plan), [read_pack(path) for path in paths], plan.parent)
    failed = [v for v in found if v.state == "fails" and v.level == "must"]
    if as_json:
        emit("accord/policy/1", {"failed": len(failed), "verdicts": [asdict(v) for v in found]})
    else:
        for v in found:
            counsel = "  needs counsel" if v.needs_counsel else ""
            click.echo(
                f"{v.state:14} {v.level:6} {v.pack}/{v.rule} [{v.citation}, since {v.effective}]{counsel}"
            )
            for line in v.findings:
                click.echo(f"    {line}")
        click.echo(f"{len(failed)} rules that must hold fail. A machine's reading, not legal advice.")
    if failed:
        raise SystemExit(1)
