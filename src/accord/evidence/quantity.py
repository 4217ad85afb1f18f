"""From a claim's test to numbers: the tested quantity over the ensemble, and where the test holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord import units
from accord.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from accord.engine.records import Node, Run
    from accord.programme.resolved import ResolvedTest
    from accord.programme.schema import Test

    FloatArray = NDArray[np.float64]

__all__ = ["NEVER_MONTH", "NotAssessedError", "Tested", "describe_test", "measure"]

NEVER_MONTH = 1200.0  # how a schedule writes an event that never comes
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
    dated : bool
        The values are months from the horizon's start, better read as dates.
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
    dated: bool = False


def measure(run: Run, test: ResolvedTest) -> Tested:
    """Evaluate a test over the ensemble.

    Raises
    ------
    NotAssessedError
        When a system it needs has no model, failed, or depends on one that did.
    """
    if test.of == "event":
        return _event(run, test)
    return _input(run, test) if test.of == "input" else _metric(run, test)


def _compare(values: FloatArray, comparator: str, thresholds: tuple[float, ...]) -> NDArray[np.bool_]:
    first = thresholds[0]
    if comparator == "between":
        return (values >= first) & (values <= thresholds[1])
    if comparator == "equals":
        return np.isclose(values, first, rtol=1e-9)
    operation = {"lt": np.less, "le": np.less_equal, "ge": np.greater_equal, "gt": np.greater}[comparator]
    return np.asarray(operation(values, first))


def _node(run: Run, name: str) -> Node:
    status = run.statuses[name]
    if status.state != "ok":
        raise NotAssessedError(status.reason or status.state)
    return run.plan.nodes[name]


def _finish(run: Run, node: Node, event: str, output: str) -> FloatArray:
    assert node.system is not None
    assert node.system.labels is not None
    index = node.system.labels(node.design)["event"].index(event)
    return run.outputs[node.name][output][:, index]


def _event(run: Run, test: ResolvedTest) -> Tested:
    node = _node(run, test.system)
    assert node.system is not None
    assert test.when is not None
    limit = run.plan.horizon.months_to(test.when)
    dated = node.system.events
    values = _finish(run, node, test.name, dated)
    others = node.system.outputs[dated].alternatives
    return Tested(
        values=values,
        holds=values <= limit,
        usable=run.ok[node.name],
        unit="month",
        quantity=f"finish of {test.name}",
        comparator="le",
        thresholds=(limit,),
        systems=(node.name,),
        alternatives={units.file_key(o, "month"): _finish(run, node, test.name, o) <= limit for o in others},
        dated=True,
    )


def _input(run: Run, test: ResolvedTest) -> Tested:
    spec = run.plan.columns[test.name]
    values = run.draws.columns[test.name]
    low, high = spec.spread.support()
    edge = test.values[0]
    possible = {
        "lt": low < edge,
        "le": low <= edge,
        "ge": high >= edge,
        "gt": high > edge,
        "equals": low <= edge <= high,
        "between": low <= test.values[-1] and high >= edge,
    }[test.comparator]
    return Tested(
        values=values,
        holds=_compare(values, test.comparator, test.values),
        usable=np.ones(len(values), dtype=bool),
        unit=spec.unit,
        quantity=spec.doc or test.name,
        comparator=test.comparator,
        thresholds=test.values,
        systems=(),
        alternatives={},
        possible=possible,
        column=test.name,
    )


def _metric(run: Run, test: ResolvedTest) -> Tested:
    node = _node(run, test.system)
    assert node.system is not None
    declared = node.system.outputs[test.name]

    def take(key: str) -> FloatArray:
        values = run.outputs[node.name][key]
        return values if test.label is None else values[:, test.label]

    values = take(test.name)
    holds = _compare(values, test.comparator, test.values)
    alternatives = {
        units.file_key(o, node.system.outputs[o].unit): _compare(take(o), test.comparator, test.values)
        for o in declared.alternatives
    }
    usable, systems, parts = run.ok[node.name], [node.name], []
    if test.delivered_by is not None:
        if test.when is None:
            raise PlanError(f"{test.system}.{test.name}: 'delivered_by' needs the date 'at'")
        owner, event = test.delivered_by
        dating = _node(run, owner)
        assert dating.system is not None
        limit = run.plan.horizon.months_to(test.when)
        in_time = _finish(run, dating, event, dating.system.events) <= limit
        usable = usable & run.ok[owner]
        systems.append(owner)
        parts = [
            ("the system as designed passes", float(holds[usable].mean())),
            (f"{event} is delivered by {test.when}", float(in_time[usable].mean())),
        ]
        holds = holds & in_time
        alternatives = {k: v & in_time for k, v in alternatives.items()}
    return Tested(
        values=values,
        holds=holds,
        usable=usable,
        unit=declared.unit,
        quantity=declared.doc.rstrip(".").split(". ")[0],
        comparator=test.comparator,
        thresholds=test.values,
        systems=tuple(dict.fromkeys(systems)),
        alternatives=alternatives,
        parts=tuple(parts),
        possible=not (declared.limit and not holds[usable].any()),
    )


def describe_test(test: Test) -> str:
    """Return a test as one readable phrase."""
    if test.event is not None:
        return f"{test.event} finished by {test.by}"
    comparator = next(name for name in _WORDS if getattr(test, name) is not None)
    amounts = test.between if test.between is not None else (getattr(test, comparator),)
    subject = test.metric or test.input or ""
    value = " and ".join(str(a) for a in amounts)
    when = f" at {test.at}" if test.at else ""
    delivered = f", with {test.delivered_by} finished by then" if test.delivered_by else ""
    baseline = ", over the case without the programme" if test.baseline else ""
    return f"{subject} {_WORDS[comparator]} {value}{when}{delivered}{baseline}"
