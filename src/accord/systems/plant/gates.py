"""Sanity gates of outputs: a number that no plant has comes from an input of another unit, and is never handed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.catalogue import entry, names

FloatArray = NDArray[np.float64]

__all__ = ["suspects"]


def suspects(outputs: Mapping[str, FloatArray]) -> Iterator[tuple[str, NDArray[np.bool_], str]]:
    """Yield the outputs of the table of gates with the members that lie outside, and why that is no plant.

    Parameters
    ----------
    outputs : mapping of str to float array, shape (n,)
    """
    for name in names("gates"):
        gate, values = entry("gates", name), outputs[name]
        bad = ~np.isfinite(values) | (values < float(gate["low"])) | (values > float(gate["high"]))
        if gate["zero"]:
            bad &= values != 0.0
        if bad.any():
            yield name, bad, str(gate["says"])
