"""The data formats of ETSI GS QKD 014 V1.1.1: requests read strictly, answers as printed in its clause 6."""

from __future__ import annotations

import re
import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.tools.keys.http import HttpError, Request, strict_json

__all__ = ["SAE_ID", "KeyRequest", "container", "error_body", "key_ids", "key_request"]

SAE_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
_MOST_IDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """What an application asks for.

    Attributes
    ----------
    number : int
    size : int
        Bits of a key.
    additional : tuple of str
        Further slave SAEs.
    """

    number: int
    size: int
    additional: tuple[str, ...] = ()


def error_body(message: str, details: Iterable[str] = ()) -> dict[str, Any]:
    """Return the error format."""
    body: dict[str, Any] = {"message": message}
    rows = [{"detail": text} for text in details]
    if rows:
        body["details"] = rows
    return body


def container(keys: Sequence[tuple[str, bytes]], *, simulated: bool) -> dict[str, Any]:
    """Return a key container; keys of a simulated source say so, and so does the container."""
    rows: list[dict[str, Any]] = []
    for name, material in keys:
        row: dict[str, Any] = {"key_ID": name, "key": b64encode(material).decode()}
        if simulated:
            row["key_extension"] = {"simulated": True}
        rows.append(row)
    body: dict[str, Any] = {"keys": rows}
    if simulated:
        body["key_container_extension"] = {"simulated": True}
    return body


def key_request(request: Request, *, size: int, smallest: int, largest: int, most: int) -> KeyRequest:
    """Return what a Get key request asks for.

    Parameters
    ----------
    size, smallest, largest : int
        Bits of a key where none is given, and its limits.
    most : int
        Keys at once.

    Raises
    ------
    HttpError
        With status 400, naming the field.
    """
    fields = _fields(request, {"number": int, "size": int})
    known = {"number", "size", "additional_slave_SAE_IDs", "extension_mandatory", "extension_optional"}
    _refuse_unknown(fields, known)
    number = _whole(fields, "number", 1)
    bits = _whole(fields, "size", size)
    if bits % 8:
        raise HttpError(400, "size shall be a multiple of 8", f"size is {bits}")
    if not smallest <= bits <= largest:
        raise HttpError(400, f"size shall be from {smallest} to {largest}", f"size is {bits}")
    if not 1 <= number <= most:
        raise HttpError(400, f"number shall be from 1 to {most}", f"number is {number}")
    for extension in _list(fields, "extension_mandatory", dict):
        names = ", ".join(sorted(map(str, extension))) or "an empty one"
        raise HttpError(400, "not all extension_mandatory parameters are supported", names[:200])
    _list(fields, "extension_optional", dict)  # read for its form; none is known here, so none takes effect
    additional = tuple(_list(fields, "additional_slave_SAE_IDs", str))
    if len(set(additional)) != len(additional):
        raise HttpError(400, "additional_slave_SAE_IDs names one twice")
    return KeyRequest(number=number, size=bits, additional=additional)


def key_ids(request: Request, *, most: int) -> list[str]:
    """Return the key_IDs of a Get key with key IDs request, in canonical form.

    Raises
    ------
    HttpError
        With status 400.
    """
    if request.method == "GET":
        if [name for name, _ in request.query] != ["key_ID"]:
            raise HttpError(400, "GET takes one key_ID")
        given: list[Any] = [request.query[0][1]]
    else:
        fields = _fields(request, {})
        _refuse_unknown(fields, {"key_IDs", "key_IDs_extension"})
        rows = _list(fields, "key_IDs", dict)
        if any(set(row) - {"key_ID", "key_ID_extension"} for row in rows):
            raise HttpError(400, "key_IDs: a member is not known")
        given = [row.get("key_ID") for row in rows]
    if not 1 <= len(given) <= min(most, _MOST_IDS):
        raise HttpError(400, f"from 1 to {most} key_IDs are expected", f"{len(given)} are given")
    found = [_uuid(name) for name in given]
    if len(set(found)) != len(found):
        raise HttpError(400, "a key_ID is named twice")
    return found


def _uuid(name: Any) -> str:
    if not isinstance(name, str) or not re.fullmatch(
        r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", name
    ):
        raise HttpError(400, "a key_ID is no UUID")
    return str(uuid.UUID(name))


def _fields(request: Request, in_query: Mapping[str, type]) -> dict[str, Any]:
    if request.method == "GET":
        names = [name for name, _ in request.query]
        if len(set(names)) != len(names):
            raise HttpError(400, "the query names a parameter twice")
        _refuse_unknown(dict(request.query), set(in_query))
        for name, text in request.query:
            if not re.fullmatch(r"[0-9]{1,12}", text):
                raise HttpError(400, f"{name} is no whole number")
        return {name: int(text) for name, text in request.query}
    if request.query:
        raise HttpError(400, "POST takes its parameters in the body")
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if request.body and kind != "application/json":
        raise HttpError(400, "the body shall be application/json")
    body = strict_json(request.body) if request.body else {}
    if not isinstance(body, dict):
        raise HttpError(400, "the body shall be a JSON object")
    return body


def _refuse_unknown(fields: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(fields) - known)
    if unknown:
        raise HttpError(400, "a parameter is not known", ", ".join(unknown)[:200])


def _whole(fields: Mapping[str, Any], name: str, default: int) -> int:
    value = fields.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise HttpError(400, f"{name} is no whole number")
    return value


def _list(fields: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, kind) for v in value):
        raise HttpError(400, f"{name} shall be a list of {'objects' if kind is dict else 'texts'}")
    return value
