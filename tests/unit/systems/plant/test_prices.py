"""Prices: made ones have a market's means and cap, files are read or refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from accord.errors import FileError
from accord.systems.plant.catalogue import entry
from accord.systems.plant.inputs import Design
from accord.systems.plant.prices import effects, made_prices, read_prices, shaped
from accord.systems.plant.site import price_series

SHAPE = entry("prices", "evening_peak")


def test_factors_give_the_stated_means_under_the_cap() -> None:
    hour, month = shaped(SHAPE, 0.0, 1.0)
    _, _, capped = effects(SHAPE, hour, month)
    share = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365
    assert capped.mean(axis=2) @ share == pytest.approx(hour, rel=0.01)
    assert capped.max() <= SHAPE["cap_over_mean"]
    assert 0.05 < float((capped >= SHAPE["cap_over_mean"] - 1e-9).mean()) < 0.2


def test_more_sun_and_more_storage_flatten_the_day() -> None:
    def mean(**more: float) -> np.ndarray:
        return made_prices(SHAPE, 3, **more).reshape(-1, 24).mean(axis=0)

    usual, sunny, stored = mean(), mean(solar_drop=0.4), mean(evening_premium=0.4)
    assert sunny[12] < 0.75 * usual[12]
    assert stored[19] < 0.9 * usual[19]
    for day in (usual, sunny, stored):
        assert day.mean() == pytest.approx(1.0, abs=1e-6)
    assert np.all(made_prices(entry("prices", "flat"), 1) == pytest.approx(1.0))


def test_years_differ_and_repeat_by_seed() -> None:
    assert np.array_equal(made_prices(SHAPE, 5), made_prices(SHAPE, 5))
    assert not np.array_equal(made_prices(SHAPE, 5), made_prices(SHAPE, 6))


def write(path: Path, heading: str, values: Any) -> Path:
    path.write_text("\n".join([heading, *(str(v) for v in values)]) + "\n")
    return path


def test_a_file_of_two_years_is_used_in_turn(tmp_path: Path) -> None:
    values = (
        40.0
        + 20.0 * np.sin(np.arange(2 * 8760) * np.pi / 12.0)
        + np.repeat([0.0, 3.0], 8760) * np.cos(np.arange(2 * 8760))
    )
    values[7] = -35.0  # below zero is a price, too
    write(tmp_path / "p.csv", "price [USD2025/MWh]", values.round(4))
    design = Design.model_validate(
        {"solar": "1 MW", "prices": {"file": "p.csv"}}, context={"folder": tmp_path}
    )
    first, second, third = (price_series(design, k, tmp_path) for k in range(3))
    assert np.array_equal(first, third)
    assert not np.array_equal(first, second)
    assert first.mean() == pytest.approx(1.0)
    assert first.min() < 0.0


@pytest.mark.parametrize(
    ("heading", "values", "message"),
    [
        ("price", [50.0] * 8760, "names no unit"),
        ("price [MWh]", [50.0] * 8760, "is no price of energy"),
        ("price [USD/MWh]", [50.0] * 8760, "year of its prices"),
        ("price [USD2025/MWh]", [50.0] * 8759, "whole years of 8760 hours"),
        ("price [USD2025/MWh]", [50.0] * 8784, "leave 29 February out"),
        ("price [USD2025/MWh]", list(np.tile(50.0 + np.arange(48), 365)), "steps of 30 min: hourly prices"),
        (
            "price [USD2025/MWh]",
            list(np.tile(50.0 + np.arange(96), 365)),
            "steps of 15 min: hourly prices expected",
        ),
        ("price [USD2025/MWh]", [50.0] * 10 + ["x"] + [50.0] * 8749, r"p.csv:12: expected a price, got 'x'"),
        (
            "price [USD2025/MWh]",
            [50.0] * 10 + ["nan"] + [50.0] * 8749,
            r"p.csv:12: expected a price, got 'nan'",
        ),
        ("price [USD2025/MWh]", [0.0] * 8760, "expected above zero"),
        ("price [USD2025/MWh]", [0.05] * 8760, "1,100 times off the reference price of 55: is it a kWh"),
        ("price [USD2025/MWh]", [], "a heading and hourly prices expected"),
    ],
)
def test_what_is_no_series_of_prices_is_told(
    heading: str, values: list[Any], message: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "p.csv", heading, values)
    with pytest.raises(FileError, match=message):
        read_prices(path, 55.0)


def test_the_programme_file_is_told_of_a_broken_price_file(tmp_path: Path) -> None:
    write(tmp_path / "p.csv", "price [USD2025/MWh]", [1.0] * 5)
    with pytest.raises(ValidationError, match="whole years of 8760 hours"):
        Design.model_validate({"solar": "1 MW", "prices": {"file": "p.csv"}}, context={"folder": tmp_path})
