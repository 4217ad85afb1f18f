"""Circular orbits under J2."""

import math

import numpy as np
import pytest

from accord.physics.constants import EARTH_RADIUS_KM, EARTH_ROTATION_RAD_PER_S
from accord.physics.orbits import (
    circular_pef,
    circular_teme,
    draconitic_rate_rad_per_s,
    kozai_mean_motion_rad_per_s,
    mean_motion_rad_per_s,
    node_rate_rad_per_s,
    repeat_sun_synchronous,
    sun_synchronous_inclination_rad,
)

AXIS = EARTH_RADIUS_KM + 550.0


def test_critical_inclinations() -> None:
    polar = math.pi / 2
    assert node_rate_rad_per_s(AXIS, polar) == pytest.approx(0.0, abs=1e-20)
    # the perigee stands still where 5 cos^2 i = 1: draconitic and anomalistic rates agree
    critical = math.acos(math.sqrt(0.2))
    assert draconitic_rate_rad_per_s(AXIS, critical) == pytest.approx(
        kozai_mean_motion_rad_per_s(AXIS, critical), rel=1e-12
    )


def test_geostationary_altitude() -> None:
    axis = 42164.17
    assert mean_motion_rad_per_s(axis) == pytest.approx(EARTH_ROTATION_RAD_PER_S, rel=1e-6)


def test_no_sun_synchronous_orbit_too_high() -> None:
    with pytest.raises(ValueError, match="too high"):
        sun_synchronous_inclination_rad(EARTH_RADIUS_KM + 6000.0)


def test_no_repeating_orbit_for_an_impossible_ratio() -> None:
    with pytest.raises(ValueError, match="no low sun-synchronous orbit"):
        repeat_sun_synchronous(20, 1)


def test_ground_track_repeats() -> None:
    axis, inclination = repeat_sun_synchronous(143, 10)
    start = np.zeros(1)
    ends, _ = circular_pef(axis, inclination, start, start, 0.3, np.array([0.0, 10 * 86400.0]))
    np.testing.assert_allclose(
        ends[0, 0], ends[0, 1], atol=10.0
    )  # the mean Sun is not the year's mean to the metre


@pytest.mark.parametrize("make", ["teme", "pef"])
def test_velocity_is_the_derivative_of_the_position(make: str) -> None:
    node, u = np.array([0.4, 2.0]), np.array([1.0, 5.0])
    times = np.array([1000.0, 1000.5, 1001.0])
    if make == "teme":
        position, velocity = circular_teme(AXIS, 0.9, node, u, times)
    else:
        position, velocity = circular_pef(AXIS, 0.9, node, u, 1.2, times)
    np.testing.assert_allclose(velocity[:, 1], (position[:, 2] - position[:, 0]) / 1.0, atol=1e-6)


def test_earth_fixed_is_inertial_turned_back() -> None:
    node, u, times = np.array([0.4]), np.array([1.0]), np.array([0.0, 7000.0])
    inertial, _ = circular_teme(AXIS, 0.9, node, u, times)
    fixed, _ = circular_pef(AXIS, 0.9, node, u, 0.5, times)
    angle = 0.5 + EARTH_ROTATION_RAD_PER_S * times
    x = np.cos(angle) * inertial[0, :, 0] + np.sin(angle) * inertial[0, :, 1]
    np.testing.assert_allclose(fixed[0, :, 0], x, atol=1e-8)
    np.testing.assert_allclose(np.linalg.norm(fixed, axis=-1), AXIS)
