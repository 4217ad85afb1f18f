"""What happens in real use: one clear line, or an answer that says what it does not know."""

from __future__ import annotations

import errno
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import rasterio

from accord.errors import AccordError, CancelledError, FileError, ModelError
from accord.systems.imaging.products import vectors
from accord.systems.imaging.scene import xml
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.integrity import recognised
from accord.systems.imaging.scene.model import Unseen
from accord.systems.imaging.scene.open import opened_scenes
from accord.systems.imaging.scene.pairing import orbit_notes, season_note
from accord.systems.imaging.scene.stack import Hints
from accord.systems.imaging.scene.units import radar_unit, reflectance_suspect
from accord.systems.imaging.scene.work import Work
from accord.tools.flood import Request, run


def quiet(*_: object) -> None:
    """Say nothing."""


def mapped(tmp_path: Path, *scenes: Path, **given: object):
    (done,) = run(
        Request(scenes=scenes, out=tmp_path / "out", use_model=False, pictures=False, **given), quiet
    )
    return done


def layer(done, key: str, band: int = 1) -> np.ndarray:
    with rasterio.open(done.files[key]) as source:
        return source.read(band)


# -- no reference system, degrees ---------------------------------------------------------------------------


def test_without_a_reference_system_nothing_is_measured(optical_scene, tmp_path: Path) -> None:
    path, wet = optical_scene(crs=None)
    done = mapped(tmp_path, path)
    assert done.area_km2 is None
    assert done.mapped_km2 is None
    assert done.people is None
    assert done.mapped_px == pytest.approx(wet.sum(), rel=0.02)
    text = (tmp_path / "out" / "summary.txt").read_text(encoding="utf-8")
    assert "area not stated" in text
    assert "the map is in pixels" in text
    body = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert body["area_km2"] is None
    assert {"alert", "outlines", "flatgeobuf", "stac"}.isdisjoint(done.files)
    assert not (tmp_path / "out" / "item.json").exists()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        assert np.mean((layer(done, "map") == 1) == wet) > 0.98


def test_a_radar_scene_without_a_reference_system_is_mapped_in_pixels(radar_scene, tmp_path: Path) -> None:
    path, wet = radar_scene(crs=None)
    done = mapped(tmp_path, path)
    assert done.area_km2 is None
    assert done.mapped_px == pytest.approx(wet.sum(), rel=0.1)


@pytest.mark.parametrize("option", ["people", "dem", "sample"])
def test_what_needs_a_place_is_refused_without_one(optical_scene, tmp_path: Path, option: str) -> None:
    with pytest.raises(ModelError, match=f"--{option} cannot be laid on it"):
        mapped(tmp_path, optical_scene(crs=None)[0], **{option: tmp_path / "any.csv"})


# -- names of bands, likeness -------------------------------------------------------------------------------


def test_bands_that_no_method_reads_may_be_named(write, tmp_path: Path) -> None:
    names = ("coastal", "blue", "green", "red", "rededge071", "nir", "nir08", "cirrus", "swir16", "swir22")
    values = np.full((len(names), 40, 40), 300, np.uint16)
    values[5] = 3000
    path = write("many.tif", values)
    (scene,) = opened_scenes([path], Hints(bands=names), tmp_path / "work")
    assert {name: band.index for name, band in scene.bands.items()} == {
        "blue": 2, "green": 3, "red": 4, "nir": 6, "swir16": 9, "swir22": 10,
    }  # fmt: skip


def test_the_narrow_near_infrared_serves_where_it_stands_alone(write, tmp_path: Path) -> None:
    path = write("four.tif", np.full((3, 40, 40), 1000, np.uint16))
    (scene,) = opened_scenes([path], Hints(bands=("Coastal", "green", "nir08")), tmp_path / "work")
    assert set(scene.bands) == {"green", "nir"}


