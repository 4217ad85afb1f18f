"""Every error the package raises on purpose.

::

    AccordError                 anything a user can act on; carries an exit code
    +-- FileError               a path that cannot be read or written           exit 2
    +-- ProgrammeError          a programme file with findings                  exit 2
    +-- UnitError               a unit or quantity that cannot be understood    exit 2
    +-- SpreadError             an uncertainty that contradicts itself          exit 2
    +-- PlanError               systems that cannot be wired together           exit 2
    +-- ModelError              a system that could not produce its outputs     exit 3
    +-- MissingExtraError       an optional package or data set is absent       exit 4
    +-- CancelledError          the user interrupted; the folder is resumable   exit 130

Each message is one line: what is wrong, where, what was expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "AccordError",
    "CancelledError",
    "FileError",
    "MissingExtraError",
    "ModelError",
    "PlanError",
    "ProgrammeError",
    "SpreadError",
    "UnitError",
]


class AccordError(Exception):
    """Anything the user can act on."""

    exit_code = 2


class FileError(AccordError):
    """A path that cannot be read or written."""


class UnitError(AccordError):
    """A unit or quantity that cannot be understood or converted."""


class SpreadError(AccordError):
    """An uncertainty whose parameters contradict each other.

    Parameters
    ----------
    message : str
        What is wrong and what was expected.
    key : str, optional
        The key of the mapping that the message is about.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class PlanError(AccordError):
    """Systems that cannot be wired together."""


class ProgrammeError(AccordError):
    """A programme file that cannot be run; carries *all* findings, not the first.

    Parameters
    ----------
    findings : sequence of accord.contract.Finding
        In the order of the file.
    """

    def __init__(self, findings: Sequence[Any]) -> None:
        super().__init__("\n".join(str(f) for f in findings))
        self.findings = tuple(findings)


class ModelError(AccordError):
    """A system that could not produce its outputs."""

    exit_code = 3


class MissingExtraError(AccordError):
    """An optional package or data set is absent; the message names the install command."""

    exit_code = 4


class CancelledError(AccordError):
    """The user interrupted a run; what was finished is kept and can be resumed."""

    exit_code = 130
