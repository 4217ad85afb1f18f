"""The Sun against Skyfield's theory of the Earth and against the seasons."""

import math
from datetime import date, datetime

import numpy as np
import pytest

from accord.physics.constants import AU_KM
from accord.physics.geodesy import normal
from accord.physics.sun import sun_elevation_rad, sun_equatorial, sun_pef_km
from accord.physics.time import julian_date


def test_example_of_meeus() -> None:
    ra, dec, _ = sun_equatorial(2448908.5)  # example 25.a, low accuracy: 198.38083, -7.78507
    assert math.degrees(ra) == pytest.approx(198.38083, abs=2e-5)
    assert math.degrees(dec) == pytest.approx(-7.78507, abs=2e-5)


def test_vallado_example_5_1() -> None:
    # Vallado (2013), example 5-1, 2 April 2006: declination 4.788425 deg, 0.9994850 au
    _, dec, distance = sun_equatorial(julian_date(date(2006, 4, 2)))
    assert math.degrees(dec) == pytest.approx(4.788425, abs=0.01)
    assert distance == pytest.approx(0.9994850, abs=1e-4)


def test_seasons() -> None:
    _, june, _ = sun_equatorial(julian_date(datetime(2027, 6, 21, 14)))
    _, march, _ = sun_equatorial(julian_date(datetime(2027, 3, 20, 20, 25)))  # equinox of 2027
    assert math.degrees(june) == pytest.approx(23.436, abs=0.01)
    assert math.degrees(march) == pytest.approx(0.0, abs=0.01)


def test_noon_and_midnight() -> None:
    jd = julian_date(date(2027, 3, 20))
    noon, midnight = sun_elevation_rad(jd, np.array([43200.0 + 450.0, 450.0]), normal(0.0, 0.0))
    assert math.degrees(noon) > 89.0
    assert math.degrees(midnight) < -89.0
    assert np.linalg.norm(sun_pef_km(jd, np.zeros(1))) == pytest.approx(AU_KM, rel=0.02)
