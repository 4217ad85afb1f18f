"""The way to another key management entity: requests over kept connections, each with its own deadline."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

from accord.tools.keys.http import HttpError, read_answer

__all__ = ["PeerError", "PeerLink"]

_ANSWER_BYTES = 65_536
_MOST_IDLE = 16
_Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class PeerError(HttpError):
    """A peer does not keep a key, or does not say so in time."""


class PeerLink:
    """Connections to one peer; several requests may be under way at once, each on its own.

    Parameters
    ----------
    name, url : str
    context : ssl.SSLContext
        Of a client, with this entity's own certificate.
    timeout_s : float
        For one request, connecting included.
    """

    def __init__(self, name: str, url: str, context: ssl.SSLContext, timeout_s: float) -> None:
        parts = urlsplit(url)
        self.name, self._context, self._timeout_s = name, context, timeout_s
        self._host, self._port = parts.hostname or "", parts.port or 443
        self._idle: list[_Pair] = []

    async def post(self, path: str, body: Any) -> None:
        """Send a message and wait for its acceptance; a connection found dead is replaced once.

        Raises
        ------
        PeerError
            With status 503 when the peer does not answer in time, or refuses.
        """
        text = json.dumps(body, separators=(",", ":")).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(text)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                status, answer = await self._exchange(head.encode() + text)
        except (TimeoutError, OSError, ssl.SSLError, asyncio.IncompleteReadError, ValueError, HttpError):
            raise PeerError(503, f"the peer {self.name} does not answer") from None
        if status != 200:
            said = answer.get("message", "") if isinstance(answer, dict) else ""
            raise PeerError(503, f"the peer {self.name} refuses the key", str(said)[:200])

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        kept = bool(self._idle)
        pair = self._idle.pop() if kept else await self._connect()
        try:
            return await self._once(pair, request)
        except (OSError, asyncio.IncompleteReadError):
            if not kept:
                raise
        # The peer had closed it meanwhile. It may still have acted: it keeps the same keys only once.
        return await self._once(await self._connect(), request)

    async def _once(self, pair: _Pair, request: bytes) -> tuple[int, Any]:
        reader, writer = pair
        try:
            writer.write(request)
            await writer.drain()
            answer = await read_answer(reader, _ANSWER_BYTES)
        except BaseException:
            _drop(writer)
            raise
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(pair)
        else:
            _drop(writer)
        return answer

    async def _connect(self) -> _Pair:
        return await asyncio.open_connection(
            self._host, self._port, ssl=self._context, server_hostname=self._host
        )

    def close(self) -> None:
        """Drop all connections."""
        while self._idle:
            _drop(self._idle.pop()[1])


def _drop(writer: asyncio.StreamWriter) -> None:
    writer.close()
    writer.transport.abort()  # without waiting for a farewell that may never come
