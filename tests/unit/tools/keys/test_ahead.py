"""Keys set aside: what is left of them after kill -9 and after a loss of power, at every point where it can strike."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.unit.tools.keys.test_etsi014 import rows, share

from accord.systems.qkd.vault import Vault, create_sealing_key
from accord.tools.keys import disk, reserve
from accord.tools.keys.ahead import Pace
from accord.tools.keys.chunks import CHUNK_BYTES
from accord.tools.keys.client import KeyServiceError
from accord.tools.keys.http import HttpError
from accord.tools.keys.reserve import Reserve
from accord.tools.keys.store import KeyStore

HOMES = {"alice": "", "bob": "kme-b", "carol": "kme-b"}


class Power:
    """Knows how much of each log the disk was waited for, and cuts a store down to that.

    Without checkpoints the log is only appended to, so that its beginning is what the disk holds.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kept: dict[int, int] = {}
        self.waits = 0
        monkeypatch.setattr(disk, "_synchronise", self._synchronise)

    def _synchronise(self, handle: int) -> None:
        found = os.fstat(handle)
        time.sleep(0.001)
        self.waits += 1
        self.kept[found.st_ino] = max(self.kept.get(found.st_ino, 0), found.st_size)

    def cut(self, path: Path, spare: Path, rng: Random | None = None) -> None:
        """Leave in ``spare`` what a disk holds; by chance also some of what it was not waited for."""
        log = path.with_name(path.name + "-wal")
        whole = log.read_bytes()
        kept = self.kept.get(log.stat().st_ino, 0)
        size = rng.randint(kept, len(whole)) if rng else kept
        shutil.copy(path, spare)
        spare.with_name(spare.name + "-wal").write_bytes(whole[:size])


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Power:
    return Power(monkeypatch)


class Bench:
    """A store on its own, its reserve, and ways to lose it."""

    def __init__(self, folder: Path, power: Power) -> None:
        self.folder, self.power, self.count = folder, power, 0
        create_sealing_key(folder / "x.kek")
        self.path = folder / "store0.db"
        self.up("boot 1")

    def up(self, boot: str) -> dict[str, int]:
        self.store = KeyStore(self.path, Vault(self.folder / "x.kek"))
        self.store.base.execute("PRAGMA wal_autocheckpoint=0")
        self.store.disk.settle()
        self.reserve = Reserve(self.store, boot)
        return self.reserve.begin(HOMES)

    def lose(self, boot: str = "boot 2") -> dict[str, int]:
        self.count += 1
        spare = self.folder / f"store{self.count}.db"
        self.power.cut(self.path, spare)
        self.path = spare
        return self.up(boot)

    def killed(self) -> dict[str, int]:
        """Open the same files anew, as after kill -9: nothing of the file is lost."""
        return self.up("boot 1")

    def lay_up(self, number: int = 10, *, ready: bool = True) -> list[str]:
        ids = [f"key {self.count} {n}" for n in range(number)]
        self.reserve.lay_up(
            ids, None, size=32, peer="kme-b", master="alice", slave="bob", until=time.time() + 60.0
        )
        self.store.disk.settle()
        if ready:
            self.reserve.ready(ids)
        return ids

    def take(self, number: int = 1, quota: int | None = None) -> Any:
        return self.reserve.take(number, master="alice", slave="bob", bits=256, quota_bit_per_hour=quota)

    def keep(self, number: int = 10) -> list[str]:
        """Keep keys of bob's, for carol here."""
        ids = [f"key {n}" for n in range(number)]
        self.store.accept(
            "kme-b", ids, secrets.token_bytes(32 * number), master="bob", slaves=["carol"], simulated=False, ttl_s=60.0
        )  # fmt: skip
        self.store.disk.settle()
        return ids

    def events(self, event: str) -> list[dict[str, Any]]:
        found = [json.loads(r[0]) for r in self.store.base.execute("SELECT entry FROM audit ORDER BY number")]
        return [e for e in found if e["event"] == event]


