"""Bob's end of a block: announces, asks, corrects, and waits for Alice's word before he uses a key."""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.bits import from_bytes, to_bytes, unpack
from accord.systems.qkd.postprocessing.books import Books, close, counts_by_intensity
from accord.systems.qkd.postprocessing.cascade import Questions
from accord.systems.qkd.postprocessing.privacy import amplify, seed_bits
from accord.systems.qkd.postprocessing.rows import joined, rows_of
from accord.systems.qkd.postprocessing.schedule import best
from accord.systems.qkd.postprocessing.session import BLOCK_ID_BYTES, ERRORS, PLAN, Session, frames_of, taken
from accord.systems.qkd.postprocessing.sifting import Detections, Sifted, announce, kept
from accord.systems.qkd.postprocessing.verification import HASH_BITS, frame_hashes
from accord.systems.qkd.postprocessing.wire import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

__all__ = ["Bob"]

_TRIES, _HALVINGS_MORE = 4, 16


class Bob(Session):
    """The end that saw the photons."""

    role = "bob"

    def _settle(self) -> None:
        doubts = self.pool.in_doubt()
        self.channel.send(Kind.DOUBTS, b"".join(doubts))
        if not doubts:
            return
        self._sign()
        outcomes = self.channel.receive(Kind.OUTCOMES)
        self._check()
        if len(outcomes) != len(doubts) or max(outcomes) > 1:
            raise AccordError(f"{len(outcomes)} outcomes for {len(doubts)} blocks in doubt")
        for block, delivered in zip(doubts, outcomes, strict=True):
            if delivered:
                self.pool.commit(block, self._replenish_bytes(self.pool.bits(block)))
            else:
                self.pool.discard(block)

    def block(self, seen: Detections) -> Books:
        """Turn one block of detections into key, delivered into the pool; see `Alice.block`."""
        try:
            return self._block(seen)
        except AccordError as error:
            self._guarded(error)
            raise

    def _block(self, seen: Detections) -> Books:
        self._require_pads()
        tags, failure = self._own.tags + self._other.tags, self._own.failure + self._other.failure
        self.channel.send(Kind.DETECTIONS, announce(seen))
        own, theirs = kept(seen, self.channel.receive(Kind.SIFTED))
        wrong = own.test != theirs
        rate = float(wrong.mean()) if len(wrong) else 0.5
        if rate > self.agreement.highest_error_rate or not len(own.key):
            raise AccordError(_refusal(own, rate, self.agreement.highest_error_rate))
        self.channel.send(Kind.PLAN, struct.pack("<d", rate))
        block, frames, length, seed = taken(PLAN, self.channel.receive(Kind.PLAN), "a plan")
        if (frames, length) != frames_of(len(own.key), self.agreement.frame_bit):
            raise AccordError(f"a plan of {frames} frames of {length} bits for {len(own.key)} sifted bits")
        books = Books(
            block=block.hex(),
            pulses=seen.pulses,
            detections=len(seen.pulse),
            sifted_bit=len(own.key),
            test_bit=len(own.test),
            test_error_rate=rate,
            unused_bit=len(own.key) - frames * length,
            frames=frames,
            simulated=self.agreement.simulated,
        )
        raw = rows_of(own.key, frames, length)
        rows, good, hashes = self._correct(raw, length, rate, seed, books)
        flipped = unpack(raw ^ rows, length)
        flipped[~good] = 0
        counted = own.key_intensity[: frames * length][flipped.reshape(-1).astype(bool)]
        told = (counted, own.test_intensity[wrong])
        errors = [[int(n) for n in np.bincount(chosen, minlength=3)] for chosen in told]
        self.channel.send(Kind.COUNTS, ERRORS.pack(*errors[0], *errors[1]))
        final = close(books, counts_by_intensity(own, errors[0], errors[1]), self.agreement, hashes)
        if not final:
            return books
        self._receive_key(block, joined(rows[good], length), int(good.sum()) * length, final, books)
        tags = self._own.tags + self._other.tags - tags
        self._enter_authentication(books, tags, self._own.failure + self._other.failure - failure)
        return books

    def _correct(
        self, raw: Words, length: int, rate: float, seed: bytes, books: Books
    ) -> tuple[Words, NDArray[np.bool_], int]:
        """Correct all batches; return the rows, which of them agree, and how many hashes it took."""
        rows, good, hashes = raw.copy(), np.zeros(len(raw), bool), 0
        step = self.agreement.frames_in_step
        for start in range(0, len(rows), step):
            batch = rows[start : start + step]
            asks = Questions(batch, length, best(rate, length), seed + start.to_bytes(4, "little"))
            open_frames = np.arange(len(batch), dtype=np.uint32)
            talk = asks.run()
            for left in reversed(range(_TRIES)):
                self._ask(talk)
                self.channel.send(Kind.CORRECTED)
                agreed = self._verify(np.ascontiguousarray(asks.rows[open_frames]))
                hashes += len(open_frames)
                good[start + open_frames[agreed]] = True
                open_frames = open_frames[~agreed]
                last = not left or not len(open_frames)
                self.channel.send(Kind.AGREED, bytes([last]) + agreed.astype(np.uint8).tobytes())
                if last:
                    break
                talk = asks.further(_HALVINGS_MORE, open_frames)
            rows[start : start + step] = asks.rows
            books.leak_correction_bit += asks.leak_bit
            books.rounds += asks.rounds
        books.leak_verification_bit = hashes * HASH_BITS
        books.dropped_bit = int((~good).sum()) * length
        return rows, good, hashes

    def _ask(self, talk: Generator[bytes, bytes, None]) -> None:
        try:
            question = next(talk)
            while True:
                self.channel.send(Kind.QUESTION, question)
                question = talk.send(self.channel.receive(Kind.ANSWER))
        except StopIteration:
            return

    def _verify(self, rows: Words) -> NDArray[np.bool_]:
        body = self.channel.receive(Kind.HASHES)
        width = rows.shape[1] + 1
        if len(body) != 8 * (width + len(rows)):
            raise AccordError(f"{len(body)} bytes of hashes for {len(rows)} frames")
        words = np.frombuffer(body, dtype="<u8").astype(np.uint64)
        return np.asarray(frame_hashes(words[:width], rows) == words[width:])

    def _receive_key(self, block: bytes, key: Words, length: int, final: int, books: Books) -> None:
        body = self.channel.receive(Kind.MATRIX)
        self._check()  # before anything is said that lets her deliver
        bits = seed_bits(length, final)
        if len(body) < 8 or struct.unpack_from("<Q", body)[0] != final:
            raise AccordError("the two ends disagree on the length of the final key")
        seed = from_bytes(body[8:], bits)
        replenish = self._replenish_bytes(final)
        books.replenished_bit = 8 * replenish
        self.pool.prepare(block, final, to_bytes(amplify(key, length, seed, final), final), books.to_json())
        self.channel.send(Kind.PREPARED, block)
        self._sign()
        if len(block) != BLOCK_ID_BYTES or self.channel.receive(Kind.COMMIT) != block:
            raise AccordError("the other end delivers another block")
        self._check()
        self.pool.commit(block, replenish)
        self.channel.send(Kind.DONE)


def _refusal(own: Sifted, rate: float, highest: float) -> str:
    if not len(own.key):
        return "no detection is left in the basis of the key"
    if not len(own.test):
        return "no detection is left in the test basis: nothing bounds the phase error"
    hint = ": the bases or the bits of one end seem swapped" if rate > 0.6 else ""
    if 0.4 <= rate <= 0.6:
        hint = ": the two ends seem to count their pulses from different ones, or nothing but noise was seen"
    return f"an error rate of {rate:.2%} in the test basis, at most {highest:.2%} may be{hint}"
