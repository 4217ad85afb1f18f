"""Passes under awkward skies: shadow, horizons by azimuth, poles, many sites at once, windows that cut."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.contract import Ephemeris
from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.elements import circular_satellite, sgp4_pef
from accord.physics.geodesy import azimuth_rad, ecef_from_geodetic, elevation_rad, normal
from accord.physics.orbits import circular_pef, kozai_mean_motion_rad_per_s
from accord.physics.passes import passes, states_at, sunlit_share
from accord.physics.sun import sun_pef_km
from accord.physics.time import gmst_rad, julian_date
from accord.physics.walker import walker

JD = julian_date(date(2027, 3, 20))


def fleet(
    total: int = 12,
    altitude_km: float = 550.0,
    degrees: float = 97.6,
    hours: float = 24.0,
    step_s: float = 60.0,
) -> Ephemeris:
    times = np.arange(0.0, hours * 3600.0 + 1.0, step_s)
    node, u = walker(total, 3 if total % 3 == 0 else 1, 0, 2.0)
    axis = EARTH_RADIUS_KM + altitude_km
    position, velocity = circular_pef(axis, math.radians(degrees), node, u, float(gmst_rad(JD)), times)
    names = tuple(str(i) for i in range(total))
    return Ephemeris(
        epoch_jd_utc=JD,
        step_s=step_s,
        position_km=position,
        velocity_km_s=velocity,
        names=names,
        propagator="j2",
    )


def columns(found):
    return np.column_stack(
        [found.satellite, found.site, found.rise_s, found.culmination_s, found.set_s, found.max_elevation_deg]
    )


def test_every_crossing_lies_on_the_mask_and_the_top_is_the_top() -> None:
    sky, latitude, longitude = fleet(), np.array([10.0, -65.0, 80.0]), np.array([20.0, -179.9, 179.9])
    found = passes(sky, latitude, longitude, 7.5)
    site = ecef_from_geodetic(np.radians(latitude), np.radians(longitude))[found.site]
    up = normal(np.radians(latitude), np.radians(longitude))[found.site]

    def height(seconds):
        return np.degrees(elevation_rad(states_at(sky, found.satellite, seconds), site, up))

    inside = ~found.cut
    np.testing.assert_allclose(height(found.rise_s)[inside], 7.5, atol=2e-4)  # 1 ms at up to 0.1 deg/s
    np.testing.assert_allclose(height(found.set_s)[inside], 7.5, atol=2e-4)
    np.testing.assert_allclose(height(found.culmination_s), found.max_elevation_deg, atol=1e-6)
    for share in (0.1, 0.4, 0.6, 0.9):
        between = found.rise_s + share * (found.set_s - found.rise_s)
        assert np.all(height(between) <= found.max_elevation_deg + 1e-6)
        assert np.all(height(between)[found.set_s - found.rise_s > 1.0] >= 7.5 - 1e-3)


def test_many_sites_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    sky = fleet()
    latitude, longitude = np.degrees(np.arcsin(rng.uniform(-1, 1, 60))), rng.uniform(-180.0, 360.0, 60)
    latitude[:3], mask = (90.0, -90.0, 89.999), rng.uniform(0.0, 40.0, 60)
    together = columns(passes(sky, latitude, longitude, mask, threads=2))
    assert np.array_equal(together, columns(passes(sky, latitude, longitude, mask, threads=1)))
    for place in range(60):
        alone = columns(passes(sky, latitude[[place]], longitude[[place]], float(mask[place])))
        mine = together[together[:, 1] == place]
        np.testing.assert_allclose(np.delete(mine, 1, axis=1), np.delete(alone, 1, axis=1), atol=2e-3)


def test_a_turn_of_longitude_changes_nothing() -> None:
    sky = fleet(4)
    west = passes(sky, np.array([40.0, 40.0]), np.array([-75.0, 180.0]), 5.0)
    east = passes(sky, np.array([40.0, 40.0]), np.array([285.0, -180.0]), 5.0)
    np.testing.assert_allclose(columns(west), columns(east), atol=1e-3)


def test_at_a_pole_every_revolution_of_a_polar_orbit_passes() -> None:
    sky = fleet(1, degrees=90.0)
    period_s = 2.0 * math.pi / kozai_mean_motion_rad_per_s(EARTH_RADIUS_KM + 550.0, math.radians(90.0))
    found = passes(sky, np.array([90.0, -90.0]), np.array([0.0, 123.0]), 10.0)
    for pole in (0, 1):
        tops = found.culmination_s[(found.site == pole) & ~found.cut]
        assert len(tops) >= 14
        np.testing.assert_allclose(np.diff(tops), period_s, rtol=2e-3)
        assert np.all(found.max_elevation_deg[(found.site == pole) & ~found.cut] > 89.0)


def test_satellites_in_one_place_pass_together() -> None:
    sky = fleet(1)
    twice = Ephemeris(
        epoch_jd_utc=JD,
        step_s=60.0,
        position_km=np.repeat(sky.position_km, 2, axis=0),
        velocity_km_s=np.repeat(sky.velocity_km_s, 2, axis=0),
        names=("a", "b"),
        propagator="j2",
    )
    found = passes(twice, np.array([50.0]), np.array([5.0]), 5.0)
    assert np.array_equal(found.rise_s[found.satellite == 0], found.rise_s[found.satellite == 1])
    assert np.array_equal(found.satellite[:2], [0, 1])  # ties by satellite


def test_a_pass_that_spans_the_window_is_cut_on_both_sides() -> None:
    sky, latitude, longitude = fleet(1), np.array([30.0]), np.array([40.0])
    whole = passes(sky, latitude, longitude, 10.0)
    row = int(np.argmax(whole.set_s - whole.rise_s))
    first = int(whole.rise_s[row] // 60.0) + 2
    part = Ephemeris(
        epoch_jd_utc=JD + first * 60.0 / 86400.0,
        step_s=60.0,
        position_km=sky.position_km[:, first : first + 4],
        velocity_km_s=sky.velocity_km_s[:, first : first + 4],
        names=("a",),
        propagator="j2",
    )
    inside = passes(part, latitude, longitude, 10.0)
    assert (inside.rise_s.tolist(), inside.set_s.tolist(), inside.cut.tolist()) == ([0.0], [180.0], [True])


@pytest.mark.parametrize("edge", ["first", "last"])
def test_a_short_pass_in_the_outermost_step_is_found(edge: str) -> None:
    sky, latitude, longitude = fleet(1), np.array([30.0]), np.array([40.0])
    low = passes(sky, latitude, longitude, 10.0)
    row = int(np.argmax(np.where(low.cut, 0.0, low.max_elevation_deg)))
    node = int(low.culmination_s[row] // 60.0)
    first = node if edge == "first" else node - 1
    part = Ephemeris(
        epoch_jd_utc=JD + first * 60.0 / 86400.0,
        step_s=60.0,
        position_km=sky.position_km[:, first : first + 3],
        velocity_km_s=sky.velocity_km_s[:, first : first + 3],
        names=("a",),
        propagator="j2",
    )
    short = passes(part, latitude, longitude, float(low.max_elevation_deg[row]) - 0.05)
    assert len(short) == 1
    assert short.culmination_s[0] + first * 60.0 == pytest.approx(low.culmination_s[row], abs=2e-3)


def test_a_mask_at_the_very_top_is_a_point_or_nothing() -> None:
    sky, latitude, longitude = fleet(1), np.array([30.0]), np.array([40.0])
    low = passes(sky, latitude, longitude, 10.0)
    top = float(np.max(low.max_elevation_deg))
    exact = passes(sky, latitude, longitude, min(top, 89.9))
    assert len(exact) <= 1
    assert np.all(exact.set_s - exact.rise_s < 1.0) or top > 89.9
    assert len(passes(sky, latitude, longitude, min(top + 1e-3, 89.9))) == int(top > 89.9)


@settings(deadline=None, max_examples=25)
@given(
    st.floats(-90.0, 90.0),
    st.floats(-180.0, 180.0),
    st.floats(0.0, 60.0),
    st.floats(300.0, 20000.0),
    st.floats(0, 180),
)
def test_time_in_view_is_that_of_dense_sampling(
    latitude: float, longitude: float, mask: float, altitude: float, degrees: float
) -> None:
    sky = fleet(2, altitude, degrees, hours=6.0)
    found = passes(sky, np.array([latitude]), np.array([longitude]), mask)
    times = np.arange(0.0, 6.0 * 3600.0, 5.0)
    site = ecef_from_geodetic(math.radians(latitude), math.radians(longitude))
    up = normal(math.radians(latitude), math.radians(longitude))
    for satellite in (0, 1):
        path = states_at(sky, np.full(len(times), satellite), times)
        seen = elevation_rad(path, site, up) >= math.radians(mask)
        inside = np.zeros(len(times), dtype=bool)
        for row in np.flatnonzero(found.satellite == satellite):
            inside |= (times >= found.rise_s[row] - 2e-3) & (times <= found.set_s[row] + 2e-3)
        near = np.abs(np.degrees(elevation_rad(path, site, up)) - mask) < 1e-3
        assert np.array_equal(seen[~near], inside[~near])


def test_each_site_has_its_own_horizon() -> None:
    """A wall to the north hides satellites there, and only for the site that has it."""
    sky, latitude, longitude = fleet(12), np.array([50.0, 50.0]), np.array([5.0, 5.0])
    horizon = np.full((2, 360), -90.0)
    horizon[1, :90], horizon[1, 270:] = 60.0, 60.0
    open_sky = passes(sky, latitude, longitude, 10.0)
    found = passes(sky, latitude, longitude, 10.0, horizon_deg=horizon)
    free, walled = columns(found)[found.site == 0], found.site == 1
    np.testing.assert_allclose(free, columns(open_sky)[open_sky.site == 0], atol=1e-3)
    site, up = (
        ecef_from_geodetic(math.radians(50.0), math.radians(5.0)),
        normal(math.radians(50.0), math.radians(5.0)),
    )
    for share in (0.02, 0.5, 0.98):
        seconds = found.rise_s + share * (found.set_s - found.rise_s)
        at = states_at(sky, found.satellite, seconds)
        azimuth = np.degrees(azimuth_rad(at, site, math.radians(50.0), math.radians(5.0)))
        high = np.degrees(elevation_rad(at, site, up))
        north = (azimuth < 89.0) | (azimuth > 270.0)
        assert np.all(high[walled & north] >= 59.9)
    assert np.sum((found.set_s - found.rise_s)[walled]) < 0.8 * np.sum(
        (open_sky.set_s - open_sky.rise_s)[open_sky.site == 1]
    )


def test_an_even_horizon_is_a_mask() -> None:
    sky, latitude, longitude = fleet(6), np.array([50.0]), np.array([5.0])
    plain = passes(sky, latitude, longitude, 23.0)
    walled = passes(sky, latitude, longitude, 5.0, horizon_deg=np.full((1, 8), 23.0))
    np.testing.assert_allclose(columns(walled), columns(plain), atol=2e-3)


def test_a_post_splits_a_pass_in_two() -> None:
    sky, latitude, longitude = fleet(1), np.array([30.0]), np.array([40.0])
    plain = passes(sky, latitude, longitude, 10.0)
    row = int(np.argmax(np.where(plain.max_elevation_deg < 60.0, plain.max_elevation_deg, 0.0)))
    top = states_at(sky, plain.satellite[[row]], plain.culmination_s[[row]])
    site = ecef_from_geodetic(math.radians(30.0), math.radians(40.0))
    azimuth = int(np.degrees(azimuth_rad(top, site, math.radians(30.0), math.radians(40.0)))[0])
    horizon = np.full((1, 360), -90.0)
    horizon[0, np.arange(azimuth - 3, azimuth + 4) % 360] = 80.0
    split = passes(sky, latitude, longitude, 10.0, horizon_deg=horizon)
    inside = (split.rise_s >= plain.rise_s[row] - 1e-2) & (split.set_s <= plain.set_s[row] + 1e-2)
    assert inside.sum() == 2
    assert split.rise_s[inside][0] == pytest.approx(plain.rise_s[row], abs=2e-3)
    assert split.set_s[inside][1] == pytest.approx(plain.set_s[row], abs=2e-3)
    assert np.all(split.max_elevation_deg[inside] < plain.max_elevation_deg[row])


def test_shadow_agrees_with_skyfield() -> None:
    """Skyfield tells sunlight by the Sun's centre and a sphere: half of the disc, on a path through the penumbra."""
    api = pytest.importorskip("skyfield.api")
    motion = kozai_mean_motion_rad_per_s(EARTH_RADIUS_KM + 550.0, math.radians(53.0))
    satellite = circular_satellite(motion, math.radians(53.0), 0.3, 0.1, JD)
    times = np.arange(0.0, 7200.0, 1.0)
    _, position, _ = sgp4_pef([satellite], JD, times)
    share = sunlit_share(position[0], sun_pef_km(JD, times))
    scale = api.load.timescale(builtin=True)
    body = api.EarthSatellite.from_satrec(satellite, scale)
    sun = sun_gcrs(scale, times)
    geometry = body.at(scale.tt_jd(scale.utc(2027, 3, 20).tt + times / 86400.0)).position.km
    axis = sun / np.linalg.norm(sun, axis=0)
    along = np.sum(geometry * axis, axis=0)
    off = np.linalg.norm(geometry - along * axis, axis=0)
    dark = (along < 0.0) & (off < EARTH_RADIUS_KM)  # a cylinder: lies within the penumbra of the cones
    changes = np.flatnonzero(np.diff(dark.astype(int)))
    assert len(changes) >= 2
    for change in changes:
        near = share[max(change - 12, 0) : change + 13]
        assert near.min() == 0.0
        assert near.max() == 1.0
        assert np.any((near > 0.0) & (near < 1.0))
    assert np.mean((share < 0.5) == dark) > 0.998


