"""What a programme file says about a constellation: shells, catalogued satellites, the region to serve."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Input, Quantity, Spread
from accord.physics.constants import EARTH_RADIUS_KM
from accord.systems.constellation.network.design import Network
from accord.systems.constellation.network.inputs import NETWORK_INPUTS
from accord.systems.constellation.service.design import Service
from accord.systems.constellation.service.inputs import SERVICE_INPUTS

__all__ = ["INPUTS", "MAX_OBSTRUCTION_DEG", "MAX_STATES", "Area", "Catalogue", "Design", "Place", "Shell"]

MAX_OBSTRUCTION_DEG = 20.0
MAX_STATES = 2.0e8  # satellites x moments: a few minutes of counting
_MAX_STEPS = 50_000  # the table of gap lengths grows with it
_HIGHEST_SUN_SYNCHRONOUS_KM = 5900.0

Mask = Annotated[float, Quantity("deg", low=0, high=89.0 - MAX_OBSTRUCTION_DEG)]


class Shell(DesignModel):
    """A Walker pattern of circular orbits; altitude is mean semi-major axis less equatorial radius."""

    altitude_km: Annotated[float, Quantity("km", low=160, high=40000)] = Field(alias="altitude")
    inclination_deg: Annotated[float, Quantity("deg", low=0, high=180)] | None = Field(
        None, alias="inclination", description="left out for a sun-synchronous shell"
    )
    sun_synchronous: bool = Field(False, description="take the inclination at which the node follows the Sun")
    planes: int = Field(ge=1, le=2000)
    satellites: int | None = Field(None, ge=1, le=20000, description="in the whole shell")
    satellites_per_plane: int | None = Field(None, ge=1, le=2000)
    phasing: int = Field(
        0, ge=0, description="Walker's F: shift of neighbouring planes in units of 360 deg/T"
    )
    pattern: Literal["delta", "star"] = Field(
        "delta", description="nodes spread over 360 deg (delta) or 180 deg"
    )
    plane_spacing_deg: Annotated[float, Quantity("deg", low=0, high=360)] | None = Field(
        None, alias="plane_spacing", description="between neighbouring nodes; else even spacing"
    )
    elevation_mask_deg: Mask = Field(
        25.0, alias="elevation_mask", description="lowest elevation that a terminal uses"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.inclination_deg is None) != self.sun_synchronous:
            raise ValueError("expected either inclination or sun_synchronous: true")
        if self.sun_synchronous and self.altitude_km > _HIGHEST_SUN_SYNCHRONOUS_KM:
            raise ValueError(f"no sun-synchronous orbit at an altitude of {self.altitude_km:g} km")
        if (self.satellites is None) == (self.satellites_per_plane is None):
            raise ValueError("expected either satellites (in all) or satellites_per_plane")
        if self.satellites is not None and self.satellites % self.planes:
            raise ValueError(f"{self.satellites} satellites do not fill {self.planes} planes evenly")
        if self.phasing >= self.planes:
            raise ValueError(f"phasing {self.phasing} must be below the number of planes ({self.planes})")
        return self

    @property
    def total(self) -> int:
        """Satellites of the shell."""
        return (
            self.satellites if self.satellites is not None else self.planes * (self.satellites_per_plane or 0)
        )

    @property
    def axis_km(self) -> float:
        """Mean semi-major axis [km]."""
        return EARTH_RADIUS_KM + self.altitude_km

    @property
    def spacing_rad(self) -> float:
        """Between neighbouring nodes [rad]."""
        if self.plane_spacing_deg is not None:
            return math.radians(self.plane_spacing_deg)
        return (2.0 if self.pattern == "delta" else 1.0) * math.pi / self.planes


class Catalogue(DesignModel):
    """Satellites as catalogued, propagated by SGP4."""

    file: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="TLE text, or OMM as .xml, .csv or .json, beside the programme file"
    )
    elevation_mask_deg: Mask = Field(25.0, alias="elevation_mask")


class Place(DesignModel):
    """A settlement or site to serve."""

    name: str
    latitude_deg: Annotated[float, Quantity("deg", low=-90, high=90)] = Field(alias="latitude")
    longitude_deg: Annotated[float, Quantity("deg", low=-180, high=180)] = Field(alias="longitude")
    people: Annotated[float, Quantity("person", low=0)] | None = None


class Area(DesignModel):
    """The region to serve; each polygon an outline and its holes, rings of (longitude, latitude) [deg]."""

    title: str
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = Field(min_length=1)
    places: tuple[Place, ...] = ()


class Design(DesignModel):
    """The fleet, the region and how finely both are looked at."""

    shells: tuple[Shell, ...] = Field((), max_length=50)
    catalogues: tuple[Catalogue, ...] = Field((), max_length=20)
    area: Area | None = Field(None, description="the file's `region`; the whole Earth without one")
    epoch: dt.date = Field(dt.date(2027, 1, 1), description="day on which the first node of plane 0 is at 0")
    duration_day: Annotated[float, Quantity("day", low=0.02, high=31)] = Field(
        1.0, alias="duration", description="period that is looked at"
    )
    step_s: Annotated[float, Quantity("s", low=1, high=600)] = Field(
        60.0, alias="step", description="between moments: the resolution of gaps"
    )
    cell_km: Annotated[float, Quantity("km", low=1, high=1000)] = Field(
        100.0, alias="cell", description="size of the cells; smaller where the region is small"
    )
    service: Service = Field(
        default_factory=lambda: Service.model_validate({}), description="from radio link to price"
    )
    network: Network = Field(
        default_factory=lambda: Network.model_validate({}),
        description="links between satellites, and the exchange",
    )

    @model_validator(mode="after")
    def _within_reach(self) -> Self:
        if not self.shells and not self.catalogues:
            raise ValueError("expected shells or catalogues: a constellation needs satellites")
        states = sum(shell.total for shell in self.shells) * self.steps
        if states > MAX_STATES:
            raise ValueError(
                f"{states:.1e} satellite positions are more than {MAX_STATES:.0e}: "
                "choose a longer step or a shorter duration"
            )
        if self.steps > _MAX_STEPS:
            raise ValueError(
                f"{self.steps} moments are more than {_MAX_STEPS}: choose a longer step or a shorter duration"
            )
        return self

    @property
    def steps(self) -> int:
        """Number of moments."""
        return max(2, round(self.duration_day * 86400.0 / self.step_s))


INPUTS = {
    "operational_share": Input(
        unit="1",
        doc="Share of the satellites that work, each independently of the others.",
        default=0.95,
        low=0.0,
        high=1.0,
        usual=(0.7, 1.0),
        spread=Spread.of("beta", alpha=38, beta=2),
        source="Own assumption, mean 95 % and P10 90 %: losses, outages and replacement in operating fleets",
    ),
    "obstruction_deg": Input(
        unit="deg",
        doc="Rise of the lowest usable elevation above the design's mask, by terrain, buildings and trees.",
        default=0.0,
        low=0.0,
        high=MAX_OBSTRUCTION_DEG,
        usual=(0.0, 10.0),
        spread=Spread.of("pert", low=0.0, mode=2.0, high=10.0),
        source="Own assumption: open country to small towns; a survey of the sites should replace it",
    ),
    **SERVICE_INPUTS,
    **NETWORK_INPUTS,
}
