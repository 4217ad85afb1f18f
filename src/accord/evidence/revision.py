"""Two versions of an announcement, claim by claim: what was added, dropped, reworded, and which thresholds moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from accord.evidence.quantity import describe_test
from accord.programme.schema import MODALITIES

if TYPE_CHECKING:
    from accord.programme.schema import Claim

__all__ = ["Revision", "revisions"]

_ALIKE = 0.75  # share of the wording that two claims without a common name must have in common


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What became of one claim.

    Attributes
    ----------
    first, second : str
        Its id in either version; empty where it is absent.
    text : str
        As the later version words it, else the earlier.
    kinds : tuple of str
        Among added, dropped, renamed, reworded, firmer, softer, reclassified, threshold moved, test added, test
        dropped; empty for a claim that is as it was.
    changes : tuple of str
        Each kind in words: what it was and what it is.
    """

    first: str
    second: str
    text: str
    kinds: tuple[str, ...]
    changes: tuple[str, ...]


def revisions(first: Sequence[Claim], second: Sequence[Claim]) -> list[Revision]:
    """Compare the claims of two versions.

    Claims are the same when they have one id; of those left over, when one's wording is much like the other's.

    Returns
    -------
    list of Revision
        In the order of the later version, dropped claims at the end.
    """
    earlier = {claim.id: claim for claim in first}
    pairs = {claim.id: earlier.pop(claim.id) for claim in second if claim.id in earlier}
    for claim in second:
        if claim.id in pairs or not earlier:
            continue
        near = max(earlier.values(), key=lambda other: (_likeness(claim, other), other.id))
        if _likeness(claim, near) >= _ALIKE:
            pairs[claim.id] = earlier.pop(near.id)
    found = [_revision(pairs.get(claim.id), claim) for claim in second]
    return found + [
        Revision(first=claim.id, second="", text=claim.text, kinds=("dropped",), changes=())
        for claim in earlier.values()
    ]


def _likeness(one: Claim, other: Claim) -> float:
    return SequenceMatcher(None, one.text.lower(), other.text.lower(), autojunk=False).ratio()


def _revision(before: Claim | None, after: Claim) -> Revision:
    if before is None:
        return Revision(first="", second=after.id, text=after.text, kinds=("added",), changes=())
    found: list[tuple[str, str]] = []
    if before.id != after.id:
        found.append(("renamed", f"{before.id} is now {after.id}"))
    if before.text != after.text:
        found.append(("reworded", f"“{before.text}” is now “{after.text}”"))
    if before.modality != after.modality:
        firmer = MODALITIES.index(after.modality) < MODALITIES.index(before.modality)
        found.append(("firmer" if firmer else "softer", f"“{before.modality}” is now “{after.modality}”"))
    if before.class_ != after.class_:
        found.append(("reclassified", f"a {before.class_} is now a {after.class_}"))
    was, now = (None if c.test is None else describe_test(c.test) for c in (before, after))
    if was != now:
        kind = "test added" if was is None else "test dropped" if now is None else "threshold moved"
        found.append((kind, f"{was or 'no test'} is now {now or 'no test'}"))
    return Revision(
        first=before.id,
        second=after.id,
        text=after.text,
        kinds=tuple(kind for kind, _ in found),
        changes=tuple(change for _, change in found),
    )
