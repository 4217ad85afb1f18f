"""Keys set aside so that handing them out need not wait for the disk, and what a loss of power makes of them.

The promise: no application is given a key twice and no byte of shared key stands for two keys, whatever stops the
machine, when. Waiting for the disk before each answer keeps it; so does this, at one wait for many answers.

- *Reserved* (where the master is served). A batch of keys leaves the pool, with its identifiers, in one transaction
  that is on disk, here and at the peer, before the first of them is handed out. Handing one out deletes its row; that
  reaches the disk some time later.
- *Opened* (where the slave is served). The identifiers that are likely to be fetched next are noted, on disk, before
  any of them is given without a wait. Giving one deletes it and its note; that reaches the disk some time later.

What can be on disk after a loss of power is the beginning of what was committed (see `disk`). So

=====================================  =====================================================================
power is lost here                     then
=====================================  =====================================================================
before a reservation is on disk        none of its keys was handed out; the peer refuses the bytes a second
                                       time, or holds keys nobody knows of until they expire
after that                             each row left is of a key that was handed out or was not: all are *burnt*,
                                       none is handed out again. The peer still gives each to the slave, once
before a note is on disk               none of its keys was given without a wait
after that                             each note left is of a key that was given or was not: all are burnt, and
                                       the peer is told not to hand them out any more
while burning                          one transaction: all of it or nothing, then it is done again
=====================================  =====================================================================

Burnt keys are charged to the master's quota, counted in the status, and named in the audit chain. The chain on disk
may end before the last answers, but every key they were about is named further up, as reserved or opened, and below,
as burnt. At most ``most_keys_reserved`` keys of each pair of applications are lost unused, and twice
``most_keys_opened`` that a slave had not fetched yet.

When the process alone ends (``kill -9``), nothing that was committed is lost and nothing is burnt; keys that the peer
had not confirmed are given up, and the peer is told to forget them. To tell the two
apart the number of the last audit entry is kept in a file beside the store that is never synchronised, with the name
of this boot of the machine and of the store's file: when the store has all entries up to that number and both names
are the same, nothing was lost. A store that was copied, restored or moved to another machine fails that and is treated
like one after a loss of power.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from accord.tools.keys import audit, chunks
from accord.tools.keys.chunks import Piece
from accord.tools.keys.store import KeyStore

__all__ = ["Reserve", "boot_name"]

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot_name() -> str:
    """Return a name of this boot of the machine; empty where the system has none."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