def sun_gcrs(scale, times):
    """Return the Sun's direction [au] in skyfield's frame by the almanac's low-precision series."""
    moments = scale.tt_jd(scale.utc(2027, 3, 20).tt + times / 86400.0)
    days = moments.tt - 2451545.0
    mean, anomaly = np.radians(280.460 + 0.9856474 * days), np.radians(357.528 + 0.9856003 * days)
    longitude = mean + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    tilt = np.radians(23.439)
    of_date = np.array(
        [np.cos(longitude), np.cos(tilt) * np.sin(longitude), np.sin(tilt) * np.sin(longitude)]
    )
    return np.einsum("jit,jt->it", moments.M, of_date)


def test_the_disc_is_hidden_by_degrees() -> None:
    sun = np.array([[1.496e8, 0.0, 0.0]])
    radius = 7000.0
    behind = [
        np.array([[-math.sqrt(radius**2 - off**2), off, 0.0]]) for off in np.linspace(6300.0, 6450.0, 400)
    ]
    share = np.array([float(sunlit_share(place, sun)[0]) for place in behind])
    assert share[0] == 0.0
    assert share[-1] == 1.0
    assert np.all(np.diff(share) >= 0.0)
    half = float(np.interp(0.5, share, np.linspace(6300.0, 6450.0, 400)))
    assert half == pytest.approx(EARTH_RADIUS_KM, abs=5.0)
    assert float(sunlit_share(np.array([[radius, 0.0, 0.0]]), sun)[0]) == 1.0


