"""Judge statements of fact from the dated sources that the file lists; statements are judged, never people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord import units
from accord.errors import UnitError

if TYPE_CHECKING:
    from accord.programme.schema import Amount, Claim, Evidence, Programme, Source

__all__ = ["FactVerdict", "judge_fact"]

_MISLEADING_RATIO = (
    1.5  # literally true, yet the base is this far from the best source in the helpful direction
)


@dataclass(frozen=True, slots=True)
class FactVerdict:
    """Verdict, reason and confidence of one statement of fact."""

    verdict: str
    reason: str
    confidence: str
    confidence_reason: str


def judge_fact(programme: Programme, claim: Claim) -> FactVerdict:
    """Judge a statement of fact.

    Rules, in this order: a figure that holds against the best source but is more than 1.5 times off in the direction
    that helps the headline is *misleading*; a figure that the best source refutes, or a statement that sources
    contradict at least as reliably as others support it, is *contradicted*; a statement that a source supports is
    *supported*; anything else is *unconfirmed*, which is not proof of absence.
    """
    known = [e for e in claim.evidence if _known_then(programme.sources[e.source], programme.as_of)]
    later = len(claim.evidence) - len(known)
    note = (
        f" ({later} source{'s' if later > 1 else ''} dated after {programme.as_of} left out)" if later else ""
    )
    figure = _judge_figure(programme, claim, known)
    if figure is not None:
        return FactVerdict(figure[0], figure[1] + note, *_confidence(programme, known, figure[0]))
    verdict, reason = _judge_stances(programme, known)
    return FactVerdict(verdict, reason + note, *_confidence(programme, known, verdict))


def _known_then(source: Source, as_of: dt.date) -> bool:
    return source.date is None or source.date <= as_of


def _best(programme: Programme, evidence: Sequence[Evidence]) -> Evidence:
    def rank(item: Evidence) -> tuple[str, float]:
        source = programme.sources[item.source]
        return source.reliability, -(source.date.toordinal() if source.date else 0)

    return min(evidence, key=rank)


def _judge_figure(programme: Programme, claim: Claim, known: Sequence[Evidence]) -> tuple[str, str] | None:
    """Compare the claimed figure with the best source's own, where both are given."""
    valued = [e for e in known if e.value is not None]
    test = claim.test
    if not valued or test is None:
        return None
    claimed: Amount | None = next(
        (v for v in (test.ge, test.gt, test.le, test.lt, test.equals) if v is not None), None
    )
    if claimed is None:
        return None
    best = _best(programme, valued)
    assert best.value is not None
    number, unit = units.parse(claimed)
    money = units.Conversions(tuple((c.from_, c.to, c.factor) for c in programme.price_base.conversions))
    value, given = units.parse(best.value)
    try:
        actual = float(units.convert(value, given, unit, money))
    except UnitError as error:
        return "unconfirmed", f"the figures cannot be compared: {error}"
    holds = _holds(test.model_dump(), actual, number)
    title = programme.sources[best.source].title
    against = f"{title} gives {units.show(actual, unit)} where the text says {units.show(number, unit)}"
    ratio = max(actual, number) / min(actual, number) if min(actual, number) > 0 else float("inf")
    helps = claim.helped_by == ("low" if number < actual else "high")
    if holds and ratio > _MISLEADING_RATIO and helps:
        return (
            "misleading",
            f"literally true, but {against}: {ratio:.1f} times off in the direction that helps the headline",
        )
    if not holds:
        return "contradicted", against
    return "supported", against


def _holds(test: Mapping[str, object], actual: float, claimed: float) -> bool:
    if test.get("ge") is not None:
        return actual >= claimed
    if test.get("gt") is not None:
        return actual > claimed
    if test.get("le") is not None:
        return actual <= claimed
    if test.get("lt") is not None:
        return actual < claimed
    return abs(actual - claimed) <= 0.1 * abs(claimed)


def _judge_stances(programme: Programme, known: Sequence[Evidence]) -> tuple[str, str]:
    by: dict[str, list[Evidence]] = {"supports": [], "contradicts": [], "qualifies": [], "silent": []}
    for item in known:
        by[item.stance].append(item)
    grade = {k: min((programme.sources[e.source].reliability for e in v), default="Z") for k, v in by.items()}
    if by["contradicts"] and grade["contradicts"] <= grade["supports"] and grade["contradicts"] <= "C":
        if grade["contradicts"] == grade["supports"]:
            return (
                "unconfirmed",
                f"equally reliable sources disagree: {_notes(by['contradicts'] + by['supports'])}",
            )
        return "contradicted", _notes(by["contradicts"])
    if by["supports"]:
        limits = f"; with a qualification: {_notes(by['qualifies'])}" if by["qualifies"] else ""
        return "supported", _notes(by["supports"]) + limits
    if by["qualifies"]:
        return "unconfirmed", f"only in part: {_notes(by['qualifies'])}"
    if by["contradicts"]:
        return "unconfirmed", f"doubted, by a source of low reliability: {_notes(by['contradicts'])}"
    if by["silent"]:
        return "unconfirmed", f"no source confirms it, which is not proof of absence: {_notes(by['silent'])}"
    return "unconfirmed", "no source listed, which is not proof of absence"


def _notes(items: Sequence[Evidence]) -> str:
    return "; ".join(item.note.rstrip(".") for item in items)


def _confidence(programme: Programme, known: Sequence[Evidence], verdict: str) -> tuple[str, str]:
    if verdict == "unconfirmed":
        return "low", "sources are missing, partial or at odds"
    telling = {e.source for e in known if e.stance != "silent"}
    publishers = {programme.sources[s].publisher or s for s in telling}
    good = [s for s in telling if programme.sources[s].reliability <= "B"]
    if len(publishers) >= 2 and good:
        return "high", f"{len(publishers)} independent sources, {len(good)} of them reliable"
    if good:
        return "medium", "one reliable source"
    return "low", "no reliable source"
