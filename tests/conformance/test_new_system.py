"""What ``accord system new`` makes conforms before a line of it is changed."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import accord.systems
from accord.contract.checks import CHECKS, Subject


def test_a_copy_of_the_template_conforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [sys.executable, "-m", "accord", "system", "new", "reservoir", "--into", str(tmp_path)]
    source = Path(accord.systems.__path__[0]).parents[1]
    subprocess.run(words, check=True, capture_output=True, env={"PYTHONPATH": str(source), "PATH": ""})
    monkeypatch.setattr(accord.systems, "__path__", [*accord.systems.__path__, str(tmp_path)])
    system = import_module("accord.systems.reservoir").SYSTEM
    assert system.name == "reservoir"
    subject = Subject.of(system)
    assert [line for check in CHECKS for line in check(subject)] == []
