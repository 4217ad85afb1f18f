"""A million members of a six-input model with copula, from draws to ledger, beside the EMA Workbench and monaco.

Ours draws scrambled Sobol' points in eight replicates through a copula, runs the model through the engine, and judges a
claim: quantiles, P with its interval, drivers with their shares, break-even, the box in which it fails. The peers draw
plain samples without correlation and evaluate the model one member at a time, as they are made to; they are timed on
fewer members and scaled, since their time grows in proportion, and judge nothing. Times are of the processor.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import logging
import math
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from accord import systems
from accord.contract import DesignModel, Horizon, Input, Output, Spread, System
from accord.engine.draw import draw
from accord.engine.execute import run as execute
from accord.engine.records import Binding, ColumnSpec, Node, Plan
from accord.evidence.judge import judge
from accord.programme.resolved import ResolvedTest
from accord.programme.schema import Claim

__all__ = ["run"]

MEMBERS, TIMED, BAR = 1_000_000, 10_000, 60.0
SPREADS = {
    "base": Spread.of("normal", mean=68.7, sd=2.0),
    "share": Spread.of("beta", alpha=3.0, beta=80.0),
    "depth": Spread.of("beta", alpha=2.0, beta=4.0),
    "delivered": Spread.of("beta", alpha=2.0, beta=3.0),
    "growth": Spread.of("normal", mean=0.04, sd=0.02),
    "factor": Spread.of("lognormal", median=1.0, gsd=1.2),
}
PAIRS = [("share", "depth", 0.3), ("depth", "delivered", 0.5)]


def _evaluate(members: Any, _: Any, __: Any) -> dict[str, Any]:
    m = members
    before = m["base"] * m["share"] * (1.0 + m["growth"]) ** 5
    return {"uplift": before * (np.exp(0.7 * m["factor"] * m["depth"] * m["delivered"]) - 1.0)}


MODEL = System(
    name="six",
    title="Six inputs",
    version=1,
    Design=DesignModel,
    inputs={k: Input(unit="1", doc=k, default=1.0, low=-1e9, high=1e9, source="made") for k in SPREADS},
    outputs={"uplift": Output(unit="1", doc="Uplift.")},
    evaluate=_evaluate,
)


def plan() -> Plan:
    """Return the model as a plan with one claim."""
    claim = Claim.model_validate(
        {"id": "A", "source": "s", "lines": [1], "class": "commitment", "modality": "will", "text": "It grows.",
         "test": {"metric": "six.uplift", "ge": 1}}
    )  # fmt: skip
    programme: Any = SimpleNamespace(
        id="six", title="Six", partners={}, claims=[claim], sources={}, inputs={}
    )
    columns = {k: ColumnSpec(name=k, unit="1", spread=s, owner="inputs", doc=k) for k, s in SPREADS.items()}
    node = Node(
        name="six", kind="six", title="", system=MODEL, design=DesignModel(), fixed={},
        bindings={k: Binding(k) for k in SPREADS}, ports={}, level=0,
    )  # fmt: skip
    test = ResolvedTest(of="metric", system="six", name="uplift", comparator="ge", values=(1.0,), unit="1")
    horizon = Horizon(dt.date(2026, 1, 1), dt.date(2026, 6, 1), dt.date(2036, 1, 1))
    return Plan(
        programme=programme, folder=Path(), text_hash="", horizon=horizon, nodes={"six": node}, columns=columns,
        correlations=PAIRS, tests={"A": test},
    )  # fmt: skip


def ours() -> tuple[float, float, dict[str, float]]:
    """Return the best time [s] from draws to ledger, P, and where the time went."""
    get, best, parts = systems.get, np.inf, {}
    systems.get = lambda kind: MODEL  # type: ignore[assignment]
    try:
        wired = plan()
        for _ in range(3):
            marks = [time.process_time()]
            draws = draw(wired, MEMBERS, 1)
            marks.append(time.process_time())
            done = execute(wired, draws)
            marks.append(time.process_time())
            row = judge(done).rows[0]
            marks.append(time.process_time())
            if marks[-1] - marks[0] < best:
                best = marks[-1] - marks[0]
                parts = dict(zip(("draws", "model", "ledger"), np.diff(marks).tolist(), strict=True))
    finally:
        systems.get = get
    assert row.probability is not None
    return best, row.probability, parts


def _one(base: float, share: float, depth: float, delivered: float, growth: float, factor: float) -> float:
    return base * share * (1.0 + growth) ** 5 * (math.exp(0.7 * factor * depth * delivered) - 1.0)


def ema() -> float | None:
    """Time the EMA Workbench's sequential evaluator, scaled to all members [s]; None where it is not installed."""
    try:
        from ema_workbench import Model, RealParameter, ScalarOutcome, SequentialEvaluator, ema_logging
    except ImportError:
        return None
    ema_logging.log_to_stderr(level=logging.ERROR)
    model = Model("six", function=lambda **x: {"uplift": _one(**x)})
    model.uncertainties = [RealParameter(k, s.quantile(0.001), s.quantile(0.999)) for k, s in SPREADS.items()]
    model.outcomes = [ScalarOutcome("uplift")]
    with SequentialEvaluator(model) as evaluator, contextlib.redirect_stderr(io.StringIO()):
        begin = time.process_time()
        evaluator.perform_experiments(scenarios=TIMED)
        return (time.process_time() - begin) * MEMBERS / TIMED


