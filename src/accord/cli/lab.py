"""``accord lab``: researchers' circuits, queued, run within limits, accounted and signed."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_QUEUE = "jobs.db"


@click.group("lab")
def command() -> None:
    """Queue circuits on simulators: init FOLDER, submit, work, status, result."""


@command.command("init")
@click.argument("folder", type=_FILE)
def init(folder: Path) -> None:
    """Set up a laboratory in a FOLDER: its queue and the keys that sign results."""
    from accord.tools.lab.bundle import VERIFYING_KEY, create_keys
    from accord.tools.lab.queue import JobQueue

    folder.mkdir(parents=True, exist_ok=True)
    create_keys(folder)
    JobQueue(folder / _QUEUE).close()
    click.echo(f"give {folder / VERIFYING_KEY} to those who read results")


@command.command("submit")
@click.argument("folder", type=_FILE)
@click.argument("circuit", type=_FILE)
@click.option("--user", required=True)
@click.option(
    "--backend", type=click.Choice(["statevector", "stim", "aer"]), default="statevector", show_default=True
)
@click.option("--shots", type=click.IntRange(1), default=1024, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def submit(folder: Path, circuit: Path, user: str, backend: str, shots: int, seed: int) -> None:
    """Queue a CIRCUIT (OpenQASM 2, or stim's language for stim) and print the job's identifier."""
    from accord.errors import FileError
    from accord.tools.lab.queue import JobQueue

    try:
        text = circuit.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{circuit}: cannot be read: {error}") from error
    queue = JobQueue(_there(folder))
    click.echo(queue.submit(user, backend, text, shots, seed))
    queue.close()


@command.command("work")
@click.argument("folder", type=_FILE)
@click.option(
    "--cpu", "cpu_s", type=click.FloatRange(1.0), default=60.0, show_default=True, help="Seconds a job."
)
@click.option(
    "--wall", "wall_s", type=click.FloatRange(1.0), default=300.0, show_default=True, help="Seconds a job."
)
@click.option(
    "--memory", "memory_mb", type=click.IntRange(256), default=4096, show_default=True, help="MB a job."
)
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
def work(folder: Path, cpu_s: float, wall_s: float, memory_mb: int, once: bool) -> None:
    """Run queued jobs, one after the other, until interrupted."""
    from accord.tools.lab.queue import JobQueue
    from accord.tools.lab.worker import Limits, work

    queue = JobQueue(_there(folder))
    limits = Limits(cpu_s=cpu_s, wall_s=wall_s, memory_mb=memory_mb)
    try:
        taken = work(queue, folder, limits, until=lambda: once and not queue.open_jobs())
        click.echo(f"{taken} jobs")
    finally:
        queue.close()


@command.command("status")
@click.argument("folder", type=_FILE)
@click.argument("job", required=False)
def status(folder: Path, job: str | None) -> None:
    """Say where a JOB stands, or what every user has used, as JSON."""
    from accord.cli.output import emit
    from accord.tools.lab.queue import JobQueue

    queue = JobQueue(_there(folder))
    try:
        if job is None:
            emit("accord/lab-accounts/1", {"accounts": queue.accounts(), "open": queue.open_jobs()})
        else:
            emit("accord/lab-job/1", queue.status(job))
    finally:
        queue.close()


@command.command("result")
@click.argument("folder", type=_FILE)
@click.argument("job")
def result(folder: Path, job: str) -> None:
    """Print the signed result of a JOB."""
    import json

    from accord.tools.lab.queue import JobQueue

    queue = JobQueue(_there(folder))
    try:
        click.echo(json.dumps(queue.bundle(job), indent=1))
    finally:
        queue.close()


@command.command("verify")
@click.argument("bundle", type=click.File("r"))
@click.argument("key", type=_FILE)
def verify(bundle: TextIO, key: Path) -> None:
    """Check that a result is signed with the laboratory's KEY."""
    import json

    from accord.errors import FileError
    from accord.tools.lab.bundle import verify

    try:
        body = json.load(bundle)
    except ValueError:
        raise FileError(f"{bundle.name}: is not JSON") from None
    found = verify(body, key)
    click.echo(f"signed by this laboratory: job {found['job']}, {found['shots']} shots")


def _there(folder: Path) -> Path:
    from accord.errors import FileError

    path = folder / _QUEUE
    if not path.is_file():
        raise FileError(f"{folder}: is no laboratory; accord lab init makes one")
    return path
