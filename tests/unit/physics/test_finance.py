"""Discounted cash flow against closed forms and the ugly series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.physics import finance


@settings(deadline=None, max_examples=50)
@given(rate=st.floats(0.0, 0.5), years=st.integers(1, 60))
def test_annuity_is_the_sum_of_discount_factors(rate: float, years: int) -> None:
    total = sum((1 + rate) ** -k for k in range(1, years + 1))
    assert finance.annuity_factor(rate, years) == pytest.approx(total, rel=1e-9)
    assert finance.capital_recovery_factor(rate, years) * total == pytest.approx(1.0)


def test_construction_factor_is_the_mean_growth_of_money_spent_evenly() -> None:
    waits = (np.arange(100_000) + 0.5) / 100_000 * 6
    assert finance.construction_factor(0.08, 6.0) == pytest.approx(np.mean(1.08**waits), rel=1e-8)
    assert finance.construction_factor(0.0, 6.0) == pytest.approx(1.0)
    assert finance.construction_factor(0.08, 0.0) == pytest.approx(1.0)


@settings(deadline=None, max_examples=30)
@given(rate=st.floats(0.0, 0.3), years=st.floats(0.5, 20.0))
def test_spending_along_an_s_curve_grows_as_its_integral_says(rate: float, years: float) -> None:
    share = (np.arange(20_000) + 0.5) / 20_000
    speed = np.diff(finance.cumulative_spending(np.linspace(0.0, 1.0, 20_001)))
    grown = float(np.sum(speed * (1.0 + rate) ** (years * (1.0 - share))))
    assert finance.construction_factor(rate, years, "s_curve") == pytest.approx(grown, rel=1e-6)
    assert finance.cumulative_spending([-1.0, 0.0, 0.5, 1.0, 2.0]).tolist() == pytest.approx(
        [0, 0, 0.5, 1, 1]
    )


def test_an_unknown_way_of_spending_is_refused() -> None:
    with pytest.raises(ModelError, match="expected even or s_curve"):
        finance.construction_factor(0.1, 5.0, "late")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.floats(-50.0, 100.0), min_size=6, max_size=6), min_size=1, max_size=6))
def test_many_internal_rates_agree_with_one_at_a_time(earned: list[list[float]]) -> None:
    flows = np.array([[-100.0, *row] for row in earned])
    rate, count = finance.internal_rates(flows)
    for k, row in enumerate(flows):
        found = [r for r in finance.internal_rate(row).rates if -0.499 < r < 0.999]
        apart = np.diff(found) if len(found) > 1 else np.ones(1)
        if len(found) and apart.min() > 0.02 and all(abs(r - e) > 0.01 for r in found for e in (-0.5, 1.0)):
            assert count[k] == len(found)
            assert rate[k] == pytest.approx(found[0], abs=1e-6)


def test_many_series_without_a_rate_stand_at_the_ends() -> None:
    rate, count = finance.internal_rates(np.array([[-1.0, 0.05, 0.05], [1.0, 1.0, 1.0], [-1.0, 2.3, -1.32]]))
    assert rate[:2].tolist() == [-0.5, 1.0]
    assert count.tolist() == [0.0, 0.0, 2.0]
    with pytest.raises(ModelError, match="finite"):
        finance.internal_rates(np.array([[np.nan, 1.0]]))


@settings(deadline=None, max_examples=30)
@given(rate=st.floats(-0.5, 2.0), years=st.integers(1, 60))
def test_internal_rate_of_a_loan_is_its_rate(rate: float, years: int) -> None:
    flows = [-float(finance.annuity_factor(rate, years)), *[1.0] * years]
    assert finance.internal_rate(flows).unique == pytest.approx(rate, abs=1e-8)
    assert finance.net_present_value(rate, flows) == pytest.approx(0.0, abs=1e-6 * abs(flows[0]))


def test_two_internal_rates_are_both_told_and_none_is_chosen() -> None:
    found = finance.internal_rate([-1.0, 2.3, -1.32])  # (1.1, 1.2)
    assert found.rates == pytest.approx((0.1, 0.2))
    assert "2 internal rates" in found.note
    with pytest.raises(ModelError, match="2 internal rates"):
        _ = found.unique


@pytest.mark.parametrize("flows", [[1.0, 1.0], [0.0, 0.0], [-1.0, 0.0]])
def test_no_internal_rate_is_said_in_words(flows: list[float]) -> None:
    assert "never balance" in finance.internal_rate(flows).note


def test_flows_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ModelError, match="finite"):
        finance.internal_rate([float("nan"), 1.0])


def test_levelised_cost() -> None:
    assert finance.levelised_cost(0.0, np.array([10.0, 0, 0]), np.array([0.0, 2, 3])) == 2.0
    with pytest.raises(ModelError, match="produced"):
        finance.levelised_cost(0.1, np.ones(3), np.zeros(3))


def test_tax_is_never_negative_and_debt_cover_is_cash_over_payment() -> None:
    tax = finance.tax_straight_line(np.array([5.0, 20.0]), 100.0, 10.0, 0.2)
    assert tax.tolist() == [0.0, 2.0]
    assert finance.debt_service_cover(15.0, 100.0, 0.0, 10.0) == pytest.approx(1.5)


def test_present_value_takes_the_middle_of_each_year() -> None:
    flows = np.array([[100.0, 100.0, 100.0], [0.0, 0.0, 121.0]])
    found = finance.present_value(np.array([0.1, 0.1]), flows)
    assert found[0] == pytest.approx(sum(100.0 * 1.1 ** -(k + 0.5) for k in range(3)))
    assert found[1] == pytest.approx(121.0 / 1.1**2.5)
    np.testing.assert_allclose(finance.present_value(np.zeros(2), flows), [300.0, 121.0])
