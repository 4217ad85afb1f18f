import hashlib

import pytest
import yaml

from accord.errors import FileError
from accord.systems.imaging.learned.cards import check_card, read_card, shipped_cards
from accord.systems.imaging.learned.features import halo_px
from accord.systems.imaging.learned.predict import shipped_forest
from accord.systems.imaging.learned.train import read_recipe

MODEL = next(p for p in shipped_cards() if "model" in p.name)


def changed(tmp_path, change):
    body = read_card(MODEL)
    change(body)
    for name in (body["model"]["file"], body["recipe"]["file"]):
        (tmp_path / name).write_bytes((MODEL.parent / name).read_bytes())
    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump(body))
    return check_card(path)


def test_shipped_cards_pass():
    assert len(shipped_cards()) == 2
    for path in shipped_cards():
        assert check_card(path) == []


def test_the_card_is_of_the_model_that_is_shipped():
    card, forest = read_card(MODEL), shipped_forest()
    assert card["model"]["trees"] == len(forest.trees) == read_recipe().rounds
    assert card["inputs"]["halo_px"] == halo_px(forest.features)
    assert forest.features == read_recipe().features


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("licence", "", "licence is missing"),
        ("limits", [], "limits is missing"),
        ("evaluation.split", "random", "evaluation.split is 'random'; expected 'grouped'"),
        ("evaluation.grouped_folds.calibration_error", 0.05, "at most 0.02"),
        ("evaluation.grouped_folds.iou.value", 0.66, "must lie above 0.675"),
        ("evaluation.grouped_folds.iou.low", 0.9, "does not hold"),
        ("evaluation.grouped_folds.fmask_water_bit.difference.low", -0.01, "must lie above 0"),
        ("evaluation.grouped_folds.calibration_error", "small", "is not a number"),
        ("model.sha256", "0" * 64, "its sha256 differs"),
        ("model.sha256", "abc", "is no sha256"),
        ("inputs.support", {}, "inputs.support is missing"),
    ],
)
def test_what_a_card_lacks_is_said(tmp_path, key, value, said):
    def change(body):
        *above, last = key.split(".")
        for part in above:
            body = body[part]
        body[last] = value

    found = changed(tmp_path, change)
    assert any(said in line for line in found), found


def test_a_model_that_is_not_there_and_no_card_at_all(tmp_path):
    path = tmp_path / "card.yaml"
    path.write_text(MODEL.read_text())
    assert any("water_trees.json is not there" in line for line in check_card(path))
    for text in ("[]", "schema: x/1", "a: [", "\tb"):
        path.write_text(text)
        with pytest.raises(FileError):
            check_card(path)


def test_the_dataset_card_names_the_archive_that_was_used():
    from accord.contract.validation import data_folder

    data = data_folder()
    if data is None:
        pytest.skip("needs imaging/w202_chips.zip; set ACCORD_DATA")
    card = read_card(next(p for p in shipped_cards() if "dataset" in p.name))
    archive = data / "imaging" / card["archive"]["file"]
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == card["archive"]["sha256"]
