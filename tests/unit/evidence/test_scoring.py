"""Proper scores: published parts, exact sums, and what a reader may not do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.contract import Horizon
from accord.errors import FileError
from accord.evidence import scoring
from accord.evidence.ledger import Ledger, Row
from accord.evidence.quantity import NEVER_MONTH
from accord.evidence.quantity import Tested as Measured
from accord.evidence.scoring import (
    crps,
    crps_normal,
    integral_transform,
    read_outcomes,
    read_values,
    score,
    score_ledger,
    score_quantities,
)

FORECASTS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.77, 1.0]), st.sampled_from([0.0, 1.0])),
    min_size=1,
    max_size=60,
)


@given(FORECASTS)
def test_murphys_parts_add_up(forecasts: list[tuple[float, float]]) -> None:
    p, o = (np.array(v) for v in zip(*forecasts, strict=True))
    found = score(p, o)
    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.brier, abs=1e-12)
    assert bool(found.calibration) == (len(p) >= 30)


def test_by_hand() -> None:
    found = score(np.array([0.8, 0.8, 0.2, 0.2]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert found.brier == pytest.approx((0.04 + 0.64 + 0.04 + 0.04) / 4)
    assert found.reliability == pytest.approx((2 * 0.09 + 2 * 0.04) / 4)
    assert found.resolution == pytest.approx((2 * 0.0625 + 2 * 0.0625) / 4)
    assert found.uncertainty == pytest.approx(0.1875)
    assert found.logarithmic == pytest.approx(-(3 * np.log(0.8) + np.log(0.2)) / 4)


@given(st.floats(0.01, 0.99))
def test_telling_the_truth_is_best(truth: float) -> None:
    o = np.array([1.0, 0.0])
    weight = np.array([truth, 1 - truth])

    def expected(said: float) -> float:
        return sum(w * score(np.array([said]), np.array([x])).brier for w, x in zip(weight, o, strict=True))

    assert expected(truth) <= min(expected(min(truth + 0.05, 1.0)), expected(max(truth - 0.05, 0.0)))


def test_a_sure_miss_costs_much_and_not_everything() -> None:
    assert score(np.array([0.0]), np.array([1.0])).logarithmic == pytest.approx(-np.log(1e-4))


def test_crps_is_fair() -> None:
    """Ferro (2014): in the mean over draws the fair score does not depend on the size of the ensemble."""
    rng = np.random.default_rng(5)
    small, large = (
        np.mean([crps(rng.standard_normal(n), rng.standard_normal()) for _ in range(4000)]) for n in (2, 40)
    )
    assert small == pytest.approx(
        1 / np.sqrt(np.pi), abs=0.03
    )  # the normal distribution's own expected score
    assert large == pytest.approx(1 / np.sqrt(np.pi), abs=0.03)
    x = np.array([1.0, 4.0, 2.0])
    direct = np.abs(x - 2.5).mean() - np.abs(x[:, None] - x).sum() / (2 * 3 * 2)
    assert crps(x, 2.5) == pytest.approx(direct)


def test_crps_of_the_normal_distribution() -> None:
    """Gneiting & Raftery (2007), JASA 102:359, equation 21: .233695 at 0 and .602441 at 1."""
    np.testing.assert_allclose(crps_normal(0.0, 1.0, np.array([0.0, 1.0])), [0.233695, 0.602441], atol=1e-6)
    samples = np.random.default_rng(3).standard_normal(100_000)
    assert crps(samples, 0.0) == pytest.approx(0.233695, abs=0.005)
    assert crps(samples, 1.0) == pytest.approx(0.602441, abs=0.005)


@pytest.mark.parametrize("bad", [([], []), ([0.5], [0.5]), ([1.5], [1.0]), ([0.5, 0.5], [1.0])])
def test_what_cannot_be_scored(bad: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="expected"):
        score(np.array(bad[0]), np.array(bad[1]))
    with pytest.raises(ValueError, match="two samples"):
        crps(np.array([1.0]), 0.0)


def ledger() -> Ledger:
    rows = [
        Row(
            id=name, class_="commitment", modality="will", source="s", lines=(1,), text="t", verdict="uncertain",
            reason="r", probability=p,
        )
        for name, p in (("A", 0.7), ("B", None), ("C", 0.2))
    ]  # fmt: skip
    return Ledger(programme="p", title="P", rows=rows)


def test_outcomes_are_read_and_scored(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("claim,outcome,note\nA,1,yes\nB,0,\nC,0,\n")
    found = score_ledger(ledger(), read_outcomes(path))
    assert (found.claims, found.happened) == (2, 1)
    assert found.brier == pytest.approx((0.09 + 0.04) / 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claim,outcome\nA,maybe\n", ":2:"),
        ("claim\nA\n", ":2:"),
        ("claim,outcome\nA,1\nA,0\n", "resolved twice"),
    ],
)
def test_bad_outcomes_name_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "o.csv"
    path.write_text(text)
    with pytest.raises(FileError, match=said):
        read_outcomes(path)
    with pytest.raises(FileError, match="cannot be read"):
        read_outcomes(tmp_path / "absent.csv")


def test_claims_that_cannot_be_scored() -> None:
    with pytest.raises(FileError, match="no claim 'Z'"):
        score_ledger(ledger(), {"Z": True})
    with pytest.raises(FileError, match="none of the resolved"):
        score_ledger(ledger(), {"B": True})


@given(st.floats(-5, 5), st.floats(0.1, 10), st.floats(-20, 20))
def test_crps_of_a_normal_scales_and_shifts(mean: float, sd: float, y: float) -> None:
    found = float(crps_normal(mean, sd, y))
    assert found == pytest.approx(sd * float(crps_normal(0.0, 1.0, (y - mean) / sd)), abs=1e-9)
    assert 0 < found <= abs(y - mean) + sd


def test_the_integral_transform_of_the_truth_is_uniform() -> None:
    rng = np.random.default_rng(4)
    found = [integral_transform(rng.standard_normal(200), rng.standard_normal()) for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.02)
    assert np.var(found) == pytest.approx(1 / 12, abs=0.006)
    assert integral_transform(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == 0.5


def run_with(dated: bool, monkeypatch: pytest.MonkeyPatch) -> Any:
    values = np.linspace(0.0, 100.0, 101)
    measured = Measured(
        values=values, holds=values < 50, usable=np.ones(101, dtype=bool), unit="month" if dated else "km",
        quantity="q", comparator="le", thresholds=(50.0,), systems=(), alternatives={}, dated=dated,
    )  # fmt: skip
    monkeypatch.setattr(scoring, "measure", lambda run, test: measured)
    horizon = Horizon(dt.date(2026, 1, 1), dt.date(2026, 6, 1), dt.date(2036, 1, 1))
    programme = SimpleNamespace(price_base=SimpleNamespace(conversions=[]))
    return SimpleNamespace(
        plan=SimpleNamespace(tests={"A": None, "B": 1}, horizon=horizon, programme=programme)
    )


def test_observed_quantities_and_dates_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = score_quantities(run_with(False, monkeypatch), {"B": "30000 m"})
    assert (found.observed, found.median) == (30.0, 50.0)
    assert found.transform == pytest.approx(30.5 / 101)
    assert found.crps == pytest.approx(crps(np.linspace(0.0, 100.0, 101), 30.0))
    run = run_with(True, monkeypatch)
    assert score_quantities(run, {"B": "2028-01-01"})[0].observed == pytest.approx(24, abs=0.1)
    assert score_quantities(run, {"B": "never"})[0].observed == NEVER_MONTH


@pytest.mark.parametrize(
    ("claim", "value", "dated"),
    [("B", "soon", True), ("B", "3 kg", False), ("B", "far", False), ("A", "1 km", False)],
)
def test_values_that_cannot_be_understood(
    claim: str, value: str, dated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileError, match=claim):
        score_quantities(run_with(dated, monkeypatch), {claim: value})


def test_values_are_read_where_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("claim,outcome,value\nA,1,3 km\nB,0,\n")
    assert read_values(path) == {"A": "3 km"}
    assert read_outcomes(path) == {"A": True, "B": False}
