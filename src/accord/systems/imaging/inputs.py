"""What a programme file says about imaging: whose images, over which ground, clouds and seasons, and at what pace."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Input, Quantity, Spread
from accord.systems.imaging.missions import mission_names

__all__ = ["INPUTS", "Area", "Climate", "Design", "Example", "Own", "Payload", "Place", "Station"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Latitude = Annotated[float, Quantity("deg", low=-90, high=90)]
Longitude = Annotated[float, Quantity("deg", low=-180, high=180)]
Share = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[list[Share], Field(min_length=12, max_length=12)]
Weights = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=12, max_length=12)]
_MOST_LOOKS = 3.0e7  # satellites x moments


class Payload(DesignModel):
    """A camera or radar: what strip of ground one pass sees, and how finely."""

    sensor: Literal["radar", "optical"]
    swath_km: Annotated[float, Quantity("km", low=1, high=3000)] = Field(alias="swath")
    near_incidence_deg: Annotated[float, Quantity("deg", low=0, high=70)] | None = Field(
        None,
        alias="near_incidence",
        description="inner edge of a radar's strip; a camera looks straight down",
    )
    side: Literal["left", "right", "both"] = "right"
    resolution_m: Annotated[float, Quantity("m", low=0.1, high=1000)] = Field(alias="resolution")
    tasked: bool = Field(True, description="takes images only when asked; else of all ground it passes")

    @model_validator(mode="after")
    def _looks(self) -> Self:
        if (self.sensor == "radar") != (self.near_incidence_deg is not None):
            raise ValueError("a radar has a near_incidence, a camera has none")
        return self


class Own(Payload):
    """Satellites of the programme's own: planes of one circular orbit."""

    id: Name
    altitude_km: Annotated[float, Quantity("km", low=300, high=2000)] = Field(alias="altitude")
    inclination_deg: Annotated[float, Quantity("deg", low=0, high=180)] | None = Field(
        None, alias="inclination", description="left out: sun-synchronous"
    )
    node_time_h: Annotated[float, Quantity("h", low=0, high=24)] = Field(
        18.0, alias="node_time", description="mean local solar time of the first ascending node"
    )
    planes: int = Field(1, ge=1, le=100)
    satellites: int = Field(ge=1, le=500, description="in all planes")

    @model_validator(mode="after")
    def _even(self) -> Self:
        if self.satellites % self.planes:
            raise ValueError(f"{self.satellites} satellites do not fill {self.planes} planes evenly")
        return self


class Station(DesignModel):
    """A ground station that the programme's own satellites send to."""

    name: str
    latitude_deg: Latitude = Field(alias="latitude")
    longitude_deg: Longitude = Field(alias="longitude")


class Place(DesignModel):
    """Ground where events are expected; `people` live where they reach."""

    name: str
    latitude_deg: Latitude = Field(alias="latitude")
    longitude_deg: Longitude = Field(alias="longitude")
    people: Annotated[float, Quantity("person", low=0)] | None = None


class Area(DesignModel):
    """The region of the file: polygons of (longitude, latitude) [deg], and places."""

    title: str
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = Field(min_length=1)
    places: tuple[Place, ...] = ()


class Climate(DesignModel):
    """Months of some of the places, January first."""

    places: tuple[str, ...] = Field(min_length=1, description="names of places of the region")
    cloud: Months = Field(description="share of optical looks lost to cloud")
    season: Weights = Field(description="how the events fall on the months, in any unit")


FileName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Example(DesignModel):
    """Pictures of a map that was made, to look at: PNG files that ``accord flood`` wrote, beside the programme file."""

    title: str = Field(max_length=120)
    before: FileName | None = None
    after: FileName | None = None
    map: FileName | None = None
    likelihood: FileName | None = None
    exposure: FileName | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not any((self.before, self.after, self.map, self.likelihood, self.exposure)):
            raise ValueError("expected at least one picture: before, after, map, likelihood or exposure")
        return self


