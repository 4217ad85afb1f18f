"""A year of hours with eight capacities to choose: beside PyPSA with HiGHS's fastest method, end to end; and ten years.

Seconds are CPU seconds, so that a busy machine does not count. Ours: from the series in memory to an answer certified
on the original data. PyPSA: network, model and solve, its import left out. The same programme: the two objectives are
compared.
"""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np

from accord.systems.plant.dispatch import build
from accord.systems.plant.reference import reference_plant, reference_series
from accord.systems.plant.solver import solve
from benchmarks.pypsa import run_pypsa

__all__ = ["run"]

BAR, LIMIT_S = 20.0, 1200.0
TEN_S, TEN_GB = 120.0, 1.5


def one_year() -> dict[str, Any]:
    """Size one year with scattered sun and prices."""
    plant = reference_plant(8760)
    pv, price = reference_series(8760, noisy=True)
    solve(build(reference_plant(48), pv[:48], price[:48]), "to compile")
    own = np.inf
    for _ in range(3):
        begin = time.process_time()
        answer = solve(build(plant, pv, price), "a year")
        own = min(own, time.process_time() - begin)
    found = answer.certificate
    note = f"{answer.solver}, {answer.iterations} iterations, gap {found.gap:.1e}, violation {found.violation:.1e}"
    peer = run_pypsa(plant, pv, price, "sizing", "hipo", LIMIT_S, {})
    ratio = None
    taken = None
    if peer is None:
        note += "; PyPSA is not installed: see benchmarks/pypsa.py"
    else:
        taken = sum(s for part, s in peer["cpu"].items() if part != "import")
        ratio = taken / own
        if peer["objective"] is None:
            note += f"; PyPSA stopped ({peer['status'][1]}): its time is a lower bound"
        else:
            apart = abs(peer["objective"] - found.primal) / abs(found.primal)
            note += f"; objectives {apart:.1e} apart; PyPSA {peer['pypsa']} with HiGHS HiPO"
            note += f", of it {peer['cpu']['solve']:.0f} s to solve"
            if apart > 1e-5:
                raise ArithmeticError(f"PyPSA found {peer['objective']}, not {found.primal}")
    return {
        "name": "a year of hours, eight capacities chosen (CPU)",
        "ours_s": own,
        "peer_s": taken,
        "ratio": ratio,
        "bar": f"at least {BAR:.0f} x PyPSA",
        "clears": None if ratio is None else ratio >= BAR,
        "note": note,
    }


def ten_years() -> dict[str, Any]:
    """Size one plant for ten scattered years at once."""
    pv, price = reference_series(8760, noisy=True)
    rng = np.random.default_rng(1)
    suns = [
        np.clip(pv * (1.0 + 0.25 * np.repeat(rng.uniform(-1.0, 1.0, 365), 24)), 0.0, 1.0) for _ in range(10)
    ]
    levels = [price * (1.0 + 0.2 * rng.standard_normal(8760)) for _ in range(10)]
    begin, cpu = time.perf_counter(), time.process_time()
    answer = solve(build(reference_plant(8760), suns, levels), "ten years", threads=2)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    gap = answer.certificate.gap
    clears = cpu <= TEN_S and peak <= TEN_GB and gap <= 1e-6
    return {
        "name": "ten weather years sharing eight capacities (CPU)",
        "ours_s": cpu,
        "peer_s": None,
        "ratio": None,
        "bar": f"{TEN_S:.0f} s, {TEN_GB} GB, gap 1e-6",
        "clears": clears,
        "note": f"{answer.solver}, {answer.iterations} iterations, gap {gap:.1e}, violation "
        f"{answer.certificate.violation:.1e}, wall {wall:.0f} s on two threads, peak {peak:.2f} GB of the process",
    }


def run() -> list[dict[str, Any]]:
    """Time both."""
    return [ten_years(), one_year()]