def test_a_band_that_is_mistyped_is_told_with_the_names_that_are_known(write, tmp_path: Path) -> None:
    path = write("two.tif", np.full((2, 40, 40), 1000, np.uint16))
    with pytest.raises(FileError, match=r"'coastel': expected one of vv.*coastal"):
        opened_scenes([path], Hints(bands=("coastel", "green")), tmp_path / "work")


def _drift(tmp_path: Path, path: Path, **given: object):
    (done,) = run(Request(scenes=(path,), out=tmp_path / "like", pictures=False, **given), quiet)
    return done


SWAPPED = Hints(bands=("green", "blue", "red", "nir", "swir16", "swir22"))  # a wrong band order


def _run_of(folder: Path) -> dict:
    record = json.loads((folder / "like" / "provenance.json").read_text(encoding="utf-8"))
    return record["activity"]["accord:run"]


def _alert_of(done) -> str:
    return done.files["alert"].read_text(encoding="utf-8")


def test_a_scene_like_the_training_is_mapped_by_the_model(optical_scene, tmp_path: Path) -> None:
    usual = _drift(tmp_path, optical_scene()[0])
    assert usual.model == "used"
    assert "model" in usual.ran
    assert not {"model-refused-scene", "model-forced"} & {note.code for note in usual.notes}
    assert len(usual.drift) == 11
    assert "unlike" not in _alert_of(usual)
    # asking for it by force changes nothing where there is nothing to force
    forced = _drift(tmp_path / "forced", optical_scene()[0], force_model=True)
    assert forced.model == "used"
    assert np.array_equal(layer(usual, "likelihood"), layer(forced, "likelihood"))


def test_a_scene_unlike_the_training_is_mapped_by_the_rules_alone(optical_scene, tmp_path: Path) -> None:
    path = optical_scene(name="b.tif")[0]
    refused = _drift(tmp_path, path, hints=SWAPPED)
    assert refused.model == "refused"
    assert "model" not in refused.ran
    assert refused.absent["model"].startswith("refused: the scene is unlike")
    (note,) = [note for note in refused.notes if note.code == "model-refused-scene"]
    assert note.level == "warning"
    assert "blue_green" in note.text
    assert "the rules decide" in note.text
    without = _drift(tmp_path / "without", path, hints=SWAPPED, use_model=False)
    for key in ("map", "likelihood", "quality"):
        assert np.array_equal(layer(refused, key), layer(without, key))
    run_ = _run_of(tmp_path)
    assert run_["accord:model"] == "refused"
    assert run_["accord:model_drift"][0]["drifts"]
    assert run_["accord:model_drift"][0]["index"] > 0.25
    assert "model" not in run_["accord:members"]
    assert "it was left out and the rules decide" in _alert_of(refused)


def test_the_refusal_can_be_overridden_and_that_is_told_everywhere(optical_scene, tmp_path: Path) -> None:
    forced = _drift(
        tmp_path,
        optical_scene(name="b.tif")[0],
        hints=SWAPPED,
        force_model=True,
        languages=("en", "hi", "ru"),
    )
    assert forced.model == "forced"
    assert "model" in forced.ran
    (note,) = [note for note in forced.notes if note.code == "model-forced"]
    assert note.level == "warning"
    assert "--force-model" in note.text
    assert _run_of(tmp_path)["accord:model"] == "forced"
    text = _alert_of(forced)
    for words in ("used all the same, on request", "अनुरोध पर", "по запросу"):
        assert words in text
    assert "<valueName>learned_model</valueName>\n      <value>forced</value>" in text
    assert "used all the same" in (tmp_path / "like" / "summary.txt").read_text(encoding="utf-8")
    page = json.loads((tmp_path / "like" / "summary.json").read_text(encoding="utf-8"))
    assert page["model"] == "forced"


