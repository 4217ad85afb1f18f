"""What a key management entity does with a request, apart from how it arrives.

A key is the peer's before it is the master's: reserve here, commit here and there, then answer. Nothing is locked
while the network is waited for; when the peer stays silent the answer is 503 and the bytes reserved are lost, never
used again.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from accord.tools.keys.api import KeyRequest, container, key_ids, key_request
from accord.tools.keys.http import HttpError, Request, strict_json
from accord.tools.keys.peer import PeerError, PeerLink
from accord.tools.keys.settings import ServerSettings
from accord.tools.keys.store import KeyStore, Piece

__all__ = ["COMMIT_PATH", "Service"]

COMMIT_PATH = "/kme/v1/commit"


class Service:
    """One entity.

    Parameters
    ----------
    settings : ServerSettings
    store : KeyStore
    links : mapping
        To each peer by name.
    """

    def __init__(self, settings: ServerSettings, store: KeyStore, links: Mapping[str, PeerLink]) -> None:
        self._settings, self._store, self._links = settings, store, links
        self._home = {sae: name for name, peer in settings.peers.items() for sae in peer.saes}
        self._home |= dict.fromkeys(settings.saes, "")

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
        if self.simulated or self._store.holds_simulated():
            body["status_extension"] = {"simulated": True}
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
            message["pieces"] = [[p.chunk, p.start, p.count] for p in pieces]
            await self._told(message, places)
            return material, simulated
        material = secrets.token_bytes(wanted.number * wanted.size // 8)
        message |= {"simulated": True, "keys": b64encode(material).decode()}
        telling = asyncio.ensure_future(self._told(message, places))
        await asyncio.sleep(0)  # the messages leave, so that all places write at the same time
        try:
            recorded(material)
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

    def dec_keys(self, sae: str, master: str, request: Request) -> dict[str, Any]:
        """Return keys to a slave, once."""
        wanted = key_ids(request, most=self._settings.most_keys_per_request)
        self._known(master)
        keys, simulated = self._store.collect(wanted, sae=sae, master=master)
        return container(keys, simulated=simulated)

    def commit(self, peer: str, request: Request) -> dict[str, Any]:
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
        return {"accepted": len(ids)}
