"""Judge every claim of a run: class decides the method, no test means no verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from accord import units
from accord.contract.base_rates import read as base_rates
from accord.contract.quantiles import triple
from accord.evidence.coherence import coherence
from accord.evidence.columns import Columns
from accord.evidence.confidence import confidence
from accord.evidence.convergence import convergence, widest
from accord.evidence.discovery import find_box
from accord.evidence.drivers import columns_behind, drivers, flip
from accord.evidence.facts import judge_fact
from accord.evidence.influence import influences
from accord.evidence.ledger import Driver, Failure, Ledger, Route, Row
from accord.evidence.probability import likelihood, probability_text, replicate_interval
from accord.evidence.quantity import NEVER_MONTH, NotAssessedError, Tested, describe_test, measure
from accord.evidence.remarks import explained, remarks_of, warnings_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.engine.records import Run
    from accord.programme.schema import Claim

__all__ = ["judge"]

_LIKELY, _UNLIKELY = 0.66, 0.33
FEWEST_IN_TAIL = 50  # n p (1 - p) from which a quantile is worth printing: 556 members for P10 and P90
MOST_LOOKED_AT = 16_384  # members behind drivers and boxes; P, quantiles and intervals are from all


def judge(run: Run) -> Ledger:
    """Judge all claims.

    Parameters
    ----------
    run : Run
        Finished, with its draws.

    Returns
    -------
    Ledger
        One row a claim, in the order of the file.
    """
    programme, remarks = run.plan.programme, remarks_of(run)
    ranked = Columns(run)
    rows = tuple(explained(run, remarks, _judge_claim(run, claim, ranked)) for claim in programme.claims)
    return Ledger(
        programme=programme.id,
        title=programme.title,
        rows=rows,
        drifts=tuple(coherence(programme.claims)),
        seed=run.draws.seed,
        members=run.draws.n,
        convergence=tuple(convergence(run, rows)),
        growth=(widest(run),),
        notes=(*_notes(run.draws.n), *warnings_of(run, remarks)),
    )


def _notes(n: int) -> tuple[str, ...]:
    notes = []
    if n > MOST_LOOKED_AT:
        notes.append(f"drivers, shares and boxes are from {MOST_LOOKED_AT} of the {n} members, evenly spaced")
    if n * 0.1 * 0.9 < FEWEST_IN_TAIL:
        notes.append(f"{n} members are too few for P10 and P90 of a claim, which are left out")
    return tuple(notes)


def _judge_claim(run: Run, claim: Claim, ranked: Columns) -> Row:
    head: dict[str, Any] = {
        "id": claim.id,
        "class_": claim.class_,
        "modality": claim.modality,
        "source": claim.source,
        "lines": tuple(claim.lines),
        "text": claim.text,
        "system": claim.system or "",
        "subject": claim.subject or "",
        "test": describe_test(claim.test) if claim.test is not None else "",
        "evidence": tuple(_evidence(run, claim)),
        "repeats": tuple(claim.repeats),
        "contradicts": tuple(claim.contradicts),
    }
    if claim.class_ == "opinion":
        return Row(**head, verdict="not testable as written", reason="an opinion: recorded, never judged")
    if claim.class_ == "fact":
        fact = judge_fact(run.plan.programme, claim)
        return Row(
            **head,
            verdict=fact.verdict,
            reason=fact.reason,
            confidence=fact.confidence,
            confidence_reason=fact.confidence_reason,
        )
    if claim.test is None:
        return _without_test(run, claim, head)
    try:
        tested = measure(run, run.plan.tests[claim.id])
    except NotAssessedError as error:
        return Row(**head, verdict="not assessed", reason=str(error), routes=_outside(claim))
    return _judged(run, claim, tested, head, ranked)


def _evidence(run: Run, claim: Claim) -> list[dict[str, Any]]:
    rows = []
    for item in claim.evidence:
        source = run.plan.programme.sources[item.source]
        rows.append(
            {
                "source": item.source,
                "title": source.title,
                "publisher": source.publisher,
                "date": source.date.isoformat() if source.date else "",
                "reliability": source.reliability,
                "stance": item.stance,
                "note": item.note,
                "value": str(item.value) if item.value is not None else "",
            }
        )
    return rows


def _without_test(run: Run, claim: Claim, head: dict[str, Any]) -> Row:
    waiting = claim.system is not None and run.statuses[claim.system].state != "ok" and not claim.untestable
    if waiting:
        reason = run.statuses[claim.system or ""].reason
        return Row(**head, verdict="not assessed", reason=reason, routes=_outside(claim))
    reason = claim.untestable or "it names no quantity, date or event that could decide it"
    return Row(**head, verdict="not testable as written", reason=reason, routes=_outside(claim))


def _judged(run: Run, claim: Claim, tested: Tested, head: dict[str, Any], ranked: Columns) -> Row:
    usable = tested.usable
    holds, n = tested.holds[usable], int(usable.sum())
    k, failed = int(holds.sum()), int((~usable).sum())
    low, high = replicate_interval(holds, run.draws.replicate[usable])
    low, high = min(low, k / (n + failed)), max(high, (k + failed) / (n + failed))
    routes = [Route(name="engineering ensemble", probability=k / n, low=low, high=high, note=f"{n} members")]
    for name, passed in tested.alternatives.items():
        if np.array_equal(passed[usable], holds):
            continue  # the other structure says the same of every member: no second opinion
        a, b = replicate_interval(passed[usable], run.draws.replicate[usable])
        share = float(passed[usable].mean())
        routes.append(
            Route(name=f"alternative: {name}", probability=share, low=a, high=b, note="another structure")
        )
    routes += _outside(claim)
    columns = columns_behind(run, tested.systems) or ([tested.column] if tested.column else [])
    target = tested.holds.astype(float) if tested.parts else tested.values
    part = replace(tested, usable=_looked_at(usable))
    found = [] if tested.column else drivers(run, columns, target, part.usable, ranked=ranked)
    shared = None if tested.column else influences(run, columns, part, [d.column for d in found], ranked)
    words, why = confidence(run, found or _own(run, tested), routes)
    verdict, reason = _verdict(k, n, tested, routes)
    p10, p50, p90 = triple(tested.values[usable])
    edge = min(tested.thresholds, key=lambda t: abs(t - p50))
    enough = n * 0.1 * 0.9 >= FEWEST_IN_TAIL
    if p10 == p90 and np.ptp(tested.values[usable]) == 0.0:
        reason += "; every member gives the same value, so that nothing decides it"
    return Row(
        **head,
        verdict=verdict,
        reason=reason,
        p10=p10 if enough else None,
        p50=p50,
        p90=p90 if enough else None,
        unit=tested.unit,
        quantity=tested.quantity,
        shown=tuple(
            _shown(run, tested, value) if enough or value is p50 else "-" for value in (p10, p50, p90)
        ),
        threshold_shown=" to ".join(_shown(run, tested, value) for value in tested.thresholds),
        probability=k / n,
        probability_low=low,
        probability_high=high,
        probability_text=probability_text(k, n),
        likelihood=likelihood(k / n) if words != "low" else "",
        confidence=words,
        confidence_reason=why,
        routes=tuple(routes),
        drivers=tuple(found),
        influences=shared,
        flip=flip(run, found[0], tested.holds, part.usable) if found else None,
        failure=_failure(run, part, found),
        distance=(p50 - edge) / (p90 - p10) if p90 > p10 else None,
        thresholds=tested.thresholds,
        comparator=tested.comparator,
        members=n,
        failed=failed,
    )


def _looked_at(usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return evenly spaced usable members for what ranks and boxes need; all where they are not too many."""
    count = int(usable.sum())
    if count <= MOST_LOOKED_AT:
        return usable
    chosen = np.zeros(len(usable), dtype=bool)
    step = count / MOST_LOOKED_AT
    chosen[np.flatnonzero(usable)[(np.arange(MOST_LOOKED_AT) * step).astype(np.intp)]] = True
    return chosen


