"""The tool behind ``accord passes``: sites and moments as they are typed, rows as they are read."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from accord.cli.main import main
from accord.errors import FileError, ModelError
from accord.tools.passes import (
    COLUMNS,
    Place,
    find,
    parse_moment,
    parse_place,
    read_horizon,
    read_places,
    sky_of,
    table,
)

STATION = (
    "0 STATION\n"
    "1 25544U 98067A   19343.69339541  .00001764  00000-0  38792-4 0  9991\n"
    "2 25544  51.6439 211.2001 0007417  17.6667  85.6398 15.50103472202482\n"
)
BEGIN = datetime(2019, 12, 12, tzinfo=UTC)
HERE = Place(name="Here", latitude_deg=48.1, longitude_deg=11.6, height_m=500.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.tle"
    path.write_text(STATION, encoding="utf-8")
    return path


def test_sites_are_read_as_they_are_typed() -> None:
    assert parse_place("A, 10.5,-20") == Place(name="A", latitude_deg=10.5, longitude_deg=-20.0)
    assert parse_place("A,10,350,1200,15") == Place(
        name="A", latitude_deg=10.0, longitude_deg=-10.0, height_m=1200.0, mask_deg=15.0
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A,10", "expected NAME,LATITUDE"),
        (",10,20", "expected NAME,LATITUDE"),
        ("A,120,20", "latitude '120'.*latitude comes before longitude"),
        ("A,ten,20", "latitude 'ten'"),
        ("A,10,361", "longitude '361'"),
        ("A,10,20,90000", "height_m"),
        ("A,nan,20", "latitude 'nan'"),
        ("A,10,20,0,90", "mask_deg '90'"),
    ],
)
def test_impossible_sites_are_refused(text: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        parse_place(text)


def test_sites_from_a_file_name_the_line_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("name,latitude,longitude,mask_deg\nA,1,2,\nB,3,4,20\n", encoding="utf-8")
    assert [(p.name, p.mask_deg) for p in read_places(path)] == [("A", None), ("B", 20.0)]
    path.write_text("name,latitude,longitude\nA,1,2\nB,3,x\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"line 3: longitude 'x'"):
        read_places(path)
    path.write_text("name,latitude\nA,1\n", encoding="utf-8")
    with pytest.raises(FileError, match="no column longitude"):
        read_places(path)
    path.write_text("name,latitude,longitude\nA,1,2\nA,3,4\n", encoding="utf-8")
    with pytest.raises(FileError, match="two sites are called 'A'"):
        read_places(path)
    path.write_text("name,latitude,longitude\n", encoding="utf-8")
    with pytest.raises(FileError, match="holds no row"):
        read_places(path)
    with pytest.raises(FileError, match="cannot be read"):
        read_places(tmp_path / "none.csv")


def test_horizon_is_interpolated_around_north(tmp_path: Path) -> None:
    path = tmp_path / "horizon.csv"
    path.write_text("name,azimuth,elevation\nHere,350,20\nHere,10,40\n", encoding="utf-8")
    other = Place(name="Other", latitude_deg=0.0, longitude_deg=0.0)
    found = read_horizon(path, [HERE, other])
    assert found[0, [0, 350, 10, 180]] == pytest.approx([30.0, 20.0, 40.0, 30.0])
    assert np.all(found[1] == -90.0)
    path.write_text("name,azimuth,elevation\nThere,350,20\n", encoding="utf-8")
    with pytest.raises(FileError, match="no site 'There'"):
        read_horizon(path, [HERE])


def test_moments() -> None:
    assert parse_moment("2027-03-20") == datetime(2027, 3, 20, tzinfo=UTC)
    assert parse_moment("2027-03-20T18:00+05:00") == datetime(2027, 3, 20, 13, tzinfo=UTC)
    with pytest.raises(FileError, match="expected a moment"):
        parse_moment("yesterday")


def test_rows_agree_with_skyfield(file: Path) -> None:
    api = pytest.importorskip("skyfield.api")
    sky, remarks, places = sky_of(file, BEGIN, 24.0)
    assert (remarks, places) == ([], [])
    rows = table(sky, [HERE], find(sky, [HERE], 10.0), dark=False, lit=False)
    scale = api.load.timescale(builtin=True)
    body = api.EarthSatellite(*STATION.splitlines()[1:], "STATION", scale)
    site = api.wgs84.latlon(48.1, 11.6, 500.0)
    when, kind = body.find_events(site, scale.utc(BEGIN), scale.utc(2019, 12, 13), altitude_degrees=10.0)
    expected = {code: [t for t, k in zip(when, kind, strict=True) if k == code] for code in (0, 1, 2)}
    assert len(rows) == len(expected[0]) == 5
    for row, rise, top, end in zip(rows, expected[0], expected[1], expected[2], strict=True):
        for key, moment in (("rise", rise), ("culmination", top), ("set", end)):
            seconds = (datetime.fromisoformat(row[key]) - moment.utc_datetime()).total_seconds()
            assert abs(seconds) < (0.5 if key != "culmination" else 1.0)
        height, azimuth, away = (body - site).at(top).altaz()
        assert row["max_elevation_deg"] == pytest.approx(height.degrees, abs=0.05)
        off = math.remainder(row["culmination_azimuth_deg"] - azimuth.degrees, 360.0)
        assert abs(off) * math.cos(math.radians(height.degrees)) < 0.2
        assert row["range_km"] == pytest.approx(away.km, abs=1.0)
    assert [row["cut"] for row in rows] == [False] * 5


def test_dark_and_lit_keep_what_they_say(file: Path) -> None:
    sky, _, _ = sky_of(file, datetime(2019, 12, 1, tzinfo=UTC), 120.0)
    found = find(sky, [HERE], 10.0)
    every = table(sky, [HERE], found, dark=False, lit=False)
    visible = table(sky, [HERE], found, dark=True, lit=True)
    assert 0 < len(visible) < len(every)
    assert visible == [r for r in every if r["dark"] and r["sunlit_share"] > 0.0]
    assert set(visible[0]) == set(COLUMNS)


def test_a_programme_lends_its_fleet_and_its_places() -> None:
    path = Path(__file__).parents[3] / "programmes" / "india-russia-2026.yaml"
    sky, remarks, places = sky_of(path, datetime(2030, 3, 21, 18, tzinfo=UTC), 0.5)
    assert (len(sky.names), len(places), remarks) == (288, 6, [])
    assert sky.position_km.shape == (288, 31, 3)
    assert len(find(sky, places, 25.0)) > 20
    with pytest.raises(FileError, match="expected one of leo"):
        sky_of(path, BEGIN, 1.0, "geo")


def test_a_shell_stands_where_its_own_epoch_puts_it() -> None:
    """A window that begins later shows the same satellites at the same moments."""
    path = Path(__file__).parents[3] / "programmes" / "india-russia-2026.yaml"
    early, _, _ = sky_of(path, datetime(2030, 3, 21, 18, tzinfo=UTC), 1.0)
    late, _, _ = sky_of(path, datetime(2030, 3, 21, 18, 30, tzinfo=UTC), 0.5)
    np.testing.assert_allclose(late.position_km[:, 0], early.position_km[:, 30], atol=1e-3)


def test_windows_that_cannot_be(file: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="window of 0 h"):
        sky_of(file, BEGIN, 0.0)
    with pytest.raises(FileError, match="at most 744"):
        sky_of(file, BEGIN, 1e4)
    with pytest.raises(ModelError, match="expected at most 60"):
        sky_of(file, datetime(2026, 1, 1, tzinfo=UTC), 1.0)
    text = (Path(__file__).parents[3] / "programmes" / "minimal.yaml").read_text(encoding="utf-8")
    (tmp_path / "minimal.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="has no constellation"):
        sky_of(tmp_path / "minimal.yaml", BEGIN, 1.0)


def test_too_many_satellites_for_a_window(tmp_path: Path) -> None:
    path = tmp_path / "many.tle"
    path.write_text("".join(STATION.splitlines(keepends=True)[1:]) * 500, encoding="utf-8")
    with pytest.raises(FileError, match="choose a shorter window"):
        sky_of(path, BEGIN, 744.0)


def run(*words: str, capsys) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(["passes", *words])
    printed = capsys.readouterr()
    return int(exit_.value.code or 0), printed.out, printed.err


def test_the_command_prints_table_csv_and_json(file: Path, capsys) -> None:
    words = (str(file), "--site", "Here,48.1,11.6,500", "--from", "2019-12-12")
    code, text, _ = run(*words, capsys=capsys)
    assert code == 0
    assert text.splitlines()[-1] == "5 passes; 1 satellites, 1 sites, 24 h from 2019-12-12T00:00Z"
    assert text.splitlines()[1].startswith("2019-12-12T09:23:1")
    _, text, _ = run(*words, "--csv", capsys=capsys)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert len(text.splitlines()) == 6
    _, text, _ = run(*words, "--json", capsys=capsys)
    body = json.loads(text)
    assert body["schema"] == "accord/passes/1"
    assert [row["site"] for row in body["passes"]] == ["Here"] * 5


def test_the_command_tells_what_is_wrong_in_one_line(file: Path, capsys) -> None:
    for words, message in (
        ((str(file), "--from", "2019-12-12"), "no site"),
        ((str(file), "--site", "A,1,2", "--mask", "95"), "expected 0 to below 90"),
        ((str(file) + "x", "--site", "A,1,2"), "cannot be read"),
    ):
        code, _, err = run(*words, capsys=capsys)
        assert code == 2
        assert message in err
        assert len(err.strip().splitlines()) == 1


def test_old_elements_are_warned_about(file: Path, capsys) -> None:
    code, _, err = run(str(file), "--site", "A,1,2", "--from", "2020-01-10", capsys=capsys)
    assert code == 0
    assert err.startswith("warning: fleet.tle: elements up to 32 days")
