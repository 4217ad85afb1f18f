"""Facts from dated sources; coherence of claims."""

from __future__ import annotations

from typing import Any

import pytest

from accord.evidence.coherence import coherence
from accord.evidence.facts import judge_fact
from accord.programme.schema import Claim, Programme

SOURCES = {
    "a": {"type": "official", "title": "Best", "date": "2025-06-01", "reliability": "A", "publisher": "p1"},
    "b": {"type": "statistic", "title": "Good", "date": "2024-06-01", "reliability": "B", "publisher": "p2"},
    "d": {"type": "press", "title": "Weak", "date": "2025-01-01", "reliability": "D", "publisher": "p3"},
    "late": {
        "type": "official",
        "title": "Late",
        "date": "2027-01-01",
        "reliability": "A",
        "publisher": "p4",
    },
}


def programme() -> Programme:
    return Programme.model_validate(
        {
            "schema": "accord/programme/1", "id": "p", "title": "P", "as_of": "2026-01-31",
            "price_base": {"currency": "USD", "year": 2025},
            "horizon": {"start": "2026-01-01", "decision": "2026-06-01", "end": "2036-01-01"}, "sources": SOURCES,
        }
    )  # fmt: skip


def claim(*evidence: tuple[str, str, str | None], **more: Any) -> Claim:
    rows = [
        {"source": s, "stance": t, "note": f"note {s}", **({"value": v} if v else {})} for s, t, v in evidence
    ]
    head = {"id": "C", "source": "d", "lines": [1], "class": "fact", "modality": "asserted", "text": "T"}
    return Claim.model_validate({**head, "evidence": rows, **more})


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ([], "unconfirmed"),
        ([("a", "supports", None)], "supported"),
        ([("a", "contradicts", None)], "contradicted"),
        ([("a", "contradicts", None), ("b", "supports", None)], "contradicted"),
        ([("b", "contradicts", None), ("a", "supports", None)], "supported"),
        ([("a", "contradicts", None), ("a", "supports", None)], "unconfirmed"),
        ([("d", "contradicts", None)], "unconfirmed"),
        ([("a", "silent", None)], "unconfirmed"),
        ([("a", "qualifies", None)], "unconfirmed"),
        ([("late", "contradicts", None)], "unconfirmed"),
    ],
)
def test_stances(evidence: list[tuple[str, str, str | None]], verdict: str) -> None:
    assert judge_fact(programme(), claim(*evidence)).verdict == verdict


@pytest.mark.parametrize(
    ("value", "helped_by", "verdict"),
    [
        ("57 GUSD2025/yr", "low", "misleading"),
        ("57 GUSD2025/yr", "high", "supported"),
        ("57 GUSD2025/yr", None, "supported"),
        ("44 GUSD2025/yr", "low", "supported"),  # 1.47 times off: within the rule's 1.5
        ("29 GUSD2025/yr", "low", "contradicted"),
    ],
)
def test_figures(value: str, helped_by: str | None, verdict: str) -> None:
    test = {"input": "x", "ge": "30 GUSD2025/yr"}
    fact = judge_fact(programme(), claim(("b", "qualifies", value), test=test, helped_by=helped_by))
    assert fact.verdict == verdict
    if verdict != "supported":
        assert "30" in fact.reason


def test_the_best_source_decides_and_a_late_one_does_not() -> None:
    test = {"input": "x", "ge": "30 GUSD2025/yr"}
    rows = [
        ("d", "qualifies", "10 GUSD2025/yr"),
        ("b", "qualifies", "40 GUSD2025/yr"),
        ("late", "qualifies", "1 GUSD2025/yr"),
    ]
    fact = judge_fact(programme(), claim(*rows, test=test))
    assert fact.verdict == "supported"
    assert "1 source dated after" in fact.reason


def test_confidence_counts_publishers() -> None:
    both = judge_fact(programme(), claim(("a", "supports", None), ("b", "supports", None)))
    one = judge_fact(programme(), claim(("a", "supports", None)))
    weak = judge_fact(programme(), claim(("d", "supports", None)))
    assert (both.confidence, one.confidence, weak.confidence) == ("high", "medium", "low")


def said(name: str, line: int, modality: str, **more: Any) -> Claim:
    return Claim.model_validate(
        {"id": name, "source": "d", "lines": [line], "class": "commitment", "modality": modality, "text": "T",
         "untestable": "x", **more}
    )  # fmt: skip


def test_a_firmer_later_wording_is_drift() -> None:
    drifts = coherence([said("A", 3, "likely", subject="s"), said("B", 9, "planned", subject="s")])
    assert [(d.kind, d.first, d.second) for d in drifts] == [("modality drift", "A", "B")]


def test_a_softer_or_equal_wording_is_repetition_only_where_stated() -> None:
    assert coherence([said("A", 3, "will", subject="s"), said("B", 9, "could", subject="s")]) == []
    drifts = coherence([said("A", 3, "will"), said("B", 9, "will", repeats=["A"])])
    assert [d.kind for d in drifts] == ["repetition"]


def test_contradictions_are_told() -> None:
    drifts = coherence([said("A", 3, "will"), said("B", 9, "could", contradicts=["A"])])
    assert [(d.kind, d.first, d.second) for d in drifts] == [("contradiction", "A", "B")]
