"""Masks that cancel: each two sites share a secret, one adds and the other takes off what it expands to.

Bonawitz et al. 2017, ACM CCS (secure aggregation), without its recovery from sites that drop out: here a round
succeeds with all sites or not at all. Sums are in integers modulo 2^64, so that nothing is lost in cancelling and
the coordinator learns the sum alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from accord.errors import ModelError

__all__ = ["Masks", "fixed_point", "unfixed"]

_UNIT = float(1 << 30)  # of a gradient, which lies within -1 and 1: 8e9 rows fit


def fixed_point(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return numbers within -1 and 1 as integers of 2^-30: their sums are exact in any order."""
    return np.rint(values * _UNIT).astype(np.int64)


def unfixed(sums: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return sums modulo 2^64 as numbers again."""
    return sums.view(np.int64).astype(np.float64) / _UNIT


class Masks:
    """The secrets that one site shares with each other one."""

    def __init__(self) -> None:
        self._key = X25519PrivateKey.generate()
        self._secrets: dict[str, tuple[int, bytes]] = {}

    def public_key(self) -> NDArray[np.uint8]:
        """Return what the other sites need, 32 bytes."""
        return np.frombuffer(self._key.public_key().public_bytes_raw(), dtype=np.uint8).copy()

    def agree(self, own: str, others: Mapping[str, NDArray[np.uint8]]) -> None:
        """Take the public keys of all sites, one's own among them.

        Raises
        ------
        ModelError
            When one's own name is not among them.
        """
        if own not in others:
            raise ModelError(f"site {own!r} is not among those that agree: {', '.join(sorted(others))}")
        for name, public in others.items():
            if name != own:
                shared = self._key.exchange(X25519PublicKey.from_public_bytes(public.tobytes()))
                info = "|".join(sorted((own, name))).encode()
                secret = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(shared)
                self._secrets[name] = (1 if own < name else -1, secret)

    def hide(self, values: NDArray[np.int64], label: str) -> NDArray[np.uint64]:
        """Return values under this site's masks for one message; the label is never used twice."""
        out = values.astype(np.uint64)
        for sign, secret in self._secrets.values():
            stream = hashlib.shake_256(secret + label.encode()).digest(8 * values.size)
            mask = np.frombuffer(stream, dtype=np.uint64).reshape(values.shape)
            out = out + mask if sign > 0 else out - mask
        return out
