"""Products: alert, outlines, rasters, area and people, origin."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import AccordError, FileError, ModelError
from accord.systems.imaging.products import alert as cap
from accord.systems.imaging.products.accuracy import read_sample, stratified_area
from accord.systems.imaging.products.extent import Blocks, Range
from accord.systems.imaging.products.origin import digest, provenance
from accord.systems.imaging.products.people import PopulationGrid, Settlements
from accord.systems.imaging.products.pictures import encoded, picture, ramp_colours
from accord.systems.imaging.products.vectors import geographic, simplified, write_flatgeobuf, write_geojson
from accord.systems.imaging.scene.grid import Grid, Strip, ring_area_m2
from accord.systems.imaging.scene.raster import grid_of

NAME = f"{{{cap.NAMESPACE}}}"


def an_alert(**given: object) -> cap.Alert:
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    wobble = 0.05 * (1 + 0.2 * np.sin(17 * angle))
    ring = shapely.polygons(np.stack([81 + wobble * np.cos(angle), 26 + wobble * np.sin(angle)], axis=1))
    fields = {
        "hazard": "flood", "scene": "S1A MADE, <A&B>", "taken": dt.datetime(2025, 8, 14, 3, 0, tzinfo=dt.UTC),
        "sent": dt.datetime(2025, 8, 14, 5, 0, tzinfo=dt.UTC), "area_km2": (12.3, 8.1, 20.0),
        "people": (1500.0, 700.0, 4000.0),
        "likelihood": 0.93, "unseen": 0.12, "polygons": [ring], "place": "Made place", "identifier": "accord S1A,<1>&2",
    }  # fmt: skip
    return cap.Alert(**{**fields, **given})


def test_a_draft_alert_keeps_the_rules_in_every_language() -> None:
    body = cap.written(an_alert(languages=cap.languages()))
    assert cap.check(body) == []
    from lxml import etree

    root = etree.fromstring(body)
    text = {key: root.findtext(NAME + key) for key in ("identifier", "sent", "status", "scope", "msgType")}
    assert text == {
        "identifier": "accord-S1A-1-2",
        "sent": "2025-08-14T05:00:00+00:00",
        "status": "Draft",
        "scope": "Restricted",
        "msgType": "Alert",
    }
    infos = root.findall(NAME + "info")
    assert [i.findtext(NAME + "language") for i in infos] == list(cap.languages())
    first = infos[0]
    assert [first.findtext(NAME + k) for k in ("urgency", "severity", "certainty")] == [
        "Immediate",
        "Severe",
        "Observed",
    ]
    pairs = [p.split(",") for p in first.find(f"{NAME}area/{NAME}polygon").text.split()]
    assert 4 <= len(pairs) <= cap.VERTICES
    assert pairs[0] == pairs[-1]
    assert all(25 < float(lat) < 27 and 80 < float(lon) < 82 for lat, lon in pairs)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"<sent>2025-08-14T05:00:00+00:00", b"<sent>2025-08-14T05:00:00Z", "sent"),
        (b"<status>Draft", b"<status>Drafted", "status"),
        (b"<urgency>Immediate</urgency>", b"", "severity|urgency"),
        (b"<msgType>Alert", b"<msgType>Update", "without references"),
        (b"<identifier>accord-", b"<identifier>accord ", "identifier"),
    ],
)
def test_what_breaks_the_rules_is_found(old: bytes, new: bytes, told: str) -> None:
    import re

    body = cap.written(an_alert())
    assert old in body
    wrong = cap.check(body.replace(old, new))
    assert wrong
    assert any(re.search(told, line) for line in wrong)


def test_open_rings_and_swapped_places_are_found() -> None:
    body = cap.written(an_alert()).decode()
    start = body.index("<polygon>") + 9
    ring = body[start : body.index("</polygon>")]
    opened = " ".join(ring.split()[:-1])
    assert any("open ring" in w for w in cap.check(body.replace(ring, opened).encode()))
    swapped = " ".join(
        ",".join(reversed(p.split(","))) for p in ring.replace("81.", "181.").replace("80.", "180.").split()
    )
    assert cap.check(body.replace(ring, swapped).encode())


def test_only_a_person_makes_it_actual() -> None:
    with pytest.raises(AccordError, match="needs a sender"):
        cap.written(an_alert(status="Actual"))
    body = cap.written(an_alert(status="Actual", sender="duty@example.org"))
    assert b"<scope>Public" in body
    assert b"<restriction>" not in body
    update = an_alert(references=("duty@example.org,a1,2025-08-14T05:00:00+00:00",))
    assert b"<msgType>Update" in cap.written(update)
    with pytest.raises(AccordError, match="language 'xx'"):
        cap.written(an_alert(languages=("xx",)))
    assert b"<severity>Unknown" in cap.written(dataclasses.replace(an_alert(), people=None, taken=None))


def test_geojson_is_of_longitude_first_and_turns_the_right_way(tmp_path: Path) -> None:
    grid = Grid(100, 100, "EPSG:4326", (0.001, 0.0, 81.0, 0.0, -0.001, 26.1), True)
    hole = shapely.polygons(
        np.array([(10, 10), (50, 10), (50, 50), (10, 50)], float),
        [shapely.linearrings(np.array([(20, 20), (20, 30), (30, 30), (30, 20)], float))],
    )
    shapes = geographic(np.array([hole], object), grid)
    fields = {"id": np.array([1]), "area_ha": np.array([2.5]), "scene": ["x"]}
    write_geojson(tmp_path / "a.geojson", shapes, fields, {"name": "made"})
    body = json.loads((tmp_path / "a.geojson").read_text())
    outer, inner = body["features"][0]["geometry"]["coordinates"]
    assert outer[0][0] == pytest.approx(81.01, abs=0.05)
    assert float(ring_area_m2(*np.array(outer[:-1]).T)) > 0.0
    assert float(ring_area_m2(*np.array(inner[:-1]).T)) < 0.0
    write_flatgeobuf(tmp_path / "a.fgb", shapes, fields)
    import pyogrio.raw

    meta, _, geometry, columns = pyogrio.raw.read(tmp_path / "a.fgb")
    assert meta["crs"] == "EPSG:4326"
    assert shapely.from_wkb(geometry[0]).area == pytest.approx(shapes[0].area)
    assert columns[list(meta["fields"]).index("area_ha")][0] == 2.5


def test_simplified_outlines_stay_valid_and_within_a_pixel() -> None:
    stairs = np.array([(k // 2 + k % 2, k // 2) for k in range(40)] + [(0, 19)], float)
    shape = simplified(np.array([shapely.polygons(stairs)], object))[0]
    assert shape.is_valid
    assert shapely.hausdorff_distance(shape, shapely.polygons(stairs)) <= 1.0
    assert shapely.get_num_coordinates(shape) < 10


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0.01, 1.0))
def test_ring_areas_add_up(lat: float, lon: float, size: float) -> None:
    def area(a: float, b: float, w: float) -> float:
        return float(ring_area_m2(np.array([b, b + w, b + w, b]), np.array([a, a, a + size, a + size])))

    whole, parts = area(lat, lon, size), area(lat, lon, size / 2) + area(lat, lon + size / 2, size / 2)
    assert whole > 0.0
    assert parts == pytest.approx(whole, rel=5e-5 * max(1.0, size**2 * 90))


def _blocks(share: float, size: int = 400, people: bool = False) -> Blocks:
    blocks = Blocks(size, size, 10.0, people=people)
    rng = np.random.default_rng(1)
    chance = np.where(rng.random((size, size)) < 0.3, np.uint8(round(100 * share)), np.uint8(0))
    heads = np.full((size, size), 0.01, np.float32) if people else None
    blocks.add(0, (chance > 50).astype(np.uint8), chance, heads)
    return blocks


def test_the_interval_is_not_that_of_independent_pixels() -> None:
    blocks = _blocks(0.6)
    area = np.full(blocks.counts.shape[:2], 100.0)
    draws, people = blocks.draws(area, 0.52, 1)
    assert people is None
    expected = 0.3 * 0.6 * 400 * 400 * 100.0
    assert draws.mean() == pytest.approx(expected, rel=0.1)
    independent = np.sqrt(0.3 * 160_000 * 0.6 * 0.4) * 100.0
    assert draws.std() > 20 * independent
    assert np.array_equal(draws, blocks.draws(area, 0.52, 1)[0])
    assert not np.array_equal(draws, blocks.draws(area, 0.52, 2)[0])


def test_sure_water_has_no_spread_but_that_of_the_population() -> None:
    blocks = _blocks(1.0, people=True)
    draws, people = blocks.draws(np.full(blocks.counts.shape[:2], 100.0), 0.52, 1)
    assert np.ptp(draws) == 0.0
    assert people is not None
    assert np.std(np.log(people)) == pytest.approx(0.2, abs=0.03)
    assert Range.of(people).p50 == pytest.approx(0.3 * 160_000 * 0.01, rel=0.05)


def test_blocks_do_not_depend_on_how_rows_come() -> None:
    rng = np.random.default_rng(3)
    state = rng.choice(np.array([0, 1, 2, 255], np.uint8), (130, 90))
    chance = rng.integers(0, 101, state.shape).astype(np.uint8)
    whole, parts = Blocks(90, 130, 10.0, people=False), Blocks(90, 130, 10.0, people=False)
    whole.add(0, state, chance, None)
    for top in range(0, 130, 17):
        parts.add(top, state[top : top + 17], chance[top : top + 17], None)
    assert np.array_equal(whole.pixels, parts.pixels)
    assert np.array_equal(whole.counts, parts.counts)
    assert whole.counts.sum() == state.size


def test_people_are_conserved_when_a_grid_is_laid_on_a_scene(write) -> None:
    scene = grid_of(write("scene.tif", np.zeros((900, 800), np.uint8)))
    lon, lat = scene.lonlat(np.array([0.0, 800.0]), np.array([0.0, 900.0]))
    step = 0.0083333
    count = np.random.default_rng(2).gamma(1.0, 50.0, (24, 24)).astype(np.float32)
    path = write(
        "people.tif",
        count,
        crs="EPSG:4326",
        origin=(lon.min() - 6 * step, lat.max() + 6 * step),
        step=step,
        nodata=-1,
    )
    laid = PopulationGrid(path, scene).strip(Strip(0, 0, 900))
    inside = count[6:17, 6:16].mean()  # about what the scene covers
    cells = (
        8.0
        * 9.0
        / (float(ring_area_m2(np.array([0, step, step, 0]), 27.07 + np.array([0, 0, step, step]))) / 1e6)
    )
    assert laid.sum() == pytest.approx(inside * cells, rel=0.08)
    constant = write(
        "flat.tif",
        np.full((24, 24), 100.0, np.float32),
        crs="EPSG:4326",
        origin=(lon.min() - 6 * step, lat.max() + 6 * step),
        step=step,
    )
    assert PopulationGrid(constant, scene).strip(Strip(0, 0, 900)).sum() == pytest.approx(
        100.0 * cells, rel=2e-3
    )


def test_settlements_put_all_their_people_on_the_map(write, tmp_path: Path) -> None:
    scene = grid_of(write("scene.tif", np.zeros((600, 600), np.uint8)))
    lon, lat = scene.lonlat(np.array([300.0, 100.0]), np.array([300.0, 500.0]))
    table = tmp_path / "places.csv"
    table.write_text(
        f"name,lon,lat,population\na,{lon[0]},{lat[0]},5000\nb,{lon[1]},{lat[1]},300\nc,10,10,900\n"
    )
    places = Settlements(table, scene)
    parts = np.concatenate(
        [places.strip(Strip(k, t, min(256, 600 - t))) for k, t in enumerate(range(0, 600, 256))]
    )
    assert np.array_equal(parts, places.strip(Strip(0, 0, 600)))
    assert parts.sum() == pytest.approx(5300, rel=0.01)


def test_the_sample_refuses_strata_it_cannot_judge_and_swapped_places(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="class 1 of the map has 1 units"):
        stratified_area(np.array([[5, 1], [0, 1]]), np.array([10.0, 2.0]))
    table = tmp_path / "sample.csv"
    table.write_text("lon,lat,water\n26.0,181.0,1\n")
    with pytest.raises(FileError, match=r"sample\.csv:2:.*swapped"):
        read_sample(table)
    table.write_text("lon,lat,wet\n26.0,81.0,1\n")
    with pytest.raises(FileError, match="expected numbers in lon, lat and water"):
        read_sample(table)


def test_origin_names_every_file_by_its_hash(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "in.tif"
    path.write_bytes(b"pixels")
    assert digest(path)["sha256"] == hashlib.sha256(b"pixels").hexdigest()
    now = dt.datetime.now(dt.UTC)
    body = provenance([path], [path], {"seed": 1}, "0", now, now)
    assert set(body) >= {"entity", "activity", "agent", "used", "wasGeneratedBy", "wasAssociatedWith"}
    known = set(body["entity"])
    assert {u["prov:entity"] for u in body["used"].values()} <= known
    assert {g["prov:entity"] for g in body["wasGeneratedBy"].values()} <= known


def test_pictures_show_every_pixel_and_a_round_scale(write, tmp_path: Path) -> None:
    import rasterio

    rgb = np.random.default_rng(1).integers(0, 255, (30, 40, 3)).astype(np.uint8)
    path = tmp_path / "x.png"
    path.write_bytes(encoded(rgb))
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path) as source:
            assert np.array_equal(np.moveaxis(source.read(), 0, -1), rgb)
    grid = grid_of(write("scene.tif", np.zeros((300, 400), np.uint8)))
    made = picture(rgb, grid, "Map", "made", [("water", "#08519c")], "Map")
    texts = json.dumps(made)
    assert "500 m" in texts
    assert "east [km]" in texts
    assert ramp_colours(np.array([0.0, 1.0]), ("#000000", "#ffffff")).tolist() == [[0, 0, 0], [255, 255, 255]]
