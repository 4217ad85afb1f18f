"""A year of hours with given capacities: beside PyPSA's build and solve; and an ensemble of a thousand such years.

CPU seconds, imports left out, as in `plant_sizing`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from accord.contract.alone import Alone
from accord.systems.plant.dispatch import build
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.reference import reference_plant, reference_series
from accord.systems.plant.solver import solve
from benchmarks.pypsa import run_pypsa

__all__ = ["run"]

BAR, MEMBERS, ENSEMBLE_S = 20.0, 1000, 300.0
SIZES = {
    "pv_capacity": 570.06, "battery_power": 100.0, "battery_energy": 400.0, "tes_power": 45.79, "tes_energy": 179.35,
    "hts_capacity": 245.93, "store_energy": 600.0,
}  # fmt: skip


def one_year() -> list[dict[str, Any]]:
    """Dispatch one year with scattered sun and prices, all storages present."""
    pv, price = reference_series(8760, noisy=True)
    plant = replace(reference_plant(8760), cost={}, fixed=SIZES)
    small = build(plant, pv[:48], price[:48])
    solve(small, "to compile")
    own = np.inf
    for _ in range(5):
        begin = time.process_time()
        answer = solve(build(plant, pv, price), "a year")
        own = min(own, time.process_time() - begin)
    found, rows = answer.certificate, []
    for method in ("choose", "hipo"):
        peer = run_pypsa(
            reference_plant(8760), pv, price, "dispatch", method, 600.0, SIZES | {"pem_capacity": 0.0}
        )
        taken = ratio = None
        note = f"{answer.solver}, {answer.iterations} iterations, gap {found.gap:.1e}, violation {found.violation:.1e}"
        if peer is None:
            note += "; PyPSA is not installed: see benchmarks/pypsa.py"
        else:
            cpu = peer["cpu"]
            taken = cpu["network"] + cpu["model"] + cpu["solve"]
            ratio = taken / own
            apart = abs(peer["objective"] - found.primal) / abs(found.primal)
            note += f"; objectives {apart:.1e} apart; PyPSA builds {taken - cpu['solve']:.1f} s"
            note += f", solves {cpu['solve']:.1f} s"
            if apart > 1e-5:
                raise ArithmeticError(f"PyPSA found {peer['objective']}, not {found.primal}")
        rows.append(
            {
                "name": f"a year of hours, given capacities (CPU); PyPSA with HiGHS {method}",
                "ours_s": own,
                "peer_s": taken,
                "ratio": ratio,
                "bar": f"at least {BAR:.0f} x PyPSA",
                "clears": None if ratio is None else ratio >= BAR,
                "note": note,
            }
        )
    return rows


def ensemble() -> dict[str, Any]:
    """Dispatch a full year for each of a thousand members."""
    alone = Alone(SYSTEM, {**EXAMPLE, "ensemble": "years"})
    alone.prepared()
    members = alone.draw(MEMBERS)
    begin, cpu = time.perf_counter(), time.process_time()
    _, failures = alone.evaluate(members)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    return {
        "name": f"{MEMBERS} members, a full optimal year each",
        "ours_s": wall,
        "peer_s": None,
        "ratio": None,
        "bar": f"{ENSEMBLE_S:.0f} s on two cores (wall, or half the CPU seconds where the machine is shared)",
        "clears": min(wall, cpu / 2.0) <= ENSEMBLE_S,
        "note": f"{cpu:.0f} CPU seconds, {len(failures)} members failed",
    }


def run() -> list[dict[str, Any]]:
    """Time both."""
    return [*one_year(), ensemble()]
