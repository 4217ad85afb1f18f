"""Train the network on labelled chips, by group, and say beside the trees how good it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import MissingExtraError
from accord.systems.imaging.learned.calibration import platt
from accord.systems.imaging.learned.chips import Chips
from accord.systems.imaging.learned.folds import group_folds
from accord.systems.imaging.learned.leaks import Leaks, refuse_leaky
from accord.systems.imaging.learned.network.layers import Network
from accord.systems.imaging.learned.network.model import channels
from accord.systems.imaging.learned.train import recipe_body

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Told = Callable[[str], None]

__all__ = ["NetworkRecipe", "TrainedNetwork", "read_network_recipe", "train_network"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRecipe:
    """Everything a network depends on besides its chips."""

    layout: str
    folds: int
    seed: int
    widths: tuple[int, ...]
    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    drop_share: float
    brightness_sd: float
    group_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedNetwork:
    """A network grown on every chip, and the scores of folds by group that it is judged by.

    Attributes
    ----------
    network : Network
        Calibrated on the grouped scores.
    grouped : float array, shape (chips, rows, cols)
    fold : int array, shape (chips,)
    """

    network: Network
    grouped: FloatArray
    fold: IntArray


def read_network_recipe(path: Path | None = None) -> NetworkRecipe:
    """Read a recipe of a network; without a path the package's own. Errors as `recipe_body`."""
    body = recipe_body(path, "network_recipe.yaml", set(NetworkRecipe.__dataclass_fields__))
    return NetworkRecipe(**{**body, "widths": tuple(body["widths"])})


def train_network(
    chips: Chips, leaks: Leaks, recipe: NetworkRecipe, *, threads: int = 2, told: Told = print
) -> TrainedNetwork:
    """Train on each set of folds by group, score the fold left out, then train on every chip.

    The same chips, recipe, versions and threads give the same network.

    Raises
    ------
    MissingExtraError
        Without PyTorch.
    """
    torch = _torch(threads)
    fold = group_folds(leaks.group, recipe.folds)
    refuse_leaky(fold, leaks.group)
    given = chip_channels(chips, 2 ** (len(recipe.widths) - 1))
    size = np.bincount(leaks.group)[leaks.group].astype(np.float64)
    weight = size**-recipe.group_weight
    scores = np.zeros(chips.water.shape, dtype=np.float64)
    for number in range(recipe.folds):
        left_out = np.flatnonzero(fold == number)
        network = _fitted(torch, given, chips, weight, np.flatnonzero(fold != number), recipe)
        scores[left_out] = _scored(torch, network, given[left_out], chips.water.shape[1:])
        told(f"fold {number}: {len(left_out)} chips scored")
    told("all chips")
    network = _fitted(torch, given, chips, weight, np.arange(len(chips)), recipe)
    slope, intercept = platt(scores[chips.valid], chips.water[chips.valid])
    folded = _folded(network, recipe.widths).scaled(slope, intercept)
    return TrainedNetwork(network=folded, grouped=scores, fold=fold)


def _torch(threads: int) -> Any:
    try:
        torch = import_module("torch")
    except ImportError:
        raise MissingExtraError("training a network needs PyTorch: pip install torch") from None
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
    return torch


def chip_channels(chips: Chips, step: int) -> NDArray[np.float32]:
    """Return what the network reads of every chip, shape (chips, channels, rows, columns)."""
    spectral = np.clip(chips.spectral().astype(np.int32), 1, 16_000)
    return np.stack([channels(spectral[k], chips.valid[k], step) for k in range(len(chips))])


def _built(torch: Any, widths: tuple[int, ...], drop_share: float) -> Any:
    """Return the network of `layers.Network` as a trainable module, with normalisation after each pair."""
    nn = torch.nn
    from accord.systems.imaging.learned.network.layers import CHANNELS

    def separable(reads: int, makes: int) -> Any:
        return nn.Sequential(
            nn.Conv2d(reads, reads, 3, padding=1, groups=reads, bias=False),
            nn.Conv2d(reads, makes, 1, bias=False),
            nn.BatchNorm2d(makes),
            nn.ReLU(),
        )

    class Built(nn.Module):  # type: ignore[misc, name-defined]  # torch is not at hand when types are checked
        def __init__(self) -> None:
            super().__init__()
            first = nn.Conv2d(CHANNELS, widths[0], 3, padding=1, bias=False)
            self.stem = nn.Sequential(first, nn.BatchNorm2d(widths[0]), nn.ReLU())
            levels = range(1, len(widths))
            self.down = nn.ModuleList(
                nn.Sequential(separable(widths[k - 1], widths[k]), separable(widths[k], widths[k]))
                for k in levels
            )
            self.up = nn.ModuleList(separable(widths[k] + widths[k - 1], widths[k - 1]) for k in levels)
            self.drop, self.head = nn.Dropout2d(drop_share), nn.Conv2d(widths[0], 1, 1)

        def forward(self, x: Any) -> Any:
            kept = [self.stem(x)]
            for block in self.down:
                kept.append(block(nn.functional.avg_pool2d(kept[-1], 2)))
            x = self.drop(kept.pop())
            for block in reversed(self.up):
                wide = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
                x = block(torch.cat([wide, kept.pop()], 1))
            return self.head(x)[:, 0]

    return Built()


