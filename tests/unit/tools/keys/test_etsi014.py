"""Conformance with ETSI GS QKD 014 V1.1.1, ET1 to ET12.

The numbers are ours; the clauses of the standard that they follow are 5 (methods) and 6 (data formats).

- ET1 status has every member of the Status format
- ET2 POST enc_keys gives a key container with UUIDs and base64 of the size asked for
- ET3 defaults: one key of key_size
- ET4 GET enc_keys with number and size
- ET5 POST dec_keys gives the slave the same keys
- ET6 GET dec_keys with one key_ID
- ET7 a key is given to each SAE once
- ET8 additional slave SAEs each get the key once
- ET9 sizes and numbers that cannot be are 400 with a message and details
- ET10 an unknown mandatory extension is 400, an unknown optional one is ignored
- ET11 who has no certificate, or that of another authority, gets nothing; who is not to have a key gets 401
- ET12 keys that cannot be provided are 503
"""

from __future__ import annotations

import base64
import socket
import ssl
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accord.tools.keys.authority import Authority
from accord.tools.keys.client import KeyServiceError
from accord.tools.keys.loading import open_store
from accord.tools.keys.settings import ServerSettings, read_settings

ENC, DEC = "/api/v1/keys/bob/enc_keys", "/api/v1/keys/alice/dec_keys"
STATUS_MEMBERS = {
    "source_KME_ID": str,
    "target_KME_ID": str,
    "master_SAE_ID": str,
    "slave_SAE_ID": str,
    "key_size": int,
    "stored_key_count": int,
    "max_key_count": int,
    "max_key_per_request": int,
    "max_key_size": int,
    "min_key_size": int,
    "max_SAE_ID_count": int,
}


def test_et1_status_has_every_member(testbed: Any) -> None:
    status, body = testbed.ask("GET", "/api/v1/keys/bob/status")
    assert status == 200
    assert {name: type(body[name]) for name in STATUS_MEMBERS} == STATUS_MEMBERS
    assert (body["source_KME_ID"], body["target_KME_ID"]) == ("kme-a", "kme-b")
    assert (body["master_SAE_ID"], body["slave_SAE_ID"]) == ("alice", "bob")
    assert body["status_extension"] == {"simulated": True}
    assert set(body) == {*STATUS_MEMBERS, "status_extension"}


