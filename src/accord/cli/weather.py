"""``accord weather check FILE``: may a weather file be used, are its time stamps right, what would a field yield."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.group("weather")
def command() -> None:
    """Look at a weather file before a plant is built on it."""


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def check(file: Path, as_json: bool) -> None:
    """Read FILE (EPW, TMY3, SAM CSV, PVGIS, NASA POWER), test it, and print the closure of its irradiances and yields.

    Exit 2 with every reason when the file cannot be used.
    """
    from accord.cli.output import emit
    from accord.systems.plant.weather.report import report

    found = report(file)
    if as_json:
        emit("accord/weather/1", found)
        return
    years = found["years"]
    span = (
        "a typical year"
        if found["typical"]
        else f"{years[0]} to {years[-1]}"
        if len(years) > 1
        else str(years[0])
    )
    click.echo(f"{found['title']}: {found['format']}, {span}")
    click.echo(
        f"place    {found['latitude_deg']:.3f} N, {found['longitude_deg']:.3f} E, {found['altitude_m']:.0f} m"
    )
    click.echo(
        f"sun      global {found['ghi_kwh_per_m2']:.0f}, beam {found['dni_kwh_per_m2']:.0f}, diffuse "
        f"{found['dhi_kwh_per_m2']:.0f} kWh/m2 a year"
    )
    for row in found["closure"]:
        mark = "  <- as labelled" if row["shift_min"] == 0 else ""
        click.echo(f"closure  {row['shift_min']:+4.0f} min  {row['rmse_w_m2']:6.1f} W/m2{mark}")
    if found["closure"]:
        click.echo(f"         best at {found['best_shift_min']:+.1f} min, {found['best_w_m2']:.1f} W/m2")
    for row in found["yields"]:
        click.echo(
            f"yield    {row['mount']:28} {row['kwh_per_kw']:6.0f} kWh/kW   {row['capacity_factor']:.3f} of AC"
        )
    for text in found["notices"]:
        click.echo(f"notice   {text}")
    if not found["notices"]:
        click.echo("nothing to remark")
