"""From a claim's test to numbers: the tested quantity over the ensemble, and where the test holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord import units
from accord.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from accord.contract import Output
    from accord.engine.records import Node, Run
    from accord.programme.schema import Amount, Test

    FloatArray = NDArray[np.float64]

__all__ = ["NotAssessedError", "Tested", "describe_test", "event_system", "file_names", "measure"]

_METRIC = re.compile(r"^(?P<system>[a-z][a-z0-9_]*)\.(?P<output>[a-z][a-z0-9_]*)(\[(?P<label>[^\]]+)\])?$")
_WORDS = {"lt": "<", "le": "≤", "ge": "≥", "gt": ">", "equals": "=", "between": "between"}


class NotAssessedError(Exception):
    """The system behind a test has no result; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A tested quantity.

    Attributes
    ----------
    values : float array, shape (n,) [unit]
    holds : bool array, shape (n,)
    usable : bool array, shape (n,)
        Members that did not fail.
    alternatives : mapping of str to bool array
        Where the test holds under another structure of the model.
    systems : tuple of str
        Systems that the answer rests on.
    parts : tuple of (str, float)
        Partial probabilities worth telling, such as the technical part and the date part.
    possible : bool
        False when no value in the support can pass.
    """

    values: FloatArray
    holds: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    unit: str
    quantity: str
    comparator: str
    thresholds: tuple[float, ...]
    systems: tuple[str, ...]
    alternatives: Mapping[str, NDArray[np.bool_]]
    parts: tuple[tuple[str, float], ...] = ()
    possible: bool = True
    column: str = ""


def file_names(fields: Mapping[str, Output]) -> dict[str, str]:
    """Return the names a programme file uses for outputs, with their Python names."""
    return {units.file_key(name, output.unit): name for name, output in fields.items()}


def measure(run: Run, test: Test) -> Tested:
    """Evaluate a test over the ensemble.

    Raises
    ------
    NotAssessedError
        When a system it needs has no model, failed, or depends on one that did.
    PlanError
        When the test names something that does not exist (the checker reports it first).
    """
    if test.event is not None:
        return _event(run, test, test.event)
    if test.input is not None:
        return _input(run, test, test.input)
    return _metric(run, test, test.metric or "")


def _comparator(test: Test) -> tuple[str, tuple[Amount, ...]]:
    if test.between is not None:
        return "between", test.between
    for name in ("lt", "le", "ge", "gt", "equals"):
        amount = getattr(test, name)
        if amount is not None:
            return name, (amount,)
    raise PlanError("a test needs a comparator: lt, le, ge, gt, equals or between")


def _thresholds(run: Run, test: Test, unit: str) -> tuple[str, tuple[float, ...]]:
    comparator, amounts = _comparator(test)
    numbers = []
    money = units.Conversions(
        tuple((c.from_, c.to, c.factor) for c in run.plan.programme.price_base.conversions)
    )
    for amount in amounts:
        value, given = units.parse(amount)
        numbers.append(float(units.convert(value, given, unit, money)))
    return comparator, tuple(numbers)


def _compare(values: FloatArray, comparator: str, thresholds: tuple[float, ...]) -> NDArray[np.bool_]:
    first = thresholds[0]
    if comparator == "between":
        return (values >= first) & (values <= thresholds[1])
    if comparator == "equals":
        return np.isclose(values, first, rtol=1e-9)
    operation = {"lt": np.less, "le": np.less_equal, "ge": np.greater_equal, "gt": np.greater}[comparator]
    return np.asarray(operation(values, first))


def _node(run: Run, name: str) -> Node:
    node = run.plan.nodes.get(name)
    if node is None:
        raise PlanError(f"no system {name!r}")
    status = run.statuses[name]
    if status.state != "ok":
        raise NotAssessedError(status.reason or status.state)
    return node


def event_system(run: Run, event: str) -> str:
    """Return the name of the system that dates an event.

    Raises
    ------
    NotAssessedError
        When that system has no result.
    PlanError
        When no system dates it.
    """
    for name, node in run.plan.nodes.items():
        if node.system is not None and node.system.events and node.system.labels is not None:
            if event in node.system.labels(node.design)["event"]:
                _node(run, name)
                return name
    raise PlanError(f"no system dates the event {event!r}")


def _finish(run: Run, name: str, event: str, output: str) -> FloatArray:
    node = run.plan.nodes[name]
    assert node.system is not None and node.system.labels is not None
    index = node.system.labels(node.design)["event"].index(event)
    return run.outputs[name][output][:, index]


def _event(run: Run, test: Test, event: str) -> Tested:
    name = event_system(run, event)
    system = run.plan.nodes[name].system
    assert system is not None and test.by is not None
    limit = run.plan.horizon.months_to(test.by)
    values = _finish(run, name, event, system.events)
    others = system.outputs[system.events].alternatives
    return Tested(
        values=values,
        holds=values <= limit,
        usable=run.ok[name],
        unit="month",
        quantity=f"finish of {event}",
        comparator="le",
        thresholds=(limit,),
        systems=(name,),
        alternatives={units.file_key(o, "month"): _finish(run, name, event, o) <= limit for o in others},
    )


def _input(run: Run, test: Test, name: str) -> Tested:
    spec = run.plan.columns[name]
    comparator, thresholds = _thresholds(run, test, spec.unit)
    values = run.draws.columns[name]
    low, high = spec.spread.support()
    edge = thresholds[0]
    possible = {
        "lt": low < edge,
        "le": low <= edge,
        "ge": high >= edge,
        "gt": high > edge,
        "equals": low <= edge <= high,
        "between": low <= thresholds[-1] and high >= edge,
    }[comparator]
    return Tested(
        values=values,
        holds=_compare(values, comparator, thresholds),
        usable=np.ones(len(values), dtype=bool),
        unit=spec.unit,
        quantity=spec.doc or name,
        comparator=comparator,
        thresholds=thresholds,
        systems=(),
        alternatives={},
        possible=possible,
        column=name,
    )


def _metric(run: Run, test: Test, metric: str) -> Tested:
    match = _METRIC.match(metric)
    if match is None:
        raise PlanError(f"metric {metric!r}: expected system.output or system.output[label]")
    name = match["system"]
    node = _node(run, name)
    assert node.system is not None
    output = file_names(node.system.outputs).get(match["output"], "")
    if not output:
        raise PlanError(f"{name} has no output {match['output']!r}")
    declared = node.system.outputs[output]
    comparator, thresholds = _thresholds(run, test, declared.unit)

    def take(key: str) -> FloatArray:
        values = run.outputs[name][key]
        if not declared.dims:
            return values
        assert node.system is not None and node.system.labels is not None
        return values[:, node.system.labels(node.design)[declared.dims[0]].index(match["label"])]

    values = take(output)
    holds = _compare(values, comparator, thresholds)
    alternatives = {
        units.file_key(o, node.system.outputs[o].unit): _compare(take(o), comparator, thresholds)
        for o in declared.alternatives
    }
    usable, systems, parts = run.ok[name], [name], []
    if test.delivered_by is not None and test.at is not None:
        dated = event_system(run, test.delivered_by)
        dating = run.plan.nodes[dated].system
        assert dating is not None
        in_time = _finish(run, dated, test.delivered_by, dating.events) <= run.plan.horizon.months_to(test.at)
        usable = usable & run.ok[dated]
        systems.append(dated)
        parts = [
            ("the system as designed passes", float(holds[usable].mean())),
            (f"{test.delivered_by} is delivered by {test.at}", float(in_time[usable].mean())),
        ]
        holds = holds & in_time
        alternatives = {k: v & in_time for k, v in alternatives.items()}
    return Tested(
        values=values,
        holds=holds,
        usable=usable,
        unit=declared.unit,
        quantity=declared.doc.rstrip(".").split(". ")[0],
        comparator=comparator,
        thresholds=thresholds,
        systems=tuple(systems),
        alternatives=alternatives,
        parts=tuple(parts),
        possible=not (declared.limit and not holds[usable].any()),
    )


def describe_test(test: Test) -> str:
    """Return a test as one readable phrase."""
    if test.event is not None:
        return f"{test.event} finished by {test.by}"
    comparator, amounts = _comparator(test)
    subject = test.metric or test.input or ""
    value = " and ".join(str(a) for a in amounts)
    when = f" at {test.at}" if test.at else ""
    delivered = f", with {test.delivered_by} finished by then" if test.delivered_by else ""
    baseline = ", over the case without the programme" if test.baseline else ""
    return f"{subject} {_WORDS[comparator]} {value}{when}{delivered}{baseline}"
