"""Write the products of a finished scene under names that say what they are."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord import __version__
from accord.systems.imaging.mapping.drawing import draw_pictures, draw_severity
from accord.systems.imaging.mapping.finish import Finished
from accord.systems.imaging.mapping.layers import UNSEEN
from accord.systems.imaging.mapping.request import Progress, Request
from accord.systems.imaging.mapping.summary import Summary, lines
from accord.systems.imaging.products.alert import Alert, written
from accord.systems.imaging.products.origin import footprint, provenance, stac_item, write_json
from accord.systems.imaging.products.rasters import coloured, write_cog
from accord.systems.imaging.products.severity import Scale
from accord.systems.imaging.products.vectors import (
    LIMIT,
    geographic,
    simplified,
    write_flatgeobuf,
    write_geojson,
)
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.model import Advice, Unseen
from accord.systems.imaging.scene.work import Work

__all__ = ["Extra", "deliver"]


@dataclass(frozen=True, slots=True)
class Extra:
    """A further raster of classes: its layer in the work folder, the ending of its files, what the classes mean."""

    layer: str
    ending: str
    scale: Scale


def deliver(
    summary: Summary,
    grid: Grid,
    done: Finished,
    looks: dict[str, NDArray[np.uint8]],
    work: Work,
    request: Request,
    folder: Path,
    begun: dt.datetime,
    progress: Progress,
    extra: Sequence[Extra] = (),
) -> Summary:
    """Write every product into `folder` and return the summary with their names.

    Parameters
    ----------
    looks : dict of str to uint8 array, (rows, columns, 3)
        Small pictures of the scene: "after" and, where there is one, "before".
    extra : sequence of Extra
        Further rasters.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    word = summary.subject
    files: dict[str, tuple[Path, str]] = {}

    def name(key: str, ending: str, title: str) -> Path:
        path = folder / ending.format(word=word)
        files[key] = (path, title)
        return path

    progress(0, 5, "writing rasters")
    _rasters(summary, grid, work, request, name)
    for more in extra:
        _classes(summary, grid, work, request, more, name)
    progress(1, 5, "writing outlines")
    shapes = _vectors(summary, grid, done, name) if grid.placed else np.empty(0, object)
    progress(2, 5, "drawing pictures")
    if request.pictures:
        draw_pictures(summary, grid, done, looks, name)
        for more in extra:
            path = name(f"{more.layer}_picture", f"{more.ending}.png", f"{more.scale.title} as a picture")
            draw_severity(summary, grid, done, looks["after"], work.path(more.layer), more.scale, path)
    progress(3, 5, "writing alert and records")
    if len(shapes):
        alert = _alert(summary, grid, shapes, request, now)
        path = name(
            "alert", "{word}_alert_{status}.xml".replace("{status}", request.status.lower()), "Alert, CAP 1.2"
        )
        path.write_bytes(written(alert))
    summary = dataclasses.replace(summary, files={key: path for key, (path, _) in files.items()})
    _records(summary, request, files, name, (begun, now))
    if not grid.placed:
        (folder / "item.json").unlink(missing_ok=True)
        progress(5, 5, "written")
        return dataclasses.replace(summary, files={k: p for k, (p, _) in files.items()})
    about = {
        "processing:software": {"accord": __version__},
        "accord:subject": word,
        "accord:unseen_share": summary.unseen_share,
    }
    write_json(folder / "item.json", stac_item(summary.scene, grid, files, about, now))
    progress(5, 5, "written")
    return dataclasses.replace(
        summary, files={**{k: p for k, (p, _) in files.items()}, "stac": folder / "item.json"}
    )


def _records(
    summary: Summary,
    request: Request,
    files: dict[str, tuple[Path, str]],
    name: Any,
    when: tuple[dt.datetime, dt.datetime],
) -> None:
    """Write the summary for machines and for people, and the provenance of all that was written before."""
    report = name("summary", "summary.json", "What was mapped, how much, how sure")
    write_json(report, {"schema": "accord/mapped/1", **summary.to_json()})
    text = name("page", "summary.txt", "The same to read")
    text.write_text("\n".join(lines(summary)) + "\n", encoding="utf-8")
    earlier = [path for path in request.before if path.is_file()]
    inputs = list(dict.fromkeys((*summary.scene.files, *earlier, *request.inputs())))
    made = [path for path, _ in files.values()]
    settings = {
        "seed": request.seed,
        "subject": summary.subject,
        "members": list(summary.ran),
        "software": f"accord {__version__}",
        "model": summary.model,
        "model_drift": [dict(row) for row in summary.drift],
    }
    write_json(
        name("provenance", "provenance.json", "What was used and what came out, PROV-JSON"),
        provenance(inputs, made, settings, __version__, *when),
    )


def _classes(summary: Summary, grid: Grid, work: Work, request: Request, more: Extra, name: Any) -> None:
    """Write a raster of classes."""
    title = f"{more.scale.title}: {more.scale.words()}"
    write_cog(
        name(more.layer, f"{more.ending}.tif", title),
        grid,
        {title: work.path(more.layer)},
        {"scene": summary.scene.id, "classes": more.scale.words(), "unit": more.scale.unit},
        overviews="mode",
        colours=more.scale.colours(),
        threads=request.threads,
    )


