"""What identifies a run, and its numbers in brief: the same bytes for the same programme, seed and versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from accord import __version__
from accord.contract.quantiles import triple
from accord.engine.cache import code_hash
from accord.engine.records import Draws, Plan
from accord.engine.tails import mean_or_none

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["manifest_of", "scalars_of"]

_LIBRARIES = ("numpy", "scipy", "numba", "sgp4", "pydantic", "PyYAML", "pint", "vl-convert-python")


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def manifest_of(plan: Plan, draws: Draws) -> dict[str, Any]:
    """Return the manifest of a run: hashes, versions, seed, members."""
    return {
        "schema": "accord/run/1",
        "accord": __version__,
        "programme": {"id": plan.programme.id, "title": plan.programme.title, "blake2b": plan.text_hash},
        "scenario": plan.scenario,
        "seed": draws.seed,
        "members": draws.n,
        "replicates": draws.replicates,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "systems": {
            name: {"kind": node.kind, "version": node.system.version, "code": code_hash(node.kind)}
            if node.system is not None
            else {"kind": node.kind, "version": None, "code": None}
            for name, node in plan.nodes.items()
        },
    }


def scalars_of(
    plan: Plan, outputs: Mapping[str, Mapping[str, FloatArray]], ok: Mapping[str, NDArray[np.bool_]]
) -> dict[str, Any]:
    """Return P10, P50, P90 and, where it has one, the mean of every output (of each label, where it has dims)."""
    table: dict[str, Any] = {}
    for name, own in outputs.items():
        node = plan.nodes[name]
        assert node.system is not None
        labels = node.system.labels(node.design) if node.system.labels is not None else {}
        for key, value in own.items():
            declared = node.system.outputs[key]
            names = [()] if not declared.dims else np.ndindex(*value.shape[1:])
            for index in names:
                column = value[ok[name]][(slice(None), *index)]
                text = ",".join(labels[dim][i] for dim, i in zip(declared.dims, index, strict=True))
                low, mid, high = triple(column)
                table[f"{name}.{key}" + (f"[{text}]" if text else "")] = {
                    "unit": declared.unit,
                    "p10": low,
                    "p50": mid,
                    "p90": high,
                    # an event that never comes has no month, and a heavy tail no mean
                    "mean": None if key == node.system.events else mean_or_none(column),
                }
    return {"schema": "accord/scalars/1", "scalars": table}
