"""Alice's end of a block: answers, draws what must be random, decides the delivery."""

from __future__ import annotations

import secrets
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.bits import from_bytes, to_bytes
from accord.systems.qkd.postprocessing.books import Books, close, counts_by_intensity
from accord.systems.qkd.postprocessing.cascade import Answers
from accord.systems.qkd.postprocessing.privacy import amplify, seed_bits
from accord.systems.qkd.postprocessing.rows import joined, rows_of
from accord.systems.qkd.postprocessing.schedule import best
from accord.systems.qkd.postprocessing.session import BLOCK_ID_BYTES, ERRORS, PLAN, Session, frames_of, taken
from accord.systems.qkd.postprocessing.sifting import keep
from accord.systems.qkd.postprocessing.verification import HASH_BITS, frame_hashes, fresh_matrix
from accord.systems.qkd.postprocessing.wire import Kind, WireError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.systems.qkd.postprocessing.sifting import Sender

    Words = NDArray[np.uint64]

__all__ = ["Alice"]

_RATE = struct.Struct("<d")


class Alice(Session):
    """The end that sent the photons."""

    role = "alice"

    def _settle(self) -> None:
        for block in self.pool.in_doubt():  # she never said that she would deliver these
            self.pool.discard(block)
        doubts = self.channel.receive(Kind.DOUBTS)
        if not doubts:
            return
        self._check()
        mine = set(self.pool.delivered())
        blocks = [doubts[i : i + BLOCK_ID_BYTES] for i in range(0, len(doubts), BLOCK_ID_BYTES)]
        self.channel.send(Kind.OUTCOMES, bytes(block in mine for block in blocks))
        self._sign()

    def block(self, sender: Sender) -> Books:
        """Turn one block of pulses into key, delivered into the pool.

        Returns
        -------
        Books
            With the reason where there is no key.

        Raises
        ------
        accord.errors.AccordError
            When the line fails, a tag does not fit, or the other end does not keep to the protocol; then this end
            holds no key of the block.
        """
        try:
            return self._block(sender)
        except AccordError as error:
            for block in self.pool.in_doubt():
                self.pool.discard(block)
            self._guarded(error)
            raise

    def _block(self, sender: Sender) -> Books:
        self._require_pads()
        tags, failure = self._own.tags + self._other.tags, self._own.failure + self._other.failure
        announced = self.channel.receive(Kind.DETECTIONS)
        answer, own = keep(sender, announced)
        self.channel.send(Kind.SIFTED, answer)
        (rate,) = taken(_RATE, self.channel.receive(Kind.PLAN), "an error rate")
        if not 0.0 <= rate <= self.agreement.highest_error_rate or not len(own.key):
            raise AccordError(f"an error rate of {rate:g} over {len(own.key)} sifted bits makes no block")
        block = secrets.token_bytes(BLOCK_ID_BYTES)
        frames, length = frames_of(len(own.key), self.agreement.frame_bit)
        books = Books(
            block=block.hex(),
            pulses=sender.pulses,
            detections=struct.unpack_from("<Q", announced)[0],
            sifted_bit=len(own.key),
            test_bit=len(own.test),
            unused_bit=len(own.key) - frames * length,
            frames=frames,
            simulated=self.agreement.simulated,
        )
        seed = secrets.token_bytes(32)
        self.channel.send(Kind.PLAN, PLAN.pack(block, frames, length, seed))
        rows = rows_of(own.key, frames, length)
        good, hashes = self._correct(rows, length, rate, seed, books)
        errors = taken(ERRORS, self.channel.receive(Kind.COUNTS), "counts of errors")
        if sum(errors[:3]) > len(own.key) or sum(errors[3:]) > len(own.test):
            raise AccordError("more errors are told than there were detections")
        books.test_error_rate = sum(errors[3:]) / max(len(own.test), 1)
        final = close(books, counts_by_intensity(own, errors[:3], errors[3:]), self.agreement, hashes)
        if not final:
            return books
        self._deliver(block, joined(rows[good], length), int(good.sum()) * length, final, books)
        tags = self._own.tags + self._other.tags - tags
        self._enter_authentication(books, tags, self._own.failure + self._other.failure - failure)
        return books

    def _correct(
        self, rows: Words, length: int, rate: float, seed: bytes, books: Books
    ) -> tuple[NDArray[np.bool_], int]:
        """Answer all batches; return which frames agree and how many hashes it took."""
        good, hashes, step = np.zeros(len(rows), bool), 0, self.agreement.frames_in_step
        for start in range(0, len(rows), step):
            batch = rows[start : start + step]
            answers = Answers(batch, length, best(rate, length), seed + start.to_bytes(4, "little"))
            open_frames = np.arange(len(batch))
            while True:
                kind, body = self.channel.receive_one_of(Kind.QUESTION, Kind.CORRECTED)
                if kind is Kind.QUESTION:
                    books.rounds += 1
                    self.channel.send(Kind.ANSWER, answers.reply(body))
                    if answers.leak_bit > batch.shape[0] * length:
                        raise AccordError("more parities were asked for than the frames have bits")
                    continue
                matrix = fresh_matrix(batch.shape[1])
                told = frame_hashes(matrix, np.ascontiguousarray(batch[open_frames]))
                hashes += len(told)
                self.channel.send(Kind.HASHES, matrix.astype("<u8").tobytes() + told.astype("<u8").tobytes())
                verdict = self.channel.receive(Kind.AGREED)
                if len(verdict) != 1 + len(open_frames) or max(verdict) > 1:
                    raise AccordError(f"{len(verdict)} bytes of verdict over {len(open_frames)} frames")
                agreed = np.frombuffer(verdict[1:], np.uint8).astype(bool)
                good[start + open_frames[agreed]] = True
                open_frames = open_frames[~agreed]
                if verdict[0]:  # Bob is through with this batch
                    break
            books.leak_correction_bit += answers.leak_bit
        books.leak_verification_bit = hashes * HASH_BITS
        books.dropped_bit = int((~good).sum()) * length
        return good, hashes

    def _deliver(self, block: bytes, key: Words, length: int, final: int, books: Books) -> None:
        bits = seed_bits(length, final)
        seed = from_bytes(_below(secrets.token_bytes(-(-bits // 8)), bits), bits)
        replenish = self._replenish_bytes(final)
        books.replenished_bit = 8 * replenish
        material = to_bytes(amplify(key, length, seed, final), final)
        self.pool.prepare(block, final, material, books.to_json())
        self.channel.send(Kind.MATRIX, struct.pack("<Q", final) + to_bytes(seed, bits))
        self._sign()
        if self.channel.receive(Kind.PREPARED) != block:
            raise AccordError("the other end prepared another block")
        self._check()
        self.pool.commit(block, replenish)
        self.channel.send(Kind.COMMIT, block)
        self._sign()
        with suppress(WireError):  # the key is delivered whether or not the other end still says so
            self.channel.receive(Kind.DONE)


def _below(raw: bytes, bits: int) -> bytes:
    """Return the bytes with zeros above the last bit."""
    if bits % 8 and raw:
        return raw[:-1] + bytes([raw[-1] & (1 << bits % 8) - 1])
    return raw
