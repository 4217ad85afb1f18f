"""What the trade model returns."""

from accord.contract import Output

__all__ = ["OUTPUTS"]

FLOW = "GUSD2025/yr"

OUTPUTS = {
    "attributable_uplift_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Yearly trade that the programme adds, phase-in without globalisation controls.",
        better="high",
        headline=True,
        alternatives=("attributable_uplift_globalisation_gusd2025_per_yr",),
    ),
    "attributable_uplift_globalisation_gusd2025_per_yr": Output(
        unit=FLOW, doc="The same with the phase-in estimated under globalisation controls.", better="high"
    ),
    "full_depth_uplift_gusd2025_per_yr": Output(
        unit=FLOW,
        doc="Ceiling: the uplift if the programme were a full trade agreement, delivered in full.",
        better="high",
        alternatives=("full_depth_uplift_globalisation_gusd2025_per_yr",),
    ),
    "full_depth_uplift_globalisation_gusd2025_per_yr": Output(
        unit=FLOW, doc="The same ceiling under globalisation controls.", better="high"
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
}
