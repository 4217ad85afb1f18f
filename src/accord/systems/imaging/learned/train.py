"""The trainer: from labelled chips to the shipped model with an honest account of how good it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError, MissingExtraError
from accord.systems.imaging.learned.calibration import platt
from accord.systems.imaging.learned.chips import Chips
from accord.systems.imaging.learned.features import feature_table
from accord.systems.imaging.learned.folds import group_folds, held_out, random_folds
from accord.systems.imaging.learned.forest import Forest
from accord.systems.imaging.learned.grown import from_lightgbm
from accord.systems.imaging.learned.leaks import Leaks, refuse_leaky

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Told = Callable[[str], None]

__all__ = ["Recipe", "Trained", "calibrated_apart", "chip_features", "cross_scores", "read_recipe", "recipe_body",
           "train"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything a model depends on besides its chips."""

    layout: str
    features: tuple[str, ...]
    folds: int
    held_out_share: float
    held_out_chips: tuple[str, ...]
    every_pixel: int
    group_weight: float
    seed: int
    rounds: int
    lightgbm: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model and the out-of-fold scores it is judged by.

    Attributes
    ----------
    forest : Forest
        Grown on every chip, calibrated on the grouped scores.
    set_aside : bool array, shape (chips,)
        Chips of the groups held out while choosing.
    grouped, leaky, once : float array, shape (chips, rows, cols)
        Scores from folds by group over all chips; from random folds; and of the held-out chips from a model grown
        on the others (0 elsewhere).
    fold : int array, shape (chips,)
    once_line : (float, float)
        Calibration line of the held-out scores, fitted on the others' grouped scores alone.
    """

    forest: Forest
    set_aside: NDArray[np.bool_]
    grouped: FloatArray
    leaky: FloatArray
    once: FloatArray
    fold: IntArray
    once_line: tuple[float, float]


def recipe_body(path: Path | None, shipped: str, wanted: set[str]) -> dict[str, Any]:
    """Read a recipe as plain data; without a path the shipped one of that name.

    Raises
    ------
    FileError
        When it cannot be read, or a key is unknown or missing.
    """
    import yaml

    source = path or files("accord.systems.imaging.learned") / "data" / shipped
    try:
        body = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise FileError(f"{source}: cannot be read: {error}") from error
    if not isinstance(body, dict) or set(body) != wanted:
        odd = sorted(wanted ^ set(body)) if isinstance(body, dict) else []
        raise FileError(f"{source}: expected the keys {', '.join(sorted(wanted))}; wrong or missing: {odd}")
    return body


def read_recipe(path: Path | None = None) -> Recipe:
    """Read a recipe of trees; without a path the one of the shipped model. Errors as `recipe_body`."""
    body = recipe_body(path, "recipe.yaml", set(Recipe.__dataclass_fields__))
    return Recipe(
        **{
            **body,
            "features": tuple(body["features"]),
            "held_out_chips": tuple(str(name) for name in body["held_out_chips"]),
        }
    )


def chip_features(chips: Chips, names: tuple[str, ...]) -> NDArray[np.float32]:
    """Return the features of every pixel of every chip, shape (chips, rows x cols, features)."""
    spectral = chips.spectral()
    rows, cols = chips.water.shape[1:]
    out = np.empty((len(chips), rows * cols, len(names)), dtype=np.float32)
    for k in range(len(chips)):
        stack = np.clip(spectral[k].astype(np.int32), 1, 16_000)
        out[k] = feature_table(stack, chips.valid[k], names).reshape(len(names), -1).T
    return out


def _grow(
    table: NDArray[np.float32], chips: Chips, weight: FloatArray, chosen: NDArray[np.bool_], recipe: Recipe
) -> Forest:
    """Grow trees on the chosen chips."""
    try:
        import lightgbm
    except ImportError:
        raise MissingExtraError("training needs lightgbm: pip install 'accord[train]'") from None
    step = recipe.every_pixel
    rows, labels, weights = [], [], []
    for k in np.flatnonzero(chosen).tolist():
        picked = np.arange((k * 3) % step, table.shape[1], step)
        picked = picked[chips.valid[k].ravel()[picked]]
        rows.append(table[k, picked])
        labels.append(chips.water[k].ravel()[picked])
        weights.append(np.full(len(picked), weight[k]))
    settings = {
        "objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True,
        "seed": recipe.seed % 2**31, **recipe.lightgbm,
    }  # fmt: skip
    data = lightgbm.Dataset(
        np.concatenate(rows),
        np.concatenate(labels).astype(np.float32),
        weight=np.concatenate(weights),
        feature_name=list(recipe.features),
        params={"verbosity": -1},
    )
    return from_lightgbm(lightgbm.train(settings, data, recipe.rounds).model_to_string())


def cross_scores(
    table: NDArray[np.float32], chips: Chips, group: IntArray, fold: IntArray, recipe: Recipe, *,
    allow_leaky: bool = False, told: Told = print,
) -> FloatArray:  # fmt: skip
    """Return the score of every pixel from a model that saw nothing of its fold, shape (chips, rows, cols).

    Parameters
    ----------
    table : float32 array, shape (chips, pixels, features)
    chips : Chips
    group, fold : int array, shape (chips,)
        Chips of fold -1 are neither trained on nor scored.
    recipe : Recipe
    allow_leaky : bool
    told : callable
        Called with a line of progress.

    Raises
    ------
    LeakError
        When folds tear groups apart and that was not allowed.
    """
    used = fold >= 0
    refuse_leaky(fold[used], group[used], allow_leaky=allow_leaky)
    weight = _weights(group, recipe)
    scores = np.zeros(chips.water.shape, dtype=np.float64)
    for number in np.unique(fold[used]).tolist():
        forest = _grow(table, chips, weight, used & (fold != number), recipe)
        for k in np.flatnonzero(fold == number).tolist():
            scores[k] = forest.scores(table[k]).reshape(chips.water.shape[1:])
        told(f"fold {number}: {int(np.sum(fold == number))} chips scored")
    return scores


def _weights(group: IntArray, recipe: Recipe) -> FloatArray:
    size = np.bincount(group)[group].astype(np.float64)
    found: FloatArray = size**-recipe.group_weight
    return found


def calibrated_apart(scores: FloatArray, chips: Chips, fold: IntArray) -> FloatArray:
    """Return probabilities [1], each fold calibrated on the other folds' scores, shape (chips, rows, cols)."""
    out = np.zeros_like(scores)
    for number in np.unique(fold[fold >= 0]).tolist():
        rest = chips.valid & ((fold >= 0) & (fold != number))[:, None, None]
        slope, intercept = platt(scores[rest], chips.water[rest])
        here = fold == number
        out[here] = 1.0 / (1.0 + np.exp(-(slope * scores[here] + intercept)))
    return out