def test_a_refused_model_without_any_rule_is_an_error(optical_scene, tmp_path: Path) -> None:
    from dataclasses import replace

    from accord.systems.imaging.mapping.likeness import weighed
    from accord.systems.imaging.methods import optical

    (scene,) = opened_scenes([optical_scene()[0]], Hints(), tmp_path / "work")
    plan = optical.planned(scene, optical.default_model())
    rows = [{"quantity": "red", "index": 3.0, "below": 0.5, "above": 0.0, "drifts": True}]
    bare = replace(scene, bands={"red": scene.bands["red"]})
    with pytest.raises(ModelError, match=r"red 3\.00.*no rule; --force-model"):
        weighed(bare, plan, rows, forced=False)
    assert weighed(bare, plan, rows, forced=True)[1] == "forced"


def test_leaving_the_model_out_and_forcing_it_contradict(optical_scene, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from accord.cli.flood import command

    given = [str(optical_scene()[0]), "-o", str(tmp_path / "o"), "--no-model", "--force-model"]
    found = CliRunner().invoke(command, given)
    assert found.exit_code == 2
    assert "contradict each other" in found.output


def test_no_model_no_likeness(optical_scene, tmp_path: Path) -> None:
    assert mapped(tmp_path, optical_scene()[0]).drift == ()


def test_a_degree_is_not_taken_for_a_length(optical_scene, tmp_path: Path) -> None:
    step = 8.983152841195215e-05
    path, wet = optical_scene(crs="EPSG:4326", origin=(81.0, 26.0), step=step)
    done = mapped(tmp_path, path)
    assert done.mapped_km2 == pytest.approx(wet.sum() * 89.5e-6, rel=0.02)
    assert done.mapped_km2 < 0.93 * wet.sum() * 1e-4  # 100 m2 a pixel would be wrong


# -- units and offsets --------------------------------------------------------------------------------------


def test_a_missed_offset_is_named(optical_scene, tmp_path: Path) -> None:
    path, _ = optical_scene(shift=1000)
    with pytest.raises(FileError, match="offset of -1000"):
        mapped(tmp_path, path)
    done = mapped(tmp_path, path, hints=Hints(scale=1e-4, offset=-0.1))
    assert done.mapped_km2 > 0.0


def test_a_wrong_scale_is_named() -> None:
    assert "outside 0 to 0.6" in reflectance_suspect({"green": 1.4})
    assert reflectance_suspect({"green": 0.1, "nir": 0.3}) == ""


def test_units_of_backscatter() -> None:
    rng = np.random.default_rng(1)
    power = rng.gamma(4.4, 0.01, 5000)
    assert radar_unit(power, "x") == "linear"
    assert radar_unit(10 * np.log10(power), "x") == "db"
    with pytest.raises(FileError, match="digital numbers"):
        radar_unit(100.0 + 50.0 * rng.random(5000), "x")
    with pytest.raises(FileError, match="cannot tell the unit"):
        radar_unit(rng.uniform(-80.0, 80.0, 5000) - 10.0, "x")
    with pytest.raises(FileError, match="no data"):
        radar_unit(np.empty(0), "x")


# -- no data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_scene_that_is_all_no_data_says_so(write, tmp_path: Path, value: float) -> None:
    path = write("empty.tif", np.full((2, 70, 70), value, np.float32), names=("VV", "VH"), nodata=value)
    with pytest.raises(AccordError, match="no data"):
        mapped(tmp_path, path)
    with pytest.raises(AccordError, match="no data"):  # the unit told, the emptiness remains
        mapped(tmp_path, path, hints=Hints(unit="linear"))


def test_a_rim_of_nan_stays_unseen(radar_scene, tmp_path: Path) -> None:
    path, _ = radar_scene(rows=300, columns=300)
    with rasterio.open(path, "r+") as source:
        bands = source.read()
        bands[:, :, :60] = np.nan
        source.write(bands)
    done = mapped(tmp_path, path)
    state = layer(done, "map")
    assert np.all(state[:, :60] == 255)
    assert np.all(state[:, 60:] != 255)
    assert done.no_data == pytest.approx(0.2)


# -- one class only -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "share"), [(-14.0, 0.0), (-28.0, 1.0)])
def test_no_water_and_all_water_fall_back_on_the_fixed_threshold(
    write, tmp_path: Path, mean: float, share: float
) -> None:
    rng = np.random.default_rng(1)
    power = 10.0 ** (mean / 10.0) * rng.gamma(4.4, 1 / 4.4, (600, 600))
    path = write("one.tif", (10 * np.log10(power)).astype(np.float32), names=("VH",))
    done = mapped(tmp_path, path)
    assert "no evidence of two classes" in done.absent["bimodal"]
    assert (layer(done, "map") == 1).mean() == pytest.approx(share, abs=0.005)
    assert ("alert" in done.files) == (share > 0.0)


# -- look-alikes, exclusion, slopes -------------------------------------------------------------------------


def test_what_the_sensor_cannot_tell_is_unseen_and_not_dry(radar_scene, write, tmp_path: Path) -> None:
    path, wet = radar_scene(rows=300, columns=300)
    town = np.zeros((300, 300), np.uint8)
    town[100:200, 100:200] = 1
    height = np.zeros((300, 300), np.float32)
    height[:, 250:] = 5.0 * np.arange(1, 51)  # 50 % slope in the east
    done = mapped(tmp_path, path, exclude=write("town.tif", town), dem=write("dem.tif", height))
    state, quality = layer(done, "map"), layer(done, "quality", 2)
    assert np.all(state[100:200, 100:200] == 255)
    assert np.all(quality[100:200, 100:200] == 128 + Unseen.EXCLUDED)
    assert np.all(state[:, 260:295] == 255)
    assert done.unseen["no sensitivity"] == pytest.approx(100 * 100 / 300**2, abs=0.001)
    assert wet.any()


def test_wind_on_water_is_flagged(write, lakes, tmp_path: Path) -> None:
    wet = lakes(400, 400)
    rng = np.random.default_rng(1)
    vv = 10 ** (-9.0 / 10) * rng.gamma(4.4, 1 / 4.4, wet.shape)  # as bright as land
    vh = 10 ** (np.where(wet, -27.0, -15.0) / 10) * rng.gamma(4.4, 1 / 4.4, wet.shape)
    path = write("wind.tif", (10 * np.log10([vv, vh])).astype(np.float32), names=("VV", "VH"))
    done = mapped(tmp_path, path)
    advice = layer(done, "quality", 2)
    assert (layer(done, "map") == 1).sum() > 0.9 * wet.sum()
    assert np.mean(advice[layer(done, "map") == 1] & 2 > 0) > 0.95
    assert any("VV and VH" in words for words in done.advice)


# -- earlier scenes -----------------------------------------------------------------------------------------


def test_scenes_of_other_orbits_are_never_compared(radar_scene, tmp_path: Path) -> None:
    now, before = radar_scene("now.tif")[0], radar_scene("before.tif", seed=2)[0]
    now.with_suffix(".accord.yaml").write_text("orbit: 62\ndirection: ascending\n")
    before.with_suffix(".accord.yaml").write_text("orbit: 63\ndirection: ascending\n")
    with pytest.raises(FileError, match="relative orbit 63, the scene has 62"):
        mapped(tmp_path, now, before=(before,))
    with pytest.raises(FileError, match="descending pass, the scene is ascending"):
        orbit_notes(None, "ascending", None, "descending", "x")
    assert orbit_notes(None, "", None, "", "x")[0].level == "warning"


def test_seasons_that_differ_are_told() -> None:
    import datetime as dt

    summer, winter = dt.datetime(2025, 7, 1, tzinfo=dt.UTC), dt.datetime(2025, 12, 28, tzinfo=dt.UTC)
    assert "days of the year apart" in season_note(summer, winter, "x")[0].text
    assert season_note(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), winter, "x") == []
    assert "no date" in season_note(summer, None, "x")[0].text


