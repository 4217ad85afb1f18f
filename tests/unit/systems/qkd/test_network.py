"""Trusted networks: pools that never go below zero, ways that exist, a bound that nobody passes."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.physics.constants import DAY_S
from accord.systems.qkd.inputs import Design
from accord.systems.qkd.kernels.pools import year_of_pools
from accord.systems.qkd.network.bound import most_flow
from accord.systems.qkd.network.model import _Ways, evaluate_network
from accord.systems.qkd.network.operation import operate
from accord.systems.qkd.network.relay import Pools, PoolShortError, hop_by_hop, split_secret, xor
from accord.systems.qkd.network.routing import Edge, Graph, disjoint_pair, k_shortest


def random_graph(seed: int, sites: int = 6, links: int = 9) -> Graph:
    rng = np.random.default_rng(seed)
    pairs = [rng.choice(sites, 2, replace=False) for _ in range(links)]
    return Graph([Edge(f"e{n}", f"s{a}", f"s{b}") for n, (a, b) in enumerate(pairs)])


def every_way(graph: Graph, start: str, goal: str) -> set[tuple[int, ...]]:
    """Return all ways without a circle, by trying every order of the sites in between."""
    found: set[tuple[int, ...]] = set()
    others = [s for s in graph.at if s not in (start, goal)]
    for count in range(len(others) + 1):
        for middle in permutations(others, count):
            ways: list[tuple[int, ...]] = [()]
            for one, other in pairwise((start, *middle, goal)):
                ways = [(*way, n) for way in ways for n, to in graph.at[one] if to == other]
            found.update(ways)
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_shortest_ways_are_those_of_a_full_search(seed: int) -> None:
    graph = random_graph(seed)
    if not {"s0", "s1"} <= set(graph.at):
        return
    truth = sorted(len(way) for way in every_way(graph, "s0", "s1"))
    ways = k_shortest(graph, "s0", "s1", 5)
    assert [len(way) for way in ways] == truth[:5]
    assert len({tuple(way) for way in ways}) == len(ways)
    assert all(graph.sites("s0", way)[-1] == "s1" for way in ways)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_two_ways_share_nothing_and_exist_when_any_two_do(seed: int) -> None:
    graph = random_graph(seed)
    if not {"s0", "s1"} <= set(graph.at):
        return
    found = disjoint_pair(graph, "s0", "s1")
    inner = [(set(way), set(graph.sites("s0", way)[1:-1])) for way in every_way(graph, "s0", "s1")]
    possible = any(not (a[0] & b[0] or a[1] & b[1]) for i, a in enumerate(inner) for b in inner[:i])
    assert (found is not None) == possible
    if found is not None:
        one, two = found
        assert not set(one) & set(two)
        assert not set(graph.sites("s0", one)[1:-1]) & set(graph.sites("s0", two)[1:-1])


def test_a_greedy_shortest_way_would_bar_the_second() -> None:
    pairs = [("a", "p"), ("p", "q"), ("q", "z"), ("a", "q"), ("p", "z")]
    graph = Graph([Edge(f"{x}{y}", x, y) for x, y in pairs])
    assert disjoint_pair(graph, "a", "z") is not None
    assert disjoint_pair(Graph([Edge("am", "a", "m"), Edge("mz", "m", "z")]), "a", "z") is None
    assert k_shortest(graph, "a", "nowhere", 2) == []


@given(st.binary(min_size=1, max_size=40), st.integers(1, 5), st.integers(0, 99))
def test_a_relayed_key_arrives_and_is_hidden_on_each_hop(key: bytes, hops: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pads = [rng.bytes(len(key)) for _ in range(hops)]
    arrived, sent = hop_by_hop(key, pads)
    assert arrived == key
    assert sent == [xor(key, pad) for pad in pads]
    share = rng.bytes(len(key))
    assert xor(share, split_secret(key, share)) == key


def test_pads_must_be_as_long_as_the_key() -> None:
    with pytest.raises(ModelError, match="as many"):
        xor(b"ab", b"a")


def test_a_way_with_one_short_pool_takes_from_none() -> None:
    pools = Pools(3, 1000)
    for link, bits in ((0, 500), (1, 100), (2, 2000)):
        pools.deposit(link, bits)
    assert pools.held_bit == [500, 100, 1000]
    assert pools.wasted_bit == [0, 0, 1000]
    with pytest.raises(PoolShortError, match="link 1 holds 100 bits, 256 are needed"):
        pools.relay([0, 1, 2], ["m", "n"], 256)
    assert pools.held_bit == [500, 100, 1000]
    pools.relay([0, 1], ["m"], 100)
    assert pools.held_bit == [400, 0, 1000]
    assert pools.lowest_bit == [400, 0, 1000]
    assert pools.exposed_bit == {"m": 100}
    with pytest.raises(PoolShortError, match="twice"):
        pools.relay([0, 0], ["m"], 1)
    with pytest.raises(ModelError, match="deposit"):
        pools.deposit(0, -1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0]))
def test_no_bit_is_made_or_lost_and_nobody_passes_the_bound(seed: int, price: float) -> None:
    rng, graph = np.random.default_rng(seed), random_graph(seed)
    names = list(graph.at)
    demands = [tuple(rng.choice(names, 2, replace=False)) for _ in range(3)]
    rate, days = rng.integers(0, 40, len(graph.edges)), 30
    deposits = [(float(t), n, int(r)) for t in range(days) for n, r in enumerate(rate)]
    requests = [(t + float(rng.random()), d, 7) for t in range(days) for d in range(3) for _ in range(3)]
    report = operate(graph, deposits, requests, demands, cap_bit=200, price=price, looks=[days + 1.0])
    pools = report.pools
    for n in range(len(graph.edges)):
        assert pools.made_bit[n] == pools.held_bit[n] + pools.used_bit[n] + pools.wasted_bit[n]
        assert 0 <= pools.lowest_bit[n] <= 200
    assert report.levels_bit == [pools.held_bit]
    assert [a * 7 - b * 7 for a, b in zip(report.asked, report.blocked, strict=True)] == report.served_bit
    wanted = [(a, b, 21.0 * days) for a, b in demands]
    most = most_flow(graph, rate.astype(float) * days, wanted, "total")
    assert sum(report.served_bit) <= most.served.sum() + 1e-6


def test_the_bound_of_one_demand_is_the_smallest_cut() -> None:
    graph = Graph([Edge("ab", "a", "b"), Edge("bc", "b", "c"), Edge("ac", "a", "c"), Edge("cd", "c", "d")])
    flow = most_flow(graph, np.array([3.0, 2.0, 4.0, 5.0]), [("a", "d", 10.0)])
    assert flow.share == pytest.approx(0.5)
    assert flow.price.tolist() == pytest.approx([0.0, 0.0, 0.0, 0.1])
    rich = most_flow(graph, np.array([3e15, 2e15, 4e15, 5e15]), [("a", "d", 1e8)])  # bits of a year
    assert rich.share == pytest.approx(1.0)
    both = most_flow(graph, np.array([3.0, 2.0, 4.0, 5.0]), [("a", "c", 5.0), ("d", "a", 5.0)])
    assert both.share == pytest.approx(0.6)
    with pytest.raises(ModelError, match="'x' has no link"):
        most_flow(graph, np.ones(4), [("a", "x", 1.0)])


def network(**more: Any) -> Design:
    links = [
        {"id": "ab", "name": "AB", "length": "40 km", "between": ["a", "b"]},
        {"id": "bc", "name": "BC", "length": "160 km", "span": "80 km", "between": ["b", "c"]},
    ]
    sites = [{"id": s, "name": s, "latitude": "1 deg", "longitude": "2 deg"} for s in "abc"]
    demands = [{"id": "ac", "name": "A and C", "between": ["a", "c"], "key_per_day": "1 kbit"}]
    return Design.model_validate({"links": links, "sites": sites, "network": {"demands": demands, **more}})


def test_a_hole_in_the_year_empties_the_pools_and_blocks() -> None:
    design = network(pool_cap="20 kbit")
    assert design.network is not None
    edges = [Edge("ab", "a", "b"), Edge("bc", "b", "c", relays=1)]
    made = np.full((1, 2, 12), 60_000.0)
    made[0, 1, 5:8] = 0.0
    out = evaluate_network(design.network, edges, made)
    # the pool lasts 20 days of the 90; the first of them still has that morning's deposit
    assert out["demand_met_share"][0, 0] == pytest.approx(1.0 - 70.0 / 360.0, abs=2.0 / 360.0)
    assert out["pool_mbit"][0, 1, 6] == 0.0
    assert out["pool_mbit"][0, 0, 6] == pytest.approx(0.02)
    assert out["lowest_pool_mbit"][0, 1] == 0.0
    assert out["network_bound_share"][0, 0] == 1.0
    used = out["demand_met_share"][0, 0] * 0.36525
    np.testing.assert_allclose(out["relayed_mbit"][0], [used, used])
    assert out["disjoint_routes"][0, 0] == 1.0


def test_a_link_that_makes_what_is_asked_meets_it_and_no_more() -> None:
    """Key of a twelfth of a year and requests of a day go by the same days."""
    design = network(
        demands=[{"id": "ab", "name": "A and B", "between": ["a", "b"], "key_per_day": "1 kbit"}]
    )
    assert design.network is not None
    edges = [Edge("ab", "a", "b"), Edge("bc", "b", "c", relays=1)]
    for rate, met in ((1001.0, 1.0), (995.0, 0.995), (500.0, 0.5)):
        out = evaluate_network(design.network, edges, np.full((1, 2, 12), rate * 365.25 / 12.0))
        assert out["demand_met_share"][0, 0] == pytest.approx(met, abs=0.004)
        assert out["network_bound_share"][0, 0] == pytest.approx(min(rate / 1000.0, 1.0), abs=1e-9)


def test_without_a_network_there_are_no_demands() -> None:
    out = evaluate_network(None, [], np.zeros((4, 0, 12)))
    assert out["demand_met_share"].shape == (4, 0)
    assert out["pool_mbit"].shape == (4, 0, 12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"demands": [{"id": "x", "name": "X", "between": ["a", "a"], "key_per_day": "1 kbit"}]}, "both ends"),
        ({"demands": [{"id": "x", "name": "X", "between": ["a", "q"], "key_per_day": "1 kbit"}]}, "no link ends"),
        ({"demands": [{"id": "x", "name": "X", "between": ["a", "b"], "key_per_day": "1 kbit"}] * 2}, "two demands"),
    ],
)  # fmt: skip
def test_demands_that_cannot_be_are_told(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        network(**change)


def test_links_end_at_sites_that_are_stated() -> None:
    link = {"id": "ab", "name": "AB", "length": "40 km", "between": ["a", "b"]}
    with pytest.raises(ValueError, match="no site 'a'"):
        Design.model_validate({"links": [link]})
    with pytest.raises(ValueError, match="links or satellites"):
        Design.model_validate({})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 2.5]))
def test_the_compiled_year_is_the_network_at_work(seed: int, price: float) -> None:
    """Bit for bit what `operate` does with the same deposits and requests, one by one."""
    rng, graph = np.random.default_rng(seed), random_graph(seed)
    names, links, days = list(graph.at), len(graph.edges), 5
    demands = [tuple(rng.choice(names, 2, replace=False)) for _ in range(3)]
    made, asked = rng.integers(0, 60, (links, 12)), rng.integers(1, 40, 3)
    ways = _Ways(graph, demands, 4)
    blocked, age, taken = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(ways.hops.shape, np.int64)
    levels, lowest, used = (
        np.zeros((links, 12), np.int64),
        np.zeros(links, np.int64),
        np.zeros(links, np.int64),
    )
    year_of_pools(
        made, ways.ways, ways.hops, asked, 150, price, days, blocked, taken, age, levels, lowest, used
    )
    dated = [(d * DAY_S, n, int(made[n, d // days])) for n in range(links) for d in range(12 * days)]
    requests = [(d * DAY_S, k, int(asked[k])) for d in range(12 * days) for k in range(3)]
    looks = [(days * month + days - 1) * DAY_S for month in range(12)]
    report = operate(graph, dated, requests, demands, cap_bit=150, routes=4, price=price, looks=looks)
    assert blocked.tolist() == report.blocked
    assert (age * DAY_S).tolist() == report.age_p95_s
    assert levels.T.tolist() == report.levels_bit
    assert used.tolist() == report.pools.used_bit
    assert np.where(lowest < 0, levels[:, -1], lowest).tolist() == report.pools.lowest_bit
    seen = {site: bits for site, bits in ways.seen(taken, asked, used).items() if bits}
    assert seen == report.pools.exposed_bit
    assert taken.sum() + blocked.sum() == 12 * days * 3
