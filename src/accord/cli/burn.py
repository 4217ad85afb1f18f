"""``accord burn SCENE --before SCENE -o DIR``: the map of a change between two optical scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from accord.cli.scenes import PATH, asked, map_options, told, watched

__all__ = ["command"]


@click.command("burn")
@click.argument("scene", type=PATH)
@click.option(
    "--before", multiple=True, type=PATH, required=True, help="An earlier optical scene of the same season."
)
@click.option("--least-ha", type=click.FloatRange(0.0), help="Smallest patch mapped [ha]; 0.5 without.")
@map_options
def command(scene: Path, as_json: bool, quiet: bool, least_ha: float | None, **given: Any) -> None:
    """Map what burnt in SCENE since the scene of --before, by the difference of the normalised burn ratio.

    Classes of severity after Key & Benson (2006); from 0.27 on ground counts as burnt. Both scenes should show the same
    season. The tool advises; it is no warning authority.
    """
    from accord.tools.hazard import LEAST_HA, run_hazard

    request = asked((scene,), least_ha=LEAST_HA["burn"] if least_ha is None else least_ha, **given)
    with watched(quiet or as_json) as progress:
        done = run_hazard("burn", request, progress)
    told("accord/burn/1", request.out, [done], as_json)
