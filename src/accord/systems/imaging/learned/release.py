"""From a trained model to the files that are shipped: trees and model card, with every hash filled in."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from accord.errors import FileError
from accord.systems.imaging.learned.account import account, inputs_seen
from accord.systems.imaging.learned.chips import SPECTRAL, Chips, layout
from accord.systems.imaging.learned.features import halo_px
from accord.systems.imaging.learned.forest import write_forest
from accord.systems.imaging.learned.leaks import Leaks
from accord.systems.imaging.learned.train import Recipe, Trained

__all__ = ["release", "sha256_of", "write_card", "write_whole"]

TREES, CARD, RECIPE = "water_trees.json", "water_model_card.yaml", "recipe.yaml"


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there.

    Raises
    ------
    FileError
        When it cannot be written.
    """
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written: {error}") from error


def write_card(path: Path, body: dict[str, Any]) -> None:
    """Write a card as YAML; errors as `write_whole`."""
    import yaml

    write_whole(path, yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110).encode())


def release(
    chips: Chips, leaks: Leaks, trained: Trained, recipe: Recipe, recipe_path: Path, out: Path, *, date: str
) -> dict[str, Any]:
    """Write trees and card into a folder and return the card.

    The words of the card stand in ``card_text.yaml``; its numbers are computed here.

    Parameters
    ----------
    chips, leaks, trained, recipe
        What `train.train` took and gave.
    recipe_path : Path
    out : Path
        Folder; made where absent.
    date : str
        Of the card, as YYYY-MM-DD.
    """
    import yaml

    data = files("accord.systems.imaging.learned") / "data"
    words: dict[str, Any] = yaml.safe_load((data / "card_text.yaml").read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / RECIPE, recipe_path.read_bytes())
    write_forest(trained.forest, out / TREES)
    forest = trained.forest
    body = {
        "schema": "accord/model-card/1",
        **words["head"],
        "date": date,
        "model": {
            "file": TREES,
            "sha256": sha256_of(out / TREES),
            "format": "accord/forest/1",
            "trees": len(forest.trees),
            "leaves": max(len(tree.value) for tree in forest.trees),
            "features": len(forest.features),
            "threshold": 0.5,
        },
        "recipe": {"file": RECIPE, "sha256": sha256_of(out / RECIPE)},
        "inputs": {
            "bands": list(SPECTRAL),
            "scale": 1e-4,
            "nodata": layout(recipe.layout)["nodata"],
            "halo_px": halo_px(forest.features),
            **inputs_seen(chips),
        },
        "training": {
            "chips": len(chips),
            "groups": leaks.groups,
            "pixels": int(chips.valid.sum()),
            "share_of_water": round(float(chips.water[chips.valid].mean()), 4),
            "software": f"lightgbm {version('lightgbm')}, numpy {version('numpy')}",
            **words["training"],
        },
        "evaluation": account(chips, leaks, trained),
        **words["tail"],
    }
    write_card(out / CARD, body)
    return body
