"""Who sent a transcript: a polynomial hash under a secret point, encrypted with a one-time pad.

Wegman & Carter (1981), J. Comput. Syst. Sci. 22:265; the hash key stays, every tag takes fresh pad bits.
"""

from __future__ import annotations

import hmac
import struct
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError

if TYPE_CHECKING:
    from accord.systems.qkd.postprocessing.pool import Pool

__all__ = ["TAG_BITS", "AuthenticationError", "Transcript", "forgery_bound"]

TAG_BITS = 128
_TAG = struct.Struct("<Q16s")  # number of the pad, tag
_BLOCK = 16


class AuthenticationError(AccordError):
    """A tag does not fit what was received: somebody else may be on the line. Nothing of the block is kept."""

    exit_code = 3


def forgery_bound(blocks: int) -> float:
    """Return the chance that a forged transcript of so many 128-bit blocks passes."""
    return (blocks + 1) / 2.0**TAG_BITS


class Transcript:
    """Hash of all that went one way since the last tag.

    Parameters
    ----------
    pool : Pool
        Of this end.
    lane : str
        Which way: both ends hold the same pads for each.
    """

    def __init__(self, pool: Pool, lane: str) -> None:
        point = np.frombuffer(pool.hash_key(lane), dtype="<u8").astype(np.uint64)
        self._pool, self._lane, self._point = pool, lane, point
        self._state, self._bytes, self._count = np.zeros(2, np.uint64), 0, 0
        self.failure, self.tags = 0.0, 0

    def absorb(self, message: bytes) -> None:
        """Take in a message; its header holds its length."""
        self._blocks(message + bytes(-len(message) % _BLOCK))
        self._bytes += len(message)

    def _blocks(self, raw: bytes) -> None:
        from accord.systems.qkd.postprocessing.kernels.field import polynomial_hash

        words = np.frombuffer(raw, dtype="<u8").astype(np.uint64)
        polynomial_hash(words, self._point[0], self._point[1], self._state)
        self._count += len(raw) // _BLOCK

    def _digest(self, number: int) -> bytes:
        """Return the hash, closed with its length and the number of the pad, and begin anew."""
        self._blocks(struct.pack("<QQ", self._bytes, number))
        digest = self._state.astype("<u8").tobytes()
        self.failure += forgery_bound(self._count)
        self.tags += 1
        self._state, self._bytes, self._count = np.zeros(2, np.uint64), 0, 0
        return digest

    def sign(self) -> bytes:
        """Return the tag of what was absorbed; its pad is gone from the pool before."""
        number, pad = self._pool.take_pad(self._lane)
        return _TAG.pack(number, _masked(self._digest(number), pad))

    def check(self, tag: bytes) -> None:
        """Compare with a tag received; its pad, and any skipped before it, are gone whatever comes of it.

        Raises
        ------
        AuthenticationError
            When it does not fit.
        """
        if len(tag) != _TAG.size:
            raise AuthenticationError(f"a tag of {len(tag)} bytes, expected {_TAG.size}")
        number, given = _TAG.unpack(tag)
        pad = self._pool.take_pad_up_to(self._lane, number)
        if not hmac.compare_digest(_masked(self._digest(number), pad), given):
            raise AuthenticationError(
                "the tag does not fit what was received: the block is dropped and its pad is burnt"
            )


def _masked(digest: bytes, pad: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(digest, pad, strict=True))
