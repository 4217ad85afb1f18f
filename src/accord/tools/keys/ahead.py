"""When keys are set aside before they are asked for, and how many: what an application asked for lately.

An application that asks for a key now and then is answered when everything is on disk. One that asks often has keys
reserved for it, as many as it took in a quarter of a second, and fetches without a wait what the entity opened for it,
half as many (see `reserve`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from accord.tools.keys.http import HttpError
from accord.tools.keys.reserve import Reserve
from accord.tools.keys.settings import ServerSettings
from accord.tools.keys.store import KeyStore

__all__ = ["Ahead", "Pace"]

_PACE_S = 0.25
_FEWEST = 8  # keys in that time from which on it is worth while
_IDLE_S = 0.5
_PAUSE_S = 1.0
_LINE = 8192
Post = Callable[[str, Mapping[str, Any]], Awaitable[None]]


class Pace:
    """How many keys were asked for in the last quarter of a second."""

    def __init__(self) -> None:
        self._asked: deque[tuple[float, int]] = deque()
        self._sum = 0

    def note(self, number: int) -> int:
        """Count keys asked for now; return how many it were lately."""
        now = time.monotonic()
        self._asked.append((now, number))
        self._sum += number
        while self._asked[0][0] < now - _PACE_S:
            self._sum -= self._asked.popleft()[1]
        return self._sum


class _Line:
    """Keys of one master in the order in which they came for one slave, and how far they are opened."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.busy = False
        self._order: list[str] = []
        self._place: dict[str, int] = {}
        self._opened_to = 0

    def add(self, ids: Sequence[str]) -> None:
        if len(self._order) > _LINE:
            self._order = self._order[_LINE // 2 :]
            self._opened_to = max(0, self._opened_to - _LINE // 2)
            self._place = {name: at for at, name in enumerate(self._order)}
        self._place |= {name: at for at, name in enumerate(ids, len(self._order))}
        self._order += ids

    def following(self, name: str, number: int) -> list[str]:
        """Return those to open next after one was fetched; none while enough are."""
        at = self._place.get(name)
        if at is None or self._opened_to - at - 1 > number // 2:
            return []
        begin, self._opened_to = max(at + 1, self._opened_to), at + 1 + number
        return self._order[begin : self._opened_to]

    def close(self) -> None:
        self._opened_to = 0


class Ahead:
    """Reserves and opens keys in the background.

    Parameters
    ----------
    settings : ServerSettings
    store : KeyStore
    reserve : Reserve
    post : callable
        Sends a peer a commit; raises `HttpError` when it is not accepted.
    """

    def __init__(self, settings: ServerSettings, store: KeyStore, reserve: Reserve, post: Post) -> None:
        self._settings, self._store, self._reserve, self._post = settings, store, reserve, post
        self._paces: dict[tuple[str, str, int], Pace] = {}
        self._refills: dict[str, asyncio.Task[None]] = {}
        self._not_before: dict[str, float] = {}
        self._lines: dict[str, dict[str, _Line]] = {}  # slave, master
        self._open: dict[str, set[str]] = {}
        self._fetched: dict[str, float] = {}
        self._closings: dict[str, int] = {}
        self._watched: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------ masters

    async def take(
        self, number: int, *, master: str, slave: str, peer: str, bits: int, quota_bit: int | None
    ) -> tuple[list[tuple[str, bytes]], bool] | None:
        """Return keys set aside for a master, None when there are not enough; see to the next ones."""
        most = min(self._settings.most_keys_reserved, self._settings.most_keys_per_request)
        if 4 * number > most:
            return None
        pace = self._paces.setdefault((master, slave, bits), Pace()).note(number)

        def got() -> tuple[list[tuple[str, bytes]], bool] | None:
            return self._reserve.take(
                number, master=master, slave=slave, bits=bits, quota_bit_per_hour=quota_bit
            )

        found = got()
        if found is None and peer in self._refills:
            await self.quiet(peer)
            found = got()
        wanted = min(most, pace)
        if (
            wanted >= _FEWEST
            and peer not in self._refills
            and time.monotonic() > self._not_before.get(peer, 0.0)
        ):
            left = self._reserve.left(master, slave, bits)
            if quota_bit is not None:
                wanted = min(wanted, (quota_bit - self._store.used(master)) // bits - left)
            if 2 * left < wanted:
                self._refills[peer] = self._spawn(self._refill(wanted, master, slave, peer, bits))
        return found

    async def quiet(self, peer: str) -> None:
        """Wait for a reservation that is under way: what is drawn later must not reach the peer earlier."""
        if peer in self._refills:
            await asyncio.wait([self._refills[peer]])

    async def _refill(self, number: int, master: str, slave: str, peer: str, bits: int) -> None:
        try:
            await self._laid_up(number, master, slave, peer, bits)
        except HttpError:
            self._not_before[peer] = time.monotonic() + _PAUSE_S
        finally:
            del self._refills[peer]

    async def _laid_up(self, number: int, master: str, slave: str, peer: str, bits: int) -> None:
        ids, lifetime_s = [str(uuid.uuid4()) for _ in range(number)], 3600.0 * self._settings.lifetime_h
        given = None
        if self._settings.source == "simulated":
            given = secrets.token_bytes(number * bits // 8)
        _, pieces = self._reserve.lay_up(
            ids,
            given,
            size=bits // 8,
            peer=peer,
            master=master,
            slave=slave,
            until=time.time() + lifetime_s / 2.0,  # so that the slave has as long again
        )
        message: dict[str, Any] = {"key_IDs": ids, "master": master, "bits": bits, "slaves": [slave]}
        if given is None:
            message["pieces"] = [[p.chunk, p.start, p.count] for p in pieces]
        else:
            message |= {"simulated": True, "keys": b64encode(given).decode()}
        try:
            await self._store.disk.settled()  # used up here, on disk, before the peer hears which
            await self._post(peer, message)
        except HttpError:
            self._reserve.drop(ids)
            raise
        self._reserve.ready(ids)

    # ------------------------------------------------------------------ slaves

    def accepted(self, ids: Sequence[str], master: str, slaves: Sequence[str]) -> None:
        """Note keys that came for slaves here, in their order."""
        for sae in slaves:
            self._lines.setdefault(sae, {}).setdefault(master, _Line()).add(ids)

    def covered(self, ids: Sequence[str], sae: str) -> bool:
        """Return whether all keys may be given to a slave without a wait."""
        return self._open.get(sae, set()).issuperset(ids)

    def fetched(self, ids: Sequence[str], sae: str, master: str) -> None:
        """Note what a slave got; see to the next ones."""
        self._open.get(sae, set()).difference_update(ids)
        self._fetched[sae] = time.monotonic()
        line = self._lines.get(sae, {}).get(master)
        if line is None or not self._store.disk.power:
            return
        wanted = min(self._settings.most_keys_opened, line.pace.note(len(ids)) // 2)
        if not line.busy and 2 * wanted >= _FEWEST:
            following = line.following(ids[-1], wanted)
            if following:
                line.busy = True
                self._spawn(self._opening(following, sae, line))

    async def _opening(self, ids: list[str], sae: str, line: _Line) -> None:
        try:
            if len(self._open.get(sae, ())) + len(ids) > 2 * self._settings.most_keys_opened:
                self._close(sae)  # many that were passed over: they would be burnt for nothing
            closings = self._closings.get(sae, 0)
            found = self._reserve.open(ids, sae)
            await self._store.disk.settled()
        except HttpError:
            return
        finally:
            line.busy = False
        if closings != self._closings.get(sae, 0):
            return  # what was noted has been taken back meanwhile
        self._open.setdefault(sae, set()).update(found)
        if sae not in self._watched:
            self._watched.add(sae)
            self._spawn(self._watch(sae))

    async def _watch(self, sae: str) -> None:
        """Close what is open for a slave once it fetches no more."""
        while time.monotonic() - self._fetched[sae] < _IDLE_S:
            await asyncio.sleep(_IDLE_S)
        self._watched.discard(sae)
        for line in self._lines[sae].values():
            line.close()
        with suppress(HttpError):
            self._close(sae)
            await self._store.disk.settled()

    def _close(self, sae: str) -> None:
        self._open.pop(sae, None)
        self._closings[sae] = self._closings.get(sae, 0) + 1
        self._reserve.shut(sae)
