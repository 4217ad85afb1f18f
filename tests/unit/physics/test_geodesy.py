"""Places on the ellipsoid."""

import math

import numpy as np
import pytest

from accord.physics.constants import EARTH_RADIUS_KM, FLATTENING
from accord.physics.geodesy import (
    azimuth_rad,
    ecef_from_geodetic,
    elevation_rad,
    geodesic_km,
    geodetic_from_ecef,
    normal,
    zone_area_km2,
)


def test_equator_and_pole() -> None:
    np.testing.assert_allclose(ecef_from_geodetic(0.0, 0.0), [EARTH_RADIUS_KM, 0.0, 0.0])
    pole = ecef_from_geodetic(math.pi / 2, 1.0)
    np.testing.assert_allclose(pole, [0.0, 0.0, EARTH_RADIUS_KM * (1.0 - FLATTENING)], atol=1e-9)


def test_vallado_example_3_3() -> None:
    # Vallado (2013), example 3-3: latitude 34.352496 deg, longitude 46.4464 deg, height 5085.22 km
    latitude, longitude, height = geodetic_from_ecef(np.array([6524.834, 6862.875, 6448.296]))
    assert math.degrees(latitude) == pytest.approx(34.352496, abs=1e-5)
    assert math.degrees(longitude) == pytest.approx(46.4464, abs=1e-4)
    assert height == pytest.approx(5085.22, abs=0.01)


def test_area_of_the_whole_earth() -> None:
    assert zone_area_km2(-math.pi / 2, math.pi / 2) == pytest.approx(
        510065621.724, rel=1e-9
    )  # Moritz (2000), GRS80


def test_areas_of_zones_add_up() -> None:
    edges = np.radians(np.linspace(-90, 90, 19))
    total = zone_area_km2(edges[0], edges[-1])
    assert np.sum(zone_area_km2(edges[:-1], edges[1:])) == pytest.approx(float(total), rel=1e-12)


def test_zenith_and_horizon() -> None:
    site, up = ecef_from_geodetic(0.7, 0.3), normal(0.7, 0.3)
    assert elevation_rad(site + 100.0 * up, site, up) == pytest.approx(math.pi / 2)
    east = np.array([-math.sin(0.3), math.cos(0.3), 0.0])
    assert elevation_rad(site + 100.0 * east, site, up) == pytest.approx(0.0, abs=1e-12)


def test_geodesic_of_nothing_of_a_quarter_and_of_the_unsolvable() -> None:
    assert geodesic_km(0.5, 0.2, 0.5, 0.2) == 0.0
    assert geodesic_km(0.0, 0.0, math.pi / 2, 0.0) == pytest.approx(
        10001.965729, abs=1e-6
    )  # quarter meridian
    assert geodesic_km(0.0, 3.0, 0.0, -3.0) == pytest.approx(EARTH_RADIUS_KM * (2 * math.pi - 6.0), rel=1e-12)
    with pytest.raises(ArithmeticError, match="antipodal"):
        geodesic_km(0.0, 0.0, 1e-4, math.pi - 1e-4)


def test_azimuth_runs_from_north_over_east() -> None:
    latitude, longitude = np.radians(30.0), np.radians(20.0)
    site = ecef_from_geodetic(latitude, longitude)
    around = [(0.5, 0.0), (0.0, 0.5), (-0.5, 0.0), (0.0, -0.5)]
    for (north, east), expected in zip(around, (0.0, 90.0, 180.0, 270.0), strict=True):
        place = ecef_from_geodetic(latitude + np.radians(north), longitude + np.radians(east))
        off = np.degrees(azimuth_rad(place, site, latitude, longitude)) - expected
        assert abs(math.remainder(float(off), 360.0)) < 0.2
