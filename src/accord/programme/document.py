"""Strict YAML: bytes in, plain Python values out, with the line and column of every key and value.

PyYAML's C parser (its pure one where libyaml is absent) only delivers events; scalars are resolved here by
the core schema of YAML 1.2.2, section 10.3.2, because the stock constructors read ``NO`` as false, ``1e6`` as
text and ``12:30:00`` as 45000, and keep the last of two equal keys in silence.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from accord.contract import Finding
from accord.errors import FileError

__all__ = ["Document", "Mark", "parse_text", "read_bytes", "read_document"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_NODES = 50_000  # a page of 400 lines has about 3 000; aliases count as what they expand to

Path_ = tuple[str | int, ...]
Mark = tuple[int, int, int, int]  # line and column of the key, line and column of the value, from 1

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCT = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^\s])", re.MULTILINE)
_LARGEST = 2**63 - 1

_HINTS = (
    ("mapping values are not allowed", "quote a text that contains ': '"),
    ("did not find expected key", "check the indentation, and quote texts that contain ': ' or quotes"),
    ("could not find expected ':'", "check the indentation and the quotes above this line"),
    ("cannot start any token", "quote texts that start with %, @ or a backtick"),
    ("did not find expected ',' or", "close the bracket, and quote texts that contain commas"),
    ("found unexpected end of stream", "a quote is not closed"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its root value and where everything in it stands."""

    file: str
    root: Any
    marks: dict[int, dict[str | int, Mark]] = field(repr=False)

    def mark(self, path: Sequence[str | int]) -> Mark:
        """Return the mark of a path, or of its nearest ancestor that exists in the file."""
        here, found = self.root, (1, 1, 1, 1)
        for part in path:
            below = self.marks.get(id(here), {})
            if part not in below:
                break
            found = below[part]
            here = here[part]
        return found

    def place(self, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Return line and column of a value, or of its key."""
        key_line, key_column, line, column = self.mark(path)
        return (key_line, key_column) if key else (line, column)

    def get(self, path: Sequence[str | int], default: Any = None) -> Any:
        """Return the value at a path, or `default`."""
        here = self.root
        for part in path:
            inside = (
                part in here
                if isinstance(here, dict)
                else isinstance(here, list) and part in range(len(here))
            )
            if not inside:
                return default
            here = here[part]
        return here

    def walk(self, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
        """Yield every (path, value) at and below a path, in the order of the file."""
        here = self.get(path)
        yield path, here
        keys: Any = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for part in keys:
            yield from self.walk((*path, part))


class _Stop(Exception):  # noqa: N818 - ends the reading, never leaves this module
    """Nothing after this place can be read; the finding is already recorded."""


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a regular file of at most 1 MB.

    Raises
    ------
    FileError
        For what is missing, unreadable, not a regular file (a pipe would wait for ever) or too large.
    """
    shown = os.fspath(path)
    try:
        handle = os.open(shown, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError:
        raise FileError("the path contains a null character") from None
    except OSError as error:
        raise FileError(_reason(error)) from None
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise FileError("is a directory, expected a programme file")
        if not stat.S_ISREG(mode):
            raise FileError("is not a regular file")
        with os.fdopen(os.dup(handle), "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(_reason(error)) from None
    finally:
        os.close(handle)
    if len(content) > MAX_BYTES:
        raise FileError(f"is larger than {MAX_BYTES // 1_000_000} MB, the limit for a programme file")
    return content


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, IsADirectoryError):
        return "is a directory, expected a programme file"
    return (error.strerror or str(error)).lower()


def read_document(path: str | os.PathLike[str]) -> tuple[Document | None, list[Finding], bytes]:
    """Read a file; the document is None when nothing could be made of it."""
    name = os.fspath(path)
    try:
        content = read_bytes(path)
    except FileError as error:
        return None, [Finding(level="error", code="file", message=str(error), file=name)], b""
    document, findings = parse_text(content, name)
    return document, findings, content


def parse_text(content: bytes | str, file: str = "<text>") -> tuple[Document | None, list[Finding]]:
    """Parse the bytes or text of one YAML document whose root is a mapping.

    Returns
    -------
    (Document or None, list of Finding)
        Duplicate keys, tags and numbers that are not finite are reported and reading goes on; a syntax error
        ends it.
    """
    reader = _Reader(file)
    try:
        text = reader.decode(content) if isinstance(content, bytes) else content
        reader.refuse_characters(text)
        root = reader.read(text)
    except _Stop:
        return None, reader.findings
    return Document(file, root, reader.marks), reader.findings


def _loader_class() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Reader:
    """One pass over the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.marks: dict[int, dict[str | int, Mark]] = {}
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.aliases = 0
        self.nodes = 0
        self.loader: Any = None

    def report(self, code: str, message: str, line: int, column: int, hint: str = "") -> None:
        finding = Finding(
            level="error", code=code, message=message, file=self.file, line=line, column=column, hint=hint
        )
        self.findings.append(finding)

    def stop(self, code: str, message: str, line: int, column: int, hint: str = "") -> _Stop:
        self.report(code, message, line, column, hint)
        return _Stop()

    def decode(self, content: bytes) -> str:
        if content.startswith(b"\xef\xbb\xbf"):
            raise self.stop("encoding", "starts with a byte order mark: save it as plain UTF-8", 1, 1)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            column = error.start - content.rfind(b"\n", 0, error.start)
            message = f"is not UTF-8: byte 0x{content[error.start]:02x} cannot be read"
            raise self.stop("encoding", message, line, column) from None

    def refuse_characters(self, text: str) -> None:
        for pattern, code, what in (
            (_CONTROL, "character", "control character U+{0:04X} is not allowed"),
            (_TAB_INDENT, "tab", "a tab indents this line: use spaces"),
        ):
            match = pattern.search(text)
            if match is not None:
                line = text.count("\n", 0, match.start()) + 1
                column = match.start() - text.rfind("\n", 0, match.start())
                raise self.stop(code, what.format(ord(match[0][0])), line, column)

    def read(self, text: str) -> Any:
        self.loader = _loader_class()(text)
        try:
            return self.document()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            problem = str(
                getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
            )
            hint = next((hint for part, hint in _HINTS if part in problem), "")
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
            raise self.stop("syntax", f"not YAML: {problem}", line, column, hint) from None
        finally:
            self.loader.dispose()

    def document(self) -> Any:
        self.loader.get_event()  # the stream starts
        start = self.loader.get_event()
        if isinstance(start, yaml.StreamEndEvent):
            raise self.stop("empty", "the file is empty", 1, 1)
        if start.version is not None and tuple(start.version) != (1, 2):
            self.report("directive", "only YAML 1.2 is read", start.start_mark.line + 1, 1)
        if start.tags:
            self.report("directive", "tag directives are not allowed", start.start_mark.line + 1, 1)
        event = self.loader.get_event()
        place = event.start_mark.line + 1, event.start_mark.column + 1
        root, _ = self.node(event, 1)
        if root is None:
            raise self.stop("empty", "the file is empty", 1, 1)
        if not isinstance(root, dict):
            kind = "a list" if isinstance(root, list) else "a single value"
            raise self.stop("root", f"expected keys such as 'title: ...' at the top, got {kind}", *place)
        self.loader.get_event()  # the document ends
        further = self.loader.get_event()
        if not isinstance(further, yaml.StreamEndEvent):
            line, column = further.start_mark.line + 1, further.start_mark.column + 1
            raise self.stop("documents", "a second document starts here: expected one per file", line, column)
        return root

    def node(self, event: Any, depth: int) -> tuple[Any, int]:
        """Return the value that starts with this event, and how many values it expands to."""
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event.anchor, line, column)
        if event.tag is not None:
            self.report("tag", f"tags such as {event.tag} are not allowed", line, column, "remove the tag")
        if depth > MAX_DEPTH:
            raise self.stop("depth", f"nested deeper than {MAX_DEPTH} levels", line, column)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value, size = self.scalar(event, line, column), 1
        elif isinstance(event, yaml.MappingStartEvent):
            value, size = self.mapping(depth)
        else:
            value, size = self.sequence(depth)
        self.count(1, line, column)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, size)
        return value, size

    def count(self, more: int, line: int, column: int) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            raise self.stop("size", f"holds more than {MAX_NODES} values", line, column)

    def alias(self, name: str | None, line: int, column: int) -> tuple[Any, int]:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise self.stop("aliases", f"more than {MAX_ALIASES} aliases", line, column)
        if name is None or name not in self.anchors:
            raise self.stop("alias", f"*{name} has no anchor &{name} before it", line, column)
        known = self.anchors[name]
        if known is None:
            raise self.stop("alias", f"*{name} stands inside its own anchor", line, column)
        self.count(known[1], line, column)
        return known

    def sequence(self, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        places: dict[str | int, Mark] = {}
        size = 1
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            places[len(items)] = (line, column, line, column)
            value, inside = self.node(event, depth + 1)
            items.append(value)
            size += inside
        self.marks[id(items)] = places
        return items, size

    def mapping(self, depth: int) -> tuple[dict[str, Any], int]:
        items: dict[str, Any] = {}
        places: dict[str | int, Mark] = {}
        size = 1
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            key_line, key_column = event.start_mark.line + 1, event.start_mark.column + 1
            key = self.key(event, depth)
            event = self.loader.get_event()
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            value, inside = self.node(event, depth + 1)
            size += inside
            if key is None:
                continue
            if key in places:
                first = places[key][0]
                message = f"{key!r} is set twice, in lines {first} and {key_line}: remove one"
                self.report("duplicate-key", message, key_line, key_column)
                continue
            items[key] = value
            places[key] = (key_line, key_column, line, column)
        self.marks[id(items)] = places
        return items, size

    def key(self, event: Any, depth: int) -> str | None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if not isinstance(event, yaml.ScalarEvent):
            self.report("key", "expected a word as key", line, column)
            self.node(event, depth + 1)
            return None
        value, _ = self.node(event, depth + 1)
        if value == "<<" and not event.style:
            self.report("merge", "merge keys (<<) are not part of YAML 1.2: write the keys out", line, column)
            return None
        if not isinstance(value, str):
            self.report("key", f"expected a word as key, got {event.value or 'nothing'}", line, column)
            return None
        return value

    def scalar(self, event: Any, line: int, column: int) -> Any:
        text: str = event.value
        hidden = _CONTROL.search(text) if event.style == '"' else None
        if hidden is not None:  # an escape brings in what the text of the file may not hold
            message = f"control character U+{ord(hidden[0]):04X}, written as an escape, is not allowed"
            self.report("character", message, line, column)
            return _CONTROL.sub("", text)
        if not event.implicit[0] or event.tag is not None:
            return text
        if _NOT_FINITE.fullmatch(text):
            self.report("number", f"expected a finite number, got {text}", line, column)
            return 0.0
        value = _core(text)
        too_large = isinstance(value, int) and abs(value) > _LARGEST
        if too_large or (isinstance(value, float) and value in {float("inf"), float("-inf")}):
            shown = text if len(text) <= 24 else text[:21] + "..."
            self.report("number", f"{shown} is too large for a number", line, column)
            return 0
        return value


def _core(text: str) -> Any:
    """Resolve a plain scalar by the core schema (YAML 1.2.2, section 10.3.2)."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text[0] in "tT"
    if _INT.fullmatch(text):
        return int(text) if len(text) < 25 else int(float(text)) if len(text) < 300 else 10**300
    if _OCT.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text[2:], 16)
    return float(text) if _FLOAT.fullmatch(text) else text


def source_name(path: str | os.PathLike[str]) -> str:
    """Return a path as findings show it: relative to the working directory where that is shorter."""
    full = Path(path)
    try:
        return str(full.relative_to(Path.cwd()))
    except ValueError:
        return str(full)
