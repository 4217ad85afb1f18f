import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import pytest

from accord.contract.validation import data_folder, read_cases, run_case
from accord.errors import FileError
from accord.systems.imaging.learned import validation
from accord.systems.imaging.learned.chips import brighter_green, layout, read_chips, water_bit

pytest.importorskip("rasterio")
spec = importlib.util.spec_from_file_location("chip_files", Path(__file__).with_name("chip_files.py"))
chip_files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chip_files)


def chip(bands=6, size=32, seed=1):
    random = np.random.default_rng(seed)
    return random.integers(100, 3000, (bands, size, size)), random.integers(0, 2, (size, size))


def folder_with(tmp_path, **chips):
    for name, (image, label) in chips.items():
        chip_files.write_chip(tmp_path, name, image, label)
    return tmp_path


def test_folder_and_zip_give_the_same_in_the_order_of_numbers(tmp_path):
    root = folder_with(tmp_path / "c", **{"10": chip(seed=1), "9": chip(seed=2), "b": chip(seed=3)})
    archive = tmp_path / "c.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in root.rglob("*.*"):
            out.write(path, path.relative_to(root).as_posix())
    one, two = read_chips(root, "spectral6"), read_chips(archive, "spectral6")
    assert one.names == two.names == ("9", "10", "b")
    assert np.array_equal(one.images, two.images)
    assert np.array_equal(one.images[0], chip(seed=2)[0])
    assert np.array_equal(one.water, two.water)


def test_fill_and_unlabelled_are_not_valid(tmp_path):
    image, label = chip()
    image[2, 3, 4] = -9999
    label[7, 8] = 255
    chips = read_chips(folder_with(tmp_path, a=(image, label)), "spectral6")
    assert not chips.valid[0, 3, 4]
    assert not chips.valid[0, 7, 8]
    assert chips.valid.sum() == chips.valid.size - 2
    assert not chips.water[0, 7, 8]


def test_rules_read_their_layers(tmp_path):
    image, label = chip(12)
    image[7] = 0
    image[7, 0, 0], image[7, 0, 1], image[7, 0, 2] = 32, 255, 31
    chips = read_chips(folder_with(tmp_path, a=(image, label)))
    assert water_bit(chips)[0, 0, :3].tolist() == [True, False, False]
    assert np.array_equal(brighter_green(chips)[0], image[2] > image[5])
    with pytest.raises(FileError, match="no layer 'thermal'"):
        chips.band("thermal")


def test_what_is_wrong_is_said_with_its_place(tmp_path):
    image, label = chip()
    (tmp_path / "e").mkdir()
    with pytest.raises(FileError, match="no chips: expected images"):
        read_chips(tmp_path / "e", "spectral6")
    with pytest.raises(FileError, match="cannot be read as a folder or zip"):
        read_chips(tmp_path / "nowhere.zip")
    with pytest.raises(FileError, match="6 bands, the layout hls12 has 12"):
        read_chips(folder_with(tmp_path / "a", x=(image, label)))
    with pytest.raises(FileError, match=r"values \[7\]; expected 0 dry, 1 water"):
        read_chips(folder_with(tmp_path / "b", x=(image, label * 7)), "spectral6")
    with pytest.raises(FileError, match="size \\(16, 16\\), its image has"):
        read_chips(folder_with(tmp_path / "c", x=(image, label[:16, :16])), "spectral6")
    with pytest.raises(FileError, match="the chips before it have"):
        read_chips(folder_with(tmp_path / "d", x=(image, label), y=chip(size=48)), "spectral6")
    with pytest.raises(FileError, match="no chip layout 'odd'"):
        layout("odd")


def test_damaged_files_and_pointers(tmp_path):
    root = folder_with(tmp_path, x=chip())
    image = root / "images" / "x.tif"
    whole = image.read_bytes()
    image.write_bytes(whole[:200])
    with pytest.raises(FileError, match="damaged or not an image"):
        read_chips(root, "spectral6")
    image.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    with pytest.raises(FileError, match="a pointer to a large file"):
        read_chips(root, "spectral6")
    chip_files.write_image(image, chip()[0].astype(np.float32))
    with pytest.raises(FileError, match="type float32; expected int16"):
        read_chips(root, "spectral6")


def test_a_member_that_unpacks_to_too_much_is_refused(tmp_path):
    archive = tmp_path / "c.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("images/1.tif", bytes(70_000_000))
        out.writestr("labels/1.png", b"x")
    with pytest.raises(FileError, match="70000000 bytes unpacked"):
        read_chips(archive)


@pytest.mark.parametrize(
    "case", read_cases(Path(validation.__file__).with_name("validation.yaml")), ids=lambda case: case.id
)
def test_published_cases(case):
    outcomes = run_case(case, validation, data_folder())
    if outcomes[0].state == "skipped":
        pytest.skip(outcomes[0].note)
    assert [o for o in outcomes if o.state != "passed"] == []
