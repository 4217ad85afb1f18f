"""Modulation and coding that follows the channel: DVB-S2X, ETSI EN 302 307-2 (2021), linear channel."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = ["efficiency_bit_per_s_hz", "thresholds"]


@cache
def thresholds() -> tuple[FloatArray, FloatArray]:
    """Return the needed Es/N0 [dB], rising, and what each step carries a symbol [bit], shape (steps,) each.

    The upper hull of the modes with normal frames: a mode that needs more and carries less than another is left out.
    """
    text = (files("accord.physics.radio") / "data" / "dvb_s2x.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return (
        np.array([float(row["es_n0_db"]) for row in rows]),
        np.array([float(row["bit_per_s_hz"]) for row in rows]),
    )


def efficiency_bit_per_s_hz(es_n0_db: ArrayLike, roll_off: float = 0.0) -> FloatArray:
    """Return what a hertz of bandwidth carries [bit/s/Hz]: 0, an outage, below the most robust mode.

    Parameters
    ----------
    es_n0_db : float array [dB]
        Energy of a symbol over noise density, implementation loss taken off.
    roll_off : float [1]
        Of the spectrum: bandwidth is symbol rate times 1 + roll-off.
    """
    needed, carried = thresholds()
    step = np.searchsorted(needed, np.asarray(es_n0_db, dtype=float), side="right")
    return np.asarray(np.concatenate([[0.0], carried])[step] / (1.0 + roll_off))
