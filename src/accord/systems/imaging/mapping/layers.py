"""The layers a map is made of while it is worked on, and the small picture taken in passing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.mapping.request import Progress
from accord.systems.imaging.methods.optical import Result
from accord.systems.imaging.scene.grid import Grid, Strip, strips
from accord.systems.imaging.scene.work import Work

__all__ = ["LAYERS", "UNSEEN", "Look", "damaged", "each", "write_result"]

LAYERS = dict.fromkeys(("state", "likelihood", "agreement", "quality"), ("uint8", 1))
UNSEEN = 128  # quality: from here on why a pixel is unseen, below it the bits of advice
_WIDEST = 800


class Look:
    """A small picture of a scene: every k-th pixel of every k-th row, three bytes each.

    Parameters
    ----------
    grid : Grid
    """

    def __init__(self, grid: Grid) -> None:
        self.every = max(1, -(-max(grid.width, grid.height) // _WIDEST))
        self.picture = np.zeros((-(-grid.height // self.every), -(-grid.width // self.every), 3), np.uint8)

    def rows(self, strip: Strip) -> tuple[slice, slice]:
        """Return the rows to take from a strip and the rows of the picture they become."""
        first = -strip.top % self.every
        begin = (strip.top + first) // self.every
        count = len(range(first, strip.rows, self.every))
        return slice(first, None, self.every), slice(begin, begin + count)

    def take(
        self, strip: Strip, channels: Iterable[NDArray[Any]], low: Iterable[float], high: Iterable[float]
    ) -> None:
        """Add a strip: three channels (rows, columns), each stretched from low to high."""
        source, target = self.rows(strip)
        for k, (part, a, b) in enumerate(zip(channels, low, high, strict=True)):
            thin = part[source, :: self.every].astype(np.float32)
            stretched = np.clip((thin - a) / (b - a), 0.0, 1.0) ** 0.8
            self.picture[target, :, k] = (254.0 * stretched + 1.0).astype(np.uint8)

    def blank(self, strip: Strip, unseen: NDArray[np.bool_]) -> None:
        """Set what holds no data to 0."""
        source, target = self.rows(strip)
        self.picture[target][unseen[source, :: self.every]] = 0


def each(
    grid: Grid, rows: int, threads: int, note: str, progress: Progress, work: Callable[[Strip], None]
) -> None:
    """Do `work` for every strip on a few threads, in order of start, telling progress; stops at the first error.

    A thread takes two neighbours, which share a row of blocks where a band has half the rows: it is decoded once.
    """
    parts = list(strips(grid.height, rows))
    waiting: list[Future[None]] = []
    stopped = threading.Event()

    def two(pair: list[Strip]) -> None:
        for strip in pair:
            if not stopped.is_set():
                work(strip)

    with ThreadPoolExecutor(threads) as pool:
        try:
            for done in range(0, len(parts), 2):
                progress(done, len(parts), note)
                waiting.append(pool.submit(two, parts[done : done + 2]))
                if len(waiting) >= threads:
                    waiting.pop(0).result()
            for future in waiting:
                future.result()
        except BaseException:
            stopped.set()
            for future in waiting:
                future.cancel()
            raise
    progress(len(parts), len(parts), note)


def write_result(
    work: Work, stage: str, strip: Strip, result: Result, note: dict[str, Any] | None = None
) -> None:
    """Write the layers of a strip; reason and advice exclude each other and share a byte."""
    parts = {name: getattr(result, name) for name in ("state", "likelihood", "agreement")}
    quality = np.where(result.reason != 0, result.reason + np.uint8(UNSEEN), result.advice)
    work.write(stage, strip, {**parts, "quality": quality}, note)


def damaged(work: Work, stage: str, grid: Grid, rows: int) -> list[str]:
    """Return every block that a stage could not decode, also before the run was interrupted, sorted."""
    notes = (work.finished(stage, strip) or {} for strip in strips(grid.height, rows))
    return sorted({text for note in notes for text in note.get("damaged", ())})