def test_a_scene_that_lies_off_is_told(radar_scene, tmp_path: Path) -> None:
    now = radar_scene("now.tif", rows=600, columns=600)[0]
    with rasterio.open(now) as source:
        profile, bands = source.profile, source.read()
    before = tmp_path / "before.tif"
    with rasterio.open(before, "w", **profile) as target:
        target.write(np.roll(bands, 4, axis=2))
        target.descriptions = ("VV", "VH")
    done = mapped(tmp_path, now, before=(before,))
    assert any(n.code == "shifted" and "4.0 pixels off" in n.text for n in done.notes)
    assert done.subject == "flood"


# -- cloud and shadow ---------------------------------------------------------------------------------------


def test_cloud_is_never_dry_and_its_shadow_never_water(optical_scene, write, tmp_path: Path) -> None:
    path, _ = optical_scene(rows=400, columns=400)
    with rasterio.open(path, "r+") as source:
        bands = source.read()
        bands[:, 200:260, 200:260] = 6500  # cloud
        bands[:, 120:180, 120:180] = np.array([400, 350, 300, 200, 100, 60])[:, None, None]  # and its shadow
        source.write(bands)
    side = path.with_suffix(".accord.yaml")
    side.write_text("sun_azimuth_deg: 135\nsun_elevation_deg: 45\n")
    done = mapped(tmp_path, path)
    state = layer(done, "map")
    assert np.all(state[205:255, 205:255] == 255)
    assert np.all(state[125:175, 125:175] == 255)
    assert any(n.code == "no-cloud-mask" for n in done.notes)
    assert set(done.unseen) == {"cloud", "cloud shadow"}


