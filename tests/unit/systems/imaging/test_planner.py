"""From event to map: geometry of strips, clouds with memory, the chain, refusals."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord import systems
from accord.contract import Ephemeris
from accord.contract.alone import Alone
from accord.dossier.charts import svg_of
from accord.errors import AccordError, ModelError
from accord.systems.imaging.claims import accuracy_of_overlap, overlap_of_accuracy, read_accuracy
from accord.systems.imaging.inputs import INPUTS, Design
from accord.systems.imaging.kernels import COLUMNS, follow
from accord.systems.imaging.learned.cards import shipped_model_card
from accord.systems.imaging.looks import looks, rates_per_day
from accord.systems.imaging.missions import mission_names, open_mission, own_mission, ported, strip_mask_deg
from accord.systems.imaging.model import EXAMPLE, SYSTEM, fleet
from accord.systems.imaging.products.pictures import encoded


def design(**changes: Any) -> dict[str, Any]:
    """Return the example with changes."""
    return {**copy.deepcopy(EXAMPLE), **changes}


def test_the_strip_of_a_radar_ends_at_the_published_incidence() -> None:
    # Sentinel-1 IW: 250 km from 30.9 deg of incidence reach 46 deg at the far edge (User Handbook 2013)
    low, high = strip_mask_deg(7071.0, 250.0, 30.86)
    assert 90.0 - high == pytest.approx(30.86, abs=0.01)
    assert 90.0 - low == pytest.approx(46.0, abs=0.15)


def test_a_camera_looks_straight_down() -> None:
    low, high = strip_mask_deg(7164.0, 290.0, None)
    assert high == 90.0
    off_nadir = math.radians(90.0 - low) - 145.0 / 6371.0
    assert math.tan(off_nadir) == pytest.approx(145.0 / 794.6, rel=0.002)  # 793 km above a sphere


def test_a_strip_beyond_the_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match="horizon"):
        strip_mask_deg(6900.0, 2900.0, 50.0)


def test_left_and_right_share_the_passes_of_both() -> None:
    def times(side: str) -> set[float]:
        given = {**EXAMPLE["own"][0], "side": side, "altitude": "640 km"}
        mission = own_mission(Design.model_validate(design(own=[given])).own[0], 4)
        east = np.arange(0.0, 360.0, 10.0)
        found = looks(mission, np.full(36, 26.0), east, [(78.0, 15.0)], shifts=1)
        return {round(float(t), 6) for t in found.time_h}

    left, right = times("left"), times("right")
    assert left
    assert right
    assert not left & right
    assert left | right == times("both")


def test_looks_come_at_the_local_time_of_the_node() -> None:
    found = looks(open_mission("sentinel_2"), np.array([0.0]), np.array([45.0]))
    local = np.mod(found.time_h + 3.0, 24.0)
    day = local[found.sun_deg[:, 2] > 0.0]
    assert np.all(np.abs(day - 10.5) < 0.4)
    assert len(day) * 2 == len(local)


def test_the_sun_of_a_month_decides_on_a_look() -> None:
    found = looks(open_mission("landsat_8_9"), np.array([66.0]), np.array([25.0]))
    by_month = rates_per_day(found, 1, 15.0)[0]
    assert by_month[11] == 0.0
    assert by_month[5] > 0.3


def test_data_wait_for_the_next_station() -> None:
    own = Design.model_validate(design()).own[0]
    mission = own_mission(own, 3)
    near = looks(mission, np.array([60.0]), np.array([15.0]), [(61.0, 15.0)], shifts=1)
    far = looks(mission, np.array([60.0]), np.array([15.0]), [(-75.0, 170.0)], shifts=1)
    assert np.all(near.wait_h == 0.0)
    assert np.all((far.wait_h > 0.2) & (far.wait_h < 24.0))


def _followed(kind: int, *, cloud: float, memory: float, overcast: float, duration_h: float = 60.0,
              taken: float = 1.0) -> np.ndarray:  # fmt: skip
    """Follow events at one place that is passed once a day; return first maps, shape (events,)."""
    events = 40_000
    out, where = np.empty((1, events, COLUMNS)), np.empty((1, events, 2))
    numbers = np.array([[duration_h, 0.0, memory, 0.0, overcast, taken, 1.0, 0.0, 0.0, 0.0, 0.0]])
    follow(
        np.array([7], np.uint64), events, numbers, np.array([1.0]), np.cumsum(np.full((1, 12), 1 / 12), axis=1),
        np.full((1, 12), cloud), np.array([[0, 1]]), np.array([1]), np.array([12.0]), np.ones((1, 12), np.uint8),
        np.zeros(1), np.array([24.0]), np.array([kind]), np.full((1, 3), -1.0), np.array([0]), 720.0, out, where,
    )  # fmt: skip
    return out[0]


def test_one_look_a_day_comes_within_a_day() -> None:
    first = _followed(0, cloud=1.0, memory=0.5, overcast=1.0)[:, 0]
    assert np.isfinite(first).all()
    assert first.max() <= 24.0
    assert np.mean(first) == pytest.approx(12.0, abs=0.2)


def test_clouds_without_memory_follow_the_product_rule() -> None:
    # 60 h hold two or three looks, either with probability one half: 1 - (0.5^2 + 0.5^3) / 2
    first = _followed(1, cloud=0.5, memory=0.0, overcast=0.5)[:, 0]
    assert np.mean(np.isfinite(first)) == pytest.approx(1.0 - (0.25 + 0.125) / 2.0, abs=0.01)


def test_independent_clouds_promise_too_much() -> None:
    shares = [
        np.mean(np.isfinite(_followed(1, cloud=0.5, memory=m, overcast=0.5)[:, 0])) for m in (0.0, 0.5, 0.95)
    ]
    assert shares[0] > shares[1] + 0.04 > shares[2] + 0.08


def test_a_chain_that_begins_as_it_goes_on_is_stationary() -> None:
    # one look in the event: clear with the climatology's share whatever the memory
    for memory in (0.0, 0.6, 0.9):
        once = _followed(1, cloud=0.3, memory=memory, overcast=0.3, duration_h=23.999)
        looked = np.isfinite(once[:, 3])
        assert np.mean(np.isfinite(once[looked, 0])) == pytest.approx(0.7, abs=0.012)


def test_rain_at_the_onset_costs_looks() -> None:
    wet, usual = (
        np.mean(np.isfinite(_followed(1, cloud=0.4, memory=0.7, overcast=q)[:, 0])) for q in (1.0, 0.4)
    )
    assert wet < usual - 0.05


def test_no_cloud_no_difference_and_full_cloud_nothing() -> None:
    clear = _followed(1, cloud=0.0, memory=0.5, overcast=0.0)
    assert np.array_equal(clear[:, 2], clear[:, 3])
    assert not np.isfinite(_followed(1, cloud=1.0, memory=0.5, overcast=1.0)[:, 2]).any()


def test_looks_that_are_not_taken_do_not_count() -> None:
    first = _followed(0, cloud=0.0, memory=0.0, overcast=0.0, taken=0.5)[:, 0]
    assert np.mean(np.isfinite(first)) == pytest.approx(1.0 - (0.25 + 0.125) / 2.0, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.34, 0.999), st.floats(0.01, 0.6))
def test_accuracy_and_overlap_are_inverse(iou: float, share: float) -> None:
    accuracy = accuracy_of_overlap(np.array(iou), np.array(share))
    assert float(overlap_of_accuracy(accuracy, np.array(share))) == pytest.approx(iou, abs=1e-9)


def test_an_accuracy_without_counts_is_refused() -> None:
    assert "says nothing" in read_accuracy(0.95).refused
    assert "90 %" in read_accuracy(0.9, water_share=0.1).refused
    assert "no water" in read_accuracy(0.95, counts=(0, 3, 0, 97)).refused


def test_an_accuracy_is_recomputed_from_counts() -> None:
    # the fixed threshold on a public radar chip, case V3
    read = read_accuracy(0.95, counts=(42251, 9338, 27784, 182672))
    assert read.iou == pytest.approx(0.5323, abs=1e-4)
    assert read.accuracy == pytest.approx(224923 / 262045)
    assert "below the claim" in read.text
    good = read_accuracy(0.95, water_share=0.1)
    assert good.iou == pytest.approx((0.1 - 0.025) / (0.1 + 0.025))


@pytest.mark.parametrize(
    ("counts", "share", "claimed"),
    [((1, 2, 3), None, 0.9), ((-1, 0, 1, 1), None, 0.9), (None, 1.5, 0.9), (None, 0.1, 95)],
)
def test_counts_and_shares_that_cannot_be(counts: Any, share: Any, claimed: float) -> None:
    with pytest.raises(ModelError, match="expected"):
        read_accuracy(claimed, counts=counts, water_share=share)


def test_the_prior_is_what_the_card_measured() -> None:
    folds = shipped_model_card()["evaluation"]["grouped_folds"]
    spread = dict(INPUTS["optical_iou"].spread.params)  # type: ignore[union-attr]
    assert INPUTS["optical_iou"].default == pytest.approx(folds["iou"]["value"], abs=5e-5)
    assert spread == {
        "p10": folds["mean_iou"]["value"],
        "mode": folds["iou"]["value"],
        "p90": folds["iou"]["high"],
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"missions": ["sentinel_9"]}, "expected one of"),
        ({"missions": ["landsat_8", "landsat_8_9"]}, "named twice"),
        ({"missions": [], "own": []}, "somebody has to look"),
        ({"area": {**EXAMPLE["area"], "places": []}}, "region with places"),
        ({"stations": []}, "need stations"),
        ({"climates": [{**EXAMPLE["climates"][0], "places": ["Nowhere"]}]}, "no place 'Nowhere'"),
        ({"season": [0] * 12}, "above 0"),
        ({"cloud": [0.5] * 11}, "at least 12"),
        ({"own": [{**EXAMPLE["own"][0], "near_incidence": None}]}, "near_incidence"),
        ({"own": [{**EXAMPLE["own"][0], "planes": 3}]}, "evenly"),
    ],
)
def test_a_design_that_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Design.model_validate(design(**changes))


def test_a_payload_needs_the_port_and_the_port_a_payload() -> None:
    payload = {"sensor": "optical", "swath": "60 km", "resolution": "5 m"}
    with pytest.raises(ModelError, match="connect the port"):
        fleet(Design.model_validate(design(payload=payload)), None)
    states = open_mission("sentinel_2").ephemeris
    with pytest.raises(ModelError, match="no `payload`"):
        fleet(Design.model_validate(design()), states)
    carried = fleet(Design.model_validate(design(payload=payload)), states)[-1]
    assert carried.period_day == 10
    assert carried.track_deg == pytest.approx(360.0 / 14.3, rel=0.01)


def test_states_of_less_than_a_day_are_refused() -> None:
    whole = open_mission("sentinel_2").ephemeris
    short = Ephemeris(
        epoch_jd_utc=whole.epoch_jd_utc, step_s=whole.step_s, position_km=whole.position_km[:, :600],
        velocity_km_s=whole.velocity_km_s[:, :600], names=whole.names, propagator="cut",
    )  # fmt: skip
    payload = {"sensor": "optical", "swath": "60 km", "resolution": "5 m"}
    with pytest.raises(ValueError, match="less than a day"):
        ported(Design.model_validate(design(payload=payload)).payload, short)


def test_a_station_that_is_never_passed_is_told() -> None:
    low = {**EXAMPLE["own"][0], "inclination": "20 deg"}
    with pytest.raises(AccordError, match="never passes any station"):
        Alone(SYSTEM, design(own=[low], area={**EXAMPLE["area"], "places": [
            {"name": "Low", "latitude": "5 deg", "longitude": "12 deg"}]}, climates=[])).prepared()  # fmt: skip


def test_places_that_nobody_sees_are_told() -> None:
    polar = {"title": "Pole", "polygons": [[[[0.0, 85.0], [40.0, 85.0], [40.0, 88.0], [0.0, 85.0]]]],
             "places": [{"name": "Pole", "latitude": "89 deg", "longitude": "0 deg"}]}  # fmt: skip
    with pytest.raises(ModelError, match="nobody ever looks"):
        Alone(SYSTEM, design(own=[], stations=[], climates=[], missions=["landsat_8"], area=polar)).prepared()


def test_more_satellites_are_faster_and_dearer() -> None:
    few = Alone(SYSTEM, design())
    many = Alone(SYSTEM, design(own=[{**EXAMPLE["own"][0], "satellites": 8, "planes": 2}]))
    members = few.draw(32)
    one, other = few.evaluate(members)[0], many.evaluate(members)[0]
    assert np.median(other["response_time_h"]) < np.median(one["response_time_h"])
    assert np.all(other["cost_musd2025_per_yr"] > one["cost_musd2025_per_yr"])
    assert np.all(other["revisit_h"] < one["revisit_h"])


def test_shares_and_stages_hang_together() -> None:
    found = Alone(SYSTEM).result(64).outputs
    assert np.all(np.diff(found["seen_by_share"], axis=1) >= 0.0)
    assert np.all(found["seen_share"] >= found["sensor_seen_share"][:, 1:3].max(axis=1) - 1e-12)
    assert np.all(found["sensor_seen_share"][:, 3] >= found["sensor_seen_share"][:, 2])
    assert np.all(np.diff(found["response_time_quantile_h"], axis=1) >= 0.0)
    assert np.all(found["stage_h"] >= 0.0)
    assert np.all((found["extent_seen_share"] > 0.0) & (found["extent_seen_share"] < 1.0))
    assert np.all(found["clear_revisit_h"] >= found["revisit_h"])


def test_every_open_mission_has_an_orbit_of_its_days() -> None:
    for name in mission_names():
        mission = open_mission(name)
        position = mission.ephemeris.position_km[:, ::1440]  # once a day
        assert np.allclose(position[:, 0], position[:, mission.period_day], atol=2.0)


def test_the_cases_of_rooms_are_run_with_their_system() -> None:
    rooms = [module.__name__ for module, _ in systems.published("imaging")]
    assert rooms == ["accord.systems.imaging.validation", "accord.systems.imaging.learned.validation"]


def _png(path: Path, rows: int = 30, columns: int = 40) -> Path:
    path.write_bytes(encoded(np.full((rows, columns, 3), 90, np.uint8)))
    return path


def test_pictures_of_a_map_stand_in_the_chapter(tmp_path: Path) -> None:
    for name in ("before", "flood_map"):
        _png(tmp_path / f"{name}.png")
    example = {"title": "A made flood", "before": "before.png", "map": "flood_map.png"}
    figure = SYSTEM.figures(Alone(SYSTEM, design(example=example), folder=tmp_path).result(8))[-1]
    assert figure.id == "example_map"
    assert "before, map" in figure.alt
    assert [panel["height"] for panel in figure.spec["concat"]] == [285, 285]
    drawn = svg_of(figure, "x")
    assert drawn.count("data:image/png") == 2


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.png", b"GIF89a", "is not a PNG"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 20, "without pixels"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\1" * 3_000_001, "expected at most"),
        ("../a.png", b"", "beside the programme"),
        ("none.png", None, "cannot be read"),
    ],
)
def test_pictures_that_cannot_be_shown_are_refused(
    tmp_path: Path, name: str, body: bytes | None, said: str
) -> None:
    folder = tmp_path / "programme"
    folder.mkdir()
    if body is not None:
        (folder / name).write_bytes(body)
    example = {"title": "A made flood", "after": name}
    with pytest.raises(AccordError, match=said):
        Alone(SYSTEM, design(example=example), folder=folder).prepared()


def test_an_example_without_pictures_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        Design.model_validate(design(example={"title": "Nothing"}))