def test_an_annular_shadow_leaves_a_ring() -> None:
    far = 3.0e6  # from here the Earth is smaller than the Sun
    share = float(sunlit_share(np.array([[-far, 0.0, 0.0]]), np.array([[1.496e8, 0.0, 0.0]]))[0])
    sun, earth = math.asin(695700.0 / (1.496e8 + far)), math.asin(EARTH_RADIUS_KM / far)
    assert share == pytest.approx(1.0 - (earth / sun) ** 2, rel=1e-6)


def test_progress_can_end_the_search() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        passes(fleet(2, hours=2.0), np.array([0.0, 60.0]), np.array([0.0, 90.0]), 10.0, progress=stop)
    seen: list[float] = []
    passes(fleet(2, hours=2.0), np.array([0.0, 60.0]), np.array([0.0, 90.0]), 10.0, progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]  # two satellites over two neighbourhoods


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latitude_deg": np.array([91.0])}, "latitude"),
        ({"latitude_deg": np.array([np.nan])}, "latitude"),
        ({"longitude_deg": np.array([np.inf])}, "finite"),
        ({"longitude_deg": np.array([1.0, 2.0])}, "expected as many"),
        ({"mask_deg": 90.0}, "mask"),
        ({"mask_deg": np.array([-10.0])}, "mask"),
        ({"height_km": np.nan}, "finite"),
        ({"horizon_deg": np.zeros((2, 8))}, "one row of azimuths"),
        ({"horizon_deg": np.full((1, 8), 95.0)}, "horizon"),
    ],
)
def test_what_cannot_be_is_refused(changes, message: str) -> None:
    given_ = {"latitude_deg": np.array([0.0]), "longitude_deg": np.array([0.0]), "mask_deg": 5.0, **changes}
    with pytest.raises(ValueError, match=message):
        passes(fleet(1, hours=2.0), **given_)


