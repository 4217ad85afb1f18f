"""Two ends of a link on one machine, with a line between them that can be made to fail."""

from __future__ import annotations

import secrets
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.systems.qkd.link import Receiver
from accord.systems.qkd.postprocessing.alice import Alice
from accord.systems.qkd.postprocessing.bob import Bob
from accord.systems.qkd.postprocessing.books import Agreement
from accord.systems.qkd.postprocessing.pool import Pool
from accord.systems.qkd.postprocessing.rehearsal import rehearse
from accord.systems.qkd.postprocessing.wire import Channel, Kind
from accord.systems.qkd.vault import Vault, create_sealing_key

ROLES = {"alice": Alice, "bob": Bob}
AGREEMENT = Agreement(
    intensities=(0.6, 0.2, 2e-4),
    probabilities=(0.4, 0.4, 0.2),
    key_basis_probability=0.6,
    secrecy=1e-6,
    frame_bit=10_000,
)


class FaultyLine:
    """A socket on which one message is cut, dropped, repeated, swapped with the next or changed.

    Parameters
    ----------
    at : int or Kind
        Its number, or the first of its kind; for (kind, n) the n-th of its kind.
    """

    def __init__(self, stream: socket.socket, at: Any = -1, fault: str = "") -> None:
        self._stream, self._at, self._fault = stream, at, fault
        self._kinds: list[int] = []
        self._held = b""

    def settimeout(self, seconds: float) -> None:
        self._stream.settimeout(seconds)

    def recv(self, count: int) -> bytes:
        return self._stream.recv(count)

    def _hit(self, kind: int) -> bool:
        self._kinds.append(kind)
        if isinstance(self._at, Kind):
            return kind == self._at and self._kinds.count(kind) == 1
        if isinstance(self._at, tuple):
            return kind == self._at[0] and self._kinds.count(kind) == self._at[1]
        return len(self._kinds) - 1 == self._at

    def sendall(self, data: bytes) -> None:
        if not self._hit(data[5]):
            self._stream.sendall(data + self._held)
            self._held = b""
        elif self._fault == "cut":
            self._stream.sendall(data[: len(data) // 2])
            self._stream.close()
        elif self._fault == "die":
            self._stream.close()
            raise OSError(32, "this end has died")
        elif self._fault == "repeat":
            self._stream.sendall(data + data)
        elif self._fault == "swap":
            self._held = data
        elif self._fault == "change":
            self._stream.sendall(data[:-1] + bytes([data[-1] ^ 1]))
        else:
            raise AssertionError(self._fault)


class Ends:
    """Alice and Bob with pools of their own."""

    def __init__(self, folder: Path, pads: int = 400) -> None:
        self.pools: dict[str, Pool] = {}
        self._folder = folder
        shared = secrets.token_bytes(32 + 32 * pads)
        for role in ROLES:
            create_sealing_key(folder / f"{role}.kek")
            pool = self.open(role)
            pool.stock(shared)
            pool.close()

    def open(self, role: str) -> Pool:
        return Pool(self._folder / f"{role}.db", Vault(self._folder / f"{role}.kek"))

    def meet(
        self,
        data: dict[str, Any] | None,
        faults: dict[str, tuple[Any, str]] | None = None,
        *,
        timeout_s: float = 20.0,
    ) -> dict[str, Any]:
        """Let both greet and make one block of the data (none: only greet); return books or errors by role."""
        results: dict[str, Any] = {}
        streams = dict(zip(ROLES, socket.socketpair(), strict=True))

        def live(role: str) -> None:
            pool = self.open(role)
            line = FaultyLine(streams[role], *(faults or {}).get(role, (-1, "")))
            try:
                end = ROLES[role](Channel(line, timeout_s=timeout_s), pool, AGREEMENT)
                end.greet()
                results[role] = end.block(data[role]) if data else None
            except Exception as error:
                results[role] = error
            finally:
                streams[role].close()
                pool.close()

        threads = [threading.Thread(target=live, args=(role,)) for role in ROLES]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "an end hangs"
        return results

    def look(self, read: Callable[[Pool], Any]) -> tuple[Any, Any]:
        """Return what both pools say."""
        found = []
        for role in ROLES:
            pool = self.open(role)
            found.append(read(pool))
            pool.close()
        return found[0], found[1]


def block(detections: int = 60_000, seed: int = 1, misalignment: float = 0.002) -> dict[str, Any]:
    receiver = Receiver(
        efficiency=np.array(0.2),
        dark_probability=np.array(6e-7),
        afterpulse_probability=np.array(0.0),
        misalignment=np.array(misalignment),
    )
    sender, seen = rehearse(detections, 0.5, AGREEMENT.protocol(), receiver, seed)
    return {"alice": sender, "bob": seen}


@pytest.fixture
def make_block() -> Callable[..., dict[str, Any]]:
    return block


@pytest.fixture
def agreement() -> Agreement:
    return AGREEMENT


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)  # two threads that talk in small turns
    yield Ends(tmp_path)
    sys.setswitchinterval(before)
