"""Records that survive the loss of their process: SQLite with a log written ahead, one transaction at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accord.errors import FileError

__all__ = ["open_base", "writing"]


def open_base(path: Path, schema: str, what: str, *, power: bool = True) -> sqlite3.Connection:
    """Open a file, or make it; what is deleted is overwritten.

    Parameters
    ----------
    schema : str
        Statements that make the tables where they are absent.
    what : str
        For the message: "no key store".
    power : bool
        Whether every commit waits for the disk and so survives a loss of power; without, it survives the end of the
        process alone.

    Raises
    ------
    accord.errors.FileError
        When the file is no such base or cannot be written.
    """
    base = None
    try:
        base = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute(f"PRAGMA synchronous={'FULL' if power else 'NORMAL'}")
        base.execute("PRAGMA secure_delete=ON")
        base.executescript(schema)
    except sqlite3.Error as error:
        if base is not None:
            base.close()
        raise FileError(f"{path}: is {what} that can be used: {error}") from error
    return base


@contextmanager
def writing(base: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Hold a transaction: committed at the end, undone on any error."""
    base.execute("BEGIN IMMEDIATE")
    try:
        yield base
        base.execute("COMMIT")
    except BaseException:
        if base.in_transaction:
            base.execute("ROLLBACK")
        raise
