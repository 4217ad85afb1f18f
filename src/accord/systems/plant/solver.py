"""Linear programmes of the plant: solved, certified from the original data, or explained in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.physics.highs import give, quiet_highs
from accord.systems.plant.certificate import Answer, certified, certify
from accord.systems.plant.chain import Joint, Programme, to_programme
from accord.systems.plant.diagnosis import explain, refuse_loops
from accord.systems.plant.interior import optimise

FloatArray = NDArray[np.float64]

__all__ = ["TOLERANCE", "reference", "solve", "solve_programme"]

TOLERANCE = 1e-6  # largest accepted gap and violation of a certificate
_WIDE = 30_000  # columns above which the reference's simplex method takes too long


def solve(
    joint: Joint, what: str, *, tolerance: float = TOLERANCE, threads: int = 1, method: str = "interior"
) -> Answer:
    """Solve chains of hours that share capacities.

    The interior-point method first; where its answer fails its certificate the reference solver; where that fails too
    the reason in words.

    Parameters
    ----------
    joint : Joint
    what : str
        Named in errors.
    tolerance : float
        Largest accepted gap and violation of the certificate. The interior-point method aims a hundred times lower.
    threads : int
        Chains worked on at a time; the result does not depend on it.
    method : str
        ``"interior"``, or ``"HiGHS"`` for the reference alone.

    Raises
    ------
    ModelError
        When it is infeasible or unbounded, or when no answer passes the certificate: a status is never a result.
    """
    refuse_loops(joint, what)
    if method == "interior" and all(chain.hours > 1 for chain in joint.chains):
        found = optimise(joint, tolerance=min(1e-8, 1e-2 * tolerance), threads=threads)
        if np.isfinite(found.gap):
            answer = certified(
                joint, found.flows, found.duals, found.capacities, "interior", found.iterations
            )
            if answer.certificate.holds(tolerance):
                return answer
        explain(joint, what)
    return reference(joint, what, tolerance=tolerance)


def reference(joint: Joint, what: str, *, tolerance: float = TOLERANCE) -> Answer:
    """Solve with HiGHS, scaled to powers and prices around one."""
    power = max(
        1.0,
        max(float(np.abs(c.rhs).max(initial=0.0)) for c in joint.chains),
        max(float(c.high[np.isfinite(c.high)].max(initial=0.0)) for c in joint.chains),
    )
    money = float(
        np.mean([np.abs(c.cost[c.cost != 0.0]).mean() for c in joint.chains if c.cost.any()] or [1.0])
    )
    p = to_programme(joint)
    scaled = Programme(
        cost=p.cost / money, matrix=p.matrix, row_low=p.row_low / power, row_high=p.row_high / power,
        low=p.low / power, high=p.high / power,
    )  # fmt: skip
    status, x, price = _highs(scaled)
    if status != "Optimal":
        explain(joint, what)
        raise ModelError(f"{what}: the solver stopped without an answer ({status})")
    x, price = x * power, price * money
    flows, duals, column, row = [], [], 0, 0
    for chain in joint.chains:
        flows.append(np.clip(x[column : column + chain.cost.size].reshape(chain.cost.shape), chain.low, None))
        duals.append(price[row : row + chain.rhs.size].reshape(chain.rhs.shape))
        column, row = column + chain.cost.size, row + chain.rhs.size
    answer = certified(joint, flows, duals, x[column:], "HiGHS")
    _refuse(answer, what, tolerance)
    return answer


def _refuse(answer: Answer, what: str, tolerance: float) -> None:
    found = answer.certificate
    if not found.holds(tolerance):
        raise ModelError(
            f"{what}: the solver's answer fails its certificate (gap {found.gap:.1e}, "
            f"violation {found.violation:.1e})"
        )


def solve_programme(
    p: Programme, what: str, *, tolerance: float = TOLERANCE
) -> tuple[FloatArray, FloatArray]:
    """Solve any sparse programme with HiGHS; return columns and duals of the rows.

    Raises
    ------
    ModelError
        As `solve`.
    """
    reasons = {
        "Infeasible": "no way to run satisfies every limit at once (infeasible)",
        "Unbounded": "its cost falls without end: a price or a limit is missing (unbounded)",
        "Primal infeasible or unbounded": "it is infeasible or its cost falls without end",
    }
    status, x, price = _highs(p)
    if status != "Optimal":
        said = reasons.get(status, f"the solver stopped without an answer ({status})")
        raise ModelError(f"{what}: {said}")
    found = certify(p, x, price)
    if not found.holds(tolerance):
        raise ModelError(
            f"{what}: the solver's answer fails its certificate (gap {found.gap:.1e}, "
            f"violation {found.violation:.1e})"
        )
    return x, price


def _highs(p: Programme) -> tuple[str, FloatArray, FloatArray]:
    """Return HiGHS's status in its words, columns and duals of the rows."""
    highs = quiet_highs()
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        highs.setOptionValue(name, 1e-9)
    if p.matrix.shape[1] > _WIDE:
        highs.setOptionValue("solver", "ipm")
        highs.setOptionValue("run_crossover", "off")
        highs.setOptionValue("ipm_optimality_tolerance", 1e-9)
    give(highs, p.cost, p.matrix, (p.row_low, p.row_high), (p.low, p.high))
    highs.run()
    answer = highs.getSolution()
    status = str(highs.modelStatusToString(highs.getModelStatus()))
    return status, np.array(answer.col_value), np.array(answer.row_dual)
