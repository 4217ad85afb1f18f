"""``accord fleet FILE``: the smallest Walker fleet that covers, carries and answers as wanted."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]


@click.command("fleet")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--system", "name", default="", help="Key of the constellation, where the file has several.")
@click.option("--cover", default=99.0, show_default=True, help="Share of area and time to be covered, %.")
@click.option("--fold", default=1, show_default=True, help="Satellites needed in view at once.")
@click.option("--rate", default=0.0, help="Capacity over the region, Gbit/s.")
@click.option("--latency", default=math.inf, help="Longest round trip over one satellite, ms.")
@click.option("--altitude", multiple=True, type=float, help="Altitude to look at, km; may be repeated.")
@click.option(
    "--inclination", multiple=True, type=float, help="Inclination to look at, deg; may be repeated."
)
@click.option("--largest", default=0, help="Largest fleet to look at; twice the file's when 0.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    file: Path,
    name: str,
    cover: float,
    fold: int,
    rate: float,
    latency: float,
    altitude: tuple[float, ...],
    inclination: tuple[float, ...],
    largest: int,
    as_json: bool,
) -> None:
    """Search for the smallest Walker fleet over the region of a constellation in FILE; exit 1 when none will do."""
    from accord.cli.output import emit
    from accord.tools.fleet import smallest_fleet

    if not 0.0 < cover <= 100.0 or fold < 1 or rate < 0.0 or latency <= 0.0:
        raise click.UsageError(
            "expected a cover above 0 and up to 100 %, a fold from 1, rate and latency above 0"
        )
    design = _design(file, name)
    found = smallest_fleet(
        design,
        file.parent,
        share=0.01 * cover,
        fold=fold,
        rate_gbit_s=rate,
        latency_ms=latency,
        altitudes_km=altitude,
        inclinations_deg=inclination,
        largest=largest,
    )
    if as_json:
        sizes = [{**asdict(candidate), "cover": share} for candidate, share in found.sizes]
        chosen = None if found.chosen is None else asdict(found.chosen)
        emit("accord/fleet/1", {"chosen": chosen, "capacity_gbit_s": found.capacity_gbit_s, "sizes": sizes})
    else:
        _told(found, cover, fold)
    if found.chosen is None:
        raise SystemExit(1)


def _design(file: Path, name: str) -> Any:
    from accord.errors import PlanError
    from accord.programme.loader import load

    systems = load(file).resolved.systems
    fleets = {key: entry for key, entry in systems.items() if entry.kind == "constellation"}
    if name not in fleets and (name or len(fleets) != 1):
        raise PlanError(
            f"{file}: expected --system with one of {', '.join(fleets) or 'no constellation in it'}"
        )
    return fleets[name or next(iter(fleets))].design


def _told(found: Any, cover: float, fold: int) -> None:
    click.echo("satellites  cover    best pattern")
    for candidate, share in found.sizes[-12:]:
        click.echo(
            f"{candidate.satellites:10}  {100.0 * share:6.2f} %  {candidate.altitude_km:g} km, {candidate.notation}"
        )
    if found.chosen is None:
        click.echo(
            f"none of these covers {cover:g} % with {fold} in view and meets the rest: try a larger --largest"
        )
        return
    more = f", {found.capacity_gbit_s:.0f} Gbit/s over the region" if found.capacity_gbit_s > 0.0 else ""
    fleet = found.chosen
    click.echo(f"smallest: {fleet.satellites} satellites at {fleet.altitude_km:g} km, {fleet.notation}{more}")
