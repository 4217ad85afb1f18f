"""Burns and landslides from two made scenes with known truth, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from scipy.ndimage import gaussian_filter

from accord.errors import AccordError, ModelError
from accord.systems.imaging.mapping.request import Request
from accord.systems.imaging.methods.burn import severity
from accord.systems.imaging.methods.landslide import loss_class
from accord.systems.imaging.products.severity import SCALES
from accord.systems.imaging.scene.stack import Hints
from accord.tools.hazard import LEAST_HA, run_hazard

NAMES = ("blue", "green", "red", "nir", "swir16", "swir22")
FOREST = (300, 500, 400, 3200, 1600, 700)
BURNT = (500, 600, 700, 1200, 2000, 2200)
SOIL = (900, 1200, 1500, 1900, 2600, 2300)
LAKE = (700, 800, 500, 250, 80, 50)

Pair = tuple[Path, Path, np.ndarray, np.ndarray]


def quiet(*_: object) -> None:
    """Say nothing."""


@pytest.fixture
def pair(write: Callable[..., Path]) -> Callable[..., Pair]:
    """Write a scene before and after; return them with the ground that changed and the water in both."""

    def make(after: tuple[int, ...] = BURNT, rows: int = 560, columns: int = 540, **given: object) -> Pair:
        rng = np.random.default_rng(4)
        field = gaussian_filter(rng.normal(size=(rows, columns)), 22)
        changed, lake = field > np.quantile(field, 0.8), field < np.quantile(field, 0.05)

        def scene(name: str, hit: bool) -> Path:
            bands = [
                np.where(lake, w, np.where(changed & hit, a, f)) * rng.uniform(0.93, 1.07, field.shape)
                for f, a, w in zip(FOREST, after, LAKE, strict=True)
            ]
            return write(name, np.array(bands).astype(np.uint16), names=NAMES, nodata=0, **given)

        return scene("before.tif", hit=False), scene("after.tif", hit=True), changed, lake

    return make


def request(out: Path, before: Path, after: Path, **given: object) -> Request:
    hints = Hints(scale=1e-4, offset=0.0)
    return Request(
        **{"scenes": (after,), "before": (before,), "out": out, "pictures": False, "hints": hints, **given}
    )


def layer(path: Path) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read(1)


def test_a_burn_is_mapped_with_its_severity(pair, tmp_path: Path) -> None:
    before, after, burnt, lake = pair()
    done = run_hazard("burn", request(tmp_path / "out", before, after), quiet)
    state = layer(done.files["map"])
    assert np.mean((state == 1) == burnt) > 0.995
    assert np.mean(state[lake] == 2) > 0.99
    assert done.area_km2 is not None
    assert done.area_km2.p10 < burnt.sum() * 1e-4 < done.area_km2.p90 * 1.05
    # dNBR of the made ground: (0.641 - (-0.294)) is high severity
    classes = layer(done.files["severity"])
    assert np.mean(classes[burnt] == 6) > 0.99
    assert done.classes["high severity"] == pytest.approx(burnt.sum() / (~lake).sum(), rel=0.02)
    text = (tmp_path / "out" / "summary.txt").read_text(encoding="utf-8")
    assert "high severity" in text
    assert "dNBR >= 0.27" in text
    assert "no labelled pictures" in text
    alert = done.files["alert"].read_text(encoding="utf-8")
    assert "<category>Fire</category>" in alert
    used = json.loads(done.files["provenance"].read_text(encoding="utf-8"))["entity"]
    assert {"before.tif", "after.tif"} <= {entry["prov:label"] for entry in used.values()}


def test_an_unburnt_pair_holds_no_burn(pair, tmp_path: Path) -> None:
    before, after, *_ = pair(after=FOREST)
    done = run_hazard("burn", request(tmp_path / "out", before, after), quiet)
    assert done.mapped_px == 0
    assert "alert" not in done.files


def test_strips_do_not_show(pair, tmp_path: Path) -> None:
    before, after, *_ = pair(rows=1100, columns=200)
    thin, thick = (
        run_hazard("burn", request(tmp_path / str(rows), before, after, rows=rows), quiet)
        for rows in (512, 1536)
    )
    for key in ("map", "likelihood", "severity"):
        assert np.array_equal(layer(thin.files[key]), layer(thick.files[key]))


def _hills(write: Callable[..., Path], shape: tuple[int, int], *, steep: bool) -> tuple[Path, np.ndarray]:
    """Write an elevation model, flat in its western half; return it and where it is steep."""
    column = np.arange(shape[1])[None, :]
    rise = np.where(column > shape[1] // 2, (column - shape[1] // 2) * 10.0 * (0.4 if steep else 0.0), 0.0)
    height = np.broadcast_to(rise, shape).astype(np.float32)
    return write("dem.tif", height), np.broadcast_to(column > shape[1] // 2 + 12, shape)


def test_slides_are_looked_for_on_slopes_only(pair, write, tmp_path: Path) -> None:
    before, after, bare, lake = pair(after=SOIL)
    dem, steep = _hills(write, bare.shape, steep=True)
    asked = request(tmp_path / "out", before, after, dem=dem, least_ha=LEAST_HA["landslide"])
    done = run_hazard("landslide", asked, quiet)
    state = layer(done.files["map"])
    flat = np.zeros_like(steep)
    flat[:, : bare.shape[1] // 2 - 12] = True
    assert np.mean((state == 1)[steep & ~lake] == bare[steep & ~lake]) > 0.99
    assert not (state == 1)[flat].any()
    assert "Geo" in done.files["alert"].read_text(encoding="utf-8")


def test_what_is_missing_is_told(pair, write, tmp_path: Path) -> None:
    before, after, *_ = pair()
    with pytest.raises(ModelError, match="elevation model is needed"):
        run_hazard("landslide", request(tmp_path / "a", before, after), quiet)
    with pytest.raises(ModelError, match="earlier scene"):
        run_hazard("burn", replace(request(tmp_path / "b", before, after), before=()), quiet)
    with pytest.raises(ModelError, match="expected one"):
        run_hazard("burn", request(tmp_path / "c", before, after, scenes=(after, before)), quiet)
    few = write("few.tif", np.full((2, 64, 64), 900, np.uint16), names=("green", "nir"), nodata=0)
    with pytest.raises(ModelError, match="no swir22"):
        run_hazard("burn", request(tmp_path / "d", few, few), quiet)
    radar = write("radar.tif", np.full((1, 64, 64), -12.0, np.float32), names=("VV",))
    with pytest.raises(AccordError, match="from optical scenes"):
        run_hazard("burn", request(tmp_path / "e", radar, radar, hints=Hints(unit="db")), quiet)


def _png(path: Path) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as source:
            return source.read()[:3]


def _share(picture: np.ndarray, colour: str) -> float:
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return float((picture == wanted[:, None, None]).all(axis=0).mean())


def test_severity_is_drawn_with_its_classes_and_unit(pair, write, tmp_path: Path) -> None:
    before, after, burnt, _ = pair()
    done = run_hazard("burn", request(tmp_path / "burn", before, after, pictures=True), quiet)
    picture = _png(done.files["severity_picture"])
    scale = SCALES["burn"]
    assert picture.shape[1] > 600
    shown = _share(picture, scale.classes[6].colour)
    frame = 950 * 950 * burnt.shape[0] / burnt.shape[1] / picture[0].size  # 760 points wide, drawn at 1.25
    assert shown == pytest.approx(burnt.mean() * frame, rel=0.03)
    assert 0.0 < _share(picture, scale.classes[3].colour) < 1e-3  # in the legend alone: nothing burnt lightly
    with rasterio.open(done.files["severity"]) as source:
        assert source.tags()["unit"] == "dNBR [1], Key & Benson 2006"
        assert "6 high severity, 0.66 and more" in source.tags()["classes"]
        assert source.colormap(1)[6][:3] == (127, 0, 0)

    before, after, bare, _ = pair(after=SOIL)
    dem, steep = _hills(write, bare.shape, steep=True)
    asked = request(tmp_path / "slide", before, after, dem=dem, pictures=True)
    done = run_hazard("landslide", asked, quiet)
    assert done.files["severity_picture"].is_file()
    classes = layer(done.files["severity"])
    assert np.all(classes[:, : bare.shape[1] // 2 - 12][classes[:, : bare.shape[1] // 2 - 12] != 255] == 0)
    # NDVI of 0.778 and 0.118 before and after: -0.66 / sqrt(0.896) = -0.70
    assert np.mean(classes[steep & bare & (classes != 255)] == 4) > 0.99
    assert "strong loss" in (tmp_path / "slide" / "summary.txt").read_text(encoding="utf-8")


def test_scales_cover_every_value_once() -> None:
    change = np.array([-0.3, -0.25, -0.1, 0.1, 0.27, 0.44, 0.66, np.nan])
    assert severity(change).tolist() == [0, 1, 2, 3, 4, 5, 6, 255]
    assert SCALES["burn"].classes[0].span == "below -0.25"
    lost = -np.array([0.1, 0.2, 0.4, 0.6, 0.8, 0.3, np.nan])
    slope = np.array([20.0, 20.0, 20.0, 20.0, 20.0, 5.0, 20.0])
    assert loss_class(lost, slope).tolist() == [1, 2, 3, 4, 5, 0, 255]
    assert len(SCALES["landslide"].classes) == 6


def test_the_command_says_what_it_mapped(pair, tmp_path: Path) -> None:
    before, after, *_ = pair()
    line = [
        sys.executable, "-m", "accord", "burn", str(after), "--before", str(before), "-o", str(tmp_path / "out"),
        "--no-pictures", "--json", "--scale", "0.0001", "--offset", "0",
    ]  # fmt: skip
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["scenes"]
    assert found["subject"] == "burn"
    assert found["severity_share_of_seen_land"]["high severity"] > 0.15
