"""Ten chained trivial systems x 1 000 members: the overhead of the engine, beside OpenMDAO and the EMA Workbench.

Each system computes ``y = 1.01 x + 1``. The peers evaluate one member at a time, as they are made to; ours evaluates
arrays over members. What is compared is what a study pays for wiring, drawing and bookkeeping.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from accord import systems
from accord.contract import DesignModel, Horizon, Input, Output, Port, Spread, System
from accord.engine.draw import draw
from accord.engine.execute import run as execute
from accord.engine.records import Binding, ColumnSpec, Node, Plan

__all__ = ["run"]

LENGTH, MEMBERS, REPEATS = 10, 1000, 5
BARS = {"OpenMDAO": 100.0, "EMA Workbench": 30.0}


def _evaluate(members: Any, _: Any, context: Any) -> dict[str, Any]:
    return {"y": 1.01 * context.ports.get("x", members["start"]) + 1.0}


LINK = System(
    name="link",
    title="A link of a chain",
    version=1,
    Design=DesignModel,
    inputs={"start": Input(unit="1", doc="Start.", default=0.0, low=-9.0, high=9.0, source="made")},
    outputs={"y": Output(unit="1", doc="Value.")},
    ports={"x": Port(of="link.y", kind=float, doc="Value before.", optional=True, fallback="start")},
    evaluate=_evaluate,
)


def plan() -> Plan:
    """Return the chain, wired."""
    programme: Any = SimpleNamespace(id="chain", title="Chain", partners={})
    column = ColumnSpec(
        name="start", unit="1", spread=Spread.of("uniform", low=0.0, high=1.0), owner="inputs"
    )
    nodes = {
        f"s{i}": Node(
            name=f"s{i}",
            kind="link",
            title="",
            system=LINK,
            design=DesignModel(),
            fixed={},
            bindings={"start": Binding("start")},
            ports={"x": (f"s{i - 1}", "y")} if i else {},
            level=i,
        )
        for i in range(LENGTH)
    }
    horizon = Horizon(dt.date(2026, 1, 1), dt.date(2026, 6, 1), dt.date(2036, 1, 1))
    return Plan(
        programme=programme, folder=Path(), text_hash="", horizon=horizon, nodes=nodes,
        columns={"start": column}, correlations=[],
    )  # fmt: skip


def ours() -> tuple[float, float]:
    """Return the best time [s] from plan to results, and the mean of the last output."""
    get, names = systems.get, systems.names
    systems.get = lambda kind: LINK  # type: ignore[assignment]
    try:
        wired, best, mean = plan(), np.inf, 0.0
        for _ in range(REPEATS):
            begin = time.perf_counter()
            done = execute(wired, draw(wired, MEMBERS, 1))
            best = min(best, time.perf_counter() - begin)
            mean = float(done.outputs[f"s{LENGTH - 1}"]["y"].mean())
    finally:
        systems.get, systems.names = get, names
    return best, mean


def openmdao() -> tuple[float, float] | None:
    """Time OpenMDAO's loop over members; None where it is not installed."""
    try:
        import openmdao.api as om
    except ImportError:
        return None

    class Link(om.ExplicitComponent):  # type: ignore[misc]
        def setup(self) -> None:
            self.add_input("x", 0.0)
            self.add_output("y", 0.0)

        def compute(self, inputs: Any, outputs: Any) -> None:
            outputs["y"] = 1.01 * inputs["x"] + 1.0

    problem = om.Problem(reports=False)
    for i in range(LENGTH):
        problem.model.add_subsystem(f"s{i}", Link())
        if i:
            problem.model.connect(f"s{i - 1}.y", f"s{i}.x")
    problem.setup()
    starts = np.random.default_rng(1).random(MEMBERS)
    begin = time.perf_counter()
    results = np.empty(MEMBERS)
    for member, start in enumerate(starts):
        problem.set_val("s0.x", start)
        problem.run_model()
        results[member] = problem.get_val(f"s{LENGTH - 1}.y")[0]
    return time.perf_counter() - begin, float(results.mean())


def ema() -> tuple[float, float] | None:
    """Time the EMA Workbench's sequential evaluator; None where it is not installed."""
    try:
        from ema_workbench import Model, RealParameter, ScalarOutcome, SequentialEvaluator, ema_logging
    except ImportError:
        return None
    ema_logging.log_to_stderr(level=logging.ERROR)

    def chain(start: float) -> dict[str, float]:
        value = start
        for _ in range(LENGTH):
            value = 1.01 * value + 1.0
        return {"y": value}

    model = Model("chain", function=chain)
    model.uncertainties = [RealParameter("start", 0.0, 1.0)]
    model.outcomes = [ScalarOutcome("y")]
    with SequentialEvaluator(model) as evaluator:
        begin = time.perf_counter()
        _, outcomes = evaluator.perform_experiments(scenarios=MEMBERS)
        return time.perf_counter() - begin, float(np.mean(outcomes["y"]))


def run() -> list[dict[str, Any]]:
    """Time all three in one run."""
    own, mean = ours()
    rows = []
    for name, peer in (("OpenMDAO", openmdao()), ("EMA Workbench", ema())):
        ratio = None if peer is None else peer[0] / own
        if peer is not None and abs(peer[1] - mean) > 0.05:
            raise ArithmeticError(f"{name} computed another mean: {peer[1]} instead of {mean}")
        rows.append(
            {
                "name": f"{LENGTH} chained systems x {MEMBERS} members",
                "ours_s": own,
                "peer_s": None if peer is None else peer[0],
                "ratio": ratio,
                "bar": f"at least {BARS[name]:.0f} x {name}, sequential",
                "clears": None if ratio is None else ratio >= BARS[name],
                "note": f"{name} is not installed: make bench-setup" if peer is None else f"mean {mean:.4f}",
            }
        )
    return rows
