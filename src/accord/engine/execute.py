"""Run a plan: systems in topological order, prepared once, evaluated over all members, each stored when done."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord import units
from accord.contract.context import MemberContext
from accord.engine.cache import fetch, keep, prepared_key
from accord.engine.chunks import CHUNK, Chunk, Evaluated, evaluate_members, prepared_of
from accord.engine.events import Event, Log
from accord.engine.manifest import manifest_of, scalars_of
from accord.engine.mappings import write_mapping
from accord.engine.records import Draws, Node, Plan, Run, Status
from accord.engine.results import member_inputs, result_of
from accord.engine.store import RunFolder
from accord.errors import AccordError, CancelledError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["UNTOUCHED", "Options", "run"]

UNTOUCHED = "as without the change"  # the note of a system taken from the base run
_MOST_FAILED = 0.05  # a system in which more members fail than this is not to be trusted at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run, none of which changes a byte of the results.

    Parameters
    ----------
    jobs : int
        Worker processes for dear work.
    chunk : int
        Members evaluated at a time.
    use_cache : bool
        Whether prepared designs are taken from and kept in the cache.
    on_event : callable, optional
        Told every `Event`.
    """

    jobs: int = 1
    chunk: int = CHUNK
    use_cache: bool = True
    on_event: Callable[[Event], None] | None = None


@dataclass(slots=True)
class _State:
    plan: Plan
    draws: Draws
    options: Options
    folder: RunFolder | None
    scratch: Path
    log: Log
    pool: ProcessPoolExecutor | None = None
    prepared: dict[str, Path | None] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    outputs: dict[str, dict[str, FloatArray]] = field(default_factory=dict)
    ok: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    failures: dict[str, dict[int, str]] = field(default_factory=dict)
    base: Run | None = None
    same: set[str] = field(default_factory=set)

    def workers(self) -> ProcessPoolExecutor:
        if self.pool is None:
            self.pool = ProcessPoolExecutor(
                self.options.jobs, mp_context=multiprocessing.get_context("spawn")
            )
        return self.pool


def run(
    plan: Plan,
    draws: Draws,
    *,
    folder: RunFolder | None = None,
    options: Options | None = None,
    base: Run | None = None,
) -> Run:
    """Execute a plan.

    Parameters
    ----------
    plan, draws : Plan, Draws
    folder : RunFolder, optional
        A created run folder; systems found done in it are taken as they are. Without one nothing is kept.
    options : Options, optional
    base : Run, optional
        A run on disk of a plan that differs a little, such as the file without its scenario: systems that stand and
        are fed as they were there are taken from it. It changes no byte of the results.

    Returns
    -------
    Run

    Raises
    ------
    CancelledError
        On an interrupt; with a folder, what was finished is kept and ``accord resume`` goes on from there.
    """
    options = options or Options()
    with tempfile.TemporaryDirectory(prefix="accord-") as scratch:
        log = Log(folder.part / "events.jsonl" if folder else None, options.on_event)
        state = _State(plan, draws, options, folder, Path(scratch), log, base=base)
        manifest = manifest_of(plan, draws)
        try:
            if folder is not None:
                folder.write("manifest.json", manifest)
                folder.save_draws(draws, {name: spec.unit for name, spec in plan.columns.items()})
            for node in plan.nodes.values():
                _run_node(state, node)
            results = {
                name: result_of(
                    plan, draws, node, state.outputs[name], state.failures[name], state.prepared[name]
                )
                for name, node in plan.nodes.items()
                if name in state.outputs
            }
            if folder is not None:
                folder.write("scalars.json", scalars_of(plan, state.outputs, state.ok))
            log.emit("", "finished")
        except KeyboardInterrupt:
            log.emit("", "cancelled")
            where = f": resume with `accord resume {folder.final}`" if folder else ""
            raise CancelledError(f"interrupted{where}") from None
        finally:
            if state.pool is not None:
                state.pool.shutdown(wait=False, cancel_futures=True)
            log.close()
    return Run(
        plan=plan,
        draws=draws,
        results=results,
        statuses=state.statuses,
        outputs=state.outputs,
        ok=state.ok,
        manifest=manifest,
        folder=folder.here if folder else None,
    )