def train(chips: Chips, leaks: Leaks, recipe: Recipe, *, told: Told = print) -> Trained:
    """Train, calibrate and score by the recipe; the same chips and recipe give the same model.

    Raises
    ------
    MissingExtraError
        When LightGBM is absent.
    """
    table = chip_features(chips, recipe.features)
    told(f"{len(chips)} chips in {leaks.groups} independent groups, {len(recipe.features)} features")
    fold = group_folds(leaks.group, recipe.folds)
    grouped = cross_scores(table, chips, leaks.group, fold, recipe, told=told)
    told("random folds, which leak, for comparison")
    leaky = cross_scores(
        table, chips, leaks.group, random_folds(len(chips), recipe.folds, recipe.seed), recipe,
        allow_leaky=True, told=told,
    )  # fmt: skip
    aside = _set_aside(chips, leaks.group, recipe)
    once, line = _looked_at_once(table, chips, leaks.group, aside, recipe, told)
    told("all chips")
    forest = _grow(table, chips, _weights(leaks.group, recipe), np.ones(len(chips), dtype=np.bool_), recipe)
    slope, intercept = platt(grouped[chips.valid], chips.water[chips.valid])
    return Trained(
        forest=Forest(forest.features, forest.trees, slope, intercept),
        set_aside=aside, grouped=grouped, leaky=leaky, once=once, fold=fold, once_line=line,
    )  # fmt: skip


def _set_aside(chips: Chips, group: IntArray, recipe: Recipe) -> NDArray[np.bool_]:
    """Return the chips that the recipe names, or whole groups drawn by its share where it names none."""
    if not recipe.held_out_chips:
        return held_out(group, recipe.held_out_share, recipe.seed)
    named = np.isin(chips.names, recipe.held_out_chips)
    refuse_leaky(named.astype(np.int64), group)
    return named


def _looked_at_once(
    table: NDArray[np.float32],
    chips: Chips,
    group: IntArray,
    aside: NDArray[np.bool_],
    recipe: Recipe,
    told: Told,
) -> tuple[FloatArray, tuple[float, float]]:
    """Return scores of the held-out chips and the calibration line, both from the other chips alone."""
    fold = np.full(len(chips), -1, dtype=np.int64)
    fold[~aside] = group_folds(group[~aside], recipe.folds)
    told("folds without the held-out groups")
    scores = cross_scores(table, chips, group, fold, recipe, told=told)
    seen = chips.valid & ~aside[:, None, None]
    line = platt(scores[seen], chips.water[seen])
    forest = _grow(table, chips, _weights(group, recipe), ~aside, recipe)
    once = np.zeros_like(scores)
    for k in np.flatnonzero(aside).tolist():
        once[k] = forest.scores(table[k]).reshape(scores.shape[1:])
    return once, line
