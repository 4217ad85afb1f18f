"""A system: one engineering model behind one small interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from accord.contract.design import DesignModel
from accord.contract.fields import Column, CommonFactor, Input, Output, Port
from accord.contract.figure import Figure, Finding
from accord.contract.results import Horizon, SystemResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Members = Mapping[str, FloatArray]
    Prepared = Mapping[str, Any]

__all__ = ["Context", "System"]


class Context(Protocol):
    """What the engine lends a system while it works."""

    @property
    def design(self) -> DesignModel:
        """The validated design of this system in this programme."""

    @property
    def fixed(self) -> Mapping[str, float]:
        """Design-role inputs, in their declared units."""

    @property
    def ports(self) -> Mapping[str, Any]:
        """Connected ports: float arrays of shape (n,) + dims, or design-level objects; unconnected ones are absent."""

    @property
    def horizon(self) -> Horizon:
        """The programme's period."""

    @property
    def folder(self) -> Path:
        """Folder of the programme file, for files that the design names."""

    def uniform(self, name: str, width: int = 1) -> FloatArray:
        """Return uniforms of shape (n, width) that depend on (seed, system, name, member) only.

        For randomness inside a model (a Poisson count, a weather year). Never affected by chunks or workers.
        """

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Report progress of dear work; also the place where an interrupt takes effect."""

    def fail(self, members: FloatArray | NDArray[np.bool_], reason: str) -> None:
        """Mark members (boolean mask, shape (n,)) as failed, with a reason for the ledger."""

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Sequence[Any]:
        """Apply a module-level function to dear items (>= 200 ms each), possibly in parallel, in order."""


def _no_figures(_: SystemResult) -> list[Figure]:
    return []


def _no_remarks(_: SystemResult) -> Sequence[Finding]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One model, declared.

    Parameters
    ----------
    name, title : str
        The kind, as a programme file writes it, and its name for people.
    version : int
        Raised whenever numbers change; part of the cache key and of the manifest.
    Design : subclass of DesignModel
        The structured design.
    inputs, ports, outputs : mapping of str to Input, Port, Output
        Keys are Python names that end in the suffix of their unit (`accord.units.suffix`).
    evaluate : callable
        ``(members, prepared, context) -> {output: array (n,) + dims}``; arrays over members in declared units.
        Row i of the result depends on row i of the members only.
    prepare : callable, optional
        ``(design, context) -> mapping`` of arrays, numbers, strings and lists of them. Dear work that depends on the
        design, on design-role inputs and on design-level ports only; cached by content.
    figures : callable, optional
        ``(result) -> [Figure]``.
    remarks : callable, optional
        ``(result) -> [Finding]``: what a reader of the numbers must know, such as why something is impossible. A
        finding that is ``about`` an output goes with the reason of every verdict on that output.
    columns : callable, optional
        ``(design) -> {name: Column}``: further member inputs that the design brings, such as
        the duration of each activity. Their names look like ``"duration_month.harbour"``.
    dependence : callable, optional
        ``(design) -> [CommonFactor]`` over member names (own inputs and columns).
    labels : callable, optional
        ``(design) -> {dim: (label, ...)}`` for every dim of every output.
    provides, provide : mapping of str to type, and callable
        Design-level objects for the ports of others: ``provide(design, prepared, context) -> {name: object}``.
    sections : tuple of str
        Top-level sections of the programme file that the file may write beside ``systems`` and that belong into this
        system's design (``schedule``, ``risks``).
    events : str
        The output, with the one dim ``"event"``, that dates events in months from the horizon's start.
    monotone : mapping of (input, output) to +1 or -1
        Directions the conformance suite verifies.
    example : mapping
        A small design, in file syntax, that the conformance suite and ``accord system new`` use.
    """

    name: str
    title: str
    version: int
    Design: type[DesignModel]
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    evaluate: Callable[[Members, Prepared, Context], Mapping[str, FloatArray]]
    ports: Mapping[str, Port] = field(default_factory=dict)
    prepare: Callable[[Any, Context], Prepared] | None = None
    figures: Callable[[SystemResult], list[Figure]] = _no_figures
    remarks: Callable[[SystemResult], Sequence[Finding]] = _no_remarks
    columns: Callable[[Any], Mapping[str, Column]] | None = None
    dependence: Callable[[Any], Sequence[CommonFactor]] | None = None
    labels: Callable[[Any], Mapping[str, tuple[str, ...]]] | None = None
    provides: Mapping[str, type] = field(default_factory=dict)
    provide: Callable[[Any, Prepared, Context], Mapping[str, Any]] | None = None
    sections: tuple[str, ...] = ()
    events: str = ""
    monotone: Mapping[tuple[str, str], int] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)
