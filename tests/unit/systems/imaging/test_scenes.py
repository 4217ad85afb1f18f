"""Scenes: products and plain rasters into physical units, by their metadata."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from accord.errors import FileError
from accord.systems.imaging.scene import landsat, pairing, shadow
from accord.systems.imaging.scene.geocode import fitted, utm_epsg
from accord.systems.imaging.scene.grid import Strip
from accord.systems.imaging.scene.model import Unseen
from accord.systems.imaging.scene.open import opened_scenes, unpacked
from accord.systems.imaging.scene.reading import Reader
from accord.systems.imaging.scene.sentinel1 import calibrated, read_product
from accord.systems.imaging.scene.stack import Hints, band_name

MTD = """<P><PRODUCT_START_TIME>2025-08-14T05:16:49.024Z</PRODUCT_START_TIME>
<PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
<SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME><SENSING_ORBIT_NUMBER>62</SENSING_ORBIT_NUMBER>{files}
<BOA_QUANTIFICATION_VALUE>10000</BOA_QUANTIFICATION_VALUE>{offsets}</P>"""


def sentinel2(
    write, folder: str, baseline: str = "05.11", offset: int | None = -1000, value: int = 2000
) -> Path:
    names = []
    for code, step in (("B02", 1), ("B03", 1), ("B04", 1), ("B08", 1), ("B11", 2), ("B12", 2), ("SCL", 2)):
        size = 40 // step
        fill = np.full((size, size), 4 if code == "SCL" else value, np.uint8 if code == "SCL" else np.uint16)
        if code == "SCL":
            fill[0, 0] = 9
        name = f"GRANULE/G/IMG_DATA/R{10 * step}m/T_{code}_{10 * step}m"
        write(f"{folder}/{name}.tif", fill, step=10.0 * step)
        names.append(f"<IMAGE_FILE>{name}</IMAGE_FILE>")
    offsets = (
        ""
        if offset is None
        else "".join(f'<BOA_ADD_OFFSET band_id="{k}">{offset}</BOA_ADD_OFFSET>' for k in range(13))
    )
    product = write(f"{folder}/x.tif", np.zeros((2, 2), np.uint8)).parent
    text = MTD.format(baseline=baseline, files="".join(names), offsets=offsets)
    (product / "MTD_MSIL2A.xml").write_text(text, encoding="utf-8")
    return product


def test_sentinel2_scale_and_offset_come_from_its_metadata(write) -> None:
    for folder, baseline, offset, expected in (
        ("new.SAFE", "05.11", -1000, 0.1),
        ("old.SAFE", "03.01", None, 0.2),
    ):
        (scene,) = opened_scenes([sentinel2(write, folder, baseline, offset)])
        band = scene.bands["green"]
        assert 2000 * band.gain + band.offset == pytest.approx(expected)
        assert scene.bands["swir16"].repeat == 2
        assert scene.orbit == 62
        numbers, reason = Reader(scene).optical(["green", "swir16"], Strip(0, 0, 40))
        assert numbers["swir16"].shape == reason.shape == (40, 40)


def test_sentinel2_of_a_late_baseline_without_its_offsets_is_refused(write) -> None:
    with pytest.raises(FileError, match=r"05\.11 adds an offset.*metadata are incomplete"):
        opened_scenes([sentinel2(write, "gap.SAFE", offset=None)])


def test_sentinel2_without_a_needed_band_names_it(write) -> None:
    product = sentinel2(write, "cut.SAFE")
    for path in product.glob("GRANULE/G/IMG_DATA/R10m/*B08*"):
        path.unlink()
    with pytest.raises(FileError, match=r"band B08 \(nir\) is missing"):
        opened_scenes([product])


MTL = """GROUP = LANDSAT_METADATA_FILE
  GROUP = PRODUCT_CONTENTS
    LANDSAT_PRODUCT_ID = "LC09_L2SP_MADE"
    PROCESSING_LEVEL = "{level}"
{names}
    FILE_NAME_QUALITY_L1_PIXEL = "QA.TIF"
  END_GROUP = PRODUCT_CONTENTS
  GROUP = IMAGE_ATTRIBUTES
    SPACECRAFT_ID = "LANDSAT_9"
    WRS_PATH = 147
    DATE_ACQUIRED = 2025-08-14
    SCENE_CENTER_TIME = "05:16:49.0240000Z"
    SUN_AZIMUTH = 120.5
    SUN_ELEVATION = 60.0
  END_GROUP = IMAGE_ATTRIBUTES
  GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS
{scales}
  END_GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS
