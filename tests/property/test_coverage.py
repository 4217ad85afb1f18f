"""Properties that hold for any fleet, any place and any mask."""

import math
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.physics.coverage import Fleet, coverage
from accord.physics.geodesy import (
    ecef_from_geodetic,
    elevation_rad,
    geodesic_km,
    geodetic_from_ecef,
    normal,
)
from accord.physics.grid import points_grid
from accord.physics.kernels.rows import half_width
from accord.systems.constellation.thinning import at_least, mean

latitudes = st.floats(-math.pi / 2, math.pi / 2)
longitudes = st.floats(-math.pi, math.pi)
altitudes = st.floats(160.0, 40000.0)
masks = st.floats(0.0, math.radians(89.0))


@settings(deadline=None, max_examples=200)
@given(latitudes, longitudes, st.floats(-10.0, 40000.0))
def test_geodetic_goes_there_and_back(latitude: float, longitude: float, height: float) -> None:
    position = ecef_from_geodetic(latitude, longitude, height)
    lat, lon, up = geodetic_from_ecef(position)
    np.testing.assert_allclose(ecef_from_geodetic(lat, lon, up), position, atol=1e-6)
    assert abs(up - height) < 1e-6


@settings(deadline=None, max_examples=100)
@given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.floats(-1.4, 1.4), st.floats(-1.4, 1.4))
def test_distance_is_symmetric_and_no_shorter_than_the_chord(a: float, b: float, x: float, y: float) -> None:
    there, back = geodesic_km(a, x, b, y), geodesic_km(b, y, a, x)
    assert math.isclose(there, back, rel_tol=1e-9, abs_tol=1e-9)
    chord = float(np.linalg.norm(ecef_from_geodetic(a, x) - ecef_from_geodetic(b, y)))
    assert there >= chord - 1e-9


@settings(deadline=None, max_examples=300)
@given(latitudes, latitudes, longitudes, altitudes, masks)
def test_half_width_bounds_the_longitudes_in_view(
    site_lat: float, sat_lat: float, away: float, altitude: float, mask: float
) -> None:
    site = ecef_from_geodetic(site_lat, 0.0)
    r = 6378.137 + altitude
    axis, z = r * math.cos(sat_lat), r * math.sin(sat_lat)
    half = half_width(
        site[0], site[2], math.cos(site_lat), math.sin(site_lat), axis, z, r * r, math.sin(mask)
    )
    satellite = np.array([axis * math.cos(away), axis * math.sin(away), z])
    elevation = float(elevation_rad(satellite, site, normal(site_lat, 0.0)))
    if abs(elevation - mask) > 1e-7:  # on the mask itself rounding decides
        assert (abs(away) <= half) == (elevation >= mask)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(latitudes, longitudes, altitudes), min_size=1, max_size=12),
    st.lists(st.tuples(latitudes, longitudes), min_size=1, max_size=8),
    masks,
)
def test_counts_are_those_of_every_pair(
    satellites: list[tuple[float, float, float]], places: list[tuple[float, float]], mask: float
) -> None:
    lat, lon, height = np.array(satellites).T
    fixed = (6378.137 + height)[:, None] * normal(lat, lon)
    fleet = Fleet(
        positions=lambda seconds: np.repeat(fixed[:, None, :], len(seconds), axis=1),
        group=np.arange(len(satellites)),
        radius_km=6378.137 + height,
        mask_rad=np.full(len(satellites), mask),
    )
    at = np.array(places)
    grid = points_grid(at[:, 0], at[:, 1])
    seen = coverage(fleet, grid, 60.0, 2, threads=1)
    site, up = ecef_from_geodetic(at[:, 0], at[:, 1]), normal(at[:, 0], at[:, 1])
    elevation = elevation_rad(fixed[:, None], site[None], up[None])
    if np.all(np.abs(elevation - mask) > 1e-7):
        assert (seen.total // 2).tolist() == np.sum(elevation >= mask, axis=0).tolist()
        assert seen.serving.tolist() == [int(np.sum(np.any(elevation >= mask, axis=1)))] * 2


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20).filter(lambda w: sum(w) > 0.1),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_thinning_never_gains(weights: list[float], first: float, second: float) -> None:
    low, high = sorted((first, second))
    table = [np.full(2, w / sum(weights)) for w in weights]
    folds = at_least(table, np.array([low, high]), (1, 2, 3))
    for more, fewer in pairwise(folds):
        assert np.all(fewer <= more + 1e-12)
    assert all(shares[0] <= shares[1] + 1e-12 for shares in folds)
    assert mean(table, np.array([low, high]))[0] <= mean(table, np.array([low, high]))[1] + 1e-12
    assert np.all(folds[0] <= mean(table, np.array([low, high])) + 1e-12)  # Markov
