"""Published cases as data: read a system's ``validation.yaml``, compute each case, compare."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from accord.errors import FileError, ModelError

__all__ = ["Case", "Outcome", "data_folder", "read_cases", "run_case"]

_KEYS = {"id", "title", "citation", "run", "inputs", "expected", "tolerance", "slow", "needs", "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One published number with what it takes to recompute it."""

    id: str
    title: str
    citation: str
    run: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    tolerance: Mapping[str, Mapping[str, float]]
    slow: bool = False
    needs: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a case gave.

    Attributes
    ----------
    state : {"passed", "failed", "skipped"}
    quantity, expected, obtained, tolerance : str
        For the table: one line a quantity.
    """

    id: str
    title: str
    citation: str
    state: str
    quantity: str
    expected: str
    obtained: str
    tolerance: str
    note: str = ""


def data_folder() -> Path | None:
    """Return the folder of test data, from ``ACCORD_DATA`` or beside the checkout; None where absent."""
    given = os.environ.get("ACCORD_DATA")
    candidates = (
        [Path(given)] if given else [Path("../shared/data"), Path(__file__).parents[4] / "shared" / "data"]
    )
    return next((path.resolve() for path in candidates if path.is_dir()), None)


def read_cases(path: Path) -> list[Case]:
    """Read a ``validation.yaml``.

    Raises
    ------
    FileError
        When it cannot be read, has unknown keys, or a case lacks a citation, expectation or tolerance.
    """
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    cases = []
    for entry in body["cases"]:
        unknown = set(entry) - _KEYS
        if unknown:
            raise FileError(f"{path}: case {entry.get('id')}: unknown keys {sorted(unknown)}")
        entry = {"inputs": {}, **entry, "id": str(entry["id"])}
        if not entry.get("citation") or not entry.get("expected"):
            raise FileError(f"{path}: case {entry['id']}: citation and expected values are required")
        if set(entry["expected"]) != set(entry.get("tolerance", {})):
            raise FileError(f"{path}: case {entry['id']}: every expected value needs its tolerance")
        cases.append(Case(**entry))
    return cases


def run_case(case: Case, module: ModuleType, data: Path | None) -> list[Outcome]:
    """Compute one case with a function of the system's ``validation`` module and compare.

    Raises
    ------
    ModelError
        When the function is missing or does not return what is expected.
    """
    function = getattr(module, case.run, None)
    if function is None:
        raise ModelError(f"{module.__name__} has no function {case.run!r} (case {case.id})")
    arguments = dict(case.inputs)
    if case.needs:
        if data is None or not (data / case.needs).exists():
            return [
                _outcome(case, q, "skipped", "", f"needs {case.needs}; set ACCORD_DATA")
                for q in case.expected
            ]
        arguments["data"] = data / case.needs
    obtained = function(**arguments)
    outcomes = []
    for quantity in case.expected:
        if quantity not in obtained:
            raise ModelError(f"case {case.id}: {case.run} did not return {quantity!r}")
        good = _agrees(obtained[quantity], case.expected[quantity], case.tolerance[quantity])
        outcomes.append(
            _outcome(case, quantity, "passed" if good else "failed", _text(obtained[quantity]), case.note)
        )
    return outcomes


def _outcome(case: Case, quantity: str, state: str, obtained: str, note: str) -> Outcome:
    tolerance = ", ".join(f"{kind} {value:g}" for kind, value in case.tolerance[quantity].items())
    return Outcome(
        id=case.id,
        title=case.title,
        citation=case.citation,
        state=state,
        quantity=quantity,
        expected=_text(case.expected[quantity]),
        obtained=obtained,
        tolerance=tolerance,
        note=note,
    )


def _agrees(got: Any, want: Any, tolerance: Mapping[str, float]) -> bool:
    if isinstance(want, Sequence) and not isinstance(want, str):
        values = list(got)
        return len(values) == len(want) and all(
            _agrees(g, w, tolerance) for g, w in zip(values, want, strict=True)
        )
    if isinstance(want, (str, bool)):
        return bool(got == want)
    limit = max(tolerance.get("absolute", 0.0), tolerance.get("relative", 0.0) * abs(float(want)))
    return math.isfinite(float(got)) and abs(float(got) - float(want)) <= limit


def _text(value: Any) -> str:
    if isinstance(value, (str, bool)):
        return str(value)
    if isinstance(value, Sequence) or hasattr(value, "tolist"):
        return ", ".join(_text(v) for v in value)
    return f"{float(value):.6g}"
