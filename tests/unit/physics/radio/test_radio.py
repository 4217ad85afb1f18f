"""Link budget, modulation, flux limits and the geostationary arc against textbook values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.physics.radio.arc import arc_separation_deg
from accord.physics.radio.flux import flux_limit_dbw_per_m2_hz
from accord.physics.radio.link import (
    combined_ratio_db,
    free_space_loss_db,
    noise_rise_db,
    scan_loss_db,
    spreading_db,
)
from accord.physics.radio.modcod import efficiency_bit_per_s_hz, thresholds


def test_free_space_loss_of_a_geostationary_link() -> None:
    # Maral & Bousquet (2020), example 5.1: 35 786 km at 12 GHz, 205.1 dB
    assert float(free_space_loss_db(35786.0, 12.0)) == pytest.approx(205.1, abs=0.05)
    assert float(spreading_db(35786.0)) == pytest.approx(162.1, abs=0.1)


def test_scanning_costs_and_boresight_does_not() -> None:
    assert float(scan_loss_db(0.0, 1.3)) == 0.0
    assert float(scan_loss_db(60.0, 1.0)) == pytest.approx(3.01, abs=0.01)
    assert float(scan_loss_db(70.0, 0.0)) == 0.0
    assert math.isfinite(float(scan_loss_db(90.0, 1.5)))


def test_equal_disturbances_cost_three_decibels() -> None:
    assert float(combined_ratio_db(10.0, 10.0)) == pytest.approx(10.0 - 3.0103, abs=1e-3)
    assert float(combined_ratio_db(10.0, 200.0)) == pytest.approx(10.0)


def test_rain_warms_the_receiver() -> None:
    assert float(noise_rise_db(0.3, 0.3, 200.0)) == 0.0
    assert float(noise_rise_db(30.0, 0.0, 272.3)) == pytest.approx(3.01, abs=0.02)


def test_modes_rise_and_below_the_first_is_an_outage() -> None:
    needed, carried = thresholds()
    assert (np.diff(needed) > 0.0).all()
    assert (np.diff(carried) > 0.0).all()
    assert float(efficiency_bit_per_s_hz(needed[0] - 1e-9)) == 0.0
    assert float(efficiency_bit_per_s_hz(needed[0])) == pytest.approx(0.567805)
    assert float(efficiency_bit_per_s_hz(8.0)) == pytest.approx(2.370043)
    assert float(efficiency_bit_per_s_hz(60.0, 0.1)) == pytest.approx(5.900855 / 1.1)


def test_flux_limits_of_article_21() -> None:
    per_hertz = 10.0 * math.log10(4000.0)
    limit = flux_limit_dbw_per_m2_hz(11.0, np.array([2.0, 15.0, 40.0]), 300)
    assert limit is not None
    np.testing.assert_allclose(limit, np.array([-150.0, -145.0, -140.0]) - per_hertz)
    few, many = (flux_limit_dbw_per_m2_hz(18.5, 5.0, n) for n in (50, 840))
    assert few is not None
    assert many is not None
    assert float(few) - float(many) == pytest.approx((840 + 402) / 69)
    assert flux_limit_dbw_per_m2_hz(30.0, 20.0, 10) is None


def test_the_arc_is_where_a_dish_finds_it() -> None:
    # the elevation of the satellite due south at 51.5 N in ITU's validation rows
    el = math.radians(31.07699124)
    south = np.array([[0.0, -math.cos(el), math.sin(el)]])
    assert float(arc_separation_deg(math.radians(51.5), south)[0]) < 0.02
    mirrored = south * [1.0, -1.0, 1.0]
    assert float(arc_separation_deg(math.radians(-51.5), mirrored)[0]) < 0.02
    assert float(arc_separation_deg(0.0, np.array([[0.0, 0.0, 1.0]]))[0]) < 1e-6
    assert float(arc_separation_deg(math.radians(85.0), np.array([[0.0, 0.0, 1.0]]))[0]) == 180.0


@given(st.floats(-80.0, 80.0), st.floats(0.0, 360.0), st.floats(1.0, 89.0))
def test_the_arc_is_symmetric_about_the_equator_and_the_meridian(
    latitude: float, azimuth: float, elevation: float
) -> None:
    a, e = math.radians(azimuth), math.radians(elevation)
    one = np.array([[math.cos(e) * math.sin(a), math.cos(e) * math.cos(a), math.sin(e)]])
    found = float(arc_separation_deg(math.radians(latitude), one)[0])
    flipped = float(arc_separation_deg(math.radians(-latitude), one * [1.0, -1.0, 1.0])[0])
    turned = float(arc_separation_deg(math.radians(latitude), one * [-1.0, 1.0, 1.0])[0])
    assert found == pytest.approx(flipped, abs=1e-6)
    assert found == pytest.approx(turned, abs=1e-6)
