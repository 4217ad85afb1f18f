"""Importing the package and asking for help must be instant, whatever else the house holds."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = {"numpy", "scipy", "numba", "pydantic", "pint", "jinja2", "rich", "vl_convert", "yaml"}


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_pulls_in_nothing_heavy() -> None:
    assert modules_after("import accord") & HEAVY == set()


def test_help_pulls_in_nothing_heavy() -> None:
    code = (
        "from contextlib import redirect_stdout\nimport io\nfrom accord.cli.main import main\n"
        "try:\n    with redirect_stdout(io.StringIO()):\n        main(['--help'])\nexcept SystemExit:\n    pass"
    )
    assert modules_after(code) & HEAVY == set()
