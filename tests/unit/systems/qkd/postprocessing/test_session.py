"""Two ends over a socket: key on both or on neither, whatever the line does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.authentication import AuthenticationError
from accord.systems.qkd.postprocessing.books import Books
from accord.systems.qkd.postprocessing.pool import LANES, Pool, PoolEmptyError
from accord.systems.qkd.postprocessing.wire import Kind, WireError

BLOCK = Callable[..., dict[str, Any]]


def keys(pool: Pool) -> list[tuple[bytes, bytes]]:
    """Return the keys without using them up."""
    return [
        (block, pool._vault.open(sealed, b"block " + block))
        for block, sealed in pool._base.execute(
            "SELECT id, sealed FROM block WHERE state = 'delivered' ORDER BY number"
        )
    ]


def test_both_ends_hold_the_same_key_and_the_same_books(ends: Any, make_block: BLOCK) -> None:
    results = ends.meet(make_block())
    alice, bob = results["alice"], results["bob"]
    assert isinstance(alice, Books)
    assert alice == bob
    assert alice.key_bit > 2000
    assert alice.reason == ""
    (one, other) = ends.look(keys)
    assert one == other
    assert len(one[0][1]) * 8 == alice.key_bit - alice.replenished_bit
    lost = alice.leak_correction_bit + alice.leak_verification_bit + alice.dropped_bit + alice.unused_bit
    assert alice.key_bit <= alice.secret_bound_bit - lost < alice.key_bit + 8
    total = alice.epsilon["secrecy"] + alice.epsilon["correctness"] + alice.epsilon["authentication"]
    assert alice.epsilon["total"] == pytest.approx(total)
    assert 0 < alice.epsilon["authentication"] < 1e-30


def test_tags_take_pads_and_the_key_gives_back_more(ends: Any, make_block: BLOCK) -> None:
    before = ends.look(lambda pool: [pool.pads_left(lane) for lane in LANES])
    books = ends.meet(make_block())["alice"]
    after = ends.look(lambda pool: [pool.pads_left(lane) for lane in LANES])
    assert books.authentication_bit == 3 * 128
    assert books.replenished_bit == 6 * 128
    assert before[0] == before[1] == [400, 400]
    assert after[0] == after[1] == [401, 402]


def test_pads_that_come_back_from_a_key_authenticate_the_next_blocks(
    tmp_path: Any, ends: Any, make_block: BLOCK
) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    few = type(ends)(folder, pads=4)
    for seed in range(4):
        assert few.meet(make_block(seed=seed))["bob"].key_bit > 0
    assert few.look(lambda pool: [pool.pads_left(lane) for lane in LANES]) == ([8, 12], [8, 12])


def test_a_block_too_short_gives_no_key_and_says_why(ends: Any, make_block: BLOCK) -> None:
    results = ends.meet(make_block(4000))
    assert results["alice"].key_bit == 0
    assert "longer block" in results["alice"].reason
    assert results["alice"].reason == results["bob"].reason
    assert ends.look(lambda pool: pool.delivered()) == ([], [])


@pytest.mark.parametrize(("misalignment", "said"), [(0.2, "at most 11.00%"), (0.5, "count their pulses")])
def test_too_many_errors_are_refused_at_both_ends(
    ends: Any, make_block: BLOCK, misalignment: float, said: str
) -> None:
    results = ends.meet(make_block(20_000, misalignment=misalignment))
    assert said in str(results["bob"])
    assert "gave up" in str(results["alice"])
    assert said in str(results["alice"])


def test_swapped_bits_are_named(ends: Any, make_block: BLOCK) -> None:
    data = make_block(20_000)
    seen = data["bob"]
    data["bob"] = replace(seen, bit=1 - seen.bit)
    assert "seem swapped" in str(ends.meet(data)["bob"])


def test_counting_from_another_pulse_is_told(ends: Any, make_block: BLOCK) -> None:
    data = make_block(20_000)
    seen = data["bob"]
    data["bob"] = replace(seen, pulse=seen.pulse - 1)
    assert "count differently" in str(ends.meet(data)["alice"])
    data["bob"] = replace(seen, pulses=seen.pulses + 1)
    assert "the blocks are shifted" in str(ends.meet(data)["alice"])


def test_two_alices_and_other_settings_are_refused(ends: Any, agreement: Any, monkeypatch: Any) -> None:
    from tests.unit.systems.qkd.postprocessing import conftest

    monkeypatch.setitem(conftest.ROLES, "bob", conftest.ROLES["alice"])
    assert "both ends are alice" in str(ends.meet(None)["alice"])


# Every message of a block, at the end that sends it; some of Cascade's.
STEPS = {
    "alice": "HELLO SIFTED PLAN ANSWER ANSWER:2 ANSWER:30 HASHES MATRIX TAG COMMIT TAG:2",
    "bob": "HELLO DOUBTS DETECTIONS PLAN QUESTION QUESTION:20 CORRECTED AGREED COUNTS PREPARED TAG DONE",
}


def places(role: str) -> list[tuple[Kind, int]]:
    """Return kind and number among its kind."""
    words = [word.partition(":") for word in STEPS[role].split()]
    return [(Kind[name], int(number or 1)) for name, _, number in words]


@pytest.mark.parametrize("role", ["alice", "bob"])
@pytest.mark.parametrize("fault", ["die", "cut", "repeat", "swap", "change"])
def test_key_is_on_both_ends_or_on_neither_when_a_message_fails(
    ends: Any, make_block: BLOCK, monkeypatch: pytest.MonkeyPatch, role: str, fault: str
) -> None:
    signed: list[tuple[str, int]] = []
    take = Pool.take_pad

    def recorded(self: Pool, lane: str) -> tuple[int, bytes]:
        number, pad = take(self, lane)
        signed.append((lane, number))
        return number, pad

    monkeypatch.setattr(Pool, "take_pad", recorded)
    data = make_block()
    for at in places(role):
        results = ends.meet(data, {role: (at, fault)}, timeout_s=0.4 if fault == "swap" else 20.0)
        failed = [r for r in results.values() if isinstance(r, Exception)]
        assert all(isinstance(r, AccordError) for r in failed), failed
        ends.meet(None)  # they meet again and settle what is in doubt
        one, other = ends.look(keys)
        assert one == other, f"message {at} of {role}, {fault}"
        assert ends.look(lambda pool: pool.in_doubt()) == ([], [])
    assert len(signed) == len(set(signed)), "a pad was used twice"
    assert len({key for _, key in one}) == len(one), "a key came twice"
    assert ends.meet(data)["bob"].key_bit > 0, "the ends no longer work together"


def test_a_changed_message_is_caught_by_the_tag_before_anyone_delivers(ends: Any, make_block: BLOCK) -> None:
    data = make_block()
    before = ends.look(lambda pool: pool.pads_left("alice"))[1]
    results = ends.meet(data, {"alice": (Kind.MATRIX, "change")})
    assert isinstance(results["bob"], AuthenticationError)
    assert "gave up" in str(results["alice"])
    assert ends.look(keys) == ([], [])
    assert ends.look(lambda pool: pool.pads_left("alice"))[1] == before - 1


@pytest.mark.parametrize("at", [Kind.COMMIT, (Kind.TAG, 2)])
def test_a_bob_who_never_hears_the_commit_keeps_his_key_in_doubt_until_he_asks(
    ends: Any, make_block: BLOCK, at: Any
) -> None:
    results = ends.meet(make_block(), {"alice": (at, "die")})
    assert isinstance(results["bob"], WireError)
    (one, other), doubts = ends.look(keys), ends.look(lambda pool: len(pool.in_doubt()))
    assert (len(one), len(other), *doubts) == (1, 0, 0, 1)
    ends.meet(None)
    assert ends.look(keys) == (one, one)


def test_a_forged_outcome_is_not_believed(ends: Any, make_block: BLOCK) -> None:
    ends.meet(make_block(), {"alice": (Kind.COMMIT, "die")})
    results = ends.meet(None, {"alice": (Kind.OUTCOMES, "change")})
    assert isinstance(results["bob"], AuthenticationError)
    assert ends.look(lambda pool: len(pool.in_doubt())) == (0, 1)


def test_an_empty_pool_stops_before_anything_is_said(tmp_path: Any, ends: Any, make_block: BLOCK) -> None:
    folder = tmp_path / "poor"
    folder.mkdir()
    poor = type(ends)(folder, pads=3)
    results = poor.meet(make_block())
    assert all(isinstance(r, (PoolEmptyError, WireError)) for r in results.values())
    assert any("stock both ends anew" in str(r) for r in results.values())
    assert poor.look(lambda pool: [pool.pads_left(lane) for lane in LANES]) == ([3, 3], [3, 3])