# -- damaged and foreign files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS pointer"),
        (b"/annex/objects/SHA256E-s1--00.tif\n", "git-annex pointer"),
        (b"<!DOCTYPE html><html>login</html>", "a web page"),
        (b"", "empty"),
        (b"\x00\x01\x02\x03 something", "not a raster"),
    ],
)
def test_files_that_are_no_rasters_are_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "scene.tif"
    path.write_bytes(content)
    with pytest.raises(FileError, match=told):
        recognised(path)


def test_a_truncated_header_is_one_line(write) -> None:
    path = write("cut.tif", np.zeros((8, 8), np.uint8))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(FileError, match="cannot be opened"):
        opened_scenes([path])


@pytest.mark.parametrize("kind", ["radar", "optical"])
def test_a_damaged_block_is_unseen_and_the_rest_is_mapped(
    radar_scene, optical_scene, tmp_path: Path, kind: str
) -> None:
    make = radar_scene if kind == "radar" else optical_scene
    path, _ = make(
        rows=512,
        columns=512,
        tiled=True,
        blockxsize=128,
        blockysize=128,
        compress="deflate",
        interleave="band",
    )
    with rasterio.open(path) as source:
        offset = int(source.get_tag_item("BLOCK_OFFSET_1_1", "TIFF", bidx=1))
        size = int(source.get_tag_item("BLOCK_SIZE_1_1", "TIFF", bidx=1))
    body = bytearray(path.read_bytes())
    body[offset : offset + size] = b"\x00" * size
    path.write_bytes(bytes(body))
    done = mapped(tmp_path, path)
    state, quality = layer(done, "map"), layer(done, "quality", 2)
    assert np.all(state[132:252, 132:252] == 255)
    assert np.all(quality[132:252, 132:252] == 128 + Unseen.DAMAGED)
    assert np.all(state[:120] != 255)
    assert any("row 128, column 128" in n.text for n in done.notes)


@pytest.mark.parametrize(
    "given", [{"blockysize": 2}, {"BIGTIFF": "YES"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}]
)
def test_odd_blocks_and_large_headers_map_the_same(optical_scene, tmp_path: Path, given: dict) -> None:
    plain = mapped(tmp_path / "a", optical_scene("a.tif", rows=130, columns=130)[0])
    odd = mapped(tmp_path / "b", optical_scene("b.tif", rows=130, columns=130, **given)[0])
    assert np.array_equal(layer(plain, "map"), layer(odd, "map"))


# -- the antimeridian, the poles ----------------------------------------------------------------------------


