"""Workers: each job runs in a process of its own that the operating system holds to its limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from accord import __version__
from accord.errors import AccordError
from accord.tools.lab.bundle import sign
from accord.tools.lab.queue import Job, JobQueue

__all__ = ["Limits", "run_apart", "work"]

_OUTPUT_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job may take.

    Attributes
    ----------
    cpu_s, wall_s : float
    memory_mb : int
        Of address space, libraries included.
    """

    cpu_s: float = 60.0
    wall_s: float = 300.0
    memory_mb: int = 4096


def run_apart(job: Job, limits: Limits) -> tuple[dict[str, int], float]:
    """Run a job in a process of its own; return its counts and CPU time [s].

    Raises
    ------
    accord.errors.AccordError
        When it exceeds a limit or fails; with the reason in one line.
    """
    order = {"backend": job.backend, "circuit": job.circuit, "shots": job.shots, "seed": job.seed}
    order |= {"cpu_s": limits.cpu_s, "memory_mb": limits.memory_mb}
    environment = {
        k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME", "PYTHONPATH", "SYSTEMROOT")
    }
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "accord.tools.lab.cell"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        out, _ = process.communicate(json.dumps(order).encode(), timeout=limits.wall_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AccordError(f"stopped after {limits.wall_s:g} s") from None
    try:
        body: dict[str, Any] = json.loads(out) if len(out) < _OUTPUT_BYTES else {}
    except ValueError:
        body = {}
    if "reason" in body:
        raise AccordError(str(body["reason"])[:500])
    if process.returncode or "counts" not in body:
        raise AccordError(
            f"stopped by the system: more than {limits.cpu_s:g} s of CPU or {limits.memory_mb} MB"
        )
    return {str(k): int(v) for k, v in body["counts"].items()}, float(body["cpu_s"])


def work(
    queue: JobQueue, folder: Path, limits: Limits, *, until: Callable[[], bool], pause_s: float = 0.5
) -> int:
    """Take job after job until told to stop; return how many were taken.

    Parameters
    ----------
    folder : Path
        With the signing key.
    until : callable
        Asked before every job, and again after a pause when none waits.
    """
    taken = 0
    while not until():
        job = queue.claim(limits.wall_s + 30.0)
        if job is None:
            time.sleep(pause_s)
            continue
        taken += 1
        begin = time.time()
        try:
            counts, cpu_s = run_apart(job, limits)
        except AccordError as error:
            queue.finish(job, cpu_s=min(time.time() - begin, limits.cpu_s), bundle=None, reason=str(error))
            continue
        result = {
            "job": job.id,
            "user": job.user,
            "backend": job.backend,
            "circuit_sha256": sha256(job.circuit.encode()).hexdigest(),
            "shots": job.shots,
            "seed": job.seed,
            "qubits": job.qubits,
            "counts": counts,
            "cpu_s": round(cpu_s, 6),
            "qubit_s": round(job.qubits * cpu_s, 6),
            "waited_s": round(begin - job.submitted, 6),
            "simulated": True,
            "accord": __version__,
        }
        queue.finish(job, cpu_s=cpu_s, bundle=sign(result, folder))
    return taken