@pytest.fixture
def bench(tmp_path: Path, power: Power) -> Iterator[Bench]:
    made = Bench(tmp_path, power)
    made.store.load(b"x" * 16, "kme-b", secrets.token_bytes(2 * CHUNK_BYTES), first=True)
    yield made
    made.store.audit_chain()
    assert made.store.base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_reserved_keys_are_burnt_after_a_loss_of_power_and_never_given_again(bench: Bench) -> None:
    ids = bench.lay_up()
    (first,), _ = bench.take()
    assert first[0] == ids[0]
    assert bench.lose() == {"master": 10, "slave": 0}
    assert bench.take() is None
    (burnt,) = bench.events("burnt")
    assert (burnt["sae"], burnt["role"], burnt["key_IDs"]) == ("alice", "master", ids)
    assert bench.events("handed out") == []  # lost with the power: the entry above and this one name the key
    assert bench.events("reserved")[0]["key_IDs"] == ids
    assert bench.reserve.burnt("alice") == 10
    assert bench.store.used("alice") == 2560
    assert bench.reserve.notices() == {}  # the peer may have to give them yet
    drawn, *_ = bench.store.hand_out(
        ["new"], None, size=32, peer="kme-b", master="alice", local_slaves=[], simulated=False, ttl_s=9.0,
        quota_bit_per_hour=None,
    )  # fmt: skip
    assert drawn != first[1]
    assert bench.store.bytes_left("kme-b") == CHUNK_BYTES - 11 * 32


def test_nothing_is_burnt_when_the_process_alone_ends(bench: Bench) -> None:
    ids = bench.lay_up()
    bench.take(3)
    assert bench.killed() == {"master": 0, "slave": 0}
    keys, _ = bench.take(7)
    assert [k[0] for k in keys] == ids[3:]
    assert bench.store.used("alice") == 2560
    assert bench.reserve.burnt("alice") == 0


