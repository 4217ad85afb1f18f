"""How many projects to start in each field: a chance-constrained integer programme on sampled costs.

Maximise the weighted number of projects expected through their last gate, such that the portfolio stays within the
fund's size in a stated share of the scenarios (sample approximation of a chance constraint: Luedtke & Ahmed 2008,
"A sample approximation approach for optimization with probabilistic constraints", SIAM J. Optimization 19:674).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import ModelError
from accord.systems.fund.inputs import Design, ResearchField

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SCENARIOS", "allocate", "expected_cost_musd2025", "scenario_costs"]

SCENARIOS = 120
_SEED = 20_260  # of the planning scenarios alone; the ensemble judges the portfolio on its own draws


def expected_cost_musd2025(field: ResearchField) -> float:
    """Return what a project is expected to cost, the later stages weighted by the chance to reach them."""
    reach, total = 1.0, 0.0
    for stage in field.stages:
        total += reach * stage.cost_musd2025
        reach *= stage.planned_success
    return total


def scenario_costs(design: Design, scenarios: int = SCENARIOS, seed: int = _SEED) -> FloatArray:
    """Return costs of a project (scenarios, fields) [MUSD2025] around their plan."""
    noise = np.random.default_rng(seed).standard_normal((scenarios, 1 + len(design.fields)))
    log = design.common_cost_log_sd * noise[:, :1] + design.field_cost_log_sd * noise[:, 1:]
    plan = np.array([expected_cost_musd2025(field) for field in design.fields])
    costs: FloatArray = plan * np.exp(log)
    return costs


def allocate(design: Design, costs: FloatArray) -> NDArray[np.int64]:
    """Return the number of projects to start in each field.

    Parameters
    ----------
    design : Design
    costs : float array, shape (scenarios, fields) [MUSD2025]

    Raises
    ------
    ModelError
        When no portfolio keeps the shares within the size as surely as asked.
    """
    from scipy import optimize as _optimize

    optimize: Any = _optimize  # its functions carry no types

    scenarios, count = costs.shape
    size = design.size_musd2025
    plan = np.array([expected_cost_musd2025(field) for field in design.fields])
    value = np.array([f.weight * np.prod([s.planned_success for s in f.stages]) for f in design.fields])
    most = np.floor(np.array([f.max_share for f in design.fields]) * size / plan)
    least = np.ceil(np.array([f.min_share for f in design.fields]) * size / plan - 1e-9)
    # a scenario may break the budget (z = 1) in at most the share that reliability leaves
    excess = np.maximum(costs @ most - size, 0.0)
    rows = np.hstack([costs, -np.diag(excess)])
    broken = np.concatenate([np.zeros(count), np.ones(scenarios)])
    allowed = np.floor((1.0 - design.budget_reliability) * scenarios + 1e-9)
    found = None
    if np.all(least <= most):
        found = optimize.milp(
            np.concatenate([-value, np.zeros(scenarios)]),
            integrality=np.ones(count + scenarios),
            bounds=optimize.Bounds(
                np.concatenate([least, np.zeros(scenarios)]), np.concatenate([most, np.ones(scenarios)])
            ),
            constraints=[
                optimize.LinearConstraint(rows, -np.inf, np.full(scenarios, size)),
                optimize.LinearConstraint(broken[None, :], -np.inf, allowed),
            ],
            options={"mip_rel_gap": 1e-6},
        )
    if found is None or found.x is None:
        raise ModelError(
            f"no portfolio keeps its least shares within {size:g} MUSD2025 in {design.budget_reliability:.0%} of the "
            "planning scenarios: lower min_share or budget_reliability"
        )
    projects: NDArray[np.int64] = np.rint(found.x[:count]).astype(np.int64)
    if not projects.any():
        raise ModelError(
            f"a fund of {size:g} MUSD2025 is too small for a single project within its reliability"
        )
    return projects
