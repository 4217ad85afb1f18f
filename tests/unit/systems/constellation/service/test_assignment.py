"""Assignment of beams: feasible, near the bound, and right where the answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.systems.constellation.service.kernels.assign import assign
from accord.systems.constellation.service.kernels.gateway import connect


def problem(seed: int, cells: int = 60, fleet: int = 6, scale: float = 1.0) -> tuple:
    """Return pairs, rates, demand, limits of a random moment: heavy-tailed demand, rates that fall with distance."""
    random = np.random.default_rng(seed)
    at, over = random.uniform(0, 1, (cells, 2)), random.uniform(0, 1, (fleet, 2))
    away = np.hypot(*(at[:, None] - over[None]).transpose(2, 0, 1))
    see = away < 0.5
    start = np.concatenate([[0], np.cumsum(see.sum(axis=1))])
    cell, satellite = np.nonzero(see)
    rate = np.select([away[cell, satellite] < 0.2, away[cell, satellite] < 0.35], [700.0, 500.0], 300.0)
    rate[random.uniform(size=len(rate)) < 0.1] = 0.0
    people = random.pareto(1.2, cells) + 0.1
    demand = people / people.sum() * fleet * 7000.0 * scale
    return start, cell, satellite, rate, demand, np.full(fleet, 16.0), random.uniform(4000.0, 9000.0, fleet)


def assigned(start, satellite, rate, demand, beams, capacity, most=8.0, per_cell=1):
    served, chosen = np.empty(len(demand)), np.empty(len(demand), dtype=np.int64)
    load = np.empty(len(satellite))
    prices = np.zeros((2, len(beams)))
    total = assign(
        start, satellite, rate, demand, most, beams, capacity, per_cell, prices, served, chosen, load
    )
    return total, served, chosen, load


def bound(start, cell, satellite, rate, demand, beams, capacity, most=8.0) -> float:
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    pair = np.flatnonzero(rate > 0.0)
    cells, fleet, own = len(demand), len(beams), np.arange(len(pair))
    one, inverse = np.ones(len(pair)), 1.0 / rate[pair]
    rows = np.concatenate(
        [cell[pair], cells + cell[pair], 2 * cells + satellite[pair], 2 * cells + fleet + satellite[pair]]
    )
    values = np.concatenate([one, inverse, inverse, one])
    matrix = coo_matrix((values, (rows, np.tile(own, 4))), shape=(2 * cells + 2 * fleet, len(pair))).tocsr()
    limits = np.concatenate([demand, np.full(cells, most), beams, capacity])
    return -linprog(-one, A_ub=matrix, b_ub=limits, method="highs").fun


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.05, 20.0), st.integers(1, 3))
def test_no_limit_is_broken(seed: int, scale: float, per_cell: int) -> None:
    start, cell, satellite, rate, demand, beams, capacity = problem(seed, scale=scale)
    total, served, chosen, load = assigned(start, satellite, rate, demand, beams, capacity, per_cell=per_cell)
    good = rate > 0.0
    used = np.bincount(satellite[good], load[good] / rate[good], len(beams))
    assert (load >= 0.0).all()
    assert (load[~good] == 0.0).all()
    assert (used <= beams * (1 + 1e-9)).all()
    assert (np.bincount(satellite, load, len(beams)) <= capacity * (1 + 1e-9)).all()
    assert (served <= demand * (1 + 1e-9)).all()
    assert (np.bincount(cell[good], load[good] / rate[good], len(demand)) <= 8.0 * (1 + 1e-9)).all()
    assert total == pytest.approx(load.sum())
    np.testing.assert_allclose(np.bincount(cell, load, len(demand)), served, atol=1e-6)
    assert np.bincount(cell[load > 0.0], minlength=len(demand)).max(initial=0) <= per_cell
    if per_cell == 1:
        held = chosen[chosen >= 0]
        assert (load[held] >= 0.0).all()


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.0, 2.0, 5.0, 50.0])
def test_the_assignment_is_within_three_per_cent_of_the_bound(scale: float) -> None:
    gaps = []
    for seed in range(8):
        start, cell, satellite, rate, demand, beams, capacity = problem(seed, 200, 12, scale)
        total, *_ = assigned(start, satellite, rate, demand, beams, capacity)
        gaps.append(1.0 - total / bound(start, cell, satellite, rate, demand, beams, capacity))
    assert min(gaps) >= -1e-9  # the bound is one
    assert np.mean(gaps) <= 0.03


def test_a_cell_with_one_satellite_goes_before_one_with_two() -> None:
    # cell 0 sees both satellites, cell 1 only the first, which can serve one of them
    start, satellite = np.array([0, 2, 3]), np.array([0, 1, 0])
    rate = np.array([100.0, 90.0, 100.0])
    total, served, _, _ = assigned(
        start, satellite, rate, np.array([100.0, 100.0]), np.array([1.0, 2.0]), np.array([1e9, 1e9]), most=2.0
    )
    assert total == pytest.approx(200.0)
    np.testing.assert_allclose(served, 100.0)


def test_every_frequency_once_in_a_cell() -> None:
    total, *_ = assigned(
        np.array([0, 1]),
        np.array([0]),
        np.array([300.0]),
        np.array([1e6]),
        np.array([16.0]),
        np.array([1e9]),
        most=4.0,
    )
    assert total == pytest.approx(1200.0)


def test_a_large_cell_may_take_two_satellites() -> None:
    start, satellite, rate = np.array([0, 2]), np.array([0, 1]), np.array([300.0, 300.0])
    beams, capacity = np.array([2.0, 2.0]), np.array([1e9, 1e9])
    one, *_ = assigned(start, satellite, rate, np.array([1e4]), beams, capacity, per_cell=1)
    two, *_ = assigned(start, satellite, rate, np.array([1e4]), beams, capacity, per_cell=2)
    assert one == pytest.approx(600.0)
    assert two == pytest.approx(1200.0)


def linked(start, gateway, rate, antennas, links, fleet):
    capacity, lands = np.zeros(fleet), np.zeros(fleet, dtype=np.int64)
    wanted = np.arange(fleet, 0, -1, dtype=float)
    country = 1 << np.arange(gateway.max() + 1)
    working = np.ones(fleet, dtype=bool)
    connect(start, gateway, rate, working, wanted, antennas, links, country, capacity, lands)
    return capacity, lands


def test_satellites_make_room_for_one_another_at_the_gateways() -> None:
    # the first satellite would take the only antenna that the second can see
    capacity, lands = linked(
        np.array([0, 2, 3]), np.array([0, 1, 0]), np.array([900.0, 800.0, 500.0]), 1, 1, 2
    )
    assert (capacity > 0.0).all()
    assert lands.tolist() == [2, 1]


def test_two_links_go_to_two_gateways() -> None:
    capacity, lands = linked(np.array([0, 2]), np.array([0, 1]), np.array([900.0, 800.0]), 4, 2, 1)
    assert capacity[0] == 1700.0
    assert lands[0] == 3


def test_without_an_antenna_a_satellite_carries_nothing() -> None:
    capacity, _ = linked(np.array([0, 1, 2]), np.array([0, 0]), np.array([900.0, 800.0]), 1, 1, 2)
    assert sorted(capacity.tolist()) == [0.0, 900.0]


def contended(see, rate, demand, bit, gateway, antennas, country):
    """Return capacities and countries; every satellite sees every gateway at 900 Mbit/s or as `gateway` says."""
    from accord.systems.constellation.service.kernels.gateway import contend

    fleet = see.shape[1]
    cell_start = np.concatenate([[0], np.cumsum(see.sum(axis=1))])
    satellite = np.nonzero(see)[1]
    start = np.arange(fleet + 1) * len(country)
    capacity, lands = np.zeros(fleet), np.zeros(fleet, dtype=np.int64)
    found = []
    for even in (True, False):
        contend(
            (
                start,
                np.tile(np.arange(len(country)), fleet),
                np.tile(np.asarray(gateway, dtype=float), fleet),
            ),
            (cell_start, satellite, np.full(len(satellite), rate), np.asarray(demand, dtype=float), 8.0, bit),
            (np.ones(fleet, dtype=bool), np.full(fleet, 16.0), 1, capacity, lands),
            (antennas, country),
            even,
        )
        found.append((capacity.copy(), lands.copy()))
    return found


def test_the_last_antenna_goes_to_the_satellite_whose_cells_nobody_else_sees() -> None:
    # satellites 0 and 1 see the same rich cell, 2 alone a poorer one; two antennas
    see = np.array([[True, True, False], [False, False, True]])
    for capacity, _ in contended(see, 300.0, [800.0, 300.0], np.full(2, -1), [900.0], 2, np.array([1])):
        assert (capacity[:2] > 0.0).sum() == 1
        assert capacity[2] == 900.0


def test_a_satellite_lands_where_its_traffic_may() -> None:
    # the better gateway stands in a country (bit 1) that has no traffic left after the first satellite
    see = np.array([[True, True], [True, True]])
    cells = np.array([1, 2])
    for _, lands in contended(see, 300.0, [800.0, 700.0], cells, [900.0, 850.0], 4, np.array([1, 2])):
        assert sorted(lands.tolist()) == [1, 2]
