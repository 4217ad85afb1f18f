"""What a programme file says about a quantum test-bed: fibre links, satellites, a network, and the devices."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Input, Quantity, Spread
from accord.systems.qkd.finite_key import Bounds
from accord.systems.qkd.network.design import Network
from accord.systems.qkd.raman import Classical
from accord.systems.qkd.satellite.design import Name, Satellites, refuse_twins
from accord.systems.qkd.satellite.inputs import SATELLITE_INPUTS

__all__ = ["FIBRE_INPUTS", "INPUTS", "Design", "Link", "Site"]


class Link(DesignModel):
    """A fibre between two sites, in one span or over trusted nodes."""

    id: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    length_km: Annotated[float, Quantity("km", low=0, high=40000)] = Field(alias="length")
    extra_loss_db: Annotated[float, Quantity("dB", low=0, high=60)] = Field(
        0.0, alias="extra_loss", description="connectors, patch panels and filters of a span"
    )
    span_km: Annotated[float, Quantity("km", low=1, high=1000)] | None = Field(
        None, alias="span", description="longest span between trusted nodes; one span without it"
    )
    between: tuple[Name, Name] | None = Field(
        None, description="the two sites or stations it joins; without them it is no part of the network"
    )

    classical: Classical | None = Field(None, description="channels of data in the same fibre")

    @property
    def spans(self) -> int:
        """Number of spans."""
        return 1 if self.span_km is None else max(1, -int(-self.length_km // self.span_km))


class Site(DesignModel):
    """A place on the map where links end."""

    id: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    latitude_deg: Annotated[float, Quantity("deg", low=-90, high=90)] = Field(alias="latitude")
    longitude_deg: Annotated[float, Quantity("deg", low=-180, high=180)] = Field(alias="longitude")


class Design(DesignModel):
    """Links, satellites and devices."""

    links: tuple[Link, ...] = Field((), max_length=30)
    sites: tuple[Site, ...] = Field((), max_length=40, description="where fibres end; stations are sites too")
    satellites: Satellites | None = Field(None, description="satellites that hand keys down to stations")
    network: Network | None = Field(None, description="who needs keys from whom over trusted sites")
    bounds: Bounds = Field(
        "hoeffding",
        description="how deviations of counts are bounded: hoeffding, chernoff, tight; none for no bound",
    )
    pulse_rate_mhz: Annotated[float, Quantity("MHz", low=0.001, high=1e5)] = Field(1000.0, alias="pulse_rate")
    block: Annotated[float, Quantity("1", low=1e3, high=1e12)] = Field(
        1e7, description="sifted detections in the key basis that are made into key together"
    )
    secrecy: Annotated[float, Quantity("1", low=1e-30, high=1e-3)] = Field(
        1e-9, description="probability that a block is not secret"
    )
    correctness: Annotated[float, Quantity("1", low=1e-30, high=1e-3)] = Field(
        1e-15, description="probability that the two ends differ"
    )
    error_correction: Annotated[float, Quantity("1", low=1, high=2)] = Field(
        1.16, description="bits published over the Shannon limit"
    )

    @model_validator(mode="after")
    def _unique(self) -> Self:
        refuse_twins("links", [link.id for link in self.links])
        if not self.links and self.satellites is None:
            raise ValueError("links or satellites: expected at least one of them")
        for link in self.links:
            if link.classical is not None and link.classical.gate_ns * self.pulse_rate_mhz > 1000.0:
                raise ValueError(
                    f"link {link.id}: a gate of {link.classical.gate_ns:g} ns is longer than the time between pulses, "
                    f"{1000.0 / self.pulse_rate_mhz:g} ns"
                )
        self._check_ends()
        return self

    def _check_ends(self) -> None:
        places = [s.id for s in self.sites] + [
            s.id for s in (self.satellites.stations if self.satellites else ())
        ]
        refuse_twins("sites", places)
        pairs = self.satellites.pairs if self.satellites else ()
        joins = [(link.id, link.between) for link in self.links if link.between]
        joins += [(pair.id, pair.between) for pair in pairs]
        for name, between in joins:
            for end in between:
                if end not in places:
                    raise ValueError(
                        f"{name}: no site {end!r}: expected one of {', '.join(places) or 'none stated'}"
                    )
        edges = [name for name, _ in joins]
        for twice in sorted({n for n in edges if edges.count(n) > 1}):
            raise ValueError(f"a link and a pair are both called {twice!r}")
        if self.network is None:
            return
        joined = {end for _, between in joins for end in between}
        for demand in self.network.demands:
            for end in demand.between:
                if end not in joined:
                    raise ValueError(
                        f"demand {demand.id}: no link ends at {end!r}: expected one of {', '.join(sorted(joined))}"
                    )


FIBRE_INPUTS = {
    "attenuation_db_per_km": Input(
        unit="dB/km",
        doc="Loss of the installed fibre, splices included.",
        default=0.25,
        low=0.13,
        high=1.0,
        usual=(0.16, 0.35),
        spread=Spread.of("triangular", low=0.19, mode=0.22, high=0.32),
        source="New fibre has 0.20 dB/km (Lim et al. 2014, Phys. Rev. A 89:022307), installed 0.22 to 0.30; "
        "the shape is our own",
    ),
    "receiver_efficiency": Input(
        unit="1",
        doc="Efficiency of detectors and optics together.",
        default=0.1,
        low=0.001,
        high=0.98,
        usual=(0.05, 0.9),
        spread=Spread.of("pert", low=0.06, mode=0.12, high=0.25),
        source="InGaAs avalanche diodes of 10 to 25 %; 10 % in Lim et al. (2014)",
    ),
    "dark_probability": Input(
        unit="1",
        doc="Probability of a dark count of a detector in a gate.",
        default=6e-7,
        low=0.0,
        high=0.01,
        usual=(1e-9, 1e-4),
        spread=Spread.of("lognormal", p10=2e-7, p90=2e-6),
        source="6e-7 in Lim et al. (2014), a factor of about three either way",
    ),
    "raman_per_km_nm": Input(
        unit="1",
        doc="Share of the power of classical channels that a kilometre of fibre scatters into a nanometre at the "
        "quantum wavelength; acts where a link states classical channels.",
        default=3e-9,
        low=0.0,
        high=1e-6,
        usual=(5e-10, 1e-8),
        spread=Spread.of("lognormal", p10=1.5e-9, p90=4.5e-9),
        source="3e-9 at most within the C band of standard fibre (Kumar, Qin & Alleaume 2015, New J. Phys. 17:043027); "
        "down to half of it for channels close by: the range is our own",
    ),
    "afterpulse_probability": Input(
        unit="1",
        doc="Probability of an after-pulse.",
        default=0.04,
        low=0.0,
        high=0.5,
        spread=Spread.of("pert", low=0.0, mode=0.02, high=0.08),
        source="4 % in Lim et al. (2014)",
    ),
    "misalignment": Input(
        unit="1",
        doc="Share of photons that leave through the wrong port.",
        default=0.005,
        low=0.0,
        high=0.2,
        usual=(0.001, 0.03),
        spread=Spread.of("pert", low=0.002, mode=0.005, high=0.02),
        source="0.5 % in Lim et al. (2014), 0.2 to 1.5 % in the field",
    ),
    "dead_time_us": Input(
        unit="us",
        doc="Time in which a detector is blind after a detection.",
        default=1.0,
        low=0.0,
        high=1000.0,
        spread=Spread.of("lognormal", p10=0.05, p90=10),
        source="Own assumption: tens of nanoseconds (superconducting) to ten microseconds (gated diodes)",
    ),
    "availability": Input(
        unit="1",
        doc="Share of the time in which a link makes key.",
        default=0.9,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=27, beta=3),
        source="Own assumption: P10 to P90 of 0.83 to 0.96 after the reports of field networks",
    ),
}

INPUTS = {**FIBRE_INPUTS, **SATELLITE_INPUTS}
