"""Weather files: five formats give one year, wrong stamps are found, and what is broken is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from accord.cli.weather import command
from accord.contract.alone import Alone
from accord.errors import FileError, ModelError
from accord.systems.plant.catalogue import entry
from accord.systems.plant.inputs import Design
from accord.systems.plant.model import SYSTEM
from accord.systems.plant.site import site_of
from accord.systems.plant.weather.closure import closure
from accord.systems.plant.weather.made import made_year
from accord.systems.plant.weather.records import read_record

LATITUDE, LONGITUDE, ZONE_H = 23.07, 72.63, 5.0


def frame(year: int = 2019) -> pd.DataFrame:
    """A year of a made place, labelled at the starts of its hours in local time; hours stand for their middles."""
    sky = made_year(entry("climates", "tropical_monsoon"), LATITUDE, 11, LONGITUDE)
    # the made sun keeps mean solar time; the labels keep the zone's, 9.5 minutes ahead of it
    zone = pd.date_range(f"{year}-01-01", periods=8760, freq="h")
    import pvlib

    middle = (zone + pd.Timedelta(minutes=30)).tz_localize("Etc/GMT-5")
    zenith = pvlib.solarposition.get_solarposition(middle, LATITUDE, LONGITUDE)["apparent_zenith"].to_numpy()
    up = zenith < 88.0
    dni, dhi = np.where(up, sky.dni, 0.0), np.where(up, sky.dhi, 0.0)
    ghi = dni * np.maximum(np.cos(np.radians(zenith)), 0.0) + dhi
    return pd.DataFrame(
        {"ghi": ghi, "dni": dni, "dhi": dhi, "air": sky.air_degc, "wind": sky.wind_m_s, "rain": 0.0},
        index=zone,
    ).round(1)


def as_epw(path: Path, data: pd.DataFrame, zone_h: float = ZONE_H) -> Path:
    lines = [f"LOCATION,Made,-,-,made,0,{LATITUDE},{LONGITUDE},{zone_h},55"] + ["-"] * 7
    for t, r in data.iterrows():
        row = [t.year, t.month, t.day, t.hour + 1, 60, "-", r.air, 10, 50, 100000, 0, 0, 0, r.ghi, r.dni, r.dhi, 0, 0,
               0, 0, 0, r.wind, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, r.rain, 1]  # fmt: skip
        lines.append(",".join(str(x) for x in row))
    path.write_text("\n".join(lines) + "\n")
    return path


def as_sam(path: Path, data: pd.DataFrame, zone_h: float = ZONE_H) -> Path:
    head = f"Source,Latitude,Longitude,Time Zone,Elevation\nMade,{LATITUDE},{LONGITUDE},{zone_h},55\n"
    table = pd.DataFrame(
        {
            "Year": data.index.year,
            "Month": data.index.month,
            "Day": data.index.day,
            "Hour": data.index.hour,
            "Minute": 30,
            "GHI": data.ghi,
            "DNI": data.dni,
            "DHI": data.dhi,
            "Temperature": data.air,
            "Wind Speed": data.wind,
        }
    )
    path.write_text(head + table.to_csv(index=False))
    return path


def in_utc(data: pd.DataFrame) -> pd.DataFrame:
    return data.set_axis(data.index - pd.Timedelta(hours=ZONE_H), axis=0)


def as_power_json(path: Path, data: pd.DataFrame) -> Path:
    moved = in_utc(data)
    names = {"ghi": "ALLSKY_SFC_SW_DWN", "dni": "ALLSKY_SFC_SW_DNI", "dhi": "ALLSKY_SFC_SW_DIFF", "air": "T2M",
             "wind": "WS10M"}  # fmt: skip
    stamps = moved.index.strftime("%Y%m%d%H")
    body = {
        "type": "Feature", "geometry": {"coordinates": [LONGITUDE, LATITUDE, 55.0]},
        "properties": {"parameter": {v: dict(zip(stamps, moved[k].tolist(), strict=True)) for k, v in names.items()}},
        "header": {"title": "NASA/POWER", "time_standard": "UTC", "fill_value": -999.0},
        "parameters": {v: {"units": "Wh/m^2" if k in ("ghi", "dni", "dhi") else "C"} for k, v in names.items()},
    }  # fmt: skip
    path.write_text(json.dumps(body))
    return path


def as_power_csv(path: Path, data: pd.DataFrame) -> Path:
    moved = in_utc(data)
    head = (
        "-BEGIN HEADER-\nNASA/POWER Source Native Resolution Hourly Data\n"
        f"Dates (month/day/year): 12/31/2018 through 12/31/2019 in UTC\nLocation: latitude  {LATITUDE}   longitude "
        f"{LONGITUDE}\nelevation from MERRA-2: Average = 55.0 meters\nmissing data: -999\nParameter(s):\n"
        "ALLSKY_SFC_SW_DWN     CERES SYN1deg All Sky Surface Shortwave Downward Irradiance (MJ/hr) \n-END HEADER-\n"
    )
    table = pd.DataFrame(
        {
            "YEAR": moved.index.year,
            "MO": moved.index.month,
            "DY": moved.index.day,
            "HR": moved.index.hour,
            "ALLSKY_SFC_SW_DWN": moved.ghi * 0.0036,
            "ALLSKY_SFC_SW_DNI": moved.dni,
            "ALLSKY_SFC_SW_DIFF": moved.dhi,
            "T2M": moved.air,
            "WS10M": moved.wind,
        }
    )
    path.write_text(head + table.to_csv(index=False))
    return path


def as_pvgis(path: Path, data: pd.DataFrame, slope: float = 0.0) -> Path:
    moved = in_utc(data)
    import pvlib

    middle = (moved.index + pd.Timedelta(minutes=30)).tz_localize("UTC")
    zenith = pvlib.solarposition.get_solarposition(middle, LATITUDE, LONGITUDE)["apparent_zenith"].to_numpy()
    beam = moved.dni * np.maximum(np.cos(np.radians(zenith)), 0.0)
    rows = [
        {"time": t.strftime("%Y%m%d:%H%M"), "Gb(i)": b, "Gd(i)": d, "Gr(i)": 0.0, "H_sun": 0.0, "T2m": a, "WS10m": w,
         "Int": 0}
        for t, b, d, a, w in zip(middle, beam, moved.dhi, moved.air, moved.wind, strict=True)
    ]  # fmt: skip
    inputs = {
        "location": {"latitude": LATITUDE, "longitude": LONGITUDE, "elevation": 55.0},
        "meteo_data": {"radiation_db": "PVGIS-SARAH3"},
        "mounting_system": {"fixed": {"slope": {"value": slope}, "azimuth": {"value": 0}}},
    }
    path.write_text(json.dumps({"inputs": inputs, "outputs": {"hourly": rows}, "meta": {"inputs": {}}}))
    return path


def as_pvgis_csv(path: Path, data: pd.DataFrame) -> Path:
    body = json.loads(as_pvgis(path.with_suffix(".json"), data).read_text())["outputs"]["hourly"]
    head = (
        f"Latitude (decimal degrees):\t{LATITUDE}\nLongitude (decimal degrees):\t{LONGITUDE}\nElevation (m):\t55\n"
        "Radiation database:\tPVGIS-SARAH3\n\nSlope: 0 deg. \nAzimuth: 0 deg. \n"
    )
    table = pd.DataFrame(body)
    path.write_text(head + table.to_csv(index=False) + "\nGb(i): Beam irradiance\n")
    return path


def as_pvgis_tmy(path: Path, data: pd.DataFrame) -> Path:
    moved = in_utc(data)
    months = [2015 + (k % 5) for k in range(12)]
    rows = [
        {"time(UTC)": f"{months[t.month - 1]}{t:%m%d:%H}30", "T2m": a, "RH": 50.0, "G(h)": g, "Gb(n)": b, "Gd(h)": d,
         "IR(h)": 300.0, "WS10m": w, "WD10m": 0.0, "SP": 1e5}
        for t, g, b, d, a, w in zip(
            moved.index, moved.ghi, moved.dni, moved.dhi, moved.air, moved.wind, strict=True
        )
    ]  # fmt: skip
    inputs = {"location": {"latitude": LATITUDE, "longitude": LONGITUDE, "elevation": 55.0}}
    selected = [{"month": k + 1, "year": y} for k, y in enumerate(months)]
    body = {
        "inputs": inputs,
        "outputs": {"months_selected": selected, "tmy_hourly": rows},
        "meta": {"inputs": {}},
    }
    path.write_text(json.dumps(body))
    return path


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    return frame()


def two_years() -> pd.DataFrame:
    """Local 2019 and the hours that UTC needs on either side."""
    first = frame(2019)
    before = first.iloc[-24:].set_axis(first.index[:24] - pd.Timedelta(days=1), axis=0)
    after = first.iloc[:24].set_axis(first.index[-24:] + pd.Timedelta(days=1), axis=0)
    return pd.concat([before, first, after])


@pytest.mark.parametrize(
    ("write", "suffix", "utc"),
    [(as_epw, "epw", False), (as_sam, "csv", False), (as_power_json, "json", True), (as_power_csv, "csv", True),
     (as_pvgis, "json", True), (as_pvgis_csv, "csv", True)],
)  # fmt: skip
def test_every_format_gives_the_same_year(
    write: Callable[..., Path], suffix: str, utc: bool, year: pd.DataFrame, tmp_path: Path
) -> None:
    record = read_record(write(tmp_path / f"place.{suffix}", two_years() if utc else year))
    assert record.years == (2019,)
    assert record.place[:2] == pytest.approx((LATITUDE, LONGITUDE))
    sky = record.skies[0]
    np.testing.assert_allclose(sky.ghi, year.ghi, atol=0.2)
    np.testing.assert_allclose(sky.dni, year.dni, atol=0.4)
    np.testing.assert_allclose(sky.air_degc, year.air, atol=0.06)
    assert not record.typical
    assert record.shift_min == 0.0
    assert record.closure is not None
    assert abs(record.closure.shift_min) < 1.0
    day = sky.ghi.reshape(365, 24).mean(axis=0)
    assert 11 <= int(np.argmax(day)) <= 12  # hours of the place, whatever the file counts in
    noon = sky.times[12]
    assert noon.tz_convert("UTC").hour in (6, 7)


def test_a_typical_year_of_satellites_is_one_year_of_many(tmp_path: Path) -> None:
    whole = frame(2019)
    # a typical year runs from midnight to midnight UTC: its last hours are those before its first
    turned = pd.concat([whole.iloc[5:], whole.iloc[:5]]).set_axis(
        whole.index + pd.Timedelta(hours=ZONE_H), axis=0
    )
    record = read_record(as_pvgis_tmy(tmp_path / "tmy.json", turned))
    assert record.typical
    assert len(record.skies) == 1
    np.testing.assert_allclose(record.skies[0].ghi, whole.ghi, atol=0.2)
    assert any("moved by +5 h" in text for text in record.notices)


@pytest.mark.parametrize("shift", [-45, -30, 15, 30, 50])
def test_a_wrong_stamp_is_found(shift: int, year: pd.DataFrame) -> None:
    # the hours say what the sky was `shift` minutes after they claim
    data = pd.DatetimeIndex(year.index + pd.Timedelta(minutes=30 - shift)).tz_localize("Etc/GMT-5")
    found = closure(data, year.ghi.to_numpy(), year.dni.to_numpy(), year.dhi.to_numpy(), LATITUDE, LONGITUDE)
    assert found.shift_min == pytest.approx(shift, abs=5.0)
    assert found.best_w_m2 < 2.0 < found.as_is_w_m2


def test_stamps_at_the_start_of_the_hour_are_moved_with_a_notice(year: pd.DataFrame, tmp_path: Path) -> None:
    path = as_sam(tmp_path / "place.csv", year)
    head, _, rest = path.read_text().partition("Wind Speed\n")
    cells = [line.split(",") for line in rest.splitlines()]
    path.write_text(f"{head}Wind Speed\n" + "\n".join(",".join([*c[:4], "0", *c[5:]]) for c in cells))
    record = read_record(path)
    assert record.shift_min == pytest.approx(30.0, abs=2.0)
    assert any("30 min early and were moved" in text for text in record.notices)
    right = read_record(as_sam(tmp_path / "right.csv", year))
    apart = (record.skies[0].times - right.skies[0].times).total_seconds()
    assert abs(apart).max() < 120.0


def test_the_packaged_typical_year_closes_as_labelled() -> None:
    import pvlib

    record = read_record(Path(pvlib.__file__).parent / "data" / "723170TYA.CSV")
    assert record.typical
    assert record.closure is not None
    assert abs(record.closure.shift_min) < 2.0
    assert record.closure.best_w_m2 < 3.0 < record.closure.rmse_w_m2[0] / 10.0


def put(column: str, hours: slice | list[int], value: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(data: pd.DataFrame) -> pd.DataFrame:
        data.iloc[hours, data.columns.get_loc(column)] = value
        return data

    return change


def summer_time(data: pd.DataFrame) -> pd.DataFrame:
    months = data.index.month
    moved = (months >= 4) & (months <= 10)
    return (
        data.set_axis(data.index.where(~moved, data.index + pd.Timedelta(hours=1)), axis=0)
        .loc[lambda d: ~d.index.duplicated()]
        .pipe(lambda d: d.reindex(pd.date_range(data.index[0], data.index[-1], freq="h"), method="nearest"))
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(d.index[100:110]), "10 of them together from 05 Jan 2019"),
        (put("ghi", slice(3000, 3005), -999.0), "global irradiance is missing in 5 hours"),
        (lambda d: pd.concat([d, d.iloc[50:51]]), "stand twice"),
        (lambda d: d.iloc[::2], "steps of 120 min"),
        (lambda d: d.iloc[:5000], "at least one whole year expected"),
        (put("ghi", [26, 50], 80.0), "sun at night: 2 hours"),
        (lambda d: d.assign(ghi=d.ghi * 1.4, dni=d.dni * 1.0, dhi=d.dhi + 0.4 * d.ghi), "above a clear sky"),
        (put("dni", [12 + 24 * 40], 1300.0), "beam irradiance is above 1100"),
        (put("ghi", [12], -200.0), "negative in 1 hours"),
        (put("ghi", slice(12 + 24 * 40 - 3, 12 + 24 * 40 + 3), 400.0), "a stuck sensor: 6 hours of 400"),
        (lambda d: d.assign(ghi=d.ghi / 1000.0), "W/m2 expected"),
        (lambda d: d.assign(air=d.air + 273.15), "degC expected"),
        (summer_time, "summer time"),
    ],
)  # fmt: skip
def test_what_is_broken_is_told(
    change: Callable[[pd.DataFrame], pd.DataFrame], message: str, year: pd.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(FileError, match=message):
        read_record(as_sam(tmp_path / "place.csv", change(year.copy())))


def test_local_hours_taken_for_utc_are_told(year: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"noon comes [45]\.\d h late .* local time taken for UTC"):
        read_record(as_epw(tmp_path / "place.epw", year, zone_h=0.0))


def test_short_gaps_are_bridged_and_leap_days_left_out(year: pd.DataFrame, tmp_path: Path) -> None:
    leap = frame(2020)
    extra = leap.iloc[:24].set_axis(pd.date_range("2020-12-31", periods=24, freq="h"), axis=0)
    assert len(pd.concat([leap, extra]).index.unique()) == 8784
    data = pd.concat([leap, extra]).drop(leap.index[12 + 24 * 200])
    # the sun of a made year does not know of the leap day: a day late is within a minute
    record = read_record(as_sam(tmp_path / "place.csv", data))
    assert record.years == (2020,)
    assert len(record.skies[0].ghi) == 8760
    said = " ".join(record.notices)
    assert "29 February is left out" in said
    assert "1 missing hours bridged" in said


def test_files_of_another_kind_are_refused(year: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="tilted modules"):
        read_record(as_pvgis(tmp_path / "tilted.json", two_years(), slope=30.0))
    text = tmp_path / "notes.txt"
    text.write_text("nothing\n")
    with pytest.raises(FileError, match="expected EPW, TMY3, SAM CSV"):
        read_record(text)
    with pytest.raises(FileError, match="cannot be read"):
        read_record(tmp_path / "absent.epw")
    half = tmp_path / "half.epw"
    half.write_text(
        "\n".join(as_epw(tmp_path / "whole.epw", year).read_text().splitlines()[:40]) + "\n2019,1,2,x,"
    )
    with pytest.raises(FileError, match=r"damaged|whole year"):
        read_record(half)


def packaged(folder: Path) -> str:
    import pvlib

    shutil.copy(Path(pvlib.__file__).parent / "data" / "723170TYA.CSV", folder / "typical.csv")
    return "typical.csv"


def test_a_typical_year_is_no_year_of_variability(tmp_path: Path) -> None:
    file = packaged(tmp_path)

    def design(**more: Any) -> Design:
        return Design.model_validate(
            {"solar": "10 MW", "weather": {"file": file}, **more}, context={"folder": tmp_path}
        )

    with pytest.raises(ValidationError, match="has no spread between years"):
        design(weather_years=5)
    with pytest.raises(ValidationError, match=r"latitude 10 deg, but typical.csv is for 36.1"):
        design(latitude="10 deg")
    with pytest.raises(ValidationError, match="no such file beside the programme"):
        Design.model_validate({"solar": "10 MW", "weather": {"file": "no.epw"}}, context={"folder": tmp_path})
    one = site_of(design(), tmp_path)
    assert one.solar.shape == (1, 8760)
    told = design(weather_years=9, weather={"file": file, "interannual_sd": 0.04})
    several = site_of(told, tmp_path).solar.sum(axis=1)
    assert several.std() / several.mean() == pytest.approx(0.04, abs=0.01)
    assert several.mean() == pytest.approx(one.solar.sum(), rel=0.01)


def test_a_programme_runs_on_a_weather_file(tmp_path: Path) -> None:
    file = packaged(tmp_path)
    plain = {"solar": "10 MW", "grid": "10 MW", "weather": {"file": file}}
    alone = Alone(SYSTEM, plain, tmp_path)
    outputs, failures = alone.evaluate(alone.draw(16))
    assert not failures
    assert 0.17 < float(np.median(outputs["solar_capacity_factor"])) < 0.24
    lost = Alone(SYSTEM, plain, tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="no such file"):
        lost.prepared()


def test_the_command_prints_closure_and_yields(tmp_path: Path) -> None:
    path = tmp_path / packaged(tmp_path)
    told = CliRunner().invoke(command, ["check", str(path)], catch_exceptions=False)
    assert told.exit_code == 0
    assert "best at" in told.output
    assert "single-axis tracker" in told.output
    body = json.loads(
        CliRunner().invoke(command, ["check", str(path), "--json"], catch_exceptions=False).output
    )
    assert body["schema"] == "accord/weather/1"
    assert 1250 < body["yields"][0]["kwh_per_kw"] < 1450