def _rasters(summary: Summary, grid: Grid, work: Work, request: Request, name: Any) -> None:
    word, threads = summary.subject, request.threads
    tags = {"scene": summary.scene.id, "software": f"accord {__version__}"}
    classes = f"0 no {word}, 1 {word}, 2 water set apart, 255 unseen"
    if word in ("flood", "water"):
        classes = f"0 dry, 1 {word}, 2 reference water, 255 unseen"
    write_cog(
        name("map", "{word}_map.tif", f"Map: {classes}"),
        grid,
        {f"state ({classes})": work.path("final")},
        {**tags, "classes": classes},
        overviews="mode",
        colours=coloured(word),
        threads=threads,
    )
    write_cog(
        name("likelihood", "{word}_likelihood.tif", "Likelihood, per cent, 255 unseen"),
        grid,
        {"likelihood [per cent]": work.path("chance")},
        tags,
        overviews="average",
        threads=threads,
    )
    reasons = ", ".join(f"{UNSEEN + int(u)} {u.words}" for u in Unseen if u)
    advice = ", ".join(f"{int(a)} {a.name.lower()}" for a in Advice if a.name)
    layers = {
        "agreement of members [per cent], 255 unseen": work.path("agreement"),
        "quality: below 128 bits of advice, from 128 on why unseen": work.path("quality"),
    }
    write_cog(
        name("quality", "{word}_quality.tif", "Agreement of members; advice, or why unseen"),
        grid,
        layers,
        {**tags, "unseen": reasons, "advice": advice},
        overviews="nearest",
        nodata=None,
        threads=threads,
    )


def _vectors(summary: Summary, grid: Grid, done: Finished, name: Any) -> NDArray[Any]:
    shapes = geographic(simplified(done.polygons), grid)
    pixel_ha = np.empty(0)
    if len(shapes):
        block = grid.block_area_m2(done.blocks.size) / 1e4
        import shapely

        point = shapely.get_coordinates(shapely.point_on_surface(done.polygons)).astype(int)
        pixel_ha = block[point[:, 1] // done.blocks.size, point[:, 0] // done.blocks.size]
    reasons = "; ".join(n.code for n in summary.notes if n.level == "warning") or "none"
    fields: dict[str, Any] = {
        "id": np.arange(1, len(shapes) + 1),
        "area_ha": np.round(done.pixels * pixel_ha, 3),
        "area_p10_ha": np.round(done.above[:, 2] * pixel_ha, 3),
        "area_p50_ha": np.round(done.above[:, 1] * pixel_ha, 3),
        "area_p90_ha": np.round(done.above[:, 0] * pixel_ha, 3),
        "likelihood": np.round(done.mean_likelihood, 3),
        "scene": [summary.scene.id] * len(shapes),
        "warnings": [reasons] * len(shapes),
    }
    if done.people.size or summary.people is not None:
        fields["people"] = np.round(done.people, 1)
    about = {
        "name": f"{summary.subject} in {summary.scene.id}",
        "unseen_share": round(summary.unseen_share, 4),
    }
    if len(shapes) <= LIMIT:
        write_geojson(name("outlines", "{word}_outlines.geojson", "Outlines, GeoJSON"), shapes, fields, about)
    else:
        _tiled(shapes, fields, about, done, grid, name)
    write_flatgeobuf(name("flatgeobuf", "{word}_outlines.fgb", "Outlines, FlatGeobuf"), shapes, fields)
    return shapes


def _tiled(
    shapes: NDArray[Any], fields: dict[str, Any], about: dict[str, Any], done: Finished, grid: Grid, name: Any
) -> None:
    """Cut the outlines over several files, by where each begins."""
    import shapely

    bounds = shapely.bounds(done.polygons)
    side = max(grid.width, grid.height) / np.ceil(np.sqrt(len(shapes) / (LIMIT / 2)))
    tile = (bounds[:, 1] // side).astype(int) * 1000 + (bounds[:, 0] // side).astype(int)
    for key in np.unique(tile):
        chosen = np.flatnonzero(tile == key)
        rows = {label: [values[k] for k in chosen] for label, values in fields.items()}
        place = f"r{key // 1000}c{key % 1000}"
        write_geojson(
            name(f"outlines_{place}", f"{{word}}_outlines_{place}.geojson", f"Outlines, part {place}"),
            shapes[chosen],
            rows,
            about,
        )


def _alert(summary: Summary, grid: Grid, shapes: NDArray[Any], request: Request, now: dt.datetime) -> Alert:
    import shapely

    area, people = summary.area_km2, summary.people
    assert area is not None
    west, south, east, north = shapely.bounds(footprint(grid))
    place = (
        request.place or f"Scene {summary.scene.id}, {south:.2f} to {north:.2f} N, {west:.2f} to {east:.2f} E"
    )
    parts = [part for shape in shapes[:40] for part in shapely.get_parts(shape)]
    return Alert(
        hazard=summary.subject,
        scene=summary.scene.id,
        taken=summary.scene.taken,
        sent=now,
        area_km2=(area.p50, area.p10, area.p90),
        people=None if people is None else (people.p50, people.p10, people.p90),
        likelihood=summary.mean_likelihood,
        model=summary.model,
        unseen=summary.unseen_share,
        polygons=parts,
        place=place,
        identifier=f"accord-{summary.scene.id}-{now:%Y%m%dT%H%M%S}",
        sender=request.sender,
        status=request.status,
        references=request.references,
        languages=request.languages,
    )
