"""How far the assignment is from the best possible, over fleets, limits, maps of demand and loads."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.systems.constellation.service.conftest import design

from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service import certificate
from accord.systems.constellation.service.inputs import medians
from accord.systems.constellation.service.scene import ground_of, scene_of
from accord.systems.constellation.service.surface import rates_of, run_sweep

LOADS = tuple(4.0**k for k in (-5, -4, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 2, 4))
STAR = {"altitude": "1200 km", "inclination": "87.9 deg", "planes": 18, "satellites_per_plane": 36,
        "phasing": 1, "pattern": "star", "elevation_mask": "25 deg"}  # fmt: skip
LOW = {"altitude": "550 km", "inclination": "53 deg", "planes": 36, "satellites_per_plane": 20,
       "phasing": 7, "elevation_mask": "25 deg"}  # fmt: skip
CHANGES: dict[str, dict[str, Any]] = {
    "plain": {},
    "star": {"shell": STAR, "cell": "100 km"},
    "low": {"shell": LOW, "cell": "100 km"},
    "few beams": {"payload": {"beams": 4}},
    "short of antennas": {"shell": STAR, "antennas": 3, "cell": "150 km"},
    "two gateways a satellite": {"feeder": {"links": 2, "bandwidth": "700 MHz"}},
    "two satellites a cell": {"satellites_per_cell": 2},
    "links between satellites": {"feeder": {"isl_rate": "3 Gbit/s"}, "antennas": 3},
}


def made(change: dict[str, Any], seed: int, folder: Path) -> tuple[Any, Any, Any]:
    """Return service, ground and scene; towns are drawn anew for each seed, a few large and many small."""
    random = np.random.default_rng(seed)
    rows = ["name,country,latitude,longitude,people"]
    for k in range(30):
        north, east = random.uniform(36.5, 46.5), random.uniform(20.5, 29.5)
        people = min(20000.0 * (1.0 + random.pareto(1.1)), 1.2e6)
        rows.append(f"T{k},{'up' if north > 42 else 'down'},{north:.3f},{east:.3f},{people / 10:.0f}")
    (folder / "towns.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    file = design()
    file["shells"] = [change.get("shell", file["shells"][0])]
    service = file["service"]
    service["cell"] = change.get("cell", "75 km")
    service["snapshots"] = 4
    service["gateways"]["antennas"] = change.get("antennas", 8)
    for part in ("payload", "feeder"):
        service[part] = change.get(part, {})
    service["satellites_per_cell"] = change.get("satellites_per_cell", 1)
    read = Design.model_validate(file)
    middle = {name: np.array([value]) for name, value in medians().items()}
    ground = ground_of(read, read.service, folder, middle)
    return read.service, ground, scene_of(read, read.service, assemble(read, folder), ground)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_every_moment_and_load_is_within_three_per_cent_of_the_bound(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "CERTIFIED_LOADS", LOADS)
    monkeypatch.setattr(certificate, "_NODES", 2000)
    gaps = []
    for seed in range(2):
        gaps.append(certificate.certify(*[made(CHANGES[name], seed, tmp_path)[k] for k in (0, 2, 1)]))
    found = np.array(gaps)
    assert found.shape == (2, 3, len(LOADS))
    assert found.max() <= 0.03
    assert found.mean() <= 0.01
    assert found.max() > 0.0  # the bound is not the assignment itself


def test_the_bound_is_above_every_assignment(tmp_path: Path) -> None:
    service, ground, scene = made(CHANGES["short of antennas"], 0, tmp_path)
    part = certificate._only(scene, 1)
    own = slice(scene.users.start[1, 0], scene.users.start[1, -1])
    rate, outage = rates_of(service, scene, 0.0)[own], scene.outage(0.0)[own]
    for load in (0.05, 0.5, 8.0):
        served, _, _ = run_sweep(
            service,
            part,
            ground,
            working=np.ones(scene.satellites, dtype=bool),
            arc_deg=17.0,
            obstruction_deg=0.0,
            rate=rate,
            outage=outage,
            loads=(load,),
        )
        split = certificate.bound_mbit_s(service, part, ground, rate, load)
        whole = certificate.bound_mbit_s(service, part, ground, rate, load, whole=True)
        assert served[0] <= whole * (1 + 1e-9)
        assert whole <= split * (1 + 1e-6)


def test_a_bound_that_cuts_nothing_off_is_exact_on_one_pair(tmp_path: Path) -> None:
    service, ground, scene = made(CHANGES["plain"], 0, tmp_path)
    part = certificate._only(scene, 0)
    lonely = replace(part, feeder_start=np.zeros_like(part.feeder_start), gateway=part.gateway[:0],
                     feeder_mbit_s=part.feeder_mbit_s[:0])  # fmt: skip
    rate = rates_of(service, part, 0.0)
    assert certificate.bound_mbit_s(service, lonely, ground, rate, 1.0) == 0.0
