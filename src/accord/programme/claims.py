"""Claims: which class needs what, and every test resolved to a quantity, a comparator and numbers."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from accord import units
from accord.contract import Output
from accord.contract.design import read_quantity
from accord.errors import UnitError
from accord.programme.draft import Draft, did_you_mean
from accord.programme.resolved import ResolvedSystem, ResolvedTest
from accord.programme.schema import Claim, Test

__all__ = ["check_claims", "check_tests"]

COMPARATORS = ("lt", "le", "ge", "gt", "equals", "between")
_METRIC = re.compile(r"([a-z][a-z0-9_]*)\.([A-Za-z0-9_]+)(?:\[(.+)\])?")
Path_ = tuple[str | int, ...]


def check_claims(draft: Draft) -> None:
    """Check what each class of claim must and must not have, and every name that a claim uses."""
    ids = _ids(draft)
    first: dict[str, int] = {}
    for index, claim in draft.claims.items():
        path: Path_ = ("claims", index)
        if claim.id in first:
            line, _ = draft.document.place(("claims", first[claim.id], "id"))
            message = f"two claims are called {claim.id}: the other stands in line {line}"
            draft.error("duplicate-id", message, (*path, "id"))
        first.setdefault(claim.id, index)
        draft.must_exist("sources", claim.source, (*path, "source"), "source")
        if claim.system is not None:
            draft.must_exist("systems", claim.system, (*path, "system"), "system")
        for number, evidence in enumerate(claim.evidence):
            at = (*path, "evidence", number, "source")
            draft.must_exist("sources", evidence.source, at, "source")
        for key in ("repeats", "contradicts"):
            for number, other in enumerate(getattr(claim, key)):
                at = (*path, key, number)
                if other == claim.id:
                    draft.error("claim", f"{claim.id} {key} itself", at)
                elif other not in ids:
                    hint = did_you_mean(other, ids)
                    draft.error("dangling-reference", f"{key}: there is no claim {other!r}", at, hint=hint)
        _class_rules(draft, claim, path)


def _ids(draft: Draft) -> list[str]:
    entries = draft.document.get(("claims",))
    found = (
        [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    return [name for name in found if isinstance(name, str)]


def _class_rules(draft: Draft, claim: Claim, path: Path_) -> None:
    if claim.class_ == "opinion":
        if claim.test is not None:
            message = f"{claim.id} is an opinion: opinions are recorded, never judged"
            draft.error(
                "claim", message, (*path, "test"), key=True, hint="remove the test or change the class"
            )
        return
    if claim.test is not None and claim.untestable:
        message = f"{claim.id} has a test and says that it is untestable"
        draft.error("claim", message, (*path, "untestable"), key=True)
    if claim.test is None and not claim.untestable and not (claim.class_ == "fact" and claim.evidence):
        wanted = "a test, evidence" if claim.class_ == "fact" else "a test"
        message = f"{claim.id} needs {wanted} or, under 'untestable', why nothing can decide it as written"
        draft.error("claim", message, path, key=True)
    if claim.class_ == "forecast" and claim.test and claim.test.metric and claim.test.baseline is None:
        message = f"{claim.id} forecasts an effect: its test needs 'baseline: no_programme'"
        draft.error("claim", message, (*path, "test"), key=True)
    if claim.helped_by is not None:
        if claim.class_ != "fact" or claim.test is None:
            message = f"{claim.id}: 'helped_by' belongs to a fact with a test"
            draft.error("claim", message, (*path, "helped_by"), key=True)
        elif not any(evidence.value is not None for evidence in claim.evidence):
            message = f"{claim.id}: 'helped_by' needs evidence that states its own value"
            draft.error("claim", message, (*path, "helped_by"), key=True)


def check_tests(draft: Draft) -> None:
    """Resolve every test."""
    for index, claim in draft.claims.items():
        if claim.test is None or claim.class_ == "opinion":
            continue
        resolved = _test(draft, claim, claim.test, ("claims", index, "test"))
        if resolved is None:
            continue
        draft.tests.setdefault(claim.id, resolved)
        if resolved.of == "event" or not resolved.unit:
            continue
        for number, evidence in enumerate(claim.evidence):
            if evidence.value is not None:
                at = ("claims", index, "evidence", number, "value")
                _number(draft, evidence.value, resolved.unit, at, "value")


def _test(draft: Draft, claim: Claim, test: Test, path: Path_) -> ResolvedTest | None:
    subjects = [key for key in ("metric", "event", "input") if getattr(test, key) is not None]
    given = [key for key in COMPARATORS if getattr(test, key) is not None]
    if len(subjects) != 1:
        got = f", got {' and '.join(subjects)}" if subjects else ""
        draft.error("test", f"{claim.id}: expected exactly one of metric, event, input{got}", path, key=True)
        return None
    _check_window(draft, claim, test, path)
    if subjects == ["event"]:
        return _event_test(draft, claim, test, given, path)
    if len(given) != 1:
        got = f", got {' and '.join(given)}" if given else ""
        draft.error(
            "test", f"{claim.id}: expected exactly one of {', '.join(COMPARATORS)}{got}", path, key=True
        )
        return None
    if test.by is not None:
        message = f"{claim.id}: 'by' dates an event; a quantity counts 'at' a date"
        draft.error("test", message, (*path, "by"), key=True)
    delivered = _delivered_by(draft, claim, test, path)
    found = (
        _metric(draft, test.metric, test.at, path) if test.metric else _input(draft, str(test.input), path)
    )
    if found is None:
        return None
    system, name, label, unit = found
    raw = getattr(test, given[0])
    parts = list(raw) if given[0] == "between" else [raw]
    places = [(*path, given[0], i) for i in range(2)] if given[0] == "between" else [(*path, given[0])]
    values = [_number(draft, v, unit, at, given[0]) for v, at in zip(parts, places, strict=True)]
    numbers = tuple(v for v in values if v is not None)
    if len(numbers) < len(values):
        return None
    if len(numbers) == 2 and not numbers[0] < numbers[1]:
        draft.error("test", f"{claim.id}: between needs the lower bound first", (*path, "between"))
        return None
    return ResolvedTest(
        of="metric" if test.metric else "input",
        system=system,
        name=name,
        label=label,
        comparator=given[0],
        values=numbers,
        unit=unit or "",
        when=test.at,
        delivered_by=delivered,
        baseline=test.baseline is not None,
        assessed=unit is not None,
    )


def _check_window(draft: Draft, claim: Claim, test: Test, path: Path_) -> None:
    horizon = draft.horizon
    for key in ("at", "by"):
        when = getattr(test, key)
        if when is not None and horizon is not None and not horizon.start <= when <= horizon.end:
            period = f"{horizon.start} to {horizon.end}"
            draft.error("dates", f"{claim.id}: {when} is outside the horizon ({period})", (*path, key))


def _event_test(draft: Draft, claim: Claim, test: Test, given: list[str], path: Path_) -> ResolvedTest | None:
    for key in (*given, *(k for k in ("at", "delivered_by", "baseline") if getattr(test, k) is not None)):
        draft.error("test", f"{claim.id}: an event takes 'by' and nothing else", (*path, key), key=True)
    if test.by is None:
        draft.error(
            "test", f"{claim.id}: an event needs the date 'by' which it must have happened", path, key=True
        )
    found = _event(draft, str(test.event), (*path, "event"))
    if found is None or test.by is None:
        return None
    system, label = found
    return ResolvedTest(
        of="event", system=system, name=label, comparator="by", values=(), unit="", when=test.by
    )


def _event(draft: Draft, text: str, path: Path_) -> tuple[str, str] | None:
    """Return the system and label of an event: ``label`` or ``system.label``."""
    if text in draft.events:
        return draft.events[text], text
    system, _, label = text.partition(".")
    if label and draft.events.get(label) == system:
        return system, label
    written = _events_as_written(draft)
    if text in written or label in written:
        return None  # the design that dates it has mistakes of its own
    if len(draft.systems) < len(draft.names("systems")):
        return None
    hint = did_you_mean(text, [*draft.events, *written])
    draft.error("dangling-reference", f"there is no event {text!r} in the schedule", path, hint=hint)
    return None


def _events_as_written(draft: Draft) -> list[str]:
    """Return the ids in sections whose design has mistakes, so that a slip in a claim is told all the same."""
    found: list[str] = []
    for name, resolved in draft.resolved.items():
        if resolved.system is None or not resolved.system.events or resolved.design is not None:
            continue
        for section in resolved.system.sections:
            for path in ((section,), ("systems", name, "design", section)):
                entries = draft.document.get(path)
                rows = entries if isinstance(entries, list) else []
                found += [str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row]
    return found


def _delivered_by(draft: Draft, claim: Claim, test: Test, path: Path_) -> tuple[str, str] | None:
    if test.delivered_by is None:
        return None
    if test.at is None:
        message = f"{claim.id}: 'delivered_by' needs the date 'at' which the quantity counts"
        draft.error("test", message, (*path, "delivered_by"), key=True)
    return _event(draft, test.delivered_by, (*path, "delivered_by"))


def _input(draft: Draft, name: str, path: Path_) -> tuple[str, str, None, str] | None:
    if not draft.must_exist("inputs", name, (*path, "input"), "input") or name not in draft.named:
        return None
    return "", name, None, draft.named[name].unit


def _metric(
    draft: Draft, text: str, when: dt.date | None, path: Path_
) -> tuple[str, str, int | None, str | None] | None:
    path = (*path, "metric")
    match = _METRIC.fullmatch(text)
    if match is None:
        draft.error("test", f"metric: expected 'system.output' or 'system.output[label]', got {text!r}", path)
        return None
    name, key, label = match.groups()
    known = draft.names("systems")
    if name not in known:
        hint = did_you_mean(name, known)
        draft.error(
            "dangling-reference", f"metric: there is no system {name!r} under 'systems'", path, hint=hint
        )
        return None
    resolved = draft.resolved.get(name)
    if resolved is None:
        return None
    if resolved.system is None:
        return name, key, None, None
    outputs = resolved.system.outputs
    keys = {units.file_key(python, output.unit): python for python, output in outputs.items()}
    python = keys.get(key, key)
    if python not in outputs:
        hint = did_you_mean(key, keys) or f"known here: {', '.join(sorted(keys))}"
        draft.error(
            "dangling-reference", f"metric: {name} ({resolved.kind}) has no output {key!r}", path, hint=hint
        )
        return None
    if label is None and outputs[python].dims == ("year",):
        sound, index = _year(draft, resolved, text, when, path)
    else:
        sound, index = _label(draft, resolved, outputs[python], text, label, path)
    return (name, python, index, outputs[python].unit) if sound else None


def _year(
    draft: Draft, resolved: ResolvedSystem, text: str, when: dt.date | None, path: Path_
) -> tuple[bool, int | None]:
    """Return the index of the whole year, counted from the start of the horizon, that lies nearest to a date."""
    labels = resolved.labels.get("year", ())
    if resolved.design is None or draft.horizon is None:
        return False, None
    if when is None:
        message = f"metric: {text} changes with the years: it needs the date 'at'"
        draft.error(
            "test", message, path, hint=f"or a label: {text}[{labels[-1]}] is after {labels[-1]} years"
        )
        return False, None
    year = round((when - draft.horizon.start).days / 365.25)
    if year < 0:
        return False, None  # a date before the horizon is told where it stands
    if str(year) not in labels:
        reach = f"{labels[-1]} years from the start of the horizon ({draft.horizon.start})"
        draft.error("test", f"metric: {text} is known for {reach}, not for {when}", path)
        return False, None
    return True, labels.index(str(year))


def _label(
    draft: Draft, resolved: ResolvedSystem, output: Output, text: str, label: str | None, path: Path_
) -> tuple[bool, int | None]:
    """Return whether the label fits the output's dimensions, and its index."""
    plain = text.partition("[")[0]
    if not output.dims:
        if label is not None:
            draft.error("test", f"metric: {plain} is one number and takes no [label]", path)
        return label is None, None
    if len(output.dims) > 1:
        draft.error("test", f"metric: {plain} has {len(output.dims)} dimensions: test one with fewer", path)
        return False, None
    labels = resolved.labels.get(output.dims[0], ())
    if label is not None and label in labels:
        return True, labels.index(label)
    if resolved.design is not None:
        choices = ", ".join(labels[:12])
        wanted = f"{plain} has no {output.dims[0]} {label!r}" if label else f"{plain} needs a label"
        hint = did_you_mean(label or "", labels) or (f"labels: {choices}" if labels else "")
        draft.error("dangling-reference", f"metric: {wanted}", path, hint=hint)
    return False, None


def _number(draft: Draft, value: Any, unit: str | None, path: Path_, key: str) -> float | None:
    try:
        if unit is None:  # no model yet: only the text can be checked
            return units.parse(value)[0]
        return read_quantity(value, unit, -float("inf"), float("inf"), draft.money)
    except UnitError as error:
        draft.error("unit", f"{key}: {error}", path)
        return None
