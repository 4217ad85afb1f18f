"""People in cells: totals kept, parts that do not match told, a published raster as the pattern."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from accord.contract.validation import data_folder
from accord.errors import FileError, ModelError
from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.physics.grid import region_grid
from accord.systems.constellation.service.design import Demand
from accord.systems.constellation.service.population import Cells, chord_km, populate

PROGRAMMES = Path(__file__).parents[5] / "programmes"
CELLS = Cells(
    np.repeat([37.0, 40.0, 43.0, 46.0], 4), np.tile([21.0, 24.0, 27.0, 29.0], 4), np.full(16, 6e4), 250.0
)


def demand(file: str, **people: float) -> Demand:
    countries = [{"id": name, "people": count, "income": "4000 USD2025/yr"} for name, count in people.items()]
    return Demand.model_validate({"file": file, "countries": countries})


def test_totals_are_kept_and_towns_stay_where_they_are(folder: Path) -> None:
    found = populate(demand("towns.csv", up=3e6, down=5e6), folder, CELLS)
    np.testing.assert_allclose((found.town + found.rural).sum(axis=0), [3e6, 5e6])
    np.testing.assert_allclose(found.town.sum(axis=0), [750000, 1020000])
    assert (found.rural >= 0.0).all()
    assert set(found.country.tolist()) == {0, 1}
    assert found.notes == ()


def test_settlements_beyond_the_total_are_told(folder: Path) -> None:
    with pytest.raises(
        ModelError, match=r"settlements of up hold 750000 people, more than its total of 500000"
    ):
        populate(demand("towns.csv", up=5e5, down=5e6), folder, CELLS)


def test_rounding_is_forgiven_with_a_note(folder: Path) -> None:
    found = populate(demand("towns.csv", up=7.45e5, down=5e6), folder, CELLS)
    assert found.town[:, 0].sum() == pytest.approx(7.45e5)
    assert any("exceed" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,country,latitude,people\nA,up,45,1\n", "no column 'longitude'"),
        ("name,country,latitude,longitude,people\nA,up,95,22,1\n", r"towns.csv:2: latitude is 95"),
        ("name,country,latitude,longitude,people\nA,up,45,22,many\n", r"towns.csv:2: people is 'many'"),
        ("name,country,latitude,longitude,people\nA,elsewhere,45,22,1\n", "country 'elsewhere' has no total"),
        ("name,country,latitude,longitude,people\n", "names no settlement"),
    ],
)
def test_a_bad_table_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "towns.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=told):
        populate(demand("towns.csv", up=3e6), tmp_path, CELLS)


def test_a_country_without_settlements_in_the_region_is_told(folder: Path) -> None:
    with pytest.raises(ModelError, match="no settlement of other"):
        populate(demand("towns.csv", up=3e6, down=5e6, other=1e6), folder, CELLS)


def test_longitudes_from_0_to_360_are_read(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text(
        "name,country,latitude,longitude,people\nA,up,45.5,205,600000\n", encoding="utf-8"
    )
    west = Cells(CELLS.latitude_deg, CELLS.longitude_deg - 176.0, CELLS.area_km2, CELLS.size_km)
    found = populate(demand("towns.csv", up=1e6), tmp_path, west)
    assert found.town[12, 0] == 600000.0


def test_outside_the_folder_nothing_is_read(folder: Path) -> None:
    with pytest.raises(FileError, match="beside the programme"):
        populate(demand("../towns.csv", up=3e6), folder, CELLS)


def raster(path: Path, people: np.ndarray, **more: np.ndarray) -> None:
    np.savez(path, population=people, north=48.0, west=20.0, step=1.0, **more)


def test_a_raster_is_rescaled_and_a_mismatch_is_noted(tmp_path: Path) -> None:
    people = np.zeros((12, 11))
    people[4, 4], people[9, 1] = 4e6, 1e4
    raster(tmp_path / "grid.npz", people)
    found = populate(demand("grid.npz", all=2e6), tmp_path, CELLS)
    assert (found.town + found.rural).sum() == pytest.approx(2e6)
    assert found.town.sum() > 100.0 * found.rural.sum()  # dense pixels are towns
    assert any("rescaled by 0.50" in note for note in found.notes)
    near = populate(demand("grid.npz", all=4.0e6), tmp_path, CELLS)
    assert near.notes == ()


def test_a_raster_for_several_countries_needs_their_layer(tmp_path: Path) -> None:
    people = np.full((12, 11), 1000.0)
    raster(tmp_path / "grid.npz", people)
    with pytest.raises(FileError, match="country of the same shape"):
        populate(demand("grid.npz", a=1e5, b=1e5), tmp_path, CELLS)
    raster(tmp_path / "grid.npz", people, country=np.repeat([0, 1], 6)[:, None] * np.ones((1, 11), dtype=int))
    found = populate(demand("grid.npz", a=1e5, b=1e5), tmp_path, CELLS)
    np.testing.assert_allclose((found.town + found.rural).sum(axis=0), 1e5)


@pytest.mark.parametrize("bad", [np.nan, -1.0])
def test_missing_values_are_told(tmp_path: Path, bad: float) -> None:
    people = np.full((12, 11), 1000.0)
    people[3, 3] = bad
    raster(tmp_path / "grid.npz", people)
    with pytest.raises(FileError, match="negative or missing"):
        populate(demand("grid.npz", a=1e5), tmp_path, CELLS)


def test_the_rural_rule_follows_the_pattern_of_a_published_raster() -> None:
    data = data_folder()
    path = (data or Path()) / "space" / "gpw_v4.11_2020_0.1deg_central_asia.npz"
    if data is None or not path.is_file():
        pytest.skip("needs gpw_v4.11_2020_0.1deg_central_asia.npz; set ACCORD_DATA")
    outline = json.loads((PROGRAMMES / "regions" / "central-asia.geojson").read_text(encoding="utf-8"))
    polygons = [feature["geometry"]["coordinates"] for feature in outline["features"]]
    grid = region_grid(polygons, 100.0 / EARTH_MEAN_RADIUS_KM)
    row = grid.row_of_cell[grid.inside]
    cells = Cells(
        np.degrees(grid.latitude_rad[row]),
        np.degrees(grid.longitude_rad[grid.inside]),
        grid.area_km2[row],
        100.0,
    )
    totals = {"kz": 20.8e6, "uz": 37.1e6, "kg": 7.3e6, "tj": 10.8e6, "tm": 7.6e6}
    own = populate(demand("regions/central-asia-towns.csv", **totals), PROGRAMMES, cells)
    with np.load(path) as file:
        people = file["population"]
        north = float(file["north"]) - float(file["step"]) * (np.arange(people.shape[0]) + 0.5)
        east = float(file["west"]) + float(file["step"]) * (np.arange(people.shape[1]) + 0.5)
    ys, xs = np.nonzero(people)
    reference = np.zeros(len(cells))
    for begin in range(0, len(ys), 4000):
        part = slice(begin, begin + 4000)
        away = chord_km(north[ys[part]], east[xs[part]], cells.latitude_deg, cells.longitude_deg)
        near = away.min(axis=1) < 75.0
        np.add.at(reference, away.argmin(axis=1)[near], people[ys[part], xs[part]][near])
    for number, total in enumerate(totals.values()):
        mine = own.country == number
        reference[mine] *= total / reference[mine].sum()
    ours = (own.town + own.rural).sum(axis=1)
    misplaced = 0.5 * np.abs(ours - reference).sum() / reference.sum()
    assert spearmanr(ours, reference)[0] > 0.70
    assert misplaced < 0.32


def test_the_shipped_settlements_are_sound() -> None:
    text = (PROGRAMMES / "regions" / "central-asia-towns.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 249
    assert sum(float(row["people"]) for row in rows) == pytest.approx(2.98e7, rel=0.01)
