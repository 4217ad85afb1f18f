"""``python -m benchmarks``: every benchmark, with its ratio and the bar it has to clear; exit 1 when one misses it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

NAMES = (
    "startup",
    "loader",
    "chain",
    "prim",
    "jcl",
    "coverage",
    "itu",
    "passes",
    "latency",
    "constellation",
    "ppml",
    "equilibrium",
    "gbdt",
    "flood_kernels",
    "flood_tile",
    "network_tiles",
    "draws",
    "sobol",
    "pawn",
    "delta",
    "finite_key",
    "photons",
    "headline",
    "cascade",
    "privacy",
    "keyserver",
    "plant_sizing",
    "plant_dispatch",
)


def told(row: dict[str, Any]) -> str:
    """Return one row as two lines."""
    peer = f", peer {row['peer_s']:.3g} s, ratio {row['ratio']:.3g}" if row["ratio"] is not None else ""
    state = {True: "clears", False: "MISSES", None: "beside"}[row.get("clears")]
    return f"{row['name']}: {row['ours_s']:.3g} s{peer}; {state} the bar: {row['bar']}\n    {row['note']}"


def main() -> int:
    """Run those named on the command line, or all."""
    missed = 0
    for name in sys.argv[1:] or NAMES:
        for row in import_module(f"benchmarks.{name}").run():
            print(told(row), flush=True)
            missed += row.get("clears") is False
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
