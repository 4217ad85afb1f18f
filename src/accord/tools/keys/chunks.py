"""Shared key as a link delivered it: chunks served from one end, followed at the other, wiped as they are used."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from accord.systems.qkd.vault import Vault
from accord.tools.keys.http import HttpError

__all__ = ["CHUNK_BYTES", "SCHEMA", "Piece", "bytes_left", "draw", "follow", "insert"]

CHUNK_BYTES = 4096

SCHEMA = """
CREATE TABLE IF NOT EXISTS chunk (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, peer TEXT NOT NULL,
    mine INTEGER NOT NULL, sealed BLOB NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    simulated INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS chunk_peer ON chunk (peer, mine, number);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a chunk of shared key, by name: it says nothing about the key itself."""

    chunk: str
    start: int
    count: int


def insert(
    base: sqlite3.Connection,
    vault: Vault,
    block: bytes,
    peer: str,
    material: bytes,
    *,
    first: bool,
    simulated: bool,
) -> None:
    """Cut a block into chunks, in turn for the one whose name sorts ``first`` and for the other."""
    for number, at in enumerate(range(0, len(material), CHUNK_BYTES)):
        part, name = material[at : at + CHUNK_BYTES], f"{block.hex()}:{number}"
        mine, sealed = (number % 2 == 0) == first, vault.seal(part, name.encode())
        base.execute(
            "INSERT INTO chunk (name, peer, mine, sealed, start, end, simulated) VALUES (?, ?, ?, ?, 0, ?, ?)",
            (name, peer, mine, sealed, len(part), simulated),
        )


def bytes_left(base: sqlite3.Connection, peer: str) -> int:
    """Return how many bytes this entity can still serve from key shared with a peer."""
    row = base.execute(
        "SELECT coalesce(sum(end - start), 0) FROM chunk WHERE peer = ? AND mine = 1", (peer,)
    ).fetchone()
    return int(row[0])


def draw(base: sqlite3.Connection, vault: Vault, peer: str, count: int) -> tuple[bytes, list[Piece], bool]:
    """Take so many bytes of shared key; once committed they never come back.

    Returns
    -------
    material, pieces, simulated
        The bytes, where they were, and whether some of them come from a rehearsal.

    Raises
    ------
    HttpError
        With status 503 when there is less.
    """
    material, pieces, simulated = b"", [], False
    while len(material) < count:
        row = base.execute(
            "SELECT number, name, sealed, start, end, simulated FROM chunk WHERE peer = ? AND mine = 1 "
            "ORDER BY number LIMIT 1",
            (peer,),
        ).fetchone()
        if row is None:
            raise HttpError(503, "not enough key is stored for this request")
        number, name, sealed, start, end, flag = row
        simulated = simulated or bool(flag)
        some = min(end - start, count - len(material))
        material += _cut(base, vault, number, name, sealed, start, end, some)
        pieces.append(Piece(chunk=name, start=start, count=some))
    return material, pieces, simulated


def follow(base: sqlite3.Connection, vault: Vault, peer: str, pieces: Sequence[Piece]) -> tuple[bytes, bool]:
    """Return the bytes that a peer took, and whether some are simulated; those it skipped are lost here too.

    Raises
    ------
    HttpError
        With status 503 when one of them was used or is not here.
    """
    material, simulated = b"", False
    for piece in pieces:
        row = base.execute(
            "SELECT number, sealed, start, end, simulated FROM chunk WHERE name = ? AND peer = ? AND NOT mine",
            (piece.chunk, peer),
        ).fetchone()
        if row is None or piece.count < 1 or not row[2] <= piece.start <= row[3] - piece.count:
            raise HttpError(503, "the key named is not in store here")
        number, sealed, start, end, flag = row
        simulated = simulated or bool(flag)
        skipped = piece.start - start
        part = _cut(base, vault, number, piece.chunk, sealed, start, end, skipped + piece.count)
        material += part[skipped:]
    return material, simulated


def _cut(
    base: sqlite3.Connection,
    vault: Vault,
    number: int,
    name: str,
    sealed: bytes,
    start: int,
    end: int,
    count: int,
) -> bytes:
    """Return the first bytes of a chunk and seal the rest anew without them."""
    whole = vault.open(sealed, name.encode())
    if start + count == end:
        base.execute("DELETE FROM chunk WHERE number = ?", (number,))
    else:
        base.execute(
            "UPDATE chunk SET sealed = ?, start = ? WHERE number = ?",
            (vault.seal(whole[count:], name.encode()), start + count, number),
        )
    return whole[:count]
