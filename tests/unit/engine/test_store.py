"""Run folders, the cache and mappings: never half written, damaged things noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.engine import cache
from accord.engine.events import Log
from accord.engine.mappings import (
    named_files,
    read_json,
    read_mapping,
    write_bytes,
    write_json,
    write_mapping,
)
from accord.engine.records import Status
from accord.engine.store import RunFolder
from accord.errors import FileError

VALUES = st.recursive(
    st.one_of(
        st.integers(-9, 9),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
        st.booleans(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=4))
def test_mappings_come_back(tmp_path: Path, mapping: dict[str, object]) -> None:
    write_mapping(tmp_path / "m", mapping)
    assert read_mapping(tmp_path / "m") == mapping


def test_arrays_come_back_and_files_do_not_tell_the_order(tmp_path: Path) -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.array([True, False])
    write_mapping(tmp_path / "one", {"a": a, "b": {"c": [b, 1]}})
    write_mapping(tmp_path / "two", {"b": {"c": [b, 1]}, "a": a})
    back = read_mapping(tmp_path / "one")
    np.testing.assert_array_equal(back["a"], a)
    np.testing.assert_array_equal(back["b"]["c"][0], b)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_damage_is_noticed(tmp_path: Path) -> None:
    write_mapping(tmp_path / "m", {"a": np.arange(3.0)})
    (tmp_path / "m" / "a0000.npy").write_bytes(b"junk")
    with pytest.raises(FileError, match="damaged"):
        read_mapping(tmp_path / "m")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(FileError):
        read_json(tmp_path / "x.json")


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_run_folder_is_part_until_finished(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "r")
    folder.create()
    folder.write("manifest.json", {"a": 1})
    folder.save_programme({"p.yaml": b"x"})
    assert folder.part.is_dir()
    assert not folder.finished
    folder.save_system("s", Status(state="ok"), {"y": np.arange(3.0)}, {1: "bad"})
    loaded = folder.load_system("s")
    assert loaded is not None
    assert loaded[2] == {1: "bad"}
    assert folder.load_system("other") is None
    (folder.part / "systems" / "s" / "outputs" / "y.npy").write_bytes(b"")
    assert folder.load_system("s") is None  # damaged: it will be run again
    folder.finish()
    assert RunFolder.find(tmp_path / "r").finished
    assert RunFolder.find(tmp_path / "r.part").finished
    with pytest.raises(FileError, match="--overwrite"):
        RunFolder(tmp_path / "r").create()
    RunFolder(tmp_path / "r").create(overwrite=True)


def test_nobody_elses_folder_is_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(FileError, match="not a run folder"):
        RunFolder(tmp_path / "mine").create(overwrite=True)
    (tmp_path / "new.part").mkdir()
    (tmp_path / "new.part" / "thesis.txt").write_text("x")
    with pytest.raises(FileError, match="not a run folder"):
        RunFolder(tmp_path / "new").create(overwrite=True)
    with pytest.raises(FileError, match="not a run folder"):
        RunFolder.find(tmp_path / "absent")


def test_the_cache_gives_back_what_it_kept_and_survives_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_CACHE", str(tmp_path / "c"))
    assert cache.fetch("k") is None
    cache.keep("k", {"a": np.arange(3.0)})
    found = cache.fetch("k")
    assert found is not None
    np.testing.assert_array_equal(found["a"], np.arange(3.0))
    (tmp_path / "c" / "k" / "mapping.json").write_text("{")
    assert cache.fetch("k") is None
    assert not (tmp_path / "c" / "k").exists()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACCORD_CACHE", str(tmp_path / "file"))
    cache.keep("k", {"a": 1})  # a cache that cannot be written is no reason to stop


def test_named_files_stay_beneath_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.csv").write_text("1")
    (tmp_path / "secret.txt").write_text("2")
    found = named_files({"x": ["a.csv", "../secret.txt", "no.csv", "plain"]}, inside)
    assert found == {"a.csv": b"1"}


def test_a_write_is_whole_or_not_there(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b.txt", b"x")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"x"
    assert not list(tmp_path.rglob("*.part"))


def test_events_count_on_across_resumptions(tmp_path: Path) -> None:
    path, seen = tmp_path / "e.jsonl", []
    for _ in range(2):
        log = Log(path, seen.append)
        log.emit("s", "prepare", 1, 2)
        log.close()
    assert [e.seq for e in seen] == [0, 1]
    assert len(path.read_text().splitlines()) == 2


def test_a_write_that_fails_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").write_bytes(b"")
    with pytest.raises(FileError, match="cannot be written"):
        write_bytes(tmp_path / "taken", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match="cannot be written"):
        write_bytes(tmp_path / "file" / "b.txt", b"x")
