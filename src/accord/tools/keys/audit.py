"""A record of what was done with keys that cannot be changed unseen: each entry carries the hash of the one before.

It names key_IDs, applications and outcomes; never key material.
"""

from __future__ import annotations

import json
import sqlite3
import time
from hashlib import sha256
from typing import Any

from accord.errors import AccordError

__all__ = ["SCHEMA", "add", "check", "last"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash BLOB NOT NULL);
"""
_START = bytes(32)


def add(base: sqlite3.Connection, event: str, **details: Any) -> None:
    """Append an entry within the transaction that does what it records."""
    number, before = last(base)
    number += 1
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    entry = json.dumps({"at": at, "event": event, **details}, sort_keys=True, ensure_ascii=True)
    base.execute("INSERT INTO audit VALUES (?, ?, ?)", (number, entry, _link(before, number, entry)))


def last(base: sqlite3.Connection) -> tuple[int, bytes]:
    """Return number and hash of the last entry; -1 when there is none."""
    row = base.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (-1, _START)


def _link(before: bytes, number: int, entry: str) -> bytes:
    return sha256(before + number.to_bytes(8, "big") + entry.encode()).digest()


def check(base: sqlite3.Connection) -> tuple[int, str]:
    """Walk the chain; return the number of entries and the last hash, to be written down elsewhere.

    Raises
    ------
    accord.errors.AccordError
        At the first entry that does not follow from the one before.
    """
    before, count = _START, 0
    for number, entry, linked in base.execute("SELECT number, entry, hash FROM audit ORDER BY number"):
        if number != count or linked != _link(before, number, entry):
            raise AccordError(f"audit: entry {number} does not follow from the one before: it was changed")
        before, count = linked, count + 1
    return count, before.hex()
