"""Strict YAML: the core schema of YAML 1.2, limits, and everything that is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.programme.check import check
from accord.programme.document import parse_text, read_document


def value(text: str) -> object:
    document, findings = parse_text(f"key: {text}\n")
    assert findings == []
    assert document is not None
    return document.root["key"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e6", 1e6),
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30:00", "12:30:00"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("~", None),
        ("null", None),
        ("true", True),
        ("2026-01-31", "2026-01-31"),
        ("'12'", "12"),
        (".5", 0.5),
        ("-3", -3),
        ("1_000", "1_000"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, expected: object) -> None:
    """YAML 1.2.2, section 10.3.2."""
    got = value(text)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("- a\n- b\n", "root"),
        ("word", "root"),
        ("a: 1\na: 2\n", "duplicate-key"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("a: 1\n---\nb: 2\n", "documents"),
        ("a: *nowhere\n", "alias"),
        ("a: &a [*a]\n", "alias"),
        ("a: {<<: {b: 1}}\n", "merge"),
        ("a:\n\tb: 1\n", "tab"),
        ("a: b: c\n", "syntax"),
        ("a: 'open\n", "syntax"),
        ("%YAML 1.1\n---\na: 1\n", "directive"),
        ("a: \x07\n", "character"),
        ('a: "\\e[2J"\n', "character"),
        ('"\\0": 1\n', "character"),
        ('a: ["\\u0002"]\n', "character"),
        ("? [1, 2]\n: b\n", "key"),
        ("a: " + "[" * 40 + "]" * 40, "depth"),
        ("a: &x 1\nb: [" + ", ".join(["*x"] * 101) + "]\n", "aliases"),
    ],
)
def test_what_is_refused_says_why_and_where(text: str, code: str) -> None:
    _, findings = parse_text(text)
    assert code in {f.code for f in findings}
    assert all(f.line >= 1 and f.column >= 1 for f in findings)


def test_not_utf_8() -> None:
    _, findings = parse_text(b"a: 1\nb: \xff\xfe\n")
    assert [(f.code, f.line) for f in findings] == [("encoding", 2)]
    _, findings = parse_text(b"\xef\xbb\xbfa: 1\n")
    assert findings[0].code == "encoding"


def billion_laughs() -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    "text", [billion_laughs(), "a: " + "{b: " * 20_000, "[" * 100_000, "a: " + "x" * 5_000_000],
    ids=["aliases", "deep", "brackets", "large"],
)  # fmt: skip
def test_bombs_end_soon_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(text, encoding="utf-8")
    begin = time.perf_counter()
    findings = check(path)
    assert time.perf_counter() - begin < 1.0
    assert findings
    assert all("\n" not in str(f) for f in findings)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    for path, said in [
        (tmp_path / "absent.yaml", "no such file"),
        (tmp_path, "directory"),
        (tmp_path / "pipe", "regular"),
        ("a\0b", "null"),
    ]:
        document, findings, _ = read_document(path)
        assert document is None
        assert said in findings[0].message


def test_marks_point_at_keys_and_values() -> None:
    document, _ = parse_text("a: 1\nb:\n  - {c: 2, d: 3}\n")
    assert document is not None
    assert document.place(("b", 0, "d")) == (3, 15)
    assert document.place(("b", 0, "d"), key=True) == (3, 12)
    assert document.place(("b", 0, "absent")) == (3, 5)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=200))
def test_any_text_ends_in_a_document_or_in_findings(text: str) -> None:
    document, findings = parse_text(text)
    assert document is not None or findings


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_too(content: bytes) -> None:
    document, findings = parse_text(content)
    assert document is not None or findings