END_GROUP = LANDSAT_METADATA_FILE
END
"""


def landsat9(write, level: str = "L2SP") -> Path:
    names, scales = [], []
    for number in range(2, 8):
        path = write(f"landsat/B{number}.TIF", np.full((30, 30), 10_000, np.uint16), step=30.0, nodata=0)
        names.append(f'    FILE_NAME_BAND_{number} = "{path.name}"')
        scales += [
            f"    REFLECTANCE_MULT_BAND_{number} = 2.75e-05",
            f"    REFLECTANCE_ADD_BAND_{number} = -0.2",
        ]
    quality = np.full((30, 30), 1 << 6, np.uint16)
    quality[0, 0] = 1 << 4
    folder = write("landsat/QA.TIF", quality, step=30.0).parent
    text = MTL.format(level=level, names="\n".join(names), scales="\n".join(scales))
    (folder / "LC09_MTL.txt").write_text(text, encoding="ascii")
    return folder


def test_landsat_by_its_mtl(write) -> None:
    (scene,) = opened_scenes([landsat9(write)])
    band = scene.bands["nir"]
    assert band.path.name == "B5.TIF"
    assert 10_000 * band.gain + band.offset == pytest.approx(0.075)
    assert scene.taken is not None
    assert (scene.orbit, scene.taken.hour, scene.sun_azimuth_deg) == (147, 5, 120.5)
    assert "qa_pixel" in scene.quality


def test_landsat_level_1_and_a_cut_mtl_are_refused(write) -> None:
    folder = landsat9(write, "L1TP")
    with pytest.raises(FileError, match="L1TP: expected Level 2"):
        opened_scenes([folder])
    path = folder / "LC09_MTL.txt"
    path.write_text("\n".join(path.read_text().splitlines()[:6]))
    with pytest.raises(FileError, match="cut short"):
        landsat.metadata(path)


def test_hls_by_the_tags_of_each_file(write) -> None:
    stem = "HLS.S30.T44RQR.2025226T051649.v2.0"
    tags = {
        "scale_factor": "0.0001",
        "add_offset": "0",
        "SENSING_TIME": "2025-08-14T05:16:49.024Z",
        "MEAN_SUN_AZIMUTH_ANGLE": "120",
        "MEAN_SUN_ZENITH_ANGLE": "30",
    }
    for code in ("B02", "B03", "B04", "B8A", "B11", "B12"):
        path = write(
            f"hls/{stem}.{code}.tif", np.full((30, 30), 800, np.int16), step=30.0, nodata=-9999, tags=tags
        )
    write(f"hls/{stem}.Fmask.tif", np.zeros((30, 30), np.uint8), step=30.0)
    (scene,) = opened_scenes([path.parent])
    assert set(scene.bands) == {"blue", "green", "red", "nir", "swir16", "swir22"}
    assert scene.bands["nir"].gain == pytest.approx(1e-4)
    assert scene.sun_elevation_deg == pytest.approx(60.0)
    assert "fmask" in scene.quality
    write(f"hls/{stem}.B03.tif", np.full((30, 30), 800, np.int16), step=30.0)  # the scale went missing
    with pytest.raises(FileError, match="no scale_factor"):
        opened_scenes([path.parent])


def test_stac_catalogue_of_local_files(write, tmp_path: Path) -> None:
    for name in ("green", "nir"):
        write(f"stac/{name}.tif", np.full((20, 20), 900, np.uint16), nodata=0)

    def asset(name: str) -> dict:
        return {
            "href": f"./{name}.tif",
            "bands": [{"eo:common_name": name, "raster:scale": 1e-4, "raster:offset": -0.05}],
        }

    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "made",
        "properties": {"datetime": "2025-08-14T05:16:49Z", "sat:relative_orbit": 62},
        "assets": {k: asset(k) for k in ("green", "nir")},
        "links": [],
    }
    (tmp_path / "stac" / "item.json").write_text(json.dumps(item))
    catalogue = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": "c",
        "links": [{"rel": "item", "href": "./item.json"}, {"rel": "self", "href": "./catalog.json"}],
    }
    path = tmp_path / "stac" / "catalog.json"
    path.write_text(json.dumps(catalogue))
    (scene,) = opened_scenes([path])
    assert (scene.id, scene.orbit) == ("made", 62)
    assert 900 * scene.bands["nir"].gain + scene.bands["nir"].offset == pytest.approx(0.04)
    item["assets"]["green"]["href"] = "https://example.org/green.tif"
    (tmp_path / "stac" / "item.json").write_text(json.dumps(item))
    with pytest.raises(FileError, match="lies elsewhere: download it first"):
        opened_scenes([path])


def test_band_names() -> None:
    told = ["VV", "b8", "B08", "S2_B11_20m", "SWIR1", "Green", "ayt12_vh", "B10", None, "QA_PIXEL"]
    assert [band_name(t) for t in told] == [
        "vv",
        "nir",
        "nir",
        "swir16",
        "swir16",
        "green",
        "vh",
        "",
        "",
        "qa_pixel",
    ]


def test_single_band_files_of_one_grid_are_one_scene(write) -> None:
    rng = np.random.default_rng(1)
    paths = [
        write(f"x_{n}.tif", rng.normal(m, 2, (64, 64)).astype(np.float32))
        for n, m in (("vv", -10), ("vh", -17))
    ]
    (scene,) = opened_scenes(paths)
    assert set(scene.bands) == {"vv", "vh"}
    assert (scene.id, scene.unit) == ("x", "db")


def test_sidecar_says_what_the_file_does_not(write) -> None:
    path = write("plain.tif", np.full((2, 16, 16), 0.02, np.float32))
    side = path.with_suffix(".accord.yaml")
    side.write_text("bands: [vv, vh]\nunit: linear\ntaken: 2025-08-14T05:16:49Z\norbit: 12\nfiltered: true\n")
    (scene,) = opened_scenes([path])
    assert (scene.unit, scene.orbit, scene.filtered) == ("linear", 12, True)
    side.write_text("orbits: 12\n")
    with pytest.raises(FileError, match="unknown orbits"):
        opened_scenes([path])


def test_zero_in_one_band_is_dark_water_and_in_all_bands_no_data(write) -> None:
    bands = np.full((2, 20, 20), 700, np.uint16)
    bands[1, 5, 5] = 0
    bands[:, 9, 9] = 0
    path = write("dark.tif", bands, names=("green", "nir"), nodata=0)
    (scene,) = opened_scenes([path], Hints(scale=1e-4, offset=0.0))
    _, reason = Reader(scene).optical(["green", "nir"], Strip(0, 0, 20))
    assert reason[5, 5] == 0
    assert reason[9, 9] == Unseen.NODATA
    assert (reason != 0).sum() == 1


def test_thermal_noise_and_tables_between_their_vectors(pictures: Path, tmp_path: Path) -> None:
    product = read_product(unpacked(pictures / "S1A_IW_GRDH_20210119_metadata_only.zip", tmp_path))
    assert (product.lines, product.samples, product.orbit) == (16_854, 25_931, 79)
    channel = product.channels["vh"]
    dn = np.full((4, product.samples), 40, np.uint16)
    dn[:, :50] = 0
    dn[:, 60] = 1
    whole = calibrated(dn, channel, 5000)
    assert np.isnan(whole[:, :50]).all()
    assert np.all(whole[:, 60] == 0.0)  # swallowed by noise: zero power, not minus infinity
    parts = np.concatenate([calibrated(dn[:1], channel, 5000), calibrated(dn[1:], channel, 5001)])
    assert np.array_equal(whole, parts, equal_nan=True)
    middle = calibrated(dn[:1], channel, 5000, denoise=False)[0, 12_345]
    at = np.searchsorted(channel.sigma.line, 5000) - 1
    share = (5000 - channel.sigma.line[at]) / (channel.sigma.line[at + 1] - channel.sigma.line[at])
    constant = (1 - share) * channel.sigma.value[at, 12_345] + share * channel.sigma.value[at + 1, 12_345]
    assert middle == pytest.approx(40**2 / constant**2, rel=1e-5)


def test_old_products_lose_the_junk_at_their_borders(pictures: Path, tmp_path: Path) -> None:
    product = read_product(unpacked(pictures / "S1A_IW_GRDH_20210119_metadata_only.zip", tmp_path))
    dn = np.full((2, product.samples), 150, np.uint16)
    dn[:, :200], dn[:, -100:] = 3, 3
    out = calibrated(dn, product.channels["vv"], 0, border_level=150.0)
    assert np.isnan(out[:, :192]).all()
    assert np.isfinite(out[:, 250:-150]).all()


def test_geocoding_finds_the_grid_points_again(pictures: Path, tmp_path: Path) -> None:
    from rasterio.warp import transform

    product = read_product(unpacked(pictures / "S1A_IW_GRDH_20210119_metadata_only.zip", tmp_path))
    found = fitted(product.grid, 40.0)
    assert found.residual_px < 3.0
    x, y = transform("EPSG:4326", found.grid.crs, product.grid[:, 3], product.grid[:, 2])
    a, _, c, _, e, f = found.grid.transform
    column, row = (np.array(x) - c) / a - 0.5, (np.array(y) - f) / e - 0.5
    inside = (column > 0) & (row > 0) & (column < found.grid.width - 1) & (row < found.grid.height - 1)
    i, j = row / found.step, column / found.step
    for lattice, axis, most in ((found.line, 0, 2.0), (found.pixel, 1, 80.0)):
        near = lattice[np.rint(i).astype(int)[inside], np.rint(j).astype(int)[inside]]
        # half a lattice step of 64 x 40 m at 10 m a pixel, and what terrain between points adds
        assert np.abs(near - product.grid[inside, axis]).max() < 128 * 1.5 + most


def test_zones() -> None:
    assert [utm_epsg(*p) for p in ((81.5, 25.0), (-0.78, 38.1), (179.9, -17.0), (-180.0, 10.0))] == [
        32644,
        32630,
        32760,
        32601,
    ]
    assert (utm_epsg(0.0, 88.0), utm_epsg(0.0, -88.0)) == (3413, 3031)


def test_an_archive_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("x.SAFE/../../escaped.txt", "x")
    with pytest.raises(FileError, match="outside the archive"):
        unpacked(path, tmp_path / "in")
    path.write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(FileError, match="cannot be unpacked"):
        unpacked(path, tmp_path / "in")


def test_shift_by_phase_correlation() -> None:
    from scipy.ndimage import gaussian_filter

    picture = gaussian_filter(np.random.default_rng(1).normal(size=(200, 220)), 2)
    now, before = picture[10:170, 12:172], picture[13:173, 5:165]
    rows, columns = pairing.shift_px(now, before)
    assert (rows, columns) == pytest.approx((3.0, -7.0), abs=0.2)


def test_shadow_falls_away_from_the_sun() -> None:
    cloud = np.zeros((60, 60), bool)
    cloud[30, 30] = True
    dark = shadow.cast(cloud, 160.0, 135.0, 45.0)  # sun in the south-east: shadow to the north-west
    rows, columns = np.nonzero(dark)
    assert len(rows) > 5
    assert rows.max() < 30
    assert columns.max() < 30
    assert not dark[30, 30]
    assert not shadow.cast(cloud, 160.0, 135.0, -5.0).any()
