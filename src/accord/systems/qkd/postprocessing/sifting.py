"""Sifting: Bob names his detections and their bases, Alice keeps those where both chose alike.

Key bits stay secret; the bits of the test basis and the intensities of what is kept are told.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.bits import pack_flags, unpack_flags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.uint8]

__all__ = ["Detections", "Sender", "Sifted", "announce", "heard", "keep", "kept"]

KEY, TEST = 0, 1
_HEAD = struct.Struct("<QQ")  # detections, pulses


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Detections:
    """What Bob saw.

    Attributes
    ----------
    pulses : int
        Pulses sent in the block.
    pulse : uint64 array, shape (n,)
        Numbers of the pulses seen, rising.
    basis, bit : uint8 array, shape (n,)
        0 for the basis of the key, 1 for the other; the result.
    """

    pulses: int
    pulse: NDArray[np.uint64]
    basis: Flags
    bit: Flags

    def __post_init__(self) -> None:
        if not len(self.pulse) == len(self.basis) == len(self.bit):
            raise AccordError("detections: numbers, bases and bits differ in length")
        if len(self.pulse) and not (
            np.all(self.pulse[1:] > self.pulse[:-1]) and self.pulse[-1] < self.pulses
        ):
            raise AccordError(
                f"detections: pulse numbers must rise and lie below {self.pulses}: a repeated time stamp "
                "or a counter that rolled over"
            )
        if len(self.bit) and max(int(self.bit.max()), int(self.basis.max())) > 1:
            raise AccordError("detections: bases and bits must be 0 or 1")


class Sender(Protocol):
    """What Alice remembers of her pulses."""

    pulses: int

    def settings(self, pulse: NDArray[np.uint64]) -> tuple[Flags, Flags, Flags]:
        """Return basis, bit and number of the intensity (0 to 2) of the pulses named."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sifted:
    """What one end holds after sifting.

    Attributes
    ----------
    key : uint8 array, shape (n,)
        Own bits in the basis of the key.
    key_intensity : uint8 array, shape (n,)
    test, test_intensity : uint8 array, shape (m,)
        Own bits in the other basis.
    """

    key: Flags
    key_intensity: Flags
    test: Flags
    test_intensity: Flags


def announce(seen: Detections) -> bytes:
    """Return Bob's message: run lengths and bases."""
    from accord.systems.qkd.postprocessing.kernels.gaps import write_gaps

    out = np.empty(10 * len(seen.pulse), np.uint8)
    used = write_gaps(seen.pulse, out)
    return _HEAD.pack(len(seen.pulse), seen.pulses) + pack_flags(seen.basis) + out[:used].tobytes()


def heard(message: bytes, pulses: int) -> tuple[NDArray[np.uint64], Flags]:
    """Return the pulse numbers and Bob's bases from his message.

    Raises
    ------
    accord.errors.AccordError
        When it is damaged, or about another number of pulses.
    """
    from accord.systems.qkd.postprocessing.kernels.gaps import read_gaps

    if len(message) < _HEAD.size:
        raise AccordError("detections: the message is cut off")
    count, of = _HEAD.unpack_from(message)
    if of != pulses:
        raise AccordError(f"detections: of {of} pulses, {pulses} were sent: the blocks are shifted")
    flags = -(-count // 8)
    if len(message) < _HEAD.size + flags + count:  # a gap takes at least a byte
        raise AccordError(f"detections: {count} announced, the message is cut off")
    basis = unpack_flags(message[_HEAD.size : _HEAD.size + flags], count)
    out = np.empty(count, np.uint64)
    if not read_gaps(np.frombuffer(message, np.uint8, offset=_HEAD.size + flags), np.uint64(pulses), out):
        raise AccordError(f"detections: the run lengths are no list of {count} pulses below {pulses}")
    return out, basis


def keep(sender: Sender, message: bytes) -> tuple[bytes, Sifted]:
    """Return Alice's answer and what she holds."""
    pulse, theirs = heard(message, sender.pulses)
    basis, bit, intensity = sender.settings(pulse)
    same = (basis == theirs).astype(np.uint8)
    chosen = same.astype(bool)
    basis, bit, intensity = basis[chosen], bit[chosen], intensity[chosen]
    key, test = basis == KEY, basis == TEST
    own = Sifted(key=bit[key], key_intensity=intensity[key], test=bit[test], test_intensity=intensity[test])
    answer = pack_flags(same) + pack_flags(intensity & 1) + pack_flags(intensity >> 1) + pack_flags(own.test)
    return answer, own


def kept(seen: Detections, answer: bytes) -> tuple[Sifted, Flags]:
    """Return what Bob holds, and Alice's bits of the test basis.

    Raises
    ------
    accord.errors.AccordError
        When the answer does not fit the detections.
    """
    first = -(-len(seen.pulse) // 8)
    same = unpack_flags(answer[:first], len(seen.pulse)).astype(bool)
    basis, bit = seen.basis[same], seen.bit[same]
    each = -(-len(basis) // 8)
    rest = answer[first:]
    intensity = unpack_flags(rest[:each], len(basis)) | unpack_flags(rest[each : 2 * each], len(basis)) << 1
    key, test = basis == KEY, basis == TEST
    theirs = unpack_flags(rest[2 * each :], int(test.sum()))
    if len(intensity) and int(intensity.max()) > 2:
        raise AccordError("sifting: an intensity that is none of the three")
    own = Sifted(key=bit[key], key_intensity=intensity[key], test=bit[test], test_intensity=intensity[test])
    return own, theirs
