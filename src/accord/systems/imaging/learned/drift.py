"""Is this input like what the model was trained on? Population stability index against the card's histogram.

One scene is never distributed like hundreds of chips: it may be all lake or all field. The test therefore counts,
for each quantity, how much of the scene lies below, inside and above the central 99 % of the training pixels; of a
small window, which may well be all of one kind, above and below the central 99.8 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import AccordError
from accord.systems.imaging.learned.cards import shipped_model_card
from accord.systems.imaging.learned.features import feature_table, to_integers

FloatArray = NDArray[np.float64]

__all__ = ["LIMIT", "Drift", "DriftError", "drifts", "refuse_drift", "stability_index", "support"]

LIMIT = 0.25  # "shifted"; the usual rule of credit scoring (Siddiqi 2006, Credit Risk Scorecards)
LOOKED_AT = (
    "blue",
    "green",
    "red",
    "nir",
    "swir1",
    "swir2",
    "mndwi",
    "ndvi",
    "ndmi",
    "swir_swir",
    "blue_green",
)
_TAIL, _SMALL_TAIL = 0.005, 0.001
_SMALL_PX = 250_000
_LEAST = 1e-3  # share that an empty bin is taken to hold


class DriftError(AccordError):
    """An input unlike the one that the model was trained on."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One quantity of an input against the card."""

    quantity: str
    index: float
    below: float
    above: float


def stability_index(expected: ArrayLike, actual: ArrayLike) -> float:
    """Return sum (a - e) ln(a / e) over bins [1]; a share below 0.1 % counts as 0.1 %.

    Parameters
    ----------
    expected, actual : float array, shape (bins,)
        Counts or shares.
    """
    e, a = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    e, a = np.maximum(e / e.sum(), _LEAST), np.maximum(a / a.sum(), _LEAST)
    return float(np.sum((a - e) * np.log(a / e)))


def support(table: NDArray[np.float32]) -> list[tuple[float, float, float, float]]:
    """Return the 0.1, 0.5, 99.5 and 99.9 % points of each column of training features, for the card."""
    tails = (_SMALL_TAIL, _TAIL, 1.0 - _TAIL, 1.0 - _SMALL_TAIL)
    points = np.percentile(table, [100.0 * t for t in tails], axis=0)
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in points.T]


def drifts(
    bands: Mapping[str, NDArray[Any]],
    valid: NDArray[np.bool_] | None = None,
    histogram: Mapping[str, Sequence[float]] | None = None,
) -> list[Drift]:
    """Return the index of each quantity in the card's histogram; an input of which nothing was seen has none.

    Parameters
    ----------
    bands, valid
        As for `predict.predict_bands`.
    histogram : mapping of str to four numbers, optional
        What `support` gave of the training pixels, in 1e-4; without it that of the shipped model's card.
    """
    stack, seen = to_integers(bands, valid)
    if not seen.any():
        return []
    small = int(seen.sum()) < _SMALL_PX
    tail = _SMALL_TAIL if small else _TAIL
    support_of = shipped_model_card()["inputs"]["support"] if histogram is None else histogram
    table = feature_table(stack, seen, list(support_of))[:, seen]
    found = []
    for k, (name, points) in enumerate(support_of.items()):
        low, high = (points[0], points[3]) if small else (points[1], points[2])
        below, above = float(np.mean(table[k] < low)), float(np.mean(table[k] > high))
        index = stability_index([tail, 1.0 - 2.0 * tail, tail], [below, 1.0 - below - above, above])
        found.append(Drift(name, index, below, above))
    return found


def refuse_drift(found: Sequence[Drift], *, forced: bool = False) -> list[Drift]:
    """Return the quantities beyond `LIMIT`, and refuse the input where there are any, unless forced.

    Raises
    ------
    DriftError
        Naming the worst quantity and what usually causes it.
    """
    beyond = sorted((d for d in found if d.index > LIMIT), key=lambda d: -d.index)
    if beyond and not forced:
        worst = beyond[0]
        raise DriftError(
            f"{worst.quantity}: stability index {worst.index:.2f} is above {LIMIT}: {worst.below:.0%} of the pixels "
            f"lie below and {worst.above:.0%} above the model's training range ({len(beyond)} of {len(found)} "
            "quantities drift); check band order, scale and offset, mask clouds and snow, or force it"
        )
    return beyond
