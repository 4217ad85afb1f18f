"""Coverage of the Earth by a Walker star of 648: 5 054 places, 24 h at 30 s, beside TAT-C 3.6.0.

TAT-C is timed in its batched mode on one of the satellites and scaled to all of them. Its product is the list
of passes, refined to a millisecond; ours is the count of satellites in view with its distribution, cover and
gaps, to one step. For those statistics TAT-C's list is the way that it offers.

Run it as ``python -m benchmarks.coverage`` from the repository root (numba looks for a package called
``coverage``, so that this folder must not be the first on the path).
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.coverage import coverage
from accord.physics.grid import global_grid
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design

__all__ = ["run"]

TOTAL, PLANES, ALTITUDE_KM, INCLINATION_DEG, MASK_DEG = 648, 18, 1200.0, 87.9, 25.0
ROWS, BAR, MEMORY_BAR_MB = 63, 1000.0, 500.0
INSTALL = "python -m pip install tatc==3.6.0"


def design(satellites: int = TOTAL, planes: int = PLANES) -> Design:
    """Return the fleet in file syntax, a day at 30 s."""
    shell = {
        "altitude": f"{ALTITUDE_KM} km",
        "inclination": f"{INCLINATION_DEG} deg",
        "planes": planes,
        "satellites": satellites,
        "phasing": 1 if planes > 1 else 0,
        "pattern": "star",
        "elevation_mask": f"{MASK_DEG} deg",
    }
    return Design.model_validate({"shells": [shell], "step": "30 s"})


def count(satellites: int = TOTAL, planes: int = PLANES) -> tuple[float, float]:
    """Count once; return the wall time [s], from design to statistics, and the mean number in view."""
    begin = time.perf_counter()
    wanted, grid = design(satellites, planes), global_grid(ROWS)
    seen = coverage(assemble(wanted, Path()).fleet(), grid, wanted.step_s, wanted.steps)
    mean = float(np.sum(seen.total * grid.weight) / np.sum(grid.weight)) / seen.steps
    return time.perf_counter() - begin, mean


def ours() -> dict[str, float]:
    """Time the count in a process of its own, best of three after one that loads the compiled kernels."""
    count()
    cpu = time.process_time()
    runs = [count() for _ in range(3)]
    cpu = (time.process_time() - cpu) / 3.0
    peak_mb = _peak_mb()
    single = count(1, 1)[1]
    return {
        "wall_s": min(wall for wall, _ in runs),
        "cpu_s": cpu,
        "in_view": runs[0][1],
        "in_view_single": single,
        "peak_mb": peak_mb,
    }


def _peak_mb() -> float:
    """Return the peak resident memory of this process [MB].

    Linux hands ``ru_maxrss`` down from the process that forked this one, peers loaded and all; VmHWM starts anew.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        row = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(row.split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def peer() -> dict[str, float] | None:
    """Time TAT-C on one satellite over the same places; None where it is not installed."""
    try:
        from tatc import constants
        from tatc.analysis import collect_observations
        from tatc.schemas import CircularOrbit, Instrument, Point, Satellite
    except ImportError:
        return None
    grid = global_grid(ROWS)
    places = zip(np.degrees(grid.latitude_rad[grid.row_of_cell]), np.degrees(grid.longitude_rad), strict=True)
    points = [Point(id=i, latitude=float(y), longitude=float(x)) for i, (y, x) in enumerate(places)]
    start = datetime(2027, 1, 1, tzinfo=UTC)
    sine = EARTH_RADIUS_KM / (EARTH_RADIUS_KM + ALTITUDE_KM) * math.cos(math.radians(MASK_DEG))
    # its altitude counts from the mean radius of the Earth, ours from the equatorial one
    altitude_m = 1e3 * (EARTH_RADIUS_KM + ALTITUDE_KM) - constants.EARTH_MEAN_RADIUS
    orbit = CircularOrbit(altitude=altitude_m, inclination=INCLINATION_DEG, epoch=start)
    regard = Instrument(name="terminal", field_of_regard=2.0 * math.degrees(math.asin(sine)))
    satellite = Satellite(name="one", orbit=orbit, instruments=[regard])
    collect_observations(points[:20], satellite, start, start + timedelta(hours=2))
    begin, cpu = time.perf_counter(), time.process_time()
    found = collect_observations(points, satellite, start, start + timedelta(days=1))
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    seconds = (found["end"] - found["start"]).dt.total_seconds().to_numpy()
    row = {hash((round(p.x, 9), round(p.y, 9))): i for i, p in enumerate(_shapely(points))}
    weight = grid.weight / grid.weight.sum()
    at = [row[hash((round(p.x, 9), round(p.y, 9)))] for p in found.geometry]
    return {
        "wall_s": wall,
        "cpu_s": cpu,
        "passes": float(len(found)),
        "in_view_single": float(np.sum(weight[at] * seconds)) / 86400.0,
    }


def _shapely(points: list[Any]) -> list[Any]:
    from shapely.geometry import Point as Place

    return [Place(point.longitude, point.latitude) for point in points]


def run() -> list[dict[str, Any]]:
    """Time both in one run."""
    command = [sys.executable, "-m", "benchmarks.coverage", "--ours"]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    own = json.loads(done.stdout.splitlines()[-1])
    other = peer()
    row: dict[str, Any] = {
        "name": f"coverage, {TOTAL} satellites x {len(global_grid(ROWS).inside)} places x 24 h at 30 s",
        "ours_s": own["wall_s"],
        "peer_s": None,
        "ratio": None,
        "clears": None,
        "bar": f"at least {BAR:.0f} x TAT-C; peak memory below {MEMORY_BAR_MB:.0f} MB",
        "note": (
            f"ours {own['cpu_s']:.2f} CPU-s, peak {own['peak_mb']:.0f} MB, "
            f"mean in view {own['in_view']:.3f}; TAT-C is not installed: {INSTALL}"
        ),
    }
    if other is not None:
        scaled = TOTAL * other["wall_s"]
        row["peer_s"], row["ratio"] = scaled, scaled / own["wall_s"]
        row["clears"] = row["ratio"] >= BAR and own["peak_mb"] <= MEMORY_BAR_MB
        row["note"] = (
            f"TAT-C 3.6.0 collect_observations timed on 1 of {TOTAL} satellites ({other['wall_s']:.2f} s, "
            f"{other['cpu_s']:.2f} CPU-s, {other['passes']:.0f} passes) and scaled; its product is a list of "
            f"passes, ours the statistics. Ours {own['cpu_s']:.2f} CPU-s, peak {own['peak_mb']:.0f} MB. "
            f"CPU ratio {TOTAL * other['cpu_s'] / own['cpu_s']:.0f}. Mean in view of that one satellite: "
            f"{own['in_view_single']:.5f} ours, {other['in_view_single']:.5f} TAT-C "
            "(a cone about nadir instead of a mask)"
        )
    return [row]


if __name__ == "__main__":
    if "--ours" in sys.argv:
        print(json.dumps(ours()))
    else:
        for result in run():
            ratio = "no ratio" if result["ratio"] is None else f"{result['ratio']:.0f} x"
            print(f"{result['name']}: {result['ours_s']:.2f} s, {ratio} ({result['bar']})")
            print(f"  {result['note']}")
