"""Map a disaster from satellite scenes: what the command ``accord flood`` does.

One call maps every scene that was given, each on its own grid, and writes its products. A run that was interrupted goes
on where it stopped when the same request is made again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord import __version__
from accord.errors import FileError, ModelError
from accord.systems.imaging.mapping import optical as optical_pass
from accord.systems.imaging.mapping import radar as radar_pass
from accord.systems.imaging.mapping.beside import Beside
from accord.systems.imaging.mapping.deliver import deliver
from accord.systems.imaging.mapping.finish import FINAL, finish
from accord.systems.imaging.mapping.layers import LAYERS, Look
from accord.systems.imaging.mapping.likeness import likeness, weighed
from accord.systems.imaging.mapping.request import Progress, Request
from accord.systems.imaging.mapping.summary import Summary, lines, summed
from accord.systems.imaging.methods import optical
from accord.systems.imaging.methods.speckle import NODATA_CB
from accord.systems.imaging.products.people import opened_people
from accord.systems.imaging.scene.grid import Grid, Strip
from accord.systems.imaging.scene.integrity import rasterio
from accord.systems.imaging.scene.model import Note, Scene
from accord.systems.imaging.scene.open import opened_scenes
from accord.systems.imaging.scene.pairing import season_note, shift_px
from accord.systems.imaging.scene.reading import Reader
from accord.systems.imaging.scene.sentinel1 import Product
from accord.systems.imaging.scene.work import Work, fingerprint

__all__ = [
    "CACHE_BYTES",
    "Progress",
    "Request",
    "Summary",
    "before_look",
    "key_of",
    "lines",
    "placed",
    "run",
    "shift_notes",
]  # fmt: skip

CACHE_BYTES = 128_000_000  # of decoded raster that GDAL keeps: enough for one strip, not for a scene
_SHIFT_PX = 0.5


def run(request: Request, progress: Progress) -> list[Summary]:
    """Map every scene of a request and write its products below ``request.out``.

    Parameters
    ----------
    request : Request
    progress : callable
        ``(done, total, note)``; raising `CancelledError` in it stops the run, to be gone on with later.

    Returns
    -------
    list of Summary
        In the order of the scenes.

    Raises
    ------
    MissingExtraError
        Without the imaging extra.
    FileError
        For what cannot be read or written, or does not fit together.
    ModelError
        For scenes that hold nothing to map.
    """
    library = rasterio()
    if request.rows % 512:
        raise ModelError(f"{request.rows} rows a strip: expected a multiple of 512")
    request.out.mkdir(parents=True, exist_ok=True)
    with library.Env(GDAL_CACHEMAX=CACHE_BYTES, GDAL_NUM_THREADS=str(request.threads)):
        scenes = opened_scenes(request.scenes, request.hints, request.out / "work")
        before = opened_scenes(request.before, request.hints, request.out / "work")
        names = _names(scenes)
        done = []
        for what, name in zip(scenes, names, strict=True):
            folder = request.out if len(scenes) == 1 else request.out / name
            done.append(_one(what, before, request, folder, request.out / "work" / name, progress))
    shutil.rmtree(request.out / "work", ignore_errors=True)
    return done


def _names(scenes: list[Scene | Product]) -> list[str]:
    names: list[str] = []
    for what in scenes:
        name = what.id if isinstance(what, Scene) else what.folder.name.removesuffix(".SAFE")
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name) or "scene"
        names.append(safe if safe not in names else f"{safe}-{len(names) + 1}")
    return names


def _kind(what: Scene | Product) -> str:
    return what.kind if isinstance(what, Scene) else "radar"


def _one(
    what: Scene | Product,
    before: list[Scene | Product],
    request: Request,
    folder: Path,
    place: Path,
    progress: Progress,
) -> Summary:
    begun = dt.datetime.now(dt.UTC)
    earlier = [other for other in before if _kind(other) == _kind(what)]
    if before and not earlier:
        raise FileError(f"{request.before[0]}: no earlier scene is {_kind(what)} like the scene to map")
    if _kind(what) == "radar":
        return _radar(what, earlier, request, folder, place, progress, begun)
    assert isinstance(what, Scene)
    return _optical(
        what, [s for s in earlier if isinstance(s, Scene)], request, folder, place, progress, begun
    )


def key_of(
    what: Scene | Product, before: Sequence[Scene | Product], request: Request, hazard: str = "flood"
) -> str:
    """Return the fingerprint of a piece of work: what is asked of which files."""
    files: list[Path] = [*request.inputs()]
    for each in (what, *before):
        files += each.files if isinstance(each, Scene) else [c.measurement for c in each.channels.values()]
    return fingerprint(
        {"version": __version__, "hazard": hazard, "rows": request.rows, **request.shaping()}, files
    )


def placed(grid: Grid, label: str, request: Request) -> list[Note]:
    """Return what to tell of a scene that does not say where it lies, and refuse what needs a place."""
    if grid.placed:
        return []
    needs = {"--people": request.people, "--sample": request.sample, "--dem": request.dem}
    for option, given in needs.items():
        if given is not None:
            raise ModelError(
                f"{label}: no reference system, so that {option} cannot be laid on it: assign one with a GIS"
            )
    text = (
        f"{label}: no reference system: the map is in pixels, its area not stated; no outlines, no people, no alert "
        "(assign one with a GIS)"
    )
    return [Note(level="warning", code="no-place", text=text)]


def _optical(
    scene: Scene,
    before: list[Scene],
    request: Request,
    folder: Path,
    place: Path,
    progress: Progress,
    begun: dt.datetime,
) -> Summary:
    nowhere = placed(scene.grid, scene.id, request)
    model = None
    if request.use_model:
        model = optical.network_model(request.network) if request.network else optical.default_model()
    why_not = "no learned model is installed" if request.use_model else "left out on request"
    plan = optical.planned(scene, model, why_not)
    beside = Beside(request, scene.grid)
    people = opened_people(request.people, scene.grid) if request.people else None
    work = Work(
        place, scene.grid.width, scene.grid.height, {**LAYERS, **FINAL}, key_of(scene, list(before), request)
    )
    drift = likeness(scene, plan)
    plan, standing, unlike = weighed(scene, plan, drift, forced=request.force_model)
    notes = [*nowhere, *scene.notes, *unlike, *beside.notes]
    earlier = before[-1] if before else None
    looks: dict[str, NDArray[np.uint8]] = {}
    if earlier is not None:
        notes += season_note(scene.taken, earlier.taken, earlier.id)
        looks["before"] = before_look(earlier, scene.grid)
        notes += shift_notes(scene, earlier, "green")
    look, more = optical_pass.map_scene(scene, plan, earlier, beside, work, request, progress)
    looks["after"] = look.picture
    done = finish(scene.grid, work, people, request.least_ha, progress)
    subject = "flood" if request.water or earlier is not None else "water"
    summary = summed(
        scene, scene.grid, subject, done, (plan.ran, plan.absent), [*notes, *more], work, request
    )
    summary = dataclasses.replace(summary, drift=tuple(drift), model=standing)
    return deliver(summary, scene.grid, done, looks, work, request, folder, begun, progress)


def _radar(
    what: Scene | Product,
    before: list[Scene | Product],
    request: Request,
    folder: Path,
    place: Path,
    progress: Progress,
    begun: dt.datetime,
) -> Summary:
    nowhere = placed(what.grid, what.id, request) if isinstance(what, Scene) else []
    source, notes = radar_pass.source_of(what, place / "radar", request, progress)
    notes = [*nowhere, *notes]
    grid = source.grid
    scene = radar_pass.described(what, grid)
    notes += scene.notes
    pairs = []
    for k, other in enumerate(before):
        laid, told = radar_pass.source_of(other, place / f"before-{k}", request, progress, grid)
        pairs.append((other, laid))
        notes += told
    beside = Beside(request, grid)
    people = opened_people(request.people, grid) if request.people else None
    layers = {**LAYERS, **FINAL, "backscatter": ("int16", len(source.names)), "blank": ("uint8", 1)}
    work = Work(place, grid.width, grid.height, layers, key_of(what, before, request))
    looks: dict[str, NDArray[np.uint8]] = {}
    if pairs:
        label = pairs[-1][0].id if isinstance(pairs[-1][0], Scene) else pairs[-1][0].folder.name
        lead = source.names[-1] if source.names[-1] in pairs[-1][1].names else source.names[0]
        notes += _shift(_centre_db(source, lead), _centre_db(pairs[-1][1], lead), label)
    try:
        look, plan, more = radar_pass.map_scene(scene, source, tuple(pairs), beside, work, request, progress)
        looks["after"] = look.picture
        if pairs:
            looks["before"] = radar_pass.looked(pairs[-1][1], plan.lead)
    finally:
        for each in (source, *(laid for _, laid in pairs)):
            each.close()
    done = finish(grid, work, people, request.least_ha, progress)
    subject = "flood" if request.water or pairs else "water"
    summary = summed(
        scene, grid, subject, done, (plan.ran, plan.absent), [*notes, *beside.notes, *more], work, request
    )
    return deliver(summary, grid, done, looks, work, request, folder, begun, progress)


def _middle(grid: Grid) -> Strip:
    rows = min(grid.height, 512)
    return Strip(0, (grid.height - rows) // 2, rows)


def _columns(grid: Grid) -> slice:
    columns = min(grid.width, 512)
    left = (grid.width - columns) // 2
    return slice(left, left + columns)


def _centre(reader: Reader, name: str) -> NDArray[np.float64]:
    rows = _middle(reader.grid)
    numbers, reason = reader.optical([name], rows)
    reader.close()
    value = numbers[name].astype(np.float64)
    value[reason != 0] = np.nan
    return value[:, _columns(reader.grid)]


def _centre_db(source: radar_pass.Source, name: str) -> NDArray[np.float64]:
    value = source.strip(_middle(source.grid))[0][name][:, _columns(source.grid)].astype(np.float64)
    value[value == NODATA_CB] = np.nan
    return value / 100.0


def shift_notes(scene: Scene, earlier: Scene, band: str) -> list[Note]:
    """Return what to tell of how far two optical scenes lie apart, by their middles in one band."""
    return _shift(_centre(Reader(scene), band), _centre(Reader(earlier, scene.grid), band), earlier.id)


def _shift(now: NDArray[np.float64], before: NDArray[np.float64], label: str) -> list[Note]:
    """Return what to tell of how far two pictures lie apart."""
    if not (np.isfinite(now).any() and np.isfinite(before).any()):
        return []
    rows, columns = shift_px(now, before)
    size = float(np.hypot(rows, columns))
    text = f"{label}: lies {size:.1f} pixels off the scene ({rows:+.1f} rows, {columns:+.1f} columns)"
    if size > _SHIFT_PX:
        return [Note(level="warning", code="shifted", text=f"{text}: edges will read as change")]
    return [Note(level="info", code="aligned", text=text)]


def before_look(scene: Scene, grid: Grid) -> NDArray[np.uint8]:
    """Return the small picture of an earlier scene on the grid of the later one."""
    return optical_pass.looked(scene, grid, Look(grid))
