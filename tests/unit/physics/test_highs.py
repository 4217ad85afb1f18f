"""The solver keeps quiet also while it is made; its words come from compiled code: a process of its own is asked."""

from __future__ import annotations

import subprocess
import sys


def test_nothing_is_printed() -> None:
    code = "from accord.physics.highs import quiet_highs; print(quiet_highs().run())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert "HighsStatus.kOk" in done.stdout
