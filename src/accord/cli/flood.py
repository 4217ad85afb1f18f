"""``accord flood SCENE... -o DIR``: from satellite scenes to a map, outlines, people exposed and a draft alert."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


@click.command("flood")
@click.argument("scenes", nargs=-1, required=True, type=_PATH)
@click.option(
    "-o",
    "--out",
    required=True,
    type=_PATH,
    help="Folder of the products; also where an interrupted run goes on.",
)
@click.option(
    "--before",
    multiple=True,
    type=_PATH,
    help="An earlier scene of the same place (and, for radar, the same orbit); may be repeated.",
)
@click.option(
    "--water", type=_PATH, help="Raster of reference water (mask, or occurrence in per cent), taken off."
)
@click.option("--water-above", type=float, help="From which value on that raster means water.")
@click.option(
    "--people",
    type=_PATH,
    help="Population grid (GeoTIFF, people a cell) or settlements (CSV: lon, lat, population).",
)
@click.option("--dem", type=_PATH, help="Elevation model [m]: slopes are left out, radar is laid right.")
@click.option(
    "--exclude", type=_PATH, help="Raster, not 0 where the sensor is blind (town, forest, sand): unseen."
)
@click.option(
    "--sample", type=_PATH, help="Reference sample (CSV: lon, lat, water): area with its confidence interval."
)
@click.option("--harmonics", type=_PATH, help="Seasonal radar record of nine bands, for the Bayes member.")
@click.option(
    "--bands",
    default="",
    help="Names of the bands of plain rasters, in order: vv,vh or blue,green,...; - skips one.",
)
@click.option("--unit", type=click.Choice(["db", "linear"]), help="Unit of plain radar rasters.")
@click.option("--scale", type=float, help="Reflectance = scale x number + offset, for plain rasters.")
@click.option("--offset", type=float)
@click.option("--nodata", type=float, help="Value of plain rasters that means no data.")
@click.option(
    "--least-ha",
    type=click.FloatRange(0.0),
    default=0.5,
    show_default=True,
    help="Smallest patch mapped [ha].",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("en",),
    show_default=True,
    help="Of the draft alert; may be repeated.",
)
@click.option("--place", default="", help="Name of the area, for the draft alert.")
@click.option(
    "--alert-status",
    "status",
    type=click.Choice(["Draft", "Exercise", "Test", "Actual"]),
    default="Draft",
    show_default=True,
)
@click.option("--sender", default="unset", help="Who issues the alert; needed for Actual.")
@click.option(
    "--references", multiple=True, help="sender,identifier,sent of the alert that this one updates."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Of the intervals."
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Never changes results."
)
@click.option("--no-model", is_flag=True, help="Leave the learned model out.")
@click.option("--no-pictures", is_flag=True, help="Draw no PNG pictures.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def command(
    scenes: tuple[Path, ...], as_json: bool, quiet: bool, no_model: bool, no_pictures: bool, **given: Any
) -> None:
    """Map water from SCENES: product folders or archives (Sentinel-1 GRD, Sentinel-2, Landsat, HLS), STAC documents,
    or plain rasters.

    Every pixel becomes water, dry or unseen. Nothing is said about ground that was not seen. With --water or --before
    the map is of the flood; without, of all water. The tool advises; it is no warning authority.
    """
    from accord.tools.flood import run

    request = _request(scenes, use_model=not no_model, pictures=not no_pictures, **given)
    with _watch(quiet or as_json) as progress:
        done = run(request, progress)
    if as_json:
        from accord.cli.output import emit

        emit("accord/flood/1", {"out": str(request.out), "scenes": [summary.to_json() for summary in done]})
        return
    from accord.tools.flood import lines

    for summary in done:
        click.echo("\n".join(lines(summary)))
        folder = next(iter(summary.files.values())).parent
        click.echo(
            f"  products  {folder}: " + ", ".join(sorted(path.name for path in summary.files.values()))
        )


def _request(scenes: tuple[Path, ...], **given: Any) -> Any:
    from accord.systems.imaging.scene.stack import Hints
    from accord.tools.flood import Request

    names = tuple(name.strip() for name in given.pop("bands").split(",") if name.strip())
    hints = Hints(bands=names, **{key: given.pop(key) for key in ("unit", "scale", "offset", "nodata")})
    return Request(scenes=scenes, hints=hints, **given)


@contextmanager
def _watch(quiet: bool) -> Iterator[Callable[[float, float, str], None]]:
    """Yield a listener that shows a line of progress; an interrupt leaves a folder that can be gone on with."""
    from accord.errors import CancelledError

    shown = ""

    def listen(done: float, total: float, note: str) -> None:
        nonlocal shown
        if quiet:
            return
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{note} {100.0 * done / max(total, 1):3.0f} %")
            sys.stderr.flush()
        elif note != shown:
            print(note, file=sys.stderr, flush=True)
        shown = note

    try:
        yield listen
    except KeyboardInterrupt:
        raise CancelledError("interrupted: give the same command again to go on where it stopped") from None
    finally:
        if shown and not quiet and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[2K")
