"""Burn severity from two optical scenes of the same season."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BURNT", "SEVERITY", "severity"]

# Key & Benson (2006), USDA RMRS-GTR-164, LA-1, table LA-2: upper edges of dNBR
SEVERITY = (
    ("enhanced regrowth, high", -0.25),
    ("enhanced regrowth, low", -0.10),
    ("unburned", 0.10),
    ("low severity", 0.27),
    ("moderate-low severity", 0.44),
    ("moderate-high severity", 0.66),
    ("high severity", np.inf),
)
BURNT = 0.27  # from here on a pixel counts as burnt: below it, season and view disturb as much


def severity(dnbr: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the severity class 0..6 of each difference; 255 where it is NaN."""
    edges = np.array([edge for _, edge in SEVERITY[:-1]])
    found = np.searchsorted(edges, dnbr, side="right").astype(np.uint8)
    return np.where(np.isnan(dnbr), np.uint8(255), found)
