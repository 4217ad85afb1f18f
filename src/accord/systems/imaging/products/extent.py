"""How much ground and how many people, with an interval that does not pretend pixels are independent.

A pixel is water with its likelihood p, through one latent field: water where the field lies below the normal quantile
of p. The field is the sum of a part shared by the whole scene, because a method that errs in one place of a scene errs
alike in the next, and a part that is correlated over 500 m. The share of the first follows from how far labelled
pictures were wetter or drier than their likelihoods said.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.products import kernels

__all__ = ["CORRELATION_M", "Blocks", "Range"]

CORRELATION_M = 500.0  # usual 200..2000
_PEOPLE_SD = 0.2  # lognormal error of a population grid
DRAWS = 200
_BATCH = 2_000_000  # blocks x draws at a time


@dataclass(frozen=True, slots=True)
class Range:
    """P10, P50 and P90."""

    p10: float
    p50: float
    p90: float

    @classmethod
    def of(cls, draws: NDArray[np.floating]) -> Range:
        """Return the range of a sample."""
        return cls(*(float(v) for v in np.quantile(draws, [0.1, 0.5, 0.9])))


class Blocks:
    """Sums over blocks of about the correlation length, filled while strips pass.

    Parameters
    ----------
    width, height : int
    pixel_m : float [m]
    people : bool
        Whether people are counted.
    """

    def __init__(self, width: int, height: int, pixel_m: float, *, people: bool) -> None:
        self.size = max(1, round(CORRELATION_M / pixel_m))
        self.step_m = self.size * pixel_m
        shape = (-(-height // self.size), -(-width // self.size))
        self.pixels = np.zeros((*shape, 101), np.float32)
        self.heads = np.zeros((*shape, 101), np.float32) if people else np.zeros((0, 0, 0), np.float32)
        self.counts = np.zeros((*shape, 4), np.int64)

    def add(
        self,
        top: int,
        state: NDArray[np.uint8],
        likelihood: NDArray[np.uint8],
        people: NDArray[np.float32] | None,
    ) -> None:
        """Take rows that begin at `top`: state (0, 1, 2, 255), likelihood (0..100, 255) and people a pixel."""
        none = np.zeros((0, 0), np.float32)
        kernels.block_sums(
            state,
            likelihood,
            none if people is None else people,
            top,
            self.size,
            self.pixels,
            self.heads,
            self.counts,
        )

    def draws(
        self, area_m2: NDArray[np.float64], scene_sd: float, seed: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return draws of the flooded area [m2] and of the people in it (None where not counted).

        Parameters
        ----------
        area_m2 : float array, (block rows, block columns)
            Of a pixel.
        scene_sd : float
            Probits by which whole places are off.
        seed : int
        """
        rng = np.random.default_rng(seed)
        shared = scene_sd**2 / (1.0 + scene_sd**2)
        open_question = self.pixels[..., 1:100].sum(axis=-1) > 0
        rows, columns = np.nonzero(open_question)
        sure = float((self.pixels[..., 100] * area_m2)[~open_question].sum())
        above, pixel_m2 = self._above(self.pixels, rows, columns), area_m2[rows, columns]
        counted = self.heads.size > 0
        heads = self._above(self.heads, rows, columns) if counted else np.zeros((0, 102), np.float32)
        sure_heads = float(self.heads[..., 100][~open_question].sum()) if counted else 0.0
        edges = np.array([NormalDist().inv_cdf(k / 100.0) for k in range(1, 100)], np.float32)
        area, people = np.empty(DRAWS), np.empty(DRAWS)
        batch = max(1, min(DRAWS, _BATCH // self.counts[..., 0].size))
        for first in range(0, DRAWS, batch):
            count = min(batch, DRAWS - first)
            common = np.sqrt(shared) * rng.standard_normal(count)
            found = np.zeros((2, count))
            kernels.drawn(
                self._fields(rng, count),
                rows,
                columns,
                common,
                np.sqrt(1.0 - shared),
                edges,
                above,
                pixel_m2,
                heads,
                found,
            )
            area[first : first + count] = sure + found[0]
            people[first : first + count] = sure_heads + found[1]
        people *= np.exp(_PEOPLE_SD * rng.standard_normal(DRAWS))
        return area, people if counted else None

    @staticmethod
    def _above(
        histogram: NDArray[np.float32], rows: NDArray[np.integer], columns: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return how much lies at or above each per cent, 0..101, in some of the blocks."""
        total = np.zeros((len(rows), 102), np.float32)
        total[:, :101] = histogram[rows, columns]
        for k in range(99, -1, -1):
            total[:, k] += total[:, k + 1]
        return total

    def _fields(self, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
        """Return standard normal fields on the blocks, (rows, columns, fields), correlated exponentially along both."""
        z = rng.standard_normal((count, *self.counts.shape[:2]), dtype=np.float32)
        kernels.correlate(z, np.float32(np.exp(-self.step_m / CORRELATION_M)))
        return np.ascontiguousarray(np.moveaxis(z, 0, -1))  # as they are looked up: block by block
