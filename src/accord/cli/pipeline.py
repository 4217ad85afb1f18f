"""The main job, as the commands share it: file in, run folder with ledger and dossier out."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.engine.mappings import named_files
from accord.engine.store import RunFolder
from accord.errors import FileError

if TYPE_CHECKING:
    from accord.engine.events import Event
    from accord.engine.records import Draws, Plan, Run
    from accord.evidence.ledger import Ledger
    from accord.programme.loader import Loaded

__all__ = ["Done", "Request", "default_folder", "finish", "reopen", "resume", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked for; absent numbers come from the file."""

    file: Path
    members: int | None = None
    seed: int | None = None
    jobs: int = 1
    out: Path | None = None
    scenario: str = ""
    overwrite: bool = False
    chunk: int | None = None
    use_cache: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run."""

    run: Run
    ledger: Ledger
    folder: Path
    dossier: Path


def default_folder(loaded: Loaded) -> Path:
    """Return ``runs/<time>-<programme>-<hash>`` beneath the working folder."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%dT%H%M%S")
    return Path("runs") / f"{stamp}-{loaded.programme.id}-{loaded.text_hash[:8]}"


def start(request: Request, on_event: Callable[[Event], None] | None = None) -> Done:
    """Run a programme file from the beginning."""
    from accord.engine.draw import draw
    from accord.engine.plan import plan
    from accord.programme.loader import load

    loaded = load(request.file, scenario=request.scenario)
    wired = plan(loaded)
    ensemble = loaded.programme.ensemble
    folder = RunFolder((request.out or default_folder(loaded)).absolute())
    folder.create(overwrite=request.overwrite)
    files = {loaded.path.name: loaded.path.read_bytes()}
    files |= named_files(loaded.programme.model_dump(mode="json", by_alias=True), loaded.folder)
    folder.save_programme(files)
    host = {
        "jobs": request.jobs,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
    }
    folder.write("host.json", host)
    draws = draw(
        wired,
        request.members or ensemble.members,
        ensemble.seed if request.seed is None else request.seed,
        ensemble.replicates,
    )
    return _complete(wired, draws, folder, request, on_event)


def resume(path: Path, request: Request, on_event: Callable[[Event], None] | None = None) -> Done:
    """Go on with an interrupted run; what was finished is taken as it is.

    Raises
    ------
    FileError
        When there is no such run, or the kept programme is not the one it was begun with.
    """
    from accord.engine.draw import draw

    folder = RunFolder.find(path.absolute())
    if folder.finished:
        return reopen(path)
    manifest = folder.read("manifest.json")
    wired = _plan_kept(folder, manifest)
    draws = draw(wired, manifest["members"], manifest["seed"], manifest["replicates"])
    return _complete(wired, draws, folder, request, on_event)


def reopen(path: Path) -> Done:
    """Read a finished run, judge it again, and say where its dossier is."""
    from accord.engine.results import load_run
    from accord.evidence.judge import judge

    folder = RunFolder.find(path.absolute())
    if not folder.finished:
        raise FileError(f"{path}: the run is not finished: go on with `accord resume {path}`")
    run = load_run(_plan_kept(folder, folder.read("manifest.json")), folder)
    return Done(run, judge(run), folder.final, folder.final / "dossier.html")


def _plan_kept(folder: RunFolder, manifest: Mapping[str, Any]) -> Plan:
    from accord.engine.plan import plan
    from accord.programme.loader import load

    kept = folder.here / "programme"
    for candidate in sorted(kept.glob("*.y*ml")):
        loaded = load(candidate, scenario=manifest["scenario"])
        if loaded.text_hash == manifest["programme"]["blake2b"]:
            return plan(loaded)
    raise FileError(f"{kept}: the programme kept with the run was changed: start a new run instead")


def _complete(
    wired: Plan, draws: Draws, folder: RunFolder, request: Request, on_event: Callable[[Event], None] | None
) -> Done:
    from accord.engine.chunks import CHUNK
    from accord.engine.execute import Options, run

    options = Options(
        jobs=request.jobs, chunk=request.chunk or CHUNK, use_cache=request.use_cache, on_event=on_event
    )
    executed = run(wired, draws, folder=folder, options=options)
    return finish(executed, folder)


def finish(executed: Run, folder: RunFolder) -> Done:
    """Judge a run, write ledger and dossier into its folder, and give the folder its final name."""
    from accord.dossier.build import build
    from accord.evidence.judge import judge
    from accord.evidence.ledger import to_json

    ledger = judge(executed)
    folder.write("ledger.json", to_json(ledger))
    kinds = {node.kind for node in executed.plan.nodes.values() if node.system is not None}
    build(executed, ledger, folder.here, validations=validations(sorted(kinds)))
    if folder.part.exists():
        folder.finish()
    return Done(executed, ledger, folder.final, folder.final / "dossier.html")


def validations(kinds: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the outcome of each system's published cases, slow ones left to the test suite; kept by code hash."""
    from accord.contract.validation import Outcome
    from accord.engine.cache import code_hash, fetch, keep
    from accord.systems import validate

    table: dict[str, list[dict[str, Any]]] = {}
    for kind in kinds:
        key = f"validation-{kind}-{code_hash(kind)}"
        kept = fetch(key)
        if kept is None:
            kept = {"outcomes": [asdict(outcome) for outcome in validate(kind, slow=False)]}
            keep(key, kept)
        # in the declared order, whether computed or kept: the dossier's bytes must not tell which
        table[kind] = [{f.name: row[f.name] for f in fields(Outcome)} for row in kept["outcomes"]]
    return table
