"""What one end keeps on disk: pads for authentication, blocks of key in doubt, blocks delivered.

SQLite in WAL mode with full synchronisation: what was told to the other end survives the loss of the process.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accord.errors import AccordError, FileError
from accord.systems.qkd.durable import open_base, writing
from accord.systems.qkd.vault import Vault

__all__ = ["LANES", "PAD_BYTES", "Pool", "PoolEmptyError"]

LANES = ("alice", "bob")  # who signs with it
PAD_BYTES = 16
_FARTHEST_SKIP = 64  # tags lost with their connection; more would let anyone burn the lane
_SCHEMA = """
CREATE TABLE IF NOT EXISTS point (lane TEXT PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS pad (lane TEXT, number INTEGER, sealed BLOB NOT NULL, PRIMARY KEY (lane, number))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lane (lane TEXT PRIMARY KEY, next INTEGER NOT NULL, stocked INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS block (id BLOB PRIMARY KEY, state TEXT NOT NULL, bits INTEGER NOT NULL,
    sealed BLOB, ledger TEXT NOT NULL, number INTEGER);
"""


class PoolEmptyError(AccordError):
    """No pad is left to authenticate with: the two ends must be stocked anew by hand."""

    exit_code = 3


class Pool:
    """The store of one end.

    Parameters
    ----------
    path : Path
        SQLite file; made when absent.
    vault : Vault
        Seals all key material in it.
    """

    def __init__(self, path: Path, vault: Vault) -> None:
        self._base = open_base(path, _SCHEMA, "no pool")
        self._vault = vault

    def __repr__(self) -> str:
        return "Pool(sealed)"

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        try:
            with writing(self._base) as base:
                yield base
        except sqlite3.Error as error:
            raise FileError(f"the pool cannot be written: {error}") from error

    def stock(self, material: bytes) -> int:
        """Fill the lanes of an empty pool from secret bytes that both ends share; return the pads of each lane.

        Raises
        ------
        accord.errors.AccordError
            When there are too few bytes, or the pool has been stocked before: a pad must never come back.
        """
        hash_keys, rest = material[: 2 * PAD_BYTES], material[2 * PAD_BYTES :]
        pads = len(rest) // (2 * PAD_BYTES)
        if pads < 1:
            raise AccordError(f"{len(material)} secret bytes, expected at least {4 * PAD_BYTES}")
        with self._write() as base:
            if base.execute("SELECT count(*) FROM point").fetchone()[0]:
                raise AccordError("the pool was stocked before: a pad must never be used twice")
            for i, lane in enumerate(LANES):
                point = hash_keys[i * PAD_BYTES : (i + 1) * PAD_BYTES]
                sealed = self._vault.seal(point, f"point {lane}".encode())
                base.execute("INSERT INTO point VALUES (?, ?)", (lane, sealed))
                base.execute("INSERT INTO lane VALUES (?, 0, 0)", (lane,))
            self._add(base, rest)
        return pads

    def _add(self, base: sqlite3.Connection, material: bytes) -> None:
        """Add pads to both lanes in turn, so that both ends number them alike."""
        pads = [material[i : i + PAD_BYTES] for i in range(0, len(material) - PAD_BYTES + 1, PAD_BYTES)]
        for i, lane in enumerate(LANES):
            (stocked,) = base.execute("SELECT stocked FROM lane WHERE lane = ?", (lane,)).fetchone()
            own = pads[i::2][: len(pads) // 2]
            rows = [
                (lane, stocked + k, self._vault.seal(pad, f"pad {lane} {stocked + k}".encode()))
                for k, pad in enumerate(own)
            ]
            base.executemany("INSERT INTO pad VALUES (?, ?, ?)", rows)
            base.execute("UPDATE lane SET stocked = ? WHERE lane = ?", (stocked + len(own), lane))

    def hash_key(self, lane: str) -> bytes:
        """Return the secret point of a lane.

        Raises
        ------
        PoolEmptyError
            When the pool was never stocked.
        """
        row = self._base.execute("SELECT sealed FROM point WHERE lane = ?", (lane,)).fetchone()
        if row is None:
            raise PoolEmptyError("the pool holds no authentication key: stock both ends first")
        return self._vault.open(row[0], f"point {lane}".encode())

    def pads_left(self, lane: str) -> int:
        """Return how many pads a lane still has."""
        return int(self._base.execute("SELECT count(*) FROM pad WHERE lane = ?", (lane,)).fetchone()[0])

    def take_pad(self, lane: str) -> tuple[int, bytes]:
        """Return the next pad and its number; it is gone from disk before it is used.

        Raises
        ------
        PoolEmptyError
            When the lane is empty.
        """
        row = self._base.execute("SELECT next FROM lane WHERE lane = ?", (lane,)).fetchone()
        number = row[0] if row else 0
        return number, self.take_pad_up_to(lane, number)

    def take_pad_up_to(self, lane: str, number: int) -> bytes:
        """Return the pad of a number and burn it with all before it.

        Raises
        ------
        PoolEmptyError
            When the lane does not reach so far.
        accord.errors.AccordError
            When the pad was used before, or too many would be skipped.
        """
        with self._write() as base:
            row = base.execute("SELECT next FROM lane WHERE lane = ?", (lane,)).fetchone()
            due = row[0] if row else 0
            if number < due:
                raise AccordError(f"pad {number} of lane {lane} was used before")
            if number - due > _FARTHEST_SKIP:
                raise AccordError(f"pad {number} of lane {lane} is {number - due} ahead of what is due")
            found = base.execute(
                "SELECT sealed FROM pad WHERE lane = ? AND number = ?", (lane, number)
            ).fetchone()
            if found is None:
                raise PoolEmptyError(f"lane {lane} has no pad {number}: stock both ends anew")
            base.execute("DELETE FROM pad WHERE lane = ? AND number <= ?", (lane, number))
            base.execute("UPDATE lane SET next = ? WHERE lane = ?", (number + 1, lane))
        return self._vault.open(found[0], f"pad {lane} {number}".encode())

    def prepare(self, block: bytes, bits: int, material: bytes, ledger: Mapping[str, Any]) -> None:
        """Keep a block of key in doubt: on disk, not to be used yet."""
        sealed = self._vault.seal(material, b"block " + block)
        with self._write() as base:
            base.execute(
                "INSERT INTO block VALUES (?, 'doubt', ?, ?, ?, NULL)",
                (block, bits, sealed, json.dumps(ledger, allow_nan=False)),
            )

    def commit(self, block: bytes, replenish: int) -> bool:
        """Deliver a block in doubt, the first bytes of it into the lanes; return False when it was before.

        Raises
        ------
        accord.errors.AccordError
            When there is no such block.
        """
        with self._write() as base:
            row = base.execute("SELECT state, sealed FROM block WHERE id = ?", (block,)).fetchone()
            if row is None:
                raise AccordError("the block to be delivered is not in doubt here")
            if row[0] == "delivered":
                return False
            material = self._vault.open(row[1], b"block " + block)
            self._add(base, material[:replenish])
            sealed = self._vault.seal(material[replenish:], b"block " + block)
            (count,) = base.execute("SELECT count(*) FROM block WHERE state = 'delivered'").fetchone()
            base.execute(
                "UPDATE block SET state = 'delivered', sealed = ?, bits = bits - ?, number = ? WHERE id = ?",
                (sealed, 8 * replenish, count, block),
            )
        return True

    def bits(self, block: bytes) -> int:
        """Return the length of a block [bit], 0 for one not known."""
        row = self._base.execute("SELECT bits FROM block WHERE id = ?", (block,)).fetchone()
        return int(row[0]) if row else 0

    def discard(self, block: bytes) -> None:
        """Drop a block in doubt."""
        with self._write() as base:
            base.execute("DELETE FROM block WHERE id = ? AND state = 'doubt'", (block,))

    def in_doubt(self) -> list[bytes]:
        """Return the blocks whose fate is not known."""
        return [r[0] for r in self._base.execute("SELECT id FROM block WHERE state = 'doubt' ORDER BY id")]

    def delivered(self) -> list[bytes]:
        """Return the blocks delivered, in order."""
        return [
            r[0] for r in self._base.execute("SELECT id FROM block WHERE state = 'delivered' ORDER BY number")
        ]

    def draw(self, take: Callable[[bytes, bytes, bool], None]) -> int:
        """Hand every delivered block that still holds key to ``take(block, material, simulated)``, then forget it.

        The taker must have stored a block durably, once for each name, when it returns: a crash between the two
        hands the block over again.
        """
        rows = self._base.execute(
            "SELECT id, sealed, ledger FROM block WHERE state = 'delivered' AND sealed IS NOT NULL ORDER BY number"
        ).fetchall()
        for block, sealed, ledger in rows:
            simulated = bool(json.loads(ledger).get("simulated", False))
            take(block, self._vault.open(sealed, b"block " + block), simulated)
            with self._write() as base:
                base.execute("UPDATE block SET sealed = NULL WHERE id = ?", (block,))
        return len(rows)

    def ledgers(self) -> list[dict[str, Any]]:
        """Return the books of the blocks delivered, in order."""
        rows = self._base.execute("SELECT ledger FROM block WHERE state = 'delivered' ORDER BY number")
        return [json.loads(r[0]) for r in rows]
