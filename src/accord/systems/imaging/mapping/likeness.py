"""Is this scene like what the learned model was taught on? Looked at on tiles spread over it, before it is mapped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.methods import optical
from accord.systems.imaging.methods.optical import Plan
from accord.systems.imaging.scene.grid import Strip
from accord.systems.imaging.scene.model import Note, Scene
from accord.systems.imaging.scene.reading import Reader

__all__ = ["likeness"]

_TILE_PX = 256
_TILES = 3  # along each side


def likeness(scene: Scene, plan: Plan) -> tuple[list[dict[str, Any]], list[Note]]:
    """Return the stability index of every quantity on the model's card, and a warning where any drifts.

    Clouds and all else that the scene's own quality band hides are left out.

    Returns
    -------
    rows : list of dict
        ``quantity``, ``index``, ``below``, ``above`` [1], worst first; empty where no model with a card runs.
    notes : list of Note
    """
    model = plan.model
    if not isinstance(model, optical.Known):
        return [], []
    reader = Reader(scene)
    try:
        stack, seen = _tiles(scene, plan, reader)
    finally:
        reader.close()
    try:
        rows = sorted(model.likeness(stack, seen), key=lambda row: -float(row["index"]))
    except ModelError:
        return [], []  # the model will not answer these tiles: told when they are mapped
    far = [row for row in rows if row["drifts"]]
    if not far:
        return rows, []
    named = ", ".join(f"{row['quantity']} {row['index']:.2f}" for row in far[:3])
    text = (
        f"the scene is unlike what the learned model was taught on: {named} (stability index, above {model.limit:g} is "
        f"drift; {len(far)} of {len(rows)} quantities): check band order, scale and offset, trust the rules more than "
        "the model, or leave it out (--no-model)"
    )
    return rows, [Note(level="warning", code="model-drift", text=text)]


def _tiles(scene: Scene, plan: Plan, reader: Reader) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return reflectances (bands, rows, columns) of up to nine tiles, one below the other, and which were seen."""
    assert plan.model is not None
    grid = scene.grid
    rows, columns = min(_TILE_PX, grid.height), min(_TILE_PX, grid.width)
    tops = np.unique(np.linspace(0, grid.height - rows, _TILES).astype(int))
    lefts = np.unique(np.linspace(0, grid.width - columns, _TILES).astype(int))
    parts, masks = [], []
    for number, top in enumerate(tops.tolist()):
        strip = Strip(number, top, rows)
        numbers, reason = reader.optical(plan.bands, strip)
        quality = reader.quality(plan.quality, strip, reason) if plan.quality else None
        optical.hide(scene, plan, numbers, reason, quality)
        stack = np.stack([optical.reflectance(scene, name, numbers[name]) for name in plan.model.bands])
        for left in lefts.tolist():
            parts.append(stack[:, :, left : left + columns])
            masks.append(reason[:, left : left + columns] == 0)
    return np.concatenate(parts, axis=1), np.concatenate(masks, axis=0)
