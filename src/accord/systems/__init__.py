"""The systems: one folder each, siblings of one shape, coupled only through declared ports.

A folder here with an ``__init__.py`` that defines ``SYSTEM`` *is* a system; nothing else needs touching to add one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from accord.contract.validation import data_folder, read_cases, run_case
from accord.errors import PlanError

if TYPE_CHECKING:
    from types import ModuleType

    from accord.contract import System
    from accord.contract.validation import Outcome

__all__ = ["flags", "get", "names", "planned", "published", "validate"]


@cache
def names() -> tuple[str, ...]:
    """Return the kinds that have a model, sorted."""
    here = files("accord.systems")
    return tuple(
        sorted(
            entry.name
            for entry in here.iterdir()
            if entry.is_dir() and not entry.name.startswith("_") and (entry / "model.py").is_file()
        )
    )


@cache
def planned() -> dict[str, str]:
    """Return kinds that programmes may name but that have no model yet, with their titles."""
    rows = (files("accord.systems") / "planned.txt").read_text(encoding="utf-8").splitlines()
    pairs = (row.split(":", 1) for row in rows if row and not row.startswith("#"))
    return {kind.strip(): title.strip() for kind, title in pairs if kind.strip() not in names()}


def get(kind: str) -> System:
    """Return a system by kind.

    Raises
    ------
    PlanError
        When there is no such folder.
    """
    if kind not in names():
        raise PlanError(f"unknown system kind {kind!r}: expected one of {', '.join(names())}")
    system: System = import_module(f"accord.systems.{kind}").SYSTEM
    return system


@cache
def flags(kind: str) -> tuple[dict[str, str], ...]:
    """Return what is to be cleared before a system of that kind is built; nothing for a kind without a list.

    Returns
    -------
    tuple of dict
        ``topic``, ``flag``, ``under``, ``ask``.
    """
    import yaml

    path = files("accord.systems") / kind / "flags.yaml"
    if kind not in names() or not path.is_file():
        return ()
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8"))["flags"])


def validate(kind: str, *, slow: bool = True) -> list[Outcome]:
    """Compute a system's published cases and return what each gave.

    Parameters
    ----------
    kind : str
    slow : bool
        Whether cases marked slow are computed too.
    """
    data = data_folder()
    return [
        outcome
        for module, path in published(kind)
        for case in read_cases(path)
        if slow or not case.slow
        for outcome in run_case(case, module, data)
    ]


def published(kind: str) -> list[tuple[ModuleType, Path]]:
    """Return the ``validation`` modules of a system and of its rooms, each with its ``validation.yaml``.

    Parameters
    ----------
    kind : str
        A system; its own cases come first, then those of folders inside it, by name.
    """
    folder = Path(str(files("accord.systems") / kind))
    paths = [folder / "validation.yaml", *sorted(folder.glob("*/**/validation.yaml"))]
    rooms = [".".join(("accord.systems", kind, *path.parent.relative_to(folder).parts)) for path in paths]
    return [(import_module(f"{room}.validation"), path) for room, path in zip(rooms, paths, strict=True)]
