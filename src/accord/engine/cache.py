"""Prepared designs, kept by the hash of everything they depend on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from accord.contract.results import port_arrays
from accord.engine.mappings import named_files, read_mapping, write_mapping
from accord.engine.records import Node
from accord.errors import FileError

__all__ = ["cache_folder", "code_hash", "fetch", "keep", "prepared_key"]

_CAP_BYTES = 2 * 1024**3


def cache_folder() -> Path:
    """Return where prepared designs are kept: ``ACCORD_CACHE``, else the user's cache folder."""
    given = os.environ.get("ACCORD_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "accord"


@cache
def code_hash(kind: str) -> str:
    """Return a hash of the code and data a system's numbers come from: its folder and the shared physics."""
    digest = blake2b(digest_size=16)
    for root in (files("accord.systems") / kind, files("accord.physics")):
        base = Path(str(root))
        for path in sorted(base.rglob("*")):
            if path.suffix in {".py", ".yaml", ".csv", ".json", ".txt", ".npz"} and path.is_file():
                digest.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def prepared_key(node: Node, ports: Mapping[str, Any], folder: Path) -> str:
    """Return the cache key of a node's ``prepare``: system, version, code, design, files, ports and libraries."""
    assert node.system is not None
    assert node.design is not None
    design = node.design.model_dump(mode="json", by_alias=True, fallback=str)
    digest = blake2b(digest_size=16)
    head = {
        "kind": node.kind,
        "version": node.system.version,
        "code": code_hash(node.kind),
        "design": design,
        "fixed": dict(node.fixed),
        "libraries": {name: version(name) for name in ("numpy", "scipy", "numba", "sgp4")},
    }
    digest.update(json.dumps(head, sort_keys=True).encode())
    for name, content in named_files(design, folder).items():
        digest.update(name.encode() + content)
    for name, value in sorted(ports.items()):
        digest.update(name.encode())
        for field, part in port_arrays(value).items():
            digest.update(field.encode())
            digest.update(
                np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else repr(part).encode()
            )
    return digest.hexdigest()


def fetch(key: str) -> dict[str, Any] | None:
    """Return a kept mapping, or None; a damaged entry is thrown away and computed again."""
    folder = cache_folder() / key
    if not folder.is_dir():
        return None
    try:
        found = read_mapping(folder)
        os.utime(folder)
    except (FileError, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return found


def keep(key: str, mapping: Mapping[str, Any]) -> None:
    """Keep a mapping; where the cache cannot be written the run goes on without it."""
    final = cache_folder() / key
    beside = cache_folder() / f"{key}.{os.getpid()}.part"
    try:
        write_mapping(beside, mapping)
        if not final.exists():
            beside.replace(final)
        _trim()
    except (OSError, FileError):
        pass
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _trim() -> None:
    entries = [
        (p.stat().st_mtime, sum(f.stat().st_size for f in p.iterdir()), p)
        for p in cache_folder().iterdir()
        if p.is_dir()
    ]
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries, key=lambda e: e[0]):
        if total <= _CAP_BYTES:
            break
        shutil.rmtree(path, ignore_errors=True)
        total -= size
