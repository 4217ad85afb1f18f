"""Area with its confidence interval from a reference sample: the stratified estimator of Olofsson et al. (2014)."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError, ModelError

__all__ = ["Estimate", "read_sample", "stratified_area"]

_Z95 = 1.96  # as in the paper


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a reference sample says.

    Attributes
    ----------
    overall, overall_margin : float
        Overall accuracy and half its 95 % interval.
    area, margin : float array, (classes,)
        Estimated area of each class in the unit of the mapped areas, and half its 95 % interval.
    users, producers : float array, (classes,)
        User's and producer's accuracy.
    """

    overall: float
    overall_margin: float
    area: NDArray[np.float64]
    margin: NDArray[np.float64]
    users: NDArray[np.float64]
    producers: NDArray[np.float64]


def stratified_area(counts: NDArray[np.number], mapped: NDArray[np.number]) -> Estimate:
    """Estimate areas and accuracy from counts of map class (rows) against reference class (columns).

    Olofsson et al. (2014), RSE 148:42, equations 4 to 11: strata are the classes of the map.

    Parameters
    ----------
    counts : number array, (classes, classes)
    mapped : number array, (classes,)
        Mapped area of each class.

    Raises
    ------
    ModelError
        When a mapped class has fewer than two sampled units: its variance is unknown.
    """
    n = np.asarray(counts, np.float64)
    total = n.sum(axis=1)
    weight = np.asarray(mapped, np.float64) / np.sum(mapped)
    lacking = [k for k in range(len(total)) if weight[k] > 0 and total[k] < 2]
    if lacking:
        raise ModelError(
            f"reference sample: class {lacking[0]} of the map has {total[lacking[0]]:g} units, at least 2 are needed"
        )
    used = weight > 0
    share = np.zeros_like(n)
    share[used] = n[used] / total[used, None]
    p = weight[:, None] * share
    variance = np.zeros(n.shape[1])
    for i in np.flatnonzero(used):
        variance += weight[i] ** 2 * share[i] * (1.0 - share[i]) / (total[i] - 1.0)
    own = np.diag(share)
    spread = np.sum(weight[used] ** 2 * own[used] * (1.0 - own[used]) / (total[used] - 1.0))
    column = p.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        producers = np.where(column > 0, np.diag(p) / column, 0.0)
    area = float(np.sum(mapped))
    return Estimate(
        float(np.trace(p)),
        _Z95 * math.sqrt(float(spread)),
        column * area,
        _Z95 * np.sqrt(variance) * area,
        own,
        producers,
    )


def read_sample(path: Path) -> NDArray[np.float64]:
    """Read a reference sample, CSV with columns lon, lat, water (1 or 0); returns shape (n, 3).

    Raises
    ------
    FileError
        For missing columns, values that are no numbers or outside their range.
    """
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for line, row in enumerate(reader, 2):
                try:
                    lon, lat, water = (float(row[k]) for k in ("lon", "lat", "water"))
                except (KeyError, TypeError, ValueError):
                    raise FileError(
                        f"{path}:{line}: expected numbers in lon, lat and water (1 or 0)"
                    ) from None
                if not (-180.0 <= lon <= 360.0 and -90.0 <= lat <= 90.0 and water in (0.0, 1.0)):
                    raise FileError(
                        f"{path}:{line}: lon {lon:g}, lat {lat:g}, water {water:g} out of range "
                        "(are lon and lat swapped?)"
                    )
                rows.append((lon, lat, water))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    if not rows:
        raise FileError(f"{path}: no units in the reference sample")
    return np.array(rows)
