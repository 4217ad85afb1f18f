"""Cascade between two ends: Alice answers parities, Bob asks and corrects, many frames in step.

Brassard & Salvail (1994), EUROCRYPT '93, 410; Martinez-Mateo, Pacher, Peev, Ciurana & Martin (2015), Quantum Inf.
Comput. 15:453 (reuse of sub-blocks, random halves). All odd blocks of a pass are searched at once in all frames,
so that a round trip answers thousands of questions. Every parity that Alice sends counts as one bit given away; the
last block of a pass is left out, since the first pass has told the parity of the frame.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.bits import pack_flags, unpack_flags, word_count
from accord.systems.qkd.postprocessing.shuffles import Shuffles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.systems.qkd.postprocessing.schedule import Schedule

    Words = NDArray[np.uint64]

__all__ = ["Answers", "Questions", "Summary", "reconcile"]

_TOP, _SEARCH, _STEP, _HALVE, _SEARCH_HALF = 1, 2, 3, 4, 5
_HEAD = struct.Struct("<BII")  # kind, pass or mask, count
_MOST_HALVINGS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a batch took.

    Attributes
    ----------
    leak_bit : int
        Parities Alice sent.
    rounds, corrected : int
        Questions sent, bits flipped.
    """

    leak_bit: int
    rounds: int
    corrected: int


