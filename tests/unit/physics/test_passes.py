"""Rises and sets against Skyfield, and against dense sampling."""

import math
from datetime import date

import numpy as np
import pytest

from accord.contract import Ephemeris
from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.elements import circular_satellite, sgp4_pef
from accord.physics.geodesy import ecef_from_geodetic, elevation_rad, normal
from accord.physics.orbits import circular_pef, kozai_mean_motion_rad_per_s
from accord.physics.passes import passes, states_at
from accord.physics.time import gmst_rad, julian_date

JD = julian_date(date(2027, 3, 20))
AXIS = EARTH_RADIUS_KM + 550.0


def orbit(step_s: float = 60.0, hours: float = 24.0, degrees: float = 53.0) -> Ephemeris:
    times = np.arange(0.0, hours * 3600.0 + 1.0, step_s)
    node, u = np.array([0.3, 2.0]), np.array([0.1, 4.0])
    position, velocity = circular_pef(AXIS, math.radians(degrees), node, u, float(gmst_rad(JD)), times)
    return Ephemeris(
        epoch_jd_utc=JD,
        step_s=step_s,
        position_km=position,
        velocity_km_s=velocity,
        names=("a", "b"),
        propagator="j2",
    )


def test_interpolation_stays_within_a_metre() -> None:
    coarse, times = orbit(), np.linspace(0.0, 86400.0, 5001)
    for satellite in (0, 1):
        rows = np.full(len(times), satellite)
        exact, _ = circular_pef(
            AXIS,
            math.radians(53.0),
            np.array([0.3, 2.0]),
            np.array([0.1, 4.0]),
            float(gmst_rad(JD)),
            times,
        )
        error = np.linalg.norm(states_at(coarse, rows, times) - exact[satellite], axis=-1)
        assert error.max() < 1e-3


def test_passes_are_those_of_dense_sampling() -> None:
    sky, latitude, longitude = orbit(), np.array([48.0, -30.0]), np.array([11.0, 120.0])
    found = passes(sky, latitude, longitude, 10.0)
    fine = orbit(step_s=1.0)
    site, up = (
        ecef_from_geodetic(np.radians(latitude), np.radians(longitude)),
        normal(*np.radians([latitude, longitude])),
    )
    expected = 0
    for satellite in (0, 1):
        for place in (0, 1):
            elevation = elevation_rad(fine.position_km[satellite], site[place], up[place])
            above = elevation >= math.radians(10.0)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], above.astype(int), [0]])))
            mine = np.flatnonzero((found.satellite == satellite) & (found.site == place))
            assert len(mine) == len(edges) // 2
            for row, (first, last) in zip(mine, edges.reshape(-1, 2), strict=True):
                assert first - 1.0 <= found.rise_s[row] <= first
                assert last - 1.0 <= found.set_s[row] <= last
                peak = math.degrees(elevation[first:last].max())
                assert found.max_elevation_deg[row] == pytest.approx(peak, abs=0.02)
            expected += len(mine)
    assert len(found) == expected > 10
    assert np.all(np.diff(found.rise_s) >= 0.0)


def test_short_passes_between_nodes_are_found() -> None:
    """A pass shorter than the spacing of the nodes, both of which are below the mask."""
    sky = orbit()
    low = passes(sky, np.array([48.0]), np.array([11.0]), 10.0)
    row = int(np.argmax(low.max_elevation_deg))
    mask = float(low.max_elevation_deg[row]) - 0.3
    short = passes(sky, np.array([48.0]), np.array([11.0]), mask)
    assert len(short) == 1
    assert 0.0 < short.set_s[0] - short.rise_s[0] < 60.0
    assert short.rise_s[0] < low.culmination_s[row] < short.set_s[0]


def test_passes_cut_by_the_window_are_flagged() -> None:
    whole = passes(orbit(), np.array([48.0]), np.array([11.0]), 10.0)
    assert not whole.cut.any()
    end = math.floor(0.5 * (whole.rise_s[0] + whole.set_s[0]))
    sky = orbit(step_s=end / 20.0, hours=end / 3600.0)
    cut = passes(sky, np.array([48.0]), np.array([11.0]), 10.0)
    assert cut.cut.tolist() == [True]
    assert cut.set_s[-1] == pytest.approx(end)


def test_a_satellite_always_in_view_is_one_pass() -> None:
    still = np.repeat((42164.0 * normal(0.0, 0.2))[None, None], 20, axis=1)
    sky = Ephemeris(
        epoch_jd_utc=JD,
        step_s=60.0,
        position_km=still,
        velocity_km_s=np.zeros_like(still),
        names=("still",),
        propagator="none",
    )
    found = passes(sky, np.array([0.0]), np.degrees(np.array([0.2])), 25.0)
    assert (found.rise_s[0], found.set_s[0], len(found)) == (0.0, 1140.0, 1)
    assert found.max_elevation_deg[0] == pytest.approx(90.0)
    assert len(passes(sky, np.array([0.0]), np.array([190.0]), 25.0)) == 0


def test_dark_follows_the_sun() -> None:
    found = passes(orbit(), np.array([48.0, 48.0]), np.array([11.0, -169.0]), 10.0)
    hour = np.mod(found.culmination_s / 3600.0 + np.where(found.site == 0, 11.0, -169.0) / 15.0, 24.0)
    night = (hour < 4.5) | (hour > 19.5)  # at an equinox
    day = (hour > 7.0) & (hour < 17.0)
    assert found.dark[night].all()
    assert not found.dark[day].any()
    assert night.any()
    assert day.any()


def test_height_of_the_site_shows() -> None:
    base = passes(orbit(), np.array([48.0]), np.array([11.0]), 10.0)
    raised = passes(orbit(), np.array([48.0]), np.array([11.0]), 10.0, height_km=4.0)
    assert raised.rise_s[0] != base.rise_s[0]


def test_two_nodes_are_too_few() -> None:
    with pytest.raises(ValueError, match="three nodes"):
        passes(orbit(step_s=60.0, hours=1.0 / 60.0), np.array([0.0]), np.array([0.0]), 0.0)


def test_same_events_as_skyfield() -> None:
    api = pytest.importorskip("skyfield.api")
    motion = kozai_mean_motion_rad_per_s(AXIS, math.radians(53.0))
    satellite = circular_satellite(motion, math.radians(53.0), 0.3, 0.1, JD)
    times = np.arange(0.0, 86401.0, 60.0)
    _, position, velocity = sgp4_pef([satellite], JD, times)
    sky = Ephemeris(
        epoch_jd_utc=JD,
        step_s=60.0,
        position_km=position,
        velocity_km_s=velocity,
        names=("a",),
        propagator="sgp4",
    )
    ours = passes(sky, np.array([40.0]), np.array([-3.0]), 10.0)
    scale = api.load.timescale(builtin=True)
    start, end = scale.utc(2027, 3, 20), scale.utc(2027, 3, 21)
    body = api.EarthSatellite.from_satrec(satellite, scale)
    when, kind = body.find_events(api.wgs84.latlon(40.0, -3.0), start, end, altitude_degrees=10.0)
    rises = [(t - start) * 86400.0 for t, k in zip(when, kind, strict=True) if k == 0]
    assert len(rises) == len(ours)
    np.testing.assert_allclose(ours.rise_s, rises, atol=0.5)
