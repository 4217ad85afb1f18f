"""How good our probabilities turned out: proper scores of claims whose dates have passed."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import FileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.evidence.ledger import Ledger

    FloatArray = NDArray[np.float64]

__all__ = ["Score", "crps", "read_outcomes", "score", "score_ledger"]

ENOUGH_FOR_CALIBRATION = 30  # resolved claims below which a calibration curve is noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Scores of a set of probabilities; smaller is better but for `resolution`.

    Attributes
    ----------
    brier : float
        Mean squared difference: reliability - resolution + uncertainty.
    reliability, resolution, uncertainty : float
        Murphy's parts.
    logarithmic : float
        Mean of -ln of the probability given to what happened [nat].
    calibration : sequence of (probability, share that happened, number)
        Empty for fewer than 30 claims.
    """

    claims: int
    happened: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    logarithmic: float
    calibration: Sequence[tuple[float, float, int]] = ()


def score(probabilities: FloatArray, outcomes: FloatArray, *, floor: float = 1e-4) -> Score:
    """Score probabilities against what happened.

    Brier (1950), Monthly Weather Review 78:1; its parts after Murphy (1973), Journal of Applied Meteorology 12:595,
    over groups of equal probability, so that they add up exactly.

    Parameters
    ----------
    probabilities : float array, shape (n,)
    outcomes : float array, shape (n,)
        1 where it happened, else 0.
    floor : float
        Probabilities are kept this far from 0 and 1 in the logarithmic score: a finite ensemble proves neither.

    Raises
    ------
    ValueError
        For empty arrays, different shapes, or numbers out of range.
    """
    p, o = np.asarray(probabilities, dtype=float), np.asarray(outcomes, dtype=float)
    if p.shape != o.shape or p.ndim != 1 or not len(p):
        raise ValueError(f"expected two arrays of one length, got shapes {p.shape} and {o.shape}")
    if not (((p >= 0) & (p <= 1)).all() and np.isin(o, (0.0, 1.0)).all()):
        raise ValueError("expected probabilities between 0 and 1, and outcomes that are 0 or 1")
    base = float(o.mean())
    values, group = np.unique(p, return_inverse=True)
    number = np.bincount(group).astype(float)
    share = np.bincount(group, weights=o) / number
    inside = np.clip(p, floor, 1.0 - floor)
    curve = [(float(v), float(s), int(k)) for v, s, k in zip(values, share, number, strict=True)]
    return Score(
        claims=len(p),
        happened=int(o.sum()),
        brier=float(np.mean((p - o) ** 2)),
        reliability=float(np.sum(number * (values - share) ** 2) / len(p)),
        resolution=float(np.sum(number * (share - base) ** 2) / len(p)),
        uncertainty=base * (1.0 - base),
        logarithmic=float(-np.mean(np.log(np.where(o == 1.0, inside, 1.0 - inside)))),
        calibration=curve if len(p) >= ENOUGH_FOR_CALIBRATION else (),
    )


def crps(samples: FloatArray, observed: float) -> float:
    """Return the fair continuous ranked probability score of an ensemble, in the unit of the samples.

    Ferro (2014), Quarterly Journal of the Royal Meteorological Society 140:1917: mean distance to the observation less
    half the mean distance between two different members.

    Raises
    ------
    ValueError
        For fewer than two samples.
    """
    x = np.sort(np.asarray(samples, dtype=float))
    n = len(x)
    if n < 2:
        raise ValueError("the fair score needs at least two samples")
    between = 2.0 * float(np.sum(x * (2.0 * np.arange(1, n + 1) - n - 1)))  # sum over pairs of |x - x'|
    return float(np.mean(np.abs(x - observed))) - between / (2.0 * n * (n - 1))


def read_outcomes(path: Path) -> dict[str, bool]:
    """Read a CSV file with the columns ``claim`` and ``outcome`` (1 or 0).

    Raises
    ------
    FileError
        Naming the line, for a file that cannot be read, lacks a column, or has another outcome.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    found: dict[str, bool] = {}
    for line, row in enumerate(rows, start=2):
        claim, outcome = (row.get("claim") or "").strip(), (row.get("outcome") or "").strip()
        if not claim or outcome not in {"0", "1"}:
            raise FileError(
                f"{path}:{line}: expected columns claim,outcome with outcome 0 or 1, got {dict(row)}"
            )
        if claim in found:
            raise FileError(f"{path}:{line}: {claim} is resolved twice")
        found[claim] = outcome == "1"
    return found


def score_ledger(ledger: Ledger, outcomes: Mapping[str, bool]) -> Score:
    """Score the probabilities of a ledger.

    Raises
    ------
    FileError
        When a resolved claim is not in the ledger, or none of them has a probability.
    """
    rows = {row.id: row for row in ledger.rows}
    unknown = sorted(set(outcomes) - set(rows))
    if unknown:
        raise FileError(f"the ledger has no claim {unknown[0]!r}")
    pairs = [(rows[k].probability, o) for k, o in outcomes.items() if rows[k].probability is not None]
    if not pairs:
        raise FileError("none of the resolved claims has a probability in this ledger")
    return score(np.array([p for p, _ in pairs], dtype=float), np.array([o for _, o in pairs], dtype=float))
