"""The pass over an optical scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.mapping.beside import Beside
from accord.systems.imaging.mapping.layers import Look, damaged, each, write_result
from accord.systems.imaging.mapping.request import Progress, Request
from accord.systems.imaging.methods import optical
from accord.systems.imaging.methods.optical import Plan
from accord.systems.imaging.scene.grid import Grid, Strip, strips
from accord.systems.imaging.scene.model import Note, Scene, Unseen
from accord.systems.imaging.scene.reading import Reader
from accord.systems.imaging.scene.shadow import cast
from accord.systems.imaging.scene.work import Work

__all__ = ["looked", "map_scene", "take"]

_CELL = 16
_COLOURS = (("swir16", "nir", "green"), ("red", "green", "blue"), ("nir", "green", "green"))


def map_scene(
    scene: Scene,
    plan: Plan,
    before: Scene | None,
    beside: Beside,
    work: Work,
    request: Request,
    progress: Progress,
) -> tuple[Look, list[Note]]:
    """Map every strip of a scene into the layers of `work`.

    Parameters
    ----------
    before : Scene, optional
        Water in it is reference water where no raster of that was given.

    Returns
    -------
    look : Look
    notes : list of Note
    """
    reader, look = Reader(scene), Look(scene.grid)
    earlier = _Earlier.of(before, scene.grid) if before is not None and beside.water is None else None
    shadow = _shadow(scene, plan, reader)

    def one(strip: Strip) -> None:
        if work.finished("map", strip) is not None:
            numbers, reason = reader.optical(_shown(scene), strip)
            take(look, scene, strip, numbers, reason)
            return
        result = _mapped(scene, plan, reader, strip, look)
        if shadow is not None:
            _doubt_shadow(shadow, strip, result)
        beside.mark(strip, result.state, result.reason)
        if earlier is not None:
            result.state[earlier.water(strip) & (result.state != 255)] = 2
        write_result(work, "map", strip, result, {"damaged": sorted(reader.damaged)})

    try:
        each(scene.grid, request.rows, request.threads, "mapping", progress, one)
    finally:
        reader.close()
        if earlier is not None:
            earlier.reader.close()
    return look, _notes(plan, damaged(work, "map", scene.grid, request.rows))


@dataclass(frozen=True, slots=True)
class _Earlier:
    scene: Scene
    plan: Plan
    reader: Reader

    @classmethod
    def of(cls, scene: Scene, grid: Grid) -> _Earlier:
        return cls(scene, optical.planned(scene, None), Reader(scene, grid))

    def water(self, strip: Strip) -> NDArray[np.bool_]:
        """Return where the earlier scene shows water."""
        numbers, reason = self.reader.optical(self.plan.bands, strip)
        kind = self.plan.quality
        quality = self.reader.quality(kind, strip, reason) if kind else None
        return np.asarray(optical.mapped(self.scene, self.plan, numbers, reason, quality).state == 1)


def _mapped(scene: Scene, plan: Plan, reader: Reader, strip: Strip, look: Look) -> optical.Result:
    """Read a strip with the halo that the model needs, and map it."""
    halo = plan.model.halo_px if plan.model else 0
    top, bottom = max(strip.top - halo, 0), min(strip.top + strip.rows + halo, scene.grid.height)
    wide = Strip(strip.number, top, bottom - top)
    edge = (strip.top - top, bottom - strip.top - strip.rows)
    numbers, reason = reader.optical(plan.bands, wide)
    inner = {name: part[edge[0] : edge[0] + strip.rows] for name, part in numbers.items()}
    take(look, scene, strip, inner, reason[edge[0] : edge[0] + strip.rows])
    quality = reader.quality(plan.quality, wide, reason) if plan.quality else None
    return optical.mapped(scene, plan, numbers, reason, quality, edge)


def _notes(plan: Plan, lost: list[str]) -> list[Note]:
    notes = [
        Note(level="warning", code="damaged", text=f"{text} could not be decoded: unseen") for text in lost
    ]
    if plan.refused:
        text = f"the model would not answer {len(plan.refused)} tiles, where the rules decide: {min(plan.refused)}"
        notes.append(Note(level="warning", code="model-refused", text=text))
    if not plan.quality:
        text = (
            "the product has no cloud mask: only the brightest clouds were left out, thin cloud and shadow may read "
            "as dry or as water"
        )
        notes.append(Note(level="warning", code="no-cloud-mask", text=text))
    return notes


def _shown(scene: Scene) -> tuple[str, ...]:
    return next(
        (names for names in _COLOURS if set(names) <= set(scene.bands)), (next(iter(scene.bands)),) * 3
    )


def take(
    look: Look, scene: Scene, strip: Strip, numbers: Mapping[str, NDArray[Any]], reason: NDArray[np.uint8]
) -> None:
    """Add a strip of stored numbers to the small picture, in the best colours that the bands allow."""
    names = next((c for c in _COLOURS if set(c) <= set(numbers)), None) or (next(iter(numbers)),) * 3
    limits = {"swir16": 0.35, "nir": 0.40, "green": 0.20, "red": 0.25, "blue": 0.20, "swir22": 0.30}
    bands = [scene.bands[name] for name in names]
    low = [(0.0 - b.offset) / b.gain for b in bands]
    high = [(limits[name] - b.offset) / b.gain for name, b in zip(names, bands, strict=True)]
    look.take(strip, [numbers[name] for name in names], low, high)
    look.blank(strip, reason == Unseen.NODATA)


def _shadow(scene: Scene, plan: Plan, reader: Reader) -> NDArray[np.bool_] | None:
    """Return coarse cells where cloud shadow may lie, for a scene that has no mask but knows its sun."""
    if plan.quality or scene.sun_azimuth_deg is None or scene.sun_elevation_deg is None:
        return None
    if not scene.grid.placed:
        return None  # how far a shadow falls in pixels is not known
    rows, columns = -(-scene.grid.height // _CELL), -(-scene.grid.width // _CELL)
    cloud = np.zeros((rows, columns), np.bool_)
    for strip in strips(scene.grid.height, 32 * _CELL):
        numbers, reason = reader.optical(plan.bands, strip)
        bright = optical.mapped(scene, plan, numbers, reason, None).reason == Unseen.CLOUD
        tall = -(-strip.rows // _CELL)
        square = np.zeros((tall * _CELL, columns * _CELL), np.bool_)
        square[: strip.rows, : scene.grid.width] = bright
        share = square.reshape(tall, _CELL, columns, _CELL).mean(axis=(1, 3))
        cloud[strip.top // _CELL : strip.top // _CELL + tall] = share > 0.25
    cell_m = _CELL * scene.grid.pixel_m()
    return cast(cloud, cell_m, scene.sun_azimuth_deg, scene.sun_elevation_deg)


def _doubt_shadow(shadow: NDArray[np.bool_], strip: Strip, result: optical.Result) -> None:
    """Call water in a possible cloud shadow unseen: neither water nor dry was shown."""
    rows = (np.arange(strip.top, strip.top + strip.rows)) // _CELL
    columns = np.arange(result.state.shape[1]) // _CELL
    doubt = shadow[rows][:, columns] & (result.state == 1)
    result.reason[doubt] = Unseen.SHADOW
    for layer in (result.state, result.likelihood, result.agreement):
        layer[doubt] = 255


def looked(scene: Scene, grid: Grid, look: Look) -> NDArray[np.uint8]:
    """Return the small picture of a scene laid on a grid."""
    reader = Reader(scene, grid)
    for strip in strips(grid.height, 512):
        numbers, reason = reader.optical(_shown(scene), strip)
        take(look, scene, strip, numbers, reason)
    reader.close()
    return look.picture