@pytest.mark.parametrize(("number", "size"), [(1, 64), (3, 256), (128, 128), (2, 4096)])
def test_et2_a_container_of_the_number_and_size_asked_for(testbed: Any, number: int, size: int) -> None:
    status, body = testbed.ask("POST", ENC, {"number": number, "size": size})
    assert status == 200
    rows = body["keys"]
    assert len({str(uuid.UUID(row["key_ID"])) for row in rows}) == number
    assert {len(base64.b64decode(row["key"], validate=True)) for row in rows} == {size // 8}
    assert len({row["key"] for row in rows}) == number
    assert all(row["key_extension"] == {"simulated": True} for row in rows)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", None), ("POST", {})])
def test_et3_one_key_of_the_default_size_without_parameters(testbed: Any, method: str, body: Any) -> None:
    status, found = testbed.ask(method, ENC, body)
    assert status == 200
    assert [len(base64.b64decode(row["key"])) for row in found["keys"]] == [32]


def test_et4_get_takes_number_and_size(testbed: Any) -> None:
    status, body = testbed.ask("GET", f"{ENC}?number=2&size=512")
    assert status == 200
    assert [len(base64.b64decode(row["key"])) for row in body["keys"]] == [64, 64]


def test_et5_the_slave_gets_the_same_keys(testbed: Any) -> None:
    _, sent = testbed.ask("POST", ENC, {"number": 5})
    ids = [{"key_ID": row["key_ID"]} for row in sent["keys"]]
    status, got = testbed.ask("POST", DEC, {"key_IDs": ids}, name="bob", kme="kme-b")
    assert status == 200
    assert got == sent


def test_et6_get_takes_one_key_id(testbed: Any) -> None:
    _, sent = testbed.ask("GET", ENC)
    name = sent["keys"][0]["key_ID"]
    status, got = testbed.ask("GET", f"{DEC}?key_ID={name.upper()}", name="bob", kme="kme-b")
    assert (status, got) == (200, sent)


def test_et7_each_key_is_given_once_and_all_asked_for_or_none(testbed: Any) -> None:
    with testbed.client("alice") as alice, testbed.client("bob") as bob:
        one, two = alice.enc_keys("bob", number=2)
        assert [k.material for k in bob.dec_keys("alice", [one.id])] == [one.material]
        for ids in ([one.id], [two.id, one.id]):
            with pytest.raises(KeyServiceError) as caught:
                bob.dec_keys("alice", ids)
            assert caught.value.status == 401
        assert [k.material for k in bob.dec_keys("alice", [two.id])] == [two.material]


def with_third(make_testbed: Callable[..., Any], **settings: Any) -> Any:
    """Return a test-bed where carol is served beside alice and dave beside bob."""
    testbed = make_testbed(**settings)
    authority = Authority.__new__(Authority)
    load_authority(authority, testbed.folder)
    for name, like in (("carol", "alice"), ("dave", "bob")):
        authority.issue(name)
        text = (testbed.folder / f"{like}.yaml").read_text().replace(like, name)
        (testbed.folder / f"{name}.yaml").write_text(text)
    here, there = {"alice": {}, "carol": {}}, {"bob": {}, "dave": {}}
    for kme, own, other, far in (("kme-a", here, "kme-b", there), ("kme-b", there, "kme-a", here)):
        testbed.down(kme)
        peers = {other: {"url": f"https://127.0.0.1:{testbed.port(other)}", "saes": sorted(far)}}
        testbed.change(kme, saes=own, peers=peers)
        testbed.up(kme)
    return testbed


def load_authority(authority: Authority, folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    authority._folder = folder
    authority._key = load_pem_private_key((folder / "authority.key").read_bytes(), None)
    authority._name = x509.load_pem_x509_certificate((folder / "authority.pem").read_bytes()).subject


def test_et8_additional_slaves_each_get_the_key_once(make_testbed: Callable[..., Any]) -> None:
    testbed = with_third(make_testbed)
    with testbed.client("alice") as alice:
        (key,) = alice.enc_keys("bob", additional=["carol", "dave"])
    for name in ("bob", "carol", "dave"):
        with testbed.client(name) as slave:
            assert slave.dec_keys("alice", [key.id])[0].material == key.material
            with pytest.raises(KeyServiceError):
                slave.dec_keys("alice", [key.id])
    for kme in ("kme-a", "kme-b"):
        base = testbed.servers[kme].store.base
        # nothing is left once the last one has it
        assert testbed.run(rows(base, "SELECT count(*) FROM key")) == [(0,)]


async def rows(base: Any, query: str) -> list[Any]:
    return list(base.execute(query))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"size": 0}, "from 64 to 4096"),
        ({"size": 7}, "multiple of 8"),
        ({"size": 10**9}, "from 64 to 4096"),
        ({"size": -8}, "from 64 to 4096"),
        ({"size": "256"}, "no whole number"),
        ({"size": True}, "no whole number"),
        ({"size": 256.0}, "no whole number"),
        ({"number": 0}, "from 1 to 128"),
        ({"number": 10**9}, "from 1 to 128"),
        ({"number": None}, "no whole number"),
        ({"colour": 1}, "not known"),
        ({"additional_slave_SAE_IDs": ["nobody"]}, "not known"),
        ({"additional_slave_SAE_IDs": ["bob"]}, "named twice"),
        ({"additional_slave_SAE_IDs": ["alice"]}, "named twice"),
        ({"additional_slave_SAE_IDs": "bob"}, "list of texts"),
        ({"additional_slave_SAE_IDs": [f"s{i}" for i in range(9)]}, "at most 8"),
        ([], "JSON object"),
    ],
)
def test_et9_requests_that_cannot_be_are_400(testbed: Any, body: Any, said: str) -> None:
    status, found = testbed.ask("POST", ENC, body)
    assert status == 400
    assert said in found["message"]
    assert set(found) <= {"message", "details"}
    assert all(isinstance(row, dict) for row in found.get("details", []))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{ENC}?size=7", "multiple of 8"),
        (f"{ENC}?size=1e3", "no whole number"),
        (f"{ENC}?number=1&number=2", "twice"),
        (f"{ENC}?key_ID=1", "not known"),
        ("/api/v1/keys/nobody/enc_keys", "not known"),
        ("/api/v1/keys/nobody/status", "not known"),
        ("/api/v1/keys/alice/enc_keys", "named twice"),
        (f"{DEC}?key_ID=1", "no UUID"),
        (DEC, "one key_ID"),
    ],
)
def test_et9_queries_that_cannot_be_are_400(testbed: Any, path: str, said: str) -> None:
    status, found = testbed.ask("GET", path)
    assert (status, said in found["message"]) == (400, True)


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [{"key_ID": "x"}],
        [{}],
        ["00000000-0000-4000-8000-000000000000"],
        [{"key_ID": "00000000-0000-4000-8000-000000000000"}] * 2,
        [{"key_ID": f"00000000-0000-4000-8000-{i:012d}"} for i in range(129)],
        [{"key_ID": "00000000-0000-4000-8000-000000000000", "colour": 1}],
    ],
)
def test_et9_key_ids_that_cannot_be_are_400(testbed: Any, ids: Any) -> None:
    assert testbed.ask("POST", DEC, {"key_IDs": ids}, name="bob", kme="kme-b")[0] == 400


