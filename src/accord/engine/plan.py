"""Turn a resolved programme into columns to draw and systems to run, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from accord.contract import Ref, Spread
from accord.engine.records import Binding, ColumnSpec, Node, Plan
from accord.errors import PlanError
from accord.programme.loader import resolve

if TYPE_CHECKING:
    from accord.programme.loader import Loaded
    from accord.programme.resolved import ResolvedSystem

__all__ = ["plan", "topological_levels"]

_FILE = "programme file"


def plan(loaded: Loaded) -> Plan:
    """Wire the systems of a loaded programme.

    Parameters
    ----------
    loaded : Loaded
        From `accord.load`: a programme without errors.

    Returns
    -------
    Plan
        Columns in the order of the file (named inputs first), nodes in topological order.

    Raises
    ------
    PlanError
        Where systems form a cycle, or an input is neither given nor has a default.
    """
    resolved = resolve(loaded)
    columns = {
        name: ColumnSpec(
            name=name,
            unit=given.unit,
            spread=given.spread,
            owner="inputs",
            doc=given.doc,
            source=given.source,
            pedigree=given.pedigree,
        )
        for name, given in resolved.inputs.items()
    }
    systems = resolved.systems
    levels = topological_levels(
        {name: [up for up, _ in entry.ports.values()] for name, entry in systems.items()}
    )
    bindings: dict[str, dict[str, Binding]] = {}
    for name, entry in systems.items():  # columns keep the order of the file
        own, bindings[name] = _own_columns(entry)
        columns |= own
    nodes = {
        name: _node(systems[name], levels[name], bindings[name])
        for name in sorted(systems, key=lambda n: levels[n])  # stable: file order within a level
    }
    return Plan(
        programme=loaded.programme,
        folder=loaded.folder,
        text_hash=loaded.text_hash,
        horizon=resolved.horizon,
        nodes=nodes,
        columns=columns,
        correlations=[
            (first, second, rho)
            for (first, second), rho in resolved.pairs.items()
            if not (columns[first].spread.is_constant or columns[second].spread.is_constant)
        ],
        copula=resolved.copula,
        tests=resolved.tests,
        findings=loaded.findings,
        scenario=loaded.scenario,
    )


def topological_levels(upstream: Mapping[str, list[str]]) -> dict[str, int]:
    """Return the level of each node: 0 without upstream, else one more than its highest upstream.

    Raises
    ------
    PlanError
        Naming the cycle, when there is one.
    """
    levels: dict[str, int] = {}
    path: list[str] = []

    def visit(name: str) -> int:
        if name in levels:
            return levels[name]
        if name in path:
            raise PlanError(f"systems form a cycle: {' -> '.join([*path[path.index(name) :], name])}")
        path.append(name)
        levels[name] = max((visit(up) + 1 for up in upstream[name]), default=0)
        path.pop()
        return levels[name]

    for name in upstream:
        visit(name)
    return levels


def _node(entry: ResolvedSystem, level: int, bindings: Mapping[str, Binding]) -> Node:
    return Node(
        name=entry.name,
        kind=entry.kind,
        title=entry.title or (entry.system.title if entry.system else entry.name),
        system=entry.system,
        design=entry.design,
        fixed=entry.fixed,
        bindings=bindings,
        ports=entry.ports,
        level=level,
    )


def _own_columns(entry: ResolvedSystem) -> tuple[dict[str, ColumnSpec], dict[str, Binding]]:
    columns: dict[str, ColumnSpec] = {}
    bindings: dict[str, Binding] = {}
    if entry.system is None or entry.design is None:
        return columns, bindings

    def bind(key: str, value: Spread | Ref, unit: str, doc: str, source: str) -> None:
        if isinstance(value, Ref):
            bindings[key] = Binding(value.name, *entry.factors[key])
            return
        column = f"{entry.name}.{key}"
        columns[column] = ColumnSpec(
            name=column, unit=unit, spread=value, owner=entry.name, doc=doc, source=source
        )
        bindings[key] = Binding(column)

    for key, declared in entry.system.inputs.items():
        if declared.role != "member":
            continue
        if key in entry.inputs:
            bind(key, entry.inputs[key], declared.unit, declared.doc, _FILE)
        else:
            own = _default(declared.spread, declared.default, entry.name, key)
            bind(key, own, declared.unit, declared.doc, declared.source)
    for key, column in entry.columns.items():
        bind(key, column.value, column.unit, column.doc, _FILE)
    return columns, bindings


def _default(spread: Spread | None, default: float | None, name: str, key: str) -> Spread:
    if spread is not None:
        return spread
    if default is None:
        raise PlanError(f"{name}: input {key} has no default and the file does not set it")
    return Spread.of("constant", value=default)
