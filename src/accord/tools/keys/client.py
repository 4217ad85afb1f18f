"""The application's end: keys from its key management entity over ETSI GS QKD 014."""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from accord.errors import AccordError
from accord.tools.keys.server import client_context
from accord.tools.keys.settings import ClientSettings

__all__ = ["Key", "KeyClient", "KeyServiceError"]


class KeyServiceError(AccordError):
    """The entity refuses, or cannot be reached.

    Parameters
    ----------
    message : str
    status : int
        Of HTTP; 0 when there was no answer.
    """

    exit_code = 3

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Key:
    """One key.

    Attributes
    ----------
    id : str
    material : bytes
    simulated : bool
        Whether it came without a quantum link; then it protects nothing.
    """

    id: str
    material: bytes
    simulated: bool

    def __repr__(self) -> str:
        return f"Key({self.id}, {8 * len(self.material)} bit{', simulated' if self.simulated else ''})"


class KeyClient:
    """A connection that is kept open; not to be shared among threads.

    Parameters
    ----------
    settings : ClientSettings
    folder : Path
        That paths in the settings are relative to.
    timeout_s : float
    """

    def __init__(self, settings: ClientSettings, folder: Path, *, timeout_s: float = 15.0) -> None:
        parts = urlsplit(settings.url)
        files = [folder / n for n in (settings.authority, settings.certificate, settings.private_key)]
        self._url, self._timeout_s, self._context = settings.url, timeout_s, client_context(*files)
        self._host, self._port = parts.hostname or "", parts.port or 443
        self._stream: ssl.SSLSocket | None = None

    def __enter__(self) -> KeyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def status(self, slave: str) -> dict[str, Any]:
        """Return the status of the keys shared with an application."""
        found: dict[str, Any] = self._call("GET", slave, "status")
        return found

    def enc_keys(
        self, slave: str, *, number: int = 1, size: int | None = None, additional: Sequence[str] = ()
    ) -> list[Key]:
        """Return fresh keys as a master.

        Raises
        ------
        KeyServiceError
            When the entity refuses or cannot be reached.
        """
        body: dict[str, Any] = {"number": number}
        if size is not None:
            body["size"] = size
        if additional:
            body["additional_slave_SAE_IDs"] = list(additional)
        return _keys(self._call("POST", slave, "enc_keys", body))

    def dec_keys(self, master: str, ids: Sequence[str]) -> list[Key]:
        """Return keys as a slave; the entity gives each once.

        Raises
        ------
        KeyServiceError
            When the entity refuses or cannot be reached.
        """
        return _keys(self._call("POST", master, "dec_keys", {"key_IDs": [{"key_ID": name} for name in ids]}))

    def _call(self, method: str, sae: str, verb: str, body: Any = None) -> Any:
        path = f"/api/v1/keys/{quote(sae, safe='')}/{verb}"
        text = b"" if body is None else json.dumps(body).encode()
        kind = "content-type: application/json\r\n" if body is not None else ""
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\n{kind}content-length: {len(text)}\r\n\r\n"
        try:
            stream = self._connected()
            stream.sendall(head.encode() + text)  # in one record: the other end wakes once
            answer = http.client.HTTPResponse(stream, method=method)
            answer.begin()
            raw, status = answer.read(), answer.status
            if answer.will_close:
                self.close()
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            self.close()
            told = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
            raise KeyServiceError(f"{self._url}: no answer: {told}") from None
        try:
            found = json.loads(raw)
        except ValueError:
            raise KeyServiceError(f"{self._url}: the answer is not JSON", status) from None
        if status != 200:
            details = "; ".join(str(v) for d in found.get("details", ()) for v in dict(d).values())
            raise KeyServiceError(
                f"{self._url}: {status} {found.get('message', '')}{': ' + details if details else ''}", status
            )
        return found

    def _connected(self) -> ssl.SSLSocket:
        """Return the connection, a new one where the entity has closed the old one meanwhile."""
        if self._stream is not None and select.select([self._stream], [], [], 0)[0]:
            self.close()  # nothing is due: what can be read is its farewell
        if self._stream is None:
            plain = socket.create_connection((self._host, self._port), self._timeout_s)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._stream = self._context.wrap_socket(plain, server_hostname=self._host)
        return self._stream


def _keys(body: Any) -> list[Key]:
    try:
        return [
            Key(
                id=row["key_ID"],
                material=b64decode(row["key"], validate=True),
                simulated=bool(row.get("key_extension", {}).get("simulated", False)),
            )
            for row in body["keys"]
        ]
    except (KeyError, TypeError, ValueError):
        raise KeyServiceError("the answer is no key container") from None
