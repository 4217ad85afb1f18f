"""Attenuation of 1 000 cells x 10 elevations x 30 exceedances, beside itur 0.4.0 in one run.

Both give rain, gas, cloud, scintillation and their sum after P.618-13. itur is timed on three of the 300 pairs of
elevation and exceedance, with arrays over all cells, and scaled; its maps are loaded before. Ours starts from a climate
that is read from the same maps once; what that takes is told as well.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from accord.errors import MissingExtraError
from accord.physics.troposphere.climate import Climate, from_maps
from accord.physics.troposphere.total import Station, attenuation

__all__ = ["run"]

CELLS, ELEVATIONS, EXCEEDANCES, BAR = 1000, 10, 30, 100.0
FREQUENCY_GHZ, DIAMETER_M, EFFICIENCY = 20.0, 0.6, 0.6
INSTALL = "python -m pip install itur==0.4.0"


def places() -> tuple[np.ndarray, np.ndarray]:
    """Return 1 000 places of middle latitude, away from the sea."""
    random = np.random.default_rng(1)
    return random.uniform(38.0, 52.0, CELLS), random.uniform(55.0, 80.0, CELLS)


def made_up() -> Climate:
    """Return a climate to time where itur is absent."""
    random = np.random.default_rng(2)
    falling = np.array([1.0, 0.8, 0.6, 0.4])
    return Climate(
        latitude_deg=places()[0],
        height_km=random.uniform(0.0, 2.0, CELLS),
        rate_mm_per_h=random.uniform(10.0, 40.0, CELLS),
        isotherm_km=random.uniform(2.5, 4.0, CELLS),
        wet_refractivity=random.uniform(20.0, 60.0, CELLS),
        temperature_k=random.uniform(270.0, 290.0, CELLS),
        pressure_hpa=random.uniform(800.0, 1010.0, CELLS),
        density_g_m3=random.uniform(8.0, 15.0, (CELLS, 1)) * falling,
        content_kg_m2=random.uniform(20.0, 40.0, (CELLS, 1)) * falling,
        liquid_kg_m2=random.uniform(0.2, 1.0, (CELLS, 1)) * falling**3,
    )


def run() -> list[dict[str, Any]]:
    """Time both in one run."""
    north, east = places()
    el = np.linspace(10.0, 90.0, ELEVATIONS)
    p = np.geomspace(0.01, 5.0, EXCEEDANCES)
    station = Station(diameter_m=DIAMETER_M, efficiency=EFFICIENCY)
    begin = time.perf_counter()
    try:
        from_maps(north[:2], east[:2])  # loads the maps
        begin = time.perf_counter()
        climate, absent = from_maps(north, east), False
    except MissingExtraError:
        climate, absent = made_up(), True
    extracted = time.perf_counter() - begin
    attenuation(climate, FREQUENCY_GHZ, el[:2], p[:2], station)
    walls = []
    for _ in range(3):
        begin = time.perf_counter()
        ours = attenuation(climate, FREQUENCY_GHZ, el, p, station)
        walls.append(time.perf_counter() - begin)
    row: dict[str, Any] = {
        "name": f"attenuation, {CELLS} cells x {ELEVATIONS} elevations x {EXCEEDANCES} exceedances",
        "ours_s": min(walls),
        "peer_s": None,
        "ratio": None,
        "clears": None,
        "bar": f"at least {BAR:.0f} x itur 0.4.0",
        "note": f"itur is not installed: {INSTALL}",
    }
    if not absent:
        row |= _beside(north, east, el, p, ours.total_db, min(walls), extracted)
    return [row]


def _beside(
    north: np.ndarray,
    east: np.ndarray,
    el: np.ndarray,
    p: np.ndarray,
    ours_db: np.ndarray,
    ours_s: float,
    extracted_s: float,
) -> dict[str, Any]:
    import itur

    picked = ((1, 3), (5, 15), (8, 20))
    walls, worst = [], 0.0
    for i, k in picked:
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = itur.atmospheric_attenuation_slant_path(
                north, east, FREQUENCY_GHZ, float(el[i]), float(p[k]), DIAMETER_M, eta=EFFICIENCY
            )
        walls.append(time.perf_counter() - begin)
        if p[k] <= 1.0:  # beyond, itur interpolates gas and cloud between other exceedances
            worst = max(worst, float(np.max(np.abs(np.asarray(found.value) / ours_db[:, i, k] - 1.0))))
    scaled = ELEVATIONS * EXCEEDANCES * float(np.mean(walls))
    return {
        "peer_s": scaled,
        "ratio": scaled / ours_s,
        "clears": scaled / ours_s >= BAR,
        "note": (
            f"itur timed on {len(picked)} of {ELEVATIONS * EXCEEDANCES} pairs with arrays over all cells "
            f"({np.mean(walls):.2f} s each) and scaled. Reading the climate from its maps took "
            f"{extracted_s:.2f} s once; "
            f"with that the ratio is {scaled / (ours_s + extracted_s):.0f}. Largest difference of the "
            f"sum: {worst:.1e}"
        ),
    }


if __name__ == "__main__":
    for result in run():
        ratio = "no ratio" if result["ratio"] is None else f"{result['ratio']:.0f} x"
        print(f"{result['name']}: {result['ours_s']:.3f} s, {ratio} ({result['bar']})")
        print(f"  {result['note']}")
