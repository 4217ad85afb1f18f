"""Cascade: the efficiency of the published schedules, bursts, wrong estimates, and questions that are none."""

from __future__ import annotations

import struct
from collections.abc import Generator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import AccordError
from accord.systems.qkd.finite_key import binary_entropy
from accord.systems.qkd.postprocessing.cascade import Answers, Questions, Summary, reconcile
from accord.systems.qkd.postprocessing.rows import joined, rows_of
from accord.systems.qkd.postprocessing.schedule import Schedule, best, brassard_salvail, yan
from accord.systems.qkd.postprocessing.verification import frame_hashes, fresh_matrix


def noisy(frames: int, length: int, rate: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sent = rng.integers(0, 2, frames * length, dtype=np.uint8)
    return sent, sent ^ (rng.random(frames * length) < rate).astype(np.uint8)


def run(
    sent: np.ndarray, seen: np.ndarray, frames: int, schedule: Schedule, seed: bytes = b"s"
) -> tuple[np.ndarray, Summary]:
    length = len(sent) // frames
    alice = Answers(rows_of(sent, frames, length), length, schedule, seed)
    bob = Questions(rows_of(seen, frames, length), length, schedule, seed)
    summary = reconcile(alice, bob)
    assert alice.leak_bit == bob.leak_bit == summary.leak_bit
    return (bob.rows != rows_of(sent, frames, length)).any(axis=1), summary


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.05, 0.08])
def test_the_default_schedule_stays_within_a_tenth_of_the_limit(rate: float) -> None:
    sent, seen = noisy(16, 100_000, rate, 5)
    wrong, summary = run(sent, seen, 16, best(rate, 100_000))
    assert not wrong.any()
    assert 1.0 < summary.leak_bit / (len(sent) * float(binary_entropy(np.array(rate)))) < 1.10


def test_sub_blocks_that_are_known_save_questions() -> None:
    sent, seen = noisy(16, 20_000, 0.05, 6)
    with_reuse = run(sent, seen, 16, Schedule(sizes=(16, 80), halvings=16, reuse=True))[1]
    without = run(sent, seen, 16, Schedule(sizes=(16, 80), halvings=16, reuse=False))[1]
    assert with_reuse.leak_bit < 0.99 * without.leak_bit


@settings(max_examples=40)
@given(
    length=st.integers(1, 700),
    frames=st.integers(1, 3),
    rate=st.floats(0.0, 0.2),
    guess=st.floats(0.001, 0.3),
    seed=st.integers(0, 2**32),
)
def test_whatever_the_guess_what_bob_ends_with_has_fewer_errors_and_even_blocks(
    length: int, frames: int, rate: float, guess: float, seed: int
) -> None:
    sent, seen = noisy(frames, length, rate, seed)
    schedule = best(guess, length)
    wrong, summary = run(sent, seen, frames, schedule)
    before = (rows_of(sent, frames, length) != rows_of(seen, frames, length)).any(axis=1)
    assert not (wrong & ~before).any(), "a frame without errors was damaged"
    errors = int((sent != seen).sum())
    assert errors <= summary.corrected + len(sent) * wrong.any()
    assert (errors == 0) == (summary.corrected == 0)


def test_errors_in_a_burst_are_all_found() -> None:
    sent, _ = noisy(4, 50_000, 0.0, 7)
    seen = sent.copy()
    for frame in range(4):
        seen[frame * 50_000 + 1000 : frame * 50_000 + 2500] ^= 1  # 3 % in one piece
    wrong, _ = run(sent, seen, 4, best(0.03, 50_000))
    assert not wrong.any()


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_an_error_rate_misjudged_by_two_costs_bits_but_no_frames(factor: float) -> None:
    sent, seen = noisy(16, 20_000, 0.04, 8)
    wrong, summary = run(sent, seen, 16, best(0.04 * factor, 20_000))
    assert not wrong.any()
    assert summary.leak_bit / (len(sent) * float(binary_entropy(np.array(0.04)))) < 1.35


def test_frames_that_fail_verification_are_found_and_mended() -> None:
    """Two errors at the same places in both passes are what Cascade cannot see without halvings."""
    sent, _ = noisy(3, 4096, 0.0, 9)
    schedule = Schedule(sizes=(4096, 4096), halvings=0)
    seen = sent.copy()
    seen[[10, 4000]] ^= 1
    alice = Answers(rows_of(sent, 3, 4096), 4096, schedule, b"s")
    bob = Questions(rows_of(seen, 3, 4096), 4096, schedule, b"s")
    reconcile(alice, bob)
    matrix = fresh_matrix(bob.width)
    theirs, ours = (frame_hashes(matrix, rows) for rows in (rows_of(sent, 3, 4096), bob.rows))
    assert list(theirs != ours) == [True, False, False]
    talk = bob.further(20, np.array([0], dtype=np.uint32))
    question: bytes | None = next(talk)
    while question is not None:
        question = answered(talk, alice.reply(question))
    assert np.array_equal(bob.rows, rows_of(sent, 3, 4096))
    assert alice.leak_bit == bob.leak_bit


