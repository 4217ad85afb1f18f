"""Where the plant stands, as a programme file says it: months of a climate, a weather file, a file of prices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from accord.contract import DesignModel
from accord.errors import FileError

__all__ = ["Climate", "PriceFile", "WeatherFile", "beside"]

Share = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[list[Share], Field(min_length=12, max_length=12)]


class Climate(DesignModel):
    """A site's own months, January first, where the table has none that fits."""

    clearness_mean: Months = Field(
        description="mean daily clearness index: global over extraterrestrial irradiation"
    )
    clearness_sd: Months = Field(description="standard deviation of the daily clearness index")
    clearness_lag: Annotated[
        list[Annotated[float, Field(ge=-1, le=1)]], Field(min_length=12, max_length=12)
    ] = Field([0.4] * 12, description="its correlation from one day to the next")
    temperature_degc: list[float] = Field(
        alias="temperature", min_length=12, max_length=12, description="degC"
    )
    wind_m_per_s: list[float] = Field(
        [2.0] * 12, alias="wind", min_length=12, max_length=12, description="m/s, at the modules"
    )
    interannual_sd: Months = Field(
        [0.03] * 12, description="spread of a month's mean between years, relative"
    )
    interannual_correlation: Share = Field(
        0.5, description="between months of a year, of what they are above their means"
    )
    interannual_together: list[bool] | None = Field(
        None, min_length=12, max_length=12, description="months that are so correlated; left out: all"
    )
    turbidity: (
        Annotated[list[Annotated[float, Field(ge=1, le=12)]], Field(min_length=12, max_length=12)] | None
    ) = Field(None, description="Linke turbidity of the air; left out: 3.5 all year")
    rain_days: (
        Annotated[list[Annotated[float, Field(ge=0, le=31)]], Field(min_length=12, max_length=12)] | None
    ) = Field(
        None,
        description="days of each month with rain that washes the modules; left out: those with clearness below 0.4",
    )


class WeatherFile(DesignModel):
    """Weather from a file instead of a climate: EPW, TMY3, SAM CSV, PVGIS or NASA POWER."""

    file: str = Field(min_length=1, description="beside the programme file")
    interannual_sd: Share = Field(
        0.0,
        description="spread of a year's sun between years, relative; a typical year needs it to stand for several",
    )


class PriceFile(DesignModel):
    """Hourly prices from a file: one column, a heading such as ``price [USD2025/MWh]``, whole years of hours."""

    file: str = Field(min_length=1, description="beside the programme file")


def beside(folder: Path, name: str) -> Path:
    """Return the path of a file that a programme names.

    Raises
    ------
    FileError
        When there is no such file.
    """
    path = folder / name
    if not path.is_file():
        raise FileError(f"{name}: no such file beside the programme ({folder})")
    return path
