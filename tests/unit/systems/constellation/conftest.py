"""A small design and the region around it."""

from typing import Any

import pytest

from accord.contract.alone import Alone
from accord.systems.constellation.model import SYSTEM

SHELL = {
    "altitude": "1200 km",
    "inclination": "87.9 deg",
    "planes": 6,
    "satellites": 60,
    "phasing": 1,
    "pattern": "star",
    "elevation_mask": "15 deg",
}
AREA = {
    "title": "Box",
    "polygons": [[[[10.0, 35.0], [40.0, 35.0], [40.0, 55.0], [10.0, 55.0], [10.0, 35.0]]]],
    "places": [
        {"name": "North", "latitude": "52 deg", "longitude": "30 deg", "people": 250000},
        {"name": "South", "latitude": "37 deg", "longitude": "15 deg", "people": 750000},
    ],
}
LIGHT = {"cell": "500 km", "snapshots": 2}  # of the service, which has tests of its own


@pytest.fixture
def file() -> dict[str, Any]:
    """A design in file syntax, to be changed freely."""
    return {"shells": [dict(SHELL)], "area": dict(AREA), "step": "120 s", "cell": "250 km", "service": LIGHT}


@pytest.fixture(scope="session")
def alone() -> Alone:
    """The design on its own, prepared once."""
    design = {
        "shells": [dict(SHELL)],
        "area": dict(AREA),
        "step": "120 s",
        "cell": "250 km",
        "service": LIGHT,
    }
    return Alone(SYSTEM, design=design)


@pytest.fixture(scope="session")
def networked() -> Alone:
    """The same fleet with links between satellites, one gateway and an exchange, prepared once."""
    network = {"links": "grid", "exchange": {"name": "Hub", "latitude": "50 deg", "longitude": "8 deg"}}
    gateways = {"sites": [{"name": "West", "latitude": "45 deg", "longitude": "5 deg"}]}
    design = {
        "shells": [dict(SHELL)],
        "area": dict(AREA),
        "step": "120 s",
        "cell": "250 km",
        "network": network,
        "service": {**LIGHT, "gateways": gateways},
    }
    return Alone(SYSTEM, design=design)
