"""When what was committed is on disk: one wait for all who wait at the same time, and nothing locked meanwhile.

A commit in WAL mode with ``synchronous=NORMAL`` appends to the log; a synchronisation of the log afterwards makes it
survive a loss of power, which is all that ``synchronous=FULL`` does (SQLite, "Write-Ahead Logging", section 2.2). The
log is valid up to its first incomplete frame, so what survives is always the beginning of what was committed, in
order: a commit that survived took all before it along.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from accord.tools.keys.http import HttpError

__all__ = ["Disk"]

_synchronise: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class Disk:
    """Waits for the log of a store.

    Parameters
    ----------
    path : Path
        Of the store; its log lies beside.
    power : bool
        Whether to wait at all: without, what was committed survives the end of the process alone.
    """

    def __init__(self, path: Path, *, power: bool) -> None:
        self._log, self.power = path.with_name(path.name + "-wal"), power
        self._next: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._failed = False

    def settle(self) -> None:
        """Return when all that was committed so far is on disk.

        Raises
        ------
        HttpError
            With status 503 when the disk fails; after that always, because what a failed synchronisation left out is
            not known to a later one.
        """
        if not self.power:
            return
        if self._failed:
            raise HttpError(503, "the key store's disk has failed")
        try:
            with suppress(FileNotFoundError):  # no log: all of it is in the file itself, synchronised
                handle = os.open(self._log, os.O_RDWR)
                try:
                    _synchronise(handle)
                finally:
                    os.close(handle)
        except OSError:
            self._failed = True
            raise HttpError(503, "the key store's disk has failed") from None

    async def settled(self) -> None:
        """Wait like `settle`, with others; one that runs already may have begun too early and is waited for first."""
        if not self.power:
            return
        if self._next is None:
            self._next = asyncio.ensure_future(self._after(self._running))
        await asyncio.shield(self._next)

    async def _after(self, running: asyncio.Task[None] | None) -> None:
        if running is not None and not running.done():
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        await asyncio.to_thread(self.settle)
