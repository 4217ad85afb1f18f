"""Key material at rest: sealed under a local key of its own, never in a message, a log or a ``repr``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from accord.errors import AccordError, FileError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["Vault", "create_sealing_key"]

_KEY_BYTES, _NONCE_BYTES = 32, 12


def create_sealing_key(path: Path) -> None:
    """Write a new sealing key, readable by its owner alone.

    Raises
    ------
    accord.errors.FileError
        When the file exists or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileError(f"{path}: cannot be created: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))


class Vault:
    """Seals with AES-256-GCM under the key in a file; every sealed text is bound to a label.

    Parameters
    ----------
    path : Path
        A file of 32 bytes that only its owner can read.

    Raises
    ------
    accord.errors.FileError
        When it cannot be read, has another length, or others may read it.
    """

    def __init__(self, path: Path) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            key, mode = path.read_bytes(), path.stat().st_mode
        except OSError as error:
            raise FileError(f"{path}: cannot be read: {error.strerror}") from error
        if len(key) != _KEY_BYTES:
            raise FileError(f"{path}: {len(key)} bytes, expected a sealing key of {_KEY_BYTES}")
        if os.name == "posix" and mode & 0o077:
            raise FileError(f"{path}: others may read it; expected mode 0600")
        self._cipher: AESGCM = AESGCM(key)

    def __repr__(self) -> str:
        return "Vault(sealed)"

    def seal(self, material: bytes, label: bytes) -> bytes:
        """Return the material sealed under a label."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, material, label)

    def open(self, sealed: bytes, label: bytes) -> bytes:
        """Return the material.

        Raises
        ------
        accord.errors.AccordError
            When it was sealed under another key or label, or was changed.
        """
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label)
        except InvalidTag:
            raise AccordError(
                "sealed key material does not open: another sealing key, or it was changed"
            ) from None
