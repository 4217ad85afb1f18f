"""Every published case of every system, of the evidence, and of systems elsewhere named in ACCORD_VALIDATION_EXTRA."""

import os
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from accord import systems
from accord.contract.validation import Case, data_folder, read_cases, run_case


def _named(kind: str, path: Path) -> str:
    """Return a system's name, with its room where the cases lie in one."""
    return kind if path.parent.name == kind else f"{kind}.{path.parent.name}"


def _shipped() -> list[tuple[str, Path, ModuleType]]:
    found = []
    for kind in systems.names():
        found += [(_named(kind, path), path, module) for module, path in systems.published(kind)]
    rooms = ["accord.evidence.validation"]  # the ensemble and the evidence belong to no system
    for name in rooms:
        module = import_module(name)
        found.append((name.split(".")[1], Path(str(module.__file__)).with_name("validation.yaml"), module))
    return found


def _elsewhere() -> list[tuple[str, Path, ModuleType]]:
    """Return the cases of folders outside the package: each holds validation.yaml and validation.py."""
    found = []
    for text in filter(None, os.environ.get("ACCORD_VALIDATION_EXTRA", "").split(os.pathsep)):
        folder = Path(text)
        spec = spec_from_file_location(f"extra_{folder.name}", folder / "validation.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append((folder.name, folder / "validation.yaml", module))
    return found


CASES = [
    pytest.param(case, module, id=f"{kind}-{case.id}", marks=[pytest.mark.slow] if case.slow else [])
    for kind, path, module in [*_shipped(), *_elsewhere()]
    for case in read_cases(path)
]


@pytest.mark.parametrize(("case", "module"), CASES)
def test_published_number(case: Case, module: ModuleType) -> None:
    outcomes = run_case(case, module, data_folder())
    skipped = [o for o in outcomes if o.state == "skipped"]
    if skipped:
        pytest.skip(skipped[0].note)
    failed = [f"{o.quantity}: got {o.obtained}, published {o.expected} ({o.tolerance})" for o in outcomes
              if o.state != "passed"]  # fmt: skip
    assert not failed, f"{case.title} [{case.citation}]: {'; '.join(failed)}"


def test_every_system_has_cases() -> None:
    without = [kind for kind, path, _ in _shipped() if not read_cases(path)]
    assert not without
