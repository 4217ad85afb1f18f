"""Results that a reader can trust to be what the laboratory gave out: signed with Ed25519 (RFC 8032)."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accord.errors import AccordError, FileError

__all__ = ["SIGNING_KEY", "VERIFYING_KEY", "create_keys", "sign", "verify"]

SIGNING_KEY, VERIFYING_KEY = "signing.key", "verifying.pem"


def create_keys(folder: Path) -> None:
    """Write a key pair: the private half for its owner only, the public half to be given away.

    Raises
    ------
    accord.errors.FileError
        When there is one already.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    for name, raw, mode in ((SIGNING_KEY, private, 0o600), (VERIFYING_KEY, public, 0o644)):
        try:
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(raw)
        except OSError as error:
            raise FileError(f"{folder / name}: cannot be written: {error.strerror}") from error


def _canonical(result: Mapping[str, Any]) -> bytes:
    return json.dumps(
        result, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def sign(result: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a bundle: the result and its signature."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key: Any = load_pem_private_key((folder / SIGNING_KEY).read_bytes(), None)
    except (OSError, ValueError) as error:
        raise FileError(f"{folder / SIGNING_KEY}: is no signing key: {error}") from error
    return {"result": dict(result), "signature": b64encode(key.sign(_canonical(result))).decode()}


def verify(bundle: Any, public: Path) -> Mapping[str, Any]:
    """Return the result of a bundle whose signature fits.

    Raises
    ------
    accord.errors.AccordError
        When it does not.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key: Any = load_pem_public_key(public.read_bytes())
    except (OSError, ValueError) as error:
        raise FileError(f"{public}: is no verifying key: {error}") from error
    try:
        result: Mapping[str, Any] = bundle["result"]
        key.verify(b64decode(bundle["signature"], validate=True), _canonical(result))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        raise AccordError(
            "the signature does not fit the result: it was changed, or another laboratory's"
        ) from None
    return result
