"""Photons of a link drawn one by one: what a block of a pass or of a fibre gives, its spread included.

At the losses of a satellite nearly all gates are empty: only detections are drawn, with the number of empty gates
between them (geometric), in order, so that dead time and after-pulses chain as they do in a detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError
from accord.systems.qkd.finite_key import Counts, Protocol
from accord.systems.qkd.postprocessing.rehearsal import Recorded
from accord.systems.qkd.postprocessing.sifting import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Stretch", "detect_photons", "record_photons"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A link over a stretch of time, shape (steps,) each.

    Attributes
    ----------
    through : float array
        Transmittance with the receiver in it.
    noise : float array
        Probability of a noise count of one of the two detectors in a gate.
    pulses : int array
        Pulses sent in each step.
    misalignment, afterpulse : float
        Share of photons at the wrong detector; probability of another click when a detector's dead time ends.
    dead_pulses : int
        Pulses for which a detector is blind after a click.
    """

    through: FloatArray
    noise: FloatArray
    pulses: NDArray[np.int64]
    misalignment: float
    afterpulse: float = 0.0
    dead_pulses: int = 0

    def __post_init__(self) -> None:
        if not len(self.through) == len(self.noise) == len(self.pulses):
            raise ModelError("a stretch: transmittance, noise and pulses differ in length")
        if not (np.all((self.through >= 0.0) & (self.through <= 1.0)) and np.all(self.noise >= 0.0)):
            raise ModelError("a stretch: expected a transmittance from 0 to 1 and noise of at least 0; dB?")
        if not (np.all(self.noise < 0.5) and np.all(self.pulses >= 0) and self.dead_pulses >= 0):
            raise ModelError(
                "a stretch: expected noise below one half a gate, pulses and dead time of at least 0"
            )
        for name in ("misalignment", "afterpulse"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ModelError(f"{name} {getattr(self, name)}: expected at least 0 and below 1")


def _detect(
    stretch: Stretch, protocol: Protocol, seed: int, rows: int | None
) -> tuple[int, FloatArray, NDArray[np.uint64], NDArray[np.uint8]]:
    from accord.systems.qkd.kernels.photons import detect

    counts, length = np.zeros((4, 3)), rows or 0
    numbers, marks = np.empty(length, np.uint64), np.empty((length, 5), np.uint8)
    found = detect(
        np.ascontiguousarray(stretch.through, float),
        np.ascontiguousarray(stretch.noise, float),
        np.ascontiguousarray(stretch.pulses, np.int64),
        np.ascontiguousarray(protocol.intensities, float),
        np.ascontiguousarray(protocol.probabilities, float),
        protocol.key_basis_probability,
        stretch.misalignment,
        stretch.afterpulse,
        stretch.dead_pulses,
        np.uint64(seed % 2**64),
        rows is not None,
        counts,
        numbers,
        marks,
    )
    return int(found), counts, numbers, marks


def detect_photons(stretch: Stretch, protocol: Protocol, seed: int) -> tuple[Counts, int]:
    """Return the counts of a block and the number of detections.

    An after-pulse falls on the pulse that is due when the dead time ends, whatever its intensity; `link.error` gives it
    that of the click before, so that pulses with few photons have more clicks here.

    Parameters
    ----------
    seed : int
        The same seed gives the same photons.
    """
    found, counts, _, _ = _detect(stretch, protocol, seed, None)
    return Counts(key=counts[0], key_errors=counts[1], test=counts[2], test_errors=counts[3]), found


def record_photons(stretch: Stretch, protocol: Protocol, seed: int) -> tuple[Recorded, Detections]:
    """Return what both ends wrote down of the photons of `detect_photons`: simulated, no key to be served."""
    length, *_ = _detect(stretch, protocol, seed, None)
    _, _, pulse, marks = _detect(stretch, protocol, seed, length)
    basis, bit, intensity, theirs, seen = (np.ascontiguousarray(column) for column in marks.T)
    total = int(np.sum(stretch.pulses))
    sender = Recorded(total, pulse, basis, bit, intensity)
    return sender, Detections(pulses=total, pulse=pulse, basis=theirs, bit=seen)
