"""The passes over a radar scene: filter and learn, grow, map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError, ModelError
from accord.systems.imaging.mapping.beside import Beside
from accord.systems.imaging.mapping.layers import Look, damaged, each, write_result
from accord.systems.imaging.mapping.request import Progress, Request
from accord.systems.imaging.methods import bimodal, change, radar
from accord.systems.imaging.methods.speckle import NODATA_CB
from accord.systems.imaging.products.regions import Regions
from accord.systems.imaging.scene.aligned import Aligned
from accord.systems.imaging.scene.backscatter import Geocoded, Gridded, calibrate_product
from accord.systems.imaging.scene.geocode import fitted
from accord.systems.imaging.scene.grid import Grid, Strip, strips
from accord.systems.imaging.scene.model import Note, Scene
from accord.systems.imaging.scene.pairing import orbit_notes
from accord.systems.imaging.scene.sentinel1 import Product
from accord.systems.imaging.scene.work import Work

__all__ = ["Source", "described", "looked", "map_scene", "source_of"]

Source = Gridded | Geocoded
_STRETCH = {"vv": (-22.0, 0.0), "vh": (-30.0, -8.0)}


def source_of(
    what: Scene | Product, folder: Path, request: Request, progress: Progress, target: Grid | None = None
) -> tuple[Source, list[Note]]:
    """Return backscatter of a scene on its map grid, or on `target`; a product is calibrated and geocoded first."""
    if isinstance(what, Scene):
        return Gridded(what, target=target), []
    damaged: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)
    files = calibrate_product(what, folder, progress, damaged)
    geocoder = fitted(what.grid, request.spacing_m, request.dem, target)
    notes = [
        Note(level="warning", code="damaged", text=f"{text} could not be decoded: no data")
        for text in damaged
    ]
    if request.dem is None:
        notes.append(
            Note(
                level="warning",
                code="no-terrain",
                text="geocoded without an elevation model: on slopes positions are off by their height "
                "over the grid (--dem)",
            )
        )
    return Geocoded(geocoder, files, (what.lines, what.samples)), notes


def described(what: Scene | Product, grid: Grid) -> Scene:
    """Return a product's facts as a scene on its map grid."""
    if isinstance(what, Scene):
        return what
    return Scene(
        id=what.folder.name.removesuffix(".SAFE"), kind="radar", unit="linear", grid=grid, bands={}, filtered=True,
        platform=what.platform, product="IW GRD", taken=what.taken, orbit=what.orbit, direction=what.direction,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Earlier:
    sources: tuple[Source, ...]

    def reference_db(self, strip: Strip) -> dict[str, NDArray[np.floating]] | None:
        """Return the median of the earlier scenes by polarisation."""
        if not self.sources:
            return None
        stacks: dict[str, list[NDArray[np.float32]]] = {}
        for source in self.sources:
            for name, value in source.strip(strip)[0].items():
                db = value.astype(np.float32) / np.float32(100.0)
                db[value == NODATA_CB] = np.nan
                stacks.setdefault(name, []).append(db)
        return {name: change.reference_db(np.stack(parts)) for name, parts in stacks.items()}


def map_scene(
    scene: Scene,
    source: Source,
    before: tuple[tuple[Scene | Product, Source], ...],
    beside: Beside,
    work: Work,
    request: Request,
    progress: Progress,
) -> tuple[Look, radar.Plan, list[Note]]:
    """Map every strip into the layers of `work`.

    Raises
    ------
    ModelError
        When the scene holds no data at all.
    """
    notes = _matched(scene, before)
    splits = _learn(source, work, request, progress)
    plan = radar.planned(splits, earlier=len(before), harmonics=request.harmonics is not None)
    position = sorted(source.names).index(plan.lead)
    regions, seeded = _grow(plan, source.grid, position, work, request, progress)
    look, earlier = Look(source.grid), _Earlier(tuple(s for _, s in before))
    record = _record(request.harmonics, source.grid) if request.harmonics else None
    day = float(scene.taken.timetuple().tm_yday) if scene.taken else 1.0
    if record is not None and scene.taken is None:
        raise FileError(f"{scene.id}: the seasonal record needs the date of the scene (sidecar: taken)")

    def one(strip: Strip) -> None:
        stored = work.read("backscatter", strip)
        stored = stored if stored.ndim == 3 else stored[None]
        value = {name: np.ascontiguousarray(stored[k]) for k, name in enumerate(sorted(source.names))}
        _take(look, strip, value, plan.lead)
        if work.finished("map", strip) is not None:
            return
        reason = work.read("blank", strip)
        grown = None
        if regions is not None and seeded is not None:
            candidate = _candidates(plan, value[plan.lead])
            grown = seeded[regions.again(strip.number, candidate)]
        then = earlier.reference_db(strip)
        harmonics = None if record is None else radar.Harmonics(*_harmonics(record, strip))
        result = radar.mapped(plan, value, reason, grown, then, harmonics, day, beside.slope_deg(strip))
        beside.mark(strip, result.state, result.reason)
        if then is not None and beside.water is None and plan.lead in then:
            with np.errstate(invalid="ignore"):
                result.state[(then[plan.lead] < plan.dark_db) & (result.state == 1)] = 2
        write_result(work, "map", strip, result)

    each(source.grid, request.rows, request.threads, "mapping", progress, one)
    lost = damaged(work, "filter", source.grid, request.rows)
    notes += [
        Note(level="warning", code="damaged", text=f"{text} could not be decoded: unseen") for text in lost
    ]
    return look, plan, notes


def _matched(scene: Scene, before: tuple[tuple[Scene | Product, Source], ...]) -> list[Note]:
    notes = []
    for what, _ in before:
        label = what.id if isinstance(what, Scene) else what.folder.name
        notes += orbit_notes(scene.orbit, scene.direction, what.orbit, what.direction, label)
    return notes


def _learn(source: Source, work: Work, request: Request, progress: Progress) -> dict[str, bimodal.Split]:
    """Filter every strip to disc and pool what its tiles say."""
    names = sorted(source.names)

    def one(strip: Strip) -> None:
        if work.finished("filter", strip) is not None:
            return
        value, reason = source.strip(strip)
        note: dict[str, Any] = {"valid": int((reason == 0).sum()), "damaged": sorted(source.damaged)}
        for name in names:
            tiles, histogram = bimodal.pooled(bimodal.cell_histograms(value[name]))
            note[name] = [tiles, histogram.tolist()]
        stack = np.stack([value[name] for name in names])
        work.write("filter", strip, {"backscatter": stack, "blank": reason}, note)

    each(source.grid, request.rows, request.threads, "filtering", progress, one)
    notes = [work.finished("filter", strip) or {} for strip in strips(source.grid.height, request.rows)]
    if not sum(note["valid"] for note in notes):
        raise ModelError("no data: every pixel of the scene is empty, so there is nothing to map")
    splits = {}
    for name in names:
        tiles = sum(note[name][0] for note in notes)
        histogram = np.sum([note[name][1] for note in notes], axis=0)
        splits[name] = bimodal.settle(name, tiles, histogram)
    return splits


def _candidates(plan: radar.Plan, value: NDArray[np.int16]) -> NDArray[np.uint8]:
    assert plan.split is not None
    edge = round(100 * plan.split.grow_db)
    return np.where((value < edge) & (value != NODATA_CB), np.uint8(1), np.uint8(255))


def _grow(
    plan: radar.Plan, grid: Grid, position: int, work: Work, request: Request, progress: Progress
) -> tuple[Regions | None, NDArray[np.bool_] | None]:
    """Return the patches that hold a seed: labels of candidates and, for each label, whether its patch is water."""
    if plan.split is None:
        return None, None
    regions, seeds = Regions(grid.width), []
    sure = round(100 * plan.split.seed_db)
    parts = list(strips(grid.height, request.rows))
    for strip in parts:
        progress(strip.number, len(parts), "growing")
        stored = work.read("backscatter", strip)
        value = stored[position] if stored.ndim == 3 else stored
        labels = regions.add(_candidates(plan, value))
        seeds.append(np.unique(labels[(value < sure) & (value != NODATA_CB)]))
    root = regions.roots()
    wet = np.zeros(len(root), np.bool_)
    wet[root[np.concatenate(seeds)]] = True
    wet[0] = False
    return regions, wet[root]


def _take(look: Look, strip: Strip, value: dict[str, NDArray[np.int16]], lead: str) -> None:
    grey = value[lead]
    low, high = (100.0 * v for v in _STRETCH[lead])
    look.take(strip, (grey, grey, grey), (low,) * 3, (high,) * 3)
    look.blank(strip, grey == NODATA_CB)


def _record(path: Path, grid: Grid) -> list[Aligned]:
    """Open a seasonal record of nine bands: M0, C1, S1, C2, S2, C3, S3, deviation [dB], incidence [deg]."""
    return [Aligned(path, grid, index=k) for k in range(1, 10)]


def _harmonics(record: list[Aligned], strip: Strip) -> tuple[NDArray[np.floating], ...]:
    bands = [band.strip(strip) for band in record]
    return np.stack(bands[:7]), bands[7], bands[8]


def looked(source: Source, name: str) -> NDArray[np.uint8]:
    """Return the small picture of backscatter in one polarisation, or in the one there is."""
    look = Look(source.grid)
    chosen = name if name in source.names else source.names[0]
    for strip in strips(source.grid.height, 512):
        _take(look, strip, source.strip(strip)[0], chosen)
    return look.picture
