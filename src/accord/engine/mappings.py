"""Write a mapping of arrays, numbers, text and nested lists as plain files, and read it back: never pickle."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from accord.errors import FileError

__all__ = ["named_files", "read_json", "read_mapping", "write_bytes", "write_json", "write_mapping"]


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it, so that it is never half there.

    Raises
    ------
    FileError
        When the folder cannot be made or the file cannot be written; nothing is left beside it.
    """
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # what stopped the writing may stop the tidying too
            beside.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written: {error.strerror}") from error


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys and a final newline; NaN and infinity are refused."""
    text = json.dumps(value, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False, default=_plain)
    write_bytes(path, (text + "\n").encode())


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises
    ------
    FileError
        When the file is absent or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, set)):
        return list(value)
    raise TypeError(f"not plain data: {type(value).__name__}")


def write_mapping(folder: Path, mapping: Mapping[str, Any]) -> None:
    """Write ``mapping.json`` and one ``.npy`` an array; the JSON is written last and marks completion."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0

    def strip(value: Any) -> Any:
        nonlocal count
        if isinstance(value, np.ndarray):
            name = f"a{count:04d}.npy"
            count += 1
            np.save(folder / name, value, allow_pickle=False)
            return {"$array": name}
        if isinstance(value, Mapping):
            # sorted, so that a mapping read back and written again has the same files
            return {str(k): strip(value[k]) for k in sorted(value, key=str)}
        if isinstance(value, (list, tuple)):
            return [strip(v) for v in value]
        return value

    write_json(folder / "mapping.json", strip(mapping))


def read_mapping(folder: Path) -> dict[str, Any]:
    """Read what `write_mapping` wrote; arrays are memory-mapped, read-only.

    Raises
    ------
    FileError
        When anything is missing or damaged.
    """

    def restore(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"$array"}:
                return np.load(folder / value["$array"], mmap_mode="r", allow_pickle=False)
            return {k: restore(v) for k, v in value.items()}
        if isinstance(value, list):
            return [restore(v) for v in value]
        return value

    try:
        restored: dict[str, Any] = restore(read_json(folder / "mapping.json"))
    except (OSError, ValueError, EOFError) as error:
        raise FileError(f"{folder}: damaged: {error}") from error
    return restored


def named_files(value: Any, folder: Path) -> dict[str, bytes]:
    """Return the content of every file beneath `folder` that some text in `value` names, by relative path."""
    found: dict[str, bytes] = {}
    root = folder.resolve()

    def look(part: Any) -> None:
        if isinstance(part, Mapping):
            for child in part.values():
                look(child)
        elif isinstance(part, (list, tuple)):
            for child in part:
                look(child)
        elif isinstance(part, str) and 0 < len(part) < 200 and "\n" not in part and "." in part:
            path = (folder / part).resolve()
            if path.is_relative_to(root) and path.is_file():
                found[part] = path.read_bytes()

    look(value)
    return dict(sorted(found.items()))
