"""Tiles that hold both water and land: where a threshold can be learnt from the scene itself.

A quad-tree walks from tiles of 512 pixels down to 64 and keeps the first that shows two well separated classes
(after Chini et al. 2017, IEEE TGRS 55:6975). Their histograms are pooled and split by two Gaussians. Where too few
tiles qualify the answer is a reason, not a threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.methods import kernels

__all__ = [
    "BINS",
    "CELL",
    "LOW_CB",
    "STEP_CB",
    "TILE",
    "Mixture",
    "Split",
    "accepted",
    "cell_histograms",
    "fit",
    "pooled",
    "settle",
]

TILE, CELL = 512, 64
LOW_CB, STEP_CB, BINS = -5000, 25, 240  # -50 to +10 dB by 0.25 dB
LEAST_TILES = 5
CENTRE_DB = (LOW_CB + STEP_CB * (np.arange(BINS) + 0.5)) / 100.0


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two Gaussians, the darker first; weights add to 1, means and deviations in the unit of the data."""

    weight: tuple[float, float]
    mean: tuple[float, float]
    deviation: tuple[float, float]

    @property
    def ashman_d(self) -> float:
        """Separation of the means; above 2 they are clear of each other. Ashman, Bird & Zepf (1994), AJ 108:2348."""
        (a, b), (s, t) = self.mean, self.deviation
        return math.sqrt(2.0) * abs(a - b) / math.sqrt(s * s + t * t)

    @property
    def threshold(self) -> float:
        """Where the weighted densities cross between the means: the least error of the two classes."""
        return float(kernels.crossing(self._flat()))

    @property
    def error(self) -> float:
        """Share misjudged at the threshold."""
        t = self.threshold
        over = 0.5 * math.erfc((t - self.mean[0]) / (self.deviation[0] * math.sqrt(2.0)))
        under = 0.5 * math.erfc((self.mean[1] - t) / (self.deviation[1] * math.sqrt(2.0)))
        return self.weight[0] * over + self.weight[1] * under

    def dark(self, value: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the probability of the darker class, made monotone: beyond its mean it does not fall again."""
        x = np.maximum(np.asarray(value, np.float64), self.mean[0])
        x = np.minimum(x, self.mean[1])
        a = math.log(self.weight[0] / self.deviation[0]) - 0.5 * ((x - self.mean[0]) / self.deviation[0]) ** 2
        b = math.log(self.weight[1] / self.deviation[1]) - 0.5 * ((x - self.mean[1]) / self.deviation[1]) ** 2
        return np.asarray(1.0 / (1.0 + np.exp(b - a)))

    def _flat(self) -> NDArray[np.float64]:
        rows = zip(self.weight, self.mean, self.deviation, strict=True)
        return np.array([value for row in rows for value in row], np.float64)


@dataclass(frozen=True, slots=True)
class Split:
    """What the tiles of a scene said: a mixture with the limits of growing, or the reason for none.

    Attributes
    ----------
    polarisation : str
    tiles : int
        Tiles accepted.
    mixture : Mixture or None
    seed_db, grow_db : float
        Below the first a pixel surely is water; a patch grows from there up to the second.
    reason : str
        Empty where there is a mixture.
    """

    polarisation: str
    tiles: int
    mixture: Mixture | None
    seed_db: float = math.nan
    grow_db: float = math.nan
    reason: str = ""


def fit(histogram: NDArray[np.number], centre: NDArray[np.floating], rounds: int = 200) -> Mixture | None:
    """Fit two Gaussians to a histogram; None where there are no two classes.

    Parameters
    ----------
    histogram : number array, (bins,)
    centre : float array, (bins,)
        Equally spaced centres, any unit.
    """
    out = np.zeros(6)
    if not kernels.mixture(np.asarray(histogram, np.float64), np.asarray(centre, np.float64), rounds, out):
        return None
    w1, m1, s1, w2, m2, s2 = (float(v) for v in out)
    return Mixture((w1, w2), (m1, m2), (s1, s2))


def accepted(histogram: NDArray[np.number]) -> Mixture | None:
    """Return the mixture of a tile's histogram where it shows water beside land, else None.

    Ashman D above 2, both weights above 0.1, a darker mean below -16 dB, and a Bhattacharyya coefficient between
    histogram and fit, in steps of 1 dB, above 0.99; above 0.95 where D exceeds 4, as speckle left at sharp shores gives
    tails that no Gaussian has and that do not move a threshold between classes so far apart.
    """
    total = float(histogram.sum())
    if total < CELL * CELL / 2:
        return None
    found = fit(histogram, CENTRE_DB, 40)
    if found is None or found.ashman_d <= 2.0 or min(found.weight) <= 0.1 or found.mean[0] >= -16.0:
        return None
    edge = np.arange(LOW_CB, LOW_CB + STEP_CB * (BINS + 1), 100) / 100.0
    expected = np.zeros(len(edge) - 1)
    for w, m, s in zip(found.weight, found.mean, found.deviation, strict=True):
        expected += w * np.diff([0.5 * math.erf((x - m) / (s * math.sqrt(2.0))) for x in edge])
    seen = np.asarray(histogram, np.float64).reshape(len(expected), -1).sum(axis=1) / total
    closeness = float(np.sum(np.sqrt(seen * np.maximum(expected, 0.0))))
    return found if closeness > (0.95 if found.ashman_d > 4.0 else 0.99) else None


def cell_histograms(value_cb: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return histograms, shape (ceil(rows / 64), ceil(columns / 64), bins), of hundredths of a decibel."""
    rows, columns = value_cb.shape
    out = np.zeros((-(-rows // CELL), -(-columns // CELL), BINS), np.int32)
    kernels.tile_histograms(value_cb, CELL, LOW_CB, STEP_CB, out)
    return out


def pooled(cells: NDArray[np.int32]) -> tuple[int, NDArray[np.int64]]:
    """Walk the quad-trees of whole tiles and pool what they accept.

    Parameters
    ----------
    cells : int array, (cell rows, cell columns, bins)
        From `cell_histograms`, of rows that begin at a multiple of 512.

    Returns
    -------
    tiles : int
    histogram : int array, (bins,)
    """
    total, tiles = np.zeros(BINS, np.int64), 0
    side = TILE // CELL
    for top in range(0, cells.shape[0], side):
        for left in range(0, cells.shape[1], side):
            stack = [(top, left, side)]
            while stack:
                i, j, size = stack.pop()
                part = cells[i : min(i + size, top + side), j : min(j + size, left + side)]
                if part.size == 0:
                    continue
                histogram = part.sum(axis=(0, 1), dtype=np.int64)
                if accepted(histogram) is not None:
                    total += histogram
                    tiles += 1
                elif size > 1:
                    half = size // 2
                    stack += [(i + a, j + b, half) for a in (0, half) for b in (0, half)]
    return tiles, total


def settle(polarisation: str, tiles: int, histogram: NDArray[np.int64]) -> Split:
    """Turn pooled tiles into a threshold, or into the reason why there is none."""
    if tiles < LEAST_TILES:
        return Split(
            polarisation,
            tiles,
            None,
            reason=f"no evidence of two classes: {tiles} tiles show water beside land, {LEAST_TILES} are needed",
        )
    found = fit(histogram, CENTRE_DB)
    if found is None or found.ashman_d <= 1.8:
        return Split(polarisation, tiles, None, reason="the pooled tiles do not separate into two classes")
    threshold = found.threshold
    sure = found.mean[1] - 2.326 * found.deviation[1]  # one land pixel in a hundred lies below
    edge = found.mean[0] + 2.326 * found.deviation[0]  # one water pixel in a hundred lies above
    return Split(
        polarisation,
        tiles,
        found,
        seed_db=min(sure, threshold),
        grow_db=min(max(edge, threshold), 0.5 * (threshold + found.mean[1])),
    )
