"""A small region with towns, totals and gateways, small enough to assign in a second."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.systems.constellation.model import SYSTEM

TOWNS = (
    "name,country,latitude,longitude,people\n"
    "Upton,up,45.5,22.0,600000\nUpham,up,44.0,27.0,150000\n"
    "Downton,down,39.0,24.0,900000\nDownham,down,37.5,28.5,120000\n"
)


def design() -> dict[str, Any]:
    """Return a design in file syntax."""
    box = [[20.0, 36.0], [30.0, 36.0], [30.0, 47.0], [20.0, 47.0], [20.0, 36.0]]
    shell = {
        "altitude": "1100 km",
        "inclination": "55 deg",
        "planes": 12,
        "satellites_per_plane": 12,
        "phasing": 1,
        "elevation_mask": "25 deg",
    }
    places = (("North", "up", 45.0, 25.0), ("South", "down", 38.0, 25.0), ("East", "down", 41.0, 29.0))
    gateways = [
        {"name": name, "country": country, "latitude": f"{y} deg", "longitude": f"{x} deg"}
        for name, country, y, x in places
    ]
    countries = [
        {"id": "up", "people": 3000000, "household_size": 3, "income": "9000 USD2025/yr"},
        {"id": "down", "people": 5000000, "household_size": 5, "income": "3000 USD2025/yr"},
    ]
    return {
        "shells": [shell],
        "area": {"title": "Box", "polygons": [[box]], "places": []},
        "step": "240 s",
        "cell": "300 km",
        "service": {
            "cell": "150 km",
            "snapshots": 10,
            "gateways": {"sites": gateways, "antennas": 4},
            "demand": {"file": "towns.csv", "countries": countries},
            "deployment": {"satellites_per_launch": 36},
        },
    }


@pytest.fixture
def file() -> dict[str, Any]:
    """The design, to be changed freely."""
    return design()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the towns."""
    (tmp_path / "towns.csv").write_text(TOWNS, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """The design on its own, prepared once."""
    path = tmp_path_factory.mktemp("towns")
    (path / "towns.csv").write_text(TOWNS, encoding="utf-8")
    made = Alone(SYSTEM, design=design(), folder=path)
    made.prepared()
    return made


@pytest.fixture(scope="session")
def middle(alone: Alone) -> dict[str, np.ndarray]:
    """One member at the medians."""
    return {name: np.array([spread.quantile(0.5)]) for name, spread in alone.spreads().items()}
