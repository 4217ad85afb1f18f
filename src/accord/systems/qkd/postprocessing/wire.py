"""Messages between the two ends: versioned, numbered, length-prefixed, over any stream socket.

A message is a header of 20 bytes (magic ``AQPP``, version, kind, two zero bytes, number, length, all little-endian)
and its body. Numbers count up by one in each direction, so that a message lost, repeated or out of order is seen at
once; the tags of `authentication` cover headers and bodies, so that one forged or changed is seen at the next tag.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum

from accord.errors import AccordError

__all__ = ["VERSION", "Channel", "Kind", "WireError"]

VERSION = 1
_MAGIC = b"AQPP"
_HEAD = struct.Struct("<4sBBHIQ")
_MOST_BYTES = 1 << 28
_REASON_BYTES = 500


class WireError(AccordError):
    """The other end is gone, or what it sent is no message of this protocol in its place."""

    exit_code = 3


class Kind(IntEnum):
    """What a message is."""

    HELLO = 1
    DETECTIONS = 2
    SIFTED = 3
    PLAN = 4
    QUESTION = 5
    ANSWER = 6
    CORRECTED = 7
    HASHES = 8
    AGREED = 9
    COUNTS = 10
    MATRIX = 11
    PREPARED = 12
    COMMIT = 13
    DONE = 14
    TAG = 15
    DOUBTS = 16
    OUTCOMES = 17
    ABORT = 18


class Channel:
    """One end of a connection.

    Parameters
    ----------
    stream : socket.socket
        Connected; its timeout is set here.
    timeout_s : float
        Longest silence of the other end.
    """

    def __init__(self, stream: socket.socket, *, timeout_s: float = 30.0) -> None:
        stream.settimeout(timeout_s)
        self._stream = stream
        self._sent = self._received = 0
        self.on_sent: Callable[[bytes], None] | None = None
        self.on_received: Callable[[bytes], None] | None = None

    def send(self, kind: Kind, body: bytes = b"") -> None:
        """Send one message.

        Raises
        ------
        WireError
            When the other end is gone or takes nothing.
        """
        head = _HEAD.pack(_MAGIC, VERSION, kind, 0, self._sent, len(body))
        try:
            self._stream.sendall(head + body)
        except OSError as error:
            raise WireError(f"the other end takes no {kind.name}: {_told(error)}") from None
        self._sent += 1
        if self.on_sent is not None and kind is not Kind.TAG:
            self.on_sent(head + body)

    def receive(self, kind: Kind) -> bytes:
        """Return the body of the next message, which must be of this kind; raises as `receive_one_of`."""
        return self.receive_one_of(kind)[1]

    def receive_one_of(self, *kinds: Kind) -> tuple[Kind, bytes]:
        """Return kind and body of the next message, which must be one of these.

        Raises
        ------
        WireError
            When the other end is gone, silent, gives up or sends anything else.
        """
        due = " or ".join(kind.name for kind in kinds)
        head = self._exactly(_HEAD.size, due)
        magic, version, number_of_kind, reserved, number, length = _HEAD.unpack(head)
        if magic != _MAGIC or reserved:
            raise WireError(f"waiting for {due}: these bytes are no message")
        if version != VERSION:
            raise WireError(f"the other end speaks version {version}, this one {VERSION}")
        if number != self._received:
            raise WireError(
                f"waiting for {due}: message {number} where {self._received} was due: "
                "lost, repeated or out of order"
            )
        if length > _MOST_BYTES:
            raise WireError(f"waiting for {due}: {length} bytes announced, at most {_MOST_BYTES}")
        body = self._exactly(length, due)
        self._received += 1
        if number_of_kind == Kind.ABORT:
            reason = body[:_REASON_BYTES].decode("utf-8", "replace")
            raise WireError(f"the other end gave up: {''.join(c for c in reason if c.isprintable())}")
        kind = next((k for k in kinds if k == number_of_kind), None)
        if kind is None:
            known = {k.value: k.name for k in Kind}.get(number_of_kind, f"kind {number_of_kind}")
            raise WireError(f"{known} came where {due} was due")
        if self.on_received is not None and kind is not Kind.TAG:
            self.on_received(head + body)
        return kind, body

    def abort(self, reason: str) -> None:
        """Tell the other end why this one gives up, as far as it still listens."""
        with suppress(WireError):
            self.send(Kind.ABORT, reason.encode()[:_REASON_BYTES])

    def _exactly(self, count: int, due: str) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self._stream.recv(min(count - len(parts), 1 << 20))
            except OSError as error:
                raise WireError(f"waiting for {due}: {_told(error)}") from None
            if not part:
                state = (
                    f"within a message, after {len(parts)} of {count} bytes" if parts else "before it came"
                )
                raise WireError(f"waiting for {due}: the connection ended {state}")
            parts += part
        return bytes(parts)


def _told(error: OSError) -> str:
    return "no word in time" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__
