"""From a path to a programme that is sound, or to all of its mistakes at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accord.contract import Finding
from accord.errors import ProgrammeError
from accord.programme.check import analyse
from accord.programme.document import Document
from accord.programme.resolved import Resolved
from accord.programme.schema import Programme

__all__ = ["Loaded", "load", "programme_schema", "resolve"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sound programme file.

    Attributes
    ----------
    programme : Programme
        The file's content, quantities still as text.
    path, folder : Path
        The file, and the folder that the files it names stand in.
    text_hash : str
        BLAKE2b of the file's bytes, 128 bit, in hexadecimal.
    findings : tuple of Finding
        Warnings and remarks.
    scenario : str
        The scenario whose changes are applied; empty for the file as it stands.
    """

    programme: Programme
    path: Path
    folder: Path
    text_hash: str
    findings: tuple[Finding, ...]
    scenario: str
    document: Document = field(repr=False)
    resolved: Resolved = field(repr=False)

    def place(self, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Return line and column of a value (or its key), for a path such as ``("claims", 3, "test")``."""
        return self.document.place(path, key=key)


def load(path: str | os.PathLike[str], scenario: str = "") -> Loaded:
    """Read a programme file.

    Parameters
    ----------
    path : path
        A YAML file of at most 1 MB.
    scenario : str
        Name of a scenario of the file whose changes to apply first.

    Raises
    ------
    ProgrammeError
        With every finding, in the order of the file, when any of them is an error.
    """
    found = analyse(path, scenario)
    if found.programme is None or found.resolved is None or found.document is None:
        raise ProgrammeError(found.findings)
    file = Path(path)
    return Loaded(
        programme=found.programme,
        path=file,
        folder=file.parent,
        text_hash=found.text_hash,
        findings=found.findings,
        scenario=scenario,
        document=found.document,
        resolved=found.resolved,
    )


def resolve(loaded: Loaded) -> Resolved:
    """Return the programme's numbers in the units of their owners, exactly as the checks read them."""
    return loaded.resolved


def programme_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a programme file, for editors."""
    schema = Programme.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Accord programme file",
        **{key: value for key, value in schema.items() if key != "title"},
    }
