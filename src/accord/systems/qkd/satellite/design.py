"""What a programme file says about satellites that hand down keys, and the stations under them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Quantity

__all__ = ["Name", "Orbit", "Pair", "Satellites", "Sender", "Station", "Text", "refuse_twins"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def refuse_twins(what: str, ids: Sequence[str]) -> None:
    """Raise ValueError where two of a kind have one id."""
    for twice in sorted({n for n in ids if ids.count(n) > 1}):
        raise ValueError(f"two {what} are called {twice!r}")


class Orbit(DesignModel):
    """A circle of the link's own, for a year, where no constellation is connected."""

    altitude_km: Annotated[float, Quantity("km", low=200, high=36000)] = Field(500.0, alias="altitude")
    inclination_deg: Annotated[float, Quantity("deg", low=0, high=180)] | None = Field(
        None, alias="inclination", description="sun-synchronous without it"
    )
    node_time_h: Annotated[float, Quantity("h", low=0, high=24)] = Field(
        22.5, alias="node_time", description="local time of the ascending node, at the start where it drifts"
    )
    satellites: int = Field(1, ge=1, le=12, description="evenly spaced in one plane")


class Sender(DesignModel):
    """The telescope and the source of a satellite."""

    divergence_urad: Annotated[float, Quantity("urad", low=0.1, high=10000)] = Field(5.0, alias="divergence")
    convention: Literal["half_1e2", "full_1e2", "half_1e", "full_fwhm"] = Field(
        "half_1e",
        description="what angle the divergence is, a measured one; by default that of 22 dB over 1200 km into 1 m",
    )
    aperture_m: Annotated[float, Quantity("m", low=0.01, high=5)] | None = Field(
        None, alias="aperture", description="diameter; the beam is then as narrow as diffraction allows"
    )
    wavelength_nm: Annotated[float, Quantity("nm", low=400, high=2000)] = Field(850.0, alias="wavelength")
    pulse_rate_mhz: Annotated[float, Quantity("MHz", low=0.01, high=1e5)] = Field(100.0, alias="pulse_rate")
    intensities: tuple[float, float, float] | None = Field(
        None, description="mean photon numbers, falling; chosen for the middle pass without them"
    )
    probabilities: tuple[float, float, float] | None = Field(None, description="of the intensities")
    key_basis: float = Field(0.5, gt=0.0, lt=1.0, description="probability of the basis of the key")
    pair_rate_mhz: Annotated[float, Quantity("MHz", low=0, high=1e5)] = Field(
        5.9, alias="pair_rate", description="entangled pairs a second of a source of its own"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.intensities is None) != (self.probabilities is None):
            raise ValueError("intensities and probabilities come together")
        if self.intensities is not None and self.probabilities is not None:
            first, second, third = self.intensities
            if not first > second + third or not second > third >= 0.0:
                raise ValueError(
                    f"intensities {list(self.intensities)}: the first must exceed the sum of the others, falling"
                )
            if min(self.probabilities) <= 0.0 or abs(sum(self.probabilities) - 1.0) > 1e-6:
                raise ValueError(
                    f"probabilities {list(self.probabilities)}: expected above 0, adding up to 1"
                )
        return self


class Station(DesignModel):
    """A telescope on the ground."""

    id: Name
    name: Text
    latitude_deg: Annotated[float, Quantity("deg", low=-90, high=90)] = Field(alias="latitude")
    longitude_deg: Annotated[float, Quantity("deg", low=-180, high=180)] = Field(alias="longitude")
    height_m: Annotated[float, Quantity("m", low=-430, high=6000)] = Field(0.0, alias="height")
    aperture_m: Annotated[float, Quantity("m", low=0.05, high=10)] = Field(0.6, alias="aperture")
    clear_sky: tuple[float, ...] | float = Field(
        0.45, description="share of the time without cloud: one number, or twelve from January on"
    )

    @model_validator(mode="after")
    def _shares(self) -> Self:
        months = self.months()
        if len(months) != 12 or not all(math.isfinite(v) and 0.0 < v < 1.0 for v in months):
            raise ValueError("clear_sky: expected one share or twelve, each above 0 and below 1")
        return self

    def months(self) -> tuple[float, ...]:
        """Return the share of clear sky from January to December."""
        return self.clear_sky if isinstance(self.clear_sky, tuple) else (self.clear_sky,) * 12


class Pair(DesignModel):
    """Two stations that are to share keys."""

    id: Name
    name: Text
    between: tuple[Name, Name]


class Satellites(DesignModel):
    """Satellites, stations, and who shares keys."""

    orbit: Orbit = Field(default_factory=lambda: Orbit.model_validate({}))
    carriers: int = Field(
        1, ge=1, le=12, description="satellites of a connected constellation that carry a source"
    )
    sender: Sender = Field(default_factory=lambda: Sender.model_validate({}))
    stations: tuple[Station, ...] = Field(min_length=1, max_length=20)
    pairs: tuple[Pair, ...] = Field((), max_length=20)
    lowest_elevation_deg: Annotated[float, Quantity("deg", low=5, high=80)] = Field(
        20.0, alias="lowest_elevation"
    )
    sun_limit_deg: Annotated[float, Quantity("deg", low=-18, high=90)] = Field(
        -8.0,
        alias="sun_limit",
        description="passes with a higher Sun at the station are not used; 90 for all",
    )
    gate_ns: Annotated[float, Quantity("ns", low=0.01, high=1000)] = Field(2.0, alias="gate")
    field_of_view_urad: Annotated[float, Quantity("urad", low=1, high=10000)] = Field(
        100.0, alias="field_of_view", description="full angle"
    )
    bandwidth_nm: Annotated[float, Quantity("nm", low=0.001, high=100)] = Field(3.0, alias="bandwidth")
    dead_time_ns: Annotated[float, Quantity("ns", low=0, high=1e5)] = Field(50.0, alias="dead_time")
    pooled_passes: int = Field(1, ge=1, le=100, description="passes of one satellite in a block of key")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [s.id for s in self.stations]
        refuse_twins("stations", ids)
        for pair in self.pairs:
            for end in pair.between:
                if end not in ids:
                    raise ValueError(f"pair {pair.id}: no station {end!r}: expected one of {', '.join(ids)}")
            if pair.between[0] == pair.between[1]:
                raise ValueError(f"pair {pair.id}: both ends are {pair.between[0]!r}")
        refuse_twins("pairs", [p.id for p in self.pairs])
        if self.gate_ns > 1e3 / self.sender.pulse_rate_mhz:
            raise ValueError(
                f"gate: {self.gate_ns:g} ns is longer than the {1e3 / self.sender.pulse_rate_mhz:g} ns between pulses"
            )
        return self
