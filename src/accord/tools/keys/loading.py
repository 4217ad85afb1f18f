"""From the pool that post-processing fills to the store that an entity serves from."""

from __future__ import annotations

from pathlib import Path

from accord.errors import AccordError, FileError
from accord.systems.qkd.postprocessing.pool import Pool
from accord.systems.qkd.vault import Vault
from accord.tools.keys.settings import ServerSettings
from accord.tools.keys.store import KeyStore

__all__ = ["load_pool", "open_store"]


def open_store(settings: ServerSettings, folder: Path) -> KeyStore:
    """Open the store that a settings file names."""
    power = settings.survives == "power loss"
    return KeyStore(folder / settings.store, Vault(folder / settings.sealing_key), power=power)


def load_pool(
    settings: ServerSettings, folder: Path, peer: str, pool: Path, sealing_key: Path
) -> tuple[int, int]:
    """Move delivered blocks into the store; return how many and their bytes.

    A block is stored before it is forgotten in the pool, under its name and only once, so that a crash between the
    two loses and doubles nothing.

    Raises
    ------
    accord.errors.AccordError
        When the peer is not known, or the entity is a simulated one.
    """
    if peer not in settings.peers:
        raise AccordError(f"{settings.kme} has no peer {peer!r}: expected one of {', '.join(settings.peers)}")
    if settings.source != "pool":
        raise AccordError(
            f"{settings.kme} serves {settings.source} keys: expected source: pool in its settings"
        )
    if not pool.is_file():
        raise FileError(f"{pool}: does not exist")
    store, counted = open_store(settings, folder), [0, 0]
    source = Pool(pool, Vault(sealing_key))

    def take(block: bytes, material: bytes, simulated: bool) -> None:
        if simulated and not settings.loopback:
            raise AccordError(
                f"block {block.hex()} is of a rehearsal: its simulated key is not loaded where others can fetch it"
            )
        if store.load(block, peer, material, first=settings.kme < peer, simulated=simulated):
            counted[0] += 1
            counted[1] += len(material)

    try:
        source.draw(take)
    finally:
        source.close()
        store.close()
    return counted[0], counted[1]
