"""PyPSA in a Python of its own: ``ACCORD_PYPSA_PYTHON`` names it, else this one is tried.

To make one: ``python -m venv peers && peers/bin/pip install pypsa==1.4.0 highspy==1.15.1 highspy-extras==1.15.1``
(HiGHS's HiPO method needs the extras, and these two versions together).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from accord.systems.plant.dispatch import Plant

__all__ = ["run_pypsa"]


def run_pypsa(
    plant: Plant, pv: Any, price: Any, what: str, method: str, limit_s: float, sizes: dict[str, float]
) -> dict[str, Any] | None:
    """Return what PyPSA says and took; None where it is not installed."""
    python = os.environ.get("ACCORD_PYPSA_PYTHON", sys.executable)
    there = subprocess.run([python, "-c", "import pypsa"], capture_output=True, check=False)
    if there.returncode != 0:
        return None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        np.savez(place / "series.npz", pv=pv, price=price)
        (place / "plant.json").write_text(json.dumps({**asdict(plant), "sizes": sizes}))
        script = Path(__file__).parent / "peers" / "pypsa_plant.py"
        done = subprocess.run(
            [python, str(script), folder, what, method, str(limit_s)],
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
