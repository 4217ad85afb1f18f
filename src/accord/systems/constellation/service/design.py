"""What a programme file says about the service: payload, terminal, feeder, gateways, climate, demand, deployment."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Quantity

__all__ = [
    "ClimateSite",
    "Country",
    "Demand",
    "Deployment",
    "Feeder",
    "Gateway",
    "Gateways",
    "Payload",
    "ReturnLink",
    "Service",
    "Terminal",
    "Weather",
]

Latitude = Annotated[float, Quantity("deg", low=-90, high=90)]
Longitude = Annotated[float, Quantity("deg", low=-180, high=360)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Four = Annotated[
    tuple[Annotated[float, Quantity("kg/m2", low=0, high=100)], ...], Field(min_length=4, max_length=4)
]


class Payload(DesignModel):
    """The user link of one satellite; the defaults are of the kind of a filed fleet in Ku band."""

    frequency_ghz: Annotated[float, Quantity("GHz", low=4, high=55)] = Field(11.7, alias="frequency")
    beams: int = Field(16, ge=1, le=2000, description="lit at once")
    beam_bandwidth_mhz: Annotated[float, Quantity("MHz", low=1, high=5000)] = Field(
        250.0, alias="beam_bandwidth"
    )
    beam_eirp_dbw: Annotated[float, Quantity("dBW", low=0, high=80)] = Field(
        34.6, alias="beam_eirp", description="of one beam over its bandwidth, on boresight"
    )
    spectrum_mhz: Annotated[float, Quantity("MHz", low=1, high=20000)] = Field(
        2000.0, alias="spectrum", description="licensed for user downlinks in one polarisation"
    )
    polarisations: Literal[1, 2] = 1
    roll_off: float = Field(0.10, ge=0.02, le=0.35)
    scan_exponent: float = Field(0.0, ge=0, le=3, description="0 for beams fixed or steered by mechanics")
    rate_gbit_per_s: Annotated[float, Quantity("Gbit/s", low=0.01, high=5000)] | None = Field(
        None, alias="rate", description="limit of the on-board processor, where there is one"
    )
    power_w: Annotated[float, Quantity("W", low=1, high=200000)] | None = Field(None, alias="power")
    beam_power_w: Annotated[float, Quantity("W", low=0.1, high=20000)] | None = Field(
        None, alias="beam_power"
    )
    flux_limits: bool = Field(True, description="keep to Article 21 of the Radio Regulations")
    gso_protection: bool = Field(True, description="stay clear of the geostationary arc")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.power_w is None) != (self.beam_power_w is None):
            raise ValueError("expected power and beam_power together, or neither")
        if self.beam_bandwidth_mhz > self.spectrum_mhz * self.polarisations:
            raise ValueError(
                f"a beam of {self.beam_bandwidth_mhz:g} MHz does not fit the {self.spectrum_mhz:g} MHz of spectrum"
            )
        if self.lit_beams < 1:
            raise ValueError("the power does not light one beam")
        return self

    @property
    def lit_beams(self) -> int:
        """Beams that power and payload light at once."""
        if self.power_w is None or self.beam_power_w is None:
            return self.beams
        return min(self.beams, int(self.power_w / self.beam_power_w))

    @property
    def beams_per_cell(self) -> float:
        """Beams that fit one cell: every frequency once in each polarisation."""
        return self.spectrum_mhz * self.polarisations / self.beam_bandwidth_mhz


class Terminal(DesignModel):
    """What subscribers have on the roof, looking at the zenith."""

    g_over_t_db_per_k: Annotated[float, Quantity("dB/K", low=-30, high=40)] = Field(9.0, alias="g_over_t")
    noise_temperature_k: Annotated[float, Quantity("K", low=30, high=2000)] = Field(
        250.0, alias="noise_temperature"
    )
    scan_exponent: float = Field(1.3, ge=0, le=3, description="0 for a dish that follows the satellite")
    diameter_m: Annotated[float, Quantity("m", low=0.1, high=5)] = Field(0.5, alias="diameter")
    efficiency: float = Field(0.6, ge=0.1, le=1)


class ReturnLink(DesignModel):
    """The link from terminal to satellite; antenna and scan loss are those of the terminal and the payload.

    The defaults go with those of the payload: 14.0 to 14.5 GHz as filed for such terminals
    (FCC, SES-LIC-20190930-01217); power, sensitivity, channel and beams are our own assumptions.
    """

    frequency_ghz: Annotated[float, Quantity("GHz", low=4, high=55)] = Field(14.25, alias="frequency")
    eirp_dbw: Annotated[float, Quantity("dBW", low=-10, high=80)] = Field(
        34.0, alias="eirp", description="of one terminal over its channel, on boresight"
    )
    g_over_t_db_per_k: Annotated[float, Quantity("dB/K", low=-40, high=40)] = Field(
        -1.0, alias="g_over_t", description="of the satellite's user antenna, at nadir"
    )
    channel_mhz: Annotated[float, Quantity("MHz", low=0.01, high=2000)] = Field(
        20.0, alias="channel", description="bandwidth in which one terminal sends"
    )
    beams: int | None = Field(
        None, ge=1, le=2000, description="received at once; as many as forward when left out"
    )
    beam_bandwidth_mhz: Annotated[float, Quantity("MHz", low=0.1, high=5000)] = Field(
        125.0, alias="beam_bandwidth"
    )
    spectrum_mhz: Annotated[float, Quantity("MHz", low=0.1, high=20000)] = Field(
        500.0, alias="spectrum", description="licensed for user uplinks in one polarisation"
    )
    return_share: float = Field(
        1.0, gt=0, le=1, description="share of that spectrum given to the return link"
    )
    polarisations: Literal[1, 2] = 1
    roll_off: float = Field(0.20, ge=0.02, le=0.35, description="ETSI EN 301 545-2 (DVB-RCS2)")
    highest_bit_per_symbol: float = Field(
        10.0 / 3.0, ge=0.5, le=6, description="of the best mode: 16QAM at rate 5/6 in ETSI EN 301 545-2"
    )
    availability: float = Field(
        0.99, ge=0.5, le=0.9999, description="share of the year for which the lower of the two rates is told"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        given = self.spectrum_mhz * self.return_share * self.polarisations
        if self.beam_bandwidth_mhz > given:
            raise ValueError(
                f"a return beam of {self.beam_bandwidth_mhz:g} MHz does not fit the {given:g} MHz of return spectrum"
            )
        if self.channel_mhz > self.beam_bandwidth_mhz:
            raise ValueError(
                f"a channel of {self.channel_mhz:g} MHz does not fit a return beam of {self.beam_bandwidth_mhz:g} MHz"
            )
        return self


class Feeder(DesignModel):
    """The link from gateway to satellite."""

    frequency_ghz: Annotated[float, Quantity("GHz", low=4, high=55)] = Field(28.5, alias="frequency")
    bandwidth_mhz: Annotated[float, Quantity("MHz", low=1, high=20000)] = Field(
        2100.0, alias="bandwidth", description="of one link, both polarisations counted"
    )
    gateway_eirp_dbw: Annotated[float, Quantity("dBW", low=20, high=100)] = Field(70.0, alias="gateway_eirp")
    g_over_t_db_per_k: Annotated[float, Quantity("dB/K", low=-30, high=40)] = Field(
        8.0, alias="g_over_t", description="of the satellite's feeder antenna"
    )
    links: int = Field(1, ge=1, le=8, description="gateways that a satellite uses at once")
    elevation_mask_deg: Annotated[float, Quantity("deg", low=5, high=60)] = Field(
        10.0, alias="elevation_mask"
    )
    isl_rate_gbit_per_s: Annotated[float, Quantity("Gbit/s", low=0, high=1000)] = Field(
        0.0,
        alias="isl_rate",
        description="that links between satellites bring to one without its own gateway",
    )


class Gateway(DesignModel):
    """A candidate site."""

    name: Name
    latitude_deg: Latitude = Field(alias="latitude")
    longitude_deg: Longitude = Field(alias="longitude")
    country: str = ""
    allowed: bool = Field(True, description="false: the host says no, or there is no fibre")


class Gateways(DesignModel):
    """Where gateways may stand, and how many are built."""

    sites: tuple[Gateway, ...] = Field((), max_length=500)
    count: int | None = Field(None, ge=1, le=500, description="to be built; all allowed sites when left out")
    antennas: int = Field(8, ge=1, le=200, description="satellites that one gateway follows at once")
    national: bool = Field(False, description="each country's traffic lands in that country")


class ClimateSite(DesignModel):
    """Climate of one place; other places take means weighted by the inverse square of distance."""

    name: Name
    latitude_deg: Latitude = Field(alias="latitude")
    longitude_deg: Longitude = Field(alias="longitude")
    height_km: Annotated[float, Quantity("km", low=-0.5, high=6)] = Field(0.0, alias="height")
    rain_rate_mm_per_h: Annotated[float, Quantity("mm/h", low=0, high=250)] | None = Field(
        None, alias="rain_rate", description="exceeded for 0.01 % of the year"
    )
    month_temperatures_degc: tuple[Annotated[float, Quantity("degC", low=-70, high=60)], ...] = Field(
        (),
        alias="month_temperatures",
        description="twelve means, from which the rain rate follows by P.837-7",
    )
    month_rainfall_mm: tuple[Annotated[float, Quantity("mm", low=0, high=5000)], ...] = Field(
        (), alias="month_rainfall"
    )
    isotherm_km: Annotated[float, Quantity("km", low=0, high=6)] = Field(alias="isotherm")
    wet_refractivity: float = Field(ge=0, le=200)
    temperature_k: Annotated[float, Quantity("K", low=200, high=330)] = Field(alias="temperature")
    vapour_density_g_per_m3: Annotated[
        tuple[Annotated[float, Quantity("g/m3", low=0, high=50)], ...], Field(min_length=4, max_length=4)
    ] = Field(alias="vapour_density", description="exceeded for 1, 5, 20 and 50 % of the year")
    vapour_content_kg_per_m2: Four = Field(alias="vapour_content")
    cloud_liquid_kg_per_m2: Four = Field(alias="cloud_liquid")

    @model_validator(mode="after")
    def _rain(self) -> Self:
        months = (len(self.month_temperatures_degc), len(self.month_rainfall_mm))
        if (self.rain_rate_mm_per_h is None) == (months == (0, 0)):
            raise ValueError("expected either rain_rate, or month_temperatures and month_rainfall")
        if months not in {(0, 0), (12, 12)}:
            raise ValueError(
                f"expected twelve months, got {months[0]} temperatures and {months[1]} amounts of rain"
            )
        return self


class Weather(DesignModel):
    """Edition of the attenuation method, and where the climate comes from."""

    edition: Literal[13, 14] = Field(13, description="of ITU-R P.618")
    maps: bool = Field(False, description="read ITU's maps by itur, the extra [itu]")
    sites: tuple[ClimateSite, ...] = Field((), max_length=500)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.maps and self.sites:
            raise ValueError("expected either maps: true or sites")
        return self


class Country(DesignModel):
    """Totals of a country, or of any part of the region with its own."""

    id: Name
    people: Annotated[float, Quantity("person", low=1, high=2e9)]
    household_size: Annotated[float, Quantity("person", low=1, high=12)] = Field(4.0)
    income_usd2025_per_yr: Annotated[float, Quantity("USD2025/yr", low=50, high=300000)] = Field(
        alias="income", description="gross national income a person"
    )
    gini: float = Field(0.36, ge=0.1, le=0.8, description="of incomes")


class Demand(DesignModel):
    """Who lives where: a table of settlements with national totals, or a raster rescaled to them."""

    file: FileName = Field(
        description="settlements as .csv (name, country, latitude, longitude, people), or a raster as .npz"
    )
    countries: tuple[Country, ...] = Field(min_length=1, max_length=300)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [country.id for country in self.countries]
        if len(set(names)) != len(names):
            raise ValueError("two countries have the same id")
        return self


class Deployment(DesignModel):
    """How the fleet comes up."""

    satellites_per_launch: int = Field(36, ge=1, le=500)
    years: int = Field(
        15, ge=2, le=40, description="over which costs and income are counted, from the first launch"
    )
    first_share: float = Field(
        0.5, gt=0, le=1, description="share of the full service from which it counts as begun"
    )


class Service(DesignModel):
    """Everything between the satellites and the price."""

    payload: Payload = Field(default_factory=lambda: Payload.model_validate({}))
    terminal: Terminal = Field(default_factory=lambda: Terminal.model_validate({}))
    return_link: ReturnLink = Field(default_factory=lambda: ReturnLink.model_validate({}))
    feeder: Feeder = Field(default_factory=lambda: Feeder.model_validate({}))
    gateways: Gateways = Field(default_factory=lambda: Gateways.model_validate({}))
    weather: Weather = Field(default_factory=lambda: Weather.model_validate({}))
    demand: Demand | None = Field(None, description="unlimited and even over the region when left out")
    deployment: Deployment = Field(default_factory=lambda: Deployment.model_validate({}))
    cell_km: Annotated[float, Quantity("km", low=10, high=1000)] = Field(
        100.0, alias="cell", description="size of a beam's footprint: every frequency once in each cell"
    )
    snapshots: int = Field(16, ge=2, le=500, description="moments at which beams are assigned")
    satellites_per_cell: int = Field(1, ge=1, le=8, description="that serve one cell at once")
