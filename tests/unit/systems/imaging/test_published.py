"""The published cases, while the kind has no model of its own that would have the suite run them."""

import importlib
from pathlib import Path

import pytest

from accord.contract.validation import data_folder, read_cases, run_case

FOLDER = Path(__file__).parents[4] / "src" / "accord" / "systems" / "imaging"
CASES = [
    pytest.param(case, id=case.id, marks=[pytest.mark.slow] if case.slow else [])
    for case in read_cases(FOLDER / "validation.yaml")
]


@pytest.mark.parametrize("case", CASES)
def test_published_case(case) -> None:
    outcomes = run_case(case, importlib.import_module("accord.systems.imaging.validation"), data_folder())
    if all(o.state == "skipped" for o in outcomes):
        pytest.skip(outcomes[0].note)
    wrong = [
        f"{o.quantity}: {o.obtained}, expected {o.expected} within {o.tolerance}"
        for o in outcomes
        if o.state != "passed"
    ]
    assert not wrong