class Reserve:
    """The keys of a store that are set aside; used by the one process that serves from it.

    Parameters
    ----------
    store : KeyStore
    boot : str
        `boot_name`; empty when it is not known, which counts as another one each time.
    """

    def __init__(self, store: KeyStore, boot: str | None = None) -> None:
        self._store, self._boot = store, boot_name() if boot is None else boot
        self._witness = os.open(
            store.path.with_name(store.path.name + ".witness"), os.O_RDWR | os.O_CREAT, 0o600
        )

    # ------------------------------------------------------------------ life and loss

    def _names(self) -> bytes:
        found = os.stat(self._store.path)
        return sha256(f"{self._boot} {found.st_dev} {found.st_ino}".encode()).digest()[:16]

    def mark(self) -> None:
        """Note beside the store how far it has come; to be called after what is answered without a wait."""
        number = audit.last(self._store.base)[0]
        os.pwrite(self._witness, number.to_bytes(8, "big", signed=True) + self._names(), 0)

    def _whole(self) -> bool:
        """Return whether nothing that was committed can have been lost."""
        row = self._store.base.execute("SELECT closed FROM life").fetchone()
        if row is None or row[0]:
            return True
        said = os.pread(self._witness, 24, 0)
        if len(said) < 24 or not self._boot or said[8:] != self._names():
            return False
        return audit.last(self._store.base)[0] >= int.from_bytes(said[:8], "big", signed=True)

    def begin(self, homes: Mapping[str, str]) -> dict[str, int]:
        """Take up the work, on disk; burn what may have been given before power was lost.

        Parameters
        ----------
        homes : mapping
            From each application to the peer that serves it.

        Returns
        -------
        dict
            How many keys were burnt, by ``"master"`` and ``"slave"``.
        """
        burnt = {"master": 0, "slave": 0}
        whole = self._whole()
        with self._store.write() as base:
            if whole:
                self._drop(base, "SELECT id, peer, master FROM reserved WHERE NOT ready")
            else:  # that they are ready may be what was lost
                burnt = {"master": self._burn_reserved(base), "slave": self._burn_opened(base, homes)}
            base.execute("DELETE FROM opened")
            base.execute("INSERT INTO life VALUES (1, 0) ON CONFLICT (one) DO UPDATE SET closed = 0")
        self._store.disk.settle()
        self.mark()
        return burnt

    def end(self) -> None:
        """Put the work down: all of it is on disk, nothing is in doubt."""
        try:
            with self._store.write() as base:
                base.execute("UPDATE life SET closed = 1")
            self._store.disk.settle()
        finally:
            os.close(self._witness)

    def _burn_reserved(self, base: sqlite3.Connection) -> int:
        rows = base.execute("SELECT master, id, bits FROM reserved ORDER BY number").fetchall()
        for master in sorted({row[0] for row in rows}):
            self._store.charge(base, master, sum(bits for m, _, bits in rows if m == master), None)
            _count_burnt(base, master, "master", [name for m, name, _ in rows if m == master])
        base.execute("DELETE FROM reserved")
        return len(rows)

    def _burn_opened(self, base: sqlite3.Connection, homes: Mapping[str, str]) -> int:
        rows = base.execute("SELECT sae, id, master FROM opened JOIN key USING (id)").fetchall()
        for sae in sorted({row[0] for row in rows}):
            _count_burnt(base, sae, "slave", [name for s, name, _ in rows if s == sae])
        base.executemany("DELETE FROM due WHERE sae = ? AND id = ?", [(sae, name) for sae, name, _ in rows])
        for _, name, master in rows:
            _forget_unless_due(base, name)
            if homes.get(master):
                base.execute("INSERT OR IGNORE INTO notice VALUES (?, ?)", (name, homes[master]))
        return len(rows)

    def burnt(self, sae: str) -> int:
        """Return how many keys of an application were burnt so far."""
        row = self._store.base.execute("SELECT number FROM burnt WHERE sae = ?", (sae,)).fetchone()
        return int(row[0]) if row else 0

    # ------------------------------------------------------------------ where the master is served

    def lay_up(
        self,
        ids: Sequence[str],
        material: bytes | None,
        *,
        size: int,
        peer: str,
        master: str,
        slave: str,
        until: float,
    ) -> tuple[bytes, list[Piece]]:
        """Set keys aside; not to be handed out before they are `ready`.

        Parameters
        ----------
        material : bytes or None
            Of a simulated source; None to draw it from what is shared with the peer.
        size : int
            Bytes of a key.
        until : float
            Seconds of the epoch after which they are not handed out any more.

        Raises
        ------
        HttpError
            With status 503 when not enough is stored.
        """
        pieces: list[Piece] = []
        simulated = material is not None
        vault = self._store.vault
        with self._store.write() as base:
            if material is None:
                material, pieces, simulated = chunks.draw(base, vault, peer, size * len(ids))
            for at, name in enumerate(ids):
                sealed = vault.seal(material[at * size : (at + 1) * size], name.encode())
                base.execute(
                    "INSERT INTO reserved (id, master, slave, peer, bits, sealed, simulated, until, ready) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
                    (name, master, slave, peer, 8 * size, sealed, simulated, until),
                )
            audit.add(base, "reserved", sae=master, slave=slave, key_IDs=list(ids), bits=8 * size)
        return material, pieces

    def ready(self, ids: Sequence[str]) -> None:
        """Let keys be handed out, which are on disk here and at the peer."""
        with self._store.write() as base:
            base.executemany("UPDATE reserved SET ready = 1 WHERE id = ?", [(name,) for name in ids])

    def left(self, master: str, slave: str, bits: int) -> int:
        """Return how many keys of a size are set aside for a pair of applications."""
        row = self._store.base.execute(
            "SELECT count(*) FROM reserved WHERE master = ? AND slave = ? AND bits = ? AND ready",
            (master, slave, bits),
        ).fetchone()
        return int(row[0])

    def take(
        self, number: int, *, master: str, slave: str, bits: int, quota_bit_per_hour: int | None
    ) -> tuple[list[tuple[str, bytes]], bool] | None:
        """Record that the master gets keys that were set aside; None when there are not so many.

        Returns
        -------
        keys, simulated
            Identifiers and material, and whether some of them protect nothing.

        Raises
        ------
        HttpError
            With status 503 when it would exceed the quota.
        """
        with self._store.write() as base:
            rows = base.execute(
                "SELECT number, id, sealed, simulated FROM reserved WHERE master = ? AND slave = ? AND bits = ? "
                "AND ready = 1 AND until > ? ORDER BY number LIMIT ?",
                (master, slave, bits, time.time(), number),
            ).fetchall()
            if len(rows) < number:
                return None
            self._store.charge(base, master, bits * number, quota_bit_per_hour)
            keys = [(row[1], self._store.vault.open(row[2], row[1].encode())) for row in rows]
            base.executemany("DELETE FROM reserved WHERE number = ?", [(row[0],) for row in rows])
            audit.add(base, "handed out", sae=master, role="master", key_IDs=[k[0] for k in keys], bits=bits)
        self.mark()
        return keys, any(row[3] for row in rows)

    def drop(self, ids: Sequence[str]) -> None:
        """Give up keys that a peer did not confirm."""
        with self._store.write() as base:
            for name in ids:
                self._drop(base, "SELECT id, peer, master FROM reserved WHERE id = ?", name)

    def retire(self) -> None:
        """Give up keys that were set aside too long ago."""
        late = "SELECT id, peer, master FROM reserved WHERE until <= ?"
        if self._store.base.execute(late, (time.time(),)).fetchone():
            with self._store.write() as base:
                self._drop(base, late, time.time())

    def _drop(self, base: sqlite3.Connection, which: str, *values: str | float) -> None:
        rows = base.execute(which, values).fetchall()
        base.executemany(
            "INSERT OR IGNORE INTO notice VALUES (?, ?)", [(name, peer) for name, peer, _ in rows]
        )
        base.executemany("DELETE FROM reserved WHERE id = ?", [(name,) for name, _, _ in rows])
        for master in sorted({row[2] for row in rows}):
            audit.add(base, "withdrawn", sae=master, key_IDs=[name for name, _, m in rows if m == master])

    # ------------------------------------------------------------------ where the slave is served

    def open(self, ids: Sequence[str], sae: str) -> list[str]:
        """Note those of the keys that wait for a slave as about to be given; return them."""
        with self._store.write() as base:
            found = [
                name
                for name in ids
                if base.execute("SELECT 1 FROM due WHERE id = ? AND sae = ?", (name, sae)).fetchone()
            ]
            base.executemany("INSERT OR IGNORE INTO opened VALUES (?, ?)", [(name, sae) for name in found])
            if found:
                audit.add(base, "opened", sae=sae, key_IDs=found)
        return found

    def shut(self, sae: str) -> None:
        """Take back the notes of a slave that fetches no more: nothing of it is given without a wait from now on.

        Should this not reach the disk, more is burnt than need be, never less: it cannot be there without what was
        given before.
        """
        with self._store.write() as base:
            base.execute("DELETE FROM opened WHERE sae = ?", (sae,))

    # ------------------------------------------------------------------ what a peer is to hear

    def notices(self) -> dict[str, list[str]]:
        """Return the keys that each peer is still to be told to forget."""
        found: dict[str, list[str]] = {}
        for name, peer in self._store.base.execute("SELECT id, peer FROM notice ORDER BY id"):
            found.setdefault(peer, []).append(name)
        return found

    def told(self, ids: Sequence[str]) -> None:
        """Cross keys off that a peer has heard of."""
        with self._store.write() as base:
            base.executemany("DELETE FROM notice WHERE id = ?", [(name,) for name in ids])

    def forget(self, ids: Sequence[str], peer: str, is_there: Callable[[str], bool]) -> None:
        """Do what a peer says: hand none of these keys out any more, as far as they are shared with it.

        Parameters
        ----------
        is_there : callable
            Whether a master is served by that peer.
        """
        gone: list[str] = []
        with self._store.write() as base:
            for name in ids:
                gone += [
                    row[0]
                    for row in base.execute(
                        "DELETE FROM reserved WHERE id = ? AND peer = ? RETURNING id", (name, peer)
                    )
                ]
                row = base.execute("SELECT master FROM key WHERE id = ?", (name,)).fetchone()
                if row is not None and is_there(row[0]):
                    base.execute("DELETE FROM due WHERE id = ?", (name,))
                    base.execute("DELETE FROM opened WHERE id = ?", (name,))
                    _forget_unless_due(base, name)
                    gone.append(name)
            if gone:
                audit.add(base, "withdrawn", peer=peer, key_IDs=gone)


def _forget_unless_due(base: sqlite3.Connection, name: str) -> None:
    base.execute(
        "DELETE FROM key WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM due WHERE due.id = ?1)", (name,)
    )


def _count_burnt(base: sqlite3.Connection, sae: str, role: str, ids: Sequence[str]) -> None:
    base.execute(
        "INSERT INTO burnt VALUES (?, ?) ON CONFLICT (sae) DO UPDATE SET number = number + excluded.number",
        (sae, len(ids)),
    )
    audit.add(base, "burnt", sae=sae, role=role, key_IDs=list(ids))