def test_et10_extensions(testbed: Any) -> None:
    mandatory = {"extension_mandatory": [{"abc_route_type": "direct"}, {"abc_transfer_method": "qkd"}]}
    status, body = testbed.ask("POST", ENC, mandatory)
    assert status == 400
    assert body["message"] == "not all extension_mandatory parameters are supported"
    optional = {"extension_optional": [{"abc_max_age": 30000}], "extension_mandatory": []}
    assert testbed.ask("POST", ENC, optional)[0] == 200


@pytest.mark.parametrize("case", ["none", "stranger", "expired", "revoked", "same name, other authority"])
def test_et11_who_is_not_known_gets_nothing(
    testbed: Any, stranger: Authority, tmp_path: Path, make_testbed: Callable[..., Any], case: str
) -> None:
    folder, name = testbed.folder, "mallory"
    if case in ("stranger", "same name, other authority"):
        name = "alice" if "same" in case else name
        stranger.issue(name)
        folder = stranger._folder
    elif case == "expired":
        own = Authority.__new__(Authority)
        load_authority(own, testbed.folder)
        own.issue("late", days=-1.0)
        name = "late"
    elif case == "revoked":
        testbed = make_testbed()
        own = Authority.__new__(Authority)
        load_authority(own, testbed.folder)
        own.revoke(own.issue("mallory"))
        testbed.down("kme-a")
        testbed.up("kme-a")
        folder = testbed.folder
    context = ssl.create_default_context(cafile=testbed.folder / "authority.pem")
    if case != "none":
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        tried(context, testbed.port("kme-a"))


def tried(context: ssl.SSLContext, port: int) -> None:
    plain = socket.create_connection(("127.0.0.1", port), 5.0)
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as stream:
        stream.sendall(b"GET /api/v1/keys/bob/status HTTP/1.1\r\nhost: x\r\n\r\n")
        assert not stream.recv(4096)
        raise ConnectionError("closed without an answer")


@pytest.mark.parametrize(("name", "kme"), [("bob", "kme-a"), ("kme-b", "kme-a"), ("kme-a", "kme-a")])
def test_et11_a_certificate_of_the_authority_is_not_enough(testbed: Any, name: str, kme: str) -> None:
    status, body = testbed.ask("GET", "/api/v1/keys/bob/status", name=name, kme=kme)
    assert (status, body["message"]) == (401, "this certificate is not that of an SAE served here")


def test_et11_another_ones_key_an_unknown_one_and_one_gone_are_told_alike(
    make_testbed: Callable[..., Any],
) -> None:
    testbed = with_third(make_testbed)
    with testbed.client("alice") as alice, testbed.client("bob") as bob, testbed.client("dave") as dave:
        key, gone = alice.enc_keys("bob", number=2)
        bob.dec_keys("alice", [gone.id])
        told = set()
        for client, name in ((dave, key.id), (bob, str(uuid.uuid4())), (bob, gone.id)):
            with pytest.raises(KeyServiceError) as caught:
                client.dec_keys("alice", [name])
            told.add(str(caught.value))
        assert len(told) == 1
        with pytest.raises(KeyServiceError):
            bob.dec_keys("carol", [key.id])  # the right slave, another master
        assert bob.dec_keys("alice", [key.id])[0].material == key.material


def test_et12_a_peer_that_is_away_is_503_and_works_again_when_it_is_back(
    make_testbed: Callable[..., Any],
) -> None:
    testbed = make_testbed(peer_timeout_s=0.5)
    with testbed.client("alice") as alice:
        alice.enc_keys("bob")
        testbed.down("kme-b")
        for _ in range(2):
            with pytest.raises(KeyServiceError, match="kme-b does not answer") as caught:
                alice.enc_keys("bob")
            assert caught.value.status == 503
        testbed.up("kme-b")
        (key,) = alice.enc_keys("bob")
    with testbed.client("bob") as bob:
        assert bob.dec_keys("alice", [key.id])[0].material == key.material


def test_et12_an_empty_pool_and_a_quota_used_up_are_503(make_testbed: Callable[..., Any]) -> None:
    testbed = make_testbed(source="pool")
    testbed.down("kme-a")
    testbed.change("kme-a", saes={"alice": {"quota_kbit_per_hour": 3}})
    testbed.up("kme-a")
    with testbed.client("alice") as alice:
        assert alice.status("bob")["stored_key_count"] == 0
        with pytest.raises(KeyServiceError, match="not enough key") as caught:
            alice.enc_keys("bob")
        assert caught.value.status == 503
        share(testbed, bytes(range(256)) * 64)
        for _ in range(11):
            alice.enc_keys("bob")
        with pytest.raises(KeyServiceError, match="quota") as caught:
            alice.enc_keys("bob")
        assert caught.value.status == 503


def share(testbed: Any, material: bytes, block: bytes = b"b" * 16) -> None:
    for kme, peer in (("kme-a", "kme-b"), ("kme-b", "kme-a")):
        store = open_store(read_settings(testbed.folder / f"{kme}.yaml", ServerSettings), testbed.folder)
        assert store.load(block, peer, material, first=kme < peer)
        assert not store.load(block, peer, material, first=kme < peer)
        store.close()
