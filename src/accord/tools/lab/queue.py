"""The queue of jobs in one SQLite file: submitted, claimed by one worker, finished or failed, accounted.

The next job is the oldest of the user who has used least in the last day, in qubit-seconds. A worker that dies leaves
its claim to expire; the job is then taken again, a few times at most.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.errors import AccordError, FileError
from accord.systems.qkd.durable import open_base, writing
from accord.tools.lab.backends import measure_up

__all__ = ["Job", "JobQueue", "Quota"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, user TEXT NOT NULL,
    backend TEXT NOT NULL, circuit TEXT NOT NULL, shots INTEGER NOT NULL, seed INTEGER NOT NULL,
    qubits INTEGER NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, submitted REAL NOT NULL,
    started REAL, finished REAL, lease REAL, cpu_s REAL, bundle TEXT, reason TEXT);
CREATE INDEX IF NOT EXISTS job_state ON job (state, number);
CREATE INDEX IF NOT EXISTS job_user ON job (user, finished);
"""
_TRIES = 3
_DAY_S = 86_400.0
_CIRCUIT_BYTES = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What one user may have."""

    waiting: int = 100
    shots: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as a worker gets it."""

    id: str
    user: str
    backend: str
    circuit: str
    shots: int
    seed: int
    qubits: int
    submitted: float


class JobQueue:
    """A queue.

    Parameters
    ----------
    path : Path
        SQLite file; made when absent.
    quota : Quota, optional
    """

    def __init__(self, path: Path, quota: Quota | None = None) -> None:
        self._base = open_base(path, _SCHEMA, "no queue")
        self._quota = quota or Quota()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        try:
            with writing(self._base) as base:
                yield base
        except sqlite3.Error as error:
            raise FileError(f"the queue cannot be written: {error}") from error

    def submit(self, user: str, backend: str, circuit: str, shots: int, seed: int) -> str:
        """Check a circuit, add it, and return the job's identifier.

        Raises
        ------
        accord.errors.AccordError
            When the circuit is not understood, or the user has too much waiting.
        """
        if not user or len(user) > 64 or not user.isprintable():
            raise AccordError("a user's name has 1 to 64 printable characters")
        if not 1 <= shots <= self._quota.shots:
            raise AccordError(f"{shots} shots, expected 1 to {self._quota.shots}")
        if not 0 <= seed < 2**63:
            raise AccordError(f"seed {seed}, expected 0 to 2^63 - 1")
        if len(circuit.encode()) > _CIRCUIT_BYTES:
            raise AccordError(f"a circuit of more than {_CIRCUIT_BYTES} bytes")
        qubits, name = measure_up(backend, circuit), str(uuid.uuid4())
        with self._write() as base:
            open_jobs = "SELECT count(*) FROM job WHERE user = ? AND state IN ('waiting', 'running')"
            if base.execute(open_jobs, (user,)).fetchone()[0] >= self._quota.waiting:
                raise AccordError(f"{user} has {self._quota.waiting} jobs open, no more are taken")
            base.execute(
                "INSERT INTO job (id, user, backend, circuit, shots, seed, qubits, state, submitted) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)",
                (name, user, backend, circuit, shots, seed, qubits, time.time()),
            )
        return name

    def claim(self, lease_s: float) -> Job | None:
        """Return the next job, which no other worker gets while the lease lasts; None when none waits."""
        now = time.time()
        with self._write() as base:
            base.execute(
                "UPDATE job SET state = 'failed', finished = ?, reason = 'its worker ended too often' "
                "WHERE state = 'running' AND lease < ? AND tries >= ?",
                (now, now, _TRIES),
            )
            base.execute("UPDATE job SET state = 'waiting' WHERE state = 'running' AND lease < ?", (now,))
            row = base.execute(
                "SELECT id, user, backend, circuit, shots, seed, qubits, submitted FROM job "
                "LEFT JOIN (SELECT user AS who, sum(qubits * cpu_s) AS used FROM job WHERE finished > ? GROUP BY user) "
                "ON who = user WHERE state = 'waiting' ORDER BY coalesce(used, 0), number LIMIT 1",
                (now - _DAY_S,),
            ).fetchone()
            if row is None:
                return None
            base.execute(
                "UPDATE job SET state = 'running', tries = tries + 1, started = ?, lease = ? WHERE id = ?",
                (now, now + lease_s, row[0]),
            )
        names = ("id", "user", "backend", "circuit", "shots", "seed", "qubits", "submitted")
        return Job(**dict(zip(names, row, strict=True)))

    def finish(self, job: Job, *, cpu_s: float, bundle: Mapping[str, Any] | None, reason: str = "") -> None:
        """Enter a result, or why there is none; a job that another worker finished stays as it is."""
        state, text = ("done", json.dumps(bundle)) if bundle is not None else ("failed", None)
        with self._write() as base:
            base.execute(
                "UPDATE job SET state = ?, finished = ?, cpu_s = ?, bundle = ?, reason = ? "
                "WHERE id = ? AND state = 'running'",
                (state, time.time(), cpu_s, text, reason, job.id),
            )

    def status(self, name: str) -> dict[str, Any]:
        """Return state, place in the queue, waits and accounts of a job.

        Raises
        ------
        accord.errors.AccordError
            When there is no such job.
        """
        row = self._base.execute(
            "SELECT number, user, backend, shots, qubits, state, submitted, started, finished, cpu_s, reason "
            "FROM job WHERE id = ?",
            (name,),
        ).fetchone()
        if row is None:
            raise AccordError(f"no job {name[:64]!r}")
        number, user, backend, shots, qubits, state, submitted, started, finished, cpu_s, reason = row
        ahead = self._base.execute(
            "SELECT count(*) FROM job WHERE state = 'waiting' AND number < ?", (number,)
        ).fetchone()[0]
        return {
            "id": name,
            "user": user,
            "backend": backend,
            "state": state,
            "shots": shots,
            "qubits": qubits,
            "ahead": ahead if state == "waiting" else 0,
            "waited_s": None if started is None else started - submitted,
            "ran_s": None if finished is None or started is None else finished - started,
            "qubit_s": None if cpu_s is None else qubits * cpu_s,
            "reason": reason or "",
        }

    def bundle(self, name: str) -> dict[str, Any]:
        """Return the signed result of a job.

        Raises
        ------
        accord.errors.AccordError
            When it is not done; with the reason.
        """
        found = self.status(name)
        if found["state"] != "done":
            raise AccordError(
                f"job {name} is {found['state']}{': ' + found['reason'] if found['reason'] else ''}"
            )
        row = self._base.execute("SELECT bundle FROM job WHERE id = ?", (name,)).fetchone()
        body: dict[str, Any] = json.loads(row[0])
        return body

    def open_jobs(self) -> int:
        """Return how many jobs wait or run."""
        row = self._base.execute("SELECT count(*) FROM job WHERE state IN ('waiting', 'running')").fetchone()
        return int(row[0])

    def accounts(self) -> list[dict[str, Any]]:
        """Return circuits, shots and qubit-seconds of every user."""
        rows = self._base.execute(
            "SELECT user, count(*), coalesce(sum(shots), 0), coalesce(sum(qubits * cpu_s), 0.0), "
            "sum(state = 'failed') FROM job WHERE finished IS NOT NULL GROUP BY user ORDER BY user"
        )
        names = ("user", "circuits", "shots", "qubit_s", "failed")
        return [dict(zip(names, row, strict=True)) for row in rows]
