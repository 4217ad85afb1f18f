"""The working folder of one scene: layers on disc, a journal of finished strips, and where to go on.

A strip is written into its place in each layer's file and then told to the journal with a checksum. After a crash,
a full disc or an interrupt the same request finds the journal, believes those strips whose checksum still holds and
computes the others. Another request, another version or a changed file starts afresh.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import threading
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError
from accord.systems.imaging.scene.grid import Strip

__all__ = ["Work", "fingerprint"]


def fingerprint(request: Mapping[str, Any], files: Iterable[Path]) -> str:
    """Return a hash of a request and of the name, size and time of every file it reads."""
    known = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files if path.exists()]
    text = json.dumps([request, known], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class Work:
    """Layers of one scene on disc.

    Parameters
    ----------
    folder : Path
    width, height : int
    layers : mapping of str to (dtype, bands)
    key : str
        `fingerprint` of the request.

    Raises
    ------
    FileError
        When the disc has no room for the layers.
    """

    def __init__(
        self, folder: Path, width: int, height: int, layers: Mapping[str, tuple[str, int]], key: str
    ) -> None:
        self.folder, self.width, self.height = folder, width, height
        self.layers = {name: (np.dtype(dtype), bands) for name, (dtype, bands) in layers.items()}
        self._lock = threading.Lock()
        self._done: dict[tuple[str, int], dict[str, Any]] = {}
        need = sum(d.itemsize * b for d, b in self.layers.values()) * width * height
        folder.mkdir(parents=True, exist_ok=True)
        if not self._resumed(key):
            for path in folder.iterdir():
                if path.suffix in (".raw", ".jsonl"):
                    path.unlink()
            free = shutil.disk_usage(folder).free
            if need > free:
                raise FileError(
                    f"{folder}: needs {need / 1e9:.1f} GB of disc while it works, {free / 1e9:.1f} GB are free"
                )
            self._append({"key": key})

    def path(self, layer: str) -> Path:
        """Return the raw file of a layer: bands of a strip follow one another, strips follow one another."""
        return self.folder / f"{layer}.raw"

    def finished(self, stage: str, strip: Strip) -> dict[str, Any] | None:
        """Return what was noted of a finished strip, or None."""
        return self._done.get((stage, strip.number))

    def write(
        self,
        stage: str,
        strip: Strip,
        parts: Mapping[str, NDArray[Any]],
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a strip of each layer, shape (rows, width) or (bands, rows, width), and note that it is done.

        Raises
        ------
        FileError
            When the disc is full; what was finished is kept.
        """
        sums = {}
        try:
            for name, part in parts.items():
                dtype, bands = self.layers[name]
                block = np.ascontiguousarray(part, dtype)
                with open(os.open(self.path(name), os.O_RDWR | os.O_CREAT, 0o644), "r+b") as stream:
                    stream.seek(strip.top * self.width * dtype.itemsize * bands)
                    stream.write(block.data)
                sums[name] = zlib.crc32(block.data)
            entry = {"stage": stage, "strip": strip.number, "top": strip.top, "rows": strip.rows, "crc": sums}
            self._append({**entry, "note": dict(note or {})})
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise FileError(
                    f"{self.folder}: the disc is full; free some and give the same command again: "
                    f"{len(self._done)} finished strips are kept"
                ) from error
            raise FileError(f"{self.folder}: cannot be written: {error.strerror or error}") from error
        self._done[stage, strip.number] = dict(note or {})

    def read(self, layer: str, strip: Strip) -> NDArray[Any]:
        """Return a strip of a layer, shape (rows, width) or (bands, rows, width)."""
        dtype, bands = self.layers[layer]
        with self.path(layer).open("rb") as stream:
            stream.seek(strip.top * self.width * dtype.itemsize * bands)
            block = np.fromfile(stream, dtype, bands * strip.rows * self.width)
        shape = (strip.rows, self.width)
        return block.reshape(shape if bands == 1 else (bands, *shape))

    def remove(self) -> None:
        """Delete the folder: the products are written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _append(self, entry: Mapping[str, Any]) -> None:
        with self._lock, (self.folder / "journal.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    def _resumed(self, key: str) -> bool:
        journal = self.folder / "journal.jsonl"
        if not journal.is_file():
            return False
        entries = []
        for line in journal.read_text(encoding="utf-8").splitlines():
            try:
                entries.append(json.loads(line))
            except ValueError:
                break  # the line that was being written
        if not entries or entries[0].get("key") != key:
            return False
        for entry in entries[1:]:
            strip = Strip(entry["strip"], entry["top"], entry["rows"])
            if self._holds(entry, strip):
                self._done[entry["stage"], entry["strip"]] = entry["note"]
        return True

    def _holds(self, entry: Mapping[str, Any], strip: Strip) -> bool:
        try:
            return all(
                zlib.crc32(np.ascontiguousarray(self.read(name, strip)).data) == value
                for name, value in entry["crc"].items()
            )
        except (OSError, ValueError, KeyError):
            return False
