"""Intervals and words of probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.evidence.columns import ranks
from accord.evidence.drivers import isotonic
from accord.evidence.probability import likelihood, probability_text, replicate_interval, wilson


def test_wilson_reproduces_newcombe() -> None:
    """Newcombe (1998), Stat. Med. 17:857, table I, method 3: 81/263, 15/148, 0/20 and 1/29."""
    for k, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)]:
        assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 20)[1] == pytest.approx(0.1611, abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(case: tuple[int, int]) -> None:
    k, n = case
    low, high = wilson(k, n)
    assert 0.0 <= low <= k / n <= high <= 1.0


def test_replicates_that_agree_say_little_and_wilson_stands_in() -> None:
    holds = np.zeros(100, dtype=bool)
    assert replicate_interval(holds, np.repeat(np.arange(4), 25)) == wilson(0, 100)


def test_replicates_that_differ_widen_the_interval() -> None:
    replicate = np.repeat(np.arange(4), 100)
    even = np.tile(np.arange(100) < 50, 4)
    uneven = np.concatenate([np.arange(100) < k for k in (20, 40, 60, 80)])
    assert replicate_interval(even, replicate) == (0.5, 0.5)
    low, high = replicate_interval(uneven, replicate)
    half = 3.182 * np.std([0.2, 0.4, 0.6, 0.8], ddof=1) / 2
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half))


def test_a_finite_sample_never_proves_anything() -> None:
    assert probability_text(0, 10_000) == "< 0.0003"
    assert probability_text(10_000, 10_000) == "> 0.9997"
    assert probability_text(5_000, 10_000) == "0.50"


@pytest.mark.parametrize(
    ("p", "word"),
    [
        (0.995, "virtually certain"),
        (0.9, "very likely"),
        (0.66, "likely"),
        (0.5, "about as likely as not"),
        (0.33, "unlikely"),
        (0.05, "extremely unlikely"),
        (0.0, "exceptionally unlikely"),
    ],
)
def test_words_follow_the_guidance(p: float, word: str) -> None:
    assert likelihood(p) == word


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40))
def test_isotonic_rises_and_keeps_the_mean(values: list[float]) -> None:
    smooth = isotonic(np.array(values))
    assert (np.diff(smooth) >= -1e-12).all()
    assert smooth.mean() == pytest.approx(np.mean(values), abs=1e-9)


@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_ranks_share_ties(values: list[int]) -> None:
    from scipy.stats import rankdata

    np.testing.assert_allclose(ranks(np.array(values, dtype=float)), rankdata(values))
