"""Quantities at the border: text in, a number in a known unit out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord import units
from accord.errors import UnitError

MONEY = units.Conversions((("INR2016", "USD2016", 1 / 67.2), ("USD2016", "USD2025", 1.34)))


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("1 nmi", "m", 1852.0),
        ("1 yr", "s", 31_557_600.0),
        ("600 km", "m", 600_000.0),
        ("97 %", "1", 0.97),
        ("95 %", "1", 0.95),
        ("1 toe", "GJ", 41.868),
        ("0 degC", "K", 273.15),
        ("1 h", "s", 3600.0),
        ("12 month", "yr", 1.0),
        ("180 deg", "rad", math.pi),
        ("12 /yr", "1/month", 1.0),
    ],
)
def test_published_factors(text: str, target: str, expected: float) -> None:
    """NIST SP 811 (2008), appendix B; IEA for the tonne of oil equivalent; Julian year."""
    value, unit = units.parse(text)
    assert units.convert(value, unit, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (30.0, "dBm", "W", 1.0),
        (-3.0, "dB", "1", 0.501187),
        (10.0 + 3.0103, "dBW", "W", 20.0),
        (1.0, "W", "dBm", 30.0),
    ],
)
def test_levels(value: float, source: str, target: str, expected: float) -> None:
    assert units.convert(value, source, target) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("MWh_th", "MWh_e"),
        ("km", "kg"),
        ("USD2025", "m"),
        ("mol", "USD2025"),
        ("dB", "km"),
        ("MW_th", "MW_e"),
    ],
)
def test_what_must_not_be_mixed(first: str, second: str) -> None:
    with pytest.raises(UnitError):
        units.convert(1.0, first, second, MONEY)


def test_money_needs_its_year_and_a_stated_factor() -> None:
    assert units.convert(67.2, "INR2016", "USD2025", MONEY) == pytest.approx(1.34)
    assert units.convert(1.34, "USD2025", "INR2016", MONEY) == pytest.approx(67.2)
    assert units.convert(3.0, "GUSD2025", "MUSD2025") == pytest.approx(3000.0)
    assert units.convert(2.0, "1/USD2016", "1/USD2025", MONEY) == pytest.approx(2.0 / 1.34)
    with pytest.raises(UnitError, match="EUR2020"):
        units.convert(1.0, "EUR2020", "USD2025", MONEY)
    for text in ("5 USD", "2 M$", "5 $"):
        with pytest.raises(UnitError):
            units.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "km",
        "1,000 km",
        "1 000 km",
        "12:30 h",
        "1/2 km",
        "nan km",
        "inf",
        "600 kilometrez",
        "5 k m",
        True,
    ],
)
def test_what_is_not_a_quantity(text: str) -> None:
    with pytest.raises(UnitError):
        units.parse(text)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(UnitError, match="did you mean"):
        units.parse("5 dayz")


@given(
    st.floats(1e-6, 1e6),
    st.sampled_from([("km", "m"), ("h", "s"), ("%", "1"), ("degC", "K"), ("GHz", "Hz"), ("deg", "rad")]),
)
def test_there_and_back(value: float, pair: tuple[str, str]) -> None:
    there = units.convert(value, *pair)
    assert units.convert(there, *reversed(pair)) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "suffix"),
    [
        ("km", "_km"),
        ("1", ""),
        ("USD2025/kg", "_usd2025_per_kg"),
        ("%", "_percent"),
        ("1/yr", "_per_yr"),
        ("person", ""),
    ],
)
def test_python_names_carry_their_unit(unit: str, suffix: str) -> None:
    assert units.suffix(unit) == suffix
    assert units.file_key("thing" + suffix, unit) == "thing"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234567.0, "km", "1\u202f230\u202f000\u00a0km"),
        (0.0, "1", "0"),
        (0.5, "1", "0.5"),
        (97.0, "%", "97 %"),
        (math.nan, "km", "-"),
    ],
)
def test_numbers_for_people(value: float, unit: str, text: str) -> None:
    assert units.show(value, unit) == text
