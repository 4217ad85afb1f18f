"""Gravity by PPML: 28 152 flows, 828 fixed effects, clustered errors, beside pyfixest, warm and in a fresh process."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import numpy as np

from accord.contract.validation import data_folder
from accord.systems.trade.gravity import Fit, cells, ppml
from accord.systems.trade.rdata import read_rda

__all__ = ["run"]

WARM_BAR, COLD_BAR = 1.0, 5.0
NAMES = ("ln_dist", "cntg", "lang", "clny")
COLD = """
import time
begin = time.perf_counter()
from benchmarks.ppml import {side}, table
rows = table()
read = time.perf_counter()
{side}(rows)
print(time.perf_counter() - read)
"""


def table() -> dict[str, np.ndarray[Any, Any]]:
    """Return the flows of the basic gravity model, as in the published case, or made ones of that size."""
    folder = data_folder()
    path = folder / "programme" / "agtpa_applications.rda" if folder is not None else None
    if path is None or not path.exists():
        return made()
    rows = read_rda(path)["agtpa_applications"]
    keep = np.isin(rows["year"], np.arange(1986, 2007, 4)) & (rows["exporter"] != rows["importer"])
    found = {name: column[keep] for name, column in rows.items()}
    return {**found, "ln_dist": np.log(found["dist"])}


def made() -> dict[str, np.ndarray[Any, Any]]:
    """Return flows among 69 made regions in six years: 28 152 rows, about a tenth of them zero."""
    rng = np.random.default_rng(0)
    i, j, t = (a.ravel() for a in np.meshgrid(*map(np.arange, (69, 69, 6)), indexing="ij"))
    keep = i != j
    i, j, t = i[keep], j[keep], t[keep]
    place, size = rng.random((69, 2)), rng.normal(0, 1.5, (2, 69))
    far = np.log(np.hypot(*(place[i] - place[j]).T) + 0.02)
    rows = {"exporter": i, "importer": j, "year": t, "pair_id": 69 * np.minimum(i, j) + np.maximum(i, j)}
    rows |= {"ln_dist": far} | {name: (rng.random(len(i)) < 0.1).astype(float) for name in NAMES[1:]}
    mean = np.exp(-0.8 * far + size[0, i] + size[1, j] + 0.4 * rows["cntg"])
    rows["trade"] = mean * rng.lognormal(0, 1, len(i)) * (rng.random(len(i)) < 0.9)
    return rows


def ours(rows: dict[str, np.ndarray[Any, Any]]) -> Fit:
    """Estimate with our own kernel, group numbers included."""
    effects = [cells(rows["exporter"], rows["year"]), cells(rows["importer"], rows["year"])]
    regressors = np.column_stack([rows[name] for name in NAMES])
    return ppml(rows["trade"], regressors, effects, cells(rows["pair_id"]))


def theirs(rows: dict[str, np.ndarray[Any, Any]]) -> Any:
    """Estimate with pyfixest; None where it is not installed."""
    try:
        import pandas as pd
        import pyfixest as pf
    except ImportError:
        return None
    frame = pd.DataFrame({name: rows[name] for name in ("trade", "pair_id", *NAMES)})
    frame["out"] = cells(rows["exporter"], rows["year"])
    frame["into"] = cells(rows["importer"], rows["year"])
    return pf.fepois(f"trade ~ {' + '.join(NAMES)} | out + into", data=frame, vcov={"CRV1": "pair_id"})


def best(function: Any, rows: dict[str, np.ndarray[Any, Any]], times: int = 5) -> float:
    """Return the shortest of several runs [s], the first one not counted."""
    function(rows)
    walls = []
    for _ in range(times):
        begin = time.perf_counter()
        function(rows)
        walls.append(time.perf_counter() - begin)
    return min(walls)


def cold(side: str) -> float:
    """Return the time of import and first fit in a fresh process [s], reading of the data not counted."""
    code = COLD.format(side=side)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def run() -> list[dict[str, Any]]:
    """Time both in one run and compare the coefficients."""
    rows = table()
    peer, fit = theirs(rows), ours(rows)
    note = f"{len(rows['trade'])} rows, {fit.rounds} rounds"
    if peer is None:
        note += "; pyfixest is not installed: make bench-setup"
    else:
        apart = float(np.max(np.abs(peer.coef().to_numpy() - fit.coefficients)))
        note += f"; coefficients differ by {apart:.1e} at most"
    found = []
    for name, bar in (("warm", WARM_BAR), ("first fit of a fresh process", COLD_BAR)):
        own = best(ours, rows) if name == "warm" else cold("ours")
        other = None if peer is None else best(theirs, rows) if name == "warm" else cold("theirs")
        ratio = None if other is None else other / own
        found.append(
            {
                "name": f"gravity by PPML, {name}",
                "ours_s": own,
                "peer_s": other,
                "ratio": ratio,
                "bar": f"at least {bar:.0f} x pyfixest",
                "clears": None if ratio is None else ratio >= bar,
                "note": note,
            }
        )
    return found


if __name__ == "__main__":
    for row in run():
        print(row)