def test_killed_between_the_commit_and_the_note_beside_is_no_loss(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.lay_up()
    monkeypatch.setattr(Reserve, "mark", lambda self: None)
    bench.take()
    monkeypatch.undo()
    assert bench.killed() == {"master": 0, "slave": 0}


@pytest.mark.parametrize(
    "how", ["log rolled back", "copied", "no note", "half a note", "no name of the boot"]
)
def test_what_cannot_be_known_to_be_whole_is_burnt(bench: Bench, how: str) -> None:
    bench.lay_up()
    bench.take()
    note, boot = bench.path.with_name(bench.path.name + ".witness"), "boot 1"
    if how in ("log rolled back", "copied"):
        spare = bench.folder / "spare.db"
        if how == "copied":
            bench.power.kept.clear()
            bench.power._synchronise(os.open(str(bench.path) + "-wal", os.O_RDONLY))
        bench.power.cut(bench.path, spare)
        shutil.copy(note, str(spare) + ".witness")
        if how == "copied":
            bench.path = spare
        else:  # the same file as far as its name tells
            bench.store.close()
            for end in ("", "-wal"):
                Path(str(bench.path) + end).write_bytes(Path(str(spare) + end).read_bytes())
    elif how == "no note":
        note.unlink()
    elif how == "half a note":
        note.write_bytes(note.read_bytes()[:20])
    else:
        boot = ""
    assert bench.up(boot)["master"] in (9, 10)
    assert bench.take() is None


def test_an_orderly_end_leaves_nothing_in_doubt(bench: Bench) -> None:
    bench.lay_up()
    bench.take(2)
    bench.keep()
    bench.reserve.open(["key 1"], "carol")
    bench.reserve.end()
    assert bench.lose("boot 7") == {"master": 0, "slave": 0}
    assert len(bench.take(8)[0]) == 8
    assert bench.store.collect(["key 1"], sae="carol", master="bob")[0][0][0] == "key 1"


def test_keys_the_peer_has_not_confirmed_are_never_given(bench: Bench) -> None:
    ids = bench.lay_up(ready=False)
    assert bench.take() is None
    bench.killed()
    assert bench.take() is None
    assert sorted(bench.reserve.notices()["kme-b"]) == sorted(ids)
    bench.reserve.told(ids)
    assert bench.reserve.notices() == {}
    assert bench.store.used("alice") == 0


def test_keys_of_which_the_confirmation_was_lost_are_not_taken_from_the_peer(bench: Bench) -> None:
    bench.lay_up(ready=False)
    assert bench.lose() == {"master": 10, "slave": 0}
    assert bench.take() is None
    assert bench.reserve.notices() == {}


def test_a_reservation_lost_before_it_was_on_disk_leaves_no_trace(bench: Bench) -> None:
    left = bench.store.bytes_left("kme-b")
    bench.reserve.lay_up(
        ["1"], None, size=32, peer="kme-b", master="alice", slave="bob", until=time.time() + 9
    )
    assert bench.store.bytes_left("kme-b") == left - 32
    bench.lose()
    assert bench.store.bytes_left("kme-b") == left
    assert bench.events("reserved") == []


def test_opened_keys_are_burnt_after_a_loss_of_power_and_the_peer_hears_of_it(bench: Bench) -> None:
    ids = bench.keep()
    assert bench.reserve.open([*ids[2:5], "of nobody"], "carol") == ids[2:5]
    bench.store.disk.settle()
    bench.store.collect([ids[2]], sae="carol", master="bob")
    bench.reserve.mark()
    assert bench.lose() == {"master": 0, "slave": 3}
    for name in ids[2:5]:
        with pytest.raises(HttpError):
            bench.store.collect([name], sae="carol", master="bob")
    assert bench.reserve.notices() == {"kme-b": ids[2:5]}
    assert bench.events("burnt")[0]["key_IDs"] == ids[2:5]
    assert len(bench.store.collect(ids[5:] + ids[:2], sae="carol", master="bob")[0]) == 7
    assert bench.store.base.execute("SELECT count(*) FROM key").fetchone() == (0,)


def test_opened_keys_are_given_once_after_kill(bench: Bench) -> None:
    ids = bench.keep()
    bench.reserve.open(ids[:5], "carol")
    bench.store.disk.settle()
    bench.store.collect([ids[0]], sae="carol", master="bob")
    bench.reserve.mark()
    assert bench.killed() == {"master": 0, "slave": 0}
    with pytest.raises(HttpError):
        bench.store.collect([ids[0]], sae="carol", master="bob")
    assert len(bench.store.collect(ids[1:], sae="carol", master="bob")[0]) == 9


def test_notes_taken_back_burn_nothing_more(bench: Bench) -> None:
    ids = bench.keep()
    bench.reserve.open(ids[:5], "carol")
    bench.store.collect([ids[0]], sae="carol", master="bob")
    bench.reserve.shut("carol")
    bench.store.disk.settle()
    assert bench.lose() == {"master": 0, "slave": 0}
    with pytest.raises(HttpError):
        bench.store.collect([ids[0]], sae="carol", master="bob")
    assert len(bench.store.collect(ids[1:], sae="carol", master="bob")[0]) == 9


def test_burning_that_is_cut_short_is_done_again(bench: Bench) -> None:
    bench.lay_up()
    bench.take()
    bench.lose()
    bench.power.kept[os.stat(str(bench.path) + "-wal").st_ino] = (
        0  # not even the burning has reached the disk
    )
    spare = bench.folder / "again.db"
    shutil.copy(bench.folder / "store0.db", spare)
    first = bench.folder / "store0.db-wal"
    spare.with_name("again.db-wal").write_bytes(first.read_bytes()[: bench.power.kept[first.stat().st_ino]])
    bench.path = spare
    assert bench.up("boot 3")["master"] == 10
    assert bench.reserve.burnt("alice") == 10
    assert bench.take() is None


def test_a_quota_holds_for_keys_set_aside(bench: Bench) -> None:
    bench.lay_up()
    assert bench.take(3, quota=800) is not None
    with pytest.raises(HttpError, match="quota"):
        bench.take(1, quota=800)
    assert bench.reserve.left("alice", "bob", 256) == 7
    assert bench.store.used("alice") == 768


def test_keys_set_aside_too_long_ago_are_given_up(bench: Bench) -> None:
    bench.reserve.lay_up(
        ["1"], None, size=32, peer="kme-b", master="alice", slave="bob", until=time.time() + 0.05
    )
    bench.reserve.ready(["1"])
    time.sleep(0.06)
    assert bench.take() is None
    bench.reserve.retire()
    assert bench.reserve.notices() == {"kme-b": ["1"]}
    assert bench.reserve.left("alice", "bob", 256) == 0


def test_a_peer_makes_forget_only_what_is_shared_with_it(bench: Bench) -> None:
    ids, kept = bench.lay_up(), bench.keep()
    bench.reserve.forget([ids[0], kept[0]], "kme-c", lambda master: False)
    assert bench.reserve.left("alice", "bob", 256) == 10
    bench.reserve.forget(
        [ids[0], kept[0], "unheard of"], "kme-b", lambda master: HOMES.get(master) == "kme-b"
    )
    assert bench.reserve.left("alice", "bob", 256) == 9
    assert bench.store.waiting("carol") == 9
    assert bench.events("withdrawn")[-1]["key_IDs"] == [ids[0], kept[0]]


def test_reserved_keys_are_sealed(bench: Bench) -> None:
    bench.lay_up()
    (key,), _ = bench.take()
    raw = b"".join(p.read_bytes() for p in bench.folder.glob("store0.db*"))
    assert key[1] not in raw


def test_many_share_one_wait_and_none_is_told_too_early(bench: Bench) -> None:
    async def all_of_them() -> None:
        async def one(number: int) -> None:
            bench.store.refused(f"s{number}", "x", 401)
            log = os.stat(str(bench.path) + "-wal")
            await bench.store.disk.settled()
            assert bench.power.kept[log.st_ino] >= log.st_size

        async def later(number: int) -> None:
            await asyncio.sleep(number * 1e-4)
            await one(number)

        await asyncio.gather(*(one(n) for n in range(50)), *(later(n) for n in range(50)))

    before = bench.power.waits
    asyncio.run(all_of_them())
    assert bench.power.waits - before < 40


def test_a_disk_that_failed_once_is_never_trusted_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "_synchronise", broken)
    for _ in range(2):
        with pytest.raises(HttpError, match="disk has failed") as caught:
            asyncio.run(bench.store.disk.settled())
        assert caught.value.status == 503
        monkeypatch.undo()
    bench.store.disk = disk.Disk(bench.path, power=True)


