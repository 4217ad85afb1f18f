"""Turn a resolved programme into columns to draw and systems to run, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from accord import units
from accord.contract import Horizon, Ref, Spread
from accord.engine.records import Binding, ColumnSpec, Node, Plan
from accord.errors import PlanError
from accord.programme import resolve

if TYPE_CHECKING:
    from accord.programme import Loaded, Resolved
    from accord.programme.resolve import Entry

__all__ = ["plan"]


def plan(loaded: Loaded) -> Plan:
    """Wire the systems of a loaded programme.

    Parameters
    ----------
    loaded : Loaded
        From `accord.load`.

    Returns
    -------
    Plan
        Columns in the order of the file (named inputs first), nodes in topological order.

    Raises
    ------
    ProgrammeError, PlanError
        For what the checker also reports; a plan is made from a programme without errors only.
    """
    resolved = resolve(loaded)
    columns: dict[str, ColumnSpec] = {}
    for name, named in resolved.named.items():
        columns[name] = ColumnSpec(
            name=name,
            unit=named.unit,
            spread=named.spread,
            owner="inputs",
            doc=named.doc,
            source=named.source,
            pedigree=named.pedigree,
        )
    levels = topological_levels(
        {name: [up for up, _ in e.ports.values()] for name, e in resolved.entries.items()}
    )
    bindings: dict[str, dict[str, Binding]] = {}
    for name, entry in resolved.entries.items():  # columns keep the order of the file
        own, bindings[name] = _own_columns(name, entry, resolved)
        columns |= own
    nodes = {
        name: _node(name, resolved.entries[name], levels[name], bindings[name])
        for name in sorted(resolved.entries, key=lambda n: levels[n])  # stable: file order within a level
    }
    horizon = loaded.programme.horizon
    return Plan(
        programme=loaded.programme,
        folder=loaded.folder,
        text_hash=loaded.text_hash,
        horizon=Horizon(horizon.start, horizon.decision, horizon.end),
        nodes=nodes,
        columns=columns,
        correlations=_correlations(resolved, nodes, columns),
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


def _node(name: str, entry: Entry, level: int, bindings: Mapping[str, Binding]) -> Node:
    title = entry.title or (entry.system.title if entry.system else name)
    return Node(
        name=name,
        kind=entry.kind,
        title=title,
        system=entry.system,
        design=entry.design,
        fixed=entry.fixed,
        bindings=bindings,
        ports=entry.ports,
        level=level,
    )


def _own_columns(
    name: str, entry: Entry, resolved: Resolved
) -> tuple[dict[str, ColumnSpec], dict[str, Binding]]:
    columns: dict[str, ColumnSpec] = {}
    bindings: dict[str, Binding] = {}
    if entry.system is None or entry.design is None:
        return columns, bindings

    def bind(key: str, value: Spread | Ref, unit: str, doc: str, source: str) -> None:
        if isinstance(value, Ref):
            scale, offset = conversion(resolved.named[value.name].unit, unit, resolved.money)
            bindings[key] = Binding(value.name, scale, offset)
            return
        column = f"{name}.{key}"
        columns[column] = ColumnSpec(name=column, unit=unit, spread=value, owner=name, doc=doc, source=source)
        bindings[key] = Binding(column)

    for key, declared in entry.system.inputs.items():
        if declared.role == "member":
            given = entry.inputs.get(key)
            value = given if given is not None else _default(declared.spread, declared.default, name, key)
            bind(
                key,
                value,
                declared.unit,
                declared.doc,
                "programme file" if given is not None else declared.source,
            )
    if entry.system.columns is not None:
        for key, column in entry.system.columns(entry.design).items():
            bind(key, column.value, column.unit, column.doc, "programme file")
    return columns, bindings


def _default(spread: Spread | None, default: float | None, name: str, key: str) -> Spread:
    if spread is not None:
        return spread
    if default is None:
        raise PlanError(f"{name}: input {key} has no default and the file does not set it")
    return Spread.of("constant", value=default)


def conversion(source: str, target: str, money: units.Conversions) -> tuple[float, float]:
    """Return (scale, offset) with ``value_in_target = value * scale + offset``."""
    offset = float(units.convert(0.0, source, target, money))
    return float(units.convert(1.0, source, target, money)) - offset, offset


def _correlations(
    resolved: Resolved, nodes: Mapping[str, Node], columns: Mapping[str, ColumnSpec]
) -> list[tuple[str, str, float]]:
    stated: dict[tuple[str, str], float] = {}

    def add(first: str, second: str, rho: float, *, override: bool) -> None:
        if first == second or any(columns[c].spread.is_constant for c in (first, second)):
            return
        if override or ((first, second) not in stated and (second, first) not in stated):
            stated.pop((second, first), None)
            stated[first, second] = rho

    groups: list[tuple[list[str], float]] = []
    for node in nodes.values():
        if node.system is not None and node.system.dependence is not None:
            for factor in node.system.dependence(node.design):
                groups.append(
                    ([node.bindings[n].column for n in factor.names if n in node.bindings], factor.rho)
                )
    groups += [(list(f.names), f.rho) for f in resolved.dependence.common_factors]
    for names, rho in groups:
        unique = list(dict.fromkeys(names))
        for i, first in enumerate(unique):
            for second in unique[i + 1 :]:
                add(first, second, rho, override=False)
    for pair in resolved.dependence.spearman:  # what the file states outranks a group's default
        add(pair.first, pair.second, pair.rho, override=True)
    return [(a, b, rho) for (a, b), rho in stated.items()]
