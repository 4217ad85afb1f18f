"""The whole constellation chapter of the flagship programme with 1 000 members, cold, in one fresh process.

Cold: no prepared design, no compiled loop and no bytecode of ours is on disk; the process starts, reads the file,
prepares coverage, service and network, evaluates the members, draws every figure of the chapter and renders it to SVG.
All on two cores. No other open program joins these steps, so that there is no peer: the bar is a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

__all__ = ["run"]

BAR_S, MEMBERS, CORES = 120.0, 1000, 2
PROGRAMME = Path(__file__).parents[1] / "programmes" / "india-russia-2026.yaml"


def chapter(members: int) -> dict[str, Any]:
    """Run and draw the constellation of the programme alone; return the seconds of each part and what came out."""
    begin, times = time.perf_counter(), {}

    def lap(name: str) -> None:
        times[name] = time.perf_counter() - begin - sum(times.values())

    import accord
    from accord.dossier.chapters import picture

    whole = accord.plan(accord.load(PROGRAMME))
    node = next(node for node in whole.nodes.values() if node.kind == "constellation")
    lap("start")
    done = accord.run(replace(whole, nodes={node.name: node}), accord.draw(whole, members, 1))
    result = done.results[node.name]
    lap("run")
    pictures = [picture(node.name, figure) for figure in node.system.figures(result)]
    lap("figures")
    drawn = sum(one.problem == "" for one in pictures)
    return {"times": times, "figures": len(pictures), "drawn": drawn, "outputs": len(result.outputs)}


def cold(members: int) -> dict[str, Any]:
    """Return what `chapter` says in a fresh process with empty caches on two cores, and the seconds of all."""
    with tempfile.TemporaryDirectory() as name:
        fresh = {
            key: str(Path(name) / key) for key in ("ACCORD_CACHE", "NUMBA_CACHE_DIR", "PYTHONPYCACHEPREFIX")
        }
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, set(sorted(cores)[:CORES]))
        begin = time.perf_counter()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.constellation", str(members)],
                cwd=Path(__file__).parents[1],
                env={**os.environ, **fresh},
                capture_output=True,
                text=True,
                check=True,
                timeout=1800,
            )
        finally:
            os.sched_setaffinity(0, cores)
        return {**json.loads(done.stdout.splitlines()[-1]), "seconds": time.perf_counter() - begin}


def run() -> list[dict[str, Any]]:
    """Time it once: cold is cold only once."""
    found = cold(MEMBERS)
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found["times"].items())
    return [
        {
            "name": f"constellation chapter of the flagship, {MEMBERS} members, cold, {CORES} cores",
            "ours_s": found["seconds"],
            "peer_s": None,
            "ratio": None,
            "bar": f"below {BAR_S:.0f} s: {'yes' if found['seconds'] < BAR_S else 'no'}",
            "clears": found["seconds"] < BAR_S and 0 < found["drawn"] == found["figures"],
            "note": f"{parts}; {found['figures']} figures, {found['outputs']} outputs; no prepared design, "
            "compiled loop or bytecode on disk before",
        }
    ]


if __name__ == "__main__":
    print(json.dumps(chapter(int(sys.argv[1]))))
