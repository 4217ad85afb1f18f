"""The line: every damaged, foreign, repeated or missing message is told in one sentence."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from accord.systems.qkd.postprocessing.wire import VERSION, Channel, Kind, WireError

HEAD = struct.Struct("<4sBBHIQ")


def sent(raw: bytes, *, timeout_s: float = 0.2, kind: Kind = Kind.HELLO, close: bool = True) -> Any:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(raw)
        if close:
            left.close()
        return Channel(right, timeout_s=timeout_s).receive(kind)


def message(body: bytes = b"abc", **more: int) -> bytes:
    head = {"version": VERSION, "kind": Kind.HELLO, "reserved": 0, "number": 0, "length": len(body), **more}
    return HEAD.pack(b"AQPP", *head.values()) + body


def test_a_message_arrives() -> None:
    assert sent(message()) == b"abc"
    assert sent(message(b"")) == b""


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "ended before it came"),
        (message()[:10], "after 10 of 20 bytes"),
        (message()[:-1], "after 2 of 3 bytes"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", "these bytes are no message"),
        (message(version=VERSION + 1), f"speaks version {VERSION + 1}, this one {VERSION}"),
        (message(number=1), "message 1 where 0 was due"),
        (message(length=1 << 40), "at most"),
        (message(kind=Kind.TAG), "TAG came where HELLO was due"),
        (message(kind=200), "kind 200 came where HELLO was due"),
        (message(reserved=1), "no message"),
        (message(b"full disk\x1b[31m", kind=Kind.ABORT), "gave up: full disk[31m"),
    ],
)
def test_anything_else_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(WireError, match=r".") as caught:
        sent(raw)
    assert said in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_repeated_message_is_refused() -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(message() + message())
        channel = Channel(right, timeout_s=0.2)
        channel.receive(Kind.HELLO)
        with pytest.raises(WireError, match="message 0 where 1 was due: lost, repeated or out of order"):
            channel.receive(Kind.HELLO)


def test_silence_ends() -> None:
    with pytest.raises(WireError, match="no word in time"):
        sent(message()[:5], close=False)


def test_sending_to_nobody_is_told() -> None:
    left, right = socket.socketpair()
    right.close()
    with left, pytest.raises(WireError, match="takes no HELLO"):
        Channel(left).send(Kind.HELLO, b"x")