def answered(talk: Generator[bytes, bytes, None], answer: bytes) -> bytes | None:
    try:
        return talk.send(answer)
    except StopIteration:
        return None


def test_parities_that_contradict_one_another_end_the_search() -> None:
    """A liar would otherwise keep Bob flipping the same bits for ever."""
    outcomes = [lied_to(lie) for lie in range(1, 20)]
    assert max(asked for asked, _ in outcomes) < 5000
    told = [reason for _, reason in outcomes if reason]
    assert len(told) > 3
    assert all("contradict one another" in reason for reason in told)


def lied_to(lie: int) -> tuple[int, str]:
    """Return how many questions Bob asks when one answer is changed, and why he ends, if he does."""
    sent, seen = noisy(2, 3000, 0.03, lie)
    schedule = best(0.03, 3000)
    alice = Answers(rows_of(sent, 2, 3000), 3000, schedule, b"s")
    talk, asked = Questions(rows_of(seen, 2, 3000), 3000, schedule, b"s").run(), 0
    question: bytes | None = next(talk)
    try:
        while question is not None and asked < 5000:
            answer, asked = alice.reply(question), asked + 1
            if asked == lie and answer:
                answer = bytes([answer[0] ^ 1]) + answer[1:]
            question = answered(talk, answer)
    except AccordError as error:
        return asked, str(error)
    return asked, ""


def test_hashes_tell_frames_apart_that_differ_in_any_one_bit() -> None:
    rows = rows_of(np.zeros(257 * 300, np.uint8), 257, 300)
    for i in range(256):
        rows[i, i // 64] = np.uint64(1) << np.uint64(i % 64)
    hashes = frame_hashes(fresh_matrix(rows.shape[1]), rows)
    assert len(set(hashes.tolist())) == 257
    assert hashes[256] == 0


def test_rows_join_to_what_they_came_from() -> None:
    bits = np.random.default_rng(1).integers(0, 2, 3 * 333, dtype=np.uint8)
    from accord.systems.qkd.postprocessing.bits import unpack

    assert np.array_equal(unpack(joined(rows_of(bits, 3, 333), 333), 999), bits)


def ask(kind: int, number: int = 0, count: int = 0, body: bytes = b"") -> bytes:
    return struct.pack("<BII", kind, number, count) + body


def pairs(*places: int) -> bytes:
    return np.array(places, dtype="<u4").tobytes()


@pytest.mark.parametrize(
    "question",
    [
        b"",
        ask(0),
        ask(9),
        ask(1, number=2),
        ask(1, number=0, body=b"x"),
        ask(2, number=1, count=1, body=pairs(0, 8)),  # a pass not begun
        ask(2, count=2, body=pairs(0, 8)),
        ask(2, count=1, body=pairs(8, 8)),
        ask(2, count=1, body=pairs(9, 8)),
        ask(2, count=1, body=pairs(0, 101)),  # beyond the frame
        ask(2, count=1, body=pairs(256 * 2, 256 * 2 + 4)),  # beyond the last frame
        ask(2, count=1, body=pairs(200, 260)),  # over two frames
        ask(3, count=5, body=b"\0"),
        ask(4, number=1000, count=1, body=pairs(0)),
        ask(4, count=1, body=pairs(2)),
        ask(4, count=2, body=pairs(0)),
        ask(5, number=0, count=1, body=pairs(0) + b"\0"),  # a mask not drawn
    ],
)
def test_questions_that_cannot_be_are_refused(question: bytes) -> None:
    alice = Answers(np.zeros((2, 4), np.uint64), 100, Schedule(sizes=(8, 40)), b"s")
    with pytest.raises(AccordError, match="Cascade"):
        alice.reply(question)
    assert alice.leak_bit == 0


def test_schedules_follow_their_papers() -> None:
    assert brassard_salvail(0.01, 10_000).sizes == (73, 146, 292, 584)
    assert yan(0.01, 10_000).sizes == (80, 400, 10_000)
    assert yan(0.01, 10_000).halvings == 8
    assert best(0.0, 1000).sizes == (800, 1000)
    with pytest.raises(AccordError, match=r"error rate 0\.5"):
        best(0.5, 1000)
    with pytest.raises(AccordError, match="frame of 0 bits"):
        best(0.1, 0)
