"""Which catalogued satellites are used, and what is said of the others."""

import numpy as np
import pytest
from sgp4.api import Satrec
from sgp4.io import compute_checksum

from accord.errors import ModelError
from accord.physics.catalogue import catalogue_ephemeris, usable
from accord.physics.elements import epoch_jd, read_elements

ONE = "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753"
TWO = "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667"
# satellite 28872 of the SGP4 verification set: it decays within an hour of its epoch in 2005
DOWN = (
    "1 28872U 05037B   05333.02012661  .25992681  00000-0  24476-3 0  1534",
    "2 28872  96.4736 157.9986 0303955 244.0492 110.6523 16.46015938 10708",
)


def dated(line: str, epoch: str, number: str = "") -> str:
    line = line[:18] + epoch + line[32:] if epoch else line
    line = line[:2] + number + line[7:] if number else line
    return line[:68] + str(compute_checksum(line))


def satellite(epoch: str = "", number: str = ""):
    return Satrec.twoline2rv(dated(ONE, epoch, number), dated(TWO, "", number))


def test_stale_satellites_are_left_out_one_by_one() -> None:
    jd = epoch_jd(satellite())
    entries = [
        ("fresh", satellite()),
        ("aged", satellite("00150.00000000")),
        ("old", satellite("00010.00000000")),
    ]
    good, remarks = usable(entries, jd, np.array([0.0, 3600.0]), "a.tle")
    assert [name for name, _ in good] == ["fresh", "aged"]
    assert any("more than 60 days away: old" in remark for remark in remarks)
    assert any("up to 30 days" in remark and "positions drift" in remark for remark in remarks)


def test_all_too_old_is_refused_with_a_way_out() -> None:
    with pytest.raises(ModelError, match=r"a.tle: elements are 1.. days from .*expected at most 60"):
        usable([("old", satellite())], epoch_jd(satellite()) + 120.0, np.array([0.0, 60.0]), "a.tle")


def test_the_error_of_each_satellite_is_told() -> None:
    down = Satrec.twoline2rv(*DOWN)
    good, remarks = usable(
        [("well", satellite("05333.00000000")), ("falling", down)],
        epoch_jd(down),
        np.arange(0, 7200.0, 60.0),
        "a.tle",
    )
    assert [name for name, _ in good] == ["well"]
    assert any("SGP4 error" in remark and "falling" in remark for remark in remarks)
    with pytest.raises(ModelError, match=r"none of its 1 satellites \(a.tle: left out, SGP4 error"):
        usable([("falling", down)], epoch_jd(down), np.arange(0, 7200.0, 60.0), "a.tle")


def test_an_ephemeris_holds_only_good_states() -> None:
    down, jd = Satrec.twoline2rv(*DOWN), epoch_jd(Satrec.twoline2rv(*DOWN))
    entries = [("well", satellite("05333.00000000")), ("falling", down)]
    sky, remarks = catalogue_ephemeris(entries, jd, 7200.0, "a.tle")
    assert sky.names == ("well",)
    assert sky.position_km.shape == (1, 121, 3)
    assert np.isfinite(sky.position_km).all()
    assert sky.propagator == "sgp4, elements of a.tle"
    assert remarks


def test_many_names_are_counted() -> None:
    entries = [("fresh", satellite())] + [(f"old {i}", satellite("00010.00000000")) for i in range(20)]
    _, remarks = usable(entries, epoch_jd(satellite()), np.array([0.0, 60.0]), "a.tle")
    assert remarks[0].endswith("old 7 and 12 more")


def test_numbers_beyond_five_digits(tmp_path) -> None:
    path = tmp_path / "a.tle"
    path.write_text(f"{dated(ONE, '', 'T0001')}\n{dated(TWO, '', 'T0001')}\n", encoding="utf-8")
    ((name, body),) = read_elements(path)
    assert name == "270001"  # alpha-5: T stands for 27
    assert body.satnum == 270001


def test_lines_of_two_satellites_are_not_mixed(tmp_path) -> None:
    from accord.errors import FileError

    path = tmp_path / "a.tle"
    path.write_text(f"{ONE}\n{dated(TWO, '', '00006')}\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"a.tle: .*line 1: satellite '00005', but '00006'"):
        read_elements(path)
    path.write_text(f"{ONE}\n{TWO}\n\n{ONE}\n{TWO[:-1]}0\n", encoding="utf-8")
    with pytest.raises(FileError, match="line 5: wrong checksum '0', expected 7"):
        read_elements(path)
    path.write_text(f"{TWO}\n{ONE}\n", encoding="utf-8")
    with pytest.raises(FileError, match="line 1: line 2 without line 1"):
        read_elements(path)
