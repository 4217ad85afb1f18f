"""One end of post-processing as a process: connect or listen, greet, distil the blocks given."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from accord.errors import AccordError, FileError
from accord.systems.qkd.link import Receiver
from accord.systems.qkd.postprocessing.alice import Alice
from accord.systems.qkd.postprocessing.bob import Bob
from accord.systems.qkd.postprocessing.books import Agreement, Books
from accord.systems.qkd.postprocessing.pool import Pool
from accord.systems.qkd.postprocessing.rehearsal import Recorded, rehearse
from accord.systems.qkd.postprocessing.sifting import Detections
from accord.systems.qkd.postprocessing.wire import Channel
from accord.systems.qkd.vault import Vault, create_sealing_key
from accord.tools.link.recording import read_detections, read_sent, write_agreement, write_arrays

__all__ = ["distil", "stage", "stage_pass", "stock"]

_AGREEMENT = Agreement(
    intensities=(0.6, 0.2, 2e-4), probabilities=(0.4, 0.4, 0.2), key_basis_probability=0.6, simulated=True
)


def distil(
    role: str,
    agreement: Agreement,
    files: Sequence[Path],
    pool_file: Path,
    sealing_key: Path,
    *,
    host: str,
    port: int,
    listen: bool,
    timeout_s: float = 30.0,
    ready: Callable[[int], None] | None = None,
    done: Callable[[Books], None] | None = None,
) -> list[Books]:
    """Distil the blocks of the files into the pool and return their books.

    Parameters
    ----------
    role : {"alice", "bob"}
    files : sequence of Path
        One archive a block; none to settle only what is in doubt.
    ready, done : callable, optional
        Called with the port once this end listens, and with the books of each block.

    Raises
    ------
    accord.errors.AccordError
        When the line or the other end fails; a block is then on both ends or will be on neither.
    """
    data = [read_sent(path) if role == "alice" else read_detections(path) for path in files]
    pool = Pool(pool_file, Vault(sealing_key))
    try:
        with _line(host, port, listen, timeout_s, ready) as stream:
            end = (Alice if role == "alice" else Bob)(Channel(stream, timeout_s=timeout_s), pool, agreement)
            end.greet()
            found = []
            for block in data:
                found.append(end.block(block))  # type: ignore[arg-type]
                if done is not None:
                    done(found[-1])
            return found
    finally:
        pool.close()


def _line(
    host: str, port: int, listen: bool, timeout_s: float, ready: Callable[[int], None] | None
) -> socket.socket:
    try:
        if not listen:
            return socket.create_connection((host, port), timeout_s)
        with socket.create_server((host, port)) as door:
            door.settimeout(timeout_s)
            if ready is not None:
                ready(int(door.getsockname()[1]))
            return door.accept()[0]
    except OSError as error:
        what = (
            "nobody connected in time"
            if isinstance(error, TimeoutError) and listen
            else error.strerror or error
        )
        raise AccordError(f"{host}:{port}: {what}") from None


def stock(pool_file: Path, sealing_key: Path, shared: Path) -> int:
    """Fill a new pool from a file of secret bytes that both ends were handed; return the pads of each direction.

    Raises
    ------
    accord.errors.AccordError
        When the file is too short or the pool was stocked before.
    """
    try:
        material = shared.read_bytes()
    except OSError as error:
        raise FileError(f"{shared}: cannot be read: {error.strerror}") from error
    pool = Pool(pool_file, Vault(sealing_key))
    try:
        return pool.stock(material)
    finally:
        pool.close()


def stage(
    folder: Path, *, detections: int, transmittance: float, misalignment: float, seed: int
) -> list[Path]:
    """Write a rehearsal into a new folder: settings, both ends' records of one simulated block, stocked pools.

    The block is seeded and repeatable: settings, books and key carry the flag ``simulated``.

    Raises
    ------
    accord.errors.FileError
        When the folder holds something already.
    """
    _new(folder)
    receiver = Receiver(
        efficiency=np.array(0.2),
        dark_probability=np.array(6e-7),
        afterpulse_probability=np.array(0.02),
        misalignment=np.array(misalignment),
    )
    sender, seen = rehearse(detections, transmittance, _AGREEMENT.protocol(), receiver, seed)
    return _written(folder, _AGREEMENT, sender, seen)


def stage_pass(
    folder: Path,
    *,
    seconds: float,
    altitude_km: float,
    top_elevation_deg: float,
    pulse_rate_mhz: float,
    aperture_m: float,
    seed: int,
) -> list[Path]:
    """Write a rehearsal of one satellite pass into a new folder, its photons drawn one by one.

    Devices are the medians of the system's usual spreads, the sky a dark one, the sender's settings the best for the
    pass; otherwise as `stage`.

    Raises
    ------
    accord.errors.AccordError
        When the folder holds something already, or the pass is below the horizon.
    """
    from accord.systems.qkd.photons import record_photons
    from accord.systems.qkd.satellite.passing import pass_of

    _new(folder)
    stretch, protocol = pass_of(
        seconds=seconds,
        altitude_km=altitude_km,
        top_elevation_deg=top_elevation_deg,
        pulse_rate_mhz=pulse_rate_mhz,
        aperture_m=aperture_m,
        seed=seed,
    )
    agreement = Agreement(
        intensities=_three(protocol.intensities),
        probabilities=_three(protocol.probabilities),
        key_basis_probability=protocol.key_basis_probability,
        simulated=True,
    )
    return _written(folder, agreement, *record_photons(stretch, agreement.protocol(), seed))


def _three(values: Iterable[float]) -> tuple[float, float, float]:
    first, second, third = (float(v) for v in values)
    return first, second, third


def _new(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileError(f"{folder}: is not empty; expected a new folder")


def _written(folder: Path, agreement: Agreement, sender: Recorded, seen: Detections) -> list[Path]:
    basis, bit, intensity = sender.settings(seen.pulse)
    write_agreement(folder / "agreement.yaml", agreement)
    both = {"pulses": np.int64(seen.pulses), "pulse": seen.pulse}
    write_arrays(folder / "alice.npz", {**both, "basis": basis, "bit": bit, "intensity": intensity})
    write_arrays(folder / "bob.npz", {**both, "basis": seen.basis, "bit": seen.bit})
    shared = secrets.token_bytes(32 * 65)
    for role in ("alice", "bob"):
        create_sealing_key(folder / f"{role}.kek")
        pool = Pool(folder / f"{role}.db", Vault(folder / f"{role}.kek"))
        pool.stock(shared)
        pool.close()
    return [folder / name for name in ("agreement.yaml", "alice.npz", "bob.npz", "alice.db", "bob.db")]