def test_a_scene_across_180_degrees_is_cut_there(optical_scene, tmp_path: Path) -> None:
    path, _ = optical_scene(
        rows=300, columns=300, crs="EPSG:4326", origin=(179.986, -17.0), step=1e-4, seed=4
    )
    done = mapped(tmp_path, path)
    body = json.loads(done.files["outlines"].read_text())
    for feature in body["features"]:
        rings = feature["geometry"]["coordinates"]
        flat = np.array(
            [
                p
                for part in ([rings] if feature["geometry"]["type"] == "Polygon" else rings)
                for ring in part
                for p in ring
            ]
        )
        assert np.all(np.abs(flat[:, 0]) <= 180.0)
        parts = [
            np.array(ring)[:, 0]
            for part in ([rings] if feature["geometry"]["type"] == "Polygon" else rings)
            for ring in part
        ]
        assert all(np.ptp(ring) < 1.0 for ring in parts)
    assert any(f["geometry"]["type"] == "MultiPolygon" for f in body["features"])
    item = json.loads(done.files["stac"].read_text())
    assert item["bbox"][0] > 179.0
    assert item["bbox"][2] < -179.0
    assert item["geometry"]["type"] == "MultiPolygon"


def test_a_polar_grid_has_areas() -> None:
    import warnings as quiet_warnings

    from rasterio.crs import CRS

    with quiet_warnings.catch_warnings():
        quiet_warnings.simplefilter("ignore")
        grid = Grid(
            100, 100, CRS.from_epsg(3413).to_wkt(), (10.0, 0.0, 100_000.0, 0.0, -10.0, -100_000.0), False
        )
    # the scale of the polar stereographic projection with true scale at 70 N is 0.97 near the pole
    assert grid.block_area_m2(100)[0, 0] == pytest.approx(100.0 / 0.9698**2, rel=2e-3)


# -- many polygons ------------------------------------------------------------------------------------------


def test_many_polygons_are_cut_over_files(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "LIMIT", 20)
    monkeypatch.setattr("accord.systems.imaging.mapping.deliver.LIMIT", 20)
    dots = np.full((2, 120, 120), 3000, np.uint16)
    dots[0], dots[1] = 800, 2500
    for r in range(5, 120, 12):
        for c in range(5, 120, 12):
            dots[1, r : r + 4, c : c + 4] = 100
    path = write("dots.tif", dots, names=("green", "nir"))
    done = mapped(tmp_path, path, least_ha=0.1, hints=Hints(scale=1e-4, offset=0.0))
    parts = sorted(done.files[k] for k in done.files if k.startswith("outlines_"))
    assert done.patches == 100
    assert len(parts) > 4
    assert sum(len(json.loads(p.read_text())["features"]) for p in parts) == 100


def test_patches_below_the_smallest_are_left_out(write, tmp_path: Path) -> None:
    bands = np.full((2, 100, 100), 2500, np.uint16)
    bands[0] = 800
    bands[1, 10:15, 10:15] = 100  # 25 pixels, a quarter of a hectare
    bands[1, 40:60, 40:60] = 100
    bands[1, 50, 50] = 2500  # and a hole of one pixel, filled
    done = mapped(
        tmp_path, write("small.tif", bands, names=("green", "nir")), hints=Hints(scale=1e-4, offset=0.0)
    )
    state = layer(done, "map")
    assert state.sum() == 400
    assert state[50, 50] == 1
    assert done.dropped_km2 == pytest.approx(25e-4, rel=1e-3)


# -- XML bombs ----------------------------------------------------------------------------------------------


def test_xml_with_entities_or_of_giant_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    with pytest.raises(FileError, match="document type or entities"):
        xml.parse(bomb, "manifest.safe")
    monkeypatch.setattr(xml, "LIMIT_BYTES", 10)
    with pytest.raises(FileError, match="at most 10"):
        xml.parse(b"<a>" + b"x" * 30 + b"</a>", "big")
    with pytest.raises(FileError, match="not well-formed"):
        xml.parse(b"<a>", "cut")


