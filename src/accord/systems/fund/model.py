"""A gated research fund: what is started, what is paid out when, what comes through the gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Column, Context, System
from accord.systems.fund.figures import figures
from accord.systems.fund.inputs import INPUTS, Design, ResearchField
from accord.systems.fund.intake import place
from accord.systems.fund.outputs import OUTPUTS, labels, years
from accord.systems.fund.portfolio import allocate, scenario_costs
from accord.systems.fund.precedents import remarks
from accord.systems.fund.spending import spent_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["EXAMPLE", "SYSTEM", "columns", "evaluate", "prepare"]

_ON_TIME = 0.9  # of the announced size


def _key(field: ResearchField, stage: str) -> str:
    return f"success.{field.id}_{stage}"


def columns(design: Design) -> dict[str, Column]:
    """Return the gates' success probabilities as member inputs."""
    return {
        _key(field, stage.id): Column(
            unit="1", doc=f"Probability to pass the gate {stage.id}: {field.name}", value=stage.success
        )
        for field in design.fields
        for stage in field.stages
    }


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the planned portfolio and one placed intake of students."""
    projects = allocate(design, scenario_costs(design))
    found: dict[str, Any] = {
        "projects": projects.astype(float),
        "placed": 0,
        "first_choice": 0,
        "blocking": 0,
    }
    if design.scholarships is not None:
        intake = place(design.scholarships)
        found |= {"placed": intake.placed, "first_choice": intake.first_choice, "blocking": intake.blocking}
    return found


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Evaluate all members at once.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `prepare`.
    context : Context

    Returns
    -------
    dict of str to float array
        As declared in ``outputs.py``.
    """
    design = context.design
    assert isinstance(design, Design)
    size, n = design.size_musd2025, len(members["contributed_share"])
    planned, demand = prepared["projects"], np.zeros(n)
    parts: list[tuple[float, float, FloatArray]] = []  # begin, duration, money of each stage of each field
    through = np.zeros(n)
    for number, field in zip(planned, design.fields, strict=True):
        reach, begin = np.ones(n), 0.0
        for stage in field.stages:
            money = number * reach * stage.cost_musd2025 * members["cost_factor"]
            parts.append((begin, stage.duration_yr, money))
            demand = demand + money
            reach = reach * members[_key(field, stage.id)]
            begin += stage.duration_yr
        through = through + number * reach
    contributed = size * members["contributed_share"]
    # calls are cut where costs or missing contributions leave too little for the plan
    scale = np.minimum(1.0, contributed / demand)

    def disbursed(time_yr: float) -> FloatArray:
        age = time_yr - members["first_call_yr"]
        wanted = np.zeros(n)
        for begin, duration, money in parts:
            share = spent_share(age, begin, duration, design.commitment_yr, members["absorption_yr"])
            wanted = wanted + scale * money * share
        return np.minimum(wanted, contributed * min(1.0, time_yr / design.period_yr))

    at_end = disbursed(design.period_yr)
    scholarships = design.scholarships
    intakes = scholarships.intakes if scholarships is not None else 0
    students = intakes * float(prepared["placed"]) * members["visa_success"]
    return {
        "disbursed_share": at_end / size,
        "disbursed_musd2025": at_end,
        "contributed_musd2025": contributed,
        "spent_on_time": (at_end >= _ON_TIME * size).astype(float),
        "transitions": scale * through,
        "transitions_per_musd2025": through / demand,
        "projects_started": scale[:, None] * planned[None, :],
        "disbursed_by_year_musd2025": np.stack(
            [disbursed(float(year)) for year in range(1, years(design) + 1)], axis=1
        ),
        "students": students,
        "doctorates": students * members["completion_share"],
    }


EXAMPLE: dict[str, Any] = {
    "size": "100 MUSD2025",
    "period": "5 yr",
    "fields": [
        {
            "id": "sensing",
            "name": "Sensing",
            "max_share": 0.7,
            "stages": [
                {"id": "proof", "cost": "0.5 MUSD2025", "duration": "1.5 yr", "planned_success": 0.4,
                 "success": {"dist": "beta", "alpha": 4, "beta": 6}},
                {"id": "pilot", "cost": "3 MUSD2025", "duration": "2 yr", "planned_success": 0.5,
                 "success": {"dist": "beta", "alpha": 5, "beta": 5}},
            ],
        },
        {
            "id": "theory",
            "name": "Theory",
            "min_share": 0.2,
            "stages": [
                {"id": "proof", "cost": "0.3 MUSD2025", "duration": "2 yr", "planned_success": 0.3,
                 "success": {"dist": "beta", "alpha": 3, "beta": 7}},
            ],
        },
    ],
    "scholarships": {
        "applicants": 30,
        "hosts": [{"id": "north", "name": "North", "quota": 8}, {"id": "south", "name": "South", "quota": 8}],
    },
    "precedents": [
        {"name": "First joint fund", "announced": 2010, "size": "40 MUSD2025", "paid_in": 0.5},
        {"name": "Second joint fund", "announced": 2016, "size": "60 MUSD2025"},
    ],
}  # fmt: skip

SYSTEM = System(
    name="fund",
    title="Research fund and scholarships",
    version=2,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    columns=columns,
    labels=labels,
    prepare=prepare,
    evaluate=evaluate,
    figures=figures,
    remarks=remarks,
    monotone={
        ("contributed_share", "disbursed_share"): 1,
        ("first_call_yr", "disbursed_share"): -1,
        ("absorption_yr", "disbursed_share"): -1,
        ("visa_success", "students"): 1,
        ("cost_factor", "transitions"): -1,
    },
    example=EXAMPLE,
)
