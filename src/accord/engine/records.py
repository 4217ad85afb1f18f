"""What the engine hands on: the plan, the draws, the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.programme.copula import GAUSSIAN, Copula

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from accord.contract import Finding, Horizon, Spread, System, SystemResult
    from accord.contract.design import DesignModel
    from accord.programme.resolved import ResolvedTest
    from accord.programme.schema import Programme

    FloatArray = NDArray[np.float64]

__all__ = ["Binding", "ColumnSpec", "Draws", "Node", "Plan", "Run", "Status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """One uncertain quantity of the whole run: a column of the draws.

    Attributes
    ----------
    name : str
        A named input (``launch_price``) or one of a system's own (``leo.availability``).
    owner : str
        ``"inputs"`` or the system's name: its draws are a stream of their own.
    """

    name: str
    unit: str
    spread: Spread
    owner: str
    doc: str = ""
    source: str = ""
    pedigree: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a member input comes from: a column, converted by ``value * scale + offset``."""

    column: str
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One system of the programme, wired."""

    name: str
    kind: str
    title: str
    system: System | None
    design: DesignModel | None
    fixed: Mapping[str, float]
    bindings: Mapping[str, Binding]
    ports: Mapping[str, tuple[str, str]]
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A programme turned into columns and a directed graph of systems in topological order."""

    programme: Programme
    folder: Path
    text_hash: str
    horizon: Horizon
    nodes: Mapping[str, Node]
    columns: Mapping[str, ColumnSpec]
    correlations: Sequence[tuple[str, str, float]]
    copula: Copula = GAUSSIAN
    tests: Mapping[str, ResolvedTest] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    scenario: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """The ensemble: every uncertain column drawn once.

    Attributes
    ----------
    columns : mapping of str to float array, shape (n,)
        In the column's own unit; constants included.
    replicate : int array, shape (n,)
        Which independent scramble each member belongs to.
    streams : int array, shape (n,), or None
        The member whose chance inside the models each row repeats, for designs that compare rows; by default a row's
        own.
    """

    n: int
    seed: int
    replicates: int
    columns: Mapping[str, FloatArray]
    replicate: NDArray[np.int64]
    streams: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a system ended: ``ok``, ``failed`` or ``not assessed``, and why."""

    state: str
    reason: str = ""
    failed_members: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything a finished run holds; `outputs` are full length, with `ok` telling the usable members."""

    plan: Plan
    draws: Draws
    results: Mapping[str, SystemResult]
    statuses: Mapping[str, Status]
    outputs: Mapping[str, Mapping[str, FloatArray]]
    ok: Mapping[str, NDArray[np.bool_]]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
