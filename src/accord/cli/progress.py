"""Progress on standard error: a live display on a terminal, one line a system elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.engine.events import Event

__all__ = ["watch"]

_ENDS = {"done": "done", "failed": "FAILED", "skipped": "skipped"}


@contextmanager
def watch(quiet: bool = False) -> Iterator[Callable[[Event], None] | None]:
    """Yield a listener for the events of a run."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _live() as listener:
            yield listener
    else:
        yield _plain


def _plain(event: Event) -> None:
    if event.stage in _ENDS and event.system:
        note = f" ({event.note})" if event.note else ""
        print(f"{event.system}: {_ENDS[event.stage]}{note}", file=sys.stderr, flush=True)


@contextmanager
def _live() -> Iterator[Callable[[Event], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:>14}"),
        BarColumn(28),
        TextColumn("{task.fields[stage]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as display:
        tasks: dict[str, object] = {}

        def listen(event: Event) -> None:
            if not event.system:
                return
            if event.system not in tasks:
                tasks[event.system] = display.add_task(event.system, total=1, stage="")
            total = event.total or 1
            stage = _ENDS.get(event.stage, event.stage) + (f" {event.note}" if event.note else "")
            done = total if event.stage in _ENDS else event.done
            display.update(tasks[event.system], total=total, completed=done, stage=stage)  # type: ignore[arg-type]

        yield listen
