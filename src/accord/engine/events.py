"""What happens during a run, as a stream of small records: for the progress display, the log and tests alike."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

__all__ = ["Event", "Log"]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a run.

    Attributes
    ----------
    seq : int
        Counts from 0 within a folder, across resumptions.
    t : float
        Seconds since this process began to work on the run [s].
    system, stage : str
        ``stage`` is one of plan, draw, prepare, evaluate, done, failed, skipped, cancelled, finished.
    done, total : float
        Progress within the stage.
    note : str
    """

    seq: int
    t: float
    system: str
    stage: str
    done: float = 0.0
    total: float = 0.0
    note: str = ""


class Log:
    """Appends events to ``events.jsonl`` and hands them to a listener."""

    def __init__(self, path: Path | None, listener: Callable[[Event], None] | None = None) -> None:
        self._seq = len(path.read_bytes().splitlines()) if path is not None and path.exists() else 0
        self._stream: IO[str] | None = path.open("a", encoding="utf-8") if path is not None else None
        self._listener = listener
        self._begin = time.monotonic()

    def emit(self, system: str, stage: str, done: float = 0.0, total: float = 0.0, note: str = "") -> None:
        """Record one event."""
        event = Event(self._seq, round(time.monotonic() - self._begin, 3), system, stage, done, total, note)
        self._seq += 1
        if self._stream is not None:
            self._stream.write(json.dumps(asdict(event)) + "\n")
            self._stream.flush()
        if self._listener is not None:
            self._listener(event)

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
