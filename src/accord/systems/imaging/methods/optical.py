"""Water from reflectance: the rules that a scene's bands allow, and a learned model where one is at hand.

The seam for the model is `PixelModel`; `default_model` looks for ``accord.systems.imaging.learned.predict`` and does
without where it is absent. On a product known to hold surface reflectance the model decides, being calibrated as a
whole, and the rules say how far one may disagree with it; on rasters of unknown origin it is one vote among the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.methods import kernels
from accord.systems.imaging.methods.calibration import curves, sigmoid
from accord.systems.imaging.methods.pixel_model import (
    Known,
    PerPixel,
    PixelModel,
    default_model,
    network_model,
)
from accord.systems.imaging.methods.quality import reason_table, water_table
from accord.systems.imaging.scene.model import OPTICAL, Advice, Scene, Unseen

__all__ = ["Known", "PerPixel", "PixelModel", "Plan", "Result", "default_model", "hide", "mapped",
           "network_model", "planned",
           "reflectance"]  # fmt: skip

_RULES = ("mndwi", "ndwi", "awei", "dswe")
_NEEDS = {
    "mndwi": ("green", "swir16"),
    "ndwi": ("green", "nir"),
    "awei": ("blue", "green", "nir", "swir16", "swir22"),
    "dswe": OPTICAL,
}
_WORDS = {
    "mndwi": "MNDWI > 0",
    "ndwi": "NDWI > 0",
    "awei": "AWEI > 0",
    "dswe": "DSWE, 2 of 5 tests",
    "product": "the product's own water bit",
}
_RANGE = {"mndwi": (-1.0, 1.0), "ndwi": (-1.0, 1.0), "awei": (-1.5, 1.0), "dswe": (0.0, 6.0)}
_BINS = 1024
_REFUSED = -1.0
_MODEL_TILE = 256  # pixels at a time: a model makes many numbers of each
_SURFACE = ("level-2a", "l2a", "l2sp", "hls")  # products of surface reflectance, by their names


@dataclass(frozen=True, slots=True)
class Plan:
    """Which members run on a scene.

    Attributes
    ----------
    rules : tuple of str
    quality : str
        Quality band, or "".
    model : PixelModel or None
    bands : tuple of str
        Bands to read.
    ran, absent : dict of str to str
        Members by name with what they are, or why they did not run.
    refused : list of str
        Filled while tiles pass: why the model would not answer one; there the rules decide alone.
    surface : bool
        Whether the product is known to hold surface reflectance, on which the model decides.
    """

    rules: tuple[str, ...]
    quality: str
    model: PixelModel | None
    bands: tuple[str, ...]
    ran: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    surface: bool = False

    def needed(self, ran: int) -> int:
        """Return how many votes make water: two where two members ran."""
        return min(2, ran)


def planned(scene: Scene, model: PixelModel | None, why_not: str = "no learned model is installed") -> Plan:
    """Decide which members a scene's bands allow; `why_not` is told where there is no model.

    Raises
    ------
    ModelError
        When not one of them can run.
    """
    have = set(scene.bands)
    rules = tuple(rule for rule in _RULES if have.issuperset(_NEEDS[rule]))
    ran = {rule: _WORDS[rule] for rule in rules}
    absent = {
        rule: "needs " + ", ".join(sorted(set(_NEEDS[rule]) - have)) for rule in _RULES if rule not in rules
    }
    quality = next((kind for kind in ("fmask", "qa_pixel", "scl") if kind in scene.quality), "")
    if quality:
        ran["product"] = _WORDS["product"]
    else:
        absent["product"] = "the product has no quality band"
    if model is None:
        absent["model"] = why_not
    elif scene.product == "Level-1C":
        absent["model"] = "it was taught on reflectance of the surface, this is above the atmosphere"
        model = None
    elif not have.issuperset(model.bands):
        absent["model"] = "needs " + ", ".join(sorted(set(model.bands) - have))
        model = None
    else:
        ran["model"] = model.name
    if not rules and model is None:
        raise ModelError(
            f"{scene.id}: bands {', '.join(sorted(have))} allow no method: expected green with swir16 or with nir"
        )
    needed = {band for rule in rules for band in _NEEDS[rule]} | set(model.bands if model else ())
    if not quality and have.issuperset(("blue", "red", "nir", "swir16")):
        needed |= {"blue", "red", "nir", "swir16"}  # to tell the brightest clouds where no mask does
    known = any(word in scene.product.lower() for word in _SURFACE)
    return Plan(rules, quality, model, tuple(b for b in OPTICAL if b in needed), ran, absent, surface=known)


@dataclass(frozen=True, slots=True)
class Result:
    """Layers of a strip, each uint8 of shape (rows, columns)."""

    state: NDArray[np.uint8]
    likelihood: NDArray[np.uint8]
    agreement: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    advice: NDArray[np.uint8]


def _tables(rules: tuple[str, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    table, low, scale = np.zeros((4, _BINS), np.float32), np.zeros(4, np.float32), np.ones(4, np.float32)
    for k, rule in enumerate(_RULES):
        if rule not in rules:
            continue
        curve = curves()["members"][rule]
        first, last = _RANGE[rule]
        if rule == "dswe":
            score = np.minimum(np.arange(_BINS, dtype=float), 5.0)
        else:
            score = first + (np.arange(_BINS) + 0.5) * (last - first) / _BINS
        table[k] = sigmoid(curve["intercept"] + curve["slope"] * score)
        low[k], scale[k] = first, _BINS / (last - first)
    return table, low, scale


def mapped(
    scene: Scene,
    plan: Plan,
    numbers: Mapping[str, NDArray[Any]],
    reason: NDArray[np.uint8],
    quality: NDArray[Any] | None,
    halo: tuple[int, int] = (0, 0),
) -> Result:
    """Map the water of a strip.

    Parameters
    ----------
    scene : Scene
    plan : Plan
    numbers : mapping of str to array, (rows, columns)
        Stored numbers by band, with the halo rows of the model.
    reason : uint8 array, (rows, columns)
        Why pixels are unseen, so far.
    quality : integer array, (rows, columns), optional
        The quality band, with the same rows.
    halo : tuple of int
        Rows above and below that are there for the model only.
    """
    advice = np.zeros(reason.shape, np.uint8)
    hide(scene, plan, numbers, reason, quality)
    if quality is not None and plan.quality == "fmask":
        advice[(quality & 4) > 0] = np.uint8(Advice.NEAR_CLOUD)
    inner = slice(halo[0], reason.shape[0] - halo[1])
    learned = _learned(scene, plan, numbers, reason, inner)
    numbers = {name: part[inner] for name, part in numbers.items()}
    reason, advice = np.ascontiguousarray(reason[inner]), np.ascontiguousarray(advice[inner])
    votes, chance = np.zeros(reason.shape, np.uint8), np.zeros(reason.shape, np.float32)
    _run_rules(scene, plan, numbers, votes, chance)
    ran = len(plan.rules)
    if quality is not None:
        curve = curves()["members"]["product"]
        wet, dry = (np.float32(sigmoid(curve["intercept"] + curve["slope"] * s)) for s in (1.0, 0.0))
        kernels.product_vote(quality[inner], water_table(plan.quality), wet, dry, votes, chance)
        ran += 1
    state, likelihood, agreement = (np.empty(reason.shape, np.uint8) for _ in range(3))
    split = np.uint8(Advice.DISAGREE)
    if learned is not None:
        learned = _with_rules(learned, votes, chance, ran, plan.needed(ran))
        gone = np.isnan(learned)
        reason[gone & (reason == 0)] = np.uint8(Unseen.NODATA)
        learned = np.where(gone, np.float32(0.0), learned)
        votes += learned >= 0.5
        chance += learned
        ran += 1
    kernels.settle(
        votes, ran, chance, float(ran), plan.needed(ran), reason, advice, split, state, likelihood, agreement
    )
    if learned is None or not plan.surface:
        return Result(state, likelihood, agreement, reason, advice)
    seen = state != 255
    state[seen] = (learned >= 0.5)[seen]
    likelihood[seen] = np.rint(100.0 * learned).astype(np.uint8)[seen]
    agree = np.where(state == 1, votes, ran - votes).astype(np.uint16)
    agreement[seen] = (100 * agree // ran).astype(np.uint8)[seen]
    advice[seen] &= ~split
    advice[seen & (agreement < 67)] |= split
    return Result(state, likelihood, agreement, reason, advice)


def hide(
    scene: Scene,
    plan: Plan,
    numbers: Mapping[str, NDArray[Any]],
    reason: NDArray[np.uint8],
    quality: NDArray[Any] | None,
) -> None:
    """Set in `reason`, in place, what the quality band hides, or without one the brightest clouds; see `mapped`."""
    if quality is not None:
        kernels.blind(quality, reason_table(plan.quality), reason)
    else:
        reason[(reason == 0) & _bright(scene, numbers, reason.shape)] = np.uint8(Unseen.CLOUD)


def _run_rules(
    scene: Scene,
    plan: Plan,
    numbers: Mapping[str, NDArray[Any]],
    votes: NDArray[np.uint8],
    chance: NDArray[np.float32],
) -> None:
    if not plan.rules:
        return
    gain, offset = np.ones(6, np.float32), np.zeros(6, np.float32)
    lead = numbers["green"]
    parts = []
    for k, name in enumerate(OPTICAL):
        parts.append(numbers.get(name, lead))
        if name in numbers:
            gain[k], offset[k] = scene.bands[name].gain, scene.bands[name].offset
    kind = np.result_type(*(part.dtype for part in parts))
    have = np.array([rule in plan.rules for rule in _RULES], np.uint8)
    table, low, scale = _tables(plan.rules)
    rows = [np.ascontiguousarray(part, kind) for part in parts]
    blue, green, red, nir, swir16, swir22 = rows
    kernels.rules(blue, green, red, nir, swir16, swir22, gain, offset, have, table, low, scale, votes, chance)


def _learned(
    scene: Scene, plan: Plan, numbers: Mapping[str, NDArray[Any]], reason: NDArray[np.uint8], inner: slice
) -> NDArray[np.float32] | None:
    if plan.model is None:
        return None
    out = np.empty((inner.stop - inner.start, reason.shape[1]), np.float32)
    for row in range(inner.start, inner.stop, _MODEL_TILE):
        for column in range(0, reason.shape[1], 4 * _MODEL_TILE):
            rows = slice(row, min(row + _MODEL_TILE, inner.stop))
            columns = slice(column, min(column + 4 * _MODEL_TILE, reason.shape[1]))
            found: Any = _REFUSED
            try:
                found = _asked(scene, plan.model, numbers, reason, rows, columns)
            except ModelError as error:
                plan.refused.append(str(error))
            out[rows.start - inner.start : rows.stop - inner.start, columns] = found
    return out


def _with_rules(
    learned: NDArray[np.float32], votes: NDArray[np.uint8], chance: NDArray[np.float32], ran: int, needed: int
) -> NDArray[np.float32]:
    """Put what the rules say where the model would not answer."""
    refused = learned == _REFUSED
    if not refused.any():
        return learned
    mean = chance / np.float32(max(ran, 1))
    said = np.where(
        votes >= max(needed, 1), np.maximum(mean, np.float32(0.5)), np.minimum(mean, np.float32(0.49))
    )
    return np.where(refused, said, learned)


def _asked(
    scene: Scene,
    model: PixelModel,
    numbers: Mapping[str, NDArray[Any]],
    reason: NDArray[np.uint8],
    rows: slice,
    columns: slice,
) -> NDArray[np.float32]:
    """Return the model's likelihoods of a tile, read with the rim that it needs."""
    halo, (height, width) = model.halo_px, reason.shape
    wide = (
        slice(max(rows.start - halo, 0), min(rows.stop + halo, height)),
        slice(max(columns.start - halo, 0), min(columns.stop + halo, width)),
    )
    stack = np.stack([reflectance(scene, name, numbers[name][wide]) for name in model.bands])
    found = model.likelihood(stack, reason[wide] == 0)
    if found.shape != stack.shape[1:]:
        raise ModelError(f"{model.name}: returned {found.shape}, expected {stack.shape[1:]}")
    top, left = rows.start - wide[0].start, columns.start - wide[1].start
    return found[top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]


