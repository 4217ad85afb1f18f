"""Checking a programme file of 400 lines: read, checked, resolved; beside plain ``yaml.safe_load``."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from accord.programme.check import check

__all__ = ["run"]

BAR_S = 0.25
HEAD = """\
schema: accord/programme/1
id: long
title: A long programme
as_of: 2026-01-31
price_base: {currency: USD, year: 2025}
horizon: {start: 2026-01-01, decision: 2026-12-31, end: 2035-12-31}
sources:
  made: {type: made, title: Made for a benchmark, date: 2026-01-01, reliability: F}
systems:
  plan: {kind: delivery}
  trade: {kind: trade, ports: {delivered: plan.delivered_share}}
schedule:
"""


def text(lines: int) -> str:
    """Return a sound programme of about so many lines."""
    rows = [HEAD.rstrip()]
    rows += [f"  - {{id: a{i}, name: Step {i}, duration: {{dist: lognormal, p10: 4 month, p90: {9 + i} month}}}}"
             for i in range(40)]  # fmt: skip
    rows.append("claims:")
    i = 0
    while len(rows) < lines - 8:
        rows += [f"  - id: C{i}", "    source: made", f"    lines: [{i + 1}]", "    class: commitment",
                 "    modality: will", f"    text: Step {i % 40} is done",
                 f"    test: {{event: a{i % 40}, by: 2028-06-30}}"]  # fmt: skip
        i += 1
    return "\n".join(rows) + "\n"


def run() -> list[dict[str, Any]]:
    """Time a check, imports done, best of five."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.yaml"
        content = text(400)
        path.write_text(content, encoding="utf-8")
        assert not [f for f in check(path) if f.level == "error"]
        own = plain = float("inf")
        for _ in range(5):
            begin = time.perf_counter()
            check(path)
            own = min(own, time.perf_counter() - begin)
            begin = time.perf_counter()
            yaml.safe_load(content)
            plain = min(plain, time.perf_counter() - begin)
    return [
        {
            "name": f"check of a file of {content.count(chr(10))} lines",
            "ours_s": own,
            "peer_s": plain,
            "ratio": plain / own,
            "bar": f"at most {BAR_S} s",
            "clears": own <= BAR_S,
            "note": "peer: PyYAML's safe_load in pure Python, which neither checks nor knows a line",
        }
    ]
