"""A small programme of two coupled systems, and the command line as a user meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

COUPLED = """\
schema: accord/programme/1
id: coupled
title: A coupled programme
as_of: 2026-01-31
price_base: {currency: USD, year: 2025}
horizon: {start: 2026-01-01, decision: 2026-12-31, end: 2035-12-31}
sources:
  made: {type: made, title: Made for a test, date: 2026-01-01, reliability: F}
regions:
  land: {title: A square, source: made, polygon: [[60, 40], [66, 40], [66, 46], [60, 46]]}
inputs:
  delay: {dist: lognormal, p10: 12 month, p90: 60 month, source: made}
  base: {dist: normal, mean: 60 GUSD2025/yr, sd: 4 GUSD2025/yr, source: made}
systems:
  net:
    kind: constellation
    region: land
    design:
      shells: [{altitude: 1200 km, inclination: 60 deg, planes: 5, satellites: 25, elevation_mask: 15 deg}]
      step: 300 s
      cell: 200 km
  plan: {kind: delivery}
  trade:
    kind: trade
    inputs: {base_trade: {ref: base}}
    ports: {delivered: plan.delivered_share_by_year}
  eyes: {kind: protection}
schedule:
  - {id: build, name: Build, duration: {ref: delay}, system: net}
claims:
  - id: A
    source: made
    lines: [1]
    class: capability
    modality: planned
    text: The network covers the land
    system: net
    test: {metric: net.cover_share, ge: 95 %, at: 2031-12-31, delivered_by: build}
  - id: B
    source: made
    lines: [2]
    class: commitment
    modality: will
    text: It is built by 2028
    test: {event: build, by: 2028-12-31}
  - id: C
    source: made
    lines: [3]
    class: forecast
    modality: could
    text: Trade grows
    test: {metric: trade.attributable_uplift, ge: 1 GUSD2025/yr, at: 2031-12-31, baseline: no_programme}
  - {id: D, source: made, lines: [4], class: opinion, modality: asserted, text: It is good}
  - id: E
    source: made
    lines: [5]
    class: capability
    modality: planned
    text: Floods are seen within a day
    system: eyes
    test: {metric: eyes.latency, le: 24 h, at: 2031-12-31}
ensemble: {members: 256, seed: 3}
"""


class Shell:
    """Runs ``python -m accord`` in a folder of its own, with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "ACCORD_CACHE": str(folder / "cache"),
            "COLUMNS": "140",
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "accord", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "coupled.yaml").write_text(COUPLED, encoding="utf-8")
    return Shell(tmp_path)


VOLATILE = {"host.json", "events.jsonl"}


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a run that must be the same each time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in VOLATILE
    }