def _run_node(state: _State, node: Node) -> None:
    found = state.folder.load_system(node.name) if state.folder is not None else None
    if found is not None:
        status, outputs, failures = found
        if status.state == "ok":
            state.prepared[node.name] = state.folder.here / "systems" / node.name / "prepared"  # type: ignore[union-attr]
        _record(state, node, status, outputs, failures)
        state.log.emit(node.name, "skipped", note="already done")
        return
    taken = _from_base(state, node)
    status, outputs, failures = _fresh(state, node) if taken is None else taken
    if state.folder is not None:
        state.folder.save_system(node.name, status, outputs, failures)
    _record(state, node, status, outputs, failures)
    stage = {"ok": "done", "failed": "failed"}.get(status.state, "skipped")
    state.log.emit(node.name, stage, 1, 1, status.reason if taken is None else UNTOUCHED)


def _from_base(state: _State, node: Node) -> tuple[Status, dict[str, FloatArray], dict[int, str]] | None:
    """Return a system's results from the base run where nothing that they rest on differs."""
    base = state.base
    if base is None or base.folder is None or state.folder is not None or node.name not in base.results:
        return None
    other, seeds = base.plan.nodes[node.name], (base.draws.seed, base.draws.n, base.draws.replicates)
    if (
        seeds != (state.draws.seed, state.draws.n, state.draws.replicates)
        or base.plan.horizon != state.plan.horizon
    ):
        return None
    parts = ("kind", "design", "fixed", "bindings", "ports")
    if any(getattr(node, part) != getattr(other, part) for part in parts):
        return None
    if not {upstream for upstream, _ in node.ports.values()} <= state.same:
        return None
    columns = {binding.column for binding in node.bindings.values()}
    if not all(np.array_equal(state.draws.columns[c], base.draws.columns[c]) for c in columns):
        return None
    state.same.add(node.name)
    state.prepared[node.name] = base.folder / "systems" / node.name / "prepared"
    return (
        base.statuses[node.name],
        {key: np.array(value) for key, value in base.outputs[node.name].items()},
        dict(base.results[node.name].failures),
    )


def _fresh(state: _State, node: Node) -> tuple[Status, dict[str, FloatArray], dict[int, str]]:
    if node.system is None or node.design is None:
        return Status(state="not assessed", reason="no model yet"), {}, {}
    for upstream, _ in node.ports.values():
        if state.statuses[upstream].state != "ok":
            return (
                Status(
                    state="not assessed", reason=f"depends on {upstream}: {state.statuses[upstream].reason}"
                ),
                {},
                {},
            )
    try:
        objects, arrays = _ports(state, node)
        state.prepared[node.name] = _prepare(state, node, objects)
        evaluated = _evaluate(state, node, objects, arrays)
    except AccordError as error:
        if isinstance(error, CancelledError):
            raise
        return Status(state="failed", reason=str(error)), {}, {}
    except (ArithmeticError, ValueError, IndexError, KeyError, TypeError, MemoryError) as error:
        return Status(state="failed", reason=f"{type(error).__name__}: {error}"), {}, {}
    failures = _inherited(state, node) | evaluated.failures
    for index in failures:
        for value in evaluated.outputs.values():
            value[index] = np.nan
    share = len(failures) / state.draws.n
    if share > _MOST_FAILED:
        first = failures[min(failures)]
        return (
            Status(
                state="failed", reason=f"{share:.1%} of members failed: {first}", failed_members=len(failures)
            ),
            {},
            failures,
        )
    return Status(state="ok", failed_members=len(failures)), evaluated.outputs, failures


def _inherited(state: _State, node: Node) -> dict[int, str]:
    reasons: dict[int, str] = {}
    for upstream, _ in node.ports.values():
        for index, reason in state.failures.get(upstream, {}).items():
            reasons.setdefault(index, f"{upstream}: {reason}")
    return reasons


