"""What a programme file may say about this system."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accord.contract import DesignModel, Input, Quantity, Spread

__all__ = ["INPUTS", "Design"]


class Design(DesignModel):
    """The structured part: how many equal tanks, and how large each is."""

    tanks: int = Field(2, ge=1, le=1000, description="number of equal tanks")
    tank_volume_m3: Annotated[float, Quantity("m3", low=1, high=1e9)] = Field(
        5000.0, alias="tank_volume", description="usable volume of one tank"
    )


INPUTS = {
    "demand_m3_per_day": Input(
        unit="m3/day",
        doc="Water drawn from the reservoir each day.",
        default=1000.0,
        low=1.0,
        high=1e8,
        usual=(50.0, 1e6),
        spread=Spread.of("pert", low=700, mode=1000, high=1600),
        source="Made example; replace it with a citation.",
    ),
    "loss_share": Input(
        unit="1",
        doc="Share of the volume lost to evaporation and leaks.",
        default=0.1,
        low=0.0,
        high=0.95,
        spread=Spread.of("beta", alpha=2, beta=18),
        source="Made example; replace it with a citation.",
    ),
}
