"""A run made by hand: the template system, one without a model, and a ledger with a row of every verdict."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.contract import Horizon, SystemResult
from accord.contract.alone import Alone
from accord.engine.records import Binding, ColumnSpec, Draws, Node, Plan, Run, Status
from accord.evidence.ledger import (
    VERDICTS,
    Convergence,
    Drift,
    Driver,
    Flip,
    Growth,
    Influence,
    Influences,
    Ledger,
    Route,
    Row,
    ScenarioEffect,
)
from accord.programme.schema import Programme
from accord.systems._template.model import SYSTEM

HOSTILE = "<script>alert(1)</script> & [red]=cmd|' /C calc'!A0\"'"


def programme(title: str = "Made") -> Programme:
    return Programme.model_validate(
        {
            "schema": "accord/programme/1",
            "id": "made",
            "title": title,
            "as_of": "2026-01-31",
            "price_base": {"currency": "USD", "year": 2025},
            "horizon": {"start": "2026-01-01", "decision": "2026-12-31", "end": "2035-12-31"},
            "sources": {
                "speech": {"type": "made", "title": HOSTILE, "date": "2026-01-01", "reliability": "F"}
            },
            "partners": {"one": {"name": HOSTILE}},
        }
    )


def run_of(title: str = "Made", n: int = 64) -> Run:
    alone = Alone(SYSTEM)
    members = alone.draw(n)
    outputs, _ = alone.evaluate(members)
    result: SystemResult = alone.result(n)
    columns = {
        f"town.{k}": ColumnSpec(
            name=f"town.{k}", unit=SYSTEM.inputs[k].unit, spread=s, owner="town", doc=HOSTILE, source="speech"
        )
        for k, s in alone.spreads().items()
    }
    town = Node(
        name="town", kind="_template", title="Town", system=SYSTEM, design=alone.model(), fixed=alone.fixed(),
        bindings={k: Binding(f"town.{k}") for k in members}, ports={}, level=0,
    )  # fmt: skip
    absent = Node(
        name="eyes", kind="imaging", title=HOSTILE, system=None, design=None, fixed={}, bindings={},
        ports={"orbits": ("town", "level")}, level=1,
    )  # fmt: skip
    horizon = Horizon(dt.date(2026, 1, 1), dt.date(2026, 12, 31), dt.date(2035, 12, 31))
    plan = Plan(
        programme=programme(title), folder=Path(), text_hash="ab" * 16, horizon=horizon,
        nodes={"town": town, "eyes": absent}, columns=columns, correlations=[],
    )  # fmt: skip
    draws = Draws(
        n=n, seed=1, replicates=8, columns={f"town.{k}": v for k, v in members.items()},
        replicate=np.repeat(np.arange(8), n // 8),
    )  # fmt: skip
    return Run(
        plan=plan,
        draws=draws,
        results={"town": result},
        statuses={"town": Status(state="ok"), "eyes": Status(state="not assessed", reason="no model yet")},
        outputs={"town": outputs},
        ok={"town": np.ones(n, dtype=bool)},
    )


def row(index: int, verdict: str, **more: Any) -> Row:
    tested = verdict in {"likely met", "uncertain", "unlikely met", "infeasible"}
    numbers: dict[str, Any] = (
        {
            "p10": 3.0, "p50": 5.0, "p90": 9.0, "unit": "day", "shown": ("3 day", "5 day", "9 day"),
            "threshold_shown": "4 day", "thresholds": (4.0,), "comparator": "ge", "quantity": "autonomy",
            "probability": 0.7, "probability_low": 0.6, "probability_high": 0.8, "probability_text": "0.70",
            "likelihood": "likely", "confidence": "medium", "confidence_reason": "two routes",
            "routes": (Route(name="engineering ensemble", probability=0.7, low=0.6, high=0.8),),
            "drivers": (Driver(column="town.loss_share", title=HOSTILE, unit="1", coefficient=-0.6,
                               rank_correlation=-0.5, share=0.4),),
            "influences": Influences(
                rows=(
                    Influence(column="town.loss_share", title=HOSTILE, share=0.41, low=0.38, high=0.44, alone=0.5,
                              pawn=0.3),
                    Influence(column="town.bent", title="Bent", share=-0.01, low=-0.03, high=0.01, alone=0.0,
                              pawn=0.01),
                ),
                method="Shapley effect", of="claim", tied=("town.loss_share", "town.bent"), left=0.6, pawn_noise=0.05,
            ),
            "flip": Flip(column="town.loss_share", title="loss", unit="1", value=0.2, side="below", text=HOSTILE),
            "members": 64,
        }
        if tested
        else {}
    )  # fmt: skip
    head: dict[str, Any] = {
        "id": f"R{index}", "class_": "capability", "modality": "will", "source": "speech", "lines": (index + 1,),
        "text": HOSTILE, "verdict": verdict, "reason": f"because {HOSTILE}",
    }  # fmt: skip
    return Row(**{**head, **numbers, **more})


@pytest.fixture
def made_run() -> Run:
    return run_of(HOSTILE)


@pytest.fixture
def made_ledger() -> Ledger:
    rows = tuple(row(i, verdict) for i, verdict in enumerate(VERDICTS))
    drift = Drift(kind="modality drift", first="R0", second="R1", subject="x", text=HOSTILE)
    tested = [r.id for r in rows if r.probability is not None]
    effects = [
        ScenarioEffect(claim=name, scenario="x", title=HOSTILE, probability=0.8, shown="0.80", low=0.7, high=0.9,
                       difference=0.1, difference_low=0.05, difference_high=0.15, changed=6)
        for name in tested[:2]
    ]  # fmt: skip
    still = ScenarioEffect(claim=tested[2], scenario="x", title=HOSTILE)
    settled = [
        Convergence(claim=name, members=n, probability=0.7, low=0.5, high=0.9)
        for name in tested
        for n in (32, 64)
    ]
    sizes = (Growth(members=32, claim="R1", half=0.3), Growth(members=64, claim="R1", half=0.2))
    return Ledger(
        programme="made", title=HOSTILE, rows=rows, drifts=(drift,), seed=1, members=64, scenarios=(*effects, still),
        convergence=settled, growth=sizes, tolerance=0.2, notes=(HOSTILE,),
    )  # fmt: skip
