"""Rainflow and ageing: the standard's own example, and what must hold for any charge."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.systems.plant.ageing import rainflow, remaining_capacity, stress_per_yr
from accord.systems.plant.cells import curve, duty_of, life_yr

CHARGE = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=60)


def test_the_example_of_the_standard() -> None:
    spans, _, counts = rainflow([-2, 1, -3, 5, -1, 3, -4, 4, -2])  # ASTM E1049-85, figure 6
    table: Counter[float] = Counter()
    for span, count in zip(spans, counts, strict=True):
        table[float(span)] += float(count)
    assert table == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


@given(CHARGE)
def test_cycles_add_up_to_the_whole_way_and_hold_the_widest_swing(charge: list[float]) -> None:
    span, mean, count = rainflow(charge)
    assert 2 * float(np.sum(span * count)) == pytest.approx(float(np.abs(np.diff(charge)).sum()), abs=1e-9)
    widest = max(charge) - min(charge)
    assert (span.max() if len(span) else 0.0) == pytest.approx(widest)
    assert np.all((mean >= min(charge) - 1e-12) & (mean <= max(charge) + 1e-12))


@pytest.mark.parametrize("series", [[], [0.4], [0.4, 0.4, 0.4]])
def test_what_does_not_move_has_no_cycle(series: list[float]) -> None:
    assert len(rainflow(series)[0]) == 0


def test_deeper_warmer_and_fuller_is_shorter() -> None:
    day = np.abs(np.arange(24) - 12.0) / 12.0 - 0.5
    lives = [life_yr(curve("lmo", duty_of(np.tile(0.5 + d * day, 365)))) for d in (0.2, 0.5, 0.8, 1.0)]
    assert lives == sorted(lives, reverse=True)
    assert lives[2] == pytest.approx(
        12.43, abs=0.05
    )  # 0.7 lies between years 10 and 15 of the published table
    base = stress_per_yr([0.8], [0.5], [365], average=0.5)
    assert stress_per_yr([0.8], [0.5], [365], average=0.5, temperature_degc=35.0) > 1.5 * base
    assert stress_per_yr([0.8], [0.5], [365], average=0.9) > base
    assert float(remaining_capacity(0.0)) == 1.0
    assert life_yr(curve("lmo", duty_of(np.full(8760, 0.0)))) <= 25.0
