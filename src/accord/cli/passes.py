"""``accord passes SOURCE``: when satellites stand over sites, as a table, CSV or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]


@click.command("passes")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--site", "sites", multiple=True, metavar="NAME,LAT,LON[,M[,MASK]]", help="A site; may be repeated."
)
@click.option(
    "--sites",
    "file",
    type=click.Path(path_type=Path),
    help="CSV: name, latitude, longitude, height_m, mask_deg.",
)
@click.option("--from", "begin", default="", metavar="TIME", help="Begin, UTC; now without it.")
@click.option("--hours", default=24.0, show_default=True, help="Length of the window.")
@click.option("--mask", default=10.0, show_default=True, help="Lowest elevation in degrees.")
@click.option("--horizon", type=click.Path(path_type=Path), help="CSV: name, azimuth, elevation.")
@click.option("--dark", is_flag=True, help="Only with the Sun below -6 degrees at the site.")
@click.option("--lit", is_flag=True, help="Only with the satellite in sunlight.")
@click.option("--system", default="", help="The constellation, where a programme file has several.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV on standard output.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    source: Path,
    sites: Sequence[str],
    file: Path | None,
    begin: str,
    hours: float,
    mask: float,
    horizon: Path | None,
    dark: bool,
    lit: bool,
    system: str,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List passes of the satellites of SOURCE, a TLE or OMM file or a programme file with a constellation.

    Rise and set are refined to a millisecond, without refraction. Without a site a programme's own places serve.
    """
    from datetime import UTC, datetime

    from accord.cli.output import emit
    from accord.errors import FileError
    from accord.tools import passes as tool

    if not 0.0 <= mask < 90.0:
        raise FileError(f"a mask of {mask:g} deg: expected 0 to below 90 deg of elevation")
    when = tool.parse_moment(begin) if begin else datetime.now(UTC).replace(microsecond=0)
    sky, remarks, named = tool.sky_of(source, when, hours, system)
    places = [tool.parse_place(text) for text in sites] + (tool.read_places(file) if file else [])
    places = places or named
    if not places:
        raise FileError("no site: give --site NAME,LATITUDE,LONGITUDE or --sites FILE")
    profile = tool.read_horizon(horizon, places) if horizon else None
    found = tool.find(sky, places, mask, profile)
    rows = tool.table(sky, places, found, dark=dark, lit=lit)
    if as_json:
        emit("accord/passes/1", {"propagator": sky.propagator, "remarks": remarks, "passes": rows})
        return
    for remark in remarks:
        click.echo(f"warning: {remark}", err=True)
    if as_csv:
        _print_csv(rows)
    else:
        _print_table(
            rows, f"{len(sky.names)} satellites, {len(places)} sites, {hours:g} h from {when:%Y-%m-%dT%H:%MZ}"
        )


def _print_csv(rows: Sequence[dict[str, Any]]) -> None:
    import csv
    import sys

    from accord.tools.passes import COLUMNS

    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _print_table(rows: Sequence[dict[str, Any]], title: str) -> None:
    heads = ("rise UTC", "culm.", "set", "max", "azimuth", "km", "Sun", "light", "site", "satellite")
    click.echo(_line(*heads))
    for row in rows:
        turn = "-".join(f"{row[f'{end}_azimuth_deg']:03.0f}" for end in ("rise", "culmination", "set"))
        light = "lit" if row["sunlit_share"] >= 1.0 else "umbra" if row["sunlit_share"] <= 0.0 else "penumb"
        times = (row["rise"][:19] + ("*" if row["cut"] else ""), row["culmination"][11:19], row["set"][11:19])
        highest, above = f"{row['max_elevation_deg']:.1f}", f"{row['sun_elevation_deg']:.0f}"
        far = f"{row['range_km']:.0f}"
        click.echo(_line(*times, highest, turn, far, above, light, row["site"], row["satellite"]))
    cut = "; * cut by the window" if any(row["cut"] for row in rows) else ""
    click.echo(f"{len(rows)} passes; {title}{cut}")


def _line(*parts: str) -> str:
    rise, top, end, highest, turn, far, sun, light, site, satellite = parts
    times = f"{rise:21}{top:9}{end:9}"
    return f"{times}{highest:>5} {turn:12}{far:>6}{sun:>5} {light:7}{site[:14]:15}{satellite}"
