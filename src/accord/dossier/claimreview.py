"""The ledger as ClaimReview, the vocabulary of fact checkers (schema.org/ClaimReview), in JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.evidence.ledger import VERDICTS

if TYPE_CHECKING:
    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger, Row

__all__ = ["claim_reviews"]

# A rating from 1 (worst) to 5 for verdicts that are about truth or likelihood; the others carry their name alone.
RATING = {
    "supported": 5,
    "likely met": 4,
    "uncertain": 3,
    "misleading": 2,
    "unlikely met": 2,
    "infeasible": 1,
    "contradicted": 1,
}
assert set(RATING) <= set(VERDICTS)


def claim_reviews(run: Run, ledger: Ledger) -> dict[str, Any]:
    """Return one ClaimReview a claim; judged on the date the programme knew things, so that the bytes stay the same."""
    return {"@context": "https://schema.org", "@graph": [_review(run, row) for row in ledger.rows]}


def _review(run: Run, row: Row) -> dict[str, Any]:
    programme = run.plan.programme
    source = programme.sources.get(row.source)
    title = source.title if source is not None else row.source
    appearance: dict[str, Any] = {"@type": "CreativeWork", "name": title}
    if source is not None and source.date is not None:
        appearance["datePublished"] = source.date.isoformat()
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": row.verdict}
    if row.verdict in RATING:
        rating |= {"ratingValue": RATING[row.verdict], "bestRating": 5, "worstRating": 1}
    return {
        "@type": "ClaimReview",
        "identifier": f"{programme.id}/{row.id}",
        "datePublished": programme.as_of.isoformat(),
        "claimReviewed": row.text,
        "reviewBody": row.reason,
        "itemReviewed": {"@type": "Claim", "appearance": appearance},
        "reviewRating": rating,
    }
