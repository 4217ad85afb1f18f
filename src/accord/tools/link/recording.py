"""Detections and sent pulses as files: one NumPy archive a block and end, checked when it is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import FileError
from accord.systems.qkd.postprocessing.books import Agreement
from accord.systems.qkd.postprocessing.rehearsal import Recorded
from accord.systems.qkd.postprocessing.sifting import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_agreement", "read_detections", "read_sent", "write_agreement", "write_arrays"]

_SENT = ("pulses", "pulse", "basis", "bit", "intensity")
_SEEN = ("pulses", "pulse", "basis", "bit")


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write an archive for its owner only: it holds raw key."""
    beside = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            np.savez(file, **arrays)
        beside.replace(path)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from error


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in names if name not in archive]
            if missing:
                raise FileError(f"{path}: array {missing[0]!r} is missing; expected {', '.join(names)}")
            found = {name: np.asarray(archive[name]) for name in names}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise FileError(f"{path}: is no archive of arrays: {error}") from error
    length = found["pulse"].shape
    for name in names[1:]:
        if found[name].shape != length or found[name].ndim != 1 or found[name].dtype.kind not in "iu":
            raise FileError(f"{path}: {name} of shape {found[name].shape}, {found[name].dtype}: expected "
                            f"whole numbers of shape {length}")  # fmt: skip
        top = {"pulse": 2**63 - 1, "intensity": 2}.get(name, 1)
        if found[name].size and not 0 <= int(found[name].min()) <= int(found[name].max()) <= top:
            raise FileError(f"{path}: {name} outside 0 to {top}")
    if found["pulses"].shape != () or found["pulses"].dtype.kind not in "iu" or int(found["pulses"]) < 0:
        raise FileError(f"{path}: pulses must be one whole number")
    return found


def read_detections(path: Path) -> Detections:
    """Read Bob's archive: ``pulses`` (sent in all), ``pulse`` (numbers seen, rising), ``basis``, ``bit``.

    Raises
    ------
    accord.errors.AccordError
        When an array is missing or cannot be.
    """
    found = _arrays(path, _SEEN)
    return Detections(
        pulses=int(found["pulses"]),
        pulse=found["pulse"].astype(np.uint64),
        basis=found["basis"].astype(np.uint8),
        bit=found["bit"].astype(np.uint8),
    )


def read_sent(path: Path) -> Recorded:
    """Read Alice's archive: as Bob's, of the pulses she still knows, with ``intensity`` (0, 1, 2).

    Raises
    ------
    accord.errors.AccordError
        When an array is missing or cannot be.
    """
    found = _arrays(path, _SENT)
    pulse = found["pulse"].astype(np.uint64)
    if len(pulse) and not (np.all(pulse[1:] > pulse[:-1]) and int(pulse[-1]) < int(found["pulses"])):
        raise FileError(f"{path}: pulse numbers must rise and lie below pulses")
    small = [found[name].astype(np.uint8) for name in ("basis", "bit", "intensity")]
    return Recorded(int(found["pulses"]), pulse, small[0], small[1], small[2])


def read_agreement(path: Path) -> Agreement:
    """Read the settings that both ends share.

    Raises
    ------
    accord.errors.AccordError
        When a key is unknown, missing or of the wrong kind.
    """
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    if not isinstance(body, dict):
        raise FileError(f"{path}: expected a mapping of settings")
    try:
        for name in ("intensities", "probabilities"):
            body[name] = tuple(float(v) for v in body[name])
            if len(body[name]) != 3:
                raise FileError(f"{path}: {name}: expected three numbers")
        if not isinstance(body.get("simulated", False), bool):
            raise FileError(f"{path}: simulated: expected true or false")
        for name in set(body) - {"intensities", "probabilities", "simulated"}:
            body[name] = (int if name in ("frame_bit", "frames_in_step") else float)(body[name])
        return Agreement(**body)
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(f"{path}: {error}") from error


def write_agreement(path: Path, agreement: Agreement) -> None:
    """Write the settings that both ends share."""
    import yaml

    body = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(agreement).items()}
    path.write_text(yaml.safe_dump(body, sort_keys=False), encoding="utf-8")
