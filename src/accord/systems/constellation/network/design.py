"""What a programme file says about the network: links between satellites, gateways, the exchange behind them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Quantity

__all__ = ["Landing", "Network"]

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Landing(DesignModel):
    """A place on the ground where traffic is handed on: a gateway, or the exchange behind the gateways."""

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
    gateways: tuple[Landing, ...] = Field(
        (), max_length=500, description="left out: one is taken to stand at every place of the region"
    )
    gateway_mask_deg: Annotated[float, Quantity("deg", low=0, high=89)] = Field(
        10.0, alias="gateway_mask", description="lowest elevation that a gateway uses"
    )
    exchange: Landing | None = Field(
        None, description="cables lead there from every gateway; left out: the round trip ends at the gateway"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.links == "custom") != bool(self.pairs):
            raise ValueError("expected pairs together with links: custom, and only then")
        names = [gateway.name for gateway in self.gateways]
        for twice in sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two gateways are called {twice!r}")
        return self
