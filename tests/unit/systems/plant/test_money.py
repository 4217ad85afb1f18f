"""Money: norms are read strictly, flows after tax agree with hand calculations, co-products share what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.errors import FileError
from accord.physics.finance import (
    capital_recovery_factor,
    construction_factor,
    internal_rate,
    net_present_value,
)
from accord.systems.plant.cashflow import statement
from accord.systems.plant.catalogue import entry
from accord.systems.plant.gates import suspects
from accord.systems.plant.inputs import Design
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.norms import Depreciation, Norms, norms_of, read_norms
from accord.systems.plant.tariff import levelised_tariff, tariff_by_year
from accord.systems.plant.yields import kept

PACKS = Path(__file__).parents[4] / "programmes" / "norms"


def pack(**changes: Any) -> Norms:
    return Norms.model_validate({**entry("norms", "plain"), **changes})


def test_the_packs_that_come_with_accord_can_be_read() -> None:
    found = {path.stem: read_norms(path) for path in sorted(PACKS.glob("*.yaml"))}
    assert set(found) == {"india-2024", "united-states-2024"}
    order = found["india-2024"].tariffs["solar_below_5_mw"]
    assert levelised_tariff(order) / 1000.0 == pytest.approx(2.76, rel=0.025)
    years = tariff_by_year(order)
    assert years[0] > years[14] > years[15]  # the loan is repaid
    for norms in found.values():
        text = norms.convention()
        assert norms.title in text
        assert "1 USD2025 =" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inflation_per_yr": 0.0}, "nominal rates need inflation"),
        ({"basis": "real"}, "do not go together"),
        ({"debt": {"share": 1.2, "rate_per_yr": 0.05, "term_yr": 10}}, "debt.share"),
        ({"debt": {"share": 0.5, "rate_per_yr": 5, "term_yr": 10}}, "debt.rate_per_yr"),
        (
            {"money": {"currency": "USD", "year": 2025, "per_usd2025": 1.0, "source": "x"}},
            "money.as_of: field required",
        ),
        ({"discount": 0.1}, "discount: extra inputs"),
        (
            {"tax": {"rate": 0.2, "depreciation": {"method": "table", "shares": [0.9, 0.4]}}},
            "writes off at most 1",
        ),
        ({"standards": ["greenest"]}, "no 'greenest' among the standards"),
    ],
)
def test_norms_that_contradict_themselves_are_told_with_file_and_key(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    body = {**entry("norms", "plain"), **change}
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(FileError, match=f"own.yaml: .*{message}"):
        read_norms(path)


def test_a_loan_outlives_no_plant_and_unknown_norms_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a loan of 18 years is longer than the plant's life of 15"):
        norms_of("plain", None, 15.0)
    with pytest.raises(FileError, match="there are no norms 'fancy'"):
        norms_of("fancy", None, 30.0)
    with pytest.raises(ValidationError, match="no such file beside the programme"):
        Design.model_validate({**EXAMPLE, "norms": "none.yaml"}, context={"folder": tmp_path})
    (tmp_path / "odd.yaml").write_text("- 1\n")
    with pytest.raises(FileError, match="expected a mapping"):
        read_norms(tmp_path / "odd.yaml")
    (tmp_path / "torn.yaml").write_text("a: [1\n")
    with pytest.raises(FileError, match="cannot be read"):
        read_norms(tmp_path / "torn.yaml")


def test_depreciation_writes_everything_off_once() -> None:
    assert Depreciation(method="straight", years=20).yearly(40).sum() == pytest.approx(1.0)
    declining = Depreciation(method="declining", rate_per_yr=0.4).yearly(40)
    assert declining[:3] == pytest.approx([0.4, 0.24, 0.144])
    assert declining.sum() == pytest.approx(1.0, abs=1e-6)
    assert Depreciation(method="table", shares=[0.5, 0.5]).yearly(5).tolist() == [0.5, 0.5, 0, 0, 0]


def test_without_tax_debt_and_inflation_the_statement_is_plain_discounting() -> None:
    norms = pack(
        basis="real", inflation_per_yr=0.0, debt={"share": 0.0, "rate_per_yr": 0.0, "term_yr": 1},
        tax={"rate": 0.0, "depreciation": {"method": "straight", "years": 20}},
    )  # fmt: skip
    earnings = np.array([[12.0] * 20, [5.0] * 20])
    found = statement(np.full(2, 100.0), np.zeros(2), earnings, np.ones(2), np.full(2, 0.06), norms)
    for k in range(2):
        flows = [-100.0, *earnings[k]]
        assert found.value[k] == pytest.approx(net_present_value(0.06, flows))
        assert found.rate[k] == pytest.approx(internal_rate(flows).unique, abs=1e-7)
        assert found.equity_rate[k] == pytest.approx(found.rate[k], abs=1e-7)
    assert np.all(found.tax == 0.0)
    assert np.all(found.interest_while_building == 0.0)


def test_a_year_by_hand() -> None:
    norms = pack(
        inflation_per_yr=0.03, debt={"share": 0.5, "rate_per_yr": 0.08, "term_yr": 2},
        tax={"rate": 0.3, "depreciation": {"method": "table", "shares": [0.8, 0.2]}},
    )  # fmt: skip
    found = statement(
        np.array([100.0]), np.zeros(1), np.array([[60.0, 60.0]]), np.ones(1), np.array([0.05]), norms
    )
    service = 50.0 * float(capital_recovery_factor(0.08, 2))
    cash = np.array([60.0 * 1.03, 60.0 * 1.03**2])
    interest = np.array([4.0, (50.0 * 1.08 - service) * 0.08])
    first = cash[0] - interest[0] - 80.0  # a loss, carried forward
    second = cash[1] - interest[1] - 20.0 + min(first, 0.0)
    tax = np.array([0.0, 0.3 * second])
    real = (cash - tax) / np.array([1.03, 1.03**2])
    assert first < 0.0 < second
    assert found.tax[0] == pytest.approx(np.mean(tax / np.array([1.03, 1.03**2])))
    assert found.least_cover[0] == pytest.approx(min((cash - tax) / service))
    assert found.value[0] == pytest.approx(real[0] / 1.05 + real[1] / 1.05**2 - 100.0)
    equity = internal_rate([-50.0, *(cash - tax - service)]).unique
    assert found.equity_rate[0] == pytest.approx((1.0 + equity) / 1.03 - 1.0, abs=1e-7)


def test_a_least_tax_on_the_book_profit_is_asked_in_its_years() -> None:
    tax = {
        "rate": 0.25,
        "minimum_rate": 0.15,
        "minimum_years": 3,
        "depreciation": {"method": "declining", "rate_per_yr": 0.4},
    }
    flows = np.full((1, 20), 12.0)
    plain, least = (
        statement(np.array([100.0]), np.zeros(1), flows, np.ones(1), np.array([0.05]), pack(tax=t))
        for t in ({**tax, "minimum_rate": 0.0}, tax)
    )
    assert least.tax[0] > plain.tax[0]
    assert least.value[0] < plain.value[0]


def test_money_spent_while_building_bears_interest_as_the_closed_form_says() -> None:
    norms = pack()
    slow, years = np.array([100.0, 100.0]), np.array([5.0, 12.0])
    found = statement(np.zeros(2), slow, np.full((2, 30), 15.0), years, np.full(2, 0.05), norms)
    mixed = (1.0 + 0.6 * 0.06 + 0.4 * 0.12) / 1.02 - 1.0
    assert found.interest_while_building == pytest.approx(
        100.0 * (construction_factor(mixed, years, "s_curve") - 1.0)
    )
    assert found.rate[1] < found.rate[0]


def test_a_project_without_a_rate_stands_at_the_end_of_the_range_and_is_counted() -> None:
    found = statement(
        np.array([100.0]), np.zeros(1), np.full((1, 20), -1.0), np.ones(1), np.array([0.05]), pack()
    )
    assert found.rate[0] == -0.5
    assert found.rate_count[0] == 0.0
    assert np.isfinite(found.equity_rate).all()


@given(st.floats(0.0, 0.03), st.integers(1, 40), st.floats(0.0, 0.12))
def test_what_a_fading_field_keeps_is_the_mean_of_its_years(lost: float, years: int, rate: float) -> None:
    t = np.arange(1, years + 1)
    worth = (1.0 + rate) ** -t
    expected = float(np.sum((1.0 - lost) ** (t - 0.5) * worth) / np.sum(worth))
    assert float(kept(lost, float(years), rate)) == pytest.approx(expected, rel=1e-9)


@pytest.fixture(scope="module")
def example() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    alone = Alone(SYSTEM, EXAMPLE)
    members = alone.draw(200)
    return members, alone.evaluate(members)[0]


def test_co_products_share_what_there_is(
    example: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
) -> None:
    _, found = example
    credit, energy, exergy = found["lcoh_allocated_usd2025_per_kg"].T
    own, market = found["lcoh_usd2025_per_kg"], found["lcoh_market_usd2025_per_kg"]
    assert np.all(energy >= exergy)  # a MWh of warm steam bears less of the cost by exergy
    assert np.all(np.abs(exergy / own - 1.0) < 0.1)
    members = example[0]
    dear = found["lcoe_usd2025_per_mwh"] > members["power_price_usd2025_per_mwh"]
    assert np.all((own > market) == dear)
    # what electricity does not earn, hydrogen bears
    paid = found["cost_musd2025_per_yr"].sum(axis=1) - credit * found["hydrogen_t_per_yr"] / 1e3
    assert np.corrcoef(paid, members["power_price_usd2025_per_mwh"])[0, 1] > 0.8
    assert np.median(credit) > np.median(own)
    assert np.all(found["construction_interest_musd2025"] > 0.0)
    assert np.all(found["after_tax_value_musd2025"] <= found["net_present_value_musd2025"] + 60.0)


def test_numbers_that_no_plant_has_are_suspect(
    example: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
) -> None:
    _, found = example
    assert not list(suspects({**found, "lcoh_usd2025_per_kg": np.full(3, 5.0)}))
    # prices a MWh taken for prices a kWh, and the like
    for name, values in (
        ("lcoe_usd2025_per_mwh", [158_356.0, 102.0]), ("lcoh_usd2025_per_kg", [6385.0, 0.0]),
        ("solar_capacity_factor", [0.41, 0.2]), ("hydrogen_emissions", [545.0, 0.5]),
    ):  # fmt: skip
        told = list(suspects({**found, name: np.array(values)}))
        assert [(n, bad.tolist()) for n, bad, _ in told] == [(name, [True, False])]
        assert told[0][2]


def test_a_slip_of_units_fails_members_with_a_reason() -> None:
    alone = Alone(SYSTEM, {"solar": "50 MW", "grid": "50 MW"})
    members = alone.draw(8)
    members["solar_capex_usd2025_per_kw"] = np.full(8, 5000.0)
    members["om_share_per_yr"] = np.full(8, 0.2)
    members["discount_rate_per_yr"] = np.full(8, 0.2)
    _, failures = alone.evaluate(members)
    assert len(failures) == 8
    assert all(
        text.startswith("model input suspect: the levelised cost of electricity")
        for text in failures.values()
    )
