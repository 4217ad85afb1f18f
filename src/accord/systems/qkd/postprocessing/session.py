"""One connection between the two ends: greeting, blocks left in doubt, then block after block.

Delivery is a two-phase commit that Alice decides. Bob checks her tag over all she sent, keeps his key on disk and says
so under his own; Alice delivers hers before she answers; a Bob who never hears that answer asks at the next connection,
and until then neither uses nor drops his key.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from accord.errors import AccordError
from accord.systems.qkd.postprocessing.authentication import TAG_BITS, Transcript
from accord.systems.qkd.postprocessing.books import Agreement, Books
from accord.systems.qkd.postprocessing.pool import LANES, PAD_BYTES, PoolEmptyError
from accord.systems.qkd.postprocessing.wire import Channel, Kind, WireError

if TYPE_CHECKING:
    from accord.systems.qkd.postprocessing.pool import Pool

__all__ = ["BLOCK_ID_BYTES", "ERRORS", "PLAN", "REPLENISH_BYTES", "Session", "frames_of", "taken"]

BLOCK_ID_BYTES = 16
PLAN = struct.Struct("<16sII32s")  # block, frames, bits of a frame, seed of the shuffles
ERRORS = struct.Struct("<6Q")  # in the key basis by intensity, then in the other
REPLENISH_BYTES = 2 * 3 * PAD_BYTES  # three pads for each lane: a block takes two at most, a doubt one more
_FEWEST_PADS = 4
_GREETING = struct.Struct("<B32s")


class Session:
    """What both roles do alike.

    Parameters
    ----------
    channel : Channel
    pool : Pool
    agreement : Agreement
    """

    role = ""

    def __init__(self, channel: Channel, pool: Pool, agreement: Agreement) -> None:
        self.channel, self.pool, self.agreement = channel, pool, agreement
        other = LANES[1 - LANES.index(self.role)]
        self._own, self._other = Transcript(pool, self.role), Transcript(pool, other)
        channel.on_sent, channel.on_received = self._own.absorb, self._other.absorb

    def greet(self) -> None:
        """Exchange greetings and settle the blocks left in doubt.

        Raises
        ------
        WireError
            When the ends do not fit: the same role, other settings.
        """
        number = LANES.index(self.role)
        self.channel.send(Kind.HELLO, _GREETING.pack(number, self.agreement.digest()))
        role, digest = taken(_GREETING, self.channel.receive(Kind.HELLO), "a greeting")
        if role == number:
            raise WireError(f"both ends are {self.role}")
        if digest != self.agreement.digest():
            raise WireError("the two ends have different settings")
        self._settle()

    def _settle(self) -> None:
        raise NotImplementedError

    def _require_pads(self) -> None:
        for lane in LANES:
            if self.pool.pads_left(lane) < _FEWEST_PADS:
                raise PoolEmptyError(
                    f"lane {lane} has {self.pool.pads_left(lane)} pads left, {_FEWEST_PADS} are needed: "
                    "stock both ends anew"
                )

    def _sign(self) -> None:
        self.channel.send(Kind.TAG, self._own.sign())

    def _check(self) -> None:
        self._other.check(self.channel.receive(Kind.TAG))

    def _enter_authentication(self, books: Books, tags: int, failure: float) -> None:
        books.authentication_bit = tags * TAG_BITS
        books.epsilon["authentication"] = failure
        books.epsilon["total"] = sum(books.epsilon.values())

    def _replenish_bytes(self, final_bit: int) -> int:
        return REPLENISH_BYTES if final_bit >= 2 * 8 * REPLENISH_BYTES else 0

    def _guarded(self, error: AccordError) -> None:
        """Tell the other end, unless it is the line itself that failed."""
        if not isinstance(error, WireError):
            self.channel.abort(str(error))


def taken(layout: struct.Struct, body: bytes, what: str) -> tuple[Any, ...]:
    """Return the fields of a message of fixed length.

    Raises
    ------
    WireError
        When it has another length.
    """
    if len(body) != layout.size:
        raise WireError(f"{what} of {len(body)} bytes, expected {layout.size}")
    return layout.unpack(body)


def frames_of(sifted: int, frame_bit: int) -> tuple[int, int]:
    """Return how many frames a block makes and how many bits each has."""
    frames = max(1, round(sifted / frame_bit))
    return frames, sifted // frames
