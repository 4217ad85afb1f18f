"""Every kind of mistake, alone in an otherwise sound file: told once, at its line, with its code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accord.contract import Finding
from accord.programme.check import check

Write = Callable[..., list[Finding]]


def test_the_sound_file_is_sound(sound: Path) -> None:
    assert [f for f in check(sound) if f.level == "error"] == []


# (code, what stands in the sound file, what stands there instead)
MISTAKES = [
    ("unknown-input", "launch_price: {ref: price}\n      availability", "lunch: 1\n      availability"),
    ("unknown-key", "title: A sound programme", "title: A sound programme\nsubtitle: more"),
    ("missing-key", "title: A sound programme\n", ""),
    ("missing-key", "decision: 2026-12-31, ", ""),
    ("value", "as_of: 2026-01-31", "as_of: 2026-02-30"),
    ("value", "as_of: 2026-01-31", "as_of: 86400"),
    ("value", "schema: accord/programme/1", "schema: accord/programme/9"),
    ("value", "ensemble: {members: 64", "ensemble: {members: 3"),
    ("value", "ensemble: {members: 64", "ensemble: {members: yes"),
    ("value", "lines: [3]", "lines: [0]"),
    ("value", "modality: planned", "modality: maybe"),
    ("name", "\n  eyes: {kind: imaging}", "\n  Eyes: {kind: imaging}"),
    ("duplicate-key", "title: A sound programme", "title: A sound programme\ntitle: Another"),
    ("duplicate-key", "availability: 97 %", "availability: 97 %\n      availability: 98 %"),
    ("duplicate-id", "- id: C2", "- id: C1"),
    ("unknown-kind", "kind: imaging", "kind: imagign"),
    ("quantity", "availability: 97 %", "availability: 97 km"),
    ("value", "altitude: 600 km, planes", "altitude: 600 kg, planes"),
    ("range", "mask: 30 deg", "mask: 95 deg"),
    ("range", "availability: 97 %", "availability: 130 %"),
    ("spread", "p10: 2500, p90: 9000", "p10: 9500, p90: 9000"),
    ("quantity", "low: 0.06, mode: 0.09, high: 0.12", "low: 0.10, mode: 0.09, high: 0.12"),
    ("missing-unit", ", unit: USD2025/kg", ""),
    ("missing-value", "base: {value: 68.7 GUSD2025/yr, source", "base: {source"),
    ("missing-key", "GUSD2025/yr, source: made}", "GUSD2025/yr}"),
    ("dangling-reference", "launch_price: {ref: price}", "launch_price: {ref: prise}"),
    ("dangling-reference", "duration: {ref: delay}", "duration: {ref: dalay}"),
    ("dangling-reference", "GUSD2025/yr, source: made}", "GUSD2025/yr, source: mode}"),
    ("dangling-reference", "metric: net.coverage_share", "metric: net.coverage_shore"),
    ("dangling-reference", "event: treaty, by", "event: traety, by"),
    ("dangling-reference", "delivered_by: build", "delivered_by: buidl"),
    ("dangling-reference", "repeats: [C1]", "repeats: [C9]"),
    ("dangling-reference", "first: price, second: delay", "first: prices, second: delay"),
    ("dangling-reference", "region: land", "region: lond"),
    ("dependence", "first: price, second: delay", "first: price, second: price"),
    ("dependence", "first: price, second: delay", "first: price, second: base"),
    ("unknown-port", "orbits: net.ephemeris", "orbit: net.ephemeris"),
    ("port", "orbits: net.ephemeris", "orbits: net.coverage_share"),
    ("dates", "start: 2026-01-01, decision", "start: 2036-01-01, decision"),
    ("dates", "by: 2028-06-30", "by: 2048-06-30"),
    ("shares", "share: 0.4", "share: 0.6"),
    ("test", "by: 2028-06-30", "by: 2028-06-30, ge: 3"),
    ("test", "{event: treaty, by: 2028-06-30}", "{event: treaty}"),
    ("test", "ge: 95 %, at", "ge: 95 %, le: 99 %, at"),
    ("test", "[5 GUSD2025/yr, 7 GUSD2025/yr]", "[7 GUSD2025/yr, 5 GUSD2025/yr]"),
    ("unit", "ge: 95 %, at", "ge: 95 km, at"),
    ("claim", ", baseline: no_programme", ""),
    ("claim", "    test: {event: treaty, by: 2028-06-30}\n", ""),
    ("claim", "text: It is good", "text: It is good\n    test: {event: treaty, by: 2028-06-30}"),
    ("money", "from: INR2025", "from: INR"),
    ("unit", "p10: 2 month, p90: 30 month", "p10: 2 km, p90: 30 km"),
    ("place", "latitude: 45, longitude: 65 deg", "latitude: 105, longitude: 65 deg"),
    (
        "region",
        "polygon: [[60, 40], [70, 40], [70, 50], [60, 50]]",
        "polygon: [[60, 40], [70, 400], [70, 50]]",
    ),
    ("region", "    polygon: [[60, 40], [70, 40], [70, 50], [60, 50]]\n", "    file: nowhere.geojson\n"),
    ("unknown-path", "systems.net.inputs.demand: 20 Mbit/s", "systems.met.inputs.demand: 20 Mbit/s"),
    ("quantity", "demand: 20 Mbit/s", "demand: 20 kg"),
]


@pytest.mark.parametrize(("code", "right", "wrong"), MISTAKES, ids=lambda text: str(text)[:30])
def test_a_mistake_is_told_at_its_line(write: Write, sound: Path, code: str, right: str, wrong: str) -> None:
    text = sound.read_text(encoding="utf-8")
    errors = [f for f in write((right, wrong)) if f.level == "error"]
    assert code in {f.code for f in errors}, errors
    first = text[: text.index(right)].count("\n") + 1
    last = first + max(right.count("\n"), wrong.count("\n"))
    for finding in errors:
        assert finding.message
        assert "\n" not in str(finding)
        assert finding.column >= 1
    if (
        code not in {"missing-key", "shares", "claim", "dates", "test"} and "month" not in right
    ):  # told where the gap or the whole is
        assert any(first <= f.line <= last for f in errors if f.code == code), (first, errors)


def test_one_mistake_does_not_hide_the_next(write: Write) -> None:
    findings = write(
        ("title: A sound programme", "titel: A sound programme"),
        ("kind: imaging", "kind: imagign"),
        ("availability: 97 %", "availability: 97 km"),
        ("event: treaty, by", "event: traety, by"),
        ("by: 2028-06-30", "by: 2048-06-30"),
        ("p10: 2500, p90: 9000", "p10: 9500, p90: 9000"),
        ("repeats: [C1]", "repeats: [C9]"),
    )
    codes = {f.code for f in findings if f.level == "error"}
    assert codes >= {"unknown-key", "unknown-kind", "quantity", "dangling-reference", "dates", "spread"}


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("title: A sound programme", "titel: A sound programme", "title"),
        ("kind: imaging", "kind: imagign", "imaging"),
        ("metric: net.coverage_share", "metric: net.coverage_shore", "coverage_share"),
        ("launch_price: {ref: price}", "launch_price: {ref: prise}", "price"),
    ],
)
def test_a_near_miss_is_named(write: Write, right: str, wrong: str, hint: str) -> None:
    assert any(f"did you mean '{hint}'" in f.hint for f in write((right, wrong)))


def test_contradicting_correlations_name_the_pairs(write: Write) -> None:
    findings = write(
        ("    - {first: price, second: delay, rho: 0.3}\n",
         "    - {first: price, second: delay, rho: 0.95}\n"
         "    - {first: price, second: net.availability, rho: 0.95}\n"
         "    - {first: delay, second: net.availability, rho: -0.95}\n"),
        ("      availability: 97 %\n", ""),
    )  # fmt: skip
    told = [f for f in findings if f.code == "dependence" and f.level == "error"]
    assert told
    assert "price" in told[0].message
    assert "delay" in told[0].message


def test_systems_that_wait_for_each_other(write: Write) -> None:
    findings = write(
        ("  eyes: {kind: imaging}\n",
         "  left: {kind: loop, ports: {feed: right.out}}\n  right: {kind: loop, ports: {feed: left.out}}\n"),
    )  # fmt: skip
    assert "cycle" in {f.code for f in findings}


def test_a_required_port_must_be_connected(write: Write) -> None:
    findings = write(("  eyes: {kind: imaging}\n", "  alone: {kind: loop}\n"))
    assert "missing-port" in {f.code for f in findings}


def test_a_later_source_is_a_warning(write: Write) -> None:
    findings = write(("title: Made for a test, date: 2026-01-01", "title: Made for a test, date: 2027-01-01"))
    assert [f.level for f in findings if f.code == "later-source"] == ["warning"]
    assert not [f for f in findings if f.level == "error"]


def test_an_unusual_value_is_a_warning(write: Write) -> None:
    findings = write(("p10: 2500, p90: 9000", "p10: 22000, p90: 40000"))
    assert "unusual" in {f.code for f in findings if f.level == "warning"}


def test_a_kind_without_model_is_a_remark(sound: Path) -> None:
    assert "no-model" in {f.code for f in check(sound) if f.level == "info"}


def test_a_quantity_of_every_year_needs_a_date_that_it_reaches(write: Write) -> None:
    late = write(("at: 2031-12-31, baseline", "at: 2034-12-31, baseline"))
    assert any(
        "known for 7 years" in f.message and "2034-12-31" in f.message for f in late if f.level == "error"
    )
    none = write((" at: 2031-12-31, baseline", " baseline"))
    assert any("needs the date 'at'" in f.message for f in none if f.level == "error")
