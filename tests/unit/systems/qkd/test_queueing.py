"""Waits at servers: textbook values, limits, and a simulation of the same queue."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.qkd.queueing import erlang_c, waiting


def test_erlang_c_by_hand() -> None:
    assert erlang_c(0.3, 1) == pytest.approx(0.3)  # one server: the load itself
    assert erlang_c(1.0, 2) == pytest.approx(1 / 3)  # two servers: 2 r^2 / (1 + r) at r = 1/2
    assert erlang_c(4.0, 5) == pytest.approx(0.55411, abs=1e-5)
    assert erlang_c(0.0, 3) == 0.0


def test_one_server_has_the_waits_of_the_textbook() -> None:
    found = waiting(30.0, 60.0, 1)
    assert found.utilisation == pytest.approx(0.5)
    assert found.mean_s == pytest.approx(60.0)  # r / (1 - r) times the service
    assert found.p50_s == 0.0
    assert found.p95_s == pytest.approx(120.0 * np.log(0.5 / 0.05))


def test_constant_services_halve_the_mean_wait_of_one_server() -> None:
    assert waiting(30.0, 60.0, 1, variability=0.0).mean_s == pytest.approx(30.0)  # Pollaczek & Khinchine


def test_a_simulated_queue_waits_as_long() -> None:
    rng = np.random.default_rng(4)
    servers, arrivals, service = 4, 200.0, 63.0
    number = 200_000
    at = np.cumsum(rng.exponential(3600.0 / arrivals, number))
    needs = rng.exponential(service, number)
    free, waits = [0.0] * servers, np.empty(number)
    for i in range(number):
        begin = max(at[i], heapq.heappop(free))
        waits[i] = begin - at[i]
        heapq.heappush(free, begin + needs[i])
    found = waiting(arrivals, service, servers)
    assert waits.mean() == pytest.approx(float(found.mean_s), rel=0.06)
    assert np.quantile(waits, 0.95) == pytest.approx(float(found.p95_s), rel=0.06)
    assert np.quantile(waits, 0.5) == pytest.approx(float(found.p50_s), abs=0.06 * float(found.mean_s))


@given(rate=st.floats(0.0, 500.0), servers=st.integers(1, 30))
def test_more_servers_never_wait_longer(rate: float, servers: int) -> None:
    one, more = waiting(rate, 60.0, servers), waiting(rate, 60.0, servers + 1)
    for name in ("mean_s", "p50_s", "p95_s"):
        assert getattr(more, name) <= getattr(one, name) * (1 + 1e-9) or np.isinf(getattr(one, name))
    assert not np.isnan(one.p95_s)
    assert 0.0 <= one.p50_s <= one.p95_s


def test_a_queue_without_end_says_so_and_batches_keep_their_shape() -> None:
    found = waiting(np.array([[10.0, 60.0, 61.0]]), 60.0, 1)
    assert found.utilisation.shape == (1, 3)
    assert np.isfinite(found.mean_s).tolist() == [[True, False, False]]
    assert np.isinf(found.p50_s[0, 1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((-1.0, 60.0, 1), "arrivals"),
        ((np.nan, 60.0, 1), "arrivals"),
        ((1.0, 0.0, 1), "service"),
        ((1.0, 1.0, 0), "servers"),
    ],
)
def test_numbers_that_cannot_be_are_refused(arguments: tuple[float, float, int], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        waiting(*arguments)


def test_loads_and_variabilities_that_cannot_be_are_refused() -> None:
    with pytest.raises(ModelError, match="below 2 erlang"):
        erlang_c(2.0, 2)
    with pytest.raises(ModelError, match="variability"):
        waiting(1.0, 1.0, 1, variability=-1.0)
