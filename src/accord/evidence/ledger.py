"""The ledger: one row a claim, and what the claims say about each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["VERDICTS", "Drift", "Driver", "Failure", "Flip", "Ledger", "Route", "Row", "to_json"]

# Every verdict a row can carry, best first within its family; "not assessed" means that a model is missing or failed.
VERDICTS = (
    "supported",
    "likely met",
    "uncertain",
    "misleading",
    "unlikely met",
    "infeasible",
    "contradicted",
    "unconfirmed",
    "not testable as written",
    "not assessed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One independent way to a probability: the engineering ensemble, the outside view, a structural alternative."""

    name: str
    probability: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """An uncertain input that moves the tested quantity.

    Attributes
    ----------
    coefficient : float
        Standardised rank regression coefficient: standard deviations of the tested quantity's rank a standard
        deviation of the input's rank, all other inputs held.
    rank_correlation : float
        Spearman correlation between the two, what comes with correlated inputs included.
    share : float
        Its share of the explained variance of ranks.
    """

    column: str
    title: str
    unit: str
    coefficient: float
    rank_correlation: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """What would have to be true: the value of the top driver at which P(claim) crosses one half."""

    column: str
    title: str
    unit: str
    value: float | None
    side: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """When the claim fails: a box in its main drivers.

    Attributes
    ----------
    text : str
        The restrictions in words.
    density, coverage, mass : float
        Share of the box that fails, share of all failures in it, share of all members in it.
    """

    text: str
    density: float
    coverage: float
    mass: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One claim, judged.

    Attributes
    ----------
    p10, p50, p90 : float or None [unit]
        Quantiles of the tested quantity over the members that did not fail.
    shown, threshold_shown : tuple of str, str
        The three quantiles and the threshold as people read them: with their unit, months as dates.
    distance : float or None
        From the nearest threshold to the median, in widths of the P10 to P90 range.
    """

    id: str
    class_: str
    modality: str
    source: str
    lines: tuple[int, ...]
    text: str
    verdict: str
    reason: str
    system: str = ""
    subject: str = ""
    test: str = ""
    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    unit: str = ""
    quantity: str = ""
    shown: tuple[str, ...] = ()
    threshold_shown: str = ""
    probability: float | None = None
    probability_low: float | None = None
    probability_high: float | None = None
    probability_text: str = ""
    likelihood: str = ""
    confidence: str = ""
    confidence_reason: str = ""
    routes: tuple[Route, ...] = ()
    drivers: tuple[Driver, ...] = ()
    flip: Flip | None = None
    failure: Failure | None = None
    distance: float | None = None
    thresholds: tuple[float, ...] = ()
    comparator: str = ""
    members: int = 0
    failed: int = 0
    evidence: tuple[Mapping[str, Any], ...] = ()
    repeats: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Two claims on one subject whose wording does not agree.

    Attributes
    ----------
    kind : {"modality drift", "contradiction", "repetition"}
    """

    kind: str
    first: str
    second: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All rows, in the order of the file, with what they say about each other."""

    programme: str
    title: str
    rows: Sequence[Row]
    drifts: Sequence[Drift] = ()
    seed: int = 0
    members: int = 0
    notes: Sequence[str] = field(default=())

    def counts(self) -> dict[str, int]:
        """Return how many rows carry each verdict, in the order of `VERDICTS`, zeros left out."""
        tally = {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in VERDICTS}
        return {verdict: n for verdict, n in tally.items() if n}


def to_json(ledger: Ledger) -> dict[str, Any]:
    """Return the ledger as plain data with a versioned schema key."""
    body = asdict(ledger)
    for row in body["rows"]:
        row["class"] = row.pop("class_")
    return {"schema": "accord/ledger/1", **body, "counts": ledger.counts()}
