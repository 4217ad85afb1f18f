"""What a programme file says about who needs keys from whom."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from accord.contract import DesignModel, Quantity
from accord.systems.qkd.satellite.design import Name, Text, refuse_twins

__all__ = ["Demand", "Network"]


class Demand(DesignModel):
    """Two sites that use up key."""

    id: Name
    name: Text
    between: tuple[Name, Name]
    key_per_day_kbit: Annotated[float, Quantity("kbit", low=0, high=1e12)] = Field(alias="key_per_day")

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.between[0] == self.between[1]:
            raise ValueError(f"demand {self.id}: both ends are {self.between[0]!r}")
        return self


class Network(DesignModel):
    """Demands, and how much key a site keeps for each neighbour."""

    demands: tuple[Demand, ...] = Field(min_length=1, max_length=20)
    pool_cap_mbit: Annotated[float, Quantity("Mbit", low=1e-3, high=1e12)] = Field(
        1000.0, alias="pool_cap", description="key beyond it is not kept"
    )
    routes: int = Field(3, ge=1, le=8, description="ways that a demand may choose from")
    price: float = Field(
        0.0,
        ge=0.0,
        le=100.0,
        description="above 0, requests over emptier pools are refused: 1 serves most in all",
    )

    @model_validator(mode="after")
    def _unique(self) -> Self:
        refuse_twins("demands", [d.id for d in self.demands])
        return self
