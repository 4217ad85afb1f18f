"""The links between satellites that a design asks for."""

from __future__ import annotations

import numpy as np

from accord.errors import ModelError
from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.routes import Topology, plus_grid
from accord.systems.constellation.fleet import Satellites
from accord.systems.constellation.inputs import Design

__all__ = ["topology"]


def topology(design: Design, satellites: Satellites) -> tuple[Topology, list[str]]:
    """Return which satellites may be linked, and what the reader must know about it.

    Raises
    ------
    ModelError
        For pairs of numbers that no satellite has.
    """
    network, notes = design.network, []
    pairs = np.empty((0, 2), np.int64)
    if network.links == "grid":
        start = 0
        parts = []
        for shell in design.shells:
            closing = shell.phasing if shell.pattern == "delta" and shell.plane_spacing_deg is None else 0
            parts.append(
                start
                + plus_grid(
                    shell.planes,
                    shell.total // shell.planes,
                    shift=network.shift,
                    closing_shift=closing,
                    closed=shell.pattern == "delta" or network.seam,
                )
            )
            start += shell.total
        pairs = np.concatenate([pairs, *parts])
        if design.catalogues:
            notes.append("Catalogued satellites have no planes and stay without links")
    elif network.links == "custom":
        pairs = np.array(network.pairs, np.int64) - 1
    longest = network.longest_km if network.longest_km is not None else np.inf
    try:
        found = Topology(len(satellites), pairs, EARTH_RADIUS_KM + network.grazing_km, min(longest, 1e9))
    except ValueError as error:
        raise ModelError(
            f"network: pairs: {error} (counted from 0), of {len(satellites)} satellites"
        ) from error
    return found, notes
