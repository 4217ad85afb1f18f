"""Whether the members are enough: how wide each claim's interval is, and how it became narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.evidence.ledger import Convergence, Growth, Row
from accord.evidence.probability import interval_of_counts, replicate_half, replicate_interval
from accord.evidence.quantity import NotAssessedError, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.engine.records import Run

    FloatArray = NDArray[np.float64]

__all__ = ["convergence", "growth_note", "widest"]

_STEPS = 8
_SCALE_FROM = 32_768
_FEWEST = 16  # members of a replicate from which its share says anything


def widest(run: Run) -> Growth:
    """Return how far the least settled tested claim still is from settled.

    The half-width of the 95 % interval of its probability, or of its median in widths of P10 to P90, whichever is
    larger, over the independent replicates.
    """
    worst = Growth(members=run.draws.n, claim="", half=0.0)
    for claim in run.plan.programme.claims:
        if claim.class_ in {"fact", "opinion"} or claim.id not in run.plan.tests:
            continue
        try:
            tested = measure(run, run.plan.tests[claim.id])
        except NotAssessedError:
            continue
        usable = tested.usable
        groups = run.draws.replicate[usable]
        low, high = replicate_interval(tested.holds[usable], groups)
        half = max(0.5 * (high - low), _median_half(tested.values[usable], groups))
        if half > worst.half:
            worst = Growth(members=run.draws.n, claim=claim.id, half=round(half, 6))
    return worst


def _median_half(values: FloatArray, groups: NDArray[np.int64]) -> float:
    sample = values[:: max(1, len(values) // _SCALE_FROM)]  # a scale need not be exact
    low, high = (float(q) for q in np.quantile(sample, [0.1, 0.9]))
    if high == low:
        return 0.0
    edges = np.cumsum(np.bincount(groups))[:-1]  # members of a replicate stand together
    medians = [float(np.median(part)) for part in np.split(values, edges) if len(part)]
    return replicate_half(np.array(medians)) / (high - low)


def growth_note(sizes: Sequence[Growth], tolerance: float | None) -> str:
    """Return in one sentence whether the members were enough."""
    last = sizes[-1]
    if not last.claim:
        return "No claim is tested, so that no number of members is too small"
    said = f"the widest 95 % interval of a probability or median is within ±{last.half:.2g} ({last.claim})"
    if tolerance is None:
        return f"With {last.members} members {said}; the file asks for no tolerance"
    if last.half <= tolerance:
        return f"With {last.members} members {said}, as the tolerance of ±{tolerance:g} asks"
    return f"The budget ended at {last.members} members before the tolerance of ±{tolerance:g} was reached: {said}"


def convergence(run: Run, rows: Sequence[Row]) -> list[Convergence]:
    """Return the probability of every tested claim over ever more members of each replicate.

    Members of a replicate come in random order, so that the first of them are a plain random sample; only the last
    point has the evenness of the whole quasi-random set, and is often better than the trend before it.
    """
    found = []
    for row in rows:
        if row.probability is None:
            continue
        tested = measure(run, run.plan.tests[row.id])
        holds, groups = tested.holds[tested.usable], run.draws.replicate[tested.usable]
        sizes = np.bincount(groups)
        starts, most = np.cumsum(sizes) - sizes, int(sizes.max())
        upto = np.concatenate([[0], np.cumsum(holds)])
        for first in sorted({max(_FEWEST, most >> step) for step in range(_STEPS)} & set(range(1, most + 1))):
            taken = np.minimum(sizes, first)
            successes = (upto[starts + taken] - upto[starts]).astype(float)
            low, high = interval_of_counts(successes, taken)
            found.append(
                Convergence(
                    claim=row.id,
                    members=int(taken.sum()),
                    probability=float(successes.sum() / taken.sum()),
                    low=low,
                    high=high,
                )
            )
    return found
