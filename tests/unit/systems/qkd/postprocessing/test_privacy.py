"""Privacy amplification: exact against the plain matrix and an FFT, universal, and clear about bad lengths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import fftconvolve

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.bits import pack, unpack, word_count
from accord.systems.qkd.postprocessing.kernels import carryless
from accord.systems.qkd.postprocessing.privacy import amplify, seed_bits


def plain(key: np.ndarray, seed: np.ndarray, final: int) -> np.ndarray:
    """Multiply with (I | T), row by row."""
    hashed = len(key) - final
    rows = np.arange(final)[:, None] - np.arange(hashed)[None, :] + hashed - 1
    return (key[:final] + seed[rows].astype(int) @ key[final:].astype(int)) % 2 if hashed else key[:final]


def by_fft(key: np.ndarray, seed: np.ndarray, final: int) -> np.ndarray:
    hashed = len(key) - final
    if not hashed or not final:
        return key[:final]
    product = fftconvolve(seed.astype(float), key[final:].astype(float))
    return (key[:final] + np.rint(product[hashed - 1 : hashed - 1 + final]).astype(int)) % 2


def ours(key: np.ndarray, seed: np.ndarray, final: int) -> np.ndarray:
    return unpack(amplify(pack(key), len(key), pack(seed), final), final)


def test_pa1_three_ways_agree_bit_for_bit() -> None:
    rng = np.random.default_rng(11)
    fixed = [(1, 0), (1, 1), (64, 64), (65, 1), (64, 1), (128, 63), (1000, 1000), (4097, 64), (777, 776)]
    drawn = [(n, int(rng.integers(0, n + 1))) for n in rng.integers(1, 900, 1000 - len(fixed))]
    for length, final in [*fixed, *drawn]:
        key = rng.integers(0, 2, length, dtype=np.uint8)
        seed = rng.integers(0, 2, max(length - 1, 1), dtype=np.uint8)
        expected = plain(key, seed, final)
        assert np.array_equal(ours(key, seed, final), expected), (length, final)
        assert np.array_equal(by_fft(key, seed, final), expected), (length, final)


@pytest.mark.parametrize(("length", "final"), [(200_003, 51_000), (150_000, 149_000), (150_000, 700)])
def test_large_blocks_agree_with_the_fft(length: int, final: int) -> None:
    rng = np.random.default_rng(length)
    key, seed = (rng.integers(0, 2, n, dtype=np.uint8) for n in (length, length - 1))
    assert np.array_equal(ours(key, seed, final), by_fft(key, seed, final))


@pytest.mark.parametrize(
    "final", [8, pytest.param(10, marks=pytest.mark.slow), pytest.param(12, marks=pytest.mark.slow)]
)
def test_pa2_pairs_collide_with_the_probability_of_a_universal_hash(final: int) -> None:
    rng = np.random.default_rng(final)
    length, pairs, hits = 90, 100_000, 0
    difference = pack(
        (rng.random(length) < 0.3).astype(np.uint8)
    )  # linear: two keys collide where it hashes to 0
    for seed in rng.integers(0, 2**63, (pairs, word_count(length)), dtype=np.uint64):
        hits += not amplify(difference, length, seed, final).any()
    expected = pairs * 2.0**-final
    assert abs(hits - expected) <= 4.0 * np.sqrt(expected)


def test_lengths_that_cannot_be_are_refused() -> None:
    key, seed = np.zeros(2, np.uint64), np.zeros(2, np.uint64)
    with pytest.raises(AccordError, match="cannot make 129 bits from 128"):
        amplify(key, 128, seed, 129)
    with pytest.raises(AccordError, match="need 3 words of key"):
        amplify(key, 129, seed, 10)
    assert seed_bits(128, 128) == 0
    assert seed_bits(128, 0) == 127


def carry_less(a: int, b: int) -> int:
    product = 0
    while b:
        low = b & -b
        product ^= a * low
        b ^= low
    return product


def test_both_products_of_words_agree_with_whole_numbers() -> None:
    rng = np.random.default_rng(3)
    edges = [0, 1, 2**64 - 1, 2**63]
    drawn = [int(v) for v in rng.integers(0, 2**64, 200, dtype=np.uint64)]
    for a, b in zip([*edges, *drawn], [*reversed(edges), *reversed(drawn)], strict=True):
        expected = carry_less(a, b)
        for product in (_portable, _chosen):
            low, high = product(np.uint64(a), np.uint64(b))
            assert int(low) | int(high) << 64 == expected


def _portable(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    return carryless.multiply_portable(a, b)


def _chosen(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    from accord.systems.qkd.postprocessing.kernels.field import product

    low, high, _, _ = (*product(a, np.uint64(0), b, np.uint64(0)), 0, 0)
    return low, high
