"""A programme while it is being checked: what is sound so far, and every finding with its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from accord.contract import Finding
from accord.programme.copula import GAUSSIAN, Copula
from accord.units import Conversions

if TYPE_CHECKING:
    from accord.programme.document import Document
    from accord.programme.resolved import Area, ResolvedInput, ResolvedPartner, ResolvedSystem, ResolvedTest
    from accord.programme.schema import (
        Claim,
        Dependence,
        HorizonEntry,
        NamedInput,
        Partner,
        PriceBase,
        Programme,
        Region,
        Scenario,
        Source,
        SystemEntry,
    )

__all__ = ["Draft", "did_you_mean"]

Where = Sequence[str | int]


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return ``"did you mean 'altitude'?"`` for a near miss, else an empty text."""
    close = get_close_matches(str(word), list(known), 1, 0.6)
    return f"did you mean {close[0]!r}?" if close else ""


@dataclass(slots=True)
class Draft:
    """The working state that the named checks share; each fills what it can and reports what it cannot.

    The mappings hold the entries that are sound by themselves: one with a mistake never hides the next.
    """

    document: Document
    folder: Path
    findings: list[Finding] = field(default_factory=list)
    programme: Programme | None = None
    price_base: PriceBase | None = None
    horizon: HorizonEntry | None = None
    dependence: Dependence | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    inputs: dict[str, NamedInput] = field(default_factory=dict)
    systems: dict[str, SystemEntry] = field(default_factory=dict)
    claims: dict[int, Claim] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    money: Conversions = field(default_factory=Conversions)
    areas: dict[str, Area] = field(default_factory=dict)
    named: dict[str, ResolvedInput] = field(default_factory=dict)
    parties: dict[str, ResolvedPartner] = field(default_factory=dict)
    resolved: dict[str, ResolvedSystem] = field(default_factory=dict)
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)
    copula: Copula = GAUSSIAN
    tests: dict[str, ResolvedTest] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)

    def report(
        self, level: str, code: str, message: str, path: Where, *, key: bool = False, hint: str = ""
    ) -> None:
        """Record a finding at the place of a path."""
        line, column = self.document.place(path, key=key)
        self.findings.append(
            Finding(
                level=level,
                code=code,
                message=" ".join(message.split()),
                file=self.document.file,
                line=line,
                column=column,
                hint=hint,
            )
        )

    def error(self, code: str, message: str, path: Where, *, key: bool = False, hint: str = "") -> None:
        """Record what must be mended before the programme can run."""
        self.report("error", code, message, path, key=key, hint=hint)

    def warning(self, code: str, message: str, path: Where, *, key: bool = False, hint: str = "") -> None:
        """Record what is possible and unlikely to be meant."""
        self.report("warning", code, message, path, key=key, hint=hint)

    def info(self, code: str, message: str, path: Where, *, key: bool = False, hint: str = "") -> None:
        """Record what the reader should know."""
        self.report("info", code, message, path, key=key, hint=hint)

    def names(self, section: str) -> list[str]:
        """Return the keys of a section as written, sound entries or not."""
        entries = self.document.get((section,))
        return list(entries) if isinstance(entries, dict) else []

    def must_exist(self, section: str, name: str, path: Where, what: str) -> bool:
        """Report a reference to an entry that the file does not have."""
        known = self.names(section)
        if name in known:
            return True
        missing = f"there is no {what} {name!r} under {section!r}"
        self.error("dangling-reference", missing, path, hint=did_you_mean(name, known))
        return False