def _shown(run: Run, tested: Tested, value: float) -> str:
    if not tested.dated:
        return units.show(value, tested.unit)
    return run.plan.horizon.date_of(value).strftime("%b %Y") if value < NEVER_MONTH else "never"


def _failure(run: Run, tested: Tested, found: list[Driver]) -> Failure | None:
    """Say in which corner of its main drivers the claim fails."""
    if not found:
        return None
    inputs = np.stack([run.draws.columns[d.column][tested.usable] for d in found], axis=1)
    box = find_box(inputs, ~tested.holds[tested.usable])
    if box is None:
        return None
    parts = []
    for side in box.sides:
        driver = found[side.index]
        low = None if side.low is None else units.show(side.low, driver.unit)
        high = None if side.high is None else units.show(side.high, driver.unit)
        if low is not None and high is not None:
            parts.append(f"{driver.title} from {low} to {high}")
        else:
            parts.append(f"{driver.title} above {low}" if low is not None else f"{driver.title} below {high}")
    return Failure(text=" and ".join(parts), density=box.density, coverage=box.coverage, mass=box.mass)


def _own(run: Run, tested: Tested) -> list[Driver]:
    if not tested.column:
        return []
    spec = run.plan.columns[tested.column]
    return [
        Driver(
            column=tested.column,
            title=spec.doc,
            unit=spec.unit,
            coefficient=1.0,
            rank_correlation=1.0,
            share=1.0,
        )
    ]


def _verdict(k: int, n: int, tested: Tested, routes: list[Route]) -> tuple[str, str]:
    p = k / n
    if not tested.possible:
        return "infeasible", "no value that the inputs allow can meet it"
    structural = [r.probability for r in routes if r.name.startswith("alternative")]
    lowest, highest = min([p, *structural]), max([p, *structural])
    parts = "; ".join(f"P({text}) = {share:.2g}" for text, share in tested.parts)
    said = f"it holds in {k} of {n} members" + (f": {parts}" if parts else "")
    if tested.comparator == "between":
        inside = tested.values[tested.usable]
        at_least = float((inside >= tested.thresholds[0]).mean())
        said += f"; the lower edge is reached in {at_least:.2g} of them"
    if lowest < _LIKELY <= highest or lowest <= _UNLIKELY < highest:
        return (
            "uncertain",
            f"{said}, but the answer turns on the model's structure (P {lowest:.2g} to {highest:.2g})",
        )
    if p >= _LIKELY:
        return "likely met", said
    return ("unlikely met", said) if p <= _UNLIKELY else ("uncertain", said)


def _outside(claim: Claim) -> tuple[Route, ...]:
    if claim.outside is None:
        return ()
    rate = base_rates()[claim.outside.reference_class]
    low, high = rate.quantile(0.05), rate.quantile(0.95)
    note = f"{rate.title}: {rate.source}" + (f" ({claim.outside.note})" if claim.outside.note else "")
    return (Route(name="outside view", probability=rate.mean, low=low, high=high, note=note),)
