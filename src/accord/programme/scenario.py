"""Scenarios: a named set of changes applied to the file's own tree before anything is checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accord.programme.document import Document, Mark
from accord.programme.draft import Draft, did_you_mean

__all__ = ["apply_scenario"]

Path_ = tuple[str | int, ...]
_MAY_ADD = {
    "inputs",
    "design",
    "ports",
}  # a system's mappings whose keys are checked against its model afterwards


def apply_scenario(draft: Draft, name: str) -> Document | None:
    """Return a copy of the document with the scenario's changes; None after a finding.

    Only the containers on the way to a change are copied, so an anchor used elsewhere keeps its value. A
    changed value is found at its line under ``scenarios``.
    """
    path: Path_ = ("scenarios", name, "changes")
    changes = draft.document.get(path)
    if not isinstance(changes, dict):
        known = draft.names("scenarios")
        message = f"there is no scenario {name!r}"
        if name not in known:
            draft.error(
                "dangling-reference", message, ("scenarios",), key=True, hint=did_you_mean(name, known)
            )
        return None
    document = replace(draft.document, root=dict(draft.document.root), marks=dict(draft.document.marks))
    document.marks[id(document.root)] = dict(draft.document.marks[id(draft.document.root)])
    sound = True
    for target, value in changes.items():
        mark = draft.document.mark((*path, target))
        sound = _change(draft, document, target, value, mark, (*path, target)) and sound
    return document if sound else None


def _change(draft: Draft, document: Document, target: str, value: Any, mark: Mark, path: Path_) -> bool:
    parts = target.split(".")
    here: Any = document.root
    for depth, part in enumerate(parts):
        key = _key(here, part)
        if key is None and isinstance(here, dict) and _addable(parts, depth):
            here[part] = {} if depth + 1 < len(parts) else None
            document.marks[id(here)][part] = mark
            if depth + 1 < len(parts):
                document.marks[id(here[part])] = {}
            key = part
        if key is None:
            known = [str(k) for k in here] if isinstance(here, dict) else []
            where = ".".join(parts[:depth]) or "the file"
            draft.error(
                "unknown-path", f"{where} has no {part!r}", path, key=True, hint=did_you_mean(part, known)
            )
            return False
        if depth + 1 == len(parts):
            here[key] = value
            document.marks[id(here)][key] = mark
            return True
        here = _own(document, here, key)
    return False


def _key(here: Any, part: str) -> str | int | None:
    """Return the key behind one part of a path: a key, a position, or the ``id`` of an entry in a list."""
    if isinstance(here, dict):
        return part if part in here else None
    if isinstance(here, list):
        if part.isdecimal() and len(part) < 6:
            return int(part) if int(part) < len(here) else None
        return next(
            (i for i, entry in enumerate(here) if isinstance(entry, dict) and entry.get("id") == part), None
        )
    return None


def _addable(parts: list[str], depth: int) -> bool:
    return parts[0] == "systems" and (
        (depth == 2 and parts[2] in _MAY_ADD) or (depth >= 3 and parts[2] in _MAY_ADD)
    )


def _own(document: Document, here: Any, key: str | int) -> Any:
    """Replace a container by a copy that may be changed, and return the copy."""
    below = here[key]
    if not isinstance(below, (dict, list)):
        return below
    copy: Any = dict(below) if isinstance(below, dict) else list(below)
    document.marks[id(copy)] = dict(document.marks.get(id(below), {}))
    here[key] = copy
    return copy
