"""Where people live: settlements and a rural remainder that together make the national totals, or a rescaled raster."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError, ModelError
from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.systems.constellation.service.design import Demand

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["Cells", "Population", "chord_km", "populate"]

RURAL_REACH_KM = 80.0  # over which rural people thin out around settlements
TOWN_PER_KM2 = (
    300.0  # European Commission & UN (2021), Applying the Degree of Urbanisation: towns and semi-dense areas
)
_ROUNDING = 0.02  # by which settlements may exceed a total: years of census differ
_MISMATCH = 0.10
_COLUMNS = ("name", "country", "latitude", "longitude", "people")


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells that carry demand: latitude and longitude [deg], area [km2], size [km]; shape (cells,) each but size."""

    latitude_deg: FloatArray
    longitude_deg: FloatArray
    area_km2: FloatArray
    size_km: float

    def __len__(self) -> int:
        return len(self.latitude_deg)


@dataclass(frozen=True, slots=True)
class Population:
    """People in cells.

    Attributes
    ----------
    town, rural : float array, shape (cells, countries)
        People in settlements and outside them; a cell near a border may hold people of several countries.
    country : int array, shape (cells,)
        The country that the cell counts to.
    notes : tuple of str
        What the reader must know.
    """

    town: FloatArray
    rural: FloatArray
    country: IntArray
    notes: tuple[str, ...]


def chord_km(
    north: FloatArray, east: FloatArray, others_north: FloatArray, others_east: FloatArray
) -> FloatArray:
    """Return great-circle distances on a sphere [km], shape (places, others), from degrees."""
    a, b, c, d = (np.radians(v) for v in (north, east, others_north, others_east))
    rise = np.sin(0.5 * (a[:, None] - c[None, :])) ** 2
    turn = np.cos(a)[:, None] * np.cos(c)[None, :] * np.sin(0.5 * (b[:, None] - d[None, :])) ** 2
    return np.asarray(2.0 * EARTH_MEAN_RADIUS_KM * np.arcsin(np.sqrt(np.clip(rise + turn, 0.0, 1.0))))


