"""What a programme file says about launches: partners, vehicles, orbits, payloads."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Input, Quantity, Ref, Spread, Uncertain

__all__ = ["INPUTS", "Design", "Orbit", "Partner", "Payload", "Vehicle"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Mass = Annotated[float, Quantity("kg", low=0.1, high=1e6)]


class Partner(DesignModel):
    """A party that launches."""

    id: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Vehicle(DesignModel):
    """A launch vehicle, by its public figures."""

    id: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    owner: Name | None = Field(
        None, description="the partner whose vehicle it is; left out: anyone may buy it"
    )
    lift_kg: Mass = Field(alias="lift", description="to the deployment orbit, dispenser included")
    slots: int = Field(ge=1, le=1000, description="satellites that a dispenser holds")
    price_musd2025: Annotated[Spread | Ref, Uncertain("MUSD2025", low=0.01)] = Field(alias="price")
    successes: int = Field(0, ge=0, description="flight record")
    failures: int = Field(0, ge=0)
    cadence_per_yr: Annotated[float, Quantity("1/yr", low=0.01, high=1000)] = Field(
        alias="cadence", description="launches a year that the range and the factory allow"
    )


class Orbit(DesignModel):
    """Where satellites are left and where they raise themselves to; planes part by the drift of the node."""

    id: Name
    deployment_altitude_km: Annotated[float, Quantity("km", low=160, high=40000)] = Field(
        alias="deployment_altitude"
    )
    altitude_km: Annotated[float, Quantity("km", low=160, high=40000)] = Field(alias="altitude")
    inclination_deg: Annotated[float, Quantity("deg", low=0, high=180)] = Field(alias="inclination")
    plane_spacing_deg: Annotated[float, Quantity("deg", low=0.1, high=180)] = Field(alias="plane_spacing")


class Payload(DesignModel):
    """Satellites of one partner for one orbit."""

    id: Name
    owner: Name
    orbit: Name
    planes: int = Field(ge=1, le=2000)
    satellites_per_plane: int = Field(ge=1, le=2000)
    satellite_mass_kg: Mass = Field(alias="satellite_mass")
    dispenser_mass_kg: Annotated[float, Quantity("kg", low=0, high=1000)] = Field(
        11.0, alias="dispenser_mass", description="a satellite's share of the dispenser"
    )


class Design(DesignModel):
    """Who launches what, with what."""

    partners: tuple[Partner, ...] = Field(min_length=2, max_length=6)
    vehicles: tuple[Vehicle, ...] = Field(min_length=1, max_length=8)
    orbits: tuple[Orbit, ...] = Field(min_length=1)
    payloads: tuple[Payload, ...] = Field(min_length=1)
    max_phasing_day: Annotated[float, Quantity("day", low=0, high=2000)] = Field(
        180.0, alias="max_phasing", description="longest wait for the node of the last plane of a launch"
    )

    @model_validator(mode="after")
    def _wired(self) -> Self:
        partners = [p.id for p in self.partners]
        orbits = [o.id for o in self.orbits]
        for what, names in (
            ("partner", partners),
            ("vehicle", [v.id for v in self.vehicles]),
            ("orbit", orbits),
            ("payload", [p.id for p in self.payloads]),
        ):
            for twice in sorted({n for n in names if names.count(n) > 1}):
                raise ValueError(f"two entries are called {twice!r}: every {what} needs its own id")
        for vehicle in self.vehicles:
            if vehicle.owner is not None and vehicle.owner not in partners:
                raise ValueError(
                    f"vehicle {vehicle.id!r}: owner {vehicle.owner!r} is not a partner: {partners}"
                )
        for payload in self.payloads:
            self._check(payload, partners, orbits)
        return self

    def _check(self, payload: Payload, partners: list[str], orbits: list[str]) -> None:
        if payload.owner not in partners:
            raise ValueError(f"payload {payload.id!r}: owner {payload.owner!r} is not a partner: {partners}")
        if payload.orbit not in orbits:
            raise ValueError(f"payload {payload.id!r}: there is no orbit {payload.orbit!r}: {orbits}")
        first = next(p for p in self.payloads if p.orbit == payload.orbit)
        kind = (payload.satellites_per_plane, payload.satellite_mass_kg, payload.dispenser_mass_kg)
        if kind != (first.satellites_per_plane, first.satellite_mass_kg, first.dispenser_mass_kg):
            raise ValueError(
                f"payloads {first.id!r} and {payload.id!r} share the orbit {payload.orbit!r} and differ: "
                "satellites of one orbit must be alike, give another orbit to the others"
            )
        heaviest = payload.satellite_mass_kg + payload.dispenser_mass_kg
        usable = [v for v in self.vehicles if v.owner in (None, payload.owner)]
        if not any(v.lift_kg >= heaviest for v in usable):
            raise ValueError(
                f"payload {payload.id!r}: no vehicle that {payload.owner!r} may use alone lifts one satellite "
                f"({heaviest:g} kg): add one of its own, or one without owner"
            )


INPUTS = {
    "sharing_cost_musd2025": Input(
        unit="MUSD2025",
        doc="What sharing itself costs once: agreements, interfaces, protection of technology, site changes.",
        default=50.0,
        low=0.0,
        high=1e5,
        spread=Spread.of("lognormal", p10=15, p90=150),
        source="Own assumption, wide: no published figure for a programme of this kind was found",
    ),
    "satellite_value_musd2025": Input(
        unit="MUSD2025",
        doc="Cost of replacing one satellite that a failed launch loses.",
        default=1.0,
        low=0.0,
        high=5000.0,
        usual=(0.1, 200.0),
        spread=Spread.of("lognormal", p10=0.6, p90=3),
        source="About 1 million dollars a satellite at rate production was stated for a fleet of 648 (2019); "
        "the spread is our own",
    ),
}
