"""HTTP/1.1 as far as a key server needs it, strict: what is unclear is refused, what is slow is cut off.

RFC 9112. Not understood on purpose: transfer codings, upgrades, trailers, continuation lines, pipelined bodies on GET.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from accord.errors import AccordError

__all__ = ["HttpError", "Limits", "Request", "encode", "read_answer", "read_request", "strict_json"]

_TOKEN = re.compile(r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


class HttpError(AccordError):
    """A request that gets an error answer.

    Parameters
    ----------
    status : int
    message : str
        Of the answer's body, with ``details`` beside it.
    close : bool
        Whether the connection ends after it, because its framing is in doubt.
    """

    def __init__(self, status: int, message: str, *details: str, close: bool = False) -> None:
        super().__init__(message)
        self.status, self.message, self.details, self.close = status, message, details, close


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may take."""

    head_bytes: int = 16_384
    headers: int = 64
    body_bytes: int = 262_144
    request_s: float = 10.0
    idle_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """One request.

    Attributes
    ----------
    parts : tuple of str
        Path, decoded piece by piece.
    query : tuple of (str, str)
    """

    method: str
    parts: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep_alive: bool = True


async def read_request(reader: asyncio.StreamReader, limits: Limits) -> Request | None:
    """Return the next request of a connection, None at its end or after a long silence.

    Raises
    ------
    HttpError
        When it is malformed, too large, or not complete in time.
    """
    first = b""
    try:
        async with asyncio.timeout(limits.idle_s) as deadline:
            first = await reader.read(1)
            if not first:
                return None
            # from here on for all of it, however steadily it drips
            deadline.reschedule(asyncio.get_running_loop().time() + limits.request_s)
            return await _read(first, reader, limits)
    except TimeoutError:
        if not first:
            return None
        raise HttpError(408, "the request did not arrive in time", close=True) from None
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise HttpError(431, f"more than {limits.head_bytes} bytes of header", close=True) from None


async def _read(first: bytes, reader: asyncio.StreamReader, limits: Limits) -> Request:
    head = first + await reader.readuntil(b"\r\n\r\n")
    if len(head) > limits.head_bytes:
        raise HttpError(431, f"more than {limits.head_bytes} bytes of header", close=True)
    method, target, headers = _parse_head(head, limits)
    length = _body_length(headers)
    if length > limits.body_bytes:
        raise HttpError(
            413, f"a body of {length} bytes, at most {limits.body_bytes} are accepted", close=True
        )
    if length and method != "POST":
        raise HttpError(400, f"{method} with a body", close=True)
    body = await reader.readexactly(length) if length else b""
    path, _, query = target.partition("?")
    if not path.startswith("/") or "#" in target:
        raise HttpError(400, "the path must begin with a slash", close=True)
    try:
        parts = tuple(unquote(p, errors="strict") for p in path[1:].split("/"))
        pairs = tuple(parse_qsl(query, True, True, errors="strict", max_num_fields=256)) if query else ()
    except ValueError:
        raise HttpError(400, "the path or query is not properly encoded UTF-8") from None
    return Request(
        method=method,
        parts=parts,
        query=pairs,
        headers=headers,
        body=body,
        keep_alive=headers.get("connection", "").lower() != "close",
    )


def _parse_head(head: bytes, limits: Limits) -> tuple[str, str, dict[str, str]]:
    try:
        lines = head[:-4].decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise HttpError(400, "the header is not ASCII", close=True) from None
    words = lines[0].split(" ")
    if len(words) != 3 or not _TOKEN.match(words[0]) or any(c < "!" or c > "~" for c in words[1]):
        raise HttpError(400, "the first line is no HTTP request", close=True)
    method, target, version = words
    if version != "HTTP/1.1":
        raise HttpError(505, "only HTTP/1.1 is spoken here", close=True)
    if len(lines) - 1 > limits.headers:
        raise HttpError(431, f"more than {limits.headers} header fields", close=True)
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.match(name) or any(c < " " and c != "\t" for c in value):
            raise HttpError(400, "a header field is malformed", close=True)
        name = name.lower()
        if name in headers and name in ("content-length", "host", "content-type", "transfer-encoding"):
            raise HttpError(400, f"header field {name} twice", close=True)
        headers[name] = value.strip(" \t")
    if "host" not in headers:
        raise HttpError(400, "header field host is missing", close=True)
    return method, target, headers


def _body_length(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise HttpError(501, "transfer codings are not understood: send content-length", close=True)
    text = headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise HttpError(400, "content-length is no number", close=True)
    return int(text)


def strict_json(raw: bytes) -> Any:
    """Return the value of a JSON text without repeated keys, NaN or bytes that are not UTF-8.

    Raises
    ------
    HttpError
        With status 400.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise HttpError(400, "the body names a key twice")
        return found

    def refuse(text: str) -> Any:
        raise HttpError(400, f"{text} is no JSON number")

    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    except UnicodeDecodeError:
        raise HttpError(400, "the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise HttpError(400, "the body is not JSON") from None


def encode(status: int, body: Any, *, keep_alive: bool) -> bytes:
    """Return an answer with a JSON body."""
    text = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\ncache-control: no-store\r\n"
        f"content-length: {len(text)}\r\nconnection: {'keep-alive' if keep_alive else 'close'}\r\n\r\n"
    )
    return head.encode() + text


async def read_answer(reader: asyncio.StreamReader, most_bytes: int) -> tuple[int, Any]:
    """Return status and body of another server's answer.

    Raises
    ------
    OSError, asyncio.IncompleteReadError, HttpError, ValueError
        When it is none.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii", "strict").split("\r\n")
    match = re.fullmatch(r"HTTP/1\.1 ([0-9]{3})(?: .*)?", head[0])
    fields = dict(line.lower().split(":", 1) for line in head[1:-2])
    if match is None or not re.fullmatch(r" *[0-9]{1,9} *", fields.get("content-length", "")):
        raise ValueError("no HTTP answer")
    length = int(fields["content-length"])
    if length > most_bytes:
        raise ValueError("an answer too long")
    return int(match[1]), strict_json(await reader.readexactly(length))
