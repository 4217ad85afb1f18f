"""Map burns and suspected landslides from two optical scenes: ``accord burn`` and ``accord landslide``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from accord.errors import FileError, ModelError
from accord.systems.imaging.mapping import changed
from accord.systems.imaging.mapping.beside import Beside
from accord.systems.imaging.mapping.changed import RULES, Hazard
from accord.systems.imaging.mapping.deliver import Extra, deliver
from accord.systems.imaging.mapping.finish import FINAL, finish
from accord.systems.imaging.mapping.layers import LAYERS
from accord.systems.imaging.mapping.request import Progress, Request
from accord.systems.imaging.mapping.summary import Summary, summed
from accord.systems.imaging.methods.landslide import LEAST_AREA_M2
from accord.systems.imaging.products.people import opened_people
from accord.systems.imaging.products.severity import SCALES, Scale
from accord.systems.imaging.scene.integrity import rasterio
from accord.systems.imaging.scene.model import Scene
from accord.systems.imaging.scene.open import opened_scenes
from accord.systems.imaging.scene.pairing import season_note
from accord.systems.imaging.scene.work import Work
from accord.tools.flood import CACHE_BYTES, before_look, key_of, placed, shift_notes

__all__ = ["LEAST_HA", "run_hazard"]

LEAST_HA = {"burn": 0.5, "landslide": LEAST_AREA_M2 / 1e4}


def run_hazard(hazard: Hazard, request: Request, progress: Progress) -> Summary:
    """Map one hazard and write its products below ``request.out``.

    Parameters
    ----------
    hazard : {"burn", "landslide"}
    request : Request
        One scene, at least one earlier one of which the last counts, and for landslides an elevation model.
    progress : callable
        ``(done, total, note)``.

    Raises
    ------
    MissingExtraError
        Without the imaging extra.
    FileError, ModelError
        For what cannot be read, and where a scene, an earlier one, a band or the elevation model is missing.
    """
    library = rasterio()
    if not request.before:
        raise ModelError(f"{hazard}: an earlier scene of the same season is needed (--before)")
    if hazard == "landslide" and request.dem is None:
        raise ModelError("landslide: an elevation model is needed: slides are looked for on slopes (--dem)")
    request.out.mkdir(parents=True, exist_ok=True)
    place = request.out / "work"
    with library.Env(GDAL_CACHEMAX=CACHE_BYTES, GDAL_NUM_THREADS=str(request.threads)):
        scenes = [_optical(what, hazard) for what in opened_scenes(request.scenes, request.hints, place)]
        earlier = [_optical(what, hazard) for what in opened_scenes(request.before, request.hints, place)]
        if len(scenes) != 1:
            raise ModelError(f"{len(scenes)} scenes: expected one, and earlier ones as --before")
        done = _mapped(hazard, scenes[0], earlier[-1], request, place, progress)
    shutil.rmtree(place, ignore_errors=True)
    return done


def _optical(what: Any, hazard: Hazard) -> Scene:
    if not isinstance(what, Scene) or what.kind != "optical":
        name = what.id if isinstance(what, Scene) else what.folder.name
        raise FileError(f"{name}: {hazard} is mapped from optical scenes, this is radar")
    return what


def _mapped(
    hazard: Hazard, scene: Scene, earlier: Scene, request: Request, place: Path, progress: Progress
) -> Summary:
    begun, grid = dt.datetime.now(dt.UTC), scene.grid
    notes = [*placed(grid, scene.id, request), *scene.notes]
    changed.readable(scene, hazard)
    changed.readable(earlier, hazard)
    beside = Beside(request, grid)
    people = opened_people(request.people, grid) if request.people else None
    layers = {**LAYERS, **FINAL, "severity": ("uint8", 1)}
    key = key_of(scene, [earlier], request, hazard)
    work = Work(place, grid.width, grid.height, layers, key)
    notes += season_note(scene.taken, earlier.taken, earlier.id)
    notes += shift_notes(scene, earlier, "nir")
    looks = {"before": before_look(earlier, grid)}
    look, more = changed.map_change(hazard, scene, earlier, beside, work, request, progress)
    looks["after"] = look.picture
    done = finish(grid, work, people, request.least_ha, progress)
    ran: dict[str, str] = {hazard: RULES[hazard]}
    summary = summed(scene, grid, hazard, done, (ran, {}), [*notes, *beside.notes, *more], work, request)
    scale = SCALES[hazard]
    summary = dataclasses.replace(summary, classes=_shares(work, scale))
    extra = [Extra("severity", "{word}_severity", scale)]
    return deliver(summary, grid, done, looks, work, request, request.out, begun, progress, extra)


def _shares(work: Work, scale: Scale) -> dict[str, float]:
    """Return the share of the seen land in each class of severity."""
    layer = np.memmap(work.path("severity"), np.uint8, "r")
    count = np.zeros(256, np.int64)
    for at in range(0, len(layer), 1 << 24):
        count += np.bincount(layer[at : at + (1 << 24)], minlength=256)
    seen = max(int(count[: len(scale.classes)].sum()), 1)
    return {one.name: float(count[k]) / seen for k, one in enumerate(scale.classes)}
