"""A map is the same however the scene is cut: bit for bit, with no seams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from accord.systems.imaging.methods import speckle
from accord.systems.imaging.products.outlines import Outlines
from accord.systems.imaging.products.rasters import reduced
from accord.systems.imaging.products.regions import Regions
from accord.systems.imaging.scene.aligned import Aligned
from accord.systems.imaging.scene.backscatter import Gridded
from accord.systems.imaging.scene.grid import strips
from accord.systems.imaging.scene.open import opened_scenes
from accord.systems.imaging.scene.raster import grid_of
from accord.systems.imaging.scene.work import Work
from accord.tools.flood import Request, run

MASKS = st.tuples(st.integers(1, 40), st.integers(1, 30), st.integers(0, 10_000), st.floats(0.05, 0.95))


def quiet(*_: object) -> None:
    """Say nothing."""


def mask_of(drawn: tuple[int, int, int, float]) -> np.ndarray:
    rows, columns, seed, share = drawn
    return (np.random.default_rng(seed).random((rows, columns)) < share).astype(np.uint8)


@given(st.integers(1, 60), st.integers(1, 50), st.integers(0, 999))
def test_the_speckle_filter_is_bit_equal_for_any_strips(rows: int, cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    power = rng.gamma(4.4, 0.01, (rows, 33)).astype(np.float32)
    power[rng.random(power.shape) < 0.05] = np.nan
    halo = speckle.HALO
    whole = speckle.lee(speckle.padded(power, halo, halo))
    parts = []
    for strip in strips(rows, cut):
        top, bottom = max(strip.top - halo, 0), min(strip.top + strip.rows + halo, rows)
        above, below = halo - (strip.top - top), halo - (bottom - strip.top - strip.rows)
        parts.append(speckle.lee(speckle.padded(power[top:bottom], above, below)))
    assert np.array_equal(whole, np.concatenate(parts), equal_nan=True)


@given(MASKS, st.integers(1, 17))
def test_regions_are_those_of_the_whole_picture(drawn: tuple[int, int, int, float], cut: int) -> None:
    from scipy.ndimage import label

    values = mask_of(drawn)
    values[np.random.default_rng(drawn[2] + 1).random(values.shape) < 0.1] = 255
    regions = Regions(values.shape[1])
    parts = [regions.add(values[s.top : s.top + s.rows]) for s in strips(len(values), cut)]
    root = regions.roots()
    found = root[np.concatenate(parts)]
    size, rim = regions.folded(root)
    for value in (0, 1):
        expected, count = label(values == value)
        pairs = set(zip(expected[values == value].tolist(), found[values == value].tolist(), strict=True))
        assert len(pairs) == count  # one label a region, one region a label
        for region, own in pairs:
            at = expected == region
            assert size[own] == at.sum()
            wide = np.pad(at, 1)
            around = wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
            edge = at[0].any() or at[-1].any() or at[:, 0].any() or at[:, -1].any()
            assert rim[own] == bool(edge or (around & (values == 255)).any())
    again = [regions.again(s.number, values[s.top : s.top + s.rows]) for s in strips(len(values), cut)]
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))


@given(MASKS, st.integers(1, 17))
def test_outlines_equal_those_of_gdal(drawn: tuple[int, int, int, float], cut: int) -> None:
    from rasterio.features import shapes

    mask = mask_of(drawn)
    regions, outlines = Regions(mask.shape[1]), Outlines(mask.shape[1], len(mask))
    for s in strips(len(mask), cut):
        part = mask[s.top : s.top + s.rows]
        outlines.add(part, regions.add(part))
    own, _ = outlines.polygons(regions.roots())
    peer = [shapely.geometry.shape(s) for s, _ in shapes(mask, mask=mask > 0, connectivity=4)]
    assert shapely.is_valid(own).all()

    def plain(many: object) -> list[bytes]:
        return sorted(shapely.to_wkb(shapely.normalize(shapely.simplify(np.array(many, object), 0.0))))

    assert len(own) == len(peer)
    if len(own):
        assert plain(own) == plain(peer)


@pytest.mark.parametrize("cut", [7, 64, 301])
def test_filtered_backscatter_is_bit_equal_for_any_strips(
    radar_scene: Callable[..., tuple[Path, np.ndarray]], cut: int
) -> None:
    (scene,) = opened_scenes([radar_scene(rows=301, columns=120)[0]])
    source = Gridded(scene)
    whole = source.strip(next(strips(301, 301)))[0]["vh"]
    parts = np.concatenate([source.strip(s)[0]["vh"] for s in strips(301, cut)])
    assert np.array_equal(whole, parts)
    source.close()


def test_another_raster_lies_on_the_scene_the_same_for_any_strips(write: Callable[..., Path]) -> None:
    rng = np.random.default_rng(1)
    scene = write("scene.tif", np.zeros((300, 280), np.uint8))
    other = write(
        "people.tif",
        rng.gamma(1, 5, (60, 60)).astype(np.float32),
        crs="EPSG:4326",
        origin=(80.99, 27.13),
        step=0.001,
    )
    for how in ("nearest", "bilinear", "average"):
        laid = Aligned(other, grid_of(scene), resampling=how)
        whole = laid.strip(next(strips(300, 300)))
        assert np.isfinite(whole).any()
        parts = np.concatenate([laid.strip(s) for s in strips(300, 37)])
        assert np.array_equal(whole, parts, equal_nan=True)


@given(st.integers(513, 700), st.integers(1, 40), st.integers(0, 99))
def test_overviews_halve_by_their_rule(rows: int, columns: int, seed: int) -> None:
    import tempfile

    picture = np.random.default_rng(seed).choice(np.array([0, 1, 2, 255], np.uint8), (rows, columns))
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "x.raw"
        picture.tofile(path)
        (small,) = reduced(path, columns, rows, "mode")
        found = np.fromfile(small.with_suffix(".raw"), np.uint8).reshape((rows + 1) // 2, (columns + 1) // 2)
    edge = np.pad(picture, ((0, rows % 2), (0, columns % 2)), mode="edge")
    four = np.stack([edge[i::2, j::2] for i in (0, 1) for j in (0, 1)])
    count = {v: (four == v).sum(axis=0) for v in (0, 1, 2)}
    seen = np.max(list(count.values()), axis=0)
    assert np.array_equal(found == 255, seen == 0)
    for v in (0, 1, 2):
        assert np.all(count[v][found == v] == seen[found == v])


def test_a_journal_is_believed_only_where_its_strips_still_hold(tmp_path: Path) -> None:
    layers = {"a": ("int16", 2)}
    parts = list(strips(20, 8))
    work = Work(tmp_path / "w", 5, 20, layers, "key")
    for strip in parts:
        work.write("s", strip, {"a": np.full((2, strip.rows, 5), strip.number)}, {"n": strip.number})
    again = Work(tmp_path / "w", 5, 20, layers, "key")
    assert [again.finished("s", p) for p in parts] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert np.array_equal(again.read("a", parts[1]), np.full((2, 8, 5), 1))
    with again.path("a").open("r+b") as stream:
        stream.seek(8 * 5 * 2 * 2 + 4)
        stream.write(b"\xff\xff")
    torn = Work(tmp_path / "w", 5, 20, layers, "key")
    assert [torn.finished("s", p) for p in parts] == [{"n": 0}, None, {"n": 2}]
    assert Work(tmp_path / "w", 5, 20, layers, "another").finished("s", parts[0]) is None


@pytest.mark.parametrize("kind", ["radar", "optical"])
def test_the_whole_map_is_the_same_bytes_for_any_strips_and_threads(
    kind: str,
    radar_scene: Callable[..., tuple[Path, np.ndarray]],
    optical_scene: Callable[..., tuple[Path, np.ndarray]],
    tmp_path: Path,
) -> None:
    make = radar_scene if kind == "radar" else optical_scene
    path, _ = make(rows=1300, columns=500)
    maps = []
    for rows, threads in ((512, 2), (1024, 1), (2048, 1)):
        out = tmp_path / f"out-{rows}"
        (done,) = run(Request(scenes=(path,), out=out, rows=rows, threads=threads, pictures=False), quiet)
        maps.append([done.files[k].read_bytes() for k in ("map", "likelihood", "quality", "outlines")])
    assert maps[0] == maps[1] == maps[2]
