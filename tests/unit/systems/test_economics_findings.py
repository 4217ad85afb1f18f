"""Mistakes in the money, trade and supply of a real programme file: each one clear finding at its line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.programme.check import check

FILE = """\
schema: accord/programme/1
id: economics
title: A programme with a schedule, a supply chain and a trade gain
as_of: 2026-01-31
price_base: {currency: USD, year: 2025}
horizon: {start: 2026-01-01, decision: 2026-12-31, end: 2035-12-31}
sources: {made: {type: made, title: Made for a test, date: 2026-01-01, reliability: F}}
systems:
  plan:
    kind: delivery
    design:
      supply:
        components:
          - id: chips
            name: Chips
            used_by: [works]
            stock: 2 month
            recovery: {dist: lognormal, p10: 6 month, p90: 18 month}
            suppliers: [{id: one, country: north, share: 60 %}, {id: two, country: south, share: 40 %}]
        losses:
          shut: {country: north, probability: 0.2}
  trade:
    kind: trade
    design:
      claimed_uplift_low: 5 GUSD2025/yr
      claimed_by: 2031-12-31
      flows: flows.csv
      between: [a, b]
      production: {file: industries.csv, goods: {a.x: 1}}
      history: [40 GUSD2025/yr, 44 GUSD2025/yr, 43 GUSD2025/yr, 50 GUSD2025/yr, 55 GUSD2025/yr]
    ports: {delivered: plan.delivered_share_by_year}
schedule:
  - {id: works, name: Works, duration: {dist: lognormal, p10: 10 month, p90: 30 month}, reference_class: it}
claims:
  - id: C1
    source: made
    lines: [1]
    class: forecast
    modality: could
    text: Trade rises
    test: {metric: trade.attributable_uplift, ge: 5 GUSD2025/yr, at: 2031-12-31, baseline: no_programme}
"""
FLOWS = "exporter,importer,flow_gusd2025_per_yr\na,a,900\na,b,10\nb,a,12\nb,b,800\n"
INDUSTRIES = "industry,a.x,b.y,output\na.x,1,2,10\nb.y,3,0,8\n"


def errors(folder: Path, *changes: tuple[str, str], level: str = "error"):
    files = {"p.yaml": FILE, "flows.csv": FLOWS, "industries.csv": INDUSTRIES}
    for old, new in changes:
        hit = [name for name, text in files.items() if old in text]
        assert len(hit) == 1, old
        files[hit[0]] = files[hit[0]].replace(old, new, 1)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [f for f in check(folder / "p.yaml") if f.level == level]


def test_the_file_is_sound(tmp_path: Path) -> None:
    assert errors(tmp_path) == []


MISTAKES = [
    ("money needs the year", "claimed_uplift_low: 5 GUSD2025/yr", "claimed_uplift_low: 5 GUSD/yr"),
    ("money needs the year", "[40 GUSD2025/yr", "[40 GUSD/yr"),
    ("no factor from INR2025", "claimed_uplift_low: 5 GUSD2025/yr", "claimed_uplift_low: 400 GINR2025/yr"),
    ("expected", "claimed_uplift_low: 5 GUSD2025/yr", "claimed_uplift_low: 5 GUSD2025"),
    ("p10 (18) must be below p90 (6)", "p10: 6 month, p90: 18 month", "p10: 18 month, p90: 6 month"),
    ("p10 (30) must be below p90 (10)", "p10: 10 month, p90: 30 month", "p10: 30 month, p90: 10 month"),
    ("add up to 1.2", "share: 40 %", "share: 60 %"),
    ("outside the possible range", "share: 40 %", "share: 140 %"),
    ("outside the possible range", "probability: 0.2", "probability: 1.2"),
    ("unknown country 'norht'", "country: north, probability", "country: norht, probability"),
    ("unknown activity or system of the schedule 'work'", "used_by: [works]", "used_by: [work]"),
    ("no region 'c'", "between: [a, b]", "between: [a, c]"),
    ("flows.csv:1: expected the head", "flow_gusd2025_per_yr", "flow_gusd_per_yr"),
    ("flows.csv:3: expected a plain number", "a,b,10", "a,b,ten"),
    ("industries.csv: a.x buys 14 to make 10", "a.x,1,2,10\nb.y,3", "a.x,9,2,10\nb.y,5"),
    ("unknown reference_class 'itt'", "reference_class: it}", "reference_class: itt}"),
    ("no output 'delivered_share_by_yaer'", "plan.delivered_share_by_year", "plan.delivered_share_by_yaer"),
    ("known for 15 years", "at: 2031-12-31, baseline", "at: 2035-12-31, baseline"),
]


@pytest.mark.parametrize(("words", "right", "wrong"), MISTAKES, ids=lambda text: str(text)[:30])
def test_a_mistake_is_one_clear_line(tmp_path: Path, words: str, right: str, wrong: str) -> None:
    if words.startswith("known for"):  # the horizon has to reach further than the model
        horizon = ("end: 2035-12-31", "end: 2050-12-31")
        found = errors(tmp_path, horizon, (right, wrong.replace("2035", "2045")))
    else:
        found = errors(tmp_path, (right, wrong))
    told = [f for f in found if words in f.message]
    assert told, [f.message for f in found]
    assert "\n" not in str(told[0])
    if right in FILE and not words.startswith(("add up", "no region", "unknown", "known")):
        assert told[0].line == FILE[: FILE.index(right)].count("\n") + 1
    assert told[0].line > 1  # never just "the file"


def test_a_port_with_one_number_is_warned_of(tmp_path: Path) -> None:
    found = errors(tmp_path, ("plan.delivered_share_by_year", "plan.delivered_share"), level="warning")
    assert any("delivered expects delivery.delivered_share_by_year" in f.message for f in found)
