"""Read tables that R has saved (``.rda``, XDR format), so that published data can be used as they were published.

Only what tables are made of: vectors of numbers, text, truth values and factors, and lists of them. Functions,
environments and other languages objects are refused. The format is described in R Core Team, R Internals, section
1.8 (serialization formats).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import FileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_rda"]

_NULL, _SYMBOL, _PAIRS, _TEXT_ITEM, _LOGICAL, _INTEGER, _REAL = 254, 1, 2, 9, 10, 13, 14
_TEXT, _LIST, _REFERENCE, _NULL_VALUE, _MISSING = 16, 19, 255, 0, -(2**31)
_OPENERS = ((b"BZh", bz2.decompress), (b"\x1f\x8b", gzip.decompress), (b"\xfd7zXZ", lzma.decompress))


def read_rda(path: Path) -> dict[str, dict[str, NDArray[Any]]]:
    """Return every table of a file: its name, and its columns by name.

    Parameters
    ----------
    path : path
        Compressed or plain, saved by R as version 2 or 3 in the XDR format (what ``save`` writes by default).

    Returns
    -------
    dict of str to dict of str to array
        Numbers as float arrays with NaN for missing ones, text and factors as arrays of text.

    Raises
    ------
    FileError
        When the file cannot be read, is of another format, is cut short or holds something else than tables.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        for mark, unpack in _OPENERS:
            if content.startswith(mark):
                content = unpack(content)
        if content[:7] not in (b"RDX2\nX\n", b"RDX3\nX\n"):
            raise FileError(f"{path}: expected tables saved by R (RDX2 or RDX3 in XDR)")
        saved = _Reader(content, 7).everything()
    except (struct.error, IndexError, EOFError, ValueError, OSError, lzma.LZMAError) as error:
        raise FileError(f"{path}: damaged or cut short: {error}") from error
    except NotImplementedError as error:
        raise FileError(f"{path}: {error}") from None
    return {name: value for name, value in saved.items() if isinstance(value, dict)}


class _Reader:
    """One pass through the bytes."""

    def __init__(self, content: bytes, at: int) -> None:
        self.content, self.at = content, at
        self.symbols: list[str] = []

    def integer(self) -> int:
        value: int = struct.unpack_from(">i", self.content, self.at)[0]
        self.at += 4
        return value

    def everything(self) -> dict[str, Any]:
        version = self.integer()
        self.at += 8  # versions of the writing and of the oldest reading program
        if version == 3:
            size = self.integer()  # of the name of the native encoding
            self.at += size
        value = self.item()
        return value if isinstance(value, dict) else {}

    def item(self) -> Any:
        flags = self.integer()
        kind, has_attributes, has_tag = flags & 255, bool(flags & 512), bool(flags & 1024)
        if kind in {_NULL, _NULL_VALUE}:
            return None
        if kind == _REFERENCE:
            return self.symbols[(flags >> 8 or self.integer()) - 1]
        if kind == _SYMBOL:
            self.symbols.append(str(self.item()))
            return self.symbols[-1]
        if kind == _PAIRS:
            return self.pairs(has_attributes, has_tag)
        if kind == _TEXT_ITEM:
            return self.text()
        value = self.vector(kind)
        return self.dressed(value, self.item()) if has_attributes else value

    def pairs(self, has_attributes: bool, has_tag: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            if has_attributes:
                self.item()
            tag = str(self.item()) if has_tag else ""
            found[tag] = self.item()
            flags = self.integer()
            if flags & 255 in {_NULL, _NULL_VALUE}:
                return found
            if flags & 255 != _PAIRS:
                raise NotImplementedError(f"a list ends in an object of type {flags & 255}")
            has_attributes, has_tag = bool(flags & 512), bool(flags & 1024)

    def text(self) -> str | None:
        size = self.integer()
        if size < 0:
            return None
        piece = self.content[self.at : self.at + size]
        if len(piece) < size:
            raise EOFError("text runs past the end")
        self.at += size
        return piece.decode("utf-8", errors="replace")

    def vector(self, kind: int) -> Any:
        if kind not in {_LOGICAL, _INTEGER, _REAL, _TEXT, _LIST}:
            raise NotImplementedError(f"an object of type {kind} is not part of a table")
        size = self.integer()
        if kind == _LIST:
            return [self.item() for _ in range(size)]
        if kind == _TEXT:
            words = [self.item() for _ in range(size)]
            return np.array(["" if word is None else word for word in words])
        width = 8 if kind == _REAL else 4
        if size < 0 or self.at + width * size > len(self.content):
            raise EOFError("a column runs past the end")
        raw = np.frombuffer(self.content, ">f8" if kind == _REAL else ">i4", size, self.at)
        self.at += width * size
        numbers = raw.astype(float)
        return numbers if kind == _REAL else np.where(raw == _MISSING, np.nan, numbers)

    def dressed(self, value: Any, attributes: dict[str, Any]) -> Any:
        """Return a list with names as columns, and a factor as its words."""
        names, levels = attributes.get("names"), attributes.get("levels")
        if isinstance(value, list) and names is not None:
            return dict(zip(names.tolist(), value, strict=True))
        if levels is not None:
            words = np.append(levels, "")
            return words[np.where(np.isnan(value), len(levels), value - 1).astype(int)]
        return value
