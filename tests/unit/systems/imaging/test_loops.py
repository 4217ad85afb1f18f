"""The compiled loops against the plain words they stand for."""

from __future__ import annotations

import threading
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label as scipy_label
from scipy.ndimage import uniform_filter

from accord.systems.imaging.mapping import kernels as layer_kernels
from accord.systems.imaging.mapping.layers import each
from accord.systems.imaging.methods import kernels as method_kernels
from accord.systems.imaging.methods import speckle
from accord.systems.imaging.products import kernels
from accord.systems.imaging.products.regions import Regions
from accord.systems.imaging.scene.grid import Grid, Strip
from accord.systems.imaging.scene.kernels import enlarge


def _picture(seed: int, rows: int, columns: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = (rng.random((rows, columns)) < share).astype(np.uint8)
    values[rng.random((rows, columns)) < 0.1] = 255
    values[rng.random((rows, columns)) < 0.05] = 2
    return values


def _same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1).shape[1]
    return pairs == len(np.unique(one)) == len(np.unique(other))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(1, 17), st.integers(1, 19), st.floats(0.05, 0.95), st.integers(1, 9)
)
def test_regions_are_those_of_scipy_however_the_picture_is_cut(seed, rows, columns, share, cut) -> None:
    values = _picture(seed, rows, columns, share)
    regions = Regions(columns)
    tops = list(range(0, rows, cut))
    labels = [regions.add(values[top : top + cut]) for top in tops]
    root = regions.roots()
    found = root[np.concatenate(labels)]
    for number, top in enumerate(tops):
        assert np.array_equal(regions.again(number, values[top : top + cut]), labels[number])
    expected = np.zeros(values.shape, np.int64)
    for v in (0, 1):
        part, _ = scipy_label(values == v)
        expected[part > 0] = part[part > 0] + 1000 * (v + 1)
    assert _same_partition(found, expected)
    size, rim = regions.folded(root)
    beside = np.pad(values, 1, constant_values=255) == 255
    touched = beside[:-2, 1:-1] | beside[2:, 1:-1] | beside[1:-1, :-2] | beside[1:-1, 2:]
    for one in np.unique(found[found > 0]):
        here = found == one
        assert size[one] == here.sum()
        assert rim[one] == touched[here].any()


def test_tallies_are_what_counting_gives() -> None:
    rng = np.random.default_rng(3)
    state = _picture(3, 40, 61, 0.4)
    likelihood = np.where(state == 255, 255, rng.integers(0, 101, state.shape)).astype(np.uint8)
    likelihood[3, 5] = 255
    people = rng.random(state.shape).astype(np.float32)
    pixels, heads = np.zeros((6, 7, 101), np.float32), np.zeros((6, 7, 101), np.float32)
    counts = np.zeros((6, 7, 4), np.int64)
    for top, bottom in ((0, 13), (13, 40)):
        part = slice(top, bottom)
        kernels.block_sums(state[part], likelihood[part], people[part], top, 9, pixels, heads, counts)
    for a in range(5):
        for b in range(7):
            block = (slice(9 * a, 9 * a + 9), slice(9 * b, 9 * b + 9))
            s, p = state[block], likelihood[block]
            assert counts[a, b].tolist() == [int((s == v).sum()) for v in (0, 1, 2, 255)]
            p = np.where(p > 100, np.where(s == 1, 100, 0), p)[s <= 1]
            assert np.array_equal(pixels[a, b], np.bincount(p, minlength=101))
            assert heads[a, b].sum() == pytest.approx(people[block][s <= 1].sum(), rel=1e-5)
    regions = Regions(61)
    labels = regions.add(state)
    new = np.zeros(regions.used, bool)
    count, chances, tally = (np.zeros(256, np.int64) for _ in range(3))
    quality = rng.integers(0, 256, state.shape).astype(np.uint8)
    layer_kernels.survey(state, likelihood, quality, labels, 0, new, count, chances, tally)
    assert np.array_equal(count, np.bincount(state.ravel(), minlength=256))
    assert np.array_equal(chances, np.bincount(likelihood[state <= 1], minlength=256))
    assert np.array_equal(tally, np.bincount(quality.ravel(), minlength=256))
    assert np.array_equal(np.flatnonzero(new) + 1, np.unique(labels[state == 1]))


