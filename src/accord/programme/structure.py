"""The shape of the file: pydantic's verdict, told in the words and at the lines of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from accord.programme import schema
from accord.programme.draft import Draft, did_you_mean

__all__ = ["keys_at", "report_validation", "validate_structure"]

Path_ = tuple[str | int, ...]

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "sources": schema.Source,
    "partners": schema.Partner,
    "regions": schema.Region,
    "inputs": schema.NamedInput,
    "systems": schema.SystemEntry,
    "scenarios": schema.Scenario,
}
_SINGLE: Mapping[str, type[BaseModel]] = {
    "price_base": schema.PriceBase,
    "horizon": schema.HorizonEntry,
    "dependence": schema.Dependence,
}
_KINDS = {
    "string": "text",
    "model": "keys and values",
    "dict": "keys and values",
    "mapping": "keys and values",
    "list": "a list",
    "tuple": "a list",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date such as 2026-01-31",
    "none": "nothing",
}


def validate_structure(draft: Draft) -> None:
    """Validate the whole file; where that fails, keep each entry that is sound by itself."""
    root = draft.document.root
    try:
        draft.programme = schema.Programme.model_validate(root)
    except ValidationError as error:
        report_validation(draft, error, schema.Programme, lambda loc: loc)
    whole = draft.programme
    for name, model in _SINGLE.items():
        setattr(draft, name, getattr(whole, name) if whole else _sound(model, root.get(name)))
    for name, model in _SECTIONS.items():
        if whole is not None:
            setattr(draft, name, dict(getattr(whole, name)))
            continue
        entries = root.get(name)
        found = {} if not isinstance(entries, dict) else {k: _sound(model, v) for k, v in entries.items()}
        setattr(draft, name, {k: v for k, v in found.items() if v is not None})
    if whole is not None:
        draft.claims = dict(enumerate(whole.claims))
    elif isinstance(root.get("claims"), list):
        claims = {index: _sound(schema.Claim, entry) for index, entry in enumerate(root["claims"])}
        draft.claims = {index: claim for index, claim in claims.items() if claim is not None}


def _sound(model: type[BaseModel], value: Any) -> Any:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def report_validation(
    draft: Draft,
    error: ValidationError,
    model: type[BaseModel],
    place: Callable[[Path_], Path_],
    roots: Sequence[Path_] = (),
) -> None:
    """Turn pydantic's errors into findings.

    Parameters
    ----------
    model : type
        What was validated; its field names feed "did you mean".
    place : callable
        From pydantic's location to the path in the file.
    roots : sequence of paths
        Where to look for the names that an error about the whole quotes.
    """
    rows: dict[tuple[Path_, bool], list[Any]] = {}
    for row in error.errors(include_url=False):
        if row["type"] == "value_error" and not row["loc"]:
            _report_whole(draft, str(row["ctx"]["error"]), place(()), roots)
            continue
        path = _in_file(draft, place(tuple(row["loc"])))
        single = row["type"] in {"missing", "extra_forbidden"}
        if row["type"] == "missing":
            path = (*path, row["loc"][-1])
        rows.setdefault((path, single), []).append(row)
    for (path, single), group in rows.items():
        kind = group[0]["type"]
        if kind == "extra_forbidden":
            known = keys_at(model, tuple(group[0]["loc"][:-1]))
            hint = did_you_mean(path[-1], known) or f"known here: {', '.join(known)}"
            draft.error("unknown-key", f"unknown key {path[-1]!r}", path, key=True, hint=hint)
        elif single:
            draft.error("missing-key", f"{_called(path[:-1])}{path[-1]!r} is missing", path[:-1], key=True)
        elif group[0]["loc"] and group[0]["loc"][-1] == "[key]":
            draft.error("name", f"{path[-1]!r} is not a good name: {_say(group[0])}", path, key=True)
        else:
            name = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
            text = _say(group[0]) if len(group) == 1 else _say_union(group)
            draft.error("value", f"{name}{text}", path, hint=_hint(group[0]))


def _report_whole(draft: Draft, text: str, path: Path_, roots: Sequence[Path_]) -> None:
    """Report what a model says about its parts together, one finding each, where the quoted name stands."""
    for message in text.split("; "):
        said, _, asked = message.partition(": did you mean ")
        quoted = re.findall(r"'([^']+)'", said)
        found = [
            p for root in roots for p, value in draft.document.walk(root) if quoted and value == quoted[-1]
        ]
        at = next(iter(found), next(iter(roots), path))
        draft.error("value", said, at, hint=f"did you mean {asked}" if asked else "")


def _in_file(draft: Draft, path: Path_) -> Path_:
    """Drop the parts of a location that stand nowhere in the file: missing keys and branches of a union."""
    kept: Path_ = ()
    for part in path:
        here = draft.document.get(kept)
        if (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        ):
            kept = (*kept, part)
    return kept


def _called(path: Path_) -> str:
    words = [str(part) for part in path if isinstance(part, str)]
    return f"{'.'.join(words)}: " if words else ""


def _say(row: Any) -> str:
    context = row.get("ctx", {})
    match row["type"]:
        case "string_pattern_mismatch":
            return f"{_short(row['input'])} does not match {context['pattern']}"
        case "literal_error":
            return f"expected {context['expected']}, got {_short(row['input'])}"
        case "too_short":
            return f"expected at least {context['min_length']} entry, got {context['actual_length']}"
        case "value_error":
            return str(context.get("error", row["msg"]))
    for ending in ("_type", "_parsing", "_from_float"):
        kind = row["type"].removesuffix(ending)
        if kind != row["type"] and kind in _KINDS:
            return f"expected {_KINDS[kind]}, got {_short(row['input'])}"
    if row["msg"].startswith("Input should be"):
        return f"expected {row['msg'].removeprefix('Input should be ')}, got {_short(row['input'])}"
    return str(row["msg"])


def _say_union(rows: list[Any]) -> str:
    kinds = [_KINDS.get(row["type"].rsplit("_", 1)[0], "") for row in rows]
    if all(kinds):
        return f"expected {' or '.join(dict.fromkeys(kinds))}, got {_short(rows[0]['input'])}"
    return "; or ".join(dict.fromkeys(_say(row) for row in rows))


def _hint(row: Any) -> str:
    if row["type"] == "literal_error" and isinstance(row["input"], str):
        return did_you_mean(row["input"], re.findall(r"'([^']*)'", row["ctx"]["expected"]))
    if row["type"] == "string_type" and isinstance(row["input"], (int, float)):
        return "put it in quotes"
    return ""


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "keys and values" if isinstance(value, dict) else "a list"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= 40 else text[:37] + "..."


def keys_at(model: type[BaseModel], loc: Path_) -> list[str]:
    """Return the keys a file may write at a location below a model."""
    state: list[Any] = [model]
    for part in loc:
        state = [found for annotation in state for found in _step(annotation, part)] or state
    models = [found for annotation in state for found in _models(annotation)]
    return [entry.alias or name for found in models for name, entry in found.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in {Annotated, Union, UnionType}:
        return [found for part in get_args(annotation) for found in _models(part)]
    return []


def _step(annotation: Any, part: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [e.annotation for name, e in annotation.model_fields.items() if part in {name, e.alias}]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Annotated, Union, UnionType}:
        return [found for choice in inner for found in _step(choice, part)]
    if origin is dict and isinstance(part, str):
        return [inner[1]]
    if origin in {list, tuple} and isinstance(part, int):
        return [inner[0]]
    return []
