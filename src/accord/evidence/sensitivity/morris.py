"""Elementary effects: which inputs matter at all, from a few steps along each.

Morris (1991), Technometrics 33:161; the mean of absolute effects and the choice of spread trajectories after
Campolongo, Cariboni & Saltelli (2007), Environmental Modelling & Software 22:1509, that choice made greedily as in
Ruano et al. (2012), Environmental Modelling & Software 37:103.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.contract.streams import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["ElementaryEffects", "elementary_effects", "quantile_levels", "trajectories"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementaryEffects:
    """Effects of d inputs, in the unit of the output for a step across the whole range of the input's levels.

    Attributes
    ----------
    mean, absolute, spread : float array, shape (d,)
        Mean, mean of absolute values (mu*) and standard deviation: a spread as large as mu* tells of interaction or
        of a bent response.
    absolute_half : float array, shape (d,)
        Half-width of the 95 % interval of mu*, from the bootstrap over trajectories.
    """

    mean: FloatArray
    absolute: FloatArray
    spread: FloatArray
    absolute_half: FloatArray


def quantile_levels(points: FloatArray, levels: int) -> FloatArray:
    """Return probabilities for grid points between 0 and 1: the middles of as many equal parts as there are levels."""
    return (points * (levels - 1) + 0.5) / levels


def trajectories(inputs: int, count: int, *, levels: int = 4, pool: int = 10, seed: int = 0) -> FloatArray:
    """Return trajectories over a grid: each starts anywhere and moves every input once, in random order.

    Parameters
    ----------
    inputs, count : int
        Dimension d and the number of trajectories r.
    levels : int
        Even; the step is half of the levels, so that all levels come up equally often.
    pool : int
        For each wanted trajectory this many are drawn, and those furthest from each other are kept.
    seed : int

    Returns
    -------
    float array, shape (r, d + 1, d) [1]
        Grid points from 0 to 1.

    Raises
    ------
    ValueError
        For an odd number of levels, or less than one input or trajectory.
    """
    if levels < 2 or levels % 2 or inputs < 1 or count < 1:
        raise ValueError("expected an even number of levels, and at least one input and one trajectory")
    rng = generator(seed, "morris", inputs, count)
    drawn = max(count, count * pool)
    step = levels / (2.0 * (levels - 1))
    low = rng.integers(0, levels // 2, size=(drawn, inputs)) / (levels - 1)
    up = rng.random((drawn, inputs)) < 0.5
    start, end = np.where(up, low, low + step), np.where(up, low + step, low)
    turn = np.argsort(rng.random((drawn, inputs)), axis=1).argsort(axis=1)  # when each input moves
    moved = np.arange(inputs + 1)[None, :, None] > turn[:, None, :]
    paths = np.where(moved, end[:, None], start[:, None])
    return paths[_spread_out(paths, count)] if drawn > count else paths


def _spread_out(paths: FloatArray, count: int) -> NDArray[np.int64]:
    """Return the trajectories that a greedy choice keeps: always the one with the largest distance to those kept."""
    flat = paths.reshape(len(paths), -1, paths.shape[2])
    kept = [0]
    squares = (flat**2).sum(axis=2)

    def distance_to(index: int) -> FloatArray:
        # sum of distances between all pairs of points of two trajectories (Campolongo et al., equation 10)
        cross = np.einsum("pkd,ld->pkl", flat, flat[index])
        gap = squares[:, :, None] + squares[index][None, None, :] - 2.0 * cross
        return np.asarray(np.sqrt(np.maximum(gap, 0.0)).sum(axis=(1, 2)))

    total = distance_to(0) ** 2
    total[0] = -1.0
    while len(kept) < count:
        following = int(np.argmax(total))
        kept.append(following)
        total += distance_to(following) ** 2
        total[kept] = -1.0
    return np.sort(np.array(kept))


def elementary_effects(
    points: FloatArray, y: FloatArray, *, resamples: int = 1000, seed: int = 0
) -> ElementaryEffects:
    """Return the effects of an output over trajectories.

    Parameters
    ----------
    points : float array, shape (r, d + 1, d) [1]
        From `trajectories`.
    y : float array, shape (r (d + 1),) or (r, d + 1)

    Raises
    ------
    ValueError
        When the shapes do not fit, a number is not finite, or a step does not move exactly one input.
    """
    r, rows, d = points.shape
    y = np.asarray(y, dtype=float).reshape(-1)
    if rows != d + 1 or len(y) != r * rows or not np.isfinite(y).all():
        raise ValueError(f"expected {r * rows} finite numbers for {r} trajectories of {d} inputs")
    step = np.diff(points, axis=1)
    which = np.abs(step).argmax(axis=2)
    if (np.count_nonzero(step, axis=2) != 1).any() or (np.sort(which, axis=1) != np.arange(d)).any():
        raise ValueError("each step of a trajectory must move one input, and each input once")
    size = np.take_along_axis(step, which[:, :, None], axis=2)[:, :, 0]
    effects = np.empty((r, d))
    np.put_along_axis(effects, which, np.diff(y.reshape(r, rows), axis=1) / size, axis=1)
    picks = generator(seed, "morris bootstrap").integers(0, r, size=(resamples, r))
    absolute = np.abs(effects)
    return ElementaryEffects(
        mean=effects.mean(axis=0),
        absolute=absolute.mean(axis=0),
        spread=effects.std(axis=0, ddof=1) if r > 1 else np.zeros(d),
        absolute_half=_Z95 * absolute[picks].mean(axis=1).std(axis=0, ddof=1),
    )