class Design(DesignModel):
    """Missions, ground and the months."""

    area: Area | None = Field(None, description="the file's `region`, with places")
    missions: tuple[Name, ...] = Field((), max_length=20, description="open missions of the table")
    own: tuple[Own, ...] = Field((), max_length=20)
    payload: Payload | None = Field(None, description="carried by the satellites of the port `ephemeris`")
    stations: tuple[Station, ...] = Field((), max_length=100)
    station_mask_deg: Annotated[float, Quantity("deg", low=0, high=60)] = Field(5.0, alias="station_mask")
    cloud: Months = Field(
        [0.6] * 12, description="share of optical looks lost to cloud, where no climate says"
    )
    season: Weights = Field(
        [1.0] * 12, description="how the events fall on the months, where no climate says"
    )
    climates: tuple[Climate, ...] = Field((), max_length=200)
    sun_mask_deg: Annotated[float, Quantity("deg", low=-6, high=60)] = Field(
        15.0, alias="sun_mask", description="lowest Sun in which optical images are mapped"
    )
    duration_day: Annotated[float, Quantity("day", low=1, high=60)] = Field(
        16.0, alias="duration", description="period looked at for orbits that do not repeat, in whole days"
    )
    cell_km: Annotated[float, Quantity("km", low=20, high=1000)] = Field(
        150.0, alias="cell", description="of the map"
    )
    example: Example | None = Field(None, description="pictures of a map for the chapter")
    events: int = Field(200, ge=20, le=5000, description="events that each member goes through")
    patience_h: Annotated[float, Quantity("h", low=24, high=2000)] = Field(
        720.0, alias="patience", description="an event that is never mapped counts with this time"
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not self.missions and not self.own and self.payload is None:
            raise ValueError("expected missions, own satellites or a payload: somebody has to look")
        for name in self.missions:
            if name not in mission_names():
                known = ", ".join(mission_names())
                raise ValueError(f"there is no open mission {name!r}: expected one of {known}")
        if len(set(self.missions)) < len(self.missions) or {"landsat_8", "landsat_8_9"} <= set(self.missions):
            raise ValueError("the same satellites are named twice among the missions")
        if self.area is None or not self.area.places:
            raise ValueError("expected a region with places: events happen somewhere")
        names = {place.name for place in self.area.places}
        for climate in self.climates:
            missing = [name for name in climate.places if name not in names]
            if missing:
                raise ValueError(f"climates: the region has no place {missing[0]!r}")
        for season in (self.season, *(climate.season for climate in self.climates)):
            if not sum(season) > 0.0:
                raise ValueError("season: at least one month needs a weight above 0")
        if (self.own or self.payload) and not self.stations:
            raise ValueError("own satellites need stations to send to")
        if sum(own.satellites for own in self.own) * self.duration_day * 1440 > _MOST_LOOKS:
            raise ValueError("so many satellites over so many days are too many: choose a shorter duration")
        return self


_OWN = "Own assumption"

INPUTS = {
    "flood_duration_h": Input(
        unit="h", doc="Median time that the ground stays under water.", default=48.0, low=1.0, high=2000.0,
        usual=(12.0, 240.0), spread=Spread.of("lognormal", p10=24, p90=96),
        source="Own assumption around floods of some hours to a few days (Tarpanelli et al. 2022, NHESS 22:2473)",
    ),
    "flood_duration_log_sd": Input(
        unit="1", doc="Spread of the duration between events, standard deviation of its logarithm.", default=0.8,
        low=0.0, high=2.0, usual=(0.4, 1.2), source=_OWN,
    ),
    "peak_at_share": Input(
        unit="1", doc="Share of its duration after which a flood is widest.", default=0.3, low=0.05, high=0.95,
        spread=Spread.of("triangular", low=0.15, mode=0.3, high=0.5), source=_OWN,
    ),
    "cloud_persistence": Input(
        unit="1", doc="Correlation of the sky's state from one day to the next.", default=0.45, low=0.0, high=0.95,
        usual=(0.3, 0.6), spread=Spread.of("triangular", low=0.3, mode=0.45, high=0.6),
        source="Own assumption, usual 0.3 to 0.6: weather systems pass in days",
    ),
    "cloud_offset": Input(
        unit="1", doc="Added to every month's share of cloud: error of the climatology.", default=0.0,
        low=-0.5, high=0.5, usual=(-0.2, 0.2), spread=Spread.of("triangular", low=-0.1, mode=0.0, high=0.1),
        source=_OWN,
    ),
    "onset_cloud_share": Input(
        unit="1", doc="Probability that the sky is overcast when the event begins.", default=0.9, low=0.0, high=1.0,
        spread=Spread.of("triangular", low=0.75, mode=0.9, high=1.0),
        source="Own assumption: floods begin with rain",
    ),
    "acquired_share": Input(
        unit="1", doc="Share of the possible looks that are really taken and delivered.", default=0.8,
        low=0.05, high=1.0, usual=(0.4, 1.0), spread=Spread.of("triangular", low=0.5, mode=0.85, high=1.0),
        source="Own assumption: open missions follow acquisition plans that leave passes out",
    ),
    "delay_factor": Input(
        unit="1", doc="Wait for the data over the table's.", default=1.0, low=0.1, high=10.0,
        spread=Spread.of("lognormal", p10=0.7, p90=1.5), source=_OWN,
    ),
    "tasking_h": Input(
        unit="h", doc="From the event until satellites that must be asked can take images.", default=6.0,
        low=0.0, high=240.0, usual=(1.0, 48.0), spread=Spread.of("lognormal", p10=2, p90=18), source=_OWN,
    ),
    "mapping_h": Input(
        unit="h", doc="From product to map.", default=0.3, low=0.0, high=72.0, usual=(0.05, 6.0),
        spread=Spread.of("lognormal", p10=0.1, p90=1.0), source="Own measurements: minutes a scene; queues on top",
    ),
    "review_h": Input(
        unit="h", doc="Median time until a person has looked at the map and let it go.", default=2.5,
        low=0.0, high=240.0, usual=(0.5, 12.0), spread=Spread.of("lognormal", p10=1, p90=6), source=_OWN,
    ),
    "optical_iou": Input(
        unit="1", doc="Overlap of mapped and true water, optical map of an event not seen before.", default=0.6941,
        low=0.0, high=1.0, usual=(0.4, 0.9), spread=Spread.of("triangular", p10=0.5356, mode=0.6941, p90=0.7762),
        source="Card of the shipped model, grouped folds: pooled 0.694, upper bound 0.776; mean over chips 0.536",
    ),
    "radar_iou": Input(
        unit="1", doc="The same of a radar map.", default=0.63, low=0.0, high=1.0, usual=(0.3, 0.85),
        spread=Spread.of("triangular", p10=0.42, mode=0.63, p90=0.75),
        source="Own judgement from a held-out event of Sen1Floods11 (0.624, 95 %: 0.418 to 0.738; floodfm 2026)",
    ),
    "water_share": Input(
        unit="1", doc="Share of the mapped ground that is under water.", default=0.1, low=0.001, high=0.9,
        usual=(0.01, 0.4), spread=Spread.of("triangular", low=0.02, mode=0.08, high=0.25), source=_OWN,
    ),
    "claimed_accuracy": Input(
        unit="1", doc="Accuracy that somebody claims, to be read as an overlap.", default=0.95, low=0.5, high=1.0,
        source="A round number that is often announced; set what was claimed",
    ),
    "events_per_yr": Input(
        unit="1/yr", doc="Events a year in the region.", default=12.0, low=0.01, high=10000.0,
        usual=(1.0, 300.0), spread=Spread.of("lognormal", p10=6, p90=24), source=_OWN,
    ),
    "service_musd2025_per_yr": Input(
        unit="MUSD2025/yr", doc="People, computers and downlink of the service.", default=4.0, low=0.0, high=1000.0,
        usual=(0.5, 50.0), spread=Spread.of("lognormal", p10=2, p90=8), source=_OWN,
    ),
    "satellite_musd2025": Input(
        unit="MUSD2025", doc="One satellite of the programme's own, built and launched.", default=40.0,
        low=0.1, high=2000.0, usual=(2.0, 400.0), spread=Spread.of("lognormal", p10=15, p90=110), source=_OWN,
    ),
    "satellite_life_yr": Input(
        unit="yr", doc="Its life.", default=6.0, low=1.0, high=20.0,
        spread=Spread.of("triangular", low=4, mode=6, high=9), source=_OWN,
    ),
    "discount_rate_per_yr": Input(
        unit="1/yr", doc="Real cost of capital.", default=0.07, low=0.0, high=0.3, usual=(0.03, 0.12),
        spread=Spread.of("triangular", low=0.04, mode=0.07, high=0.1), source=_OWN,
    ),
}  # fmt: skip
