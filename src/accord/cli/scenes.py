"""Options, progress and report that the commands which map scenes share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from accord.systems.imaging.mapping.request import Request
    from accord.systems.imaging.mapping.summary import Summary

__all__ = ["PATH", "asked", "map_options", "told", "watched"]

PATH = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "-o",
        "--out",
        required=True,
        type=PATH,
        help="Folder of the products; also where an interrupted run goes on.",
    ),
    click.option(
        "--people",
        type=PATH,
        help="Population grid (GeoTIFF, people a cell) or settlements (CSV: lon, lat, population).",
    ),
    click.option(
        "--exclude", type=PATH, help="Raster, not 0 where the sensor is blind (town, forest, sand): unseen."
    ),
    click.option(
        "--bands",
        default="",
        help="Names of the bands of plain rasters, in order: vv,vh or blue,green,...; - skips one.",
    ),
    click.option("--scale", type=float, help="Reflectance = scale x number + offset, for plain rasters."),
    click.option("--offset", type=float),
    click.option("--nodata", type=float, help="Value of plain rasters that means no data."),
    click.option(
        "--language",
        "languages",
        multiple=True,
        default=("en",),
        show_default=True,
        help="Of the draft alert; may be repeated.",
    ),
    click.option("--place", default="", help="Name of the area, for the draft alert."),
    click.option(
        "--alert-status",
        "status",
        type=click.Choice(["Draft", "Exercise", "Test", "Actual"]),
        default="Draft",
        show_default=True,
    ),
    click.option("--sender", default="unset", help="Who issues the alert; needed for Actual."),
    click.option(
        "--references", multiple=True, help="sender,identifier,sent of the alert that this one updates."
    ),
    click.option(
        "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Of the intervals."
    ),
    click.option(
        "--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Never changes results."
    ),
    click.option("--no-pictures", is_flag=True, help="Draw no PNG pictures."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output."),
    click.option("--quiet", is_flag=True, help="No progress on standard error."),
)


def map_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every map takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(scenes: tuple[Path, ...], *, no_pictures: bool, **given: Any) -> Request:
    """Return the request that the options make; what a command does not offer has its default."""
    from accord.systems.imaging.mapping.request import Request
    from accord.systems.imaging.scene.stack import Hints

    names = tuple(name.strip() for name in given.pop("bands").split(",") if name.strip())
    hints = Hints(bands=names, **{key: given.pop(key, None) for key in ("unit", "scale", "offset", "nodata")})
    return Request(scenes=scenes, hints=hints, pictures=not no_pictures, **given)


def told(schema: str, out: Path, done: Sequence[Summary], as_json: bool) -> None:
    """Print what was mapped, or one JSON object of it."""
    if as_json:
        from accord.cli.output import emit

        emit(schema, {"out": str(out), "scenes": [summary.to_json() for summary in done]})
        return
    from accord.systems.imaging.mapping.summary import lines

    for summary in done:
        click.echo("\n".join(lines(summary)))
        folder = next(iter(summary.files.values())).parent
        listed = ", ".join(sorted(path.name for path in summary.files.values()))
        click.echo(f"  products  {folder}: {listed}")


@contextmanager
def watched(quiet: bool) -> Iterator[Callable[[float, float, str], None]]:
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
