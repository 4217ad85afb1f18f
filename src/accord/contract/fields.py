"""What a system declares: its inputs, its outputs and the ports that couple it to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from accord.contract.spread import Ref, Spread

__all__ = ["Column", "CommonFactor", "Input", "Output", "Port"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One number the programme file may set; the model always receives it in `unit`.

    Parameters
    ----------
    unit, doc, source : str
        Unit of the table, one sentence, and the citation of default and spread (empty is refused).
    default : float or None
        Used when the file is silent; None means that the file must say.
    low, high : float
        Physically possible range; outside is an error.
    usual : (float, float), optional
        Plausible range; outside is a warning.
    spread : Spread, optional
        Uncertainty used when the file gives neither value nor spread.
    role : {"member", "design"}
        A member input is an array over the ensemble; a design input is one float, fixed within a run and part of the
        cache key.
    """

    unit: str
    doc: str
    default: float | None
    low: float
    high: float
    source: str
    usual: tuple[float, float] | None = None
    spread: Spread | None = None
    role: Literal["member", "design"] = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One quantity a system returns, as an array of shape (n,) + its dims.

    Parameters
    ----------
    dims : tuple of str
        Names of further axes; their labels come from the system's ``labels(design)``. An axis called ``year`` counts
        whole years from the start of the horizon ("0", "1", ...): the date of a claim picks the nearest one.
    better : {"high", "low", ""}
        Which direction users want, for colours and drivers.
    headline : bool
        Shown in summaries.
    alternatives : tuple of str
        Names of outputs that answer the same question under another defensible structure of the model; the ledger
        shows the interval of P(claim) across them.
    limit : bool
        A physical limit: a claim that fails against it in every member is infeasible, not just unlikely.
    """

    unit: str
    doc: str
    dims: tuple[str, ...] = ()
    better: Literal["high", "low", ""] = ""
    headline: bool = False
    alternatives: tuple[str, ...] = ()
    limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """What a system takes from another system, declared and never imported.

    Parameters
    ----------
    of : str
        ``"kind.name"``: the kind of system and the output or provided object expected, e.g.
        ``"constellation.ephemeris"``. Any system whose port or output has this name and type will do.
    kind : type
        ``float`` for an output array over the ensemble (converted to `unit`), else the class of a design-level object
        such as `accord.contract.Ephemeris`.
    optional : bool
        When True the system runs without it and `fallback` says, in words, what it does instead.
    """

    of: str
    kind: type
    doc: str
    optional: bool = False
    fallback: str = ""
    unit: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A member input that a design brings with it, such as the duration of one activity."""

    unit: str
    doc: str
    value: Spread | Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonFactor:
    """A set of columns pushed by one common cause: every pair has Spearman rank correlation `rho`."""

    names: tuple[str, ...]
    rho: float
