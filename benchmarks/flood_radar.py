"""A whole Sentinel-1 scene (437 Mpix, two polarisations) to all products in less than 2 GB of memory.

Not a race but a proof of bounded memory: the pixels alone are 1.7 GB, twice that as the floats that whole-array tools
make of them, for each polarisation. Needs the tables of a real product from the folder of test data. Takes minutes, so
`python -m benchmarks` runs it by name only: ``python -m benchmarks flood_radar``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

__all__ = ["run"]

LIMIT_GB = 2.0
_TABLES = "imaging/S1A_IW_GRDH_20210119_metadata_only.zip"


def run() -> list[dict[str, Any]]:
    """Make the scene, map it in a process of its own, and return time and peak memory."""
    from accord.contract.validation import data_folder
    from benchmarks.made_scene import radar_product

    data = data_folder()
    name, bar = "Sentinel-1 scene of 437 Mpix to all products", f"at most {LIMIT_GB:.0f} GB of memory"
    row: dict[str, Any] = {"name": name, "peer_s": None, "ratio": None, "bar": bar}
    if data is None or not (data / _TABLES).is_file():
        return [{**row, "ours_s": 0.0, "clears": None, "note": f"needs {_TABLES}: set ACCORD_DATA"}]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(os.environ.get("ACCORD_MADE", place))
        product = radar_product(folder, data / _TABLES)
        out = Path(place) / "out"
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.flood_radar", str(product), str(out)],
            check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        wall = time.perf_counter() - begin
        told = json.loads(done.stdout.splitlines()[-1])
        shutil.rmtree(out, ignore_errors=True)
    note = f"peak {told['memory_gb']:.2f} GB, {told['cpu_s']:.0f} s of CPU; {told['page']}"
    return [{**row, "ours_s": wall, "clears": told["memory_gb"] < LIMIT_GB, "note": note}]


def _child(product: Path, out: Path) -> None:
    from accord.tools.flood import Request, lines
    from accord.tools.flood import run as mapped

    begin, last = time.perf_counter(), [""]

    def told(done: float, total: float, note: str) -> None:
        if note != last[0]:
            print(f"{time.perf_counter() - begin:7.1f} s  {note}", file=sys.stderr, flush=True)
            last[0] = note

    (summary,) = mapped(Request(scenes=(product,), out=out), told)
    used = resource.getrusage(resource.RUSAGE_SELF)
    page = " | ".join(line.strip() for line in lines(summary)[2:5])
    print(
        json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "memory_gb": used.ru_maxrss / 1e6, "page": page})
    )


if __name__ == "__main__":
    _child(Path(sys.argv[1]), Path(sys.argv[2]))
