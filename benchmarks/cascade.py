"""Cascade on one core: 64 frames of 1e5 bits in step, beside the published design of cascade-python.

The peer, ``brunorijsman/cascade-python`` (MIT), is not on the package index. Its design is timed in a form written
here from its description: key bits in a dictionary, one object a block with its parent and halves, a list of blocks
for every key bit, a heap of the shortest odd blocks, questions gathered into one message when nothing else can be
done. Both ends run in this process: what is timed is Alice's and Bob's work together, CPU time of one thread.
"""

from __future__ import annotations

import heapq
import math
import random
import time
from typing import Any

import numpy as np

from accord.systems.qkd.postprocessing.cascade import Answers, Questions, reconcile
from accord.systems.qkd.postprocessing.rows import rows_of
from accord.systems.qkd.postprocessing.schedule import best

__all__ = ["run"]

FRAMES, LENGTH, RATES = 64, 100_000, (0.01, 0.02, 0.03, 0.05)
SPEED_BAR, EFFICIENCY_BAR, RATIO_BAR = 40.0, 1.10, 500.0


def entropy(rate: float) -> float:
    return -rate * math.log2(rate) - (1.0 - rate) * math.log2(1.0 - rate)


def ours(rate: float) -> dict[str, float]:
    """Return speed [Mbit/s], leak over the limit and frames left with errors; best of five."""
    rng = np.random.default_rng(int(1e4 * rate))
    sent = rng.integers(0, 2, FRAMES * LENGTH, dtype=np.uint8)
    seen = sent ^ (rng.random(FRAMES * LENGTH) < rate).astype(np.uint8)
    rows, noisy = rows_of(sent, FRAMES, LENGTH), rows_of(seen, FRAMES, LENGTH)
    best_s, leak, wrong = math.inf, 0, 0
    for turn in range(6):  # the first loads the compiled loops
        begin, seed = time.process_time(), f"{turn}".encode()
        plan = best(rate, LENGTH)
        bob = Questions(noisy, LENGTH, plan, seed)
        summary = reconcile(Answers(rows, LENGTH, plan, seed), bob)
        best_s = min(best_s, time.process_time() - begin) if turn else best_s
        leak += summary.leak_bit
        wrong += int((bob.rows != rows).any(axis=1).sum())
    return {
        "speed": FRAMES * LENGTH / best_s / 1e6,
        "seconds": best_s,
        "efficiency": leak / (6 * FRAMES * LENGTH * entropy(rate)),
        "wrong": wrong / (6 * FRAMES),
    }


class Key:
    """Bits in a dictionary; every access checks its arguments, as published."""

    def __init__(self, bits: list[int]) -> None:
        self.size, self.bits = len(bits), dict(enumerate(bits))

    def get_bit(self, index: int) -> int:
        assert isinstance(index, int)
        assert 0 <= index < self.size
        return self.bits[index]

    def flip_bit(self, index: int) -> None:
        assert isinstance(index, int)
        assert 0 <= index < self.size
        self.bits[index] = 1 - self.bits[index]


class Shuffle:
    """Key place of every shuffled place, in a dictionary."""

    def __init__(self, size: int, seed: int) -> None:
        self.key_index_of = {place: place for place in range(size)}
        if seed:
            places = list(range(size))
            random.Random(seed).shuffle(places)
            self.key_index_of = dict(enumerate(places))

    def get_key_index(self, place: int) -> int:
        return self.key_index_of[place]

    def parity(self, key: Key, start: int, end: int) -> int:
        parity = 0
        for place in range(start, end):
            index = self.key_index_of[place]
            if key.get_bit(index):
                parity = 1 - parity
        return parity


class Block:
    """A piece of the shuffled key, the parity it has and should have, and the halves it was split into."""

    def __init__(self, key: Key, shuffle: Shuffle, start: int, end: int, parent: Any) -> None:
        assert isinstance(key, Key)
        assert 0 <= start < end <= key.size
        self.shuffle, self.start, self.end, self.parent = shuffle, start, end, parent
        self.left = self.right = self.should = None
        self.present = shuffle.parity(key, start, end)

    def __lt__(self, other: Block) -> bool:
        return id(self) < id(other)

    def key_indexes(self) -> list[int]:
        return [self.shuffle.get_key_index(place) for place in range(self.start, self.end)]

    def middle(self) -> int:
        return self.start + (self.end - self.start + 1) // 2


