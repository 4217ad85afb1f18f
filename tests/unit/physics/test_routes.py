"""Shortest paths against SciPy, and what a path may not do."""

import math

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.geodesy import ecef_from_geodetic, elevation_rad, normal
from accord.physics.orbits import circular_pef
from accord.physics.routes import Gateways, Ground, Topology, all_pairs, plus_grid, serve, trace
from accord.physics.walker import walker

PLANES, PER_PLANE, AXIS = 12, 14, EARTH_RADIUS_KM + 1100.0
TOTAL = PLANES * PER_PLANE
LATITUDE = np.radians([48.0, -33.0, 0.0, 60.0, 10.0, -5.0, 35.0, 52.0])
LONGITUDE = np.radians([11.0, 151.0, -60.0, 25.0, 80.0, 170.0, 139.0, 70.0])
SITE, UP = ecef_from_geodetic(LATITUDE, LONGITUDE), normal(LATITUDE, LONGITUDE)
MASK = math.radians(15.0)


def states(times: np.ndarray) -> np.ndarray:
    node, u = walker(TOTAL, PLANES, 1, 2.0 * math.pi / PLANES)
    return circular_pef(AXIS, math.radians(63.0), node, u, 0.3, times)[0]


def ground(sites=slice(None)) -> Ground:
    return Ground(SITE[sites], UP[sites], np.full((len(SITE[sites]), TOTAL), math.sin(MASK)))


def topology(**changes) -> Topology:
    return Topology(TOTAL, plus_grid(PLANES, PER_PLANE, closing_shift=1), **changes)


def by_scipy(position: np.ndarray, pairs: np.ndarray, alive: np.ndarray, relays: bool = False) -> np.ndarray:
    """Return lengths between sites; a ground node that may relay has edges in both directions."""
    sites, total = len(SITE), len(position)
    rows, columns, lengths = [], [], []
    for a, b in pairs[alive[pairs].all(axis=1)]:
        middle = position[a] + np.clip(
            -np.dot(position[a], position[b] - position[a]) / np.sum((position[b] - position[a]) ** 2), 0, 1
        ) * (position[b] - position[a])
        if np.linalg.norm(middle) >= EARTH_RADIUS_KM + 80.0:
            rows += [a, b]
            columns += [b, a]
            lengths += [np.linalg.norm(position[a] - position[b])] * 2
    for g in range(sites):
        high = elevation_rad(position, SITE[g], UP[g])
        for s in np.flatnonzero((high >= MASK) & alive):
            away = np.linalg.norm(position[s] - SITE[g])
            # twice: one copy of each site only begins paths, the other only ends them
            rows += [total + g, s]
            columns += [s, total + sites + g]
            lengths += [away, away]
            if relays:
                rows.append(total + sites + g)
                columns.append(total + g)
                lengths.append(1e-9)
    size = total + 2 * sites
    graph = coo_matrix((lengths, (rows, columns)), shape=(size, size)).tocsr()
    return dijkstra(graph, indices=total + np.arange(sites))[:, total + sites :]


@pytest.mark.parametrize("second", [0.0, 700.0, 2500.0])
def test_all_pairs_are_those_of_scipy(second: float) -> None:
    position, alive = states(np.array([second]))[:, 0], np.ones(TOTAL, bool)
    links = topology()
    km, first = all_pairs(links, position, ground())
    expected = by_scipy(position, np.column_stack(links.graph[:2]), alive)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(km, expected, rtol=1e-12)
    np.testing.assert_allclose(km, km.T, rtol=1e-12)
    assert np.all(first[np.isfinite(km)] >= 0)


def test_failed_satellites_carry_nothing() -> None:
    position = states(np.array([0.0]))[:, 0]
    alive = np.random.default_rng(4).random(TOTAL) < 0.7
    links = topology()
    km, first = all_pairs(links, position, ground(), alive=alive)
    expected = by_scipy(position, np.column_stack(links.graph[:2]), alive)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(km, expected, rtol=1e-12)
    assert alive[first[first >= 0]].all()


