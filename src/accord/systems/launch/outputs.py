"""What the model returns."""

from __future__ import annotations

from accord.contract import Output
from accord.systems.launch.inputs import Design

__all__ = ["OUTPUTS", "labels"]

OUTPUTS = {
    "cost_ratio": Output(
        unit="1",
        doc="Cost of launching everything together over the sum of what the partners pay apart.",
        better="low",
        headline=True,
    ),
    "worst_cost_ratio": Output(
        unit="1",
        doc="The same for the partner who gains least, each paying its Shapley share: below 1 all gain.",
        better="low",
        headline=True,
    ),
    "saving_musd2025": Output(
        unit="MUSD2025",
        doc="What sharing saves in all; negative where it costs more.",
        better="high",
        headline=True,
    ),
    "pooled_cost_musd2025": Output(
        unit="MUSD2025", doc="Cost of launching everything together.", better="low"
    ),
    "alone_cost_musd2025": Output(
        unit="MUSD2025",
        doc="Cost of each partner's launches with the vehicles it may use alone.",
        dims=("partner",),
    ),
    "shapley_cost_musd2025": Output(
        unit="MUSD2025", doc="Each partner's Shapley share of the cost together.", dims=("partner",)
    ),
    "stable": Output(
        unit="1",
        doc="1 where some division of the cost keeps every coalition from doing better by itself (the core).",
        better="high",
    ),
    "subadditive": Output(
        unit="1",
        doc="1 where no two coalitions pay more together than apart: else sharing by all is not worth its cost.",
        better="high",
    ),
    "coalition_cost_musd2025": Output(
        unit="MUSD2025",
        doc="Cost of every coalition of partners with its own vehicles: the game that the shares divide.",
        dims=("coalition",),
    ),
    "alone_launches": Output(unit="1", doc="Successful launches needed when each launches its own."),
    "pooled_launches": Output(unit="1", doc="Successful launches needed together.", headline=True),
    "campaign_yr": Output(
        unit="yr",
        doc="Time that the pooled launches take at the vehicles' cadence.",
        better="low",
        headline=True,
    ),
}


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the partners, and their coalitions as ``one+other``."""
    names = tuple(partner.id for partner in design.partners)
    every = range(1, 1 << len(names))
    joined = tuple("+".join(n for i, n in enumerate(names) if coalition >> i & 1) for coalition in every)
    return {"partner": names, "coalition": joined}
