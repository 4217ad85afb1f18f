"""Is this scene like what the learned model was taught on? Looked at on tiles spread over it, before it is mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.methods import optical
from accord.systems.imaging.methods.optical import Plan
from accord.systems.imaging.scene.grid import Strip
from accord.systems.imaging.scene.model import Note, Scene
from accord.systems.imaging.scene.reading import Reader

__all__ = ["likeness", "weighed"]

_TILE_PX = 256
_TILES = 3  # along each side


def likeness(scene: Scene, plan: Plan) -> list[dict[str, Any]]:
    """Return the stability index of every quantity on the model's card.

    Clouds and all else that the scene's own quality band hides are left out.

    Returns
    -------
    list of dict
        ``quantity``, ``index``, ``below``, ``above`` [1] and ``drifts``, worst first; empty where no model with a card
        runs.
    """
    model = plan.model
    if not isinstance(model, optical.Known):
        return []
    reader = Reader(scene)
    try:
        stack, seen = _tiles(scene, plan, reader)
    finally:
        reader.close()
    try:
        return sorted(model.likeness(stack, seen), key=lambda row: -float(row["index"]))
    except ModelError:
        return []  # the model will not answer these tiles: told when they are mapped


def weighed(
    scene: Scene, plan: Plan, rows: Sequence[Mapping[str, Any]], *, forced: bool
) -> tuple[Plan, str, list[Note]]:
    """Return the plan that likeness allows: a scene unlike the training is mapped by the rules, unless forced.

    Parameters
    ----------
    scene : Scene
    plan : Plan
        With the model.
    rows : sequence of mapping
        From `likeness`.
    forced : bool
        Whether the user wants the model all the same.

    Returns
    -------
    plan : Plan
        Without the model where it is refused.
    standing : str
        "absent", "used", "refused" or "forced".
    notes : list of Note

    Raises
    ------
    ModelError
        When the model is refused and the scene's bands allow no rule.
    """
    model = plan.model
    if not isinstance(model, optical.Known):
        return plan, "used" if model else "absent", []
    far = [row for row in rows if row["drifts"]]
    if not far:
        return plan, "used", []
    named = ", ".join(f"{row['quantity']} {row['index']:.2f}" for row in far[:3])
    why = (
        f"the scene is unlike what the learned model was taught on: {named} (stability index, above {model.limit:g} is "
        f"drift; {len(far)} of {len(rows)} quantities)"
    )
    if forced:
        text = f"{why}: it was used all the same, on request (--force-model); its likelihoods are not to be relied on"
        return plan, "forced", [Note(level="warning", code="model-forced", text=text)]
    try:
        rest = optical.planned(scene, None, f"refused: {why}")
    except ModelError:
        raise ModelError(
            f"{scene.id}: {why}, and its bands allow no rule; --force-model uses it all the same"
        ) from None
    text = f"{why}: it was left out and the rules decide; check band order, scale and offset (--force-model uses it)"
    return rest, "refused", [Note(level="warning", code="model-refused-scene", text=text)]


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
