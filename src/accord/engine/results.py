"""From stored arrays to what figures and the ledger read; and a finished run back from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import SystemResult
from accord.engine.chunks import prepared_of
from accord.engine.records import Draws, Node, Plan, Run, Status
from accord.engine.store import RunFolder
from accord.errors import FileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["load_run", "member_inputs", "result_of"]


def member_inputs(plan: Plan, draws: Draws, node: Node) -> dict[str, FloatArray]:
    """Return a node's member inputs in their declared units, unbounded tails clipped to the possible range."""
    assert node.system is not None
    result: dict[str, FloatArray] = {}
    for key, binding in node.bindings.items():
        values = draws.columns[binding.column]
        if (binding.scale, binding.offset) != (1.0, 0.0):
            values = values * binding.scale + binding.offset
        declared = node.system.inputs.get(key)
        result[key] = values if declared is None else np.clip(values, declared.low, declared.high)
    return result


def result_of(
    plan: Plan,
    draws: Draws,
    node: Node,
    outputs: Mapping[str, FloatArray],
    failures: Mapping[int, str],
    prepared: Path | None,
) -> SystemResult:
    """Return one system's result, failed members left out."""
    assert node.system is not None
    assert node.design is not None
    ok = usable(draws.n, failures) if failures else slice(None)  # nothing to leave out, nothing to copy
    return SystemResult(
        name=node.name,
        kind=node.kind,
        title=node.title,
        design=node.design,
        prepared=_loaded(prepared),
        members={k: v[ok] for k, v in member_inputs(plan, draws, node).items()},
        outputs={k: v[ok] for k, v in outputs.items()},
        horizon=plan.horizon,
        labels=dict(node.system.labels(node.design)) if node.system.labels is not None else {},
        failures=failures,
        partners={key: partner.name for key, partner in plan.programme.partners.items()},
    )


def usable(n: int, failures: Mapping[int, str]) -> NDArray[np.bool_]:
    """Return which of `n` members did not fail."""
    ok = np.ones(n, dtype=bool)
    ok[list(failures)] = False
    return ok


def load_run(plan: Plan, folder: RunFolder) -> Run:
    """Read a finished run back.

    Parameters
    ----------
    plan : Plan
        Made from the programme kept in the folder.
    folder : RunFolder

    Raises
    ------
    FileError
        When it is not finished or something is damaged.
    """
    head = folder.read("draws/columns.json")
    matrix = np.load(folder.here / "draws" / "members.npy", allow_pickle=False)
    names = [column["name"] for column in head["columns"]]
    if names != list(plan.columns):
        raise FileError(f"{folder.here}: its draws do not fit its programme: made by another version?")
    sizes = [
        head["n"] // head["replicates"] + (r < head["n"] % head["replicates"])
        for r in range(head["replicates"])
    ]
    draws = Draws(
        n=head["n"],
        seed=head["seed"],
        replicates=head["replicates"],
        columns={name: np.ascontiguousarray(matrix[:, i]) for i, name in enumerate(names)},
        replicate=np.repeat(np.arange(head["replicates"]), sizes),
    )
    statuses: dict[str, Status] = {}
    outputs: dict[str, Mapping[str, FloatArray]] = {}
    results: dict[str, SystemResult] = {}
    ok: dict[str, NDArray[np.bool_]] = {}
    for name, node in plan.nodes.items():
        stored = folder.load_system(name)
        if stored is None:
            raise FileError(f"{folder.here}: {name} is missing or damaged: run it again with `accord resume`")
        statuses[name], own, failures = stored
        if statuses[name].state == "ok":
            outputs[name], ok[name] = own, usable(draws.n, failures)
            results[name] = result_of(
                plan, draws, node, own, failures, folder.here / "systems" / name / "prepared"
            )
    return Run(
        plan=plan,
        draws=draws,
        results=results,
        statuses=statuses,
        outputs=outputs,
        ok=ok,
        manifest=folder.read("manifest.json"),
        folder=folder.here,
    )


def _loaded(folder: Path | None) -> dict[str, Any]:
    """Read a mapping into memory, because its folder may be renamed or vanish while the run lives on."""

    def copy(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return np.array(value)
        if isinstance(value, dict):
            return {k: copy(v) for k, v in value.items()}
        return [copy(v) for v in value] if isinstance(value, list) else value

    loaded: dict[str, Any] = copy(prepared_of(folder))
    return loaded