class Peer:
    """One reconciliation in the published design: objects, dictionaries, one frame at a time."""

    def __init__(self, sent: list[int], seen: list[int], rate: float) -> None:
        self.sent, self.key = Key(sent), Key(seen)
        self.rate, self.length, self.leak = rate, len(sent), 0
        self.of_bit: dict[int, list[Block]] = {}
        self.ready: list[tuple[int, tuple[Block, bool]]] = []
        self.asked: list[tuple[Block, bool]] = []

    def run(self) -> None:
        first = math.ceil(0.73 / self.rate)
        for number in range(4):
            shuffle = Shuffle(self.length, number)
            size = first << number
            for start in range(0, self.length, size):
                block = self.made(shuffle, start, min(start + size, self.length), None)
                self.asked.append((block, False))
            while self.ready or self.asked:
                while self.ready:
                    self.attempt(*heapq.heappop(self.ready)[1])
                questions, self.asked = self.asked, []
                answers = [self.told(block) for block, _ in questions]
                self.leak += len(answers)
                for parity, (block, sibling) in zip(answers, questions, strict=True):
                    block.should = parity
                    heapq.heappush(self.ready, (block.end - block.start, (block, sibling)))

    def made(self, shuffle: Shuffle, start: int, end: int, parent: Block | None) -> Block:
        block = Block(self.key, shuffle, start, end, parent)
        for index in block.key_indexes():
            if index in self.of_bit:
                self.of_bit[index].append(block)
            else:
                self.of_bit[index] = [block]
        return block

    def told(self, block: Block) -> int:
        return block.shuffle.parity(self.sent, block.start, block.end)

    def known(self, block: Block) -> bool:
        if block.should is not None:
            return True
        parent = block.parent
        if parent is None:
            return False
        sibling = parent.right if parent.left is block else parent.left
        if sibling is None or sibling.should is None or parent.should is None:
            return False
        block.should = parent.should ^ sibling.should
        return True

    def attempt(self, block: Block, sibling: bool) -> None:
        if not self.known(block):
            self.asked.append((block, sibling))
            return
        if block.present == block.should:
            if sibling:
                parent = block.parent
                if parent.right is None:
                    parent.right = self.made(parent.shuffle, parent.middle(), parent.end, parent)
                self.attempt(parent.right, False)
            return
        if block.end - block.start == 1:
            self.flip(block.shuffle.get_key_index(block.start))
            return
        if block.left is None:
            block.left = self.made(block.shuffle, block.start, block.middle(), block)
        self.attempt(block.left, True)

    def flip(self, bit: int) -> None:
        self.key.flip_bit(bit)
        for block in self.of_bit[bit]:
            block.present = 1 - block.present
            if block.parent is None and block.should is not None and block.present != block.should:
                heapq.heappush(self.ready, (block.end - block.start, (block, False)))


def peer(rate: float) -> dict[str, float]:
    """Return the speed of the published design on one frame; best of two."""
    rng = random.Random(1)
    sent = [rng.randint(0, 1) for _ in range(LENGTH)]
    seen = [bit ^ int(rng.random() < rate) for bit in sent]
    best_s = math.inf
    for _ in range(2):
        one = Peer(sent, seen, rate)
        begin = time.process_time()
        one.run()
        best_s = min(best_s, time.process_time() - begin)
    assert all(one.key.get_bit(i) == bit for i, bit in enumerate(sent))
    leak = one.leak / (LENGTH * entropy(rate))
    return {"speed": LENGTH / best_s / 1e6, "efficiency": leak}


def run() -> list[dict[str, Any]]:
    """Time both in one run, one row an error rate."""
    rows = []
    for rate in RATES:
        own, other = ours(rate), peer(rate)
        ratio = own["speed"] / other["speed"]
        rows.append(
            {
                "name": f"Cascade, {FRAMES} frames of {LENGTH} bits, error rate {rate:.0%}, one core",
                "ours_s": own["seconds"],
                "peer_s": FRAMES * LENGTH / other["speed"] / 1e6,
                "ratio": ratio,
                "bar": f"at least {SPEED_BAR:.0f} Mbit/s with f <= {EFFICIENCY_BAR:.2f}, and {RATIO_BAR:.0f} x",
                "clears": own["speed"] >= SPEED_BAR
                and own["efficiency"] <= EFFICIENCY_BAR
                and ratio >= RATIO_BAR,
                "note": (
                    f"ours {own['speed']:.1f} Mbit/s, f {own['efficiency']:.3f}, {own['wrong']:.2%} of frames for "
                    f"the verification; design of cascade-python {other['speed']:.4f} Mbit/s, "
                    f"f {other['efficiency']:.3f}, on one frame, scaled"
                ),
            }
        )
    return rows
