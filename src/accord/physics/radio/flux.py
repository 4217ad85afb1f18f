"""Limits of power flux density on the ground: Radio Regulations, Article 21, for non-geostationary fleets."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = ["flux_limit_dbw_per_m2_hz"]


@cache
def _bands() -> tuple[dict[str, float], ...]:
    text = (files("accord.physics.radio") / "data" / "flux_limits.csv").read_text(encoding="utf-8")
    return tuple({k: float(v) for k, v in row.items()} for row in csv.DictReader(text.splitlines()))


def flux_limit_dbw_per_m2_hz(
    frequency_ghz: float, elevation_deg: ArrayLike, satellites: int
) -> FloatArray | None:
    """Return the largest power flux density allowed in one hertz [dBW/m2/Hz]; None in bands without a limit here.

    Parameters
    ----------
    frequency_ghz : float [GHz]
    elevation_deg : float array [deg]
        Angle of arrival above the horizontal.
    satellites : int
        In the whole fleet: from 17.7 to 19.3 GHz the limit at low angles falls with it (Article 21.16.6).
    """
    band = next((b for b in _bands() if b["band_low_ghz"] <= frequency_ghz < b["band_high_ghz"]), None)
    if band is None:
        return None
    low, high = band["low_dbw_m2"], band["high_dbw_m2"]
    if band["depends_on_satellites"]:
        low -= _fleet_db(satellites)
    share = np.clip((np.asarray(elevation_deg, dtype=float) - 5.0) / 20.0, 0.0, 1.0)
    return np.asarray(low + (high - low) * share - 10.0 * np.log10(1e3 * band["reference_khz"]))


def _fleet_db(satellites: int) -> float:
    if satellites <= 50:
        return 0.0
    return 5.0 / 119.0 * (satellites - 50) if satellites <= 288 else (satellites + 402) / 69.0
