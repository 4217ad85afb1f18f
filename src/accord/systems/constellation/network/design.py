"""What a programme file says about the network: links between satellites, the exchange behind the gateways."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Quantity

__all__ = ["Exchange", "Network"]

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Exchange(DesignModel):
    """Where the network meets others; cables lead there from every gateway."""

    name: Name
    latitude_deg: Annotated[float, Quantity("deg", low=-90, high=90)] = Field(alias="latitude")
    longitude_deg: Annotated[float, Quantity("deg", low=-180, high=180)] = Field(alias="longitude")


class Network(DesignModel):
    """How traffic travels between terminals and the rest of the world."""

    links: Literal["none", "grid", "custom"] = Field(
        "none",
        description="between satellites: none (bent pipe), to four neighbours within a shell, or the pairs given",
    )
    pairs: tuple[tuple[int, int], ...] = Field(
        (), max_length=100_000, description="custom links, by number from 1 in the order of the fleet"
    )
    shift: int = Field(
        0, ge=-1000, le=1000, description="slots by which the neighbour in the next plane is ahead"
    )
    seam: bool = Field(
        False, description="link planes across the seam of a star, where they move against each other"
    )
    grazing_km: Annotated[float, Quantity("km", low=0, high=1000)] = Field(
        80.0, alias="grazing", description="no link passes lower above the Earth"
    )
    longest_km: Annotated[float, Quantity("km", low=1, high=100000)] | None = Field(
        None, alias="longest", description="longest link that a satellite can hold"
    )
    exchange: Exchange | None = Field(None, description="left out: the round trip ends at the gateway")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.links == "custom") != bool(self.pairs):
            raise ValueError("expected pairs together with links: custom, and only then")
        return self