def test_pace_counts_what_was_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    pace = Pace()
    found = []
    for now[0], number in ((0.0, 3), (0.1, 4), (0.3, 1), (9.0, 2)):
        found.append(pace.note(number))
    assert found == [3, 7, 5, 2]


# ---------------------------------------------------------------------- two entities


class Run:
    """Alice asks, bob fetches some keys behind her; both note what they saw."""

    def __init__(self, bed: Any) -> None:
        self.bed, self.sent, self.got = bed, {}, {}
        self.refused: list[str] = []
        self.waiting: list[str] = []

    def go(self, seconds: float, behind: int, stop: Callable[[], bool] = lambda: False) -> None:
        end = time.monotonic() + seconds
        with self.bed.client("alice") as alice, self.bed.client("bob") as bob:
            while time.monotonic() < end and not stop():
                (key,) = alice.enc_keys("bob")
                assert key.id not in self.sent, "the same identifier twice"
                self.sent[key.id] = key.material
                self.waiting.append(key.id)
                if len(self.waiting) > behind:
                    self.fetch(bob)

    def fetch(self, bob: Any) -> None:
        name = self.waiting.pop(0)
        try:
            (key,) = bob.dec_keys("alice", [name])
        except KeyServiceError as error:
            if error.status != 401:
                raise
            self.refused.append(name)
            return
        assert key.material == self.sent[name]
        self.got[name] = key.material

    def rest(self) -> None:
        with self.bed.client("bob") as bob:
            while self.waiting:
                self.fetch(bob)

    def nothing_twice(self) -> None:
        assert len(set(self.sent.values())) == len(self.sent), "the same key twice"
        with self.bed.client("bob") as bob:
            for name in self.got:
                with pytest.raises(KeyServiceError):
                    bob.dec_keys("alice", [name])