def test_ground_nodes_never_relay() -> None:
    """Without links a far pair could only meet over the ground between them."""
    position = states(np.array([0.0]))[:, 0]
    bent = Topology(TOTAL, np.empty((0, 2), int))
    km, first = all_pairs(bent, position, ground())
    assert np.isinf(km[0, 1])
    assert first[0, 1] == -1
    over_ground = by_scipy(position, np.empty((0, 2), int), np.ones(TOTAL, bool), relays=True)
    plain = by_scipy(position, np.empty((0, 2), int), np.ones(TOTAL, bool))
    np.fill_diagonal(plain, 0.0)
    np.testing.assert_allclose(km, plain, rtol=1e-12)
    assert np.isfinite(over_ground).sum() >= np.isfinite(plain).sum()


def test_a_trace_adds_up_to_its_length() -> None:
    position = states(np.array([0.0]))[:, 0]
    links, ends = topology(), ground([0, 1])
    km, path = trace(links, position, ends)
    points = np.concatenate([[SITE[0]], position[path], [SITE[1]]])
    assert km == pytest.approx(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    assert km == pytest.approx(all_pairs(links, position, ends)[0][0, 1])
    assert km >= np.linalg.norm(SITE[0] - SITE[1])
    assert len(set(path.tolist())) == len(path)
    nothing, empty = trace(links, position, ends, alive=np.zeros(TOTAL, bool))
    assert math.isinf(nothing)
    assert len(empty) == 0


def test_links_stay_above_the_grazing_height_and_within_their_length() -> None:
    position = np.array([[7000.0, 0.0, 0.0], [0.0, 7000.0, 0.0], [6950.0, 800.0, 0.0]])
    overhead = Ground(position[:2] * 0.95, position[:2] / 7000.0, np.full((2, 3), 0.99))
    every = np.array([[0, 1], [0, 2], [1, 2]])
    assert math.isinf(trace(Topology(3, every), position, overhead)[0])  # the chord dips to 4 950 km
    assert math.isfinite(trace(Topology(3, every, clear_km=4900.0), position, overhead)[0])
    assert math.isinf(trace(Topology(3, every, clear_km=4900.0, longest_km=9000.0), position, overhead)[0])


def test_a_range_limit_bounds_the_ground_links() -> None:
    position = states(np.array([0.0]))[:, 0]
    near = Ground(SITE[:2], UP[:2], np.full((2, TOTAL), -1.0), longest_km=1500.0)
    _, path = trace(topology(), position, near)
    if len(path):
        assert np.linalg.norm(position[path[0]] - SITE[0]) <= 1500.0
    none = Ground(SITE[:2], UP[:2], np.full((2, TOTAL), -1.0), longest_km=500.0)
    assert math.isinf(trace(topology(), position, none)[0])


def gates(rows, tail_km=None) -> Gateways:
    tails = np.zeros(len(rows)) if tail_km is None else np.array(tail_km)
    return Gateways(SITE[rows], UP[rows], np.full(len(rows), math.sin(MASK)), tails)


def sines(*degrees: float) -> np.ndarray:
    return np.sin(np.radians(degrees))[:, None] * np.ones((1, TOTAL))


def test_users_take_the_best_gateway_tail_included() -> None:
    times = np.arange(0.0, 3600.0, 60.0)
    position, links = states(times), topology()
    tail = [0.0, 900.0, 100.0]
    found = serve(links, position, gates([1, 2, 3], tail), SITE[[0, 4]], UP[[0, 4]], sines(15.0))
    for t in (0, 17, 59):
        km, _ = all_pairs(links, position[:, t], ground([0, 4, 1, 2, 3]))
        for user in (0, 1):
            totals = km[user, 2:] + tail
            best = int(np.argmin(totals))
            assert found.gateway[0, user, t] == best
            assert found.km[0, user, t] == pytest.approx(km[user, 2 + best])
            _, path = trace(links, position[:, t], ground([[0, 4][user], [1, 2, 3][best]]))
            assert found.hops[0, user, t] == len(path)


def test_obstruction_only_takes_paths_away() -> None:
    times = np.arange(0.0, 7200.0, 60.0)
    found = serve(
        Topology(TOTAL, np.empty((0, 2), int)),
        states(times),
        gates([0]),
        SITE[[0, 7]],
        UP[[0, 7]],
        sines(15, 25, 40),
    )
    assert np.all(np.diff(found.many.astype(int), axis=0) <= 0)
    assert np.all(np.diff(np.isfinite(found.km).astype(int), axis=0) <= 0)
    assert np.all((found.many > 0) == np.isfinite(found.km))
    assert np.all((found.held >= 0) == np.isfinite(found.km))
    assert np.all(found.hops[np.isfinite(found.km)] == 1)


def test_a_terminal_keeps_its_satellite_until_it_sets() -> None:
    times = np.arange(0.0, 7200.0, 10.0)
    position = states(times)
    found = serve(topology(), position, gates([0]), SITE[[0]], UP[[0]], sines(15.0))
    held = found.held[0, 0]
    for t in np.flatnonzero(np.diff(held)):
        if held[t] >= 0:
            above = elevation_rad(position[held[t], t + 1], SITE[0], UP[0])
            assert above < MASK  # it had set by then, or it would have been kept
    assert 5 < np.count_nonzero(np.diff(held)) < 60


def test_paths_are_counted_on_every_satellite_they_use() -> None:
    times = np.arange(0.0, 1800.0, 60.0)
    found = serve(topology(), states(times), gates([1, 2]), SITE[[0, 3]], UP[[0, 3]], sines(15.0))
    assert found.through.sum() == found.hops.sum()


def test_threads_change_nothing() -> None:
    times = np.arange(0.0, 1800.0, 60.0)
    one, two = (
        serve(topology(), states(times), gates([1, 2]), SITE, UP, sines(15.0, 25.0), threads=n)
        for n in (1, 2)
    )
    for name in ("km", "hops", "gateway", "held", "many", "through"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


def test_every_satellite_of_a_grid_has_four_neighbours() -> None:
    pairs = plus_grid(PLANES, PER_PLANE, closing_shift=1)
    assert len(pairs) == 2 * TOTAL
    assert np.all(np.bincount(pairs.ravel(), minlength=TOTAL) == 4)
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_the_closing_shift_keeps_neighbours_equally_far() -> None:
    """In a Walker delta the link from the last plane to the first is as long as any other across planes."""
    position = states(np.array([0.0]))[:, 0]
    node, u = walker(TOTAL, PLANES, 5, 2.0 * math.pi / PLANES)
    position = circular_pef(AXIS, 0.0, node, u, 0.0, np.array([0.0]))[0][
        :, 0
    ]  # in one plane, phases alone count

    def across(shift: int) -> np.ndarray:
        pairs = plus_grid(PLANES, PER_PLANE, closing_shift=shift)
        pairs = pairs[pairs[:, 0] // PER_PLANE != pairs[:, 1] // PER_PLANE]
        return np.linalg.norm(position[pairs[:, 0]] - position[pairs[:, 1]], axis=1)

    assert np.ptp(across(5)) < 1e-6
    assert np.ptp(across(0)) > 100.0


def test_a_star_has_a_seam() -> None:
    open_, closed = plus_grid(6, 11, closed=False), plus_grid(6, 11)
    assert len(closed) - len(open_) == 11
    assert not np.any((open_[:, 0] // 11 == 0) & (open_[:, 1] // 11 == 5))


def test_small_grids() -> None:
    assert plus_grid(1, 1).shape == (0, 2)
    assert plus_grid(1, 2).tolist() == [[0, 1]]
    assert plus_grid(2, 1).tolist() == [[0, 1]]
    assert len(plus_grid(1, 5)) == 5


@pytest.mark.parametrize(
    ("pairs", "message"), [([[0, 3]], "outside 0 to 2"), ([[1, 1]], "with itself"), ([[-1, 0]], "outside")]
)
def test_impossible_links_are_refused(pairs, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Topology(3, np.array(pairs))
