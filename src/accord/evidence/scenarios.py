"""What each scenario of a file does to each claim, with the same draws: differences are free of most sampling noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from accord.evidence.ledger import ScenarioEffect
from accord.evidence.probability import probability_text, replicate_half, replicate_interval
from accord.evidence.quantity import NotAssessedError, Tested, measure

if TYPE_CHECKING:
    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger

__all__ = ["scenario_effects"]


def scenario_effects(base: Run, ledger: Ledger, others: Mapping[str, Run]) -> list[ScenarioEffect]:
    """Compare the probability of every tested claim between the file as it stands and its scenarios.

    Parameters
    ----------
    base : Run
    ledger : Ledger
        Of `base`: its rows with a probability are the ones compared.
    others : mapping of str to Run
        By the scenario's name, each with the draws of `base` (same seed, members and replicates).

    Returns
    -------
    list of ScenarioEffect
        Claim by claim, in the order of the file, one for each scenario.

    Notes
    -----
    A column that a scenario leaves alone has the same value in the same member, and one that it changes has the same
    uniform behind it: members are pairs. The interval of a difference comes from the replicates' differences.
    """
    effects = []
    for row in ledger.rows:
        if row.probability is None:
            continue
        before = _measured(base, row.id)
        for name, run in others.items():
            title = base.plan.programme.scenarios[name].title
            after = _measured(run, row.id)
            if before is None or after is None or not (before.usable & after.usable).any():
                effects.append(ScenarioEffect(claim=row.id, scenario=name, title=title))
                continue
            effects.append(_effect(base, row.id, name, title, before, after))
    return effects


def _measured(run: Run, claim: str) -> Tested | None:
    test = run.plan.tests.get(claim)
    if test is None:
        return None
    try:
        return measure(run, test)
    except NotAssessedError:
        return None


def _effect(base: Run, claim: str, name: str, title: str, before: Tested, after: Tested) -> ScenarioEffect:
    own = after.usable
    both = before.usable & own
    low, high = replicate_interval(after.holds[own], base.draws.replicate[own])
    difference = after.holds[both].astype(float) - before.holds[both]
    groups = base.draws.replicate[both]
    mean = float(difference.mean())
    if difference.any():
        half = replicate_half(np.array([difference[groups == g].mean() for g in np.unique(groups)]))
    else:
        half = 3.0 / len(difference)  # no member changes sides: rule of three
    return ScenarioEffect(
        claim=claim,
        scenario=name,
        title=title,
        probability=float(after.holds[own].mean()),
        shown=probability_text(int(after.holds[own].sum()), int(own.sum())),
        low=low,
        high=high,
        difference=mean,
        difference_low=mean - half,
        difference_high=mean + half,
        changed=int((difference != 0).sum()),
    )
