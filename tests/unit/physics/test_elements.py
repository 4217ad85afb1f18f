"""Reading of catalogued elements, and SGP4 through it."""

import json
from pathlib import Path

import numpy as np
import pytest

from accord.errors import FileError
from accord.physics.constants import EARTH_ROTATION_RAD_PER_S
from accord.physics.elements import epoch_jd, read_elements, sgp4_pef, sgp4_teme
from accord.physics.time import gmst_rad

ONE = "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753"
TWO = "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667"
OMM = {
    "OBJECT_NAME": "VANGUARD 1",
    "OBJECT_ID": "1958-002B",
    "EPOCH": "2000-06-27T18:50:19.733568",
    "MEAN_MOTION": 10.82419157,
    "ECCENTRICITY": 0.1859667,
    "INCLINATION": 34.2682,
    "RA_OF_ASC_NODE": 348.7242,
    "ARG_OF_PERICENTER": 331.7664,
    "MEAN_ANOMALY": 19.3264,
    "EPHEMERIS_TYPE": 0,
    "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": 5,
    "ELEMENT_SET_NO": 475,
    "REV_AT_EPOCH": 41366,
    "BSTAR": 2.8098e-5,
    "MEAN_MOTION_DOT": 2.3e-7,
    "MEAN_MOTION_DDOT": 0,
}


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_two_and_three_lines(tmp_path: Path) -> None:
    text = f"0 VANGUARD 1\n{ONE}\n{TWO}\n\n# a remark\n{ONE}\n{TWO}\n"
    (first, satellite), (second, _) = read_elements(written(tmp_path, "a.tle", text))
    assert (first, second) == ("VANGUARD 1", "5")
    assert epoch_jd(satellite) == pytest.approx(2451723.28495062, abs=1e-8)


@pytest.mark.parametrize("kind", ["json", "csv", "xml"])
def test_messages_give_the_same_orbit_as_lines(tmp_path: Path, kind: str) -> None:
    if kind == "json":
        text = json.dumps([OMM])
    elif kind == "csv":
        text = ",".join(OMM) + "\n" + ",".join(map(str, OMM.values())) + "\n"
    else:
        orbit = dict(list(OMM.items())[2:9])
        parameters = dict(list(OMM.items())[9:])
        texts = ["".join(f"<{k}>{v}</{k}>" for k, v in part.items()) for part in (orbit, parameters)]
        text = (
            '<ndm><omm id="CCSDS_OMM_VERS" version="2.0"><body><segment><metadata><OBJECT_NAME>VANGUARD 1'
            "</OBJECT_NAME><OBJECT_ID>1958-002B</OBJECT_ID></metadata><data>"
            f"<meanElements>{texts[0]}</meanElements><tleParameters>{texts[1]}</tleParameters></data></segment>"
            "</body></omm></ndm>"
        )
    ((name, satellite),) = read_elements(written(tmp_path, f"a.{kind}", text))
    ((_, lines),) = read_elements(written(tmp_path, "a.tle", f"{ONE}\n{TWO}\n"))
    assert name == "VANGUARD 1"
    jd, times = epoch_jd(lines), np.array([0.0, 3600.0])
    np.testing.assert_allclose(
        sgp4_teme([satellite], jd, times)[1], sgp4_teme([lines], jd, times)[1], atol=0.05
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tle", f"{ONE[:-1]}7\n{TWO}\n", "wrong checksum"),
        ("a.tle", f"{ONE[:60]}\n{TWO}\n", "60 characters"),
        ("a.tle", f"{ONE}\n", "without line 2"),
        ("a.tle", "", "no satellite"),
        ("a.json", "{", "not an element set"),
        ("a.json", "{}", "not an element set"),
        ("a.csv", "EPOCH\n2000\n", "not an element set"),
        ("a.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><ndm/>", "document types"),
        ("a.xml", "<ndm>", "not an element set"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        read_elements(written(tmp_path, name, text))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_elements(tmp_path / "none.tle")


def test_earth_fixed_states_are_inertial_ones_turned_and_slowed(tmp_path: Path) -> None:
    ((_, satellite),) = read_elements(written(tmp_path, "a.tle", f"{ONE}\n{TWO}\n"))
    jd, at = epoch_jd(satellite), np.array([100.0])
    error, position, velocity = sgp4_pef([satellite], jd, at)
    _, inertial, inertial_velocity = sgp4_teme([satellite], jd, at)
    assert not error.any()
    angle = float(gmst_rad(jd, 100.0))
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    np.testing.assert_allclose(position[0, 0], turn @ inertial[0, 0], atol=1e-9)
    spin = np.array([0.0, 0.0, EARTH_ROTATION_RAD_PER_S])
    expected = turn @ inertial_velocity[0, 0] - np.cross(spin, position[0, 0])
    np.testing.assert_allclose(velocity[0, 0], expected, atol=1e-12)
