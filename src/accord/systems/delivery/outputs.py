"""What the delivery model returns; the dim ``event`` runs over the activities in the order of the file."""

from __future__ import annotations

from accord.contract import Output
from accord.systems.delivery.inputs import Design

__all__ = ["OUTPUTS", "YEARS", "labels"]

YEARS = tuple(range(31))  # years from the start of the horizon that the delivered share is told for

_NEVER = "1200 month stands for never: stopped by a risk, or waiting for one that was."

OUTPUTS = {
    "programme_finish_month": Output(
        unit="month",
        doc=f"Finish of the last activity, from the start of the horizon. {_NEVER}",
        better="low",
        headline=True,
        alternatives=("outside_programme_finish_month",),
    ),
    "total_cost_musd2025": Output(
        unit="MUSD2025",
        doc="Cost of all activities; of a stopped one the part spent by then.",
        better="low",
        headline=True,
        alternatives=("outside_total_cost_musd2025",),
    ),
    "on_target": Output(
        unit="1",
        doc="1 where cost and date are both kept, else 0: its mean is the joint confidence.",
        better="high",
        headline=True,
    ),
    "delivered_share": Output(
        unit="1",
        doc="Share of the deliverables finished by the end of the horizon, each with the scope left to it.",
        better="high",
        headline=True,
    ),
    "delivered_share_by_year": Output(
        unit="1",
        doc="Share of the deliverables finished by the start of the horizon and by the end of each year after it, "
        "each with the scope left to it.",
        dims=("year",),
        better="high",
    ),
    "finish_month": Output(
        unit="month",
        doc=f"Finish of each activity. {_NEVER}",
        dims=("event",),
        better="low",
        alternatives=("outside_finish_month", "combined_finish_month"),
    ),
    "start_month": Output(unit="month", doc=f"Start of each activity. {_NEVER}", dims=("event",)),
    "delivered": Output(
        unit="1",
        doc="1 where the activity is finished by the end of the horizon.",
        dims=("event",),
        better="high",
    ),
    "scope": Output(
        unit="1", doc="Share of each activity's scope that risks have left.", dims=("event",), better="high"
    ),
    "cost_musd2025": Output(
        unit="MUSD2025",
        doc="Cost of each activity.",
        dims=("event",),
        better="low",
        alternatives=("outside_cost_musd2025",),
    ),
    "criticality": Output(
        unit="1",
        doc="1 where the activity is on the critical path; its mean is the criticality index.",
        dims=("event",),
    ),
    "outside_finish_month": Output(
        unit="month",
        doc=f"Finish of each activity if durations overrun as in their reference classes. {_NEVER}",
        dims=("event",),
        better="low",
    ),
    "combined_finish_month": Output(
        unit="month",
        doc=f"Finish of each activity with both views of each duration weighted by design maturity. {_NEVER}",
        dims=("event",),
        better="low",
    ),
    "outside_cost_musd2025": Output(
        unit="MUSD2025",
        doc="Cost of each activity if costs overrun as in their reference classes.",
        dims=("event",),
        better="low",
    ),
    "supplier_hhi": Output(
        unit="1",
        doc="Concentration of each component over its suppliers: 10 000 is a single one, above 1 800 is high.",
        dims=("component",),
        better="low",
    ),
    "country_hhi": Output(
        unit="1",
        doc="Concentration of each component over the countries it comes from, on the same scale.",
        dims=("component",),
        better="low",
    ),
    "smallest_cut": Output(
        unit="1",
        doc="Smallest number of suppliers whose loss together stops each component: 1 is a single point of failure.",
        dims=("component",),
        better="high",
    ),
    "country_cut": Output(
        unit="1",
        doc="Smallest number of countries whose loss together stops each component.",
        dims=("component",),
        better="high",
    ),
    "shortage_month": Output(
        unit="month",
        doc="Months of deliveries that each component loses by the losses that strike.",
        dims=("component",),
        better="low",
    ),
    "loss_delay_month": Output(
        unit="month",
        doc="What the loss of one supplier or country, from the beginning, adds to the activity it delays most.",
        dims=("loss",),
        better="low",
    ),
    "loss_cost_musd2025": Output(
        unit="MUSD2025",
        doc="What the same loss adds to the cost of the programme: the months of the delay are paid.",
        dims=("loss",),
        better="low",
    ),
    "outside_programme_finish_month": Output(
        unit="month", doc=f"Finish of the last activity in the outside view. {_NEVER}", better="low"
    ),
    "outside_total_cost_musd2025": Output(
        unit="MUSD2025", doc="Cost of all activities in the outside view.", better="low"
    ),
}


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the labels: activities, years from the start of the horizon, components, losses looked at one by one."""
    return {
        "event": design.ids,
        "year": tuple(str(year) for year in YEARS),
        "component": tuple(component.id for component in design.supply.components),
        "loss": design.supply.losses_looked_at,
    }
