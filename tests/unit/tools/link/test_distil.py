"""Two processes over a real socket: the same key at both, killed at any moment, on to the key server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.pool import Pool
from accord.systems.qkd.vault import Vault
from accord.tools.link.distil import distil, stage, stage_pass, stock
from accord.tools.link.recording import read_agreement, read_detections, read_sent, write_arrays


def started(folder: Path, role: str, port: int | None, blocks: int) -> subprocess.Popen[str]:
    way = ["--listen", "127.0.0.1:0"] if port is None else ["--connect", f"127.0.0.1:{port}"]
    files = [folder / n for n in ("agreement.yaml", f"{role}.db", f"{role}.kek", *[f"{role}.npz"] * blocks)]
    return subprocess.Popen(
        [sys.executable, "-m", "accord", "link", "distil", role, *map(str, files), *way, "--timeout", "20"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def together(
    folder: Path, blocks: int, kill: tuple[str, float] | None = None
) -> dict[str, tuple[int, str, str]]:
    alice = started(folder, "alice", None, blocks)
    assert alice.stderr is not None
    port = int(alice.stderr.readline().rpartition(":")[2])
    ends = {"alice": alice, "bob": started(folder, "bob", port, blocks)}
    if kill is not None:
        time.sleep(kill[1])
        ends[kill[0]].send_signal(signal.SIGKILL)
    found = {}
    for role, process in ends.items():
        out, err = process.communicate(timeout=60)
        found[role] = (process.returncode, out, err)
    return found


def pools(folder: Path) -> tuple[Any, Any]:
    found = []
    for role in ("alice", "bob"):
        pool = Pool(folder / f"{role}.db", Vault(folder / f"{role}.kek"))
        sealed = pool._base.execute("SELECT id, sealed FROM block WHERE state = 'delivered' ORDER BY number")
        found.append([(b, pool._vault.open(s, b"block " + b)) for b, s in sealed])
        pool.close()
    return found[0], found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    stage(tmp_path / "link", detections=120_000, transmittance=0.5, misalignment=0.002, seed=3)
    return tmp_path / "link"


def test_two_processes_end_with_the_same_key(folder: Path) -> None:
    found = together(folder, 2)
    for code, out, err in found.values():
        assert code == 0, err
        books = [json.loads(line) for line in out.splitlines()]
        assert [b["reason"] for b in books] == ["", ""]
        assert all(b["key_bit"] > 1000 for b in books)
    one, other = pools(folder)
    assert one == other
    assert len(one) == 2
    assert one[0][1] != one[1][1], "the same block twice gives another key: the matrix is fresh"
    assert one[0][1].hex() not in found["alice"][1] + found["bob"][1]


@pytest.mark.slow
def test_key_is_at_both_or_neither_when_a_process_is_killed(folder: Path) -> None:
    for turn in range(4):
        together(folder, 3, kill=(("alice", "bob")[turn % 2], 1.2 + 0.3 * turn))
        settled = together(folder, 0)
        assert all(code == 0 for code, _, _ in settled.values()), settled
        one, other = pools(folder)
        assert one == other
    assert len({key for _, key in one}) == len(one)
    assert together(folder, 1)["bob"][0] == 0


def test_a_block_without_key_says_why_and_exits_1(tmp_path: Path) -> None:
    stage(tmp_path / "short", detections=5000, transmittance=0.5, misalignment=0.002, seed=3)
    for code, out, _ in together(tmp_path / "short", 1).values():
        assert code == 1
        assert "longer block" in json.loads(out)["reason"]


def test_nobody_there_is_told(folder: Path) -> None:
    files = (folder / "alice.db", folder / "alice.kek")
    agreement = read_agreement(folder / "agreement.yaml")
    with pytest.raises(AccordError, match="nobody connected in time"):
        distil("alice", agreement, [], *files, host="127.0.0.1", port=0, listen=True, timeout_s=0.1)
    with pytest.raises(AccordError, match=r"127\.0\.0\.1:1: "):
        distil("bob", agreement, [], *files, host="127.0.0.1", port=1, listen=False, timeout_s=1.0)


def test_stocking_twice_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").write_bytes(bytes(1000))
    with pytest.raises(AccordError, match="stocked before"):
        stock(folder / "alice.db", folder / "alice.kek", tmp_path / "shared")
    with pytest.raises(AccordError, match="cannot be read"):
        stock(folder / "alice.db", folder / "alice.kek", tmp_path / "absent")
    with pytest.raises(AccordError, match="is not empty"):
        stage(folder, detections=100, transmittance=0.5, misalignment=0.0, seed=0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pulse": None}, "'pulse' is missing"),
        ({"bit": np.zeros(3, np.uint8)}, "bit of shape"),
        ({"bit": np.zeros(2)}, "whole numbers"),
        ({"basis": np.array([0, 2])}, "basis outside 0 to 1"),
        ({"intensity": np.array([0, 3])}, "intensity outside 0 to 2"),
        ({"pulse": np.array([5, 5])}, "must rise"),
        ({"pulse": np.array([-1, 5])}, "pulse outside"),
        ({"pulses": np.array([9, 9])}, "one whole number"),
        ({"pulses": np.int64(5)}, "must rise and lie below"),
    ],
)
def test_records_that_cannot_be_are_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    flags = np.array([0, 1], np.uint8)
    arrays = {
        "pulses": np.int64(10),
        "pulse": np.array([2, 5]),
        "basis": flags,
        "bit": flags,
        "intensity": flags,
    }
    path = tmp_path / "x.npz"
    write_arrays(path, {k: v for k, v in {**arrays, **change}.items() if v is not None})
    with pytest.raises(AccordError, match=said):
        read_sent(path)
    if "intensity" not in change:
        with pytest.raises(AccordError):
            read_detections(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("intensities: [0.2, 0.6, 0]", "must exceed"),
        ("intensities: [0.6, 0.2]", "three numbers"),
        ("probabilities: [0.5, 0.5, 0.5]", "add up to 1"),
        ("secrecy: 2", "between 0 and 1"),
        ("colour: 1", "colour"),
        ("frame_bit: x", "x"),
        ("- 1", "mapping|cannot be read"),
    ],
)
def test_agreements_that_cannot_be_are_refused(folder: Path, change: str, said: str) -> None:
    path = folder / "agreement.yaml"
    name = change.partition(":")[0]
    lines = path.read_text().splitlines()
    kept = [
        line
        for line in lines
        if not line.startswith((name, "- ")) or name not in ("intensities", "probabilities")
    ]
    if name in ("intensities", "probabilities"):
        other = {
            "intensities": "probabilities: [0.5, 0.3, 0.2]",
            "probabilities": "intensities: [0.6, 0.2, 0]",
        }
        kept = [line for line in kept if not line.startswith(("intensities", "probabilities"))] + [
            other[name]
        ]
    path.write_text("\n".join([line for line in kept if not line.startswith(name + ":")] + [change]) + "\n")
    with pytest.raises(AccordError, match=said):
        read_agreement(path)


def test_key_of_a_rehearsal_carries_its_flag_to_the_applications(folder: Path, tmp_path: Path) -> None:
    import asyncio
    import threading

    from accord.tools.keys.authority import initialise
    from accord.tools.keys.client import KeyClient
    from accord.tools.keys.loading import load_pool
    from accord.tools.keys.server import Server
    from accord.tools.keys.settings import ClientSettings, ServerSettings, read_settings

    together(folder, 1)
    bed = tmp_path / "bed"
    initialise(bed, source="pool")
    entities = {n: read_settings(bed / f"{n}.yaml", ServerSettings) for n in ("kme-a", "kme-b")}
    far = entities["kme-a"].model_copy(update={"host": "192.0.2.1"})
    with pytest.raises(AccordError, match="is of a rehearsal"):
        load_pool(far, bed, "kme-b", folder / "alice.db", folder / "alice.kek")
    for role, own, peer in (("alice", "kme-a", "kme-b"), ("bob", "kme-b", "kme-a")):
        assert load_pool(entities[own], bed, peer, folder / f"{role}.db", folder / f"{role}.kek")[0] == 1
    with pytest.raises(AccordError, match="holds key of a rehearsal"):
        Server(far, bed)

    async def fetched() -> list[Any]:
        servers = [Server(settings, bed) for settings in entities.values()]
        for server in servers:
            await server.start()
        keys: list[Any] = []

        def ask() -> None:
            with KeyClient(read_settings(bed / "alice.yaml", ClientSettings), bed) as alice:
                keys.extend(alice.enc_keys("bob"))
            with KeyClient(read_settings(bed / "bob.yaml", ClientSettings), bed) as bob:
                keys.extend(bob.dec_keys("alice", [keys[0].id]))

        thread = threading.Thread(target=ask)
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.01)
        for server in servers:
            await server.stop()
        return keys

    one, other = asyncio.run(fetched())
    assert one == other
    assert one.simulated


def test_a_simulated_pass_becomes_key_at_both_ends(tmp_path: Path) -> None:
    place = tmp_path / "pass"
    settings = {
        "altitude_km": 500.0,
        "top_elevation_deg": 80.0,
        "pulse_rate_mhz": 20.0,
        "aperture_m": 1.0,
        "seed": 3,
    }
    paths = stage_pass(place, seconds=120.0, **settings)  # type: ignore[arg-type]
    assert all(path.is_file() for path in paths)
    assert read_agreement(place / "agreement.yaml").simulated
    found = together(place, 1)
    books = json.loads(found["bob"][1])
    assert [code for code, _, _ in found.values()] == [0, 0]
    assert books["key_bit"] > 10_000
    assert books["pulses"] == 2_400_000_000
    one, other = pools(place)
    assert one == other
    with pytest.raises(AccordError, match="is not empty"):
        stage_pass(place, seconds=120.0, **settings)  # type: ignore[arg-type]
