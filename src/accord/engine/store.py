"""The run folder: written beside its place as ``NAME.part``, renamed when finished, resumable until then.

::

    manifest.json      hashes, versions, seed, members: the same bytes for the same run
    host.json          where and when it ran: the only volatile file beside events.jsonl
    programme/         the programme file and the files it names
    draws/             columns.json, members.npy (n x columns)
    events.jsonl       what happened, in order
    systems/NAME/      status.json (written last), outputs/*.npy, prepared/
    scalars.json       P10, P50, P90 and mean of every scalar output
    scenarios.json     what each scenario does to each claim; growth.json the sizes that the ensemble had
    ledger.json, dossier.html, tables/, figures/
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.engine.mappings import read_json, write_bytes, write_json
from accord.engine.records import Draws, Status
from accord.errors import FileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RunFolder", "is_run"]


def is_run(path: Path) -> bool:
    """Tell whether a folder is a run, finished or not."""
    return (path / "manifest.json").is_file() and (path / "programme").is_dir()


class RunFolder:
    """One run on disk.

    Parameters
    ----------
    final : Path
        Where the finished run will stand.
    """

    def __init__(self, final: Path) -> None:
        self.final = final
        self.part = final.with_name(final.name + ".part")

    @classmethod
    def find(cls, path: Path) -> RunFolder:
        """Return the run at a path that may be given with or without ``.part``.

        Raises
        ------
        FileError
            When no run is there.
        """
        plain = path.with_name(path.name.removesuffix(".part"))
        found = cls(plain)
        if not is_run(found.here):
            raise FileError(f"{path}: not a run folder: expected manifest.json and programme/ in it")
        return found

    @property
    def here(self) -> Path:
        """Where the files are now."""
        return self.part if self.part.exists() else self.final

    @property
    def finished(self) -> bool:
        """True when the run was completed and renamed."""
        return not self.part.exists() and is_run(self.final)

    def create(self, *, overwrite: bool = False) -> None:
        """Make the folder; a finished run is in the way unless `overwrite`.

        Raises
        ------
        FileError
            When something else stands there, or the parent cannot be written.
        """
        if self.final.exists() and not (overwrite and is_run(self.final)):
            kind = "a finished run stands there: choose another --out, or add --overwrite"
            raise FileError(
                f"{self.final}: {kind if is_run(self.final) else 'exists and is not a run folder'}"
            )
        if self.part.exists():
            if not is_run(self.part) and any(self.part.iterdir()):
                raise FileError(f"{self.part}: exists and is not a run folder")
            shutil.rmtree(self.part)
        try:
            self.part.mkdir(parents=True)
        except OSError as error:
            raise FileError(f"{self.part}: cannot be made: {error.strerror}") from error

    def restart(self) -> None:
        """Drop draws and results, so that the same programme can be run with other members."""
        for name in ("draws", "systems"):
            shutil.rmtree(self.part / name, ignore_errors=True)

    def save_programme(self, files: Mapping[str, bytes]) -> None:
        """Keep the programme file and the files it names, by relative path."""
        for name, content in files.items():
            write_bytes(self.part / "programme" / name, content)

    def save_draws(self, draws: Draws, units: Mapping[str, str]) -> None:
        """Write all columns as one array."""
        names = list(draws.columns)
        matrix = np.stack([draws.columns[c] for c in names], axis=1) if names else np.zeros((draws.n, 0))
        write_bytes(self.part / "draws" / "members.npy", _npy(matrix))
        head = {
            "columns": [{"name": c, "unit": units[c]} for c in names],
            "n": draws.n,
            "seed": draws.seed,
            "replicates": draws.replicates,
        }
        write_json(self.part / "draws" / "columns.json", head)

    def save_system(
        self,
        name: str,
        status: Status,
        outputs: Mapping[str, NDArray[np.float64]],
        failures: Mapping[int, str],
    ) -> None:
        """Write one system's results; the status comes last and marks it as done."""
        folder = self.part / "systems" / name
        for key, value in outputs.items():
            write_bytes(folder / "outputs" / f"{key}.npy", _npy(value))
        body = {
            "state": status.state,
            "reason": status.reason,
            "failed_members": status.failed_members,
            "outputs": sorted(outputs),
            "failures": {str(k): v for k, v in sorted(failures.items())},
        }
        write_json(folder / "status.json", body)

    def load_system(self, name: str) -> tuple[Status, dict[str, NDArray[np.float64]], dict[int, str]] | None:
        """Return one system's results, or None when it is not done; damaged ones count as not done."""
        folder = self.here / "systems" / name
        try:
            body = read_json(folder / "status.json")
            outputs = {
                k: np.load(folder / "outputs" / f"{k}.npy", allow_pickle=False) for k in body["outputs"]
            }
        except (FileError, OSError, ValueError, KeyError, EOFError):  # numpy ends an empty file with EOFError
            return None
        status = Status(state=body["state"], reason=body["reason"], failed_members=body["failed_members"])
        return status, outputs, {int(k): v for k, v in body["failures"].items()}

    def finish(self) -> None:
        """Rename the folder to its final place."""
        if self.final.exists():
            shutil.rmtree(self.final)
        self.part.replace(self.final)

    def write(self, name: str, value: Any) -> None:
        """Write one JSON file of the run."""
        write_json(self.part / name, value)

    def read(self, name: str) -> Any:
        """Read one JSON file of the run."""
        return read_json(self.here / name)


def _npy(array: NDArray[np.float64]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()
