"""``import accord`` and ``accord --help``, each in a fresh process, beside calliope's."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from typing import Any

__all__ = ["run"]

REPEATS = 5
JOBS = (
    ("import", ["-c", "import accord"], ["-c", "import calliope"], 0.1),
    ("--help", ["-m", "accord", "--help"], ["-c", "from calliope.cli import cli; cli(['--help'])"], 0.2),
)


def best(words: list[str]) -> float:
    """Return the best wall time [s] of a fresh interpreter."""
    found = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        found = min(found, time.perf_counter() - begin)
    return found


def run() -> list[dict[str, Any]]:
    """Time both in one run."""
    bare = best(["-c", "pass"])
    rows = []
    for name, own_words, peer_words, limit in JOBS:
        own = best(own_words)
        peer = best(peer_words) if importlib.util.find_spec("calliope") else None
        clears = own <= limit and (peer is None or own <= peer / 10)
        rows.append(
            {
                "name": f"start: {name}",
                "ours_s": own,
                "peer_s": peer,
                "ratio": None if peer is None else peer / own,
                "bar": f"at most {limit} s and a tenth of calliope's",
                "clears": clears,
                "note": f"the bare interpreter takes {bare:.3f} s"
                + ("" if peer is not None else "; calliope is not installed: make bench-setup"),
            }
        )
    return rows
