"""Keys on disk: sealed, handed out once to each application, wiped when the last one has it.

SQLite in WAL mode. Every method is one transaction with its audit entries, so that a process killed at any moment
leaves either all of it or nothing; what was not yet handed out when the answer could not be sent counts as handed out,
because it may have been seen. A method returns before its transaction has reached the disk: who answers for it waits
for `KeyStore.disk` first, unless `reserve` has made sure that a loss of power does no harm.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accord.systems.qkd.durable import open_base, writing
from accord.systems.qkd.vault import Vault
from accord.tools.keys import audit, chunks
from accord.tools.keys.chunks import Piece
from accord.tools.keys.disk import Disk
from accord.tools.keys.http import HttpError
from accord.tools.keys.schema import SCHEMA

__all__ = ["Fresh", "KeyStore"]

# One answer for a key that never was, is another's, is gone or has expired: nobody learns which.
_NOT_YOURS = "one or more of the keys are not available to this SAE"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fresh:
    """A key to be kept for those who have not got it yet."""

    id: str
    material: bytes


class KeyStore:
    """The store of one key management entity.

    Parameters
    ----------
    path : Path
        SQLite file; made when absent.
    vault : Vault
    power : bool
        Whether `disk` waits for the disk, so that what is settled survives a loss of power too.

    Attributes
    ----------
    base : sqlite3.Connection
    disk : Disk
    """

    def __init__(self, path: Path, vault: Vault, *, power: bool = True) -> None:
        self.base = open_base(path, SCHEMA, "no key store", power=False)
        self.vault, self.path = vault, path
        self.disk = Disk(path, power=power)

    def __repr__(self) -> str:
        return "KeyStore(sealed)"

    def close(self) -> None:
        """Close the file."""
        self.base.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Hold a transaction.

        Raises
        ------
        HttpError
            With status 503 when the file cannot be written.
        """
        try:
            with writing(self.base) as base:
                yield base
        except sqlite3.Error as error:
            raise HttpError(503, "the key store cannot be written", str(error)[:100]) from error

    def audit_chain(self) -> tuple[int, str]:
        """Check the audit chain, once it is on disk; see `audit.check`."""
        self.disk.settle()
        return audit.check(self.base)

    # ------------------------------------------------------------------ shared key, chunk by chunk

    def load(self, block: bytes, peer: str, material: bytes, *, first: bool, simulated: bool = False) -> bool:
        """Take over a block of key shared with a peer, on disk; return False when it was taken over before.

        Chunks go in turn to the one of the two whose name sorts ``first`` and to the other: each serves from its own,
        so that neither has to ask which bytes are free.
        """
        with self.write() as base:
            new = base.execute("SELECT 1 FROM loaded WHERE block = ?", (block,)).fetchone() is None
            if new:
                base.execute("INSERT INTO loaded VALUES (?)", (block,))
                chunks.insert(base, self.vault, block, peer, material, first=first, simulated=simulated)
                audit.add(
                    base, "loaded", block=block.hex(), peer=peer, bytes=len(material), simulated=simulated
                )
        self.disk.settle()
        return new

    def bytes_left(self, peer: str) -> int:
        """Return how many bytes this entity can still serve from key shared with a peer."""
        return chunks.bytes_left(self.base, peer)

    def holds_simulated(self) -> bool:
        """Return whether some of the shared key comes from a rehearsal."""
        return any(
            self.base.execute(query).fetchone()
            for query in (
                "SELECT 1 FROM chunk WHERE simulated LIMIT 1",
                "SELECT 1 FROM key WHERE simulated LIMIT 1",
                "SELECT 1 FROM reserved WHERE simulated LIMIT 1",
            )
        )

    # ------------------------------------------------------------------ keys that wait for their applications

    def accept(
        self,
        peer: str,
        ids: Sequence[str],
        material: bytes | Sequence[Piece],
        *,
        master: str,
        slaves: Sequence[str],
        simulated: bool,
        ttl_s: float,
    ) -> None:
        """Keep keys that a peer's application asked for, for the slaves here; the same ones twice are kept once.

        Raises
        ------
        HttpError
            With status 503 when the key is not here, or an identifier stands for another key.
        """
        with self.write() as base:
            seen = [self._seen(base, name, master) for name in ids]
            if all(seen):
                return  # the answer to the first time was lost on its way
            if any(seen):
                raise HttpError(503, "a key_ID is in use")
            if isinstance(material, bytes):
                whole, flag = material, simulated
            else:
                whole, flag = chunks.follow(base, self.vault, peer, material)
            size = len(whole) // len(ids)
            keys = [Fresh(id=name, material=whole[i * size : (i + 1) * size]) for i, name in enumerate(ids)]
            self._keep(base, keys, master, slaves, flag, ttl_s)
            expires = time.time() + ttl_s
            base.executemany("INSERT INTO seen VALUES (?, ?, ?)", [(name, master, expires) for name in ids])
            audit.add(
                base,
                "accepted",
                peer=peer,
                master=master,
                slaves=list(slaves),
                key_IDs=list(ids),
                bits=8 * size,
            )

    def _seen(self, base: sqlite3.Connection, name: str, master: str) -> bool:
        row = base.execute("SELECT master FROM seen WHERE id = ?", (name,)).fetchone()
        if row is not None and row[0] != master:
            raise HttpError(503, "a key_ID is in use")
        return row is not None

    def _keep(
        self,
        base: sqlite3.Connection,
        keys: Sequence[Fresh],
        master: str,
        slaves: Sequence[str],
        simulated: bool,
        ttl_s: float,
    ) -> None:
        expires = time.time() + ttl_s
        rows = [
            (
                k.id,
                master,
                8 * len(k.material),
                self.vault.seal(k.material, k.id.encode()),
                simulated,
                expires,
            )
            for k in keys
        ]
        try:
            base.executemany("INSERT INTO key VALUES (?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError:
            raise HttpError(503, "a key_ID is in use") from None
        base.executemany("INSERT INTO due VALUES (?, ?)", [(k.id, sae) for k in keys for sae in slaves])

    def hand_out(
        self,
        ids: Sequence[str],
        material: bytes | None,
        *,
        size: int,
        peer: str,
        master: str,
        local_slaves: Sequence[str],
        simulated: bool,
        ttl_s: float,
        quota_bit_per_hour: int | None,
    ) -> tuple[bytes, list[Piece], bool]:
        """Record that the master gets these keys now, and keep them for slaves here.

        Parameters
        ----------
        material : bytes or None
            None to draw it from what is shared with ``peer``.
        size : int
            Bytes of a key.
        simulated : bool
            Whether the material given is.

        Returns
        -------
        material, pieces, simulated
            The bytes of all keys, what they were drawn from, and whether some of them protect nothing.

        Raises
        ------
        HttpError
            With status 503 when it would exceed the master's quota, or not enough is stored.
        """
        bits = 8 * size * len(ids)
        pieces: list[Piece] = []
        with self.write() as base:
            self.charge(base, master, bits, quota_bit_per_hour)
            if material is None:
                material, pieces, simulated = chunks.draw(base, self.vault, peer, size * len(ids))
            if local_slaves:
                keys = [
                    Fresh(id=name, material=material[i * size : (i + 1) * size]) for i, name in enumerate(ids)
                ]
                self._keep(base, keys, master, local_slaves, simulated, ttl_s)
            audit.add(base, "handed out", sae=master, role="master", key_IDs=list(ids), bits=8 * size)
        return material, pieces, simulated

    def charge(
        self, base: sqlite3.Connection, master: str, bits: int, quota_bit_per_hour: int | None
    ) -> None:
        """Book bits on a master's account of this hour.

        Raises
        ------
        HttpError
            With status 503 when that exceeds the quota.
        """
        hour = int(time.time() // 3600)
        base.execute("DELETE FROM usage WHERE hour < ?", (hour,))
        base.execute(
            "INSERT INTO usage VALUES (?, ?, ?) ON CONFLICT (sae, hour) DO UPDATE SET bits = bits + excluded.bits",
            (master, hour, bits),
        )
        if quota_bit_per_hour is not None and self.used(master) > quota_bit_per_hour:
            raise HttpError(503, "the quota of this SAE is used up for this hour")

    def withdraw(self, ids: Sequence[str], *, master: str) -> None:
        """Undo `hand_out` for keys that were not answered after all, because a peer did not keep them."""
        with self.write() as base:
            base.executemany("DELETE FROM due WHERE id = ?", [(name,) for name in ids])
            base.executemany("DELETE FROM key WHERE id = ?", [(name,) for name in ids])
            audit.add(base, "withdrawn", sae=master, key_IDs=list(ids))

    def used(self, sae: str) -> int:
        """Return the bits that an application got as a master in this hour."""
        hour = int(time.time() // 3600)
        row = self.base.execute("SELECT bits FROM usage WHERE sae = ? AND hour = ?", (sae, hour)).fetchone()
        return int(row[0]) if row else 0

    def collect(self, ids: Sequence[str], *, sae: str, master: str) -> tuple[list[tuple[str, bytes]], bool]:
        """Return keys to a slave, once, and whether they are simulated; all of them or none.

        Raises
        ------
        HttpError
            With status 401 when it is not to have one of them, for whatever reason.
        """
        now, found, simulated = time.time(), [], False
        with self.write() as base:
            for name in ids:
                row = base.execute(
                    "SELECT sealed, simulated FROM key JOIN due USING (id) "
                    "WHERE id = ? AND sae = ? AND master = ? AND expires > ?",
                    (name, sae, master, now),
                ).fetchone()
                if row is None:
                    raise HttpError(401, _NOT_YOURS)
                found.append((name, self.vault.open(row[0], name.encode())))
                simulated = simulated or bool(row[1])
            rows = [(name, sae) for name in ids]
            base.executemany("DELETE FROM due WHERE id = ? AND sae = ?", rows)
            base.executemany("DELETE FROM opened WHERE id = ? AND sae = ?", rows)
            base.executemany(
                "DELETE FROM key WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM due WHERE due.id = ?1)",
                [(name,) for name in ids],
            )
            audit.add(base, "handed out", sae=sae, role="slave", key_IDs=list(ids))
        return found, simulated

    def waiting(self, sae: str) -> int:
        """Return how many keys wait for an application."""
        row = self.base.execute("SELECT count(*) FROM due WHERE sae = ?", (sae,)).fetchone()
        return int(row[0])

    def expire(self) -> int:
        """Wipe keys nobody fetched in time; return how many."""
        now = time.time()
        if not self.base.execute(
            "SELECT 1 FROM key WHERE expires <= ?1 UNION ALL SELECT 1 FROM seen WHERE expires <= ?1 LIMIT 1",
            (now,),
        ).fetchone():
            return 0
        with self.write() as base:
            old = [r[0] for r in base.execute("SELECT id FROM key WHERE expires <= ?", (time.time(),))]
            base.executemany("DELETE FROM due WHERE id = ?", [(name,) for name in old])
            base.executemany("DELETE FROM opened WHERE id = ?", [(name,) for name in old])
            base.executemany("DELETE FROM key WHERE id = ?", [(name,) for name in old])
            base.execute("DELETE FROM seen WHERE expires <= ?", (time.time(),))
            if old:
                audit.add(base, "expired", key_IDs=old[:1000], number=len(old))
        return len(old)

    def refused(self, sae: str, what: str, status: int) -> None:
        """Record a refusal."""
        with self.write() as base:
            audit.add(base, "refused", sae=sae, request=what, status=status)