def populate(demand: Demand, folder: Path, cells: Cells) -> Population:
    """Return the people of every cell.

    Settlements count to their nearest cell. The remainder of each country's total lies outside settlements: it spreads
    over the country's cells by ``area x sum_k sqrt(people_k) exp(-d_k / 80 km)`` over its settlements, a rule of our
    own that is checked against a published raster. A cell counts to the country of its nearest settlement. A raster
    needs no rule; it is rescaled to the totals.

    Raises
    ------
    FileError
        For a file that cannot be read.
    ModelError
        When settlements exceed a total, or a country has nobody in the region.
    """
    path = (folder / demand.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FileError(f"{demand.file}: expected a file beside the programme or in a folder below it")
    if path.suffix == ".csv":
        return _from_settlements(demand, path, cells)
    if path.suffix == ".npz":
        return _from_raster(demand, path, cells)
    raise FileError(f"{demand.file}: expected settlements as .csv or a raster as .npz")


def _read(path: Path, known: dict[str, int]) -> tuple[list[str], IntArray, FloatArray]:
    """Return names, countries and (latitude, longitude, people) of the settlements of a file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path.name}: cannot be read as UTF-8 text: {error}") from error
    rows = csv.DictReader(lines)
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise FileError(f"{path.name}:1: no column {missing[0]!r}, expected {', '.join(_COLUMNS)}")
    names: list[str] = []
    countries: list[int] = []
    numbers: list[list[float]] = []
    for row in rows:
        where = f"{path.name}:{rows.line_num}"
        if row["country"] not in known:
            raise FileError(
                f"{where}: country {row['country']!r} has no total, expected one of {', '.join(known)}"
            )
        names.append(row["name"] or "")
        countries.append(known[row["country"]])
        numbers.append(_numbers(row, where))
    if not numbers:
        raise FileError(f"{path.name}: names no settlement")
    return names, np.array(countries), np.array(numbers)


def _numbers(row: dict[str, str], where: str) -> list[float]:
    values = []
    for key, low, high in (("latitude", -90.0, 90.0), ("longitude", -180.0, 360.0), ("people", 0.0, 1e9)):
        try:
            value = float(row[key])
        except (TypeError, ValueError):
            raise FileError(f"{where}: {key} is {row[key]!r}, expected a number") from None
        if not low <= value <= high:
            raise FileError(f"{where}: {key} is {value:g}, expected {low:g} to {high:g}")
        values.append(value)
    return [values[0], (values[1] + 180.0) % 360.0 - 180.0, values[2]]


def _from_settlements(demand: Demand, path: Path, cells: Cells) -> Population:
    known = {country.id: number for number, country in enumerate(demand.countries)}
    names, owner, numbers = _read(path, known)
    distance = chord_km(cells.latitude_deg, cells.longitude_deg, numbers[:, 0], numbers[:, 1])
    nearest, reach = distance.argmin(axis=0), distance.min(axis=0)
    inside = reach <= 1.5 * cells.size_km
    notes = []
    if not inside.all():
        lost = [name for name, kept in zip(names, inside, strict=True) if not kept]
        notes.append(
            f"outside the region and left out: {', '.join(lost[:5])}{' ...' if len(lost) > 5 else ''}"
        )
    town = np.zeros((len(cells), len(known)))
    np.add.at(town, (nearest[inside], owner[inside]), numbers[inside, 2])
    country = owner[inside][distance[:, inside].argmin(axis=1)] if inside.any() else np.zeros(len(cells), int)
    rural = np.zeros_like(town)
    for number, part in enumerate(demand.countries):
        listed = float(numbers[owner == number, 2].sum())
        remainder = part.people - listed
        if remainder < -_ROUNDING * part.people:
            raise ModelError(
                f"{path.name}: settlements of {part.id} hold {listed:.0f} people, more than its total of "
                f"{part.people:.0f}: the parts and the total must match"
            )
        own, mine = country == number, (owner == number) & inside
        if not own.any() or not mine.any():
            raise ModelError(
                f"{path.name}: no settlement of {part.id} lies in the region, expected at least one"
            )
        if remainder < 0.0:
            town[:, number] *= part.people / listed
            notes.append(
                f"{part.id}: settlements exceed the total by {-remainder / part.people:.1%}, rescaled"
            )
            continue
        near = np.exp(-distance[:, mine] / RURAL_REACH_KM) @ np.sqrt(numbers[mine, 2])
        weight = np.where(own, cells.area_km2 * near, 0.0)
        rural[:, number] = remainder * weight / weight.sum()
    return Population(town, rural, country, tuple(notes))


def _from_raster(demand: Demand, path: Path, cells: Cells) -> Population:
    try:
        with np.load(path, allow_pickle=False) as file:
            raster = {key: np.asarray(file[key]) for key in file.files}
    except (OSError, ValueError, EOFError) as error:
        raise FileError(f"{path.name}: cannot be read as .npz: {error}") from error
    missing = {"population", "north", "west", "step"} - set(raster)
    if missing:
        raise FileError(
            f"{path.name}: has no {sorted(missing)[0]!r}, expected population, north, west and step"
        )
    people = np.asarray(raster["population"], dtype=float)
    several = len(demand.countries) > 1
    if people.ndim != 2 or (several and raster.get("country", np.zeros(0)).shape != people.shape):
        raise FileError(
            f"{path.name}: expected population of two dimensions"
            + (", and country of the same shape with the number of each country, from 0" if several else "")
        )
    if not np.isfinite(people).all() or (people < 0.0).any():
        raise FileError(
            f"{path.name}: population holds negative or missing values, expected 0 where nobody lives"
        )
    layer = np.asarray(raster["country"], dtype=int) if several else np.zeros(people.shape, dtype=int)
    return _gathered(demand, path.name, cells, people, layer, raster)


def _gathered(
    demand: Demand,
    name: str,
    cells: Cells,
    people: FloatArray,
    layer: IntArray,
    raster: dict[str, FloatArray],
) -> Population:
    """Return a raster gathered into cells and rescaled to the totals."""
    step = float(raster["step"])
    north = float(raster["north"]) - step * (np.arange(people.shape[0]) + 0.5)
    east = float(raster["west"]) + step * (np.arange(people.shape[1]) + 0.5)
    row, column = np.nonzero(people)
    ys: FloatArray = north.astype(np.float64)
    xs: FloatArray = east.astype(np.float64)
    pixel_km2 = (step * 111.2) ** 2 * np.cos(np.radians(north))[row]
    values, owner = people[row, column], layer[row, column]
    near, reach = np.empty(len(row), dtype=int), np.empty(len(row))
    for begin in range(0, len(row), 5000):
        part = slice(begin, begin + 5000)
        distance = chord_km(ys[row[part]], xs[column[part]], cells.latitude_deg, cells.longitude_deg)
        near[part], reach[part] = distance.argmin(axis=1), distance.min(axis=1)
    kept = (reach <= cells.size_km) & (owner >= 0) & (owner < len(demand.countries))
    dense = values / pixel_km2 >= TOWN_PER_KM2
    town, rural = np.zeros((2, len(cells), len(demand.countries)))
    np.add.at(town, (near[kept & dense], owner[kept & dense]), values[kept & dense])
    np.add.at(rural, (near[kept & ~dense], owner[kept & ~dense]), values[kept & ~dense])
    notes = []
    for number, part_country in enumerate(demand.countries):
        found = float(town[:, number].sum() + rural[:, number].sum())
        if found <= 0.0:
            raise ModelError(
                f"{name}: nobody of {part_country.id} lives in the region, expected a total above 0"
            )
        scale = part_country.people / found
        if abs(scale - 1.0) > _MISMATCH:
            notes.append(
                f"{name}: {found:.3g} people of {part_country.id} against its total of {part_country.people:.3g}, "
                f"rescaled by {scale:.2f}"
            )
        town[:, number] *= scale
        rural[:, number] *= scale
    return Population(town, rural, np.argmax(town + rural, axis=1), tuple(notes))
