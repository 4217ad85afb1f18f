"""Hydrogen: what thermodynamics allows, stacks that age, tanks, least loads, and a gate that says why it is closed."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.plant.catalogue import names, process, reactor
from accord.systems.plant.economy import carnot
from accord.systems.plant.electrolysis import (
    EXERGY_KWH_PER_KG,
    HHV_KWH_PER_KG,
    cell_voltage_v,
    compression_kwh_per_kg,
    mean_ageing,
    need_of,
    reaction,
    reversible_v,
    stack_life_yr,
    thermoneutral_v,
)
from accord.systems.plant.inputs import Design
from accord.systems.plant.model import EXAMPLE, SYSTEM
from accord.systems.plant.remarks import remarks
from accord.systems.plant.site import price_series, solar_series
from accord.systems.plant.year import KG_PER_MWH_H2, dispatch, plant_of


def test_no_process_of_the_table_beats_thermodynamics() -> None:
    for name in names("processes"):
        way = process(name)
        assert way.electricity_kwh_per_kg + way.heat_kwh_per_kg >= HHV_KWH_PER_KG
        hottest = 1.0 - 298.15 / ((way.heat_degc or 25.0) + 273.15)
        assert way.electricity_kwh_per_kg + hottest * way.heat_kwh_per_kg >= EXERGY_KWH_PER_KG
        assert 0.0 < way.turn_down < 1.0
        assert way.maturity in ("commercial", "demonstrated", "laboratory")


@given(st.floats(600.0, 1200.0))
def test_hotter_steam_is_split_with_less_work_and_about_the_same_energy(kelvin: float) -> None:
    heat, work = reaction(kelvin)
    assert work < heat
    assert reaction(kelvin + 50.0)[1] < work
    assert heat == pytest.approx(247.0, abs=4.0)
    assert thermoneutral_v(kelvin) > reversible_v(kelvin) - 0.2


def test_a_cell_at_its_neutral_voltage_carries_a_current_that_falls_with_resistance() -> None:
    volts = cell_voltage_v(np.array([0.0, 0.5, 1.0]), 1073.15, 0.3)
    assert np.all(np.diff(volts) == pytest.approx(0.15))
    assert 0.85 < volts[0] < 0.98  # Nernst voltage of half-used steam at 800 degC
    with pytest.raises(ModelError, match="no enthalpy of hydrogen at 4000 K"):
        reaction(4000.0)


def test_compression_costs_more_for_more_and_nothing_for_nothing() -> None:
    assert compression_kwh_per_kg(30.0, 20.0) == 0.0
    values = [compression_kwh_per_kg(1.0, p) for p in (2.0, 10.0, 30.0, 250.0)]
    assert values == sorted(values)
    assert 1.0 < compression_kwh_per_kg(1.0, 30.0) < 2.5  # 1.0 to 1.7 kWh/kg of good machines at 20 to 30 bar
    # stages approach the work at constant temperature from above
    ideal = 8.314 * 313.15 * np.log(30.0) / 2.01588e-3 / 3.6e6
    assert compression_kwh_per_kg(1.0, 30.0) > ideal


def test_stacks_age_by_the_hours_they_are_loaded() -> None:
    way = process("htse")
    assert float(stack_life_yr(way, 8760.0)) == pytest.approx(4.0, abs=0.01)
    assert float(stack_life_yr(way, 4380.0)) == pytest.approx(8.0, abs=0.02)
    assert float(stack_life_yr(way, 0.0)) == 20.0
    assert mean_ageing(way) == pytest.approx(0.0875)
    need = need_of(way, 20.0)
    assert need.electricity_kwh_per_kg == pytest.approx(36.8 * 1.0875)
    assert need_of(way, 200.0).electricity_kwh_per_kg > need.electricity_kwh_per_kg


def _week(**changes: Any) -> tuple[dict[str, np.ndarray], Design]:
    design = Design.model_validate({**copy.deepcopy(EXAMPLE), **changes})
    solar, price = solar_series(design, 0)[:168], 55.0 * price_series(design, 0)[:168]
    return dispatch(plant_of(design), solar, price, "week"), design


def test_steam_electrolysis_stays_hot_and_water_electrolysis_may_stop() -> None:
    flow, _ = _week()
    assert flow["hts"].min() >= 1.0 - 1e-6
    assert flow["hts"].max() == pytest.approx(10.0, abs=1e-5)
    flow, _ = _week(hydrogen="pem", hydrogen_price="2.5 USD2025/kg")
    assert flow["pem"].min() < 0.01 < flow["pem"].max()


def test_a_demand_is_met_from_the_tank_when_power_is_dear() -> None:
    flow, design = _week(hydrogen_demand="150 kg/h", hydrogen_store="2 t", hydrogen_price="0 USD2025/kg")
    made = flow["hts"] * plant_of(design).hts_yield
    asked = 150.0 / KG_PER_MWH_H2
    assert made.sum() == pytest.approx(168 * asked, rel=1e-6)
    assert made.min() < asked < made.max()
    assert flow["eh"].max() <= 2000.0 / KG_PER_MWH_H2 + 1e-6


def test_a_demand_that_cannot_be_met_is_told_in_words() -> None:
    with pytest.raises(ModelError, match="hydrogen demand"):
        _week(hydrogen_demand="900 kg/h")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"hydrogen_power": "900 MW", "grid": "900 MW"},
            r"takes \d+.* MW of heat, and at most 95 MW may leave",
        ),
        ({"grid": "20 MW"}, "expected a larger grid, or reactor_policy: flexible"),
        ({"hydrogen": None, "hydrogen_power": "0 MW", "hydrogen_store": "1 t"}, "need a way to hydrogen"),
    ],
)
def test_more_than_there_is_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Design.model_validate({**EXAMPLE, **change})


def test_a_closed_gate_says_why_and_no_route_beside_it_has_a_price() -> None:
    alone = Alone(SYSTEM, {**EXAMPLE, "hydrogen": "s_i", "battery_power": "0 MW", "battery_energy": "0 MWh"})
    result = alone.result(32)
    assert np.all(result.outputs["hydrogen_t_per_yr"] == 0.0)
    assert np.all(result.outputs["lcoh_allocated_usd2025_per_kg"] == 0.0)
    said = [r for r in remarks(result) if r.code == "plant-gate"]
    assert len(said) == 1
    assert "Sulphur-iodine cycle needs heat of 860 degC" in said[0].message
    assert "615 K too cold" in said[0].message
    assert said[0].about == "hydrogen_t_per_yr"
    routes = result.outputs["lcoh_route_usd2025_per_kg"]
    for k, name in enumerate(names("processes")):
        assert np.all((routes[:, k] == 0.0) == (name in ("cu_cl", "s_i"))), name
    picture = next(f for f in SYSTEM.figures(result) if f.id == "routes")
    assert "615 K too cold" in picture.caption
    assert {row["gate"] for row in picture.rows} == {"open", "closed"}


def test_heat_is_worth_less_than_itself() -> None:
    assert carnot(None) == 0.0
    for name in names("reactors"):
        assert 0.3 < carnot(reactor(name)) < 0.8
        assert reactor(name).extraction_loss < carnot(reactor(name))
