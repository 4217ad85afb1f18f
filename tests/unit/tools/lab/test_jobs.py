"""The queue: fair, once, within limits, accounted, signed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.unit.tools.lab.test_circuits import GHZ, HEAD

from accord.cli.main import main
from accord.errors import AccordError, FileError
from accord.tools.lab.bundle import create_keys, sign, verify
from accord.tools.lab.queue import JobQueue, Quota
from accord.tools.lab.worker import Limits, run_apart, work

BELL = HEAD + "qreg q[2];creg c[2];h q[0];cx q[0],q[1];measure q -> c;"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    create_keys(tmp_path)
    return tmp_path


def test_a_job_goes_from_the_queue_to_a_signed_result(lab: Path) -> None:
    queue = JobQueue(lab / "jobs.db")
    name = queue.submit("ada", "statevector", BELL, 1000, 7)
    assert queue.status(name)["state"] == "waiting"
    with pytest.raises(AccordError, match="is waiting"):
        queue.bundle(name)
    assert work(queue, lab, Limits(), until=lambda: not queue.open_jobs()) == 1
    found = queue.status(name)
    assert found["state"] == "done"
    assert found["qubit_s"] >= 0.0
    bundle = queue.bundle(name)
    result = verify(bundle, lab / "verifying.pem")
    assert sum(result["counts"].values()) == 1000
    assert set(result["counts"]) == {"00", "11"}
    assert result["simulated"] is True
    (account,) = queue.accounts()
    assert (account["user"], account["circuits"], account["shots"], account["failed"]) == ("ada", 1, 1000, 0)
    assert account["qubit_s"] == pytest.approx(2 * result["cpu_s"], abs=1e-5)
    queue.close()


def test_a_changed_or_foreign_result_is_refused(lab: Path, tmp_path: Path) -> None:
    bundle = sign({"job": "1", "counts": {"0": 5}}, lab)
    assert verify(bundle, lab / "verifying.pem")["job"] == "1"
    for wrong in (
        {**bundle, "result": {"job": "1", "counts": {"0": 6}}},
        {**bundle, "signature": "AAAA"},
        {**bundle, "signature": 5},
        {"result": {}},
        [],
    ):
        with pytest.raises(AccordError, match="does not fit"):
            verify(wrong, lab / "verifying.pem")
    other = tmp_path / "other"
    other.mkdir()
    create_keys(other)
    with pytest.raises(AccordError, match="another laboratory"):
        verify(bundle, other / "verifying.pem")
    with pytest.raises(FileError, match="cannot be written"):
        create_keys(lab)
    with pytest.raises(FileError, match="no verifying key"):
        verify(bundle, lab / "absent")


def test_the_user_who_used_least_comes_first(lab: Path) -> None:
    queue = JobQueue(lab / "jobs.db")
    names = [queue.submit(user, "statevector", BELL, 10, 0) for user in ("ada", "ada", "bea", "ada")]
    first = queue.claim(60.0)
    assert first is not None
    assert first.id == names[0]
    queue.finish(first, cpu_s=5.0, bundle={})
    order = []
    while (job := queue.claim(60.0)) is not None:
        order.append(job.id)
        queue.finish(job, cpu_s=0.1, bundle={})
    assert order == [names[2], names[1], names[3]]


def test_a_worker_that_dies_loses_its_claim_and_a_job_is_not_tried_for_ever(lab: Path) -> None:
    queue = JobQueue(lab / "jobs.db")
    name = queue.submit("ada", "statevector", BELL, 10, 0)
    for _ in range(3):
        assert queue.claim(0.0) is not None
        time.sleep(0.01)
    assert queue.claim(60.0) is None
    assert queue.status(name)["reason"] == "its worker ended too often"
    late = queue.status(name)
    queue.finish(job_like(name), cpu_s=1.0, bundle={"late": True})
    assert queue.status(name) == late


def job_like(name: str, **more: Any) -> Any:
    from accord.tools.lab.queue import Job

    given = {"user": "ada", "backend": "statevector", "circuit": BELL, "shots": 10, "seed": 0, "qubits": 2}
    return Job(id=name, submitted=0.0, **{**given, **more})


def test_two_workers_never_get_the_same_job(lab: Path) -> None:
    one, other = JobQueue(lab / "jobs.db"), JobQueue(lab / "jobs.db")
    names = {one.submit("ada", "statevector", BELL, 10, 0) for _ in range(6)}
    got = [job.id for _ in range(3) for queue in (one, other) if (job := queue.claim(60.0))]
    assert len(got) == 6
    assert set(got) == names


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": ""}, "1 to 64"),
        ({"user": "a\nb"}, "printable"),
        ({"shots": 0}, "0 shots"),
        ({"shots": 10**9}, "shots, expected"),
        ({"seed": -1}, "seed -1"),
        ({"circuit": "x" * 5_000_000}, "more than 4000000 bytes"),
        ({"circuit": "nonsense;"}, "line 1"),
    ],
)
def test_jobs_that_cannot_be_are_refused_at_the_door(lab: Path, change: dict[str, Any], said: str) -> None:
    queue = JobQueue(lab / "jobs.db")
    order = {"user": "ada", "backend": "statevector", "circuit": BELL, "shots": 10, "seed": 0, **change}
    with pytest.raises(AccordError, match=said):
        queue.submit(**order)
    assert queue.open_jobs() == 0


def test_too_many_open_jobs_are_refused(lab: Path) -> None:
    queue = JobQueue(lab / "jobs.db", Quota(waiting=2))
    for _ in range(2):
        queue.submit("ada", "statevector", BELL, 10, 0)
    with pytest.raises(AccordError, match="no more are taken"):
        queue.submit("ada", "statevector", BELL, 10, 0)
    queue.submit("bea", "statevector", BELL, 10, 0)


def test_time_and_memory_are_limited_by_the_system() -> None:
    pytest.importorskip("resource")
    wide = HEAD + "qreg q[22];creg c[1];" + "h q;" * 400 + "measure q[0] -> c[0];"
    with pytest.raises(AccordError, match="stopped"):
        run_apart(job_like("1", circuit=wide, qubits=22), Limits(cpu_s=1.0, wall_s=60.0))
    with pytest.raises(AccordError, match=r"memory|stopped"):
        run_apart(job_like("1", circuit=wide, qubits=22), Limits(cpu_s=5.0, memory_mb=100))
    with pytest.raises(AccordError, match=r"stopped after 0\.2 s"):
        run_apart(job_like("1", circuit=wide, qubits=22), Limits(wall_s=0.2))


def test_a_job_that_fails_says_why_and_is_accounted(lab: Path) -> None:
    queue = JobQueue(lab / "jobs.db")
    name = queue.submit("ada", "statevector", HEAD + "qreg q[1];", 10, 0)
    work(queue, lab, Limits(), until=lambda: not queue.open_jobs())
    assert queue.status(name)["reason"] == "the circuit measures nothing"
    with pytest.raises(AccordError, match="is failed: the circuit measures nothing"):
        queue.bundle(name)
    assert queue.accounts()[0]["failed"] == 1
    with pytest.raises(AccordError, match="no job"):
        queue.status("x")


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["lab", *words])
    assert ended.value.code == code
    return capsys.readouterr().out.strip()


def test_the_commands_lead_from_a_circuit_to_a_verified_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, circuit = str(tmp_path / "lab"), tmp_path / "ghz.qasm"
    circuit.write_text(GHZ)
    said(capsys, "init", folder)
    name = said(capsys, "submit", folder, str(circuit), "--user", "ada", "--shots", "64")
    assert json.loads(said(capsys, "status", folder, name))["state"] == "waiting"
    assert said(capsys, "work", folder, "--once") == "1 jobs"
    (tmp_path / "r.json").write_text(said(capsys, "result", folder, name))
    assert "signed" in said(capsys, "verify", str(tmp_path / "r.json"), f"{folder}/verifying.pem")
    assert json.loads(said(capsys, "status", folder))["accounts"][0]["shots"] == 64
    said(capsys, "status", str(tmp_path), code=2)
