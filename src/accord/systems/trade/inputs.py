"""What a programme file says about trade."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from accord.contract import DesignModel, Input, Quantity, Spread

__all__ = ["INPUTS", "Design"]

Flow = Annotated[float, Quantity("GUSD2025/yr", low=1e-6, high=1e5)]


class Design(DesignModel):
    """What was announced: the yearly uplift of trade, as a range."""

    claimed_uplift_low_gusd2025_per_yr: Flow | None = Field(
        None, alias="claimed_uplift_low", description="lower edge of the announced yearly uplift"
    )
    claimed_uplift_high_gusd2025_per_yr: Flow | None = Field(
        None, alias="claimed_uplift_high", description="upper edge; equal to the lower one when not stated"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = self.claimed_uplift_low_gusd2025_per_yr, self.claimed_uplift_high_gusd2025_per_yr
        if low is None and high is not None:
            raise ValueError("claimed_uplift_high is stated without claimed_uplift_low")
        if low is not None and high is not None and low > high:
            raise ValueError(f"claimed_uplift_low ({low:g}) must not exceed claimed_uplift_high ({high:g})")
        return self

    @property
    def claimed(self) -> tuple[float, float] | None:
        """Announced range [GUSD2025/yr], or None where nothing was announced."""
        low, high = self.claimed_uplift_low_gusd2025_per_yr, self.claimed_uplift_high_gusd2025_per_yr
        return None if low is None else (low, low if high is None else high)


INPUTS = {
    "base_trade_gusd2025_per_yr": Input(
        unit="GUSD2025/yr",
        doc="Trade between the partners in the base year, both directions.",
        default=50.0,
        low=0.001,
        high=1e5,
        spread=Spread.of("lognormal", p10=20, p90=120),
        source="Placeholder of medium size for a pair of large economies: state the partners' own statistic",
    ),
    "technology_share": Input(
        unit="1",
        doc="Share of that trade in goods and services that the programme can reach.",
        default=0.033,
        low=1e-6,
        high=1.0,
        usual=(0.001, 0.4),
        spread=Spread.of("beta", alpha=3, beta=80),
        source="Own assumption, wide: state the share of HS chapters 84, 85, 88, 90 and of related services",
    ),
    "depth": Input(
        unit="1",
        doc="Depth of the programme as a trade measure: 0 none, 1 a full regional trade agreement.",
        default=0.33,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=2, beta=4),
        source="Own assumption; that technology provisions raise trade is in Martinez-Zarzoso & Chelala "
        "(2021), Review of World Economics 157",
    ),
    "delivered_share": Input(
        unit="1",
        doc="Share of the programme that is delivered; not used when a schedule is connected.",
        default=0.4,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=2, beta=3),
        source="Own assumption: connect the schedule of the programme instead",
    ),
    "growth_per_yr": Input(
        unit="1/yr",
        doc="Real growth of the trade without the programme.",
        default=0.03,
        low=-0.3,
        high=0.5,
        usual=(-0.1, 0.15),
        spread=Spread.of("normal", mean=0.03, sd=0.05),
        source="Own assumption: about the growth of world trade since 1990, with the spread of single pairs",
    ),
    "phase_in_factor": Input(
        unit="1",
        doc="Factor on the estimated effect of a trade agreement: its statistical error.",
        default=1.0,
        low=0.3,
        high=3.0,
        spread=Spread.of("lognormal", p10=0.82, p90=1.22),
        source="Relative standard error 0.16 of the effect after four years (0.114 of 0.705 in phase_in.csv, "
        "terms taken as independent)",
    ),
    "time_in_force_yr": Input(
        unit="yr",
        doc="Years between the start of the programme and the year that the claim is about.",
        default=5.0,
        low=0.5,
        high=50.0,
        usual=(1.0, 20.0),
        source="Own choice: announcements speak of five years",
    ),
    "annual_log_sd": Input(
        unit="1",
        doc="Standard deviation of the yearly change of ln(trade) that has nothing to do with the programme.",
        default=0.15,
        low=0.001,
        high=1.0,
        usual=(0.03, 0.5),
        spread=Spread.of("lognormal", p10=0.10, p90=0.22),
        source="Own assumption for trade led by commodities: estimate it from the partners' own series",
    ),
}
