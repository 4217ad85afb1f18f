"""Evaluate one system over its members, chunk by chunk, with the same bytes for any chunk size or worker count."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Horizon
from accord.contract.context import MemberContext
from accord.engine.mappings import read_mapping
from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.contract import System
    from accord.contract.design import DesignModel

    FloatArray = NDArray[np.float64]

__all__ = ["CHUNK", "Chunk", "Evaluated", "evaluate_members", "prepared_of"]

CHUNK = 2048
_WORTH_A_POOL_S = 3.0  # starting workers costs a second or two; cheaper work stays in this process


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Members ``start..stop`` of one system, with all a worker needs (no code travels, only the kind's name)."""

    name: str
    kind: str
    design: DesignModel
    fixed: Mapping[str, float]
    horizon: Horizon
    folder: Path
    prepared: Path | None
    seed: int
    start: int
    stop: int
    members: Mapping[str, FloatArray]
    ports: Mapping[str, Any]
    streams: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Outputs of all members, and why some failed."""

    outputs: dict[str, FloatArray]
    failures: dict[int, str]


def prepared_of(place: Path | None) -> Mapping[str, Any]:
    """Return a prepared design from its folder; nothing where there was nothing to prepare."""
    return {} if place is None else read_mapping(place)


def evaluate_chunk(chunk: Chunk) -> Evaluated:
    """Evaluate one chunk; a module-level function, so that a worker process can be handed its name."""
    from accord.systems import get

    system = get(chunk.kind)
    context = MemberContext(
        name=chunk.name,
        design=chunk.design,
        fixed=chunk.fixed,
        ports=chunk.ports,
        horizon=chunk.horizon,
        folder=chunk.folder,
        seed=chunk.seed,
        start=chunk.start,
        stop=chunk.stop,
        streams=chunk.streams,
    )
    with np.errstate(
        all="ignore"
    ):  # what goes wrong shows as a non-finite value and is reported as a failed member
        raw = system.evaluate(chunk.members, prepared_of(chunk.prepared), context)
    return _checked(system, chunk, raw, context)


def _checked(system: System, chunk: Chunk, raw: Mapping[str, Any], context: MemberContext) -> Evaluated:
    n = chunk.stop - chunk.start
    labels = system.labels(chunk.design) if system.labels is not None else {}
    unknown = sorted(set(raw) - set(system.outputs))
    missing = sorted(set(system.outputs) - set(raw))
    if unknown or missing:
        raise ModelError(
            f"{chunk.name}: outputs not declared: {unknown or 'none'}; not returned: {missing or 'none'}"
        )
    outputs: dict[str, FloatArray] = {}
    for name, declared in system.outputs.items():
        shape = (n, *(len(labels[dim]) for dim in declared.dims))
        value = np.asarray(raw[name], dtype=float)
        if value.shape != shape:
            raise ModelError(f"{chunk.name}.{name}: shape {value.shape}, expected {shape}")
        bad = ~np.isfinite(value).reshape(n, -1).all(axis=1)
        context.fail(bad, f"{name} is not a finite number")
        outputs[name] = np.ascontiguousarray(value)
    for index in context.failures:
        for value in outputs.values():
            value[index - chunk.start] = np.nan
    return Evaluated(outputs, context.failures)


def evaluate_members(
    make: Callable[[int, int], Chunk],
    n: int,
    *,
    size: int = CHUNK,
    pool: Callable[[], ProcessPoolExecutor] | None = None,
    on_done: Callable[[int], None] = lambda done: None,
) -> Evaluated:
    """Evaluate all members.

    Parameters
    ----------
    make : callable
        ``(start, stop) -> Chunk``.
    n, size : int
        Members, and how many a chunk takes.
    pool : callable, optional
        Returns the worker pool; asked for only when the work left would take some seconds here.
    on_done : callable
        Told the number of finished members.

    Raises
    ------
    ModelError
        When the system returns what it did not declare.
    """
    edges = list(range(0, n, size)) or [0]
    spans = [(start, min(start + size, n)) for start in edges]
    begin = time.perf_counter()
    parts = [evaluate_chunk(make(*spans[0]))]
    on_done(spans[0][1])
    left = (time.perf_counter() - begin) * (len(spans) - 1)
    if pool is not None and left > _WORTH_A_POOL_S:
        for span, part in zip(
            spans[1:], pool().map(evaluate_chunk, [make(*s) for s in spans[1:]]), strict=True
        ):
            parts.append(part)
            on_done(span[1])
    else:
        for span in spans[1:]:
            parts.append(evaluate_chunk(make(*span)))
            on_done(span[1])
    return _joined(parts)


def _joined(parts: Sequence[Evaluated]) -> Evaluated:
    names = parts[0].outputs
    failures: dict[int, str] = {}
    for part in parts:
        failures |= part.failures
    return Evaluated({name: np.concatenate([p.outputs[name] for p in parts]) for name in names}, failures)