def monaco() -> float | None:
    """Time monaco in one thread, scaled to all members [s]; None where it is not installed."""
    try:
        import monaco as mc
        from scipy import stats
    except ImportError:
        return None
    frozen = {
        "base": (stats.norm, {"loc": 68.7, "scale": 2.0}),
        "share": (stats.beta, {"a": 3, "b": 80}),
        "depth": (stats.beta, {"a": 2, "b": 4}),
        "delivered": (stats.beta, {"a": 2, "b": 3}),
        "growth": (stats.norm, {"loc": 0.04, "scale": 0.02}),
        "factor": (stats.lognorm, {"s": math.log(1.2)}),
    }

    def preprocess(case: Any) -> tuple[float, ...]:
        return tuple(case.invals[k].val for k in SPREADS)

    def postprocess(case: Any, uplift: float) -> None:
        case.addOutVal(name="uplift", val=uplift)

    steps = {
        mc.SimFunctions.PREPROCESS: preprocess,
        mc.SimFunctions.RUN: _one,
        mc.SimFunctions.POSTPROCESS: postprocess,
    }
    begin = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        sim = mc.Sim(name="six", ndraws=TIMED, fcns=steps, firstcaseismedian=False, seed=1, singlethreaded=True,
                     verbose=False, savesimdata=False, savecasedata=False)  # fmt: skip
        for k, (dist, settings) in frozen.items():
            sim.addInVar(name=k, dist=dist, distkwargs=settings)
        sim.runSim()
    return (time.process_time() - begin) * MEMBERS / TIMED


def run() -> list[dict[str, Any]]:
    """Time all three in one run."""
    own, probability, parts = ours()
    rows = []
    spent = ", ".join(f"{k} {v:.2f} s" for k, v in parts.items())
    for name, peer in (("EMA Workbench", ema()), ("monaco", monaco())):
        ratio = None if peer is None else peer / own
        note = f"{spent}; P {probability:.4f}; peer timed on {TIMED} members and scaled"
        rows.append(
            {
                "name": f"{MEMBERS} members of a six-input model with copula and ledger, processor time",
                "ours_s": own,
                "peer_s": peer,
                "ratio": ratio,
                "bar": f"at least {BAR:.0f} x {name}, sequential",
                "clears": None if ratio is None else ratio >= BAR,
                "note": f"{name} is not installed: make bench-setup" if peer is None else note,
            }
        )
    return rows
