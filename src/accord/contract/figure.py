"""A figure: one Vega-Lite specification with what a reader who cannot see it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Figure", "Finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture of a chapter.

    Parameters
    ----------
    id : str
        Unique within the system: ``"coverage_map"``.
    title : str
        What the figure says, as a sentence or noun phrase.
    spec : mapping
        A Vega-Lite specification with its data inline. Sizes, fonts and colours come from the house theme.
    alt : str
        Text alternative: what a sighted reader would take away, with numbers.
    caption : str
        How to read it: method, period, what is left out.
    rows : sequence of mapping
        The numbers behind it, for the CSV beside the dossier; empty when the specification's own data serve.
    """

    id: str
    title: str
    spec: Mapping[str, Any]
    alt: str
    caption: str = ""
    rows: Sequence[Mapping[str, Any]] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to tell the user, with its place in the file.

    Parameters
    ----------
    level : {"error", "warning", "info"}
    code : str
        Stable and greppable: ``"unknown-key"``.
    message : str
        What is wrong and what was expected, on one line.
    file : str
    line, column : int
        Counted from 1; 0 when there is no place.
    hint : str
        How to mend it: ``"did you mean 'altitude'?"``.
    about : str
        Python name of the output that it explains, in a system's remarks; empty: the whole system.
    """

    level: str
    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""
    about: str = ""

    def __str__(self) -> str:
        place = (
            f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        )
        return f"{place}{self.level}: {self.message}{'; ' + self.hint if self.hint else ''} [{self.code}]"
