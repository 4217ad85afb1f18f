"""What a programme file says about the plant: reactor, solar field, storages, one way to hydrogen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from accord.contract import DesignModel, Input, Quantity, Spread
from accord.errors import FileError
from accord.systems.plant.catalogue import names, process, reactor
from accord.systems.plant.electrolysis import need_of
from accord.systems.plant.place import Climate, PriceFile, WeatherFile, beside

__all__ = ["INPUTS", "Design"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Power = Annotated[float, Quantity("MW", low=0, high=1e5)]
Energy = Annotated[float, Quantity("MWh", low=0, high=1e7)]
Share = Annotated[float, Field(ge=0, le=1)]


class Design(DesignModel):
    """The plant, its capacities given."""

    reactor: Name | None = Field(None, description="an entry of the table of reactors; left out: none")
    reactor_units: int = Field(1, ge=1, le=12)
    reactor_policy: Literal["baseload", "flexible"] = Field(
        "baseload", description="at full power whenever it runs, or between its least load and full power"
    )
    solar_mw: Power = Field(
        0.0, alias="solar", description="AC capacity; the modules are `dc_ac` times as much"
    )
    tracker: bool = True
    battery_power_mw: Power = Field(0.0, alias="battery_power")
    battery_energy_mwh: Energy = Field(0.0, alias="battery_energy")
    heat_store_power_mw: Power = Field(0.0, alias="heat_store_power")
    heat_store_energy_mwh: Energy = Field(0.0, alias="heat_store_energy")
    hydrogen: Name | None = Field(None, description="an entry of the table of processes; left out: none")
    hydrogen_power_mw: Power = Field(0.0, alias="hydrogen_power", description="electric input of the process")
    hydrogen_pressure_bar: Annotated[float, Quantity("bar", low=1, high=1000)] = Field(
        30.0, alias="hydrogen_pressure", description="at which it leaves the plant"
    )
    hydrogen_demand_kg_per_h: Annotated[float, Quantity("kg/h", low=0, high=1e6)] = Field(
        0.0,
        alias="hydrogen_demand",
        description="taken off in every hour while the reactor runs; more may be sold",
    )
    hydrogen_store_t: Annotated[float, Quantity("t", low=0, high=1e6)] = Field(
        0.0, alias="hydrogen_store", description="tanks of compressed hydrogen"
    )
    hydrogen_price_usd2025_per_kg: Annotated[float, Quantity("USD2025/kg", low=0, high=50)] = Field(
        3.0, alias="hydrogen_price"
    )
    grid_mw: Power = Field(1000.0, alias="grid", description="limit of the connection, each way")
    climate: Name | Climate = Field(
        "tropical_monsoon", description="an entry of the table of climates, or own months"
    )
    weather: WeatherFile | None = Field(None, description="a weather file instead of a climate")
    latitude_deg: Annotated[float, Quantity("deg", low=-66, high=66)] = Field(23.0, alias="latitude")
    longitude_deg: Annotated[float, Quantity("deg", low=-180, high=180)] = Field(0.0, alias="longitude")
    altitude_m: Annotated[float, Quantity("m", low=-500, high=6000)] = Field(0.0, alias="altitude")
    ground_cover: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.4, description="width of the modules over the distance of their rows"
    )
    dc_ac: Annotated[float, Field(ge=0.8, le=2.5)] = Field(
        1.3, description="module power over inverter power"
    )
    bifaciality: Share = Field(
        0.0, description="what a watt on the modules' back gives over one on the front"
    )
    dust_per_day: Annotated[float, Field(ge=0, le=0.02)] = Field(
        0.003, description="light lost to dust with each dry day"
    )
    cleaning_day: Annotated[int, Field(ge=0, le=365)] = Field(
        14, description="days from one cleaning to the next; 0: rain alone"
    )
    price_shape: Name = "evening_peak"
    prices: PriceFile | None = Field(None, description="a file of hourly prices instead of a shape")
    solar_price_drop: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.0, description="by how much more the sun pushes midday prices down than in the years of the shape"
    )
    evening_premium: Annotated[float, Field(ge=0, le=2)] = Field(
        1.0, description="what is left of what dear hours cost above the mean; falls as storage grows"
    )
    reference_price_usd2025_per_mwh: Annotated[float, Quantity("USD2025/MWh", low=1, high=1000)] = Field(
        55.0, alias="reference_price", description="mean price for which the hours are dispatched"
    )
    weather_years: int = Field(
        1, ge=1, le=40, description="among which members are spread: made ones; a weather file's are all used"
    )
    approach_k: Annotated[float, Quantity("K", low=0, high=100)] = Field(
        30.0, alias="approach", description="least temperature difference of the heat exchangers"
    )
    life_yr: Annotated[float, Quantity("yr", low=5, high=80)] = Field(40.0, alias="life")
    norms: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        "plain", description="of finance: an entry of the table of norms, or a file beside the programme"
    )
    cells: Name = Field("lmo", description="an entry of the table of cells: how the batteries age")
    cell_temperature_degc: Annotated[float, Quantity("degC", low=-20, high=60)] = Field(
        25.0, alias="cell_temperature", description="kept by cooling"
    )
    upkeep: Literal["replace", "augment", "oversize"] = Field(
        "replace",
        description="cells replaced at 70 % of their capacity, added to every year, or more of them at first",
    )
    cell_price_usd2025_per_kwh: Annotated[float, Quantity("USD2025/kWh", low=0, high=2000)] = Field(
        120.0,
        alias="cell_price",
        description="of replacing batteries, as the dispatch reckons with; 0: wear is free",
    )
    ensemble: Literal["levels", "years"] = Field(
        "levels",
        description="levels: members lie between dispatched price levels; years: each member's year is dispatched",
    )
    resized_share: Share = Field(
        0.0,
        description="of the members, for which the capacities are chosen again, knowing the member's costs",
    )
    ranges: bool = Field(
        False, description="whether to find how far each capacity may move for a little more cost (minutes)"
    )

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Self:
        for value, table in (
            (self.reactor, "reactors"),
            (self.hydrogen, "processes"),
            (self.climate if isinstance(self.climate, str) else None, "climates"),
            (self.price_shape, "prices"),
            (self.cells, "cells"),
        ):
            if value is not None and value not in names(table):
                raise ValueError(
                    f"there is no {value!r} among the {table}: expected one of {', '.join(names(table))}"
                )
        if self.reactor is None and self.solar_mw <= 0.0:
            raise ValueError("the plant has neither reactor nor solar field: give at least one")
        if (self.hydrogen is None) != (self.hydrogen_power_mw <= 0.0):
            raise ValueError("hydrogen and hydrogen_power belong together: give both or none")
        if (self.hydrogen_store_t > 0.0 or self.hydrogen_demand_kg_per_h > 0.0) and self.hydrogen is None:
            raise ValueError("hydrogen_store and hydrogen_demand need a way to hydrogen")
        self._check_heat()
        if (self.battery_power_mw > 0.0) != (self.battery_energy_mwh > 0.0):
            raise ValueError("battery_power and battery_energy belong together: give both or none")
        if (self.heat_store_power_mw > 0.0) != (self.heat_store_energy_mwh > 0.0):
            raise ValueError("heat_store_power and heat_store_energy belong together: give both or none")
        folder = info.context.get("folder") if isinstance(info.context, dict) else None
        if isinstance(folder, Path):  # None where a design is built without a file
            self.check(folder)
        return self

    def _check_heat(self) -> None:
        """Refuse a reactor whose power has nowhere to go, and a process that takes more heat than may leave it."""
        if self.reactor is None:
            return
        made = reactor(self.reactor).net_mw * self.reactor_units
        taken = self.grid_mw + self.hydrogen_power_mw
        if self.reactor_policy == "baseload" and made > taken:
            raise ValueError(
                f"the reactor gives {made:.4g} MW in every hour it runs, and grid and hydrogen take at most "
                f"{taken:.4g} MW: expected a larger grid, or reactor_policy: flexible"
            )
        if self.hydrogen is None:
            return
        source = reactor(self.reactor)
        way = need_of(process(self.hydrogen), self.hydrogen_pressure_bar)
        wanted = self.hydrogen_power_mw * way.heat_per_electricity
        most = source.thermal_mw * self.reactor_units * source.extraction_most
        if wanted > most:
            raise ValueError(
                f"hydrogen_power {self.hydrogen_power_mw:g} MW takes {wanted:.4g} MW of heat, and at most "
                f"{most:.4g} MW may leave the reactor: expected at most {most / way.heat_per_electricity:.4g} MW"
            )

    def check(self, folder: Path) -> None:
        """Refuse files that cannot be used, and what they are asked for in vain.

        Parameters
        ----------
        folder : Path
            Of the programme file.

        Raises
        ------
        ValueError
        """
        from accord.systems.plant.norms import norms_of
        from accord.systems.plant.prices import read_prices

        try:
            if self.prices is not None:
                read_prices(beside(folder, self.prices.file), self.reference_price_usd2025_per_mwh)
            if self.weather is not None:
                self._check_weather(folder)
            norms_of(self.norms, folder, self.life_yr)
        except FileError as error:
            raise ValueError(str(error)) from None

    def _check_weather(self, folder: Path) -> None:
        from accord.systems.plant.weather.records import read_record

        assert self.weather is not None
        record = read_record(beside(folder, self.weather.file))
        stated, name = self.model_fields_set, self.weather.file
        if "latitude_deg" in stated and abs(self.latitude_deg - record.latitude_deg) > 0.5:
            raise ValueError(
                f"latitude {self.latitude_deg:g} deg, but {name} is for {record.latitude_deg:g}: leave it out"
            )
        if record.typical and self.weather_years > 1 and self.weather.interannual_sd <= 0.0:
            raise ValueError(
                f"{name} is a typical year and has no spread between years: give a file of several years, a climate, "
                "or state interannual_sd under weather"
            )
        if not record.typical and self.weather_years > len(record.years):
            raise ValueError(
                f"weather_years {self.weather_years}, but {name} has {len(record.years)} whole years"
            )


_OWN = "Own assumption"

INPUTS = {
    "nuclear_capex_usd2025_per_kw": Input(
        unit="USD2025/kW", doc="Overnight cost of the reactor, gross power.", default=6000.0, low=500.0, high=30000.0,
        usual=(1800.0, 15000.0), spread=Spread.of("lognormal", p10=3500, p90=10000),
        source="Own assumption over the range of IEA & NEA (2020), Projected Costs, and of small reactors offered",
    ),
    "solar_capex_usd2025_per_kw": Input(
        unit="USD2025/kW", doc="Cost of the solar field, AC power.", default=600.0, low=100.0, high=5000.0,
        usual=(300.0, 1500.0), spread=Spread.of("lognormal", p10=420, p90=850), source=_OWN,
    ),
    "battery_capex_usd2025_per_kwh": Input(
        unit="USD2025/kWh", doc="Installed cost of batteries.", default=120.0, low=10.0, high=2000.0,
        usual=(60.0, 500.0), spread=Spread.of("lognormal", p10=85, p90=190), source=_OWN,
    ),
    "electrolyser_cost_factor": Input(
        unit="1", doc="Cost of the hydrogen process over the table's.", default=1.0, low=0.1, high=5.0,
        spread=Spread.of("lognormal", p10=0.7, p90=1.7), source=_OWN,
    ),
    "nuclear_availability": Input(
        unit="1", doc="Share of its energy that the reactor gives over the years, all outages counted.", default=0.8,
        low=0.1, high=1.0, usual=(0.5, 0.95), spread=Spread.of("beta", alpha=20, beta=5),
        source="Own assumption between a tariff norm of 72.5 % and recent fleets above 80 %",
    ),
    "solar_factor": Input(
        unit="1", doc="Energy of the field over the model's: outages, dirt and faults that the model has not.",
        default=0.97,
        low=0.3, high=1.2, spread=Spread.of("triangular", low=0.90, mode=0.97, high=1.01), source=_OWN,
    ),
    "solar_degradation_per_yr": Input(
        unit="1/yr", doc="Share of its output that the field loses each year.", default=0.006, low=0.0, high=0.05,
        usual=(0.002, 0.015), spread=Spread.of("triangular", low=0.003, mode=0.006, high=0.010),
        source="Jordan et al. (2016), Progress in Photovoltaics 24:978: median 0.5 to 0.6 % a year; spread own",
    ),
    "om_share_per_yr": Input(
        unit="1/yr", doc="Fixed operation and maintenance over capital cost.", default=0.025, low=0.0, high=0.2,
        usual=(0.01, 0.05), spread=Spread.of("triangular", low=0.018, mode=0.025, high=0.035), source=_OWN,
    ),
    "fuel_usd2025_per_mwh": Input(
        unit="USD2025/MWh", doc="Nuclear fuel cycle, of electricity made.", default=9.0, low=0.0, high=60.0,
        usual=(5.0, 15.0), spread=Spread.of("triangular", low=6, mode=9, high=13),
        source="About 9 USD/MWh: IEA & NEA (2020), Projected Costs of Generating Electricity; spread own",
    ),
    "discount_rate_per_yr": Input(
        unit="1/yr", doc="Real weighted cost of capital.", default=0.07, low=0.0, high=0.3, usual=(0.03, 0.12),
        spread=Spread.of("triangular", low=0.04, mode=0.07, high=0.1), source=_OWN,
    ),
    "construction_yr": Input(
        unit="yr", doc="Time to build the reactor, over which its cost is spent along an S-curve.",
        default=7.0, low=1.0, high=30.0,
        usual=(4.0, 15.0), spread=Spread.of("lognormal", p10=5, p90=13), source=_OWN,
    ),
    "battery_life_factor": Input(
        unit="1", doc="Life of the batteries over that of the published cells at the dispatched cycles.", default=1.1,
        low=0.2, high=4.0, usual=(0.5, 2.0), spread=Spread.of("triangular", low=0.7, mode=1.1, high=1.6), source=_OWN,
    ),
    "power_price_usd2025_per_mwh": Input(
        unit="USD2025/MWh", doc="Mean price of electricity over the hours of a year.",
        default=55.0, low=1.0, high=1000.0,
        usual=(20.0, 150.0), spread=Spread.of("lognormal", p10=40, p90=75), source=_OWN,
    ),
    "grid_emission_t_per_mwh": Input(
        unit="t/MWh", doc="Carbon dioxide of the electricity that the plant displaces.", default=0.7, low=0.0, high=1.5,
        spread=Spread.of("triangular", low=0.5, mode=0.7, high=0.8),
        source="Own assumption around the averages and margins of a coal-based grid (CO2 Baseline Database 20, 2024)",
    ),
}  # fmt: skip
