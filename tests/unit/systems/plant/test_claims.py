"""What an announcement may say of a plant can be tested: power, hydrogen, cost, emissions, all by a date."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.dossier.build import build
from accord.engine.draw import draw
from accord.engine.execute import run
from accord.engine.plan import plan
from accord.evidence.judge import judge
from accord.evidence.ledger import Ledger
from accord.programme.loader import load

FILE = """
schema: accord/programme/1
id: pilot
title: A pilot plant
as_of: 2026-01-31
price_base:
  currency: USD
  year: 2025
  conversions: [{from: INR2025, to: USD2025, factor: 0.0116, source: bank}]
horizon: {start: 2026-01-01, decision: 2026-12-31, end: 2040-12-31}
sources:
  made: {type: made, title: Made up, reliability: F}
  bank: {type: made, title: Rate of the day, reliability: F}
partners: {one: {name: One, share: 100 %}}
systems:
  site: {kind: delivery, title: Schedule}
  pilot:
    kind: plant
    title: Pilot
    source: made
    design: {reactor: phwr_700, grid: 800 MW, hydrogen: HYDROGEN, hydrogen_power: 40 MW, solar: 20 MW, norms: own.yaml}
schedule:
  - {id: built, name: Plant operating, duration: {dist: triangular, low: 80 month, mode: 110 month, high: 160 month}}
claims:
  - {id: A, source: made, lines: [1], class: capability, modality: will,
     text: It gives four billion units a year by 2036,
     test: {metric: pilot.net_export, ge: 4000 GWh/yr, at: 2036-12-31, delivered_by: built}}
  - {id: B, source: made, lines: [2], class: capability, modality: will,
     text: It makes five thousand tonnes of hydrogen a year,
     test: {metric: pilot.hydrogen, ge: 5000 t/yr}}
  - {id: C, source: made, lines: [3], class: capability, modality: will,
     text: Power costs less than five rupees a unit,
     test: {metric: pilot.lcoe, le: 5000 INR2025/MWh}}
  - {id: D, source: made, lines: [4], class: capability, modality: will,
     text: A million tonnes of carbon dioxide are avoided a year,
     test: {metric: pilot.emissions_avoided, ge: 1000 kt/yr, at: 2038-12-31, delivered_by: built}}
ensemble: {members: 64}
"""


def judged(folder: Path, hydrogen: str) -> tuple[Ledger, str]:
    text = (Path(__file__).parents[4] / "programmes" / "norms" / "india-2024.yaml").read_text()
    (folder / "own.yaml").write_text(text)
    path = folder / "pilot.yaml"
    path.write_text(FILE.replace("HYDROGEN", hydrogen))
    planned = plan(load(path))
    done = run(planned, draw(planned, 64, 1))
    ledger = judge(done)
    page = build(done, ledger, folder / "out").read_text(encoding="utf-8")
    return ledger, page


@pytest.mark.slow
def test_claims_on_power_hydrogen_cost_and_emissions_are_judged(tmp_path: Path) -> None:
    ledger, page = judged(tmp_path, "htse")
    rows = {row.id: row for row in ledger.rows}
    assert all(row.probability is not None for row in rows.values())
    assert rows["A"].probability < 0.9  # the date takes its share
    assert "built is delivered" in rows["A"].reason
    assert rows["B"].p50 is not None
    assert 3000 < rows["B"].p50 < 9500
    assert rows["D"].p50 is not None
    assert rows["D"].p50 > 1000
    assert "since 18 Aug 2023" in page
    assert "nuclear or from the grid" in page


@pytest.mark.slow
def test_a_pairing_that_cannot_be_is_infeasible_and_the_ledger_says_why(tmp_path: Path) -> None:
    ledger, page = judged(tmp_path, "s_i")
    row = next(row for row in ledger.rows if row.id == "B")
    assert row.verdict == "infeasible"
    assert "Sulphur-iodine cycle needs heat of 860 degC" in row.reason
    assert "640 K too cold" in row.reason
    assert any("640 K too cold" in note for note in ledger.notes)
    assert page.count("640 K too cold") >= 3
