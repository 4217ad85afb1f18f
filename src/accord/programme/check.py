"""Every check of a programme file, by name, and the one way from a path to findings and resolved material."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from accord.contract import Finding, Horizon
from accord.programme.claims import check_claims, check_tests
from accord.programme.correlation import check_dependence
from accord.programme.coupling import check_cycles, check_ports
from accord.programme.document import Document, read_document
from accord.programme.draft import Draft
from accord.programme.kinds import check_systems
from accord.programme.quantities import check_money, check_partners, named_inputs
from accord.programme.references import check_dates, check_references
from accord.programme.region import check_regions
from accord.programme.resolved import Resolved
from accord.programme.scenario import apply_scenario
from accord.programme.schema import Programme
from accord.programme.structure import validate_structure

__all__ = ["CHECKS", "Analysis", "analyse", "check"]

# In this order: each uses what those above it have resolved, and none stops the next.
CHECKS: tuple[Callable[[Draft], None], ...] = (
    validate_structure,
    check_money,
    named_inputs,
    check_partners,
    check_regions,
    check_systems,
    check_ports,
    check_cycles,
    check_references,
    check_dates,
    check_dependence,
    check_claims,
    check_tests,
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one reading of a file yields; `programme` and `resolved` are None when any finding is an error."""

    findings: tuple[Finding, ...]
    document: Document | None
    text_hash: str
    programme: Programme | None = None
    resolved: Resolved | None = None


def check(path: str | os.PathLike[str], scenario: str = "") -> list[Finding]:
    """Return everything there is to say about a programme file, in the order of its lines.

    Parameters
    ----------
    path : path
        Bad content never raises: it becomes findings.
    scenario : str
        Check the file as changed by this scenario only; by default the file itself and, for what they add,
        all of its scenarios.
    """
    return list(analyse(path, scenario, every_scenario=not scenario).findings)


def analyse(path: str | os.PathLike[str], scenario: str = "", *, every_scenario: bool = False) -> Analysis:
    """Read, check and resolve a file in one pass."""
    document, findings, content = read_document(path)
    text_hash = blake2b(content, digest_size=16).hexdigest()
    if document is None:
        return Analysis(tuple(findings), None, text_hash)
    folder = Path(path).parent
    if scenario:
        draft = Draft(document, folder, findings)
        changed = apply_scenario(draft, scenario)
        if changed is None:
            # the file's own mistakes may be why: tell them as well
            draft = _run(document, folder, draft.findings)
            return Analysis(_sorted(draft.findings), document, text_hash)
        document, findings = changed, draft.findings
    draft = _run(document, folder, findings)
    if every_scenario:
        _check_scenarios(draft)
    ordered = _sorted(draft.findings)
    if any(finding.level == "error" for finding in ordered) or draft.programme is None:
        return Analysis(ordered, document, text_hash)
    return Analysis(ordered, document, text_hash, draft.programme, _resolved(draft, draft.programme))


def _run(document: Document, folder: Path, findings: list[Finding]) -> Draft:
    draft = Draft(document, folder, list(findings))
    for step in CHECKS:
        step(draft)
    return draft


def _check_scenarios(draft: Draft) -> None:
    known = set(draft.findings)
    for name in draft.names("scenarios"):
        changed = apply_scenario(draft, name)
        if changed is None:
            continue
        for finding in _run(changed, draft.folder, []).findings:
            if finding not in known and finding.level != "info":
                known.add(finding)
                draft.findings.append(replace(finding, message=f"scenario {name}: {finding.message}"))


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    levels = {"error": 0, "warning": 1, "info": 2}
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda f: (f.line, f.column, levels.get(f.level, 3))))


def _resolved(draft: Draft, programme: Programme) -> Resolved:
    period = programme.horizon
    return Resolved(
        inputs=draft.named,
        systems=draft.resolved,
        partners=draft.parties,
        areas=draft.areas,
        pairs=draft.pairs,
        copula=draft.copula,
        tests=draft.tests,
        events=draft.events,
        money=draft.money,
        horizon=Horizon(period.start, period.decision, period.end),
    )
