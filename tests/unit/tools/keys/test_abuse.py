"""What a hostile or broken application may send: an error answer or a closed connection, never a key or a hang."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from accord.tools.keys.client import KeyServiceError

ENC, DEC = "/api/v1/keys/bob/enc_keys", "/api/v1/keys/alice/dec_keys"
HOST = b"host: x\r\n"


def post(body: bytes, *more: bytes) -> bytes:
    lines = [f"POST {ENC} HTTP/1.1".encode(), b"host: x", b"content-length: %d" % len(body), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (post(b'{"number": 1, "number": 2}'), 400),
        (post(b'{"extension_optional": [{"a": 1, "a": 2}]}'), 400),
        (post(b'{"number": NaN}'), 400),
        (post(b'{"number": 1e999}'), 400),
        (post(b"{" * 100_000), 400),
        (post(b"[" * 100_000), 400),
        (post(b'{"number": ' + b"9" * 10_000 + b"}"), 400),
        (post(b"\xff\xfe{}"), 400),
        (post(b'{"number": "\xed\xa0\x80"}'), 400),
        (post(b"number=1"), 400),
        (post(b"{}", b"content-type: text/xml"), 400),
        (post(b"{}", b"content-length: 2"), 400),
        (post(b"", b"transfer-encoding: chunked"), 501),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"content-length: 2\r\n\r\n{}", 400),
        (b"GET " + ENC.encode() + b" HTTP/1.0\r\n" + HOST + b"\r\n", 505),
        (b"GET " + ENC.encode() + b" HTTP/2\r\n" + HOST + b"\r\n", 505),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n\r\n", 400),
        (b"GET  " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET https://x" + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"a b: c\r\n\r\n", 400),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b" folded: c\r\n\r\n", 400),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"x: \x00\r\n\r\n", 400),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"x: \xc3\xa9\r\n\r\n", 400),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"x: y\r\n" * 100 + b"\r\n", 431),
        (b"GET " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"x: " + b"y" * 40_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431),
        (b"GET /api/v1/keys/%ff/status HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /api/v1/keys/../../etc/passwd/status HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"GET /api/v1/keys/..%2f..%2fkme-a.kek/status HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /api/v1/keys/../status HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /api/v1/keys//status HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /api/v1/keys/bob%00/status HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /api/v1/keys/bob/status/ HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"DELETE " + ENC.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (b"POST /api/v1/keys/bob/status HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (b"GET /kme/v1/commit HTTP/1.1\r\n" + HOST + b"\r\n", 401),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    ],
)
def test_malformed_requests_get_an_error_and_no_key(testbed: Any, raw: bytes, status: int) -> None:
    got, body = testbed.raw(raw)
    assert got == status, body
    assert isinstance(body["message"], str)
    assert "keys" not in body


def test_a_body_of_100_mb_is_refused_before_it_is_sent(testbed: Any) -> None:
    with testbed.connect() as stream:
        stream.sendall(f"POST {ENC} HTTP/1.1\r\nhost: x\r\ncontent-length: {10**8}\r\n\r\n".encode())
        from tests.unit.tools.keys.conftest import answer

        assert answer(stream)[0] == 413
        assert stream.recv(10) == b""


def test_a_request_that_drips_is_cut_off_and_others_are_served_meanwhile(
    make_testbed: Callable[..., Any],
) -> None:
    testbed = make_testbed(request_s=0.8)
    with testbed.connect() as slow, testbed.client("alice") as alice:
        begin, served = time.monotonic(), 0
        slow.sendall(b"GET / HTTP/1.1\r\n")
        try:
            while time.monotonic() - begin < 8.0:
                slow.sendall(b"x: y\r\n")
                alice.enc_keys("bob")
                served += 1
                time.sleep(0.1)
        except OSError:
            pass
        assert time.monotonic() - begin < 6.0
        assert served >= 2


def test_silent_connections_end_and_are_limited(make_testbed: Callable[..., Any]) -> None:
    testbed = make_testbed(idle_s=0.5, most_connections=4)
    streams = [testbed.connect() for _ in range(6)]
    begin = time.monotonic()
    for stream in streams:
        assert stream.recv(10) == b""
        stream.close()
    assert time.monotonic() - begin < 5.0
    with testbed.client("alice") as alice:
        assert alice.enc_keys("bob")


def test_many_ask_for_one_key_at_once_and_exactly_one_gets_it(testbed: Any) -> None:
    with testbed.client("alice") as alice:
        (key,) = alice.enc_keys("bob")
    outcomes: list[int] = []
    gate = threading.Barrier(8)

    def fetch() -> None:
        with testbed.client("bob") as bob:
            bob.status("alice")
            gate.wait(10)
            try:
                outcomes.append(len(bob.dec_keys("alice", [key.id])))
            except KeyServiceError as error:
                outcomes.append(-error.status)

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == [-401] * 7 + [1]


def test_one_connection_serves_many_requests_and_survives_errors(testbed: Any) -> None:
    from tests.unit.tools.keys.conftest import answer

    with testbed.connect() as stream:
        for body, status in ((b"{}", 200), (b'{"size": 7}', 400), (b"nonsense", 400), (b"{}", 200)):
            stream.sendall(post(body))
            assert answer(stream)[0] == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"key_IDs": []}, 400),
        ({"key_IDs": ["x"]}, 400),
        ({"key_IDs": None}, 400),
        ({"keys": "AAAA"}, 400),
        ({"keys": "*"}, 400),
        ({"bits": 8}, 400),
        ({"master": "bob"}, 400),
        ({"slaves": ["alice"]}, 400),
        ({"slaves": []}, 400),
        ({"simulated": False, "pieces": [["x", 0, 32]]}, 503),
        ({"simulated": False, "pieces": [["x", 0, -1], ["x", 0, 33]]}, 503),
    ],
)
def test_commits_of_a_peer_are_checked(testbed: Any, change: dict[str, Any], status: int) -> None:
    import uuid

    message = {
        "key_IDs": [str(uuid.uuid4())],
        "master": "alice",
        "slaves": ["bob"],
        "bits": 256,
        "simulated": True,
        "keys": "A" * 42 + "A=",
    }
    got, body = testbed.ask("POST", "/kme/v1/commit", {**message, **change}, name="kme-a", kme="kme-b")
    assert got == status, body


def test_a_commit_repeated_is_kept_once_and_never_revives_a_key(testbed: Any) -> None:
    import uuid

    name = str(uuid.uuid4())
    message = {"key_IDs": [name], "master": "alice", "slaves": ["bob"], "bits": 256, "simulated": True}
    message["keys"] = "A" * 42 + "A="
    for _ in range(2):
        assert testbed.ask("POST", "/kme/v1/commit", message, name="kme-a", kme="kme-b")[0] == 200
    with testbed.client("bob") as bob:
        assert bob.dec_keys("alice", [name])[0].material == bytes(32)
        assert testbed.ask("POST", "/kme/v1/commit", message, name="kme-a", kme="kme-b")[0] == 200
        with pytest.raises(KeyServiceError):
            bob.dec_keys("alice", [name])


def test_an_error_within_the_server_tells_nothing_of_what_it_was_about(
    testbed: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "c2VjcmV0IGtleSBtYXRlcmlhbA"

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(secret)

    monkeypatch.setattr(testbed.servers["kme-a"].store, "hand_out", broken)
    with caplog.at_level(logging.DEBUG):
        status, body = testbed.ask("POST", ENC, {})
    assert status == 500
    assert secret not in json.dumps(body) + caplog.text
    assert "RuntimeError at test_abuse.py" in caplog.text


def test_a_client_whose_connection_was_closed_meanwhile_makes_another(
    make_testbed: Callable[..., Any],
) -> None:
    testbed = make_testbed(idle_s=0.3)
    with testbed.client("alice") as alice:
        first = alice.enc_keys("bob")
        time.sleep(0.7)
        assert alice.enc_keys("bob")[0].id != first[0].id
