"""What a key management entity does with a request, apart from how it arrives.

A key is the peer's before it is the master's: reserve here, commit here and there, then answer. Nothing is locked
while the network is waited for; when the peer stays silent the answer is 503 and the bytes reserved are lost, never
used again. Where an application asks often, the same is done for many keys before they are asked for (see `ahead`).
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from accord.tools.keys.ahead import Ahead
from accord.tools.keys.api import KeyRequest, container, key_ids, key_request
from accord.tools.keys.chunks import Piece
from accord.tools.keys.http import HttpError, Request, strict_json
from accord.tools.keys.peer import PeerError, PeerLink
from accord.tools.keys.reserve import Reserve
from accord.tools.keys.settings import ServerSettings
from accord.tools.keys.store import KeyStore

__all__ = ["COMMIT_PATH", "FORGET_PATH", "Service"]

_MOST_FORGOTTEN = 1000
COMMIT_PATH, FORGET_PATH = "/kme/v1/commit", "/kme/v1/forget"


class Service:
    """One entity.

    Parameters
    ----------
    settings : ServerSettings
    store : KeyStore
    reserve : Reserve
        Of that store.
    links : mapping
        To each peer by name.
    """

    def __init__(
        self, settings: ServerSettings, store: KeyStore, reserve: Reserve, links: Mapping[str, PeerLink]
    ) -> None:
        self._settings, self._store, self._links, self._reserve = settings, store, links, reserve
        self._home = {sae: name for name, peer in settings.peers.items() for sae in peer.saes}
        self._home |= dict.fromkeys(settings.saes, "")
        self.ahead = Ahead(settings, store, reserve, lambda peer, body: links[peer].post(COMMIT_PATH, body))

    def begin(self) -> None:
        """Take up what an earlier life of this entity left; see `Reserve.begin`."""
        self._reserve.begin(self._home)

    async def end(self) -> None:
        """Leave nothing in doubt."""
        await self.ahead.stop()
        self._reserve.end()

    def retire(self) -> None:
        """Give up keys that were reserved too long ago."""
        self._reserve.retire()

    async def tell(self) -> bool:
        """Tell peers which keys to forget; return whether all have heard."""
        done = True
        for peer, ids in self._reserve.notices().items():
            for at in range(0, len(ids), _MOST_FORGOTTEN):
                some = ids[at : at + _MOST_FORGOTTEN]
                try:
                    if peer in self._links:
                        await self._links[peer].post(FORGET_PATH, {"key_IDs": some})
                    self._reserve.told(some)
                except HttpError:
                    done = False
                    break
        return done

    @property
    def simulated(self) -> bool:
        """Whether keys come without a quantum link."""
        return self._settings.source == "simulated"

    def status(self, sae: str, slave: str) -> dict[str, Any]:
        """Return the status of the keys that an application shares with another."""
        settings, home = self._settings, self._known(slave)
        body: dict[str, Any] = {
            "source_KME_ID": settings.kme,
            "target_KME_ID": home or settings.kme,
            "master_SAE_ID": sae,
            "slave_SAE_ID": slave,
            "key_size": settings.key_size_bit,
            "stored_key_count": self._stored(home),
            "max_key_count": settings.most_keys_waiting,
            "max_key_per_request": settings.most_keys_per_request,
            "max_key_size": settings.largest_key_bit,
            "min_key_size": settings.smallest_key_bit,
            "max_SAE_ID_count": settings.most_slaves,
        }
        extension: dict[str, Any] = {}
        if self.simulated or self._store.holds_simulated():
            extension["simulated"] = True
        reserved = self._reserve.left(sae, slave, settings.key_size_bit)
        body["stored_key_count"] = min(settings.most_keys_waiting, body["stored_key_count"] + reserved)
        for name, number in (("reserved_keys", reserved), ("burnt_keys", self._reserve.burnt(sae))):
            if number:
                extension[name] = number
        if extension:
            body["status_extension"] = extension
        return body

    def _stored(self, home: str) -> int:
        most = self._settings.most_keys_waiting
        if self.simulated or not home:
            return most
        return min(most, 8 * self._store.bytes_left(home) // self._settings.key_size_bit)

    def _known(self, sae: str) -> str:
        """Return where an application is served; empty for here."""
        if sae not in self._home:
            raise HttpError(400, "the SAE named is not known")
        return self._home[sae]

    async def enc_keys(self, sae: str, slave: str, request: Request) -> dict[str, Any]:
        """Return fresh keys to a master."""
        settings = self._settings
        wanted = key_request(
            request,
            size=settings.key_size_bit,
            smallest=settings.smallest_key_bit,
            largest=settings.largest_key_bit,
            most=settings.most_keys_per_request,
        )
        slaves = (slave, *wanted.additional)
        self._admit(sae, slaves, wanted)
        places: dict[str, list[str]] = {}
        for name in slaves:
            places.setdefault(self._known(name), []).append(name)
        local = places.pop("", [])
        for peer in places:
            if len(slaves) == 1:
                found = await self.ahead.take(
                    wanted.number,
                    master=sae,
                    slave=slave,
                    peer=peer,
                    bits=wanted.size,
                    quota_bit=self._quota_bit(sae),
                )
                if found is not None:
                    return container(found[0], simulated=found[1])
            await self.ahead.quiet(peer)
        ids = [str(uuid.uuid4()) for _ in range(wanted.number)]
        if len(places) > 1 and not self.simulated:
            raise HttpError(503, "slaves at more than one other place need a relay, which is not there")
        try:
            material, simulated = await self._issue(ids, places, local, wanted, sae)
        except PeerError:
            self._store.withdraw(ids, master=sae)
            raise
        size = wanted.size // 8
        keys = [(name, material[i * size : (i + 1) * size]) for i, name in enumerate(ids)]
        return container(keys, simulated=simulated)

    async def _issue(
        self,
        ids: list[str],
        places: Mapping[str, list[str]],
        local: list[str],
        wanted: KeyRequest,
        master: str,
    ) -> tuple[bytes, bool]:
        """Return the material of new keys, and whether it is simulated, once every place has recorded it."""
        message = {"key_IDs": ids, "master": master, "bits": wanted.size}

        def recorded(material: bytes | None) -> tuple[bytes, list[Piece], bool]:
            return self._store.hand_out(
                ids,
                material,
                size=wanted.size // 8,
                peer=next(iter(places), ""),
                master=master,
                local_slaves=local,
                simulated=self.simulated,
                ttl_s=3600.0 * self._settings.lifetime_h,
                quota_bit_per_hour=self._quota_bit(master),
            )

        if places and not self.simulated:  # shared key is used up here, on disk, before a peer hears which
            material, pieces, simulated = recorded(None)
            await self._store.disk.settled()
            message["pieces"] = [[p.chunk, p.start, p.count] for p in pieces]
            await self._told(message, places)
            return material, simulated
        material = secrets.token_bytes(wanted.number * wanted.size // 8)
        message |= {"simulated": True, "keys": b64encode(material).decode()}
        telling = asyncio.ensure_future(self._told(message, places))
        await asyncio.sleep(0)  # the messages leave, so that all places write at the same time
        try:
            recorded(material)
            await self._store.disk.settled()
        finally:
            await telling
        return material, self.simulated

    async def _told(self, message: Mapping[str, Any], places: Mapping[str, list[str]]) -> None:
        posts = [self._links[p].post(COMMIT_PATH, {**message, "slaves": saes}) for p, saes in places.items()]
        for outcome in await asyncio.gather(*posts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    def _quota_bit(self, sae: str) -> int | None:
        quota = self._settings.saes[sae].quota_kbit_per_hour
        return None if quota is None else 1000 * quota

    def _admit(self, sae: str, slaves: Sequence[str], wanted: KeyRequest) -> None:
        if len(slaves) - 1 > self._settings.most_slaves:
            raise HttpError(400, f"at most {self._settings.most_slaves} additional slave SAEs")
        if sae in slaves or len(set(slaves)) != len(slaves):
            raise HttpError(400, "an SAE is named twice among master and slaves")
        for name in slaves:
            self._known(name)
        quota = self._quota_bit(sae)
        if quota is not None and self._store.used(sae) + wanted.number * wanted.size > quota:
            raise HttpError(503, "the quota of this SAE is used up for this hour")
        for name in slaves:
            if name in self._settings.saes:
                self._has_room(name, wanted.number)

    def _has_room(self, sae: str, number: int) -> None:
        if self._store.waiting(sae) + number > self._settings.most_keys_waiting:
            raise HttpError(503, "too many keys wait for this slave SAE already")

    async def dec_keys(self, sae: str, master: str, request: Request) -> dict[str, Any]:
        """Return keys to a slave, once."""
        wanted = key_ids(request, most=self._settings.most_keys_per_request)
        self._known(master)
        covered = self.ahead.covered(wanted, sae)
        keys, simulated = self._store.collect(wanted, sae=sae, master=master)
        self.ahead.fetched(wanted, sae, master)
        if covered:
            self._reserve.mark()
        else:
            await self._store.disk.settled()
        return container(keys, simulated=simulated)

    async def forget(self, peer: str, request: Request) -> dict[str, Any]:
        """Give none of the keys out that a peer names."""
        message = strict_json(request.body)
        try:
            ids = [str(uuid.UUID(name)) for name in message["key_IDs"]]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise HttpError(400, "the message names no keys") from None
        if len(ids) > _MOST_FORGOTTEN:
            raise HttpError(400, f"at most {_MOST_FORGOTTEN} keys at once")
        self._reserve.forget(ids, peer, lambda master: self._home.get(master) == peer)
        await self._store.disk.settled()
        return {"forgotten": len(ids)}

    async def commit(self, peer: str, request: Request) -> dict[str, Any]:
        """Keep what a peer hands out to its application, for the slaves here."""
        message = strict_json(request.body)
        try:
            ids = [str(uuid.UUID(name)) for name in message["key_IDs"]]
            master, bits, slaves = (
                str(message["master"]),
                int(message["bits"]),
                [str(s) for s in message["slaves"]],
            )
            simulated = bool(message.get("simulated", False))
            material: bytes | list[Piece]
            if simulated:
                material = b64decode(message["keys"], validate=True)
                count = len(material)
            else:
                material = [Piece(chunk=str(c), start=int(s), count=int(n)) for c, s, n in message["pieces"]]
                count = sum(piece.count for piece in material)
        except (KeyError, TypeError, ValueError):
            raise HttpError(400, "the message is no commit") from None
        limits = self._settings
        if (
            not 1 <= len(ids) <= limits.most_keys_per_request
            or len(set(ids)) != len(ids)
            or 8 * count != bits * len(ids)
        ):
            raise HttpError(400, "the message contradicts itself")
        if self._home.get(master) != peer or not slaves or any(self._home.get(s) != "" for s in slaves):
            raise HttpError(400, "the SAEs named are not served there and here")
        if simulated != self.simulated:
            raise HttpError(503, "one of the two entities is simulated, the other is not")
        for sae in slaves:
            self._has_room(sae, len(ids))
        self._store.accept(
            peer,
            ids,
            material,
            master=master,
            slaves=slaves,
            simulated=simulated,
            ttl_s=3600.0 * limits.lifetime_h,
        )
        await self._store.disk.settled()
        self.ahead.accepted(ids, master, slaves)
        return {"accepted": len(ids)}
