"""From a trained network to its files: ONNX, recipe and a card that says how it stands beside the trees."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.learned.account import inputs_seen, judged
from accord.systems.imaging.learned.chips import SPECTRAL, Chips, layout
from accord.systems.imaging.learned.leaks import Leaks
from accord.systems.imaging.learned.network.train import NetworkRecipe, TrainedNetwork
from accord.systems.imaging.learned.release import sha256_of, write_card, write_whole
from accord.systems.imaging.learned.scores import chip_counts, difference_interval, iou
from accord.systems.imaging.learned.train import calibrated_apart

__all__ = ["release_network"]

NETWORK, CARD, RECIPE = "water_network.onnx", "water_network_card.yaml", "network_recipe.yaml"
_HEAD = {
    "licence": "whoever trains it says: see the licence of the chips",
    "summary": "A small U of separable convolutions: probability of water of each pixel of a six-band image.",
    "intended_use": ["Surface water from surface reflectance, beside the rules; what the trees are for"],
    "not_for": [
        "Warning without a person who looks at the map first",
        "Top-of-atmosphere images, clouds, snow",
    ],
    "human_oversight": "A duty officer checks the map against the image before anything is sent.",
}
_TAIL = {
    "limits": ["Settings were looked at on the same folds: the score is rather too good than too bad"],
    "sources": ["Ronneberger, Fischer & Brox 2015, MICCAI", "Howard et al. 2017, arXiv:1704.04861"],
}


def release_network(
    chips: Chips,
    leaks: Leaks,
    trained: TrainedNetwork,
    recipe: NetworkRecipe,
    recipe_text: str,
    trees: NDArray[np.float64],
    out: Path,
    *,
    date: str,
) -> dict[str, Any]:
    """Write network, recipe and card into a folder and return the card.

    Parameters
    ----------
    chips, leaks, trained, recipe
        What `train.train_network` took and gave.
    recipe_text : str
        Of the recipe's file.
    trees : float array, shape (chips, rows, cols)
        Scores of the trees on the same folds, for the comparison.
    out : Path
        Folder; made where absent.
    date : str
        Of the card, as YYYY-MM-DD.
    """
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / RECIPE, recipe_text.encode())
    write_whole(out / NETWORK, trained.network.onnx())
    scores = _beside_trees(chips, leaks, trained, trees)
    body = {
        "schema": "accord/network-card/1",
        "name": "water network",
        "version": "1",
        "date": date,
        **_HEAD,
        "model": {
            "file": NETWORK,
            "sha256": sha256_of(out / NETWORK),
            "format": "onnx",
            "parameters": trained.network.parameters,
            "threshold": 0.5,
        },
        "recipe": {"file": RECIPE, "sha256": sha256_of(out / RECIPE)},
        "inputs": {
            "bands": list(SPECTRAL),
            "scale": 1e-4,
            "nodata": layout(recipe.layout)["nodata"],
            "halo_px": trained.network.halo_px,
            "step_px": trained.network.step,
            **inputs_seen(chips),
        },
        "outputs": "Probability of water, calibrated on folds by group; what was not seen is unseen, never dry",
        "training": {
            "chips": len(chips),
            "groups": leaks.groups,
            "software": f"torch {_version('torch')}, numpy {version('numpy')}",
        },
        "evaluation": {"split": "grouped", "grouped_folds": scores},
        **_TAIL,
    }  # fmt: skip
    write_card(out / CARD, body)
    return body


def _beside_trees(
    chips: Chips, leaks: Leaks, trained: TrainedNetwork, trees: NDArray[np.float64]
) -> dict[str, Any]:
    """Return the scores of the grouped folds, and how far they lie from those of the trees."""
    probability = calibrated_apart(trained.grouped, chips, trained.fold)
    ours = chip_counts(probability > 0.5, chips.water, chips.valid)
    theirs = chip_counts(calibrated_apart(trees, chips, trained.fold) > 0.5, chips.water, chips.valid)
    gap = difference_interval(ours, theirs, leaks.group)
    difference = {"value": round(gap.value, 4), "low": round(gap.low, 4), "high": round(gap.high, 4)}
    scores = judged(probability, chips, leaks.group)
    scores["trees"] = {"iou": round(iou(theirs), 4), "difference": difference}
    return scores


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "of unknown version"