class _Batch:
    """Rows of frames that fit one another and the limits of the arithmetic."""

    def __init__(self, rows: Words, length: int, schedule: Schedule, seed: bytes) -> None:
        self.frames, self.width = rows.shape
        if self.width != -(-length // 256) * 4:
            raise AccordError(
                f"Cascade: frames of {length} bits in {self.width} words, expected "
                f"{word_count(length)} and a multiple of four"
            )
        if rows.size * 64 >= 2**32:
            raise AccordError(f"Cascade: a batch of {rows.size * 64} bits, expected below 2^32")
        self.length, self.schedule = length, schedule
        self.shuffles = Shuffles(seed, length, schedule)
        self.leak_bit = 0

    def blocks(self, number: int) -> int:
        return -(-self.length // self.schedule.sizes[number])

    def parities(self, words: Words, number: int) -> NDArray[np.uint8]:
        from accord.systems.qkd.postprocessing.kernels.parity import block_parities

        out = np.empty((self.frames, self.blocks(number)), np.uint8)
        size = self.schedule.sizes[number]
        block_parities(words, self.frames, self.width, self.length, size, out)
        return out


class Answers(_Batch):
    """Alice's end: holds the frames as they were sent and answers questions about them.

    Parameters
    ----------
    rows : uint64 array, shape (frames, words)
        Zero above the last bit.
    length : int
        Bits of a frame.
    schedule : Schedule
    seed : bytes
        Of the shuffles; drawn once the photons have arrived.
    """

    def __init__(self, rows: Words, length: int, schedule: Schedule, seed: bytes) -> None:
        super().__init__(rows, length, schedule, seed)
        self._rows, self._ordered = rows, {0: rows.reshape(-1)}
        self._words: Words | None = None
        self._mask = np.empty(0, np.uint64)
        self._low = self._high = np.empty(0, np.uint32)
        self._half: _Halves | None = None

    def reply(self, question: bytes) -> bytes:
        """Return the parities asked for, packed.

        Raises
        ------
        accord.errors.AccordError
            When the question cannot be one about these frames.
        """
        if len(question) < _HEAD.size:
            raise AccordError(f"Cascade: a question of {len(question)} bytes")
        kind, number, count = _HEAD.unpack_from(question)
        body = question[_HEAD.size :]
        if kind == _TOP and number < len(self.schedule.sizes) and not body:
            flags = self._top(number)
        elif kind == _SEARCH and number < len(self.schedule.sizes):
            flags = self._begin(number, count, body)
        elif kind == _STEP:
            flags = self._step(count, body)
        elif kind == _HALVE and number < _MOST_HALVINGS:
            flags = self._halve(number, count, body)
        elif kind == _SEARCH_HALF and number < len(self.shuffles.masks):
            flags = self._begin_half(number, count, body)
        else:
            raise AccordError(f"Cascade: a question of kind {kind} about pass {number} was not expected")
        self.leak_bit += flags.size
        return pack_flags(flags)

    def _top(self, number: int) -> NDArray[np.uint8]:
        if number not in self._ordered:
            self._ordered[number] = self.shuffles.permuted(self._rows, number).reshape(-1)
        flags = self.parities(self._ordered[number], number)
        return (flags if number == 0 else flags[:, :-1]).reshape(-1)

    def _begin(self, number: int, count: int, body: bytes) -> NDArray[np.uint8]:
        if len(body) != 8 * count or number not in self._ordered:
            raise AccordError(f"Cascade: {len(body)} bytes for {count} intervals of pass {number}")
        low, high = np.frombuffer(body, dtype="<u4").astype(np.uint32).reshape(2, count)
        span = 64 * self.width
        if not (np.all(low < high) and np.all(high <= low // span * span + self.length)) or (
            count and int(high.max()) > self.frames * span
        ):
            raise AccordError("Cascade: an interval that lies in no frame")
        self._words, self._half = self._ordered[number], None
        self._low, self._high = low, high
        return self._left_halves()

    def _left_halves(self) -> NDArray[np.uint8]:
        from accord.systems.qkd.postprocessing.kernels.parity import answer

        assert self._words is not None
        out = np.empty(len(self._low), np.uint8)
        return out[: answer(self._words, self._low, self._high, out)]

    def _step(self, count: int, body: bytes) -> NDArray[np.uint8]:
        from accord.systems.qkd.postprocessing.kernels.parity import narrow

        if self._half is not None:
            expected = self._half.open
        else:
            expected = int(np.count_nonzero(self._high - self._low > 1))
        if count != expected:
            raise AccordError(f"Cascade: {count} halves named, {expected} were asked about")
        left = unpack_flags(body, count)
        if self._half is not None:
            self._half.narrow(left)
            return self._half.left_halves(self._last())
        if self._words is None:
            return left
        narrow(self._low, self._high, left, self._words, self._words, False, False)
        return self._left_halves()

    def _halve(self, number: int, count: int, body: bytes) -> NDArray[np.uint8]:
        from accord.systems.qkd.postprocessing.kernels.subsets import subset_parities

        frames = self._named(count, body)
        self.shuffles.draw(number + 1)
        out = np.empty(count, np.uint8)
        subset_parities(self._last()[frames], self.shuffles.masks[number], out)
        return out

    def _last(self) -> Words:
        """Return the frames in the order of the last pass, in which halves are drawn."""
        number = len(self.schedule.sizes) - 1
        if number not in self._ordered:
            self._ordered[number] = self.shuffles.permuted(self._rows, number).reshape(-1)
        return self._ordered[number].reshape(self._rows.shape)

    def _begin_half(self, number: int, count: int, body: bytes) -> NDArray[np.uint8]:
        frames = self._named(count, body[: 4 * count])
        sides = unpack_flags(body[4 * count :], count)
        self._half = _Halves(self.shuffles.masks[number], self.length, frames, sides)
        return self._half.left_halves(self._last())

    def _named(self, count: int, body: bytes) -> NDArray[np.uint32]:
        frames = np.frombuffer(body, dtype="<u4").astype(np.uint32) if len(body) == 4 * count else None
        if frames is None or (count and int(frames.max()) >= self.frames):
            raise AccordError(f"Cascade: {len(body)} bytes do not name {count} frames of {self.frames}")
        return frames


class _Halves:
    """Searches in random subsets, the same at both ends."""

    def __init__(
        self, mask: Words, length: int, frames: NDArray[np.uint32], sides: NDArray[np.uint8]
    ) -> None:
        from accord.systems.qkd.postprocessing.kernels.subsets import subset_begin

        self._mask, self._length, self.frames, self._sides = mask, length, frames.astype(np.int64), sides
        count = len(frames)
        self._low, self._high, self._number, self._middle = (np.zeros(count, np.int64) for _ in range(4))
        subset_begin(mask, length, sides, self._low, self._high, self._number)
        if count and int(self._number.min()) < 1:
            raise AccordError("Cascade: a search in an empty subset")

    @property
    def open(self) -> int:
        return int(np.count_nonzero(self._number > 1))

    def left_halves(self, rows: Words) -> NDArray[np.uint8]:
        from accord.systems.qkd.postprocessing.kernels.subsets import subset_answer

        out = np.empty(len(self.frames), np.uint8)
        count = subset_answer(
            rows, self._mask, self._length, self.frames, self._sides, self._low, self._high, self._number,
            self._middle, out,
        )  # fmt: skip
        return out[:count]

    def narrow(self, left: NDArray[np.uint8]) -> None:
        from accord.systems.qkd.postprocessing.kernels.subsets import subset_narrow

        subset_narrow(self._low, self._high, self._number, self._middle, left)

    def found(self, width: int) -> NDArray[np.uint32]:
        from accord.systems.qkd.postprocessing.kernels.subsets import subset_last

        out = np.empty(len(self.frames), np.int64)
        subset_last(self._mask, self._length, self._sides, self._low, self._high, out)
        return (self.frames * 64 * width + out).astype(np.uint32)


class Questions(_Batch):
    """Bob's end: asks, and corrects his frames.

    The generators yield a question and take the answer. `run` goes through the schedule; `further` adds random
    halves for frames that failed their verification. Parameters are those of `Answers`.
    """

    def __init__(self, rows: Words, length: int, schedule: Schedule, seed: bytes) -> None:
        super().__init__(rows, length, schedule, seed)
        passes, size = len(schedule.sizes), rows.size
        self._keys = np.empty((passes, size), np.uint64)
        self._raw = rows.reshape(-1).copy()
        self._keys[0] = self._raw
        self._cuts = np.zeros((passes, size + 1), np.uint64)
        self._cuts[:, -1] = 1  # no search for the next cut leaves the array
        self._odd = np.zeros((passes, size), np.uint64)
        self._started = self._drawn = 0
        self._subset_odd = np.zeros((schedule.halvings, self.frames, 2), np.uint8)
        self.rounds = self.corrected = 0

    @property
    def rows(self) -> Words:
        """The frames as corrected so far."""
        natural: Words = self._keys[0].reshape(self.frames, self.width)
        return natural

    @property
    def _last(self) -> Words:
        ordered: Words = self._keys[-1].reshape(self.frames, self.width)
        return ordered

    @property
    def summary(self) -> Summary:
        """What it took so far."""
        return Summary(leak_bit=self.leak_bit, rounds=self.rounds, corrected=self.corrected)

    def run(self) -> Generator[bytes, bytes, None]:
        """Go through the schedule."""
        for number in range(len(self.schedule.sizes)):
            yield from self._pass(number)
            yield from self._settle()
        yield from self.further(self.schedule.halvings, np.arange(self.frames, dtype=np.uint32))

    def further(self, halvings: int, frames: NDArray[np.uint32]) -> Generator[bytes, bytes, None]:
        """Halve these frames so many times more."""
        for _ in range(halvings):
            yield from self._halve(frames)
            yield from self._settle()

    def _ask(
        self, kind: int, number: int, count: int, body: bytes, expected: int
    ) -> Generator[bytes, bytes, NDArray[np.uint8]]:
        self.rounds += 1
        flags = unpack_flags((yield _HEAD.pack(kind, number, count) + body), expected)
        self.leak_bit += expected
        return flags

    def _pass(self, number: int) -> Generator[bytes, bytes, None]:
        from accord.systems.qkd.postprocessing.kernels.parity import cut_blocks, mark_odd

        if number:
            self._keys[number] = self.shuffles.permuted(self.rows, number).reshape(-1)
        size, sent = self.schedule.sizes[number], self.blocks(number) - (number > 0)
        told = yield from self._ask(_TOP, number, 0, b"", self.frames * sent)
        differs = self.parities(self._keys[number], number)
        differs[:, :sent] ^= told.reshape(self.frames, sent)
        if number:  # the parity of the whole frame agrees by now, so the last block makes the number even
            differs[:, -1] = np.bitwise_xor.reduce(differs[:, :-1], axis=1)
        cut_blocks(self._cuts[number], self.frames, self.width, self.length, size)
        mark_odd(differs, self._odd[number], self.width, size)
        self._started = number + 1

    def _halve(self, frames: NDArray[np.uint32]) -> Generator[bytes, bytes, None]:
        from accord.systems.qkd.postprocessing.kernels.subsets import subset_parities

        number, self._drawn = self._drawn, self._drawn + 1
        self.shuffles.draw(self._drawn)
        if self._drawn > len(self._subset_odd):
            more = np.zeros((1, self.frames, 2), np.uint8)
            self._subset_odd = np.concatenate([self._subset_odd, more])
        body = frames.astype("<u4").tobytes()
        told = yield from self._ask(_HALVE, number, len(frames), body, len(frames))
        own = np.empty(len(frames), np.uint8)
        subset_parities(self._last[frames], self.shuffles.masks[number], own)
        self._subset_odd[number, frames] = (own ^ told)[:, None]

    def _settle(self) -> Generator[bytes, bytes, None]:
        """Search until no block that is known is odd, the shortest first."""
        while True:
            for number in range(self._started):
                if self._odd[number].any():
                    yield from self._search(number)
                    break
            else:
                odd = np.flatnonzero(self._subset_odd[: self._drawn].any(axis=(1, 2)))
                if not len(odd):
                    return
                yield from self._search_half(int(odd[0]))

    def _search(self, number: int) -> Generator[bytes, bytes, None]:
        from accord.systems.qkd.postprocessing.kernels.parity import narrow, odd_intervals

        most = int(np.bitwise_count(self._odd[number]).sum())
        low, high = np.empty(most, np.uint32), np.empty(most, np.uint32)
        odd_intervals(self._odd[number], self._cuts[number], low, high)
        rest = int(np.count_nonzero(high - low > 1))
        if rest:
            body = low.astype("<u4").tobytes() + high.astype("<u4").tobytes()
            told = yield from self._ask(_SEARCH, number, most, body, rest)
            while True:
                left = told.copy()
                now = narrow(
                    low, high, left, self._keys[number], self._cuts[number], True, self.schedule.reuse
                )
                if not now:
                    break
                told = yield from self._ask(_STEP, number, rest, pack_flags(left), now)
                rest = now
        self._flip(low, number, number)

    def _search_half(self, number: int) -> Generator[bytes, bytes, None]:
        frames, sides = np.nonzero(self._subset_odd[number])
        search = _Halves(
            self.shuffles.masks[number], self.length, frames.astype(np.uint32), sides.astype(np.uint8)
        )
        rest = search.open
        if rest:
            body = frames.astype("<u4").tobytes() + pack_flags(sides.astype(np.uint8))
            told = yield from self._ask(_SEARCH_HALF, number, len(frames), body, rest)
            while True:
                left = search.left_halves(self._last) ^ told
                search.narrow(left)
                now = search.open
                if not now:
                    break
                told = yield from self._ask(_STEP, number, rest, pack_flags(left), now)
                rest = now
        self._flip(search.found(self.width), len(self._keys) - 1, -1)

    def _flip(self, found: NDArray[np.uint32], number: int, settled: int) -> None:
        from accord.systems.qkd.postprocessing.kernels.parity import correct

        self.corrected += len(found)
        shuffles = self.shuffles
        sound = correct(
            found, number, settled, self._started, self.width, shuffles.origin, shuffles.place_in, self._raw,
            self._keys, self._cuts, self._odd, shuffles.masks, self._drawn, self._subset_odd,
        )  # fmt: skip
        if not sound:
            raise AccordError(
                "Cascade: the parities received contradict one another: one was changed on its way"
            )


def reconcile(alice: Answers, bob: Questions) -> Summary:
    """Run both ends in one process; Bob's frames are corrected in place."""
    talk = bob.run()
    try:
        question = next(talk)
        while True:
            question = talk.send(alice.reply(question))
    except StopIteration:
        pass
    return bob.summary
