"""What the model returns; the dim ``year`` counts years from the agreement, ``field`` the fields of research."""

from __future__ import annotations

import math

from accord.contract import Output
from accord.systems.fund.inputs import Design

__all__ = ["OUTPUTS", "labels", "years"]

_TAIL_YR = 5  # projects run on after the last contribution

OUTPUTS = {
    "disbursed_share": Output(
        unit="1",
        doc="Share of the announced size that projects have received by the end of the period.",
        better="high",
        headline=True,
    ),
    "disbursed_musd2025": Output(
        unit="MUSD2025",
        doc="What projects have received by the end of the period.",
        better="high",
        headline=True,
    ),
    "contributed_musd2025": Output(
        unit="MUSD2025", doc="What the parties have paid in by the end of the period.", better="high"
    ),
    "spent_on_time": Output(
        unit="1",
        doc="1 where at least nine tenths of the announced size are disbursed by the end of the period.",
        better="high",
    ),
    "transitions": Output(
        unit="1",
        doc="Projects expected to pass their last gate, whenever they do.",
        better="high",
        headline=True,
    ),
    "transitions_per_musd2025": Output(
        unit="1/MUSD2025",
        doc="Projects expected to pass their last gate for each MUSD2025 that they are to cost.",
        better="high",
    ),
    "projects_started": Output(unit="1", doc="Projects begun in each field.", dims=("field",), better="high"),
    "disbursed_by_year_musd2025": Output(
        unit="MUSD2025", doc="Disbursed since the agreement.", dims=("year",), better="high"
    ),
    "students": Output(
        unit="1", doc="Doctoral students who take up a place, all intakes.", better="high", headline=True
    ),
    "doctorates": Output(unit="1", doc="Doctorates expected of them.", better="high"),
}


def years(design: Design) -> int:
    """Return the number of years that the spending curve covers."""
    return math.ceil(design.period_yr) + _TAIL_YR


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the fields and the years."""
    return {
        "field": tuple(field.id for field in design.fields),
        "year": tuple(str(year) for year in range(1, years(design) + 1)),
    }