def test_nodes_too_far_apart_are_refused() -> None:
    with pytest.raises(ValueError, match=r"600 s apart: 0 moves .* expected at most 28"):
        passes(fleet(1, step_s=600.0), np.array([0.0]), np.array([0.0]), 5.0)


def test_a_satellite_that_stands_still_near_the_mask_is_not_cut_to_pieces() -> None:
    """Single precision alone would not know on which side of the mask it is."""
    site, up = ecef_from_geodetic(0.3, 0.1), normal(0.3, 0.1)
    place = 42164.17 * normal(0.0, 0.35)
    mask = float(np.degrees(elevation_rad(place, site, up)))
    still = np.repeat(place[None, None], 1441, axis=1)
    sky = Ephemeris(
        epoch_jd_utc=JD,
        step_s=60.0,
        position_km=still,
        velocity_km_s=np.zeros_like(still),
        names=("still",),
        propagator="none",
    )
    for off, expected in ((-1e-6, 1), (1e-6, 0)):
        found = passes(sky, np.degrees(np.array([0.3])), np.degrees(np.array([0.1])), mask + off)
        assert len(found) == expected


def test_a_site_on_a_mountain_has_its_own_horizon() -> None:
    sky, latitude, longitude = fleet(3), np.array([30.0]), np.array([85.0])
    high = passes(sky, latitude, longitude, -2.0, height_km=5.2)  # its horizon dips
    assert len(high) > len(passes(sky, latitude, longitude, 5.0, height_km=5.2))
    site = ecef_from_geodetic(math.radians(30.0), math.radians(85.0), 5.2)
    up = normal(math.radians(30.0), math.radians(85.0))
    at = states_at(sky, high.satellite, high.rise_s)[~high.cut]
    np.testing.assert_allclose(np.degrees(elevation_rad(at, site, up)), -2.0, atol=2e-4)


def test_states_that_are_not_finite_are_named() -> None:
    sky = fleet(2, hours=2.0)
    sky.position_km[1, 3] = np.nan
    with pytest.raises(ValueError, match="no finite positions of 1"):
        passes(sky, np.array([0.0]), np.array([0.0]), 5.0)


def test_no_site_and_no_pass_are_empty_lists() -> None:
    sky = fleet(1, hours=1.0)
    assert len(passes(sky, np.empty(0), np.empty(0), 5.0)) == 0
    assert len(passes(fleet(1, degrees=0.0), np.array([80.0]), np.array([0.0]), 5.0)) == 0