def without_checkpoints(bed: Any) -> None:
    for server in bed.servers.values():
        bed.run(rows(server.store.base, "PRAGMA wal_autocheckpoint=0"))


def cut(bed: Any, power: Power, kme: str, rng: Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the power from an entity and give it back."""
    path, spare = bed.folder / f"{kme}.db", bed.folder / f"{kme}.spare"

    async def at_once() -> None:
        power.cut(path, spare, rng if rng.random() < 0.5 else None)

    bed.run(at_once())
    bed.down(kme)
    for end in ("", "-wal"):
        Path(str(path) + end).unlink(missing_ok=True)
        Path(str(spare) + end).rename(str(path) + end)
    Path(str(path) + "-shm").unlink(missing_ok=True)
    monkeypatch.setattr(reserve, "boot_name", lambda: f"boot {rng.random()}")
    bed.up(kme)
    without_checkpoints(bed)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["pool", "simulated"])
def test_power_cuts_at_any_moment_double_nothing_and_lose_few(
    make_testbed: Callable[..., Any], power: Power, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    bed = make_testbed(source=source, most_keys_reserved=64, most_keys_opened=16, peer_timeout_s=2.0)
    without_checkpoints(bed)
    if source == "pool":
        share(bed, secrets.token_bytes(800_000))
    run, rng = Run(bed), Random(11)
    for turn in range(6):
        run.go(rng.uniform(0.4, 0.8), behind=rng.choice([0, 3, 10]))
        before = len(run.refused)
        victim = ("kme-a", "kme-b")[turn % 2]
        cut(bed, power, victim, rng, monkeypatch)
        run.rest()
        lost = len(run.refused) - before
        assert lost <= (0 if victim == "kme-a" else 16 + 16), "more than were opened"
    run.nothing_twice()
    assert len(run.got) > 300
    spans = {}
    for kme, events in (
        ("kme-a", ("reserved", "handed out")),
        ("kme-b", ("opened", "handed out", "accepted")),
    ):
        store = bed.servers[kme].store
        entries = [
            json.loads(r[0]) for r in bed.run(rows(store.base, "SELECT entry FROM audit ORDER BY number"))
        ]
        spans[kme] = {n for e in entries if e["event"] in events for n in e["key_IDs"]}
        assert any(e["event"] == "burnt" for e in entries)
    assert spans["kme-a"] >= set(run.sent)
    assert spans["kme-b"] >= set(run.got)
    with bed.client("alice") as alice:
        assert alice.status("bob")["status_extension"]["burnt_keys"] > 0


def test_most_answers_wait_for_no_disk_and_what_is_reserved_shows(
    make_testbed: Callable[..., Any], power: Power
) -> None:
    bed = make_testbed(source="pool")
    share(bed, secrets.token_bytes(800_000))
    run = Run(bed)
    run.go(1.0, behind=0)
    before, asked = power.waits, len(run.sent)
    run.go(1.0, behind=0)
    more = len(run.sent) - asked
    assert power.waits - before < more / 2, "each pair of answers would wait twice"
    with bed.client("alice") as alice:
        status = alice.status("bob")
    assert status["status_extension"]["reserved_keys"] > 0
    run.rest()
    run.nothing_twice()


def test_an_orderly_stop_keeps_what_is_reserved(make_testbed: Callable[..., Any], power: Power) -> None:
    bed = make_testbed(source="pool")
    share(bed, secrets.token_bytes(200_000))
    run = Run(bed)
    run.go(0.6, behind=2)

    def stored() -> tuple[int, int]:
        with bed.client("alice") as alice:
            status = alice.status("bob")
        return status["stored_key_count"], status["status_extension"].get("reserved_keys", 0)

    time.sleep(0.2)
    before = stored()
    for kme in ("kme-a", "kme-b"):
        bed.down(kme)
        bed.up(kme)
    assert stored() == before
    assert before[1] > 0
    run.go(0.3, behind=0)
    run.rest()
    assert not run.refused
    run.nothing_twice()


@pytest.mark.parametrize("most", [0, 128])
def test_an_idle_slave_has_nothing_open(make_testbed: Callable[..., Any], power: Power, most: int) -> None:
    bed = make_testbed(most_keys_opened=most)
    run = Run(bed)
    run.go(0.8, behind=5)
    base = bed.servers["kme-b"].store.base
    opened = bed.run(rows(base, "SELECT count(*) FROM audit WHERE entry LIKE '%\"opened\"%'"))[0][0]
    assert (opened > 0) == (most > 0)
    time.sleep(1.3)
    assert bed.run(rows(base, "SELECT count(*) FROM opened")) == [(0,)]
    run.rest()
    assert not run.refused


def test_a_slave_that_passes_keys_over_has_few_open(make_testbed: Callable[..., Any], power: Power) -> None:
    bed = make_testbed(most_keys_opened=8)
    with bed.client("alice") as alice, bed.client("bob") as bob:
        end, most = time.monotonic() + 1.2, 0
        while time.monotonic() < end:
            (key,) = alice.enc_keys("bob", number=2)[:1]
            bob.dec_keys("alice", [key.id])
            most = max(
                most, bed.run(rows(bed.servers["kme-b"].store.base, "SELECT count(*) FROM opened"))[0][0]
            )
    assert 4 < most <= 16


def test_a_peer_out_of_reach_stops_neither_what_is_reserved_nor_the_once(
    make_testbed: Callable[..., Any],
) -> None:
    bed = make_testbed(peer_timeout_s=0.5)
    run = Run(bed)
    run.go(0.7, behind=0)
    bed.down("kme-b")
    with bed.client("alice") as alice:
        for _ in range(200):
            try:
                (key,) = alice.enc_keys("bob")
            except KeyServiceError as error:
                if error.status != 503:
                    raise
                break
            run.sent[key.id] = key.material
            run.waiting.append(key.id)
        else:
            pytest.fail("keys that no peer has")
    assert run.waiting, "what the peer has on disk can be given"
    bed.up("kme-b")
    run.rest()
    assert not run.refused
    run.nothing_twice()


def test_forgetting_is_for_peers(testbed: Any) -> None:
    path = "/kme/v1/forget"
    assert testbed.ask("POST", path, {"key_IDs": []})[0] == 401
    for body in ({"key_IDs": ["x"]}, {"key_IDs": 1}, {}, [], {"key_IDs": [1]}):
        assert testbed.ask("POST", path, body, name="kme-b")[0] == 400
    many = [f"00000000-0000-4000-8000-{i:012d}" for i in range(1001)]
    assert testbed.ask("POST", path, {"key_IDs": many}, name="kme-b")[0] == 400
    assert testbed.ask("POST", path, {"key_IDs": many[:1000]}, name="kme-b") == (200, {"forgotten": 1000})


def test_sqlite_gives_what_it_deletes() -> None:
    assert sqlite3.sqlite_version_info >= (3, 35), "RETURNING"
