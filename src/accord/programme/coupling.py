"""Ports: what connects one system to another, and that no system waits for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from accord import systems, units
from accord.contract import Port, System
from accord.programme.draft import Draft, did_you_mean
from accord.programme.resolved import ResolvedSystem

__all__ = ["check_cycles", "check_ports", "find_cycle"]


def check_ports(draft: Draft) -> None:
    """Check every connection under ``ports``, and the ports that nothing connects."""
    for name, resolved in list(draft.resolved.items()):
        system = resolved.system
        if system is None:
            continue
        ports: dict[str, tuple[str, str]] = {}
        for port, text in draft.systems[name].ports.items():
            path = ("systems", name, "ports", port)
            if port not in system.ports:
                known = list(system.ports)
                hint = did_you_mean(port, known) or (f"known here: {', '.join(known)}" if known else "")
                draft.error("unknown-port", f"{system.name} has no port {port!r}", path, key=True, hint=hint)
                continue
            target = _target(draft, name, port, text, system.ports[port])
            if target is not None:
                ports[port] = target
        draft.resolved[name] = replace(resolved, ports=ports)
        for port, entry in system.ports.items():
            if port not in draft.systems[name].ports:
                _unconnected(draft, name, port, entry)


def _target(draft: Draft, name: str, port: str, text: str, entry: Port) -> tuple[str, str] | None:
    path = ("systems", name, "ports", port)
    other, dot, wanted = text.partition(".")
    if not dot or not wanted:
        draft.error(
            "port", f"{port}: expected 'system.name', such as {_example(draft, entry)}, got {text!r}", path
        )
        return None
    known = draft.names("systems")
    if other not in known:
        message = f"{port}: there is no system {other!r} under 'systems'"
        draft.error("dangling-reference", message, path, hint=did_you_mean(other, known))
        return None
    source = draft.resolved.get(other)
    if source is None:
        return None
    if source.system is None:
        if source.kind in systems.planned():
            effect = f"instead: {entry.fallback}" if entry.optional else f"{name} cannot be assessed"
            draft.info("no-model", f"{port}: {other} ({source.kind}) has no model yet; {effect}", path)
        return None
    offered = _offered(source.system, entry)
    if wanted in offered:
        expected = entry.of.partition(".")[2]
        if entry.kind is float and expected not in {wanted, offered[wanted]}:
            message = f"{port} expects {entry.of}, got {text}: make sure that they mean the same"
            draft.warning("port", message, path)
        return other, offered[wanted]
    draft.error(
        "port", f"{port}: {_refusal(source, wanted, entry)}", path, hint=_choice(other, wanted, offered)
    )
    return None


def _offered(system: System, entry: Port) -> dict[str, str]:
    """Return what would fit a port: name in the file, and Python name, to Python name."""
    if entry.kind is not float:
        return {name: name for name, kind in system.provides.items() if issubclass(kind, entry.kind)}
    fits = {n: o for n, o in system.outputs.items() if units.compatible(o.unit, entry.unit)}
    return {units.file_key(n, o.unit): n for n, o in fits.items()} | {n: n for n in fits}


def _refusal(source: ResolvedSystem, wanted: str, entry: Port) -> str:
    assert source.system is not None  # the caller knows; this tells the type checker
    by_key = {units.file_key(n, o.unit): o for n, o in source.system.outputs.items()}
    output = by_key.get(wanted) or source.system.outputs.get(wanted)
    if output is not None and entry.kind is float:
        want, got = units.dimension(entry.unit), units.dimension(output.unit)
        return f"expected {want} ({entry.unit}), got {got} ({output.unit})"
    if output is not None or wanted in source.system.provides:
        got = source.system.provides[wanted].__name__ if output is None else f"numbers in {output.unit}"
        return f"expected {entry.kind.__name__}, {source.name}.{wanted} is {got}"
    return f"{source.name} ({source.kind}) has no output {wanted!r}"


def _choice(other: str, wanted: str, offered: Mapping[str, str]) -> str:
    return did_you_mean(wanted, offered) or (f"that fit: {other}.{', '.join(offered)}" if offered else "")


def _candidates(draft: Draft, name: str, entry: Port) -> list[str]:
    kind, _, wanted = entry.of.partition(".")
    found = []
    for other, resolved in draft.resolved.items():
        if other == name or resolved.system is None or resolved.kind != kind:
            continue
        key = next((k for k, n in _offered(resolved.system, entry).items() if wanted in {k, n}), None)
        found += [] if key is None else [f"{other}.{key}"]
    return found


def _example(draft: Draft, entry: Port) -> str:
    return next(iter(_candidates(draft, "", entry)), entry.of)


def _unconnected(draft: Draft, name: str, port: str, entry: Port) -> None:
    candidates = _candidates(draft, name, entry)
    path = ("systems", name)
    if not entry.optional:
        hint = f"connect {candidates[0]}" if candidates else f"it takes {entry.of}"
        draft.error("missing-port", f"{name}: the port {port!r} must be connected", path, key=True, hint=hint)
    elif candidates:
        message = f"{name}: {port} is not connected to {candidates[0]}; instead: {entry.fallback}"
        draft.info("open-port", message, path, key=True)


def check_cycles(draft: Draft) -> None:
    """Name the path of any cycle among systems, and among claims that repeat each other."""
    graph = {
        name: [text.partition(".")[0] for text in entry.ports.values()]
        for name, entry in draft.systems.items()
    }
    cycle = find_cycle(graph)
    if cycle:
        path = ("systems", cycle[0], "ports")
        draft.error("cycle", f"systems wait for each other: {' -> '.join(cycle)}", path, key=True)
    places = {claim.id: index for index, claim in draft.claims.items()}
    cycle = find_cycle({claim.id: claim.repeats for claim in draft.claims.values()})
    if cycle:
        path_ = ("claims", places[cycle[0]], "repeats")
        draft.error("cycle", f"claims repeat each other: {' -> '.join(cycle)}", path_, key=True)


def find_cycle(graph: Mapping[str, list[str]]) -> list[str]:
    """Return the first cycle met as ``[a, b, a]``, or an empty list."""
    done: set[str] = set()
    for start in graph:
        trail: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            node, at = stack.pop()
            if at == 0:
                if node in done:
                    continue
                if node in trail:
                    return [*trail[trail.index(node) :], node]
                trail.append(node)
            following = graph.get(node, [])
            if at < len(following):
                stack.append((node, at + 1))
                if following[at] in trail:
                    return [*trail[trail.index(following[at]) :], following[at]]
                stack.append((following[at], 0))
            else:
                done.add(node)
                trail.pop()
    return []
