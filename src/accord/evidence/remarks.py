"""What systems say about their own numbers, and the verdicts that it explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from accord.contract import Finding

if TYPE_CHECKING:
    from accord.engine.records import Run
    from accord.evidence.ledger import Row

__all__ = ["explained", "remarks_of", "warnings_of"]

Remarks = Mapping[str, Sequence[Finding]]


def remarks_of(run: Run) -> dict[str, Sequence[Finding]]:
    """Return the remarks of every system that has a result, by its name in the programme."""
    found: dict[str, Sequence[Finding]] = {}
    for name, result in run.results.items():
        node = run.plan.nodes[name]
        if node.system is not None and len(result.failures) < run.draws.n:
            found[name] = tuple(node.system.remarks(result))
    return found


def warnings_of(run: Run, remarks: Remarks) -> tuple[str, ...]:
    """Return the warnings among them as lines of the ledger, each with the title of its system."""
    return tuple(
        f"{run.plan.nodes[name].title}: {finding.message}"
        for name, found in remarks.items()
        for finding in found
        if finding.level != "info"
    )


def explained(run: Run, remarks: Remarks, row: Row) -> Row:
    """Return a row whose reason carries the warnings about the output that its claim is tested on."""
    test = run.plan.tests.get(row.id)
    if test is None or test.of != "metric" or row.probability is None:
        return row
    said = [f.message for f in remarks.get(test.system, ()) if f.about == test.name and f.level != "info"]
    return replace(row, reason="; ".join([row.reason, *said])) if said else row
