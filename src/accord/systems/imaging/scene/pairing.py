"""May two scenes be compared? Same orbit, same season, pixel on pixel."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene.model import Note

__all__ = ["orbit_notes", "season_gap_days", "season_note", "shift_px"]


def orbit_notes(
    orbit: int | None, direction: str, other_orbit: int | None, other_direction: str, label: str
) -> list[Note]:
    """Return what to tell where orbits are unknown.

    Raises
    ------
    FileError
        When relative orbits or directions differ: another look makes another picture without any flood.
    """
    if orbit and other_orbit and orbit != other_orbit:
        raise FileError(
            f"{label}: relative orbit {other_orbit}, the scene has {orbit}: never compare across orbits"
        )
    if direction and other_direction and direction != other_direction:
        raise FileError(
            f"{label}: {other_direction} pass, the scene is {direction}: never compare across passes"
        )
    if not (orbit and other_orbit):
        return [
            Note(
                level="warning",
                code="orbit-unknown",
                text=f"{label}: relative orbit unknown: make sure it is that of the scene",
            )
        ]
    return []


def season_gap_days(first: dt.datetime, second: dt.datetime) -> int:
    """Return how many days of the year lie between two dates, at most 182."""
    gap = abs(first.timetuple().tm_yday - second.timetuple().tm_yday)
    return min(gap, 365 - gap)


def season_note(
    now: dt.datetime | None, before: dt.datetime | None, label: str, most: int = 60
) -> list[Note]:
    """Return a warning where two scenes are of different seasons, or one has no date."""
    if now is None or before is None:
        return [
            Note(
                level="warning",
                code="season-unknown",
                text=f"{label}: no date, so the season cannot be matched",
            )
        ]
    gap = season_gap_days(now, before)
    if gap <= most:
        return []
    return [
        Note(
            level="warning",
            code="season-differs",
            text=f"{label}: {gap} days of the year apart: change may be season, not event",
        )
    ]


def shift_px(now: NDArray[np.floating], before: NDArray[np.floating]) -> tuple[float, float]:
    """Return by how many pixels (rows, columns) a picture lies off another, by phase correlation.

    Kuglin & Hines (1975), Proc. IEEE Conf. Cybernetics and Society, 163; the peak is refined by parabolas. Both
    pictures have the same shape; NaN counts as the median.
    """
    parts = []
    for picture in (now, before):
        filled = np.where(np.isfinite(picture), picture, np.nanmedian(picture)).astype(np.float64)
        window = np.outer(np.hanning(filled.shape[0]), np.hanning(filled.shape[1]))
        parts.append(np.fft.rfft2((filled - filled.mean()) * window))
    cross = parts[0] * np.conj(parts[1])
    cross /= np.maximum(np.abs(cross), 1e-30)
    surface = np.fft.irfft2(cross, s=now.shape)
    row, column = np.unravel_index(int(np.argmax(surface)), surface.shape)
    found = []
    for axis, at in ((0, int(row)), (1, int(column))):
        n = surface.shape[axis]
        line = [
            surface[((row + k) % n, column) if axis == 0 else (row, (column + k) % n)] for k in (-1, 0, 1)
        ]
        bend = line[0] - 2.0 * line[1] + line[2]
        fine = 0.5 * (line[0] - line[2]) / bend if bend < 0.0 else 0.0
        found.append((at if at <= n // 2 else at - n) + fine)
    return found[0], found[1]
