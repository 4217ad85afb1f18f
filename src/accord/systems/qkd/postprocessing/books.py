"""The books of a block: every bit made, given away or used up, and every probability of failure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.finite_key import Counts, Protocol, binary_entropy, key_length

if TYPE_CHECKING:
    from accord.systems.qkd.postprocessing.sifting import Sifted

__all__ = ["Agreement", "Books", "close", "counts_by_intensity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What both ends must have set alike.

    Attributes
    ----------
    intensities, probabilities : tuple of three floats
        Mean photon numbers of the pulses, falling, and how often each is sent.
    key_basis_probability : float
    secrecy, correctness : float
        Largest probability that a block is not secret, and that the two ends differ.
    frame_bit : int
        Bits that are corrected together; `frames_in_step` of them a batch.
    highest_error_rate : float
        A block whose test basis shows more is given up.
    simulated : bool
        Whether the detections are made up; the key then carries the flag wherever it goes.
    """

    intensities: tuple[float, float, float]
    probabilities: tuple[float, float, float]
    key_basis_probability: float
    secrecy: float = 1e-9
    correctness: float = 1e-12
    frame_bit: int = 100_000
    frames_in_step: int = 64
    highest_error_rate: float = 0.11
    simulated: bool = False

    def __post_init__(self) -> None:
        first, second, third = self.intensities
        if not (first > second + third and second > third >= 0.0):
            raise AccordError(
                f"intensities {self.intensities}: the first must exceed the sum of the others, falling"
            )
        if abs(sum(self.probabilities) - 1.0) > 1e-9 or min(self.probabilities) <= 0.0:
            raise AccordError(f"probabilities {self.probabilities} must be above 0 and add up to 1")
        for name in ("key_basis_probability", "secrecy", "correctness", "highest_error_rate"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise AccordError(f"{name} {getattr(self, name)}: expected between 0 and 1")
        if self.frame_bit < 64 or self.frames_in_step < 1:
            raise AccordError(f"frames of {self.frame_bit} bits, {self.frames_in_step} in step: too few")

    def digest(self) -> bytes:
        """Return a hash of all settings."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).digest()

    def protocol(self) -> Protocol:
        """Return the settings the key length depends on."""
        return Protocol(
            key_basis_probability=self.key_basis_probability,
            intensities=np.array(self.intensities),
            probabilities=np.array(self.probabilities),
        )


@dataclass(slots=True, kw_only=True)
class Books:
    """Where the bits of one block went; holds no key.

    Attributes
    ----------
    sifted_bit, test_bit : int
        Detections in the key basis and in the other one.
    unused_bit, dropped_bit : int
        Key bits too few for a frame; those of frames that did not verify, taken as known to anyone.
    leak_correction_bit, leak_verification_bit : int
        Parities and hashes sent in the clear.
    efficiency : float
        `leak_correction_bit` over the Shannon limit of what was corrected.
    secret_bound_bit : float
        Key the proof allows before any leak: vacuum and single photons less phase error and its fixed cost.
    key_bit, replenished_bit : int
        Final key, and the part of it that goes back to authentication.
    authentication_bit : int
        One-time pad used up by tags at this end and the other.
    epsilon : dict
        Probabilities of failure: secrecy, correctness, authentication and their sum.
    reason : str
        Why there is no key; empty where there is.
    """

    block: str = ""
    pulses: int = 0
    detections: int = 0
    sifted_bit: int = 0
    test_bit: int = 0
    unused_bit: int = 0
    dropped_bit: int = 0
    frames: int = 0
    error_rate: float = 0.0
    test_error_rate: float = 0.0
    leak_correction_bit: int = 0
    leak_verification_bit: int = 0
    efficiency: float = 0.0
    rounds: int = 0
    vacuum: float = 0.0
    single: float = 0.0
    phase_error: float = 0.5
    secret_bound_bit: float = 0.0
    key_bit: int = 0
    replenished_bit: int = 0
    authentication_bit: int = 0
    epsilon: dict[str, float] = field(default_factory=dict)
    simulated: bool = False
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the books as JSON."""
        return asdict(self)


def counts_by_intensity(own: Sifted, key_errors: Sequence[int], test_errors: Sequence[int]) -> Counts:
    """Return the proof's counts."""
    return Counts(
        key=np.bincount(own.key_intensity, minlength=3).astype(float),
        key_errors=np.asarray(key_errors, dtype=float),
        test=np.bincount(own.test_intensity, minlength=3).astype(float),
        test_errors=np.asarray(test_errors, dtype=float),
    )


def close(books: Books, counts: Counts, agreement: Agreement, hashes: int) -> int:
    """Enter what the proof allows and return the length of the final key [bit], a multiple of eight.

    The leak is what was sent, not an estimate; the proof's own term for verification is replaced by the hashes.
    Zero comes with its reason.
    """
    from accord.systems.qkd.postprocessing.verification import HASH_BITS

    found = key_length(
        counts, agreement.protocol(), secrecy=agreement.secrecy, correctness=agreement.correctness
    )
    cost = float(found.penalty) - math.log2(2.0 / agreement.correctness)
    books.vacuum, books.single = float(found.vacuum), max(float(found.single), 0.0)
    books.phase_error, books.error_rate = float(found.phase_error), float(found.error_rate)
    secret = books.single * (1.0 - float(binary_entropy(found.phase_error)))
    books.secret_bound_bit = books.vacuum + secret - cost
    limit = (books.sifted_bit - books.unused_bit) * float(binary_entropy(found.error_rate))
    books.efficiency = books.leak_correction_bit / limit if books.error_rate > 0.0 else 0.0
    lost = books.leak_correction_bit + books.leak_verification_bit + books.dropped_bit + books.unused_bit
    books.epsilon = {"secrecy": agreement.secrecy, "correctness": hashes * 2.0**-HASH_BITS}
    left = min(books.secret_bound_bit - lost, float(books.sifted_bit - books.unused_bit - books.dropped_bit))
    if books.epsilon["correctness"] > agreement.correctness:
        books.reason = (
            f"{hashes} hashes of {HASH_BITS} bits leave {books.epsilon['correctness']:.2g} for errors"
        )
        return 0
    if left < 8.0:
        books.reason = _why(books, lost)
        return 0
    books.key_bit = int(left) // 8 * 8
    return books.key_bit


def _why(books: Books, lost: int) -> str:
    if books.phase_error >= 0.5:
        return (
            f"no bound on the phase error: {books.test_bit} detections in the test basis with "
            f"{books.test_error_rate:.2%} errors are too few or too many errors; a longer block may help"
        )
    if books.secret_bound_bit <= 0.0:
        return f"the fixed cost of the proof exceeds the {books.single:.0f} single photons: collect a longer block"
    return (
        f"{lost} bits were given away or dropped and only {books.secret_bound_bit:.0f} are secret: "
        f"lower the error rate of {books.error_rate:.2%} or collect a longer block"
    )