# -- crash, interrupt, full disc ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["radar", "optical"])
def test_an_interrupted_run_goes_on_and_ends_in_the_same_bytes(
    radar_scene, optical_scene, tmp_path: Path, kind: str
) -> None:
    path, _ = (radar_scene if kind == "radar" else optical_scene)(rows=1700, columns=300)
    keys = ("map", "likelihood", "quality", "outlines")
    (whole,) = run(Request(scenes=(path,), out=tmp_path / "whole", threads=1, pictures=False), quiet)
    expected = [whole.files[k].read_bytes() for k in keys]
    request = Request(scenes=(path,), out=tmp_path / "torn", threads=1, pictures=False)

    def stop(done: float, total: float, note: str) -> None:
        if note == "mapping" and done == 2:
            raise CancelledError("interrupted")

    with pytest.raises(CancelledError):
        run(request, stop)
    assert not (tmp_path / "torn" / "summary.json").exists()
    journal = next((tmp_path / "torn" / "work").glob("*/journal.jsonl"))
    before = [json.loads(line) for line in journal.read_text().splitlines()]
    assert any(entry.get("stage") == "map" for entry in before)
    with journal.open("a") as stream:
        stream.write('{"stage": "map", "str')  # the line a crash cuts
    (done,) = run(request, quiet)
    assert [done.files[k].read_bytes() for k in keys] == expected
    assert not (tmp_path / "torn" / "work").exists()


def test_a_full_disc_is_told_and_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from accord.systems.imaging.scene.grid import Strip

    work = Work(tmp_path / "w", 4, 8, {"a": ("uint8", 1)}, "key")
    work.write("s", Strip(0, 0, 4), {"a": np.ones((4, 4))})

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(work, "_append", full)
    with pytest.raises(FileError, match=r"the disc is full.*1 finished strips are kept"):
        work.write("s", Strip(1, 4, 4), {"a": np.ones((4, 4))})
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(FileError, match="GB of disc while it works"):
        Work(tmp_path / "v", 4000, 4000, {"a": ("uint8", 1)}, "key")


# -- other files --------------------------------------------------------------------------------------------


def test_population_that_lies_elsewhere_and_swapped_places_are_refused(
    optical_scene, write, tmp_path: Path
) -> None:
    path, _ = optical_scene(rows=64, columns=64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        far = write("far.tif", np.ones((9, 9), np.float32), crs="EPSG:4326", origin=(10.0, 50.0), step=0.01)
    with pytest.raises(FileError, match="not the scene"):
        mapped(tmp_path, path, people=far)
    places = tmp_path / "places.csv"
    places.write_text("lon,lat,population\n27.11,81.01,900\n")
    with pytest.raises(FileError, match="lon and lat swapped"):
        mapped(tmp_path, path, people=places)
    places.write_text("lon,lat,population\n81.0,27.1,many\n")
    with pytest.raises(FileError, match=r"places\.csv:2: expected numbers"):
        mapped(tmp_path, path, people=places)


def test_reference_water_in_months_asks_from_which_on(optical_scene, write, tmp_path: Path) -> None:
    path, _ = optical_scene(rows=64, columns=64)
    months = write("months.tif", np.full((64, 64), 7, np.uint8))
    with pytest.raises(FileError, match="--water-above"):
        mapped(tmp_path, path, water=months)
    done = mapped(tmp_path, path, water=months, water_above=10.0)
    assert done.reference_km2 == 0.0
    assert done.subject == "flood"


def test_radar_and_optical_bands_in_one_stack_are_refused(write) -> None:
    path = write("both.tif", np.ones((2, 8, 8), np.float32), names=("VV", "green"))
    with pytest.raises(FileError, match="give them as two scenes"):
        opened_scenes([path])
    with pytest.raises(FileError, match="2 bands were named, the files hold 1"):
        opened_scenes([write("one.tif", np.ones((8, 8), np.float32))], Hints(bands=("vv", "vh")))
    with pytest.raises(FileError, match="no band could be named"):
        opened_scenes([write("none.tif", np.ones((3, 8, 8), np.float32))])
