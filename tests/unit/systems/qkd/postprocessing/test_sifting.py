"""Sifting: what is announced comes back, and damaged announcements are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.rehearsal import Recorded
from accord.systems.qkd.postprocessing.sifting import Detections, announce, heard, keep, kept

GAPS = st.lists(st.integers(0, 2**20), max_size=60)


def seen(gaps: list[int], seed: int = 0) -> Detections:
    rng = np.random.default_rng(seed)
    pulse = (np.cumsum(np.array(gaps, dtype=np.int64) + 1) - 1).astype(np.uint64)
    basis, bit = (rng.integers(0, 2, len(gaps), dtype=np.uint8) for _ in range(2))
    pulses = int(pulse[-1]) + 1 if len(gaps) else 0
    return Detections(pulses=pulses, pulse=pulse, basis=basis, bit=bit)


@given(gaps=GAPS)
def test_what_is_announced_is_heard(gaps: list[int]) -> None:
    own = seen(gaps)
    pulse, basis = heard(announce(own), own.pulses)
    assert np.array_equal(pulse, own.pulse)
    assert np.array_equal(basis, own.basis)


@given(gaps=GAPS, seed=st.integers(0, 1000))
def test_both_ends_keep_the_same_places(gaps: list[int], seed: int) -> None:
    own = seen(gaps, seed)
    rng = np.random.default_rng(seed)
    basis = rng.integers(0, 2, len(gaps), dtype=np.uint8)
    intensity = rng.integers(0, 3, len(gaps), dtype=np.uint8)
    alice = Recorded(own.pulses, own.pulse, basis, own.bit, intensity)
    answer, hers = keep(alice, announce(own))
    his, theirs = kept(own, answer)
    assert np.array_equal(hers.key, his.key)  # the bits are the same here: no noise
    assert np.array_equal(hers.test, theirs)
    assert np.array_equal(hers.key_intensity, his.key_intensity)
    assert np.array_equal(hers.test_intensity, his.test_intensity)
    assert len(his.key) == int(((basis == own.basis) & (basis == 0)).sum())


def test_gaps_cost_about_two_bytes_at_a_thousandth() -> None:
    own = seen(list(np.random.default_rng(0).geometric(1e-3, 10_000) - 1))
    assert len(announce(own)) < 2.2 * 10_000


@pytest.mark.parametrize("cut", [1, 5, 17, 20, 60, -1])
def test_cut_announcements_are_refused(cut: int) -> None:
    own = seen([3, 500, 70_000, 2] * 10)
    with pytest.raises(AccordError, match="detections"):
        heard(announce(own)[:cut], own.pulses)


def test_announcements_of_other_pulses_are_refused() -> None:
    own = seen([3, 500, 70_000])
    raw = announce(own)
    with pytest.raises(AccordError, match="shifted"):
        heard(raw, own.pulses + 1)
    with pytest.raises(AccordError, match="no list"):
        heard(raw + b"\0", own.pulses)
    with pytest.raises(AccordError, match="no list"):
        heard(raw[:-3] + b"\xff\xff\x7f", own.pulses)
    huge = raw[:-1] + b"\xff" * 9 + b"\x01"
    with pytest.raises(AccordError, match="no list"):
        heard(huge, own.pulses)


@pytest.mark.parametrize(
    ("pulse", "said"), [([5, 5], "repeated time stamp"), ([9, 3], "rolled over"), ([1, 10], "below 10")]
)
def test_time_stamps_that_do_not_rise_are_refused(pulse: list[int], said: str) -> None:
    flags = np.zeros(2, np.uint8)
    with pytest.raises(AccordError, match=said):
        Detections(pulses=10, pulse=np.array(pulse, dtype=np.uint64), basis=flags, bit=flags)


def test_values_that_are_no_bits_are_refused() -> None:
    flags = np.array([0, 2], dtype=np.uint8)
    pulse = np.array([1, 2], dtype=np.uint64)
    with pytest.raises(AccordError, match="0 or 1"):
        Detections(pulses=10, pulse=pulse, basis=flags, bit=flags)
    with pytest.raises(AccordError, match="differ in length"):
        Detections(pulses=10, pulse=pulse, basis=flags[:1], bit=flags)
