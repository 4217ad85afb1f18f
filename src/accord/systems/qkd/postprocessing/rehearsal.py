"""Detections of a simulated link, for rehearsals: seeded physics, never a source of keys to be served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.link import Receiver, detection, error
from accord.systems.qkd.postprocessing.sifting import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.systems.qkd.finite_key import Protocol

    Flags = NDArray[np.uint8]

__all__ = ["Recorded", "rehearse"]


class Recorded:
    """What Alice remembers of the pulses that were seen.

    Parameters
    ----------
    pulses : int
        Pulses sent.
    pulse : uint64 array, shape (n,)
        Numbers of those she can be asked about, rising.
    basis, bit, intensity : uint8 array, shape (n,)
    """

    def __init__(
        self, pulses: int, pulse: NDArray[np.uint64], basis: Flags, bit: Flags, intensity: Flags
    ) -> None:
        self.pulses = pulses
        self._pulse, self._basis, self._bit, self._intensity = pulse, basis, bit, intensity

    def settings(self, pulse: NDArray[np.uint64]) -> tuple[Flags, Flags, Flags]:
        """Return basis, bit and intensity of pulses.

        Raises
        ------
        accord.errors.AccordError
            When one of them is not on record.
        """
        at = np.minimum(np.searchsorted(self._pulse, pulse), max(len(self._pulse) - 1, 0))
        if len(pulse) and not np.array_equal(self._pulse[at], pulse):
            raise AccordError("a detection of a pulse that is not on record: the two ends count differently")
        return self._basis[at], self._bit[at], self._intensity[at]


def rehearse(
    detections: int, transmittance: float, protocol: Protocol, receiver: Receiver, seed: int
) -> tuple[Recorded, Detections]:
    """Draw so many detections of one link and what both ends recorded.

    Probabilities are those of the link model (`link.detection`, `link.error`), after-pulses as extra detections.
    """
    rng = np.random.default_rng(seed)
    through = np.full(3, transmittance)
    gain = detection(through, protocol.intensities, receiver) * (1.0 + receiver.afterpulse_probability)
    wrong = error(through, protocol.intensities, receiver) / gain
    share = protocol.probabilities * gain
    intensity = rng.choice(3, detections, p=share / share.sum()).astype(np.uint8)
    basis, theirs = (
        (rng.random(detections) >= protocol.key_basis_probability).astype(np.uint8) for _ in range(2)
    )
    bit = rng.integers(0, 2, detections, dtype=np.uint8)
    flipped = (rng.random(detections) < wrong[intensity]).astype(np.uint8)
    seen = np.where(basis == theirs, bit ^ flipped, rng.integers(0, 2, detections, dtype=np.uint8))
    pulse = np.cumsum(rng.geometric(float(share.sum()), detections)).astype(np.uint64)
    pulses = int(pulse[-1]) + 1 if detections else 0
    sender = Recorded(pulses, pulse, basis, bit, intensity)
    return sender, Detections(pulses=pulses, pulse=pulse, basis=theirs, bit=seen.astype(np.uint8))
