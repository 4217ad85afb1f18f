"""How good our probabilities turned out: proper scores of claims whose dates have passed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from accord import units
from accord.errors import FileError, UnitError
from accord.evidence.quantity import NEVER_MONTH, NotAssessedError, Tested, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger

    FloatArray = NDArray[np.float64]

__all__ = [
    "QuantityScore",
    "Score",
    "crps",
    "crps_normal",
    "integral_transform",
    "read_outcomes",
    "read_values",
    "score",
    "score_ledger",
    "score_quantities",
]

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


def crps_normal(mean: FloatArray, sd: FloatArray, observed: FloatArray) -> FloatArray:
    """Return the continuous ranked probability score of normal distributions, in the unit of the mean.

    Gneiting & Raftery (2007), Journal of the American Statistical Association 102:359, equation 21.

    Parameters
    ----------
    mean, sd, observed : float arrays, shapes that fit together
        Standard deviations must be positive.
    """
    from scipy.special import ndtr

    z = (np.asarray(observed, dtype=float) - mean) / sd
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return np.asarray(sd * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi)))


def integral_transform(samples: FloatArray, observed: float) -> float:
    """Return the probability integral transform [1]: the share of samples below what was observed, ties by half.

    Over many quantities it is uniform where the distributions were right (Dawid 1984, Journal of the Royal
    Statistical Society A 147:278); heaped at both ends it tells of too narrow ones.
    """
    x = np.asarray(samples, dtype=float)
    return float(((x < observed).sum() + 0.5 * (x == observed).sum()) / len(x))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityScore:
    """How well the distribution of one tested quantity met what was observed.

    Attributes
    ----------
    observed, median, crps : float [unit]
    transform : float
        Share of the members below what was observed.
    """

    claim: str
    unit: str
    observed: float
    median: float
    crps: float
    transform: float


def score_quantities(run: Run, values: Mapping[str, str]) -> list[QuantityScore]:
    """Score the distributions of tested quantities.

    Parameters
    ----------
    run : Run
    values : mapping of claim to str
        A quantity with its unit, or the date of an event (``2031-06-30``, or ``never``).

    Raises
    ------
    FileError
        When a claim is not tested, or a value cannot be understood as its quantity.
    """
    found = []
    for claim, text in values.items():
        test = run.plan.tests.get(claim)
        if test is None:
            raise FileError(f"claim {claim!r} has no test: nothing to hold the value {text!r} against")
        try:
            tested = measure(run, test)
        except NotAssessedError as error:
            raise FileError(f"claim {claim!r} was not assessed: {error}") from None
        observed = _observed(run, claim, text, tested)
        samples = tested.values[tested.usable]
        found.append(
            QuantityScore(
                claim=claim,
                unit=tested.unit,
                observed=observed,
                median=float(np.median(samples)),
                crps=crps(samples, observed),
                transform=integral_transform(samples, observed),
            )
        )
    return found


def _observed(run: Run, claim: str, text: str, tested: Tested) -> float:
    try:
        if tested.dated:
            return NEVER_MONTH if text == "never" else run.plan.horizon.months_to(dt.date.fromisoformat(text))
        money = [(c.from_, c.to, c.factor) for c in run.plan.programme.price_base.conversions]
        number, given = units.parse(float(text) if _is_number(text) else text)
        return float(units.convert(number, given, tested.unit, units.Conversions(tuple(money))))
    except (UnitError, ValueError) as error:
        wanted = "a date such as 2031-06-30, or never" if tested.dated else f"a quantity in {tested.unit}"
        raise FileError(f"claim {claim!r}: expected {wanted}, got {text!r} ({error})") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_values(path: Path) -> dict[str, str]:
    """Read the column ``value`` of a CSV file of outcomes: what was observed, where it is known.

    Raises
    ------
    FileError
        For a file that cannot be read.
    """
    rows = _rows(path)
    return {
        row["claim"].strip(): row["value"].strip()
        for row in rows
        if row.get("claim") and (row.get("value") or "").strip()
    }


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error


def read_outcomes(path: Path) -> dict[str, bool]:
    """Read a CSV file with the columns ``claim`` and ``outcome`` (1 or 0), and perhaps ``value``.

    Raises
    ------
    FileError
        Naming the line, for a file that cannot be read, lacks a column, or has another outcome.
    """
    found: dict[str, bool] = {}
    for line, row in enumerate(_rows(path), start=2):
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
