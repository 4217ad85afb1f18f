"""``accord keys``: a key management entity and its client, from the first certificate to the first key."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

__all__ = ["command"]

_FILE = click.Path(path_type=Path)


@click.group("keys")
def command() -> None:
    """Serve and fetch keys over ETSI GS QKD 014 (mutual TLS).

    The way to a first key: init, serve (twice), get as the one application, get as the other.
    """


@command.command("init")
@click.argument("folder", type=_FILE)
@click.option("--source", type=click.Choice(["simulated", "pool"]), default="simulated", show_default=True)
@click.option("--ports", nargs=2, type=int, help="Of the two entities; free ones without it.")
def init(folder: Path, source: str, ports: tuple[int, int] | None) -> None:
    """Write an authority, two entities and two applications into a new FOLDER."""
    from accord.tools.keys.authority import initialise

    for path in initialise(folder, ports=ports or None, source=source):
        click.echo(str(path))


@command.command("serve")
@click.argument("settings", type=_FILE)
@click.option("--force", is_flag=True, help="Let other machines fetch simulated keys.")
def serve(settings: Path, force: bool) -> None:
    """Serve the entity that SETTINGS describes, until interrupted."""
    from accord.tools.keys.server import serve
    from accord.tools.keys.settings import ServerSettings, read_settings

    entity = read_settings(settings, ServerSettings)
    if entity.source == "simulated":
        click.echo(f"{entity.kme}: SIMULATED keys, which protect nothing", err=True)
    serve(
        entity,
        settings.parent,
        force=force,
        ready=lambda port: click.echo(f"{entity.kme}: listening on {entity.host}:{port}"),
    )


@command.command("status")
@click.argument("client", type=_FILE)
@click.argument("sae")
def status(client: Path, sae: str) -> None:
    """Say what keys the application of CLIENT could get to share with SAE, as JSON."""
    from accord.cli.output import emit
    from accord.tools.keys.client import KeyClient
    from accord.tools.keys.settings import ClientSettings, read_settings

    with KeyClient(read_settings(client, ClientSettings), client.parent) as service:
        emit("accord/keys-status/1", service.status(sae))


@command.command("get")
@click.argument("client", type=_FILE)
@click.argument("sae")
@click.option("-n", "--number", type=click.IntRange(1), default=1, show_default=True)
@click.option("--size", type=click.IntRange(8), help="Bits of a key.")
@click.option("--id", "ids", multiple=True, help="Fetch this key, which SAE got as the master.")
@click.option(
    "--from", "listed", type=click.File("r"), help="Fetch the keys listed in what SAE's get printed."
)
def get(
    client: Path,
    sae: str,
    number: int,
    size: int | None,
    ids: tuple[str, ...],
    listed: TextIO | None,
) -> None:
    """Print keys that the application of CLIENT shares with SAE, as an ETSI key container.

    New ones as the master; with --id or --from, those that SAE got, as the slave. The keys go to standard output and
    nowhere else.
    """
    import json

    from accord.errors import FileError
    from accord.tools.keys.api import container
    from accord.tools.keys.client import KeyClient
    from accord.tools.keys.settings import ClientSettings, read_settings

    wanted = list(ids)
    if listed is not None:
        try:
            wanted += [str(row["key_ID"]) for row in json.load(listed)["keys"]]
        except (ValueError, KeyError, TypeError):
            raise FileError(f"{listed.name}: is no key container") from None
    with KeyClient(read_settings(client, ClientSettings), client.parent) as service:
        keys = service.dec_keys(sae, wanted) if wanted else service.enc_keys(sae, number=number, size=size)
    simulated = any(key.simulated for key in keys)
    if simulated:
        click.echo("these keys are SIMULATED: they protect nothing", err=True)
    click.echo(json.dumps(container([(k.id, k.material) for k in keys], simulated=simulated), indent=1))


@command.command("load")
@click.argument("settings", type=_FILE)
@click.argument("peer")
@click.argument("pool", type=_FILE)
@click.argument("sealing_key", type=_FILE)
def load(settings: Path, peer: str, pool: Path, sealing_key: Path) -> None:
    """Move the key that post-processing delivered into POOL to the store of an entity, as shared with PEER."""
    from accord.tools.keys.loading import load_pool
    from accord.tools.keys.settings import ServerSettings, read_settings

    blocks, size = load_pool(
        read_settings(settings, ServerSettings), settings.parent, peer, pool, sealing_key
    )
    click.echo(f"{blocks} blocks, {size} bytes loaded")


@command.command("audit")
@click.argument("settings", type=_FILE)
def audit(settings: Path) -> None:
    """Check the audit chain of an entity; write the last hash down elsewhere to notice a chain cut short."""
    from accord.tools.keys.loading import open_store
    from accord.tools.keys.settings import ServerSettings, read_settings

    store = open_store(read_settings(settings, ServerSettings), settings.parent)
    count, last = store.audit_chain()
    store.close()
    click.echo(f"{count} entries, unbroken; last hash {last}")
