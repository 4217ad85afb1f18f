"""The ledger: one row a claim, and what the claims say about each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "VERDICTS",
    "Convergence",
    "Drift",
    "Driver",
    "Failure",
    "Flip",
    "Growth",
    "Influence",
    "Influences",
    "Ledger",
    "Route",
    "Row",
    "ScenarioEffect",
    "to_json",
]

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
class Influence:
    """What one input decides.

    Attributes
    ----------
    share, low, high : float
        Its share of the variance, with a 95 % interval.
    alone : float
        Its first-order index: the share that knowing it alone takes away, what comes with it included.
    pawn : float
        Median Kolmogorov-Smirnov distance between the tested quantity with the input known and not known.
    """

    column: str
    title: str
    share: float
    low: float
    high: float
    alone: float
    pawn: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Influences:
    """How inputs share what is uncertain about a claim.

    Attributes
    ----------
    rows : tuple of Influence
        The largest first.
    method : {"Shapley effect", "first-order index"}
    of : {"claim", "quantity"}
        Whose variance: that of the claim's indicator, or of the rank of the tested quantity where nearly all or
        nearly no members meet the claim.
    tied : tuple of str
        Correlated columns among those behind the claim; empty where the chosen ones are independent.
    left : float or None
        Share that the listed inputs leave open; None where it is not estimated.
    pawn_noise : float
        Distance that an input without influence seldom exceeds.
    """

    rows: tuple[Influence, ...]
    method: str
    of: str
    tied: tuple[str, ...]
    left: float | None
    pawn_noise: float

    @property
    def assumption(self) -> str:
        """What holds about the inputs, and what the shares are therefore, in words."""
        whose = "the claim holding or not" if self.of == "claim" else "the rank of the tested quantity"
        if self.method == "Shapley effect":
            return f"inputs are correlated: Shapley effects share out the variance of {whose}"
        if self.tied:
            return f"inputs are correlated and the replicates too few for Shapley effects: shares of {whose} overlap"
        return f"the inputs are independent: first-order shares of the variance of {whose}"


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
    influences: Influences | None = None
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
class ScenarioEffect:
    """What one scenario does to the probability of one claim.

    Attributes
    ----------
    probability, low, high : float or None
        P(claim) in the scenario, with its interval; None where it could not be assessed.
    shown : str
        That probability as people read it: a finite sample never proves 0 or 1.
    difference, difference_low, difference_high : float or None
        To the file as it stands, member by member, with a 95 % interval.
    changed : int
        Members in which the claim changes from holding to failing or back.
    """

    claim: str
    scenario: str
    title: str
    probability: float | None = None
    shown: str = ""
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """The probability of a claim over the first members of every replicate, with its interval."""

    claim: str
    members: int
    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One size that the ensemble had on its way: members, the claim with the widest interval, half its width."""

    members: int
    claim: str
    half: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All rows, in the order of the file, with what they say about each other.

    Attributes
    ----------
    scenarios : sequence of ScenarioEffect
        Empty where the file has none or they were not run.
    convergence : sequence of Convergence
    growth : sequence of Growth
        The sizes that the ensemble had; one where it was not asked to grow.
    tolerance : float or None
        Half-width that every claim's interval was asked to have.
    """

    programme: str
    title: str
    rows: Sequence[Row]
    drifts: Sequence[Drift] = ()
    seed: int = 0
    members: int = 0
    notes: Sequence[str] = field(default=())
    scenarios: Sequence[ScenarioEffect] = ()
    convergence: Sequence[Convergence] = ()
    growth: Sequence[Growth] = ()
    tolerance: float | None = None

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
