"""Keys on disk: sealed, once, wiped, expiring, audited; and what setting up and the command line do."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Timer
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from tests.unit.tools.keys.test_etsi014 import share

from accord.errors import AccordError, FileError
from accord.systems.qkd.vault import Vault
from accord.tools.keys.authority import initialise
from accord.tools.keys.chunks import CHUNK_BYTES
from accord.tools.keys.client import KeyClient, KeyServiceError
from accord.tools.keys.http import HttpError
from accord.tools.keys.identity import name_in
from accord.tools.keys.loading import load_pool, open_store
from accord.tools.keys.server import Server
from accord.tools.keys.settings import ClientSettings, ServerSettings, read_settings
from accord.tools.keys.store import KeyStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    initialise(tmp_path / "bed", source="pool")
    return tmp_path / "bed"


def stores(folder: Path) -> tuple[KeyStore, KeyStore]:
    one, other = (
        open_store(read_settings(folder / f"{kme}.yaml", ServerSettings), folder)
        for kme in ("kme-a", "kme-b")
    )
    return one, other


def handed(store: KeyStore, ids: list[str], size: int = 32, **more: Any) -> Any:
    given = {"peer": "kme-b", "master": "alice", "local_slaves": [], "simulated": False, "ttl_s": 60.0}
    return store.hand_out(ids, None, size=size, quota_bit_per_hour=None, **{**given, **more})


def test_both_ends_cut_the_same_bytes_and_never_twice(folder: Path) -> None:
    material = secrets.token_bytes(5 * CHUNK_BYTES + 100)
    a, b = stores(folder)
    a.load(b"x" * 16, "kme-b", material, first=True)
    b.load(b"x" * 16, "kme-a", material, first=False)
    assert a.bytes_left("kme-b") + b.bytes_left("kme-a") == len(material)
    taken = b""
    for number, size in enumerate([32, 1000, CHUNK_BYTES, 8]):
        own, pieces, _ = handed(a, [f"a{number}"], size)
        b.accept("kme-a", [f"a{number}"], pieces, master="alice", slaves=["bob"], simulated=False, ttl_s=60.0)
        (got,), _ = b.collect([f"a{number}"], sae="bob", master="alice")
        assert got == (f"a{number}", own)
        taken += own
    other, *_ = handed(b, ["b0"], 2 * CHUNK_BYTES, peer="kme-a")
    assert taken == (material[:CHUNK_BYTES] + material[2 * CHUNK_BYTES :])[: len(taken)]
    assert other == material[CHUNK_BYTES : 2 * CHUNK_BYTES] + material[3 * CHUNK_BYTES : 4 * CHUNK_BYTES]


def test_pieces_that_were_used_or_are_not_there_are_refused(folder: Path) -> None:
    material = secrets.token_bytes(CHUNK_BYTES)
    a, b = stores(folder)
    a.load(b"x" * 16, "kme-b", material, first=True)
    b.load(b"x" * 16, "kme-a", material, first=False)
    _, lost, _ = handed(a, ["1"])  # never told to the peer
    own, pieces, _ = handed(a, ["2"])
    more = {"master": "alice", "slaves": ["bob"], "simulated": False, "ttl_s": 60.0}
    b.accept("kme-a", ["2"], pieces, **more)
    assert b.collect(["2"], sae="bob", master="alice")[0][0][1] == own
    for stale in (lost, pieces):
        with pytest.raises(HttpError, match="not in store"):
            b.accept("kme-a", ["3"], stale, **more)
    with pytest.raises(HttpError, match="not enough key"):
        handed(a, ["4"], CHUNK_BYTES)
    assert a.bytes_left("kme-b") == CHUNK_BYTES - 64


def test_nothing_is_on_disk_in_the_clear_and_used_key_not_even_sealed(folder: Path) -> None:
    material = secrets.token_bytes(CHUNK_BYTES)
    a, _ = stores(folder)
    a.load(b"x" * 16, "kme-b", material, first=True)
    handed(a, ["1"], 2048)
    row = a.base.execute("SELECT length(sealed), start FROM chunk").fetchone()
    assert row == (CHUNK_BYTES - 2048 + 28, 2048)
    a.close()
    raw = b"".join(p.read_bytes() for p in folder.glob("kme-a.db*"))
    assert not any(material[i : i + 16] in raw for i in range(0, CHUNK_BYTES, 16))


def test_keys_expire_and_are_wiped(folder: Path) -> None:
    a, _ = stores(folder)
    ids = ["1", "2"]
    a.hand_out(
        ids, bytes(64), size=32, peer="", master="alice", local_slaves=["carol"], simulated=False, ttl_s=0.05,
        quota_bit_per_hour=None,
    )  # fmt: skip
    assert a.waiting("carol") == 2
    time.sleep(0.1)
    with pytest.raises(HttpError) as caught:
        a.collect(["1"], sae="carol", master="alice")
    assert caught.value.status == 401
    assert a.expire() == 2
    assert a.expire() == 0
    assert a.waiting("carol") == 0


def test_the_audit_chain_breaks_where_it_is_changed_and_holds_no_key(folder: Path) -> None:
    material = secrets.token_bytes(CHUNK_BYTES)
    a, _ = stores(folder)
    a.load(b"x" * 16, "kme-b", material, first=True)
    own, *_ = handed(a, ["1"])
    a.refused("mallory", "api/v1/keys/bob/enc_keys", 401)
    count, last = a.audit_chain()
    assert count == 3
    assert len(last) == 64
    entries = [json.loads(r[0]) for r in a.base.execute("SELECT entry FROM audit ORDER BY number")]
    assert [e["event"] for e in entries] == ["loaded", "handed out", "refused"]
    assert own.hex() not in json.dumps(entries)
    a.base.execute("UPDATE audit SET entry = replace(entry, 'mallory', 'alice') WHERE number = 2")
    with pytest.raises(AccordError, match="entry 2 does not follow"):
        a.audit_chain()
    a.base.execute("DELETE FROM audit WHERE number = 1")
    with pytest.raises(AccordError, match="entry 2 does not follow"):
        a.audit_chain()


def test_a_store_that_is_none_is_refused(folder: Path) -> None:
    (folder / "kme-a.db").write_bytes(b"this is no database, but long enough to look at" * 100)
    with pytest.raises(FileError, match="no key store"):
        KeyStore(folder / "kme-a.db", Vault(folder / "kme-a.kek"))


def test_a_disk_that_is_full_is_503_and_nothing_is_handed_out(folder: Path) -> None:
    a, _ = stores(folder)
    a.load(b"x" * 16, "kme-b", secrets.token_bytes(CHUNK_BYTES), first=True)
    pages = a.base.execute("PRAGMA page_count").fetchone()[0]
    a.base.execute(f"PRAGMA max_page_count = {pages}")
    before = a.bytes_left("kme-b")
    with pytest.raises(HttpError, match="cannot be written") as caught:
        filled(a)
    assert caught.value.status == 503
    assert a.bytes_left("kme-b") == before
    a.audit_chain()


def filled(store: KeyStore) -> None:
    for i in range(1000):
        store.hand_out(
            [f"k{i}"], bytes(4096), size=4096, peer="", master="alice", local_slaves=["carol"],
            simulated=False, ttl_s=60.0, quota_bit_per_hour=None,
        )  # fmt: skip


def test_simulated_keys_stay_on_this_machine_unless_forced(tmp_path: Path) -> None:
    initialise(tmp_path / "bed")
    path = tmp_path / "bed" / "kme-a.yaml"
    path.write_text(path.read_text().replace("host: 127.0.0.1", "host: 0.0.0.0"))
    settings = read_settings(path, ServerSettings)
    with pytest.raises(AccordError, match="simulated keys, which protect nothing"):
        Server(settings, path.parent)
    Server(settings, path.parent, force=True).store.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kme": "../x"}, "kme: String should match"),
        ({"colour": 1}, "colour: Extra inputs"),
        ({"port": "x"}, "port"),
        ({"key_size_bit": 7}, "key_size_bit"),
        ({"largest_key_bit": 64}, "between smallest_key_bit and largest_key_bit"),
        ({"saes": {"bob": {}}}, "SAE bob is served at two places"),
        ({"source": "magic"}, "source"),
        ({"peers": {"kme-b": {"url": "http://127.0.0.1:1", "saes": []}}}, "url"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_file_and_key(
    folder: Path, change: dict[str, Any], said: str
) -> None:
    path = folder / "kme-a.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **change}))
    with pytest.raises(FileError) as caught:
        read_settings(path, ServerSettings)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_files_that_cannot_be_read_are_named(folder: Path, tmp_path: Path) -> None:
    for text in ("[1", "- a", "\x00"):
        (tmp_path / "x.yaml").write_text(text)
        with pytest.raises(FileError, match=r"x\.yaml"):
            read_settings(tmp_path / "x.yaml", ClientSettings)
    (folder / "alice.pem").unlink()
    with pytest.raises(FileError, match=r"alice\.pem: does not exist"):
        KeyClient(read_settings(folder / "alice.yaml", ClientSettings), folder)
    with pytest.raises(FileError, match="is not empty"):
        initialise(folder)


def test_private_files_are_private(folder: Path) -> None:
    modes = {p.name: p.stat().st_mode & 0o777 for p in folder.iterdir()}
    assert {m for n, m in modes.items() if n.endswith((".key", ".kek"))} == {0o600}


@pytest.mark.parametrize(
    ("certificate", "name"),
    [
        (None, None),
        ({}, None),
        ({"subject": ((("commonName", "alice"),),)}, "alice"),
        ({"subject": ((("commonName", "Encryptor 7"),),)}, "dave"),
        ({"subject": ((("commonName", "a"),), (("commonName", "b"),))}, None),
        ({"subject": ((("commonName", "x"),),), "subjectAltName": (("URI", "urn:accord:bob"),)}, "bob"),
        ({"subjectAltName": (("URI", "urn:accord:a"), ("URI", "urn:accord:b"))}, None),
        ({"subject": ((("commonName", "x"),),), "subjectAltName": (("URI", "https://other"),)}, "x"),
    ],
)
def test_names_in_certificates(certificate: Any, name: str | None) -> None:
    assert name_in(certificate, {"Encryptor 7": "dave"}) == name


def test_key_of_a_link_reaches_the_applications_at_both_ends(
    make_testbed: Callable[..., Any], tmp_path: Path
) -> None:
    from accord.systems.qkd.postprocessing.pool import Pool
    from accord.systems.qkd.vault import create_sealing_key

    testbed = make_testbed(source="pool")
    material = secrets.token_bytes(8192)
    for role, kme, peer in (("alice", "kme-a", "kme-b"), ("bob", "kme-b", "kme-a")):
        create_sealing_key(tmp_path / f"{role}.kek")
        pool = Pool(tmp_path / f"{role}.db", Vault(tmp_path / f"{role}.kek"))
        pool.stock(secrets.token_bytes(128))
        pool.prepare(b"q" * 16, 8 * 8192, material, {})
        pool.commit(b"q" * 16, 0)
        pool.close()
        settings = read_settings(testbed.folder / f"{kme}.yaml", ServerSettings)
        source = (tmp_path / f"{role}.db", tmp_path / f"{role}.kek")
        assert load_pool(settings, testbed.folder, peer, *source) == (1, 8192)
        assert load_pool(settings, testbed.folder, peer, *source) == (0, 0)
        with pytest.raises(AccordError, match="has no peer"):
            load_pool(settings, testbed.folder, "kme-x", *source)
    with testbed.client("alice") as alice, testbed.client("bob") as bob:
        assert alice.status("bob")["stored_key_count"] == 4096 * 8 // 256
        assert "status_extension" not in alice.status("bob")
        keys = alice.enc_keys("bob", number=3)
        assert not any(key.simulated for key in keys)
        assert [k.material for k in bob.dec_keys("alice", [k.id for k in keys])] == [k.material for k in keys]
        assert b"".join(k.material for k in keys) == material[:96]
        (back,) = bob.enc_keys("alice")
        assert alice.dec_keys("bob", [back.id])[0].material == back.material == material[4096 : 4096 + 32]
        assert str(back.material) not in repr(back)


def started(settings: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "accord", "keys", "serve", str(settings)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:  # what it says later has no reader
        assert "listening" in process.stdout.readline()
    return process


@pytest.mark.slow
@pytest.mark.parametrize("survives", ["kill", "power loss"])
def test_no_key_is_given_twice_or_differs_when_entities_are_killed(tmp_path: Path, survives: str) -> None:
    """Kill -9 at arbitrary moments, ten times; what was answered stays answered."""
    folder = tmp_path / "bed"
    initialise(folder, source="pool")
    for kme in ("kme-a", "kme-b"):
        path = folder / f"{kme}.yaml"
        path.write_text(
            yaml.safe_dump({**yaml.safe_load(path.read_text()), "peer_timeout_s": 1.0, "survives": survives})
        )

    bed = SimpleNamespace(folder=folder)
    share(bed, secrets.token_bytes(400_000))
    servers = {kme: started(folder / f"{kme}.yaml") for kme in ("kme-a", "kme-b")}
    sent: dict[str, bytes] = {}
    got: dict[str, bytes] = {}
    refused: list[str] = []
    rng = Random(5)
    try:
        for turn in range(10):
            victim = ("kme-a", "kme-b")[turn % 2]
            deadline = time.monotonic() + rng.uniform(0.1, 0.5)
            clients = {
                n: KeyClient(read_settings(folder / f"{n}.yaml", ClientSettings), folder)
                for n in ("alice", "bob")
            }
            timer = Timer(deadline - time.monotonic(), servers[victim].send_signal, [signal.SIGKILL])
            timer.start()
            while time.monotonic() < deadline + 0.05:
                exchange(clients["alice"], clients["bob"], sent, got, refused)
            timer.join()
            servers[victim].wait(10)
            for client in clients.values():
                client.close()
            servers[victim] = started(folder / f"{victim}.yaml")
        alice, bob = (
            KeyClient(read_settings(folder / f"{n}.yaml", ClientSettings), folder) for n in ("alice", "bob")
        )
        for name in [n for n in sent if n not in got and n not in refused]:
            exchange_late(bob, name, got, refused)
        for name in list(got):
            with pytest.raises(KeyServiceError):
                bob.dec_keys("alice", [name])
        exchange(alice, bob, sent, got, refused)
        alice.close()
        bob.close()
    finally:
        for server in servers.values():
            server.terminate()
            server.wait(10)
    assert len(got) > 20
    assert all(sent.get(name, material) == material for name, material in got.items())
    assert len(set(sent.values())) == len(sent), "the same key twice"
    assert len(sent) - len(got) <= 10, "more keys were lost than answers were cut off"
    for store in stores(folder):
        store.audit_chain()
        assert store.base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def exchange(
    alice: KeyClient, bob: KeyClient, sent: dict[str, bytes], got: dict[str, bytes], refused: list[str]
) -> None:
    try:
        (key,) = alice.enc_keys("bob")
    except KeyServiceError:
        time.sleep(0.01)
        return
    assert key.id not in sent
    sent[key.id] = key.material
    exchange_late(bob, key.id, got, refused)


def exchange_late(bob: KeyClient, name: str, got: dict[str, bytes], refused: list[str]) -> None:
    try:
        (key,) = bob.dec_keys("alice", [name])
    except KeyServiceError as error:
        if error.status == 401:  # its answer was cut off: it may have been seen, so it is not given again
            refused.append(name)
        return
    assert name not in got
    got[name] = key.material


def test_the_commands_of_the_manual_lead_to_a_first_key(tmp_path: Path) -> None:
    """Run what docs/keys.md says, as it stands there."""
    text = (Path(__file__).parents[4] / "docs" / "keys.md").read_text()
    block = text.split("```sh\n")[1].split("```")[0]
    commands = [line.partition("#")[0].strip() for line in block.splitlines() if line.strip()]
    assert len(commands) == 5
    bin_folder = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
    }
    servers: list[subprocess.Popen[str]] = []
    try:
        for line in commands:
            if line.endswith("&"):
                server = subprocess.Popen(
                    line.removesuffix("&").split(), cwd=tmp_path, env=environment,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                )  # fmt: skip
                servers.append(server)
                assert server.stdout is not None
                assert "listening" in server.stdout.readline()
            else:
                done = subprocess.run(
                    line,
                    shell=True,
                    cwd=tmp_path,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
    finally:
        for server in servers:
            server.terminate()
            server.wait(10)
            server.stdout.close()  # type: ignore[union-attr]
    sent = json.loads((tmp_path / "sent.json").read_text())
    assert json.loads(done.stdout) == sent
    assert len(sent["keys"]) == 1


def test_sqlite_is_recent_enough() -> None:
    assert sqlite3.sqlite_version_info >= (3, 24), "upsert"
