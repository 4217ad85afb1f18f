"""``accord landslide SCENE --before SCENE -o DIR``: the map of a change between two optical scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from accord.cli.scenes import PATH, asked, map_options, told, watched

__all__ = ["command"]


@click.command("landslide")
@click.argument("scene", type=PATH)
@click.option(
    "--before", multiple=True, type=PATH, required=True, help="An earlier optical scene of the same season."
)
@click.option("--least-ha", type=click.FloatRange(0.0), help="Smallest patch mapped [ha]; 0.09 without.")
@click.option("--dem", type=PATH, required=True, help="Elevation model [m]: slides are looked for on slopes.")
@map_options
def command(scene: Path, as_json: bool, quiet: bool, least_ha: float | None, **given: Any) -> None:
    """Map where vegetation was lost on steep slopes in SCENE since the scene of --before: suspected landslides.

    An elevation model is needed (--dem). Fields that were harvested on slopes look alike: each patch is to be checked.
    The tool advises; it is no warning authority.
    """
    from accord.tools.hazard import LEAST_HA, run_hazard

    request = asked((scene,), least_ha=LEAST_HA["landslide"] if least_ha is None else least_ha, **given)
    with watched(quiet or as_json) as progress:
        done = run_hazard("landslide", request, progress)
    told("accord/landslide/1", request.out, [done], as_json)
