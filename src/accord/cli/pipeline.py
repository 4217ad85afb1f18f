"""The main job, as the commands share it: file in, run folder with ledger and dossier out."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.engine.mappings import named_files
from accord.engine.store import RunFolder
from accord.errors import FileError

if TYPE_CHECKING:
    from accord.engine.events import Event
    from accord.engine.execute import Options
    from accord.engine.records import Draws, Run
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
    tolerance: float | None = None
    scenarios: bool = True


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
    seed = ensemble.seed if request.seed is None else request.seed
    target = {
        "tolerance": ensemble.tolerance if request.tolerance is None else request.tolerance,
        "most": ensemble.most,
        "scenarios": request.scenarios and not request.scenario,
    }
    draws = draw(wired, request.members or ensemble.members, seed, ensemble.replicates)
    return _complete(loaded, draws, folder, request, on_event, {**target, "sizes": []})


def resume(path: Path, request: Request, on_event: Callable[[Event], None] | None = None) -> Done:
    """Go on with an interrupted run; what was finished is taken as it is.

    Raises
    ------
    FileError
        When there is no such run, or the kept programme is not the one it was begun with.
    """
    from accord.engine.draw import draw
    from accord.engine.plan import plan

    folder = RunFolder.find(path.absolute())
    if (folder.here / "study.json").is_file():
        raise FileError(f"{path}: a sensitivity study: give the command that began it again, and it goes on")
    if folder.finished:
        return reopen(path)
    manifest = folder.read("manifest.json")
    loaded = _kept(folder, manifest)
    draws = draw(plan(loaded), manifest["members"], manifest["seed"], manifest["replicates"])
    return _complete(loaded, draws, folder, request, on_event, folder.read("growth.json"))


def reopen(path: Path) -> Done:
    """Read a finished run, judge it again, and say where its dossier is."""
    from accord.engine.plan import plan
    from accord.engine.results import load_run
    from accord.evidence.judge import judge

    folder = RunFolder.find(path.absolute())
    if (folder.here / "study.json").is_file():
        raise FileError(f"{path}: a sensitivity study, not a run of a whole programme")
    if not folder.finished:
        raise FileError(f"{path}: the run is not finished: go on with `accord resume {path}`")
    run = load_run(plan(_kept(folder, folder.read("manifest.json"))), folder)
    return Done(run, _told(judge(run), folder), folder.final, folder.final / "dossier.html")


def _kept(folder: RunFolder, manifest: Mapping[str, Any]) -> Loaded:
    from accord.programme.loader import load

    kept = folder.here / "programme"
    for candidate in sorted(kept.glob("*.y*ml")):
        loaded = load(candidate, scenario=manifest["scenario"])
        if loaded.text_hash == manifest["programme"]["blake2b"]:
            return loaded
    raise FileError(f"{kept}: the programme kept with the run was changed: start a new run instead")


def _complete(
    loaded: Loaded,
    draws: Draws,
    folder: RunFolder,
    request: Request,
    on_event: Callable[[Event], None] | None,
    growth: dict[str, Any],
) -> Done:
    """Run, with ever more members while the file's tolerance asks for them, then the scenarios."""
    from accord.engine.chunks import CHUNK
    from accord.engine.draw import draw
    from accord.engine.execute import Options, run
    from accord.engine.plan import plan
    from accord.evidence.convergence import widest

    options = Options(
        jobs=request.jobs, chunk=request.chunk or CHUNK, use_cache=request.use_cache, on_event=on_event
    )
    wired, tolerance = plan(loaded), growth["tolerance"]
    while True:
        # an interrupt may have come between two sizes: what counts is the size of the draws
        growth["sizes"] = [size for size in growth["sizes"] if size["members"] < draws.n]
        folder.write("growth.json", growth)
        executed = run(wired, draws, folder=folder, options=options)
        now = widest(executed)
        enough = tolerance is None or now.half <= tolerance or 2 * draws.n > growth["most"]
        growth["sizes"].append(asdict(now))
        if enough:
            break
        folder.restart()
        draws = draw(wired, 2 * draws.n, draws.seed, draws.replicates)
    folder.write("growth.json", growth)
    kept = folder.here / "programme" / loaded.path.name
    names = list(loaded.programme.scenarios) if growth["scenarios"] else []
    return finish(executed, folder, _scenarios(kept, names, executed, options))


def _scenarios(file: Path, names: Sequence[str], base: Run, options: Options) -> dict[str, Run]:
    """Run every scenario with the draws of the run as it stands; systems that do not change are taken from it."""
    from accord.engine.draw import draw
    from accord.engine.execute import run
    from accord.engine.plan import plan
    from accord.programme.loader import load

    found = {}
    for name in names:
        wired = plan(load(file, scenario=name))
        draws = draw(wired, base.draws.n, base.draws.seed, base.draws.replicates)
        found[name] = run(wired, draws, options=_named(options, name), base=base)
    return found


def _named(options: Options, scenario: str) -> Options:
    """Return options whose events name the scenario, and leave out what it does not touch."""
    from accord.engine.execute import UNTOUCHED

    tell = options.on_event

    def on_event(event: Event) -> None:
        if tell is not None and event.note != UNTOUCHED and event.system:
            tell(replace(event, system=f"{scenario}: {event.system}"))

    return replace(options, on_event=on_event)


def finish(executed: Run, folder: RunFolder, scenarios: Mapping[str, Run] | None = None) -> Done:
    """Judge a run, write ledger and dossier into its folder, and give the folder its final name."""
    from accord.dossier.build import build
    from accord.evidence.judge import judge
    from accord.evidence.ledger import to_json
    from accord.evidence.scenarios import scenario_effects

    judged = judge(executed)
    effects = scenario_effects(executed, judged, scenarios or {})
    folder.write("scenarios.json", [asdict(effect) for effect in effects])
    ledger = _told(judged, folder)
    folder.write("ledger.json", to_json(ledger))
    kinds = {node.kind for node in executed.plan.nodes.values() if node.system is not None}
    build(executed, ledger, folder.here, validations=validations(sorted(kinds)))
    if folder.part.exists():
        folder.finish()
    return Done(executed, ledger, folder.final, folder.final / "dossier.html")


def _told(ledger: Ledger, folder: RunFolder) -> Ledger:
    """Return a ledger with what the folder knows beside the run: its scenarios, and how the ensemble grew."""
    from accord.evidence.convergence import growth_note
    from accord.evidence.ledger import Growth, ScenarioEffect

    if not (folder.here / "growth.json").is_file():
        return ledger  # of an earlier version
    growth = folder.read("growth.json")
    sizes = tuple(Growth(**size) for size in growth["sizes"]) or ledger.growth
    return replace(
        ledger,
        growth=sizes,
        tolerance=growth["tolerance"],
        notes=(*ledger.notes, growth_note(sizes, growth["tolerance"])),
        scenarios=tuple(ScenarioEffect(**effect) for effect in folder.read("scenarios.json")),
    )


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
