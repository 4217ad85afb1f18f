"""How far to trust a probability: evidence times agreement, capped by the pedigree of what drives it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.engine.records import Run
    from accord.evidence.ledger import Driver, Route

__all__ = ["confidence"]

_WORDS = ("low", "medium", "high")
_FROM_LITERATURE = 2.0  # a default with a citation but no pedigree of its own
_UNSCORED = 1.5  # a value of the file without a pedigree


def confidence(run: Run, drivers: Sequence[Driver], routes: Sequence[Route]) -> tuple[str, str]:
    """Return a confidence word and its reason.

    Evidence is the median pedigree (proxy, empirical basis, method, validation; 0 to 4, after Funtowicz & Ravetz
    1990) of the three strongest drivers; agreement is how close the routes to the probability lie. Evidence below 2
    caps confidence at low.
    """
    scores = [pedigree(run, driver.column) for driver in drivers[:3]]
    evidence = median(scores) if scores else _FROM_LITERATURE
    level = 2 if evidence >= 3 else 1 if evidence >= 2 else 0
    if len(routes) > 1:
        gap = max(r.probability for r in routes) - min(r.probability for r in routes)
        agreement = 2 if gap <= 0.1 else 1 if gap <= 0.3 else 0
        said = f"{len(routes)} routes within {gap:.2f} of each other"
    else:
        agreement, said = 1, "one route only"
    result = 0 if level == 0 else min(2, (level + agreement + 1) // 2)
    return _WORDS[result], f"pedigree of the main drivers {evidence:.1f} of 4; {said}"


def pedigree(run: Run, column: str) -> float:
    """Return the pedigree of a column: its stated scores' median, else what its origin deserves."""
    spec = run.plan.columns[column]
    if spec.pedigree is not None:
        return float(median(spec.pedigree))
    return _UNSCORED if spec.source in {"", "programme file"} else _FROM_LITERATURE