def _record(
    state: _State, node: Node, status: Status, outputs: dict[str, FloatArray], failures: dict[int, str]
) -> None:
    state.statuses[node.name] = status
    state.failures[node.name] = failures
    if status.state == "ok":
        ok = np.ones(state.draws.n, dtype=bool)
        ok[list(failures)] = False
        state.outputs[node.name], state.ok[node.name] = outputs, ok


def _ports(state: _State, node: Node) -> tuple[dict[str, Any], dict[str, FloatArray]]:
    """Return design-level objects and member arrays (in the port's unit; failed members carry a harmless value)."""
    assert node.system is not None
    objects: dict[str, Any] = {}
    arrays: dict[str, FloatArray] = {}
    for port, (upstream, output) in node.ports.items():
        declared, source = node.system.ports[port], state.plan.nodes[upstream]
        assert source.system is not None
        if declared.kind is float:
            values = state.outputs[upstream][output]
            unit = source.system.outputs[output].unit
            finite = np.isfinite(values)
            filled = values if finite.all() else np.where(finite, values, np.nanmedian(values))
            arrays[port] = np.asarray(units.convert(filled, unit, declared.unit))
        else:
            assert source.system.provide is not None
            prepared = prepared_of(state.prepared[upstream])
            context = _context(state, source, {})
            objects[port] = source.system.provide(source.design, prepared, context)[output]
    return objects, arrays


def _context(state: _State, node: Node, objects: Mapping[str, Any]) -> MemberContext:
    assert node.design is not None
    return MemberContext(
        name=node.name,
        design=node.design,
        fixed=node.fixed,
        ports=objects,
        horizon=state.plan.horizon,
        folder=state.plan.folder,
        seed=state.draws.seed,
        report=lambda done, total, note: state.log.emit(node.name, "prepare", done, total, note),
        spread_over=lambda function, items: _spread(state, function, items),
    )


def _spread(state: _State, function: Callable[[Any], Any], items: Iterable[Any]) -> Sequence[Any]:
    tasks = list(items)
    if state.options.jobs > 1 and len(tasks) > 1:
        return list(state.workers().map(function, tasks))
    return [function(item) for item in tasks]


def _prepare(state: _State, node: Node, objects: Mapping[str, Any]) -> Path | None:
    assert node.system is not None
    root = state.folder.part if state.folder is not None else state.scratch
    place = root / "systems" / node.name / "prepared"
    if node.system.prepare is None:
        if state.folder is None:
            return None  # nothing to keep
        write_mapping(place, {})
        return place
    key = prepared_key(node, objects, state.plan.folder)
    found = fetch(key) if state.options.use_cache else None
    if found is None:
        state.log.emit(node.name, "prepare")
        found = dict(node.system.prepare(node.design, _context(state, node, objects)))
        if state.options.use_cache:
            keep(key, found)
    else:
        state.log.emit(node.name, "prepare", 1, 1, "from the cache")
    write_mapping(place, found)
    return place


def _evaluate(
    state: _State, node: Node, objects: Mapping[str, Any], arrays: Mapping[str, FloatArray]
) -> Evaluated:
    members = member_inputs(state.plan, state.draws, node)

    def make(start: int, stop: int) -> Chunk:
        assert node.design is not None
        return Chunk(
            name=node.name,
            kind=node.kind,
            design=node.design,
            fixed=node.fixed,
            horizon=state.plan.horizon,
            folder=state.plan.folder,
            prepared=state.prepared[node.name],
            seed=state.draws.seed,
            start=start,
            stop=stop,
            streams=None if state.draws.streams is None else state.draws.streams[start:stop],
            members={k: v[start:stop] for k, v in members.items()},
            ports={**objects, **{k: v[start:stop] for k, v in arrays.items()}},
        )

    n = state.draws.n
    state.log.emit(node.name, "evaluate", 0, n)
    pool = state.workers if state.options.jobs > 1 else None
    return evaluate_members(
        make,
        n,
        size=state.options.chunk,
        pool=pool,
        on_done=lambda done: state.log.emit(node.name, "evaluate", done, n),
    )
