"""What the trade model returns; the dim ``year`` counts years from the start of the horizon, 0 to 15."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.contract import Output
from accord.systems.trade.attribution import YEARS

if TYPE_CHECKING:
    from accord.systems.trade.inputs import Design

__all__ = ["OUTPUTS", "labels"]

FLOW = "GUSD2025/yr"

OUTPUTS = {
    "attributable_uplift_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Yearly trade that the programme adds, phase-in without globalisation controls.",
        dims=("year",),
        better="high",
        alternatives=(
            "attributable_uplift_globalisation_gusd2025_per_yr",
            "equilibrium_uplift_gusd2025_per_yr",
            "accounting_rise_gusd2025_per_yr",
        ),
    ),
    "attributable_uplift_globalisation_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="The same with the phase-in estimated under globalisation controls.",
        dims=("year",),
        better="high",
    ),
    "equilibrium_uplift_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="The same in general equilibrium; without a table of flows prices are held and it is the same.",
        dims=("year",),
        better="high",
    ),
    "accounting_rise_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Whole rise of the trade reached since the start, whatever caused it: the reading easiest to meet.",
        dims=("year",),
        better="high",
    ),
    "uplift_then_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Attributable uplift at the date that the announcement is about.",
        better="high",
        headline=True,
    ),
    "full_depth_uplift_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Ceiling then: the uplift if the programme were a full trade agreement, delivered in full at the start.",
        better="high",
        alternatives=("full_depth_uplift_globalisation_gusd2025_per_yr",),
    ),
    "full_depth_uplift_globalisation_gusd2025_per_yr": Output(
        unit=FLOW, doc="The same ceiling under globalisation controls.", better="high"
    ),
    "delivered_then": Output(
        unit="1",
        doc="Share of the programme that is delivered by the date of the announcement.",
        better="high",
    ),
    "baseline_trade_gusd2025_per_yr": Output(
        unit=FLOW, doc="Trade in the year of the claim with no programme."
    ),
    "technology_trade_gusd2025_per_yr": Output(
        unit=FLOW, doc="Trade today that the programme can reach: base times technology share."
    ),
    "implied_growth_low_per_yr": Output(
        unit="1/yr",
        doc="Growth of the technology trade that the lower edge of the claim implies.",
        headline=True,
    ),
    "implied_growth_high_per_yr": Output(
        unit="1/yr", doc="Growth of the technology trade that the upper edge of the claim implies."
    ),
    "share_needed": Output(
        unit="1",
        doc="Technology share at which a full agreement, delivered in full, just reaches the lower edge.",
    ),
    "no_programme_sd_gusd2025_per_yr": Output(
        unit=FLOW, doc="Standard deviation of the change in total trade that happens with no programme."
    ),
    "detectable_uplift_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Smallest uplift that total trade could show: chance alone exceeds it in 5 % of cases.",
    ),
    "chance_without_programme": Output(
        unit="1",
        doc="Probability that total trade changes by as much as the claim, up or down, with no programme.",
        headline=True,
    ),
    "detection_power": Output(
        unit="1",
        doc="Probability that the attributable uplift, if it is there, stands out of total trade at 5 %.",
        better="high",
    ),
    "technology_detection_power": Output(
        unit="1",
        doc="The same in a series of the technology trade alone, taken to vary as much as the total.",
        better="high",
    ),
    "export_change_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Change of each region's exports in general equilibrium, at today's flows.",
        dims=("region",),
    ),
    "partner_sales_change_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Change of what each region sells to the partners: below zero where it is displaced.",
        dims=("region",),
    ),
    "real_income_change": Output(
        unit="1",
        doc="Change of each region's real income in general equilibrium: who gains and who loses.",
        dims=("region",),
        better="high",
    ),
    "value_added_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Value added in each region of the input-output table by making the attributable uplift (type I).",
        dims=("origin",),
        better="high",
    ),
}


def labels(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the years from the start, the regions of the flows and of the input-output table (none without one)."""
    return {
        "year": tuple(str(year) for year in YEARS),
        "region": design.regions,
        "origin": design.production.origins if design.production is not None else (),
    }
