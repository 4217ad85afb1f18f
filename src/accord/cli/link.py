"""``accord link``: from recorded detections to key in a pool, between two ends over a socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

__all__ = ["command"]

_FILE = click.Path(path_type=Path)


@click.group("link")
def command() -> None:
    """Distil key from recorded detections (decoy BB84) between two ends.

    A rehearsal: stage FOLDER, then distil as alice with --listen and as bob with --connect. What a fibre would give:
    budget.
    """


@command.command("budget")
@click.argument("length")
@click.option("--extra-loss", help="Connectors and filters, such as '2 dB'.")
@click.option("--along", type=click.IntRange(0), default=0, show_default=True, help="Data channels that way.")
@click.option("--against", type=click.IntRange(0), default=0, show_default=True, help="Data channels back.")
@click.option("--launch", default="0 dBm", show_default=True, help="Power of each data channel.")
@click.option("--filter", "filter_width", default="0.1 nm", show_default=True, help="Before the detectors.")
@click.option("--gate", default="0.5 ns", show_default=True, help="After each pulse.")
@click.option("--pulse-rate", default="1000 MHz", show_default=True)
@click.option("--block", type=float, default=1e7, show_default=True, help="Sifted detections.")
@click.option("--set", "devices", type=(str, float), multiple=True, help="An input and its value.")
def budget(
    length: str,
    extra_loss: str | None,
    along: int,
    against: int,
    launch: str,
    filter_width: str,
    gate: str,
    pulse_rate: str,
    block: float,
    devices: tuple[tuple[str, float], ...],
) -> None:
    """Say what a fibre of LENGTH ('40 km') would give: loss, noise by its cause, key and its ledger, as JSON."""
    from accord.cli.output import emit
    from accord.tools.link.budget import link_budget

    link: dict[str, Any] = {"length": length}
    if extra_loss is not None:
        link["extra_loss"] = extra_loss
    if along or against:
        link["classical"] = {
            "along": along,
            "against": against,
            "launch_power": launch,
            "filter": filter_width,
            "gate": gate,
        }
    emit("accord/link-budget/1", link_budget(link, dict(devices), pulse_rate=pulse_rate, block=block))


@command.command("stage")
@click.argument("folder", type=_FILE)
@click.option("--detections", type=click.IntRange(100), default=500_000, show_default=True)
@click.option(
    "--transmittance", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.3, show_default=True
)
@click.option("--misalignment", type=click.FloatRange(0.0, 0.5), default=0.005, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def stage(folder: Path, detections: int, transmittance: float, misalignment: float, seed: int) -> None:
    """Write one simulated block, its settings and stocked pools of both ends into a new FOLDER."""
    from accord.tools.link.distil import stage

    for path in stage(
        folder, detections=detections, transmittance=transmittance, misalignment=misalignment, seed=seed
    ):
        click.echo(str(path))


@command.command("pass")
@click.argument("folder", type=_FILE)
@click.option("--seconds", type=click.FloatRange(1.0, 3600.0), default=300.0, show_default=True)
@click.option("--altitude-km", type=click.FloatRange(200.0, 36000.0), default=500.0, show_default=True)
@click.option(
    "--top-deg", type=click.FloatRange(5.0, 90.0), default=80.0, show_default=True, help="Highest elevation."
)
@click.option("--pulse-rate-mhz", type=click.FloatRange(0.01, 1e4), default=100.0, show_default=True)
@click.option(
    "--aperture-m", type=click.FloatRange(0.05, 10.0), default=0.6, show_default=True, help="Of the station."
)
@click.option("--seed", type=int, default=0, show_default=True)
def stage_one_pass(
    folder: Path,
    seconds: float,
    altitude_km: float,
    top_deg: float,
    pulse_rate_mhz: float,
    aperture_m: float,
    seed: int,
) -> None:
    """Write one simulated satellite pass, photon by photon, as STAGE does, into a new FOLDER."""
    from accord.tools.link.distil import stage_pass

    for path in stage_pass(
        folder,
        seconds=seconds,
        altitude_km=altitude_km,
        top_elevation_deg=top_deg,
        pulse_rate_mhz=pulse_rate_mhz,
        aperture_m=aperture_m,
        seed=seed,
    ):
        click.echo(str(path))


@command.command("stock")
@click.argument("pool", type=_FILE)
@click.argument("sealing_key", type=_FILE)
@click.argument("shared", type=_FILE)
def stock(pool: Path, sealing_key: Path, shared: Path) -> None:
    """Fill a new POOL with authentication pads from SHARED, secret bytes that both ends were handed.

    The sealing key is made when it does not exist. Destroy SHARED afterwards.
    """
    from accord.systems.qkd.vault import create_sealing_key
    from accord.tools.link.distil import stock

    if not sealing_key.exists():
        create_sealing_key(sealing_key)
    click.echo(f"{stock(pool, sealing_key, shared)} pads in each direction")


@command.command("distil")
@click.argument("role", type=click.Choice(["alice", "bob"]))
@click.argument("agreement", type=_FILE)
@click.argument("pool", type=_FILE)
@click.argument("sealing_key", type=_FILE)
@click.argument("blocks", type=_FILE, nargs=-1)
@click.option("--listen", "listen", metavar="HOST:PORT", help="Wait for the other end here.")
@click.option("--connect", "connect", metavar="HOST:PORT", help="Connect to the other end.")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds."
)
def distil(
    role: str,
    agreement: Path,
    pool: Path,
    sealing_key: Path,
    blocks: tuple[Path, ...],
    listen: str | None,
    connect: str | None,
    timeout_s: float,
) -> None:
    """Distil BLOCKS (archives of this end) into POOL; the books of each go to standard output, one JSON a line."""
    import json

    from accord.tools.link.distil import distil
    from accord.tools.link.recording import read_agreement

    where = listen or connect
    if (listen is None) == (connect is None) or where is None:
        raise click.UsageError("one of --listen and --connect is expected")
    host, colon, port = where.rpartition(":")
    if not colon or not port.isdigit() or not host:
        raise click.UsageError(f"{where!r} is no HOST:PORT")
    books = distil(
        role,
        read_agreement(agreement),
        blocks,
        pool,
        sealing_key,
        host=host,
        port=int(port),
        listen=listen is not None,
        timeout_s=timeout_s,
        ready=lambda number: click.echo(f"listening on {host}:{number}", err=True),
        done=lambda found: click.echo(json.dumps(found.to_json(), allow_nan=False)),
    )
    if any(not found.key_bit for found in books):
        raise SystemExit(1)