def test_draws_are_looked_up_where_a_search_finds_them() -> None:
    rng = np.random.default_rng(8)
    edges = np.array([NormalDist().inv_cdf(k / 100.0) for k in range(1, 100)], np.float32)
    fields = (3.0 * rng.standard_normal((4, 5, 6))).astype(np.float32)
    fields[0, 0, :3] = edges[[0, 50, 98]]  # upon an edge, and beyond both ends
    fields[0, 1, :2] = (-9.0, 9.0)
    rows, columns = np.array([0, 0, 3, 2]), np.array([0, 1, 4, 2])
    above = np.cumsum(rng.random((4, 102)).astype(np.float32)[:, ::-1], axis=1)[:, ::-1].copy()
    pixel, out = rng.random(4), np.empty((2, 6))
    heads = above[:, ::-1].copy()
    kernels.drawn(fields, rows, columns, np.zeros(6), 1.0, edges, above, pixel, heads, out)
    least = np.searchsorted(edges, fields[rows, columns].astype(float), side="right") + 1
    block = np.arange(4)[:, None]
    assert out[0] == pytest.approx((above[block, least] * pixel[:, None]).sum(axis=0))
    assert out[1] == pytest.approx(heads[block, least].sum(axis=0))


def test_votes_settle_as_the_words_say() -> None:
    rng = np.random.default_rng(5)
    ran, needed, split = 5, 2, np.uint8(1)
    votes, reason = (rng.integers(0, k, (7, 33)).astype(np.uint8) for k in (ran + 1, 3))
    chance = rng.random((7, 33)).astype(np.float32) * ran
    advice = rng.integers(0, 128, (7, 33)).astype(np.uint8) & ~split
    before = advice.copy()
    state, likelihood, agreement = (np.empty((7, 33), np.uint8) for _ in range(3))
    method_kernels.settle(
        votes, ran, chance, float(ran), needed, reason, advice, split, state, likelihood, agreement
    )
    wet, seen = votes >= needed, reason == 0
    share = np.floor(100.0 * np.where(wet, votes, ran - votes) / ran + 0.5)
    assert np.array_equal(state, np.where(seen, wet, 255))
    assert np.array_equal(likelihood, np.where(seen, np.floor(chance * np.float32(20) + 0.5), 255))
    assert np.array_equal(agreement, np.where(seen, share, 255))
    assert np.array_equal(advice, np.where(seen, before | np.where(share < 67, split, 0), 0))


@pytest.mark.parametrize(("k", "columns", "skip"), [(2, 20, 0), (2, 19, 1), (3, 20, 2), (1, 10, 0)])
def test_pixels_are_repeated(k: int, columns: int, skip: int) -> None:
    part = np.random.default_rng(1).integers(0, 9, (6, -(-columns // k))).astype(np.uint16)
    out = np.empty((6 * k - skip, columns), np.uint16)
    enlarge(part, k, skip, out)
    assert np.array_equal(out, np.repeat(np.repeat(part, k, 0), k, 1)[skip:, :columns])


def test_the_speckle_filter_is_lee_s() -> None:
    power = np.random.default_rng(2).gamma(4.4, 0.01, (60, 71)).astype(np.float32)
    x = power.astype(np.float64)
    mean = uniform_filter(x, 7)
    spread = uniform_filter(x * x, 7) - mean**2
    gain = np.clip((1.0 - mean**2 / (4.4 * spread)) / (1.0 + 1.0 / 4.4), 0.0, 1.0)
    found = speckle.lee(power)
    assert found[3:-3, 3:-3] == pytest.approx((mean + gain * (x - mean))[6:-6, 3:-3], rel=2e-5)
    power[20, 30] = np.nan  # the window goes on with what it has
    holed = speckle.lee(power)
    near = power[15:22, 28:35].astype(np.float64)
    m, v = np.nanmean(near), np.nanvar(near)
    k = min(max((1.0 - m * m / (4.4 * v)) / (1.0 + 1.0 / 4.4), 0.0), 1.0)
    assert holed[15, 31] == pytest.approx(m + k * (power[18, 31] - m), rel=2e-5)


def test_neighbouring_strips_share_a_thread_and_an_error_stops_the_rest() -> None:
    grid = Grid(10, 7 * 512, "EPSG:32644", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), False)
    where: dict[int, int] = {}

    def note(strip: Strip) -> None:
        where[strip.number] = threading.get_ident()

    each(grid, 512, 2, "x", lambda *_: None, note)
    assert sorted(where) == list(range(7))
    assert all(where[k] == where[k + 1] for k in (0, 2, 4))

    done: list[int] = []

    def fail(strip: Strip) -> None:
        if strip.number == 1:
            raise ValueError("broken")
        done.append(strip.number)

    with pytest.raises(ValueError, match="broken"):
        each(grid, 512, 1, "x", lambda *_: None, fail)
    assert 6 not in done
