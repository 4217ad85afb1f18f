"""Methods: what tells water from land, and what says that it cannot."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.imaging.methods import (
    bayes,
    bimodal,
    burn,
    calibration,
    change,
    indices,
    kernels,
    landslide,
    radar,
    speckle,
    threshold,
)
from accord.systems.imaging.methods import quality as quality_bands
from accord.systems.imaging.scene.model import Advice, Unseen

TABLE = Path(__file__).with_name("spyndex_0_12_0.csv")


def _catalogue() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", ["mndwi", "ndwi", "ndvi", "awei_shadow", "nbr"])
def test_indices_equal_an_independent_catalogue(name: str) -> None:
    rows = _catalogue()
    assert len(rows) == 40
    bands = {
        k: np.array([float(r[k]) for r in rows]) for k in ("blue", "green", "red", "nir", "swir16", "swir22")
    }
    order = {
        "mndwi": ("green", "swir16"),
        "ndwi": ("green", "nir"),
        "ndvi": ("nir", "red"),
        "awei_shadow": ("blue", "green", "nir", "swir16", "swir22"),
        "nbr": ("nir", "swir22"),
    }
    own = getattr(indices, name)(*(bands[k] for k in order[name]))
    assert np.allclose(own, [float(r[name]) for r in rows], rtol=0.0, atol=1e-9)


def test_the_other_awei_follows_its_authors_and_not_the_catalogue_that_lost_a_sign() -> None:
    # Feyisa et al. (2014), equation 4: 4 (G - S1) - (0.25 N + 2.75 S2); spyndex 0.12.0 adds the last term
    row = _catalogue()[0]
    g, n, s, t = (float(row[k]) for k in ("green", "nir", "swir16", "swir22"))
    own = float(indices.awei_no_shadow(np.array(g), np.array(n), np.array(s), np.array(t)))
    assert own == pytest.approx(4 * (g - s) - 0.25 * n - 2.75 * t, abs=1e-12)
    assert float(row["awei_no_shadow"]) == pytest.approx(own + 2 * 2.75 * t, abs=1e-9)


def test_an_index_of_nothing_is_unknown_and_not_zero() -> None:
    assert np.isnan(indices.mndwi(np.array(0.0), np.array(0.0)))
    assert np.isnan(indices.dndvi_relative(np.array(0.0), np.array(0.0)))


def test_otsu_refuses_one_value_and_scores_refuse_a_chip_without_data() -> None:
    with pytest.raises(ModelError, match="two different values"):
        threshold.otsu_db(np.full((5, 5), -12.0))
    label = np.ones((4, 4), np.int8)
    with pytest.raises(ModelError, match="no data"):  # an empty chip has missed no water
        threshold.confusion(np.zeros((4, 4), bool), label, np.zeros((4, 4), bool))


def test_one_class_gives_a_reason_and_no_threshold() -> None:
    rng = np.random.default_rng(1)
    for mean in (-14.0, -25.0):  # all land, all water
        power = (10 ** (mean / 10.0) * rng.gamma(4.4, 1 / 4.4, (512, 512))).astype(np.float32)
        value = speckle.centibel(speckle.lee(speckle.padded(power, 3, 3)))
        split = bimodal.settle("vh", *bimodal.pooled(bimodal.cell_histograms(value)))
        assert split.mixture is None
        assert "no evidence of two classes" in split.reason


def test_tiles_find_the_two_classes_of_a_made_scene(lakes) -> None:
    wet = lakes(1024, 1024, seed=3)
    mean = 10.0 ** (np.where(wet, -25.0, -15.0) / 10.0)
    power = (mean * np.random.default_rng(2).gamma(4.4, 1 / 4.4, wet.shape)).astype(np.float32)
    value = speckle.centibel(speckle.lee(speckle.padded(power, 3, 3)))
    split = bimodal.settle("vh", *bimodal.pooled(bimodal.cell_histograms(value)))
    assert split.mixture is not None
    assert split.mixture.mean == pytest.approx((-25.0, -15.0), abs=0.6)
    found = threshold.confusion(value < 100 * split.mixture.threshold, wet.astype(np.int8))
    assert found.iou > 0.93
    assert split.seed_db <= split.mixture.threshold <= split.grow_db


@given(st.floats(0.15, 0.85), st.floats(-28.0, -20.0), st.floats(6.0, 14.0), st.floats(0.8, 2.0))
def test_the_threshold_lies_between_the_means_and_likelihood_never_rises(w, low, gap, sd) -> None:
    mix = bimodal.Mixture((w, 1.0 - w), (low, low + gap), (sd, 1.3 * sd))
    assert low <= mix.threshold <= low + gap
    assert np.all(np.diff(mix.dark(np.linspace(low - 20, low + gap + 20, 200))) <= 1e-12)
    assert 0.0 <= mix.error <= 0.5


def test_lee_keeps_a_flat_field_smooths_speckle_and_spares_what_is_not_data() -> None:
    rng = np.random.default_rng(5)
    assert np.allclose(speckle.lee(np.full((20, 15), 0.3, np.float32)), 0.3, rtol=1e-6)
    power = rng.gamma(4.4, 1 / 4.4, (200, 200)).astype(np.float32)
    power[50:60, 50:60] = np.nan
    out = speckle.lee(power)
    assert np.array_equal(np.isnan(out), np.isnan(power[3:-3]))
    assert np.nanstd(out) < 0.5 * np.nanstd(power)
    assert np.nanmean(out) == pytest.approx(np.nanmean(power), rel=0.01)
    with pytest.raises(ModelError, match="decibels"):
        speckle.lee(np.full((9, 9), -12.0, np.float32))


def test_bayes_is_even_where_both_classes_are_equally_likely_and_silent_outside_its_angles() -> None:
    water = float(bayes.water_mean_db(38.0))
    assert bayes.posterior(
        np.array(38.0), np.array(water), np.array(bayes.WATER_SD_DB), np.array(-30.0)
    ) == pytest.approx(0.5)
    sure = [np.array(v) for v in (-11.0, 1.2, -20.0)]
    assert bayes.usable(np.array(38.0), *sure)
    assert not bayes.usable(np.array(20.0), *sure)


def test_the_seasonal_record_is_found_again() -> None:
    rng = np.random.default_rng(1)
    day = rng.uniform(1, 365, 80)
    truth = np.array([-11.0, 1.0, -0.5, 0.2, 0.1, 0.0, 0.05])
    made = np.array([bayes.expected_db(truth[:, None], d) for d in day]) + rng.normal(0, 0.3, (80, 4))
    made[:60, 3] = np.nan  # one pixel with 20 scenes
    found, deviation = bayes.fit_harmonics(made, day)
    assert np.allclose(found[:, :3], truth[:, None], atol=0.2)
    assert np.all((deviation[:3] > 0.2) & (deviation[:3] < 0.4))
    assert np.isnan(found[:, 3]).all()
    with pytest.raises(ModelError, match="at least 30"):
        bayes.fit_harmonics(made[:10], day[:10])


def test_the_reference_of_change_is_a_median_that_one_odd_day_does_not_move() -> None:
    stack = np.array([[-10.0, np.nan], [-25.0, np.nan], [-11.0, -12.0]])
    assert np.array_equal(change.reference_db(stack), [-11.0, -12.0])
    assert np.isnan(change.reference_db(np.full((3, 1), np.nan))).all()


def test_severity_and_slides() -> None:
    assert burn.severity(np.array([-0.3, 0.0, 0.2, 0.3, 0.5, 0.7, np.nan])).tolist() == [
        0,
        2,
        3,
        4,
        5,
        6,
        255,
    ]
    assert landslide.suspect(np.array([-0.4, -0.4, np.nan]), np.array([20.0, 5.0, 20.0])).tolist() == [
        True,
        False,
        False,
    ]


def test_quality_bits() -> None:
    scl = quality_bands.reason_table("scl")
    assert [int(scl[v]) for v in (0, 3, 4, 6, 9, 11)] == [
        Unseen.NODATA,
        Unseen.SHADOW,
        0,
        0,
        Unseen.CLOUD,
        Unseen.SNOW,
    ]
    fmask = quality_bands.reason_table("fmask")
    assert fmask[0b0000_0010] == Unseen.CLOUD
    assert fmask[0b0000_1000] == Unseen.SHADOW
    assert fmask[0b1110_0100] == 0  # beside cloud, water, aerosol: seen
    assert fmask[255] == Unseen.NODATA
    qa = quality_bands.reason_table("qa_pixel")
    assert qa[1] == Unseen.NODATA
    assert qa[1 << 4] == Unseen.SHADOW
    assert qa[1 << 7] == 0
    assert quality_bands.water_table("qa_pixel")[1 << 7]
    assert quality_bands.water_table("scl")[6]
    with pytest.raises(ModelError, match="expected one of"):
        quality_bands.reason_table("cloudiness")


def test_dswe_tests_of_clear_pixels() -> None:
    water = (0.07, 0.08, 0.05, 0.025, 0.008, 0.005)
    forest = (0.03, 0.05, 0.03, 0.30, 0.15, 0.07)
    for pixel, expected in ((water, 5), (forest, 0)):
        blue, green, red, nir, s1, s2 = (np.float32(v) for v in pixel)
        mndwi = np.float32((green - s1) / (green + s1))
        awei = np.float32(blue + 2.5 * green - 1.5 * (nir + s1) - 0.25 * s2)
        assert kernels.dswe_tests(blue, green, red, nir, s1, s2, mndwi, awei) == expected


def _strip(vh: list[float], vv: list[float]) -> dict[str, np.ndarray]:
    return {
        k: np.array([v], np.float64).round(2).__mul__(100).astype(np.int16)
        for k, v in (("vh", vh), ("vv", vv))
    }


def test_votes_and_silence_of_the_radar_members() -> None:
    split = bimodal.Split("vh", 9, bimodal.Mixture((0.3, 0.7), (-26.0, -16.0), (1.5, 2.0)), -23.0, -20.0)
    plan = radar.planned(
        {"vh": split, "vv": bimodal.Split("vv", 0, None, reason="none")}, earlier=3, harmonics=False
    )
    assert set(plan.ran) == {"fixed", "bimodal", "change"}
    assert "bayes" in plan.absent
    value = _strip([-27.0, -15.0, -22.5, -27.0], [-20.0, -8.0, -19.0, -8.0])
    value["vh"][0, 1] = speckle.NODATA_CB
    grown = np.array([[True, False, True, True]])
    before = {"vh": np.array([[-15.0, -15.0, -15.0, -27.0]]), "vv": np.array([[-9.0, -9.0, -9.0, -20.0]])}
    out = radar.mapped(plan, value, np.zeros((1, 4), np.uint8), grown, before)
    assert out.state.tolist() == [[1, 255, 1, 1]]
    assert out.likelihood[0, 1] == 255
    assert out.reason.tolist() == [[0, Unseen.NODATA, 0, 0]]
    assert out.agreement.tolist() == [[100, 255, 67, 100]]  # what was dark before has no change to vote with
    assert out.advice[0, 3] & Advice.LOOKALIKE
    assert out.advice[0, 3] & Advice.POLARISATION
    assert out.advice[0, 3] & Advice.VEGETATION


def test_where_two_members_differ_the_mean_likelihood_decides() -> None:
    split = bimodal.Split("vh", 9, bimodal.Mixture((0.3, 0.7), (-26.0, -16.0), (1.5, 2.0)), -23.0, -20.0)
    plan = radar.planned({"vh": split}, earlier=0, harmonics=False)
    value = {"vh": np.array([[-2300, -2050]], np.int16)}
    out = radar.mapped(plan, value, np.zeros((1, 2), np.uint8), np.array([[True, True]]))
    assert out.state.tolist() == [[1, 0]]


def test_likelihoods_are_moved_to_the_mapped_ground_and_keep_their_order() -> None:
    histogram = np.zeros(101)
    histogram[30], histogram[95] = 9000, 1000
    for water in (200.0, 1000.0, 6000.0):
        table = calibration.anchored(histogram, water)
        assert float((histogram * table).sum()) == pytest.approx(water, rel=1e-6)
        assert np.all(np.diff(table) >= 0.0)


def test_platt_finds_the_curve_it_was_drawn_from() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(0, 2, 40_000)
    truth = rng.random(40_000) < calibration.sigmoid(-0.7 + 1.3 * x)
    a, b = calibration.platt(x, truth)
    assert (a, b) == pytest.approx((-0.7, 1.3), abs=0.05)
    assert calibration.expected_error(calibration.sigmoid(a + b * x), truth) < 0.01
    with pytest.raises(ModelError, match="both"):
        calibration.platt(x, np.ones(40_000, bool))


def test_the_radar_curves_are_those_that_the_labelled_chip_gives(pictures: Path) -> None:
    import rasterio

    with rasterio.open(pictures / "sen1floods11_Spain_7370579_S1Hand.tif") as source:
        bands = source.read()
    with rasterio.open(pictures / "sen1floods11_Spain_7370579_LabelHand.tif") as source:
        label = source.read(1)
    known = label >= 0
    for k, name in enumerate(("vv", "vh")):
        power = (10 ** (bands[k] / 10)).astype(np.float32)
        db = 10 * np.log10(speckle.lee(speckle.padded(power, 3, 3)))
        a, b = calibration.platt(threshold.FIXED_DB[name] - db[known], label[known] > 0)
        curve = calibration.curves()["members"][name]
        assert (curve["intercept"], curve["slope"]) == pytest.approx((a, b), abs=2e-3)