def reflectance(scene: Scene, name: str, number: NDArray[Any]) -> NDArray[np.float32]:
    """Return the reflectance [1] of stored numbers of a band, any shape."""
    band = scene.bands[name]
    return np.asarray(number.astype(np.float32) * np.float32(band.gain) + np.float32(band.offset))


def _bright(scene: Scene, numbers: Mapping[str, NDArray[Any]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return pixels white and bright enough to be thick cloud, for products without a mask.

    The whiteness and haze tests of Zhu & Woodcock (2012), RSE 118:83, equations 2 and 3, for pixels bright in blue and
    shortwave infrared. Thin cloud and shadow stay unknown, and the report says so.
    """
    if not {"blue", "green", "red", "nir", "swir16"} <= set(numbers):
        return np.zeros(shape, np.bool_)
    blue, green, red = (reflectance(scene, name, numbers[name]) for name in ("blue", "green", "red"))
    bright = (blue > 0.25) & (blue - 0.5 * red > 0.08)
    if not bright.any():
        return np.asarray(bright)
    swir = reflectance(scene, "swir16", numbers["swir16"])
    mean = (blue + green + red) / 3.0
    spread = np.abs(blue - mean) + np.abs(green - mean) + np.abs(red - mean)
    return np.asarray(bright & (spread < 0.7 * mean) & (swir > 0.12))
