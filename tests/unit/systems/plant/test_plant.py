"""The plant: certificate, balances, gate, and that nothing comes from nowhere."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import sparse

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.plant.catalogue import names, process, reactor
from accord.systems.plant.certificate import certify
from accord.systems.plant.chain import Programme
from accord.systems.plant.dispatch import Plant, has
from accord.systems.plant.gate import pairing
from accord.systems.plant.inputs import Design
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.site import price_series, solar_series
from accord.systems.plant.solver import solve_programme
from accord.systems.plant.year import dispatch, plant_of


def small(
    cost: list[float], rows: list[list[float]], low: list[float], high: list[float], top: float
) -> Programme:
    n = len(cost)
    return Programme(
        cost=np.array(cost), matrix=sparse.csc_matrix(np.array(rows)), row_low=np.array(low),
        row_high=np.array(high), low=np.zeros(n), high=np.full(n, top),
    )  # fmt: skip


def test_a_certificate_is_recomputed_and_tells_a_wrong_answer() -> None:
    programme = small([-1.0, -2.0], [[1.0, 1.0]], [-np.inf], [4.0], 3.0)
    x, price = solve_programme(programme, "small")
    found = certify(programme, x, price)
    assert found.primal == pytest.approx(-7.0)
    assert found.dual == pytest.approx(-7.0)
    wrong = certify(programme, np.array([3.0, 3.0]), price)
    assert wrong.violation > 0.1
    lazy = certify(programme, np.array([0.0, 0.0]), price)
    assert lazy.gap > 0.5


def test_what_has_no_answer_is_told_in_words() -> None:
    with pytest.raises(ModelError, match="satisfies every limit"):
        solve_programme(small([1.0], [[1.0]], [5.0], [6.0], 1.0), "small")
    with pytest.raises(ModelError, match="without end"):
        solve_programme(small([-1.0], [[0.0]], [-np.inf], [1.0], np.inf), "small")


def test_random_programmes_agree_with_their_duals() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        rows = rng.normal(size=(6, 9))
        programme = small(
            list(rng.normal(size=9)), rows.tolist(), [-np.inf] * 6, list(rng.uniform(1, 5, 6)), 2.0
        )
        assert certify(programme, *solve_programme(programme, "random")).gap < 1e-9


def _flows(**changes: Any) -> tuple[Plant, dict[str, np.ndarray], np.ndarray]:
    design = Design.model_validate({**copy.deepcopy(EXAMPLE), **changes})
    plant = plant_of(design)
    solar, price = solar_series(design, 0)[:168], 55.0 * price_series(design, 0)[:168]
    return plant, dispatch(plant, solar, price, "week"), solar


def test_every_hour_balances_and_no_store_ends_richer() -> None:
    plant, flow, solar = _flows()
    gained = plant.steam_gain
    inside = plant.efficiency * flow["st"] + flow["pv"] + flow["bd"] + flow["imp"] + gained * flow["hts"]
    outside = flow["bc"] + flow["pem"] + flow["hts"] + flow["exp"]
    np.testing.assert_allclose(inside, outside, atol=1e-6)
    assert np.all(flow["pv"] <= 60 * solar + 1e-6)
    assert np.all(flow["eb"] <= 80 + 1e-6)
    assert np.sum(flow["bd"]) <= 0.95**2 * np.sum(flow["bc"]) + 1e-6
    assert np.max(flow["bd"]) > 1.0  # the evening peak pays for the battery
    assert not np.any((flow["bc"] > 1e-6) & (flow["bd"] > 1e-6))


def test_water_reactors_drive_steam_electrolysis_and_no_thermochemical_cycle() -> None:
    for name in ("phwr_700", "vver_1000", "vver_1200", "smr_pwr"):
        assert pairing(reactor(name), process("htse"), 30.0).feasible
        for way in ("cu_cl", "s_i"):
            found = pairing(reactor(name), process(way), 30.0)
            assert not found.feasible
            assert "too cold" in found.reason
    assert "no reactor" in pairing(None, process("htse"), 30.0).reason


def test_an_impossible_pairing_makes_no_hydrogen_and_says_so() -> None:
    design = Design.model_validate({**EXAMPLE, "hydrogen": "s_i"})
    plant = plant_of(design)
    assert has(plant) & {"hts", "pem", "sold"} == set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reactor": "perpetual"}, "no 'perpetual' among the reactors"),
        ({"hydrogen_power": "0 MW"}, "hydrogen and hydrogen_power belong together"),
        ({"battery_energy": "0 MWh"}, "battery_power and battery_energy belong together"),
        ({"reactor": None, "solar": "0 MW"}, "neither reactor nor solar field"),
        ({"climate": "moon"}, "no 'moon' among the climates"),
    ],
)
def test_mistakes_in_the_file_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Design.model_validate({**EXAMPLE, **change})


def test_the_ensemble_is_sane() -> None:
    alone = Alone(SYSTEM)
    outputs, _ = alone.evaluate(alone.draw(128))
    # a reactor of 52 MW net at about 0.8 and a tracker field of 60 MW
    assert 350 < np.median(outputs["generation_gwh_per_yr"]) < 620
    assert np.all(outputs["net_export_gwh_per_yr"] < outputs["generation_gwh_per_yr"])
    assert 0.2 < np.median(outputs["solar_capacity_factor"]) < 0.36
    most = 10 * 8760 / 36.8  # t a year at full load
    assert np.all(outputs["hydrogen_t_per_yr"] <= most * 1.001)
    assert 40 < np.median(outputs["lcoe_usd2025_per_mwh"]) < 250
    parts = outputs["cost_musd2025_per_yr"]
    assert np.all(parts >= 0)
    assert set(names("processes")) == {"htse", "pem", "alkaline", "cu_cl", "s_i"}


def test_made_years_have_their_months() -> None:
    design = Design.model_validate(EXAMPLE)
    year = solar_series(design, 0)
    assert year.shape == (8760,)
    assert np.all(year[0:8760:24] == 0.0)  # midnight
    month = [float(year[a : a + 720].mean()) for a in (4 * 720, 6 * 730 + 200)]
    assert month[0] > 1.2 * month[1]  # spring before the monsoon
    assert solar_series(design, 1).sum() != pytest.approx(year.sum(), rel=1e-4)
    assert price_series(design, 0).mean() == pytest.approx(1.0)
