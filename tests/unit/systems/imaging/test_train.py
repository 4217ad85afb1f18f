import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from accord.cli.main import main
from accord.contract.validation import data_folder
from accord.errors import FileError, MissingExtraError
from accord.systems.imaging.learned.account import judged
from accord.systems.imaging.learned.chips import read_chips
from accord.systems.imaging.learned.folds import group_folds, random_folds
from accord.systems.imaging.learned.leaks import LeakError, find_leaks
from accord.systems.imaging.learned.train import calibrated_apart, chip_features, cross_scores, read_recipe

pytest.importorskip("rasterio")
spec = importlib.util.spec_from_file_location("chip_files", Path(__file__).with_name("chip_files.py"))
chip_files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chip_files)


def write_made_chips(folder, n=12, size=48):
    """Write chips of lakes and fields with an Fmask byte that misses the turbid ones."""
    random = np.random.default_rng(1)
    land = np.array([400, 450, 750, 900, 2300, 2400, 1700])
    wet = np.array([380, 420, 650, 600, 350, 120, 80])
    for k in range(n):
        grid = np.add.outer(np.sin(np.arange(size) / (4 + k)), np.cos(np.arange(size) / 6.0))
        water = grid > 0.6
        turbid = water & (grid < 0.9)
        spectra = np.where(water, wet[:, None, None], land[:, None, None]) * random.normal(
            1, 0.08, (7, size, size)
        )
        spectra[4][turbid] += 900
        spectra[5][turbid] += 700
        fmask = np.where(water & ~turbid, 32, 0)
        rest = [random.integers(0, 900, (size, size)) for _ in range(2)]
        image = np.stack([*spectra, fmask, *rest, np.full((size, size), 40), np.zeros((size, size))])
        chip_files.write_chip(folder, str(k), image, water)
    return folder


def small_recipe(path):
    body = yaml.safe_load(
        (Path(str(sys.modules[read_recipe.__module__].__file__)).parent / "data" / "recipe.yaml").read_text()
    )
    body.update(held_out_chips=[], folds=3, every_pixel=4, rounds=4)
    body["features"] = ["nir", "mndwi", "mndwi_mean3", "nir_sd9"]
    path.write_text(yaml.safe_dump(body))
    return path


def test_without_lightgbm_the_command_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    chips = read_chips(write_made_chips(tmp_path / "c", 3))
    recipe = read_recipe(small_recipe(tmp_path / "r.yaml"))
    table = chip_features(chips, recipe.features)
    with pytest.raises(MissingExtraError, match="accord\\[train\\]"):
        cross_scores(table, chips, np.arange(3), np.arange(3), recipe, told=lambda line: None)


def test_a_leaky_split_is_refused_by_the_trainer(tmp_path):
    chips = read_chips(write_made_chips(tmp_path / "c", 4))
    recipe = read_recipe(small_recipe(tmp_path / "r.yaml"))
    table = chip_features(chips, recipe.features)
    with pytest.raises(LeakError, match="allow_leaky"):
        cross_scores(table, chips, np.array([0, 0, 1, 2]), np.array([0, 1, 0, 1]), recipe)


def test_train_and_score_from_the_command_line(tmp_path, capsys):
    pytest.importorskip("lightgbm")
    chips = write_made_chips(tmp_path / "c")
    recipe = small_recipe(tmp_path / "r.yaml")
    for out in ("one", "two"):
        words = ["imaging", "train", str(chips), "-o", str(tmp_path / out), "--recipe", str(recipe)]
        with pytest.raises(SystemExit) as stopped:
            main([*words, "--date", "2026-01-01"])
        assert stopped.value.code == 0
    told = capsys.readouterr().out
    assert "random split, leaky" in told
    assert "held-out groups" in told
    for name in ("water_trees.json", "water_model_card.yaml", "recipe.yaml"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    card = yaml.safe_load((tmp_path / "one" / "water_model_card.yaml").read_text())
    grouped = card["evaluation"]["grouped_folds"]
    assert grouped["iou"]["value"] > 0.9
    assert grouped["fmask_water_bit"]["difference"]["low"] > 0.0
    with pytest.raises(SystemExit):
        main(
            ["imaging", "score", str(chips), "--model", str(tmp_path / "one" / "water_trees.json"), "--json"]
        )
    assert json.loads(capsys.readouterr().out)["iou"]["value"] > 0.9
    with pytest.raises(SystemExit):
        main(["imaging", "leaks", str(chips)])
    assert "12 independent groups" in capsys.readouterr().out


def test_a_recipe_with_a_wrong_key_is_refused(tmp_path):
    path = small_recipe(tmp_path / "r.yaml")
    path.write_text(path.read_text().replace("rounds:", "round:"))
    with pytest.raises(FileError, match=r"wrong or missing: \['round', 'rounds'\]"):
        read_recipe(path)
    with pytest.raises(FileError, match="cannot be read"):
        read_recipe(tmp_path / "none.yaml")


@pytest.mark.slow
def test_grouped_folds_beat_the_products_own_water_bit():
    """Case V7, with fewer trees and rows than the shipped model so that it takes seconds."""
    pytest.importorskip("lightgbm")
    data = data_folder()
    if data is None:
        pytest.skip("needs imaging/w202_chips.zip; set ACCORD_DATA")
    chips = read_chips(data / "imaging" / "w202_chips.zip")
    group = find_leaks(chips).group
    recipe = replace(read_recipe(), rounds=30, every_pixel=32)
    table = chip_features(chips, recipe.features)
    fold = group_folds(group, recipe.folds)
    scores = cross_scores(table, chips, group, fold, recipe, told=lambda line: None)
    found = judged(calibrated_apart(scores, chips, fold), chips, group)
    assert found["iou"]["value"] == pytest.approx(0.684, abs=0.03)
    assert found["fmask_water_bit"]["difference"]["low"] > 0.0
    assert found["calibration_error"] <= 0.02
    with pytest.raises(LeakError):
        cross_scores(table, chips, group, random_folds(len(chips), 5, 1), recipe)


def test_sites_learn_the_trees_of_central_training_and_log_what_left(tmp_path, capsys):
    from accord.systems.imaging.federated.egress import check_log

    chips = write_made_chips(tmp_path / "c")
    words = ["imaging", "federate", str(chips), "-o", str(tmp_path / "out"), "--trees", "3", "--json"]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["same_as_central"] is True
    assert told["iou"]["value"] > 0.8
    for site in (1, 2):
        log = tmp_path / "out" / f"site-{site}.jsonl"
        assert check_log(log) == []
        names = {json.loads(line)["name"] for line in log.read_text().splitlines()[1:]}
        assert names == {"public_key", "rows", "water", "leaves", *(f"histogram_{k}" for k in range(5))}
