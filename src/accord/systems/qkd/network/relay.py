"""Key from end to end over trusted sites: each hop hides it under its own pad, and each site in between knows it."""

from __future__ import annotations

from collections.abc import Sequence

from accord.errors import AccordError, ModelError

__all__ = ["PoolShortError", "Pools", "hop_by_hop", "split_secret", "xor"]


class PoolShortError(AccordError):
    """A pool on the way does not hold enough key; nothing was taken from any."""

    exit_code = 3


def xor(one: bytes, other: bytes) -> bytes:
    """Return two strings of equal length added bit by bit."""
    if len(one) != len(other):
        raise ModelError(f"pads of {len(one)} and {len(other)} bytes: expected as many")
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def hop_by_hop(key: bytes, pads: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
    """Return what arrives and what is sent in the clear on each hop, one pad of the key's length a hop."""
    sent, here = [], key
    for pad in pads:
        sent.append(xor(here, pad))
        here = xor(sent[-1], pad)  # the next site takes the pad off again: here it knows the key
    return here, sent


def split_secret(key: bytes, first: bytes) -> bytes:
    """Return the second share of a secret whose first share is random: both together give it, one alone nothing."""
    return xor(key, first)


class Pools:
    """Key that neighbours share, in whole bits, one pool a link, with a cap.

    Parameters
    ----------
    links : int
    cap_bit : int
        Key beyond it is not kept.
    """

    def __init__(self, links: int, cap_bit: int) -> None:
        self.held_bit = [0] * links
        self.made_bit = [0] * links
        self.wasted_bit = [0] * links
        self.used_bit = [0] * links
        self._lowest: list[int | None] = [None] * links
        self.exposed_bit: dict[str, int] = {}
        self._cap = cap_bit

    @property
    def lowest_bit(self) -> list[int]:
        """Return the least key that each pool held after it was used; what it holds now where it never was."""
        return [h if low is None else low for low, h in zip(self._lowest, self.held_bit, strict=True)]

    def deposit(self, link: int, bits: int) -> None:
        """Add fresh key to a pool."""
        if bits < 0:
            raise ModelError(f"a deposit of {bits} bits: expected at least 0")
        kept = min(bits, self._cap - self.held_bit[link])
        self.held_bit[link] += kept
        self.made_bit[link] += bits
        self.wasted_bit[link] += bits - kept

    def relay(self, path: Sequence[int], between: Sequence[str], bits: int) -> None:
        """Take a pad of so many bits from every link of a way; the sites in between see the key.

        Raises
        ------
        PoolShortError
            When one link does not hold enough; then all keep what they have.
        """
        if bits < 0 or not path:
            raise ModelError(f"{bits} bits over {len(path)} hops: expected at least 0 over at least one")
        short = [n for n in path if self.held_bit[n] < bits]
        if short or len(set(path)) != len(path):
            held = (
                f"holds {self.held_bit[short[0]]} bits, {bits} are needed"
                if short
                else "is used twice on one way"
            )
            raise PoolShortError(f"link {short[0] if short else list(path)} {held}")
        for n in path:
            self.held_bit[n] -= bits
            self.used_bit[n] += bits
            before = self._lowest[n]
            self._lowest[n] = self.held_bit[n] if before is None else min(before, self.held_bit[n])
        for site in between:
            self.exposed_bit[site] = self.exposed_bit.get(site, 0) + bits
