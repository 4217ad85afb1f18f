"""``accord flood SCENE... -o DIR``: from satellite scenes to a map, outlines, people exposed and a draft alert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from accord.cli.scenes import PATH, asked, map_options, told, watched

__all__ = ["command"]


@click.command("flood")
@click.argument("scenes", nargs=-1, required=True, type=PATH)
@click.option(
    "--before",
    multiple=True,
    type=PATH,
    help="An earlier scene of the same place (and, for radar, the same orbit); may be repeated.",
)
@click.option(
    "--water", type=PATH, help="Raster of reference water (mask, or occurrence in per cent), taken off."
)
@click.option("--water-above", type=float, help="From which value on that raster means water.")
@click.option(
    "--sample", type=PATH, help="Reference sample (CSV: lon, lat, water): area with its confidence interval."
)
@click.option("--harmonics", type=PATH, help="Seasonal radar record of nine bands, for the Bayes member.")
@click.option("--unit", type=click.Choice(["db", "linear"]), help="Unit of plain radar rasters.")
@click.option(
    "--least-ha",
    type=click.FloatRange(0.0),
    default=0.5,
    show_default=True,
    help="Smallest patch mapped [ha].",
)
@click.option("--no-model", is_flag=True, help="Leave the learned model out.")
@click.option(
    "--network",
    type=PATH,
    help="Card of a network (accord imaging train-network) to use in place of the trees.",
)
@click.option(
    "--force-model",
    is_flag=True,
    help="Use the learned model also on a scene unlike its training, where the rules alone decide without this.",
)
@click.option("--dem", type=PATH, help="Elevation model [m]: slopes are left out, radar is laid right.")
@map_options
def command(
    scenes: tuple[Path, ...], as_json: bool, quiet: bool, no_model: bool, force_model: bool, **given: Any
) -> None:
    """Map water from SCENES: product folders or archives (Sentinel-1 GRD, Sentinel-2, Landsat, HLS), STAC documents,
    or plain rasters.

    Every pixel becomes water, dry or unseen. Nothing is said about ground that was not seen. With --water or --before
    the map is of the flood; without, of all water. The tool advises; it is no warning authority.
    """
    from accord.tools.flood import run

    for option, given_too in (("--force-model", force_model), ("--network", given["network"] is not None)):
        if no_model and given_too:
            raise click.UsageError(f"--no-model and {option} contradict each other: give one")
    request = asked(scenes, use_model=not no_model, force_model=force_model, **given)
    with watched(quiet or as_json) as progress:
        done = run(request, progress)
    told("accord/flood/1", request.out, done, as_json)
