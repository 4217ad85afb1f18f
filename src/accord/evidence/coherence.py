"""What the claims of one announcement say about each other: repetition, drift of wording, contradiction."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from accord.evidence.ledger import Drift
from accord.programme.schema import MODALITIES

if TYPE_CHECKING:
    from accord.programme.schema import Claim

__all__ = ["coherence"]

_STRENGTH = {word: len(MODALITIES) - rank for rank, word in enumerate(MODALITIES)}


def coherence(claims: Sequence[Claim]) -> list[Drift]:
    """Compare claims that the file ties together by ``repeats``, ``contradicts`` or a common subject.

    A later wording that is stronger than an earlier one on the same subject is a modality drift: what was *likely* at
    first is *planned* at the end, and nothing in between made it so.
    """
    by_id = {claim.id: claim for claim in claims}
    found: list[Drift] = []
    seen: set[tuple[str, str]] = set()

    def compare(earlier: Claim, later: Claim) -> None:
        if min(earlier.lines) > min(later.lines):
            earlier, later = later, earlier
        pair = (earlier.id, later.id)
        if pair in seen or earlier.id == later.id:
            return
        seen.add(pair)
        step = _STRENGTH[later.modality] - _STRENGTH[earlier.modality]
        subject = earlier.subject or later.subject or ""
        first, second = _said(earlier), _said(later)
        if step > 0:
            text = f"{first} becomes {second}, with nothing in between to make it firmer"
            found.append(
                Drift(kind="modality drift", first=earlier.id, second=later.id, subject=subject, text=text)
            )
        elif later.id in earlier.repeats or earlier.id in later.repeats:
            text = f"{second} repeats {first}"
            found.append(
                Drift(kind="repetition", first=earlier.id, second=later.id, subject=subject, text=text)
            )

    for claim in claims:
        for other in claim.contradicts:
            if other in by_id:
                text = f"{_said(claim)} does not agree with {_said(by_id[other])}"
                found.append(
                    Drift(
                        kind="contradiction",
                        first=other,
                        second=claim.id,
                        subject=claim.subject or "",
                        text=text,
                    )
                )
        for other in claim.repeats:
            if other in by_id:
                compare(by_id[other], claim)
    subjects: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.subject is not None:
            subjects.setdefault(claim.subject, []).append(claim)
    for group in subjects.values():
        ordered = sorted(group, key=lambda c: min(c.lines))
        for earlier, later in itertools.pairwise(ordered):
            compare(earlier, later)
    return found


def _said(claim: Claim) -> str:
    return f"{claim.id} (line {min(claim.lines)}, “{claim.modality}”)"
