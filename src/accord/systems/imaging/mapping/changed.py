"""The pass over two optical scenes, before and after: burn severity, or vegetation lost on slopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.mapping.beside import Beside
from accord.systems.imaging.mapping.layers import Look, each, write_result
from accord.systems.imaging.mapping.optical import take
from accord.systems.imaging.mapping.request import Progress, Request
from accord.systems.imaging.methods import burn, landslide, optical
from accord.systems.imaging.methods.calibration import sigmoid
from accord.systems.imaging.methods.indices import dnbr, dndvi_relative, mndwi, nbr, ndvi
from accord.systems.imaging.methods.optical import Plan
from accord.systems.imaging.scene.grid import Strip
from accord.systems.imaging.scene.model import OPTICAL, Note, Scene, Unseen
from accord.systems.imaging.scene.reading import Reader
from accord.systems.imaging.scene.work import Work

__all__ = ["RULES", "Hazard", "map_change", "readable"]

Hazard = Literal["burn", "landslide"]
RULES = {
    "burn": f"dNBR >= {burn.BURNT:g} (Key & Benson 2006)",
    "landslide": f"rdNDVI < {landslide.LOSS:g} on slopes above {landslide.LEAST_SLOPE_DEG:g} deg (after Scheip & "
    "Wegmann 2021)",
}
_NEEDS = {"burn": ("nir", "swir22"), "landslide": ("red", "nir")}
_WATER = ("green", "swir16")
# An index of ground that did not change varies by about 0.1 between two dates: the width of the logistic curve below
# gives it that standard deviation (0.1 x sqrt(3)/pi).
_WIDTH = 0.0551


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two scenes."""

    scene: Scene
    plan: Plan
    reader: Reader

    def read(self, strip: Strip) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.uint8], dict[str, Any]]:
        """Return reflectances by band, why pixels are unseen, and the stored numbers."""
        numbers, reason = self.reader.optical(self.plan.bands, strip)
        quality = self.reader.quality(self.plan.quality, strip, reason) if self.plan.quality else None
        optical.hide(self.scene, self.plan, numbers, reason, quality)
        values = {k: optical.reflectance(self.scene, k, v).astype(np.float64) for k, v in numbers.items()}
        return values, reason, numbers


def readable(scene: Scene, hazard: Hazard) -> Plan:
    """Return which bands of a scene are read.

    Raises
    ------
    ModelError
        When the bands that the index needs are not there.
    """
    have = set(scene.bands)
    missing = [name for name in _NEEDS[hazard] if name not in have]
    if missing:
        raise ModelError(
            f"{scene.id}: {hazard} needs the bands {' and '.join(_NEEDS[hazard])}: no {missing[0]}"
        )
    quality = next((kind for kind in ("fmask", "qa_pixel", "scl") if kind in scene.quality), "")
    return Plan((), quality, None, tuple(name for name in OPTICAL if name in have))


def map_change(
    hazard: Hazard,
    scene: Scene,
    earlier: Scene,
    beside: Beside,
    work: Work,
    request: Request,
    progress: Progress,
) -> tuple[Look, list[Note]]:
    """Map every strip into the layers of `work`, with the classes of severity.

    Water in either scene is set apart as reference water: it neither burns nor slides.

    Raises
    ------
    ModelError
        When bands are missing.
    """
    after = _Side(scene, readable(scene, hazard), Reader(scene))
    before = _Side(earlier, readable(earlier, hazard), Reader(earlier, scene.grid))
    look = Look(scene.grid)

    def one(strip: Strip) -> None:
        new, reason, numbers = after.read(strip)
        take(look, scene, strip, numbers, reason)
        if work.finished("map", strip) is not None:
            return
        old, hidden, _ = before.read(strip)
        reason = np.where(reason != 0, reason, hidden)
        slope = beside.slope_deg(strip) if hazard == "landslide" else None
        result, classes = _decided(hazard, old, new, reason, slope)
        beside.mark(strip, result.state, result.reason)
        for layer in (result.likelihood, result.agreement):
            layer[result.state == 255] = 255
        classes[result.state == 255] = 255
        work.write("classes", strip, {"severity": classes})
        write_result(work, "map", strip, result)

    try:
        each(scene.grid, request.rows, request.threads, "mapping", progress, one)
    finally:
        after.reader.close()
        before.reader.close()
    return look, _notes(after, before)


def _decided(
    hazard: Hazard,
    old: dict[str, NDArray[np.float64]],
    new: dict[str, NDArray[np.float64]],
    reason: NDArray[np.uint8],
    slope_deg: NDArray[np.float32] | None,
) -> tuple[optical.Result, NDArray[np.uint8]]:
    if hazard == "burn":
        change = dnbr(nbr(old["nir"], old["swir22"]), nbr(new["nir"], new["swir22"]))
        found, chance = change >= burn.BURNT, sigmoid((change - burn.BURNT) / _WIDTH)
        classes = burn.severity(change)
    else:
        assert slope_deg is not None
        change = dndvi_relative(ndvi(old["nir"], old["red"]), ndvi(new["nir"], new["red"]))
        change = np.where(np.isfinite(slope_deg), change, np.nan)
        steep = slope_deg > landslide.LEAST_SLOPE_DEG
        found = landslide.suspect(change, slope_deg)
        classes = landslide.loss_class(change, slope_deg)
        chance = np.where(steep, sigmoid((landslide.LOSS - change) / _WIDTH), 0.0)
    reason = np.where((reason == 0) & ~np.isfinite(change), np.uint8(Unseen.NODATA), reason).astype(np.uint8)
    state = found.astype(np.uint8)
    wet = np.zeros(state.shape, np.bool_)
    for side in (old, new):
        if set(_WATER) <= set(side):
            wet |= mndwi(side["green"], side["swir16"]) > 0.0
    state[wet] = 2
    likelihood = np.rint(100.0 * np.where(wet | ~np.isfinite(change), 0.0, chance)).astype(np.uint8)
    unseen = reason != 0
    state[unseen] = likelihood[unseen] = 255
    agreement = np.where(unseen, np.uint8(255), np.uint8(100))
    classes[wet] = 255
    return optical.Result(state, likelihood, agreement, reason, np.zeros_like(state)), classes


def _notes(after: _Side, before: _Side) -> list[Note]:
    text = (
        "no labelled pictures were at hand: the likelihood is how far a pixel lies from the threshold, with 0.1 "
        "between two dates, and the interval of the area has the spread of water maps"
    )
    notes = [Note(level="warning", code="not-calibrated", text=text)]
    for side in (after, before):
        if not side.plan.quality:
            told = f"{side.scene.id}: no cloud mask: thin cloud and shadow may read as change"
            notes.append(Note(level="warning", code="no-cloud-mask", text=told))
        if not set(_WATER) <= set(side.scene.bands):
            told = f"{side.scene.id}: without green and swir16 its water cannot be set apart"
            notes.append(Note(level="info", code="water-kept", text=told))
        if side.reader.damaged:
            told = f"{', '.join(sorted(side.reader.damaged))} could not be decoded: unseen"
            notes.append(Note(level="warning", code="damaged", text=told))
    return notes