def _fitted(
    torch: Any,
    given: NDArray[np.float32],
    chips: Chips,
    weight: FloatArray,
    chosen: IntArray,
    recipe: NetworkRecipe,
) -> Any:
    """Train on the chosen chips by AdamW (Loshchilov & Hutter 2019) and return the running mean of the weights."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    network = _built(torch, recipe.widths, recipe.drop_share).to(memory_format=torch.channels_last)
    mean = {name: value.clone() for name, value in network.state_dict().items()}
    rate, steps = recipe.learning_rate, recipe.epochs * (len(chosen) // recipe.batch)
    descent = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=recipe.weight_decay)
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, rate, total_steps=steps, pct_start=0.2)
    x, y = torch.from_numpy(given), torch.from_numpy(chips.water.astype(np.float32))
    matter = torch.from_numpy(
        (chips.valid * (weight / weight[chosen].mean())[:, None, None]).astype(np.float32)
    )
    done = 0
    for _ in range(recipe.epochs):
        order = rng.permutation(chosen)
        for k in range(len(chosen) // recipe.batch):
            batch = order[k * recipe.batch : (k + 1) * recipe.batch]
            a, b, m = _turned(torch, rng, (x[batch], y[batch], matter[batch]), recipe.brightness_sd)
            said = network(a.contiguous(memory_format=torch.channels_last))
            each = torch.nn.functional.binary_cross_entropy_with_logits(said, b, reduction="none")
            descent.zero_grad()
            ((each * m).sum() / m.sum()).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            descent.step()
            pace.step()
            done += 1
            share = min(0.99, done / (done + 10))
            for name, value in network.state_dict().items():
                mean[name] = share * mean[name] + (1 - share) * value if value.is_floating_point() else value
    network.load_state_dict(mean)
    return network.eval()


def _turned(torch: Any, rng: np.random.Generator, parts: tuple[Any, Any, Any], sd: float) -> tuple[Any, ...]:
    """Return chips turned and mirrored at random, and brighter or darker as a whole and band by band."""
    quarter, mirrored = int(rng.integers(4)), rng.random() < 0.5
    found = [torch.rot90(part, quarter, (-2, -1)) for part in parts]
    if mirrored:
        found = [part.flip(-1) for part in found]
    x = found[0].clone()
    light = rng.normal(0.0, sd, (len(x), 1, 1, 1)) + rng.normal(0.0, sd / 2.0, (len(x), 6, 1, 1))
    x[:, :6] += torch.from_numpy(light.astype(np.float32)) * x[:, -1:]
    return x, found[1], found[2]


def _scored(torch: Any, network: Any, given: NDArray[np.float32], shape: tuple[int, ...]) -> FloatArray:
    """Return the score of every pixel, shape (chips, rows, cols)."""
    with torch.no_grad():
        parts = [network(torch.from_numpy(given[k : k + 8])).numpy() for k in range(0, len(given), 8)]
    return np.asarray(np.concatenate(parts)[:, : shape[0], : shape[1]], dtype=np.float64)


def _folded(network: Any, widths: tuple[int, ...]) -> Network:
    """Return the weights with normalisation folded into the convolution before it."""

    def plain(value: Any) -> NDArray[np.float32]:
        return np.asarray(value.detach().numpy(), dtype=np.float32)

    def joined(convolution: Any, norm: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        factor = plain(norm.weight) / np.sqrt(plain(norm.running_var) + np.float32(norm.eps))
        bias = plain(norm.bias) - plain(norm.running_mean) * factor
        return np.asarray(plain(convolution.weight) * factor[:, None, None, None]), np.asarray(bias)

    weights: dict[str, NDArray[np.float32]] = {}
    weights["stem.w"], weights["stem.b"] = joined(network.stem[0], network.stem[1])
    blocks = {f"up{k}": network.up[k] for k in range(len(widths) - 1)}
    for k, pair in enumerate(network.down, 1):
        blocks |= {f"down{k}a": pair[0], f"down{k}b": pair[1]}
    for name, block in blocks.items():
        weights[f"{name}.d"] = plain(block[0].weight)
        weights[f"{name}.p"], weights[f"{name}.b"] = joined(block[1], block[2])
    weights["head.p"], weights["head.b"] = plain(network.head.weight), plain(network.head.bias)
    return Network(widths, weights)
