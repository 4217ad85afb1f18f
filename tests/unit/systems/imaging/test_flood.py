"""``accord flood`` from end to end."""

from __future__ import annotations

import builtins
import json
import os
from pathlib import Path

import numpy as np
import pytest
import rasterio

from accord.cli.main import main
from accord.errors import MissingExtraError
from accord.systems.imaging.methods.optical import PerPixel
from accord.systems.imaging.methods.threshold import confusion
from accord.systems.imaging.products import alert
from accord.systems.imaging.scene.kernels import sample
from accord.systems.imaging.scene.open import opened_scenes
from accord.tools.flood import Request, lines, run


def quiet(*_: object) -> None:
    """Say nothing."""


def label_of(pictures: Path) -> np.ndarray:
    with rasterio.open(pictures / "sen1floods11_Spain_7370579_LabelHand.tif") as source:
        return source.read(1)


def test_the_command_writes_every_product_and_one_page(optical_scene, write, tmp_path: Path, capsys) -> None:
    path, wet = optical_scene(rows=300, columns=280)
    people = write("people.tif", np.full((40, 40), 20.0, np.float32), step=100.0)
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as left:
        main(
            [
                "flood",
                str(path),
                "-o",
                str(out),
                "--people",
                str(people),
                "--quiet",
                "--no-model",
                "--language",
                "hi",
            ]
        )
    assert left.value.code == 0
    page = capsys.readouterr().out
    for words in (
        "80 % interval",
        "exposed",
        "unseen",
        "ran       MNDWI > 0",
        "did not   model",
        "note      water, not flood",
    ):
        assert words in page
    names = {p.name for p in out.iterdir()}
    assert names == {
        "after.png", "item.json", "provenance.json", "summary.json", "summary.txt", "water_alert_draft.xml",
        "water_exposure.png", "water_likelihood.png", "water_likelihood.tif", "water_map.png", "water_map.tif",
        "water_outlines.fgb", "water_outlines.geojson", "water_quality.tif",
    }  # fmt: skip
    assert all(p.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" for p in out.glob("*.png"))
    body = json.loads((out / "summary.json").read_text())
    assert body["mapped_km2"] == pytest.approx(wet.sum() * 1e-4, rel=0.02)
    assert body["people"]["p50"] == pytest.approx(wet.sum() * 20.0 / 100.0, rel=0.25)
    assert alert.check((out / "water_alert_draft.xml").read_bytes()) == []
    item = json.loads((out / "item.json").read_text())
    assert item["stac_version"] == "1.1.0"
    assert item["properties"]["proj:code"] == "EPSG:32644"
    assert all((out / a["href"]).is_file() for a in item["assets"].values())
    with rasterio.open(out / "water_map.tif") as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        state = source.read(1)
    assert confusion(state == 1, wet.astype(np.int8), state != 255).iou > 0.97
    features = json.loads((out / "water_outlines.geojson").read_text())["features"]
    total = sum(f["properties"]["area_ha"] for f in features)
    assert total == pytest.approx(100 * body["mapped_km2"], rel=1e-3)
    assert all(
        f["properties"]["area_p10_ha"] <= f["properties"]["area_p50_ha"] <= f["properties"]["area_p90_ha"]
        for f in features
    )


def test_json_and_errors_leave_through_the_right_door(optical_scene, tmp_path: Path, capsys) -> None:
    path, _ = optical_scene(rows=64, columns=64)
    with pytest.raises(SystemExit) as left:
        main(["flood", str(path), "-o", str(tmp_path / "o"), "--json", "--no-pictures", "--no-model"])
    assert left.value.code == 0
    body = json.loads(capsys.readouterr().out)
    assert body["schema"] == "accord/flood/1"
    assert body["scenes"][0]["subject"] == "water"
    with pytest.raises(SystemExit) as left:
        main(["flood", str(tmp_path / "nowhere.tif"), "-o", str(tmp_path / "o")])
    assert left.value.code == 2
    assert "no such file or folder" in capsys.readouterr().err


def test_without_the_extra_one_line_says_what_to_install(
    optical_scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = optical_scene(rows=32, columns=32)
    real = builtins.__import__

    def missing(name: str, *rest: object, **more: object) -> object:
        if name == "rasterio":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'accord\[imaging\]'") as told:
        run(Request(scenes=(path,), out=tmp_path / "o"), quiet)
    assert told.value.exit_code == 4


def test_the_radar_chip_by_default_beats_its_members(pictures: Path, tmp_path: Path) -> None:
    path = pictures / "sen1floods11_Spain_7370579_S1Hand.tif"
    (done,) = run(Request(scenes=(path,), out=tmp_path, pictures=False), quiet)
    with rasterio.open(done.files["map"]) as source:
        state = source.read(1)
    found = confusion(state == 1, label_of(pictures), state != 255)
    assert found.iou > 0.56  # fixed threshold 0.532, Otsu 0.566 on the raw chip
    truth = float((label_of(pictures) == 1).sum()) * 79.6e-6
    assert done.area_km2.p10 < truth < done.area_km2.p90
    assert set(done.ran) == {"fixed", "bimodal"}
    assert done.unseen_share == 0.0


def test_the_optical_chip(pictures: Path, tmp_path: Path) -> None:
    path = pictures / "sen1floods11_Spain_7370579_S2Hand.tif"
    (done,) = run(Request(scenes=(path,), out=tmp_path, pictures=False, use_model=False), quiet)
    with rasterio.open(done.files["map"]) as source:
        state = source.read(1)
    assert confusion(state == 1, label_of(pictures), state != 255).iou > 0.65  # MNDWI alone 0.612
    assert done.area_km2.p10 < 5.57 < done.area_km2.p90


def test_radar_with_terrain_and_reference_water(pictures: Path, tmp_path: Path) -> None:
    scenes = tuple(pictures / f"stac_overflow_ayt12_{k}.tif" for k in ("vv", "vh"))
    given = {
        "dem": pictures / "stac_overflow_ayt12_nasadem.tif",
        "water": pictures / "stac_overflow_ayt12_jrc_extent.tif",
    }
    (done,) = run(Request(scenes=scenes, out=tmp_path, pictures=False, **given), quiet)
    assert done.subject == "flood"
    assert done.scene.id == "stac_overflow_ayt12"
    assert done.reference_km2 == pytest.approx(0.28, abs=0.03)
    assert done.unseen_share < 0.02
    assert any("slope" in words for words in done.advice)


@pytest.mark.slow
def test_a_flood_is_what_was_dry_before(radar_scene, lakes, write, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    lake, flood = lakes(600, 600, seed=1, count=6), lakes(600, 600, seed=2, count=6)
    flood &= ~lake

    def scene(name: str, wet: np.ndarray, seed: int) -> Path:
        noise = np.random.default_rng(seed).gamma(4.4, 1 / 4.4, (2, *wet.shape))
        db = 10 * np.log10(
            10 ** (np.stack([np.where(wet, -19.0, -9.0), np.where(wet, -26.5, -15.5)]) / 10) * noise
        )
        path = write(name, db.astype(np.float32), names=("VV", "VH"))
        path.with_suffix(".accord.yaml").write_text("orbit: 62\n")
        return path

    before = tuple(scene(f"before{k}.tif", lake, 10 + k) for k in range(3))
    now = scene("now.tif", lake | flood, 20)
    (done,) = run(Request(scenes=(now,), out=tmp_path / "o", before=before), quiet)
    with rasterio.open(done.files["map"]) as source:
        state = source.read(1)
    assert done.subject == "flood"
    assert set(done.ran) == {"fixed", "bimodal", "change"}
    assert confusion(state == 1, flood.astype(np.int8)).iou > 0.85
    assert (state[lake] == 2).mean() > 0.9
    assert {"before", "after"} <= set(done.files)
    assert rng is not None


def test_a_reference_sample_gives_the_area_its_confidence_interval(optical_scene, tmp_path: Path) -> None:
    path, wet = optical_scene(rows=300, columns=300)
    rng = np.random.default_rng(1)
    row, column = rng.integers(0, 300, 400), rng.integers(0, 300, 400)
    from accord.systems.imaging.scene.raster import grid_of

    lon, lat = grid_of(path).lonlat(column + 0.5, row + 0.5)
    table = tmp_path / "sample.csv"
    rows = "\n".join(f"{a},{b},{int(wet[r, c])}" for a, b, r, c in zip(lon, lat, row, column, strict=True))
    table.write_text("lon,lat,water\n" + rows + "\n")
    (done,) = run(
        Request(scenes=(path,), out=tmp_path / "o", sample=table, pictures=False, use_model=False), quiet
    )
    assert done.estimate is not None
    assert "Olofsson" in done.area_method
    assert done.area_km2.p10 <= wet.sum() * 1e-4 * 1.001
    assert done.area_km2.p50 == pytest.approx(wet.sum() * 1e-4, rel=0.03)


def test_a_model_decides_and_the_rules_say_how_far_to_trust_it(
    optical_scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, wet = optical_scene(rows=200, columns=200)
    seen: list[tuple[int, ...]] = []

    def predict(features: np.ndarray) -> np.ndarray:
        seen.append(features.shape)
        assert features.dtype == np.float32
        return np.where(features[:, 0] > 0.1, 0.9, 0.05).astype(
            np.float32
        )  # bright in near infrared: all wrong

    path.with_suffix(".accord.yaml").write_text("product: Level-2A\n")
    model = PerPixel("made model", ("nir", "green"), predict)
    monkeypatch.setattr("accord.systems.imaging.methods.optical.default_model", lambda: model)
    (done,) = run(Request(scenes=(path,), out=tmp_path / "o", pictures=False), quiet)
    with rasterio.open(done.files["map"]) as source:
        state = source.read(1)
    with rasterio.open(done.files["quality"]) as source:
        agreement = source.read(1)
    assert done.ran["model"] == "made model"
    assert all(shape[1] == 2 for shape in seen)
    assert confusion(state == 1, (~wet).astype(np.int8)).iou > 0.97
    assert np.median(agreement) == 20  # one of five
    path.with_suffix(".accord.yaml").write_text("platform: unknown\n")
    (plain,) = run(Request(scenes=(path,), out=tmp_path / "plain", pictures=False), quiet)
    with rasterio.open(plain.files["map"]) as source:  # of unknown origin: one vote among five
        assert confusion(source.read(1) == 1, wet.astype(np.int8)).iou > 0.97


def test_two_scenes_get_a_folder_each(optical_scene, radar_scene, tmp_path: Path) -> None:
    one, two = optical_scene("a.tif", rows=64, columns=64)[0], radar_scene("b.tif", rows=64, columns=64)[0]
    done = run(Request(scenes=(one, two), out=tmp_path / "o", pictures=False, use_model=False), quiet)
    assert [d.scene.id for d in done] == ["a", "b"]
    assert (tmp_path / "o" / "a" / "water_map.tif").is_file()
    assert (tmp_path / "o" / "b" / "summary.txt").read_text().splitlines() == lines(done[1])


def mini_product(pictures: Path, folder: Path, lines_kept: int = 900) -> Path:
    """Cut the tables of a real product down to its first lines and samples, and give it pixels."""
    import re

    from accord.systems.imaging.scene.open import unpacked
    from accord.systems.imaging.scene.sentinel1 import read_product

    product = unpacked(pictures / "S1A_IW_GRDH_20210119_metadata_only.zip", folder)
    whole = read_product(product)
    samples = 700
    for path in product.glob("annotation/s1a*.xml"):
        text = path.read_text()
        text = text.replace(f"<numberOfSamples>{whole.samples}<", f"<numberOfSamples>{samples}<")
        text = text.replace(f"<numberOfLines>{whole.lines}<", f"<numberOfLines>{lines_kept}<")

        # squeeze the grid onto the smaller picture: the ground stays, its pixels grow
        def squeeze(match: re.Match[str]) -> str:
            line = int(match[1]) * lines_kept // whole.lines
            pixel = int(match[2]) * samples // whole.samples
            return f"<line>{line}</line>\n        <pixel>{pixel}</pixel>\n        <latitude>"

        text = re.sub(r"<line>(\d+)</line>\s*<pixel>(\d+)</pixel>\s*<latitude>", squeeze, text)
        path.write_text(text)
    small = read_product(product)
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:lines_kept, :samples]
    wet = (y // 150 + x // 140) % 3 == 0
    for name, (land, water) in {"vv": (0.1, 0.01), "vh": (0.02, 0.0015)}.items():
        constant = float(small.channels[name].sigma.value.mean())
        power = np.where(wet, water, land) * rng.gamma(4.4, 1 / 4.4, wet.shape)
        number = np.clip(np.sqrt(power) * constant, 1, 65535).astype(np.uint16)
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(
                small.channels[name].measurement,
                "w",
                driver="GTiff",
                width=samples,
                height=lines_kept,
                count=1,
                dtype="uint16",
            ) as target:
                target.write(number, 1)
    return product


@pytest.mark.slow
def test_a_radar_product_is_calibrated_laid_on_the_map_and_mapped(pictures: Path, tmp_path: Path) -> None:
    product = mini_product(pictures, tmp_path / "in")
    (done,) = run(
        Request(scenes=(product,), out=tmp_path / "o", spacing_m=300.0, least_ha=1.0, pictures=False), quiet
    )
    assert done.scene.orbit == 79
    assert done.scene.direction == "descending"
    assert 0.15 < done.no_data < 0.45  # the tilt of the orbit in the frame of the map
    assert done.mapped_km2 / done.seen_km2 == pytest.approx(1 / 3, abs=0.06)
    assert any(n.code == "no-terrain" for n in done.notes)
    assert "vh" in done.ran["fixed"].lower()


def test_sampling_by_a_lattice_is_that_of_its_corners() -> None:
    source = np.arange(400, dtype=np.int16).reshape(20, 20)
    line, pixel = np.meshgrid(np.array([0.0, 8.0, 16.0]), np.array([0.0, 8.0, 16.0]), indexing="ij")
    out = np.empty((12, 12), np.int16)
    sample(source, 0, 0, line, pixel, 8, 2, 3, -1, out)
    assert np.array_equal(out, source[2:14, 3:15])
    far = np.empty((2, 2), np.int16)
    sample(source[:4], 0, 0, line, pixel, 8, 10, 0, -1, far)
    assert np.all(far == -1)


def test_help_does_not_load_the_extra() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom accord.cli.main import main\ntry:\n    main(['flood', '--help'])\nexcept SystemExit:\n"
        "    pass\nassert 'rasterio' not in sys.modules and 'numpy' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4] / "src")},
    )
    assert done.returncode == 0, done.stderr
    assert "advises; it is no warning authority" in " ".join(done.stdout.split())


def test_cloud_of_an_earlier_scene_on_another_grid_is_not_taken_for_water(
    optical_scene, write, tmp_path: Path
) -> None:
    now, wet = optical_scene("now.tif", rows=200, columns=200)
    early = optical_scene(
        "early.tif", rows=300, columns=300, seed=9, origin=(499_700.0, 3_000_300.0), step=10.0
    )[0]
    with rasterio.open(early, "r+") as source:
        bands = source.read()
        land = np.array([600, 900, 900, 2600, 2300, 1500], np.uint16)
        water = np.array([700, 800, 500, 250, 80, 50], np.uint16)
        bands[:] = land[:, None, None]
        bands[:, 60:120, 60:120] = water[:, None, None]  # shadow that reads as water, and is masked
        bands[:, 180:260, 180:260] = water[:, None, None]  # a lake
        source.write(bands)
    scl = np.full((300, 300), 4, np.uint8)
    scl[60:120, 60:120] = 3
    mask = write("early_scl.tif", scl, origin=(499_700.0, 3_000_300.0))
    (scene, old) = opened_scenes([now])[0], opened_scenes([early, mask])[0]
    assert set(old.quality) == {"scl"}
    del scene
    folder = tmp_path / "before"
    folder.mkdir()
    for path in (early, mask):
        path.rename(folder / path.name)
    (done,) = run(
        Request(scenes=(now,), before=(folder,), out=tmp_path / "o", pictures=False, use_model=False), quiet
    )
    with rasterio.open(done.files["map"]) as source:
        state = source.read(1)
    lake = np.zeros_like(wet)
    lake[150:230, 150:230] = True  # where the lake lies on the later grid
    assert np.all(state[wet & lake] == 2)
    assert np.mean(state[wet & ~lake] == 1) > 0.97
    assert done.subject == "flood"


def test_where_the_model_will_not_answer_the_rules_do(
    optical_scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.errors import ModelError

    path, wet = optical_scene(rows=600, columns=300)
    path.with_suffix(".accord.yaml").write_text("product: Level-2A\n")
    asked = []

    def predict(features: np.ndarray) -> np.ndarray:
        asked.append(len(features))
        if len(asked) == 1:
            raise ModelError("band nir: median 2.1, expected reflectance")
        return np.full(len(features), 0.9, np.float32)

    model = PerPixel("made model", ("nir",), predict)
    monkeypatch.setattr("accord.systems.imaging.methods.optical.default_model", lambda: model)
    (done,) = run(Request(scenes=(path,), out=tmp_path / "o", pictures=False, threads=1), quiet)
    with rasterio.open(done.files["map"]) as source:
        state = source.read(1)
    assert confusion(state[:256] == 1, wet[:256].astype(np.int8)).iou > 0.97
    assert np.all(state[256:] == 1)
    assert any(n.code == "model-refused" and "median 2.1" in n.text for n in done.notes)
