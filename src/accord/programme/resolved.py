"""A checked programme with every number in the unit of whoever owns it: what the engine plans from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from accord.contract import Column, DesignModel, Horizon, Ref, Spread, System
from accord.programme.copula import Copula
from accord.units import Conversions

__all__ = ["Area", "Resolved", "ResolvedInput", "ResolvedPartner", "ResolvedSystem", "ResolvedTest", "Site"]

Factor = tuple[float, float]  # value in the declared unit = named value x scale + offset


@dataclass(frozen=True, slots=True)
class Site:
    """A settlement or site: degrees north and east, and its people where stated."""

    name: str
    latitude_deg: float
    longitude_deg: float
    people: float | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A region of the map.

    Attributes
    ----------
    polygons : tuple of polygons
        Each a tuple of closed rings of (longitude, latitude) [deg]; first the outline, then holes.
    """

    title: str
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    sites: tuple[Site, ...]
    source: str


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """A named input of the file: one column, drawn once."""

    name: str
    unit: str
    spread: Spread
    doc: str
    source: str
    pedigree: tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True)
class ResolvedPartner:
    """A party of the programme: its share of the cost and its discount rate per year, as fractions."""

    name: str
    share: float | None
    discount_rate: Spread | Ref | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSystem:
    """One entry under ``systems``.

    Attributes
    ----------
    system : System or None
        None for a kind that is planned and has no model yet.
    design : DesignModel or None
        Validated, with the file's sections and region merged in; None without a model.
    inputs : mapping of str to Spread or Ref
        Member inputs that the file gives, by Python name, spreads in the declared unit. The others take the
        system's own spread or default.
    columns : mapping of str to Column
        Member inputs that the design brings.
    factors : mapping of str to (scale, offset)
        For every `inputs` or `columns` entry that is a `Ref`: declared value = named value x scale + offset.
    fixed : mapping of str to float
        Every design-role input, given or default, in its declared unit.
    ports : mapping of str to (system, name)
        Connected ports; the name is a Python name among the outputs or provided objects of the other system.
    """

    name: str
    kind: str
    title: str
    system: System | None = None
    design: DesignModel | None = None
    inputs: Mapping[str, Spread | Ref] = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)
    factors: Mapping[str, Factor] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    ports: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTest:
    """The test of one claim, with its numbers in the unit of the tested quantity.

    Attributes
    ----------
    of : {"metric", "event", "input"}
    system : str
        The system that owns the metric or dates the event; empty for a named input.
    name : str
        Python name of the output, label of the event, or name of the input.
    label : int or None
        Index along the output's one dimension.
    comparator : {"lt", "le", "ge", "gt", "equals", "between", "by"}
    values : tuple of float
        One number, or two for ``between``, in `unit`; empty for an event.
    unit : str
    when : date or None
        ``at`` for a quantity, ``by`` for an event.
    delivered_by : (str, str) or None
        System and label of an event that must have happened by `when`.
    baseline : bool
        The quantity is the difference to a run without the programme.
    assessed : bool
        False when the system has no model yet.
    """

    of: Literal["metric", "event", "input"]
    system: str
    name: str
    comparator: str
    values: tuple[float, ...]
    unit: str
    when: date | None = None
    label: int | None = None
    delivered_by: tuple[str, str] | None = None
    baseline: bool = False
    assessed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Everything the engine needs from a file.

    Attributes
    ----------
    pairs : mapping of (str, str) to float
        Spearman rank correlations between columns, the file's and the designs' own, tested to be positive
        definite. A column is called by the named input, or ``system.python_name``.
    copula : Copula
        What joint distribution the pairs have.
    events : mapping of str to str
        Every event label and the system that dates it.
    """

    inputs: Mapping[str, ResolvedInput]
    systems: Mapping[str, ResolvedSystem]
    partners: Mapping[str, ResolvedPartner]
    areas: Mapping[str, Area]
    pairs: Mapping[tuple[str, str], float]
    copula: Copula
    tests: Mapping[str, ResolvedTest]
    events: Mapping[str, str]
    money: Conversions
    horizon: Horizon
