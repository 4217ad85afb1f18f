"""The satellites of a design."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from accord.contract import Ephemeris
from accord.contract.alone import Alone
from accord.errors import FileError, ModelError
from accord.systems.constellation.fleet import assemble, ephemeris
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.model import SYSTEM

VANGUARD = (
    "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753\n"
    "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667\n"
)
# satellite 28872 of the SGP4 verification set: it decays within an hour of its epoch in 2005
DECAYING = (
    "1 28872U 05037B   05333.02012661  .25992681  00000-0  24476-3 0  1534\n"
    "2 28872  96.4736 157.9986 0303955 244.0492 110.6523 16.46015938 10708\n"
)


def catalogued(tmp_path: Path, text: str, epoch: str = "2000-06-28", **more) -> Design:
    (tmp_path / "fleet.tle").write_text(text, encoding="utf-8")
    return Design.model_validate({"catalogues": [{"file": "fleet.tle"}], "epoch": epoch, **more})


def test_shells_and_catalogues_are_groups(file, tmp_path: Path) -> None:
    design = catalogued(tmp_path, VANGUARD, shells=file["shells"])
    fleet = assemble(design, tmp_path)
    assert len(fleet) == 61
    assert fleet.group.tolist() == [0] * 60 + [1]
    assert fleet.names[0] == "shell 1 satellite 1"
    assert fleet.names[-1] == "5"
    assert fleet.radius_km[1] == pytest.approx(10240.0, abs=60.0)  # apogee of 00005 at 3 850 km


def test_radius_bounds_every_position(file, tmp_path: Path) -> None:
    fleet = assemble(catalogued(tmp_path, VANGUARD, shells=file["shells"]), tmp_path)
    position, _ = fleet.states(60.0 * np.arange(0.0, 1440.0))
    largest = np.linalg.norm(position, axis=-1).max(axis=1)
    assert np.all(largest <= fleet.radius_km[fleet.group] + 1e-6)


def test_ephemeris_reaches_past_the_period(file) -> None:
    design = Design.model_validate({**file, "duration": "2 h"})
    sky = ephemeris(design, Path())
    assert isinstance(sky, Ephemeris)
    assert sky.position_km.shape == (60, 122, 3)
    assert sky.position_km.shape == sky.velocity_km_s.shape
    assert sky.propagator == "j2, epoch 2027-01-01"
    assert sky.epoch_jd_utc == 2461406.5
    slope = (sky.position_km[:, 2] - sky.position_km[:, 0]) / 120.0
    np.testing.assert_allclose(sky.velocity_km_s[:, 1], slope, atol=0.01)


def test_old_elements_are_noted_then_refused(tmp_path: Path) -> None:
    noted = assemble(catalogued(tmp_path, VANGUARD, "2000-07-20"), tmp_path)
    assert "23 days" in noted.notes[0]  # at the end of the day
    with pytest.raises(ModelError, match="expected at most 60"):
        assemble(catalogued(tmp_path, VANGUARD, "2027-01-01"), tmp_path)


def test_decayed_satellites_are_left_out_and_named(tmp_path: Path) -> None:
    late = VANGUARD.replace("00179.78495062", "05333.02012661")
    line = late.splitlines()[0]
    from sgp4.io import compute_checksum

    late = late.replace(line, line[:68] + str(compute_checksum(line)))
    fleet = assemble(catalogued(tmp_path, DECAYING + late, "2005-11-29"), tmp_path)
    assert fleet.names == ("5",)
    assert any("28872" in note and "decayed" in note for note in fleet.notes)
    with pytest.raises(ModelError, match="none of its 1 satellites"):
        assemble(catalogued(tmp_path, DECAYING, "2005-11-29"), tmp_path)


def test_files_outside_the_folder_are_refused(tmp_path: Path) -> None:
    design = Design.model_validate({"catalogues": [{"file": "../x.tle"}]})
    with pytest.raises(FileError, match="beside the programme"):
        assemble(design, tmp_path)


def test_sun_synchronous_shell(file) -> None:
    entry = {**file["shells"][0], "sun_synchronous": True, "altitude": "600 km"}
    del entry["inclination"]
    design = Design.model_validate({**file, "shells": [entry], "epoch": dt.date(2027, 1, 1)})
    position, _ = assemble(design, Path()).states(np.arange(0.0, 6000.0, 10.0))
    highest = np.degrees(np.arcsin(np.abs(position[..., 2]).max() / 6978.137))
    assert highest == pytest.approx(180.0 - 97.788, abs=0.01)


def test_the_port_feeds_a_search_over_the_sites_of_others(file, tmp_path: Path) -> None:
    """What another system is given is enough to find its own contacts, shells and catalogues alike."""
    from accord.physics.passes import passes

    design = catalogued(tmp_path, VANGUARD, shells=file["shells"], duration="6 h")
    sky = SYSTEM.provide(design, {}, Alone(SYSTEM, folder=tmp_path).context())["ephemeris"]
    assert isinstance(sky, SYSTEM.provides["ephemeris"])
    assert len(sky.names) == len(sky.position_km) == 61
    assert sky.step_s * (sky.position_km.shape[1] - 1) >= 6.0 * 3600.0
    assert np.isfinite(sky.position_km).all()
    assert np.isfinite(sky.velocity_km_s).all()
    latitude, longitude = np.array([55.0, 0.0, 0.0, 0.0, 0.0]), np.array([37.0, 0.0, 90.0, 180.0, 270.0])
    found = passes(sky, latitude, longitude, np.array([20.0, 10.0, 10.0, 10.0, 10.0]))
    assert set(found.site.tolist()) == {0, 1, 2, 3, 4}
    assert 60 in found.satellite
    assert np.all(found.set_s > found.rise_s)


def test_an_ephemeris_too_large_for_memory_is_refused(file) -> None:
    shell = {**file["shells"][0], "planes": 20, "satellites": 1000}
    design = Design.model_validate({**file, "shells": [shell], "duration": "31 day", "step": "600 s"})
    with pytest.raises(ModelError, match="choose a shorter duration"):
        ephemeris(design, Path())
