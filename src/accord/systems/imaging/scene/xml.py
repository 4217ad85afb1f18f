"""XML from outside: no entities, no network, no giants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accord.errors import FileError

__all__ = ["LIMIT_BYTES", "number", "numbers", "parse", "text"]

LIMIT_BYTES = 64_000_000  # the largest calibration table of a product is 2 MB


def parse(source: Path | bytes, name: str = "") -> Any:
    """Return the root element of an XML file.

    Raises
    ------
    FileError
        When it cannot be read, is too large, is not well-formed, or declares a document type (where entity bombs
        live; no product of ours has one).
    """
    from lxml import etree

    label = name or str(source if isinstance(source, Path) else "XML")
    try:
        body = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise FileError(f"{label}: cannot be read: {error.strerror or error}") from error
    if len(body) > LIMIT_BYTES:
        raise FileError(f"{label}: {len(body)} bytes of XML, expected at most {LIMIT_BYTES}")
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body:
        raise FileError(
            f"{label}: declares a document type or entities, which no product metadata needs: refused"
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise FileError(f"{label}: not well-formed XML: {error.msg}") from error


def text(root: Any, path: str, label: str, default: str | None = None) -> str:
    """Return the text of the first element at `path`, namespaces written as ``{*}``.

    Raises
    ------
    FileError
        When it is absent and there is no default.
    """
    found = root.find(path)
    if found is None or found.text is None:
        if default is None:
            raise FileError(f"{label}: no element {path.replace('{*}', '')}")
        return default
    return str(found.text).strip()


def number(root: Any, path: str, label: str, default: float | None = None) -> float:
    """Return the number at `path`.

    Raises
    ------
    FileError
        When it is absent (without default) or not a number.
    """
    found = text(root, path, label, None if default is None else repr(default))
    try:
        return float(found)
    except ValueError:
        raise FileError(f"{label}: {path}: expected a number, found {found[:40]!r}") from None


def numbers(root: Any, path: str, label: str) -> list[float]:
    """Return the blank-separated numbers at `path`.

    Raises
    ------
    FileError
        When it is absent or holds anything else.
    """
    found = text(root, path, label)
    try:
        return [float(part) for part in found.split()]
    except ValueError:
        raise FileError(f"{label}: {path}: expected numbers, found {found[:40]!r}") from None
