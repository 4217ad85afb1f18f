"""From votes to patches: small ones dropped, outlines drawn, ground and people summed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.mapping import kernels as layer_kernels
from accord.systems.imaging.mapping.layers import UNSEEN, Look
from accord.systems.imaging.mapping.request import Progress
from accord.systems.imaging.methods.calibration import anchored
from accord.systems.imaging.products import kernels
from accord.systems.imaging.products.extent import Blocks
from accord.systems.imaging.products.outlines import Outlines
from accord.systems.imaging.products.people import PopulationGrid, Settlements
from accord.systems.imaging.products.regions import Regions
from accord.systems.imaging.scene.grid import Grid, Strip, strips
from accord.systems.imaging.scene.work import Work

__all__ = ["FINAL", "Finished", "finish"]

_LEAST_PX = 6.0  # half a hectare at 30 m, where the size of a pixel is not known
_UNPLACED_M = 30.0
_PIXELS = 4_000_000  # of a strip here: nothing hangs on its rows, so it may be thin where scenes are wide
FINAL = {"final": ("uint8", 1), "chance": ("uint8", 1)}


@dataclass(frozen=True, slots=True)
class Finished:
    """What a scene came to.

    Attributes
    ----------
    polygons : array of shapely polygons, (n,)
        Pixel coordinates, largest first.
    pixels, mean_likelihood, people : array, (n,)
        Of each polygon; `people` is empty where not counted.
    above : int array, (n, 3)
        Pixels with a likelihood above 0.1, 0.5 and 0.9.
    blocks : Blocks
    reasons : dict of int to int
        Unseen pixels by reason.
    advice : dict of int to int
        Seen pixels by advice bit.
    state_look, likelihood_look, people_look : arrays of the small picture
    dropped : int
        Pixels in patches below the smallest that is mapped.
    """

    polygons: NDArray[Any]
    pixels: NDArray[np.int64]
    mean_likelihood: NDArray[np.float64]
    people: NDArray[np.float64]
    above: NDArray[np.int64]
    blocks: Blocks
    reasons: dict[int, int]
    advice: dict[int, int]
    state_look: NDArray[np.uint8]
    likelihood_look: NDArray[np.uint8]
    people_look: NDArray[np.float32]
    dropped: int


def _decide(
    regions: Regions, root: NDArray[np.int32], wet: NDArray[np.bool_], least_px: float
) -> tuple[NDArray[np.bool_], int]:
    """Return for every label whether its pixels change sides, and how many water pixels are dropped.

    A small patch of water becomes dry; a small dry hole that lies wholly inside a patch large enough becomes water.
    """
    size, rim = regions.folded(root)
    over = root[regions.over[: len(root)]]
    small = size < least_px
    drop = wet & small
    keeper = wet & ~small
    fill = ~wet & small & ~rim & keeper[over]
    fill[0] = drop[0] = False
    is_root = root == np.arange(len(root))
    dropped = int(size[drop & is_root].sum())
    return (drop | fill)[root], dropped


class _Sums:
    """Tables over labels that grow as labels appear."""

    def __init__(self) -> None:
        self.count, self.total = np.zeros(1, np.int64), np.zeros(1, np.int64)
        self.high, self.heads = np.zeros((1, 3), np.int64), np.zeros(1, np.float64)

    def add(
        self, used: int, labels: NDArray[np.int32], likelihood: NDArray[np.uint8], people: NDArray[np.float32]
    ) -> None:
        """Take a strip."""
        if len(self.count) <= used:
            size = max(used + 1, len(self.count) * 3 // 2)
            for name in ("count", "total", "high", "heads"):
                old = getattr(self, name)
                grown = np.zeros((size, *old.shape[1:]), old.dtype)
                grown[: len(old)] = old
                setattr(self, name, grown)
        kernels.region_sums(labels, likelihood, people, self.count, self.total, self.high, self.heads)

    def folded(self, root: NDArray[np.int32], region: NDArray[np.int32]) -> tuple[NDArray[Any], ...]:
        """Return count, total, high and heads of each region."""
        n = len(root)
        rows = [np.bincount(root, table[:n], n)[region] for table in (self.count, self.total, self.heads)]
        high = np.stack([np.bincount(root, self.high[:n, k], n)[region] for k in range(3)], axis=1)
        return rows[0], rows[1], high, rows[2]


def finish(
    grid: Grid,
    work: Work,
    people: PopulationGrid | Settlements | None,
    least_ha: float,
    progress: Progress,
) -> Finished:
    """Walk the mapped layers twice: once to know patches, once to settle and sum them."""
    parts = list(strips(grid.height, max(64, _PIXELS // grid.width)))
    regions, tally = Regions(grid.width), np.zeros(256, np.int64)
    counts, chances = np.zeros(256, np.int64), np.zeros(256, np.int64)
    wet = [np.zeros(1, np.bool_)]
    for strip in parts:
        progress(strip.number, len(parts), "patches")
        state = work.read("state", strip)
        before = regions.used
        labels = regions.add(state)
        new = np.zeros(regions.used - before, np.bool_)
        layer_kernels.survey(
            state,
            work.read("likelihood", strip),
            work.read("quality", strip),
            labels,
            before,
            new,
            counts,
            chances,
            tally,
        )
        wet.append(new)
    pixel_m = grid.pixel_m() if grid.placed else _UNPLACED_M
    least_px = least_ha * 1e4 / pixel_m**2 if grid.placed else _LEAST_PX
    root = regions.roots()
    flip, dropped = _decide(regions, root, np.concatenate(wet), least_px)
    table = np.full(256, 255, np.uint8)
    table[:101] = np.rint(100.0 * anchored(chances[:101].astype(np.float64), float(counts[1]))).astype(
        np.uint8
    )
    settled = _Settled(grid, people is not None, pixel_m)
    for strip in parts:
        progress(strip.number, len(parts), "outlines")
        state = work.read("state", strip)
        labels = regions.again(strip.number, state)
        final, chance, mask = (np.empty_like(state) for _ in range(3))
        layer_kernels.settle_patches(
            state, labels, flip, table, work.read("likelihood", strip), final, chance, mask
        )
        heads = people.strip(strip) if people is not None else None
        settled.add(strip, final, chance, mask, heads)
        work.write("final", strip, {"final": final, "chance": chance})
    return settled.closed(tally, dropped)


class _Settled:
    """The second walk's sums."""

    def __init__(self, grid: Grid, counted: bool, pixel_m: float) -> None:
        self.regions, self.outlines, self.sums = (
            Regions(grid.width),
            Outlines(grid.width, grid.height),
            _Sums(),
        )
        self.blocks = Blocks(grid.width, grid.height, pixel_m, people=counted)
        self.look = Look(grid)
        shape = self.look.picture.shape[:2]
        self.state, self.chance = np.full(shape, 255, np.uint8), np.full(shape, 255, np.uint8)
        self.heads = np.zeros(shape if counted else (0, 0), np.float32)

    def add(
        self,
        strip: Strip,
        final: NDArray[np.uint8],
        chance: NDArray[np.uint8],
        mask: NDArray[np.uint8],
        heads: NDArray[np.float32] | None,
    ) -> None:
        """Take a strip of final states, likelihoods, water (1, 255 elsewhere) and people."""
        labels = self.regions.add(mask)
        self.outlines.add(mask, labels)
        none = np.zeros((0, 0), np.float32)
        self.sums.add(self.regions.used, labels, chance, none if heads is None else heads)
        self.blocks.add(strip.top, final, chance, heads)
        source, target = self.look.rows(strip)
        k = self.look.every
        self.state[target], self.chance[target] = final[source, ::k], chance[source, ::k]
        if heads is not None:
            thick = np.add.reduceat(
                np.add.reduceat(heads, np.arange(0, heads.shape[1], k), axis=1),
                np.arange(0, len(heads), k),
                axis=0,
            )
            first = strip.top // k
            end = min(first + len(thick), len(self.heads))
            self.heads[first:end] += thick[: end - first]

    def closed(self, tally: NDArray[np.int64], dropped: int) -> Finished:
        """Return everything, polygons largest first."""
        root = self.regions.roots()
        polygons, region = self.outlines.polygons(root)
        pixels, total, high, heads = self.sums.folded(root, region)
        order = np.argsort(-pixels, kind="stable")
        counted = self.blocks.heads.size > 0
        return Finished(
            polygons=polygons[order],
            pixels=pixels[order].astype(np.int64),
            mean_likelihood=(total / np.maximum(pixels, 1) / 100.0)[order],
            people=heads[order] if counted else np.empty(0),
            above=high[order].astype(np.int64),
            blocks=self.blocks,
            reasons={k - UNSEEN: int(tally[k]) for k in range(UNSEEN, 256) if tally[k]},
            advice={1 << k: int(tally[:UNSEEN][np.arange(UNSEEN) >> k & 1 == 1].sum()) for k in range(7)},
            state_look=self.state,
            likelihood_look=self.chance,
            people_look=self.heads,
            dropped=dropped,
        )
