"""Loading: what the engine gets, scenarios, and no file that brings the checker down."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.errors import ProgrammeError
from accord.programme.check import check
from accord.programme.loader import load, programme_schema, resolve


def test_numbers_arrive_in_the_unit_of_their_owner(sound: Path) -> None:
    resolved = resolve(load(sound))
    net = resolved.systems["net"]
    assert net.fixed["mask_deg"] == 30
    availability = net.inputs["availability"]
    assert availability.quantile(0.5) == pytest.approx(0.97)  # type: ignore[union-attr]
    scale, offset = net.factors["launch_price_usd2025_per_kg"]
    assert (scale, offset) == (1.0, 0.0)
    assert resolved.tests["C1"].values == (0.95,)
    assert resolved.tests["C1"].delivered_by == ("plan", "build")
    assert resolved.tests["C3"].values == (5.0, 7.0)
    assert resolved.events == {"treaty": "plan", "build": "plan"}
    assert resolved.pairs["delay", "price"] == 0.3


@pytest.mark.parametrize(
    ("day", "year"), [("2026-01-01", 0), ("2028-06-30", 2), ("2028-07-31", 3), ("2031-12-31", 6)]
)
def test_the_date_of_a_claim_picks_the_year(sound: Path, day: str, year: int) -> None:
    text = sound.read_text(encoding="utf-8")
    sound.write_text(text.replace("at: 2031-12-31, baseline", f"at: {day}, baseline"), encoding="utf-8")
    assert resolve(load(sound)).tests["C3"].label == year


def test_a_label_stands_above_the_date(sound: Path) -> None:
    text = sound.read_text(encoding="utf-8")
    sound.write_text(text.replace("trade.uplift,", "'trade.uplift[4]',"), encoding="utf-8")
    assert resolve(load(sound)).tests["C3"].label == 4


def test_a_reference_is_converted_by_its_factor(sound: Path) -> None:
    text = sound.read_text(encoding="utf-8").replace("p10: 2500, p90: 9000, unit: USD2025/kg",
                                                     "p10: 2.5, p90: 9, unit: kUSD2025/kg")  # fmt: skip
    sound.write_text(text, encoding="utf-8")
    net = resolve(load(sound)).systems["net"]
    assert net.factors["launch_price_usd2025_per_kg"] == pytest.approx((1000.0, 0.0))


def test_a_file_with_mistakes_does_not_load(sound: Path) -> None:
    sound.write_text(
        sound.read_text(encoding="utf-8").replace("kind: plan}", "kind: plon}"), encoding="utf-8"
    )
    with pytest.raises(ProgrammeError) as caught:
        load(sound)
    assert caught.value.exit_code == 2
    assert any(f.code == "unknown-kind" for f in caught.value.findings)


def test_a_scenario_changes_what_it_names(sound: Path) -> None:
    base, low = resolve(load(sound)), resolve(load(sound, scenario="low"))
    assert base.systems["net"].design.shells[0].altitude_km == 600  # type: ignore[union-attr]
    assert low.systems["net"].design.shells[0].altitude_km == 500  # type: ignore[union-attr]
    with pytest.raises(ProgrammeError, match="no scenario 'lo'"):
        load(sound, scenario="lo")


def test_the_schema_for_editors_is_valid_and_accepts_the_sound_file(sound: Path) -> None:
    schema = programme_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    body = yaml.load(sound.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert set(body) <= set(schema["properties"])
    json.dumps(schema)


PIECES = [
    "price",
    "net",
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "\n",
    "  ",
    "97 %",
    "km",
    "C1",
    "null",
    "&a",
    "*a",
    "'",
    "9" * 30,
]


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_brings_the_checker_down(sound: Path, tmp_path: Path, data: st.DataObject) -> None:
    text = sound.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        cut = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at + cut :]
    path = tmp_path / "mutant.yaml"
    path.write_text(text, encoding="utf-8")
    findings = check(path)
    assert all(f.code and f.message and "\n" not in str(f) for f in findings)
    if not any(f.level == "error" for f in findings):
        load(path)  # what is sound loads


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_line_left_out_is_told_or_harmless(sound: Path, tmp_path: Path, data: st.DataObject) -> None:
    lines = sound.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    path = tmp_path / "shorter.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    findings = check(path)
    if not any(f.level == "error" for f in findings):
        load(path)
