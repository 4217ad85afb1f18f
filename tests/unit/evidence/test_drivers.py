"""Drivers and break-even values: what moves a quantity, and nothing that merely comes along."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from accord.contract import Spread
from accord.engine.records import ColumnSpec
from accord.evidence.drivers import drivers, flip

N = 4000
SPREAD = Spread.of("uniform", low=0.0, high=1.0)


def run(**columns: Any) -> Any:
    specs = {
        k: ColumnSpec(name=k, unit="km", spread=SPREAD, owner="inputs", doc=f"{k} of it. More")
        for k in columns
    }
    return SimpleNamespace(
        plan=SimpleNamespace(columns=specs, nodes={}), draws=SimpleNamespace(columns=columns)
    )


@pytest.fixture
def normal() -> Any:
    return np.random.default_rng(1).standard_normal((4, N))


ALL = np.ones(N, dtype=bool)


def test_a_correlated_bystander_is_not_a_driver(normal: Any) -> None:
    a, noise, c, _ = normal
    bystander = 0.8 * a + 0.6 * noise
    found = drivers(run(a=a, b=bystander, c=c), ["a", "b", "c"], np.exp(a) - 2 * c, ALL)
    assert {d.column for d in found} == {"a", "c"}
    by = {d.column: d for d in found}
    assert by["c"].coefficient < 0 < by["a"].coefficient
    assert sum(d.share for d in found) == pytest.approx(1.0, abs=0.02)
    assert by["a"].title == "a of it"


def test_monotone_transforms_change_nothing(normal: Any) -> None:
    a, b, *_ = normal
    plain = drivers(run(a=a, b=b), ["a", "b"], a + 0.3 * b, ALL)
    bent = drivers(run(a=np.exp(a), b=b**3), ["a", "b"], np.exp(a + 0.3 * b), ALL)
    assert plain == bent


def test_noise_and_constants_drive_nothing(normal: Any) -> None:
    a, b, *_ = normal
    assert drivers(run(a=a), ["a"], b, ALL) == []
    assert drivers(run(a=a), ["a"], np.full(N, 3.0), ALL) == []
    assert drivers(run(a=np.full(N, 1.0)), ["a"], b, ALL) == []
    assert drivers(run(a=a), [], b, ALL) == []


def test_few_members_fall_back_to_single_correlations() -> None:
    rng = np.random.default_rng(2)
    columns = {f"x{i}": rng.standard_normal(24) for i in range(8)}
    found = drivers(run(**columns), list(columns), columns["x3"].copy(), np.ones(24, dtype=bool))
    assert found[0].column == "x3"
    assert found[0].coefficient == pytest.approx(1.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_break_even_is_where_half_the_members_pass(normal: Any, sign: float) -> None:
    a, noise, *_ = normal
    holds = sign * (a - 0.7) + 0.3 * noise > 0
    made = run(a=a)
    driver = drivers(made, ["a"], holds.astype(float), ALL)[0]
    found = flip(made, driver, holds, ALL)
    assert found.value == pytest.approx(0.7, abs=0.08)
    assert found.side == ("above" if sign > 0 else "below")


def test_no_value_may_flip_it(normal: Any) -> None:
    a, noise, *_ = normal
    holds = noise > 2
    holds[np.argmax(a)] = True
    made = run(a=a)
    driver = drivers(made, ["a"], a, ALL)[0]
    found = flip(made, driver, holds, ALL)
    assert found.value is None
    assert "no value of" in found.text
